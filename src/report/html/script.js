// Conveniences; the page is complete without them: sort a table inside each of its blocks, light up a design wherever it is.

for (const element of document.querySelectorAll(".scripted")) element.hidden = false;

// Paper cannot be unfolded.
const folded = document.getElementsByTagName("details");
addEventListener("beforeprint", () => { for (const one of folded) { one.dataset.was = one.open; one.open = true; } });
addEventListener("afterprint", () => { for (const one of folded) one.open = one.dataset.was === "true"; });

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

// What is wider than its place is scrolled sideways, and a phone does not show that it can be: a line above says so.
const SCROLLING = ".scroll, .picture, .across";
function hint(place) {
  const above = place.previousElementSibling;
  const isWide = place.scrollWidth > place.clientWidth + 1;
  const isSaid = above?.classList.contains("hint") ?? false;
  if (isSaid && !isWide) above.remove();
  if (isSaid || !isWide) return;
  const line = document.createElement("p");
  line.className = "hint";
  line.textContent = "Scroll sideways for more";
  place.before(line);
}
const sizes = new ResizeObserver((changes) => changes.forEach(({ target }) => hint(target.closest(SCROLLING))));
for (const place of document.querySelectorAll(SCROLLING)) [place, ...place.children].forEach((one) => sizes.observe(one));

// A design is lit while the mouse or the focus is on one of its rows or marks, and as long as it is picked out in the list. One style
// sheet says which: the page has thousands of marks.
const lights = document.head.appendChild(document.createElement("style"));
const picker = document.getElementById("highlight");

function light(design) {
  document.documentElement.dataset.lit = design;
  lights.textContent = design === "" ? "" : `
    .row[data-design="${design}"] > * { background-color: var(--pick) !important; }
    .row[data-design="${design}"] > th { font-weight: 600; }
    .picture:has([data-design="${design}"]) [data-design]:not([data-design="${design}"]) { opacity: .25; }`;
}

function follow(event) {
  const own = event.target.closest?.("[data-design]")?.dataset.design ?? picker.value;
  if (own !== document.documentElement.dataset.lit) requestAnimationFrame(() => light(own));
}

for (const type of ["pointerover", "focusin"]) document.addEventListener(type, follow);
picker.addEventListener("change", () => light(picker.value));
light("");
