// Two conveniences; the page is complete without them: sort a table inside each of its blocks, pick out the rows of a design.
"use strict";

function sortKey(cell) {
  return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  // Words, dashes among them, come after numbers.
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  return a.localeCompare(b, "en", { numeric: true });
}

function sortBy(table, heading) {
  const column = Number(heading.dataset.column);
  const descending = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  for (const body of table.tBodies) {
    const rows = [...body.querySelectorAll(".row")];
    if (rows.length < 2) continue;
    const end = rows[rows.length - 1].nextElementSibling;
    rows.sort((a, b) => (descending ? -1 : 1) * compare(sortKey(a.cells[column]), sortKey(b.cells[column])));
    for (const row of rows) body.insertBefore(row, end);
  }
}

for (const table of document.querySelectorAll("table")) {
  if (![...table.tBodies].some((body) => body.querySelectorAll(".row").length > 1)) continue;
  if (table.classList.contains("words")) continue;
  for (const heading of table.querySelectorAll("thead [data-column]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, heading));
    heading.append(button);
  }
}

const picker = document.getElementById("highlight");
picker.closest(".highlight").hidden = false;
picker.addEventListener("change", () => {
  for (const row of document.querySelectorAll("[data-design]")) {
    row.classList.toggle("picked", picker.value !== "" && row.dataset.design === picker.value);
  }
});
