// What somebody types as a probability: `p`, or `why` it is none, with what would be right. A point or a comma before the decimals, from 0
// to 1; or per cent, with the sign. Nothing is read as another number than the one that was meant.
function readProbability(text) {
  const typed = text.trim();
  const [, digits, exponent, percent] = /^([+-]?(?:\d+[.,]?\d*|[.,]\d+))(?:e([+-]?\d+))?\s*(%)?$/i.exec(typed) ?? [];
  if (digits === undefined) {
    const found = typed === "" ? "There is no number" : `“${typed}” is not a number`;
    return { why: `${found}. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %.` };
  }
  // The decimal that was written, to its last digit: a quarter is 0.25 however it is put.
  const decimal = (shift) => Number(`${digits.replace(",", ".")}e${Number(exponent ?? 0) - shift}`);
  const p = decimal(percent ? 2 : 0);
  if (p >= 0 && p <= 1) return { p };
  const meant = !percent && p > 1 && p <= 100 ? `write ${decimal(2)}, or ${p} %` : "write 0.25 or 0,25, or 25 %";
  return { why: `“${typed}” is ${p < 0 ? "below 0" : "more than 1"}. A DLT probability is a number from 0 to 1: ${meant}.` };
}

// Take each number that is typed into a field; one that cannot be is left as it stands, marked, and `refuse` is told why. `begin` is called
// before anything is typed, and when a number is finished.
function onProbability(field, begin, take, refuse) {
  field.addEventListener("focus", begin);
  field.addEventListener("change", begin);
  field.addEventListener("input", () => {
    const { p, why } = readProbability(field.value);
    settle(field, why !== undefined);
    if (why === undefined) take(p);
    else refuse(why);
  });
}

// Mark a field as refused, or not.
function settle(field, isRefused = false) {
  if (isRefused) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
