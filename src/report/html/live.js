// The panel in which a reader tries curves. The probability of a leaf, of a way in which a trial can end, is its weight times the
// product over levels of p^y (1-p)^(n-y); every number here is a sum of such products.
"use strict";

// --- From a curve to results; nothing here knows the page ------------------------------------------------------------------------

// The leaves of a design as columns, from their compressed bytes; see the Rust side, html/live.rs.
async function readLeaves({ count, data }, levels) {
  const packed = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const column = (place) => bytes.subarray(place * count, (place + 1) * count);
  const fromHighest = (first) => Array.from({ length: levels }, (_, level) => column(first + levels - 1 - level));
  const [patients, dlts, selected] = [fromHighest(0), fromHighest(levels), column(2 * levels)];
  const view = new DataView(new ArrayBuffer(8));
  const weights = new Float64Array(count);
  for (let leaf = 0; leaf < count; leaf += 1) {
    for (let byte = 0; byte < 8; byte += 1) view.setUint8(byte, bytes[(2 * levels + 1 + byte) * count + leaf]);
    weights[leaf] = view.getFloat64(0);
  }
  const most = patients.reduce((most, column) => column.reduce((a, b) => Math.max(a, b), most), 0);
  // Where the factor of each level stands in its table of p^y (1-p)^(n-y).
  const stride = most + 1;
  const places = patients.map((column, level) => Uint16Array.from(column, (n, leaf) => n * stride + dlts[level][leaf]));
  return { count, levels, patients, selected, weights, places, most, probabilities: new Float64Array(count) };
}

// p^y (1-p)^(n-y) for all y <= n <= most, at n (most + 1) + y.
function factors(p, most) {
  const powers = (base) => {
    const table = new Float64Array(most + 1).fill(1);
    for (let i = 1; i <= most; i += 1) table[i] = table[i - 1] * base;
    return table;
  };
  const [dlt, none] = [powers(p), powers(1 - p)];
  const table = new Float64Array((most + 1) * (most + 1));
  for (let n = 0; n <= most; n += 1) for (let y = 0; y <= n; y += 1) table[n * (most + 1) + y] = dlt[y] * none[n - y];
  return table;
}

// Selection probabilities from none up, and mean patients and DLTs at each level.
function evaluateLeaves(leaves, curve) {
  const { count, levels, patients, selected, weights, places, most, probabilities } = leaves;
  probabilities.set(weights);
  for (let level = 0; level < levels; level += 1) {
    const [table, place] = [factors(curve[level], most), places[level]];
    for (let leaf = 0; leaf < count; leaf += 1) probabilities[leaf] *= table[place[leaf]];
  }
  const selection = new Float64Array(levels + 1);
  for (let leaf = 0; leaf < count; leaf += 1) selection[selected[leaf]] += probabilities[leaf];
  const means = patients.map((column) => {
    let mean = 0;
    for (let leaf = 0; leaf < count; leaf += 1) mean += column[leaf] * probabilities[leaf];
    return mean;
  });
  // Whether a patient is treated at a level does not depend on that patient's own outcome (Wald's identity).
  return { selection: [...selection], patients: means, dlts: means.map((mean, level) => mean * curve[level]) };
}

// Binomial probabilities: entry [m][x] is that of x events among m, for m up to n.
function binomial(n, event) {
  const rows = [[1]];
  for (let m = 1; m <= n; m += 1) {
    const before = rows[m - 1];
    rows.push(Array.from({ length: m + 1 }, (_, x) => (before[x] ?? 0) * (1 - event) + (before[x - 1] ?? 0) * event));
  }
  return rows;
}

// The selection probabilities of the benchmark, ties split equally. From level to level in the order of their toxicities the number
// of patients who would have a DLT is a Markov chain, and the nearest levels are neighbours: carried along is the probability of
// (where the run of nearest levels began, DLTs at its last level).
function evaluateBenchmark(ranks, curve) {
  const n = ranks.length - 1;
  const order = curve.map((_, level) => level).sort((a, b) => curve[a] - curve[b] || a - b);
  const selection = new Array(curve.length + 1).fill(0);
  const select = (levels, probability) => levels.forEach((level) => (selection[level + 1] += probability / levels.length));
  const runs = order.map(() => new Float64Array(n + 1));
  let previous = 0;
  order.forEach((level, present) => {
    const further = binomial(n, previous < 1 ? (curve[level] - previous) / (1 - previous) : 0);
    previous = curve[level];
    if (present === 0) return runs[0].set(further[n]);
    for (let start = 0; start < present; start += 1) {
      const before = runs[start];
      runs[start] = new Float64Array(n + 1);
      let ended = 0;
      for (let dlts = 0; dlts <= n; dlts += 1) {
        if (before[dlts] === 0) continue;
        further[n - dlts].forEach((share, more) => {
          const probability = before[dlts] * share;
          const step = ranks[dlts + more] - ranks[dlts];
          if (step < 0) runs[present][dlts + more] += probability;
          else if (step === 0) runs[start][dlts + more] += probability;
          else ended += probability;
        });
      }
      select(order.slice(start, present), ended);
    }
  });
  runs.forEach((run, start) => select(order.slice(start), run.reduce((sum, probability) => sum + probability, 0)));
  return { selection };
}

// Decimals as they are written, as whole numbers of one common unit: ties are compared on them, not on binary fractions.
function wholes(numbers) {
  const parts = numbers.map((number) => {
    const [mantissa, exponent = "0"] = String(number).split("e");
    const [whole, fraction = ""] = mantissa.split(".");
    return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
  });
  const most = Math.max(...parts.map(({ places }) => places));
  return parts.map(({ digits, places }) => digits * 10n ** BigInt(most - places));
}

// Where each level lies relative to the acceptable band, and the correct one from 1: of those not above the band the closest to the target;
// on a tie the highest at or below the target, and the lowest where all are above it; 0, none, when level 1 is above the band.
function judge(curve, target, acceptable) {
  const [middle, lower, upper, ...levels] = wholes([target, ...acceptable, ...curve]);
  const places = levels.map((p) => (p < lower ? "under" : p > upper ? "over" : "acceptable"));
  const distances = levels.map((p) => (p < middle ? middle - p : p - middle));
  const candidates = [...levels.keys()].filter((level) => places[level] !== "over");
  if (places[0] === "over") return { places, correct: 0 };
  const nearest = candidates.reduce((best, level) => (distances[level] < distances[best] ? level : best));
  const tied = candidates.filter((level) => distances[level] === distances[nearest]);
  const correct = tied.filter((level) => levels[level] <= middle).pop() ?? nearest;
  return { places, correct: correct + 1 };
}

// Families of curves of two parameters, as a study file has them: `link` of the toxicity is linear in `scale` of the dose, both rising.
const logit = (p) => Math.log(p / (1 - p));
const expit = (z) => 1 / (1 + Math.exp(-z));
const FAMILIES = {
  logistic: { name: "logistic in the dose", scale: (dose) => dose, link: logit, back: expit },
  "log-logistic": { name: "logistic in the log dose", scale: Math.log, link: logit, back: expit },
  power: { name: "power of the dose", scale: Math.log, link: Math.log, back: (z) => Math.min(1, Math.exp(z)) },
  emax: {
    name: "Emax",
    scale: (dose) => -1 / dose,
    link: (p) => -1 / p,
    back: (z) => Math.min(1, -1 / z),
    // The intercept is -1 / maximum; the margin is that of rounding.
    holds: (intercept) => intercept <= -1 + 1e-12,
  },
  weibull: {
    name: "Weibull",
    scale: Math.log,
    link: (p) => Math.log(-Math.log1p(-p)),
    back: (z) => -Math.expm1(-Math.exp(z)),
  },
};

// The rising curve of a family through two points (dose, toxicity), in steps of 0.0001; null where there is none.
function through({ scale, link, back, holds = () => true }, [[dose0, p0], [dose1, p1]], doses) {
  if (!(p0 > 0 && p0 < 1 && p1 > 0 && p1 < 1) || dose0 === dose1) return null;
  const slope = (link(p1) - link(p0)) / (scale(dose1) - scale(dose0));
  const intercept = link(p0) - slope * scale(dose0);
  if (!(slope > 0 && Number.isFinite(intercept) && holds(intercept))) return null;
  return doses.map((dose) => Math.round(1e4 * back(intercept + slope * scale(dose))) / 1e4);
}

// --- The page --------------------------------------------------------------------------------------------------------------------

const live = document.getElementById("live");
if (live) startLive(JSON.parse(document.getElementById("live-data").textContent));

function startLive({ target, acceptable, doses, dose_names: names, scenarios, designs, leaves: packed, colors }) {
  const at = (id) => document.getElementById(`live-${id}`);
  const make = (name, properties = {}, children = []) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const option = (value, text) => make("option", { value, textContent: text });
  const levels = doses.length;
  const drags = doses.map((_, level) => at(`drag-${level + 1}`));
  const types = doses.map((_, level) => at(`type-${level + 1}`));
  const verdicts = [...live.querySelectorAll(".verdict")];
  const anchors = [0, 1].map((end) => ({ level: at(`level-${end}`), through: at(`through-${end}`) }));
  const show = at("show");
  let curve = scenarios.length ? [...scenarios[0].toxicity] : doses.map((_, level) => (level + 1) / (levels + 1));
  let evaluators = null;

  // Light or dark ink, whichever can be read on a colour.
  const ink = (color) => {
    const [red, green, blue] = [1, 3, 5].map((place) => parseInt(color.slice(place, place + 2), 16));
    return 299 * red + 587 * green + 114 * blue > 140000 ? "#1f242b" : "#ffffff";
  };
  const levelColors = (places) => {
    const seen = { under: 0, acceptable: 0, over: 0 };
    return places.map((place) => colors[place][places.filter((other) => other === place).length - 1][seen[place]++]);
  };

  // One row a design: its name, a bar of one segment for none and each level, four numbers.
  const rows = designs.map(({ place, name }) => {
    const segments = Array.from({ length: levels + 1 }, () => make("span"));
    const numbers = ["correct", "over", "patients", "dlts"].map((metric) => {
      const cell = make("td", { className: "number" });
      cell.dataset.metric = metric;
      return cell;
    });
    const bar = make("td", { className: "bar" }, [make("div", { className: "stack" }, segments)]);
    const row = make("tr", { className: "row" }, [make("th", { scope: "row", textContent: name }), bar, ...numbers]);
    row.dataset.design = place;
    return { row, segments, numbers };
  });
  at("table").tBodies[0].append(...rows.map(({ row }) => row));

  const put = (element, value, digits, factor = 1) => {
    element.textContent = value === undefined ? "–" : (factor * value).toFixed(digits);
    if (value === undefined) delete element.dataset.value;
    else element.dataset.value = value;
  };

  // The scenario that the curve is, as long as nothing has been changed in it.
  const scenario = () => scenarios[at("scenario").value];

  function showCurve({ places, correct }) {
    const height = (p) => 100 * (1 - p);
    const points = curve.map((p, level) => `${(100 * (level + 0.5)) / levels},${height(p)}`);
    live.querySelector(".line").setAttribute("points", points.join(" "));
    curve.forEach((p, level) => {
      drags[level].value = p;
      drags[level].setAttribute("aria-valuetext", `${+(100 * p).toFixed(2)} %`);
      // A number that is being typed is left to its writer.
      if (types[level] !== document.activeElement) types[level].value = p;
      verdicts[level].textContent = level + 1 === correct ? "correct" : places[level] === "over" ? "too toxic" : "";
      drags[level].closest(".level").classList.toggle("is-correct", level + 1 === correct);
      drags[level].closest(".level").classList.toggle("is-toxic", places[level] === "over");
    });
  }

  function showResults(results, { places, correct }) {
    const isPatients = show.value === "patients";
    const shades = [colors.none, ...levelColors(places)];
    const inks = shades.map(ink);
    const widest = Math.max(...results.map(({ patients }) => (patients ?? []).reduce((a, b) => a + b, 0)), 1);
    results.forEach(({ selection, patients, dlts }, index) => {
      const { segments, numbers } = rows[index];
      const values = isPatients ? [undefined, ...(patients ?? [])] : (selection ?? []);
      segments.forEach((segment, shown) => {
        const value = values[shown];
        const share = (value ?? 0) / (isPatients ? widest : 1);
        segment.style.cssText = `width:${100 * share}%;background:${shades[shown]};color:${inks[shown]}`;
        segment.hidden = value === undefined;
        segment.className = shown === correct && !isPatients ? "right" : "";
        put(segment, value, isPatients ? 1 : 0, isPatients ? 1 : 100);
        if (share < 0.045) segment.textContent = "";
        const label = shown ? `L${shown}, ${names[shown - 1]}` : "no dose";
        segment.title = value === undefined ? "" : `${label}: ${isPatients ? value.toFixed(2) : `${(100 * value).toFixed(1)} %`}`;
      });
      const bar = segments[0].parentElement;
      bar.setAttribute("role", "img");
      bar.setAttribute("aria-label", segments.map((segment) => segment.title).filter(Boolean).join("; ") || "none");
      const sum = (list) => list?.reduce((a, b) => a + b, 0);
      const over = selection?.slice(1).filter((_, level) => places[level] === "over");
      put(numbers[0], selection?.[correct], 1, 100);
      put(numbers[1], sum(over), 1, 100);
      put(numbers[2], sum(patients), 1);
      put(numbers[3], sum(dlts), 2);
    });
    const [heading, unit] = isPatients ? ["Patients at each dose ", "mean"] : ["Selected dose ", "% of trials"];
    at("bar").replaceChildren(heading, make("small", { textContent: unit }));
    const entry = (color, shown) =>
      make("span", {}, [make("i", { style: `background:${color}` }), shown ? `L${shown}` : "none"]);
    const entries = shades.map(entry);
    at("legend").replaceChildren(...(isPatients ? entries.slice(1) : entries));
  }

  // In words, for those who do not see the bars; said when the hand rests.
  let pending = 0;
  function say(results, { correct }) {
    clearTimeout(pending);
    pending = setTimeout(() => {
      // The benchmark, which treats nobody, is no design.
      const rights = results.flatMap(({ selection, patients }, index) =>
        patients ? [{ name: designs[index].name, value: selection[correct] }] : []);
      const best = rights.length && rights.reduce((a, b) => (b.value > a.value ? b : a));
      const right = correct ? `Level ${correct}, ${names[correct - 1]}, is correct` : "No dose is correct";
      const falls = curve.findIndex((p, level) => level > 0 && p < curve[level - 1]);
      at("message").textContent =
        `${right}.` +
        (best ? ` Most often right is ${best.name}, in ${(100 * best.value).toFixed(1)} % of trials.` : "") +
        (falls > 0 ? ` The curve falls from level ${falls} to level ${falls + 1}; designs assume that it does not.` : "");
    }, 400);
  }

  function update() {
    const begin = performance.now();
    if (!family()) anchors.forEach(({ level, through }) => (through.value = curve[level.value]));
    const own = judge(curve, target, acceptable);
    // A study may name the correct level of a scenario itself.
    const verdict = { ...own, correct: scenario()?.correct ?? own.correct };
    showCurve(verdict);
    if (!evaluators) return;
    // The benchmark knows no stopping: where no dose is correct it has nothing to say.
    const results = evaluators.map((evaluate) => evaluate(curve, verdict.correct));
    showResults(results, verdict);
    const milliseconds = performance.now() - begin;
    live.dataset.milliseconds = milliseconds;
    at("time").textContent = `Worked out in ${Math.max(1, Math.round(milliseconds))} ms.`;
    say(results, verdict);
  }

  const family = () => FAMILIES[at("family").value];

  // The curve of the family through the two points; a curve of the reader's own otherwise.
  function fit() {
    const points = anchors.map(({ level, through }) => [doses[level.value], Number(through.value)]);
    const found = family() && through(family(), points, doses);
    at("anchors").disabled = !family();
    if (found) curve = found;
    update();
    if (family() && !found) {
      clearTimeout(pending);
      at("message").textContent = "No curve of this shape runs through these two points; the curve stays as it was.";
    }
  }

  // Somebody moves one level: its curve is no scenario any more. A curve of a family follows when the level is one of its points.
  function move(level, p) {
    at("scenario").value = "";
    const anchor = family() && anchors.find((anchor) => Number(anchor.level.value) === level);
    if (anchor) {
      anchor.through.value = p;
      return fit();
    }
    at("family").value = "";
    at("anchors").disabled = true;
    curve = curve.map((own, other) => (other === level ? p : own));
    update();
  }

  drags.forEach((drag, level) => drag.addEventListener("input", () => move(level, Number(drag.value))));
  types.forEach((type, level) => {
    type.addEventListener("input", () => {
      if (type.value !== "" && type.validity.valid) move(level, Number(type.value));
    });
    type.addEventListener("change", () => (type.value = curve[level]));
  });
  at("scenario").append(option("", "a curve of your own"), ...scenarios.map(({ name }, index) => option(index, name)));
  at("scenario").value = scenarios.length ? "0" : "";
  at("scenario").addEventListener("change", () => {
    if (scenario()) curve = [...scenario().toxicity];
    at("family").value = "";
    at("anchors").disabled = true;
    update();
  });
  at("family").append(option("", "each level by itself"), ...Object.entries(FAMILIES).map(([key, { name }]) => option(key, name)));
  at("families").hidden = levels < 2;
  anchors.forEach(({ level, through }, end) => {
    level.append(...names.map((name, place) => option(place, `L${place + 1}, ${name}`)));
    level.value = end * (levels - 1);
    through.value = curve[level.value];
    level.addEventListener("change", () => {
      through.value = curve[level.value];
      fit();
    });
    through.addEventListener("input", () => {
      if (through.value !== "" && through.validity.valid) {
        at("scenario").value = "";
        fit();
      }
    });
  });
  at("anchors").disabled = true;
  at("family").addEventListener("change", () => {
    if (family()) at("scenario").value = "";
    fit();
  });
  show.addEventListener("change", update);

  const [lower, upper] = acceptable;
  const band = live.querySelector(".band");
  band.setAttribute("y", 100 * (1 - upper));
  band.setAttribute("height", 100 * (upper - lower));
  live.querySelector(".aim").style.top = `${100 * (1 - target)}%`;
  live.querySelector(".target").setAttribute("d", `M0 ${100 * (1 - target)}H100`);
  update();

  Promise.all(packed.map((columns) => readLeaves(columns, levels))).then(
    (found) => {
      // Designs that share their leaves share their results.
      const last = found.map(() => ({ curve: null }));
      const ofLeaves = (number) => (curve) => {
        if (last[number].curve !== curve) last[number] = { curve, results: evaluateLeaves(found[number], curve) };
        return last[number].results;
      };
      evaluators = designs.map(({ leaves, ranks }) =>
        ranks ? (curve, correct) => (correct ? evaluateBenchmark(ranks, curve) : {}) : ofLeaves(leaves));
      update();
      live.dataset.ready = "";
    },
    () => (at("message").textContent = "This browser cannot unpack the data of this panel; a newer one can."),
  );
}
