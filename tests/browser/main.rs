//! The page of a report in a real browser: its panel gives the numbers of the program, its tables sort, its designs light up, and it
//! asks for nothing. Needs Chromium and its driver (Debian: `chromium`, `chromium-driver`).

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]
#![allow(clippy::disallowed_methods, reason = "tests compare within tolerances that leave room for differences of processors")]

mod driver;
mod shipped;

use dosebench::comparison::compare;
use dosebench::design::Plan;
use dosebench::engine::{Distribution, Exact, Graph, Monitor, compile};
use dosebench::measure::{Metric, Results, Summary, Yardstick, summarise};
use dosebench::report::{self, RunInfo};
use dosebench::scenario::{Family, Scenario};
use dosebench::study::{Study, StudyDesign};
use driver::Browser;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

/// Numbers of the page and of the program are the same to this.
const SAME: f64 = 1e-10;

/// A study with its report on the disk.
struct Rendered {
    study: Study,
    results: Results,
    page: PathBuf,
    /// `operating_characteristics.csv`.
    data: String,
    /// `results.json`.
    json: Value,
    _folder: TempDir,
}

impl Rendered {
    fn of(text: &str) -> Self {
        Self::study(Study::from_text("study.toml", text).unwrap_or_else(|error| panic!("{error}")).0)
    }

    /// A study of `configs/`, with few replicates: the panel is exact.
    fn shipped(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(format!("{name}.toml"));
        let (mut study, _) = Study::from_path(&path).unwrap_or_else(|error| panic!("{error}"));
        study = study.simulated(|simulation| simulation.replicates = 500);
        Self::study(study)
    }

    fn study(study: Study) -> Self {
        let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
        let plots = report::plots(&study, &results).unwrap();
        let info = RunInfo { study_file: "study.toml".to_owned(), command: "dosebench run study.toml".to_owned() };
        let files =
            report::render(&study, &results, &info, &plots, &[report::Format::Html, report::Format::Csv, report::Format::Json]);
        let folder = tempfile::tempdir().unwrap();
        report::write_all(folder.path(), &files, &false.into()).unwrap();
        let data = std::fs::read_to_string(folder.path().join("operating_characteristics.csv")).unwrap();
        let json = serde_json::from_slice(&std::fs::read(folder.path().join("results.json")).unwrap()).unwrap();
        Self { study, results, page: folder.path().join("report.html"), data, json, _folder: folder }
    }

    fn open(&self) -> Option<Browser> {
        open(&self.page)
    }
}

/// A browser with a page, its panel ready.
fn open(page: &Path) -> Option<Browser> {
    let browser = Browser::start()?;
    show(&browser, page);
    Some(browser)
}

/// Open a page and wait until its panel is ready.
fn show(browser: &Browser, page: &Path) {
    browser.open(page);
    browser.wait_until("'ready' in document.getElementById('live').dataset");
}

static IMM27M: LazyLock<Rendered> = LazyLock::new(|| Rendered::shipped("imm27m"));

/// What the panel shows of a design: unrounded, and as it is printed.
struct Shown {
    name: String,
    selection: Vec<Option<f64>>,
    patients: Vec<Option<f64>>,
    /// Correct and too toxic selections, patients, DLTs.
    numbers: Vec<(Option<f64>, String)>,
}

/// The designs of the panel; both kinds of bars.
fn shown(browser: &Browser) -> Vec<Shown> {
    let value = |value: &Value| value.as_str().map(|text| text.parse::<f64>().unwrap());
    let bars = |kind: &str| {
        browser.click(&format!("#live-show option[value={kind}]"));
        let script =
            "return [...document.querySelectorAll('#live-table .row')].sort((a, b) => a.dataset.design - b.dataset.design)
            .map((row) => [...row.querySelectorAll('.stack span')].map((segment) => segment.dataset.value ?? null))";
        let rows = browser.run(script);
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row.as_array().unwrap().iter().map(value).collect()).collect::<Vec<Vec<Option<f64>>>>()
    };
    let (patients, selection) = (bars("patients"), bars("selection"));
    let script = "return [...document.querySelectorAll('#live-table .row')].sort((a, b) => a.dataset.design - b.dataset.design)
        .map((row) => [row.cells[0].textContent, [...row.querySelectorAll('td.number')].map((cell) => [cell.dataset.value ?? null, cell.textContent])])";
    let rows = browser.run(script);
    let shown = rows.as_array().unwrap().iter().zip(patients).zip(selection).map(|((row, patients), selection)| Shown {
        name: row[0].as_str().unwrap().to_owned(),
        selection,
        patients: patients[1..].to_vec(),
        numbers: row[1].as_array().unwrap().iter().map(|cell| (value(&cell[0]), cell[1].as_str().unwrap().to_owned())).collect(),
    });
    shown.collect()
}

/// Hold what the panel shows against `expected(design, metric, level)`; the number of numbers that were compared.
fn compare_all(shown: &[Shown], levels: usize, expected: impl Fn(&str, Metric) -> Option<f64>) -> usize {
    let mut compared = 0;
    let mut one = |design: &str, metric: Metric, found: Option<f64>| {
        let expected = expected(design, metric);
        match (found, expected) {
            (Some(found), Some(expected)) => {
                assert!((found - expected).abs() <= SAME, "{design}, {metric:?}: {found} in the page, {expected} in the program");
                compared += 1;
            }
            (found, expected) => assert_eq!(found, expected, "{design}, {metric:?}"),
        }
    };
    for Shown { name, selection, patients, numbers } in shown {
        assert_eq!((selection.len(), patients.len(), numbers.len()), (levels + 1, levels, 4), "{name}");
        for (level, &found) in selection.iter().enumerate() {
            one(name, Metric::Selection(level.checked_sub(1)), found);
        }
        for (level, &found) in patients.iter().enumerate() {
            one(name, Metric::Patients(level), found);
        }
        let metrics = [
            (Metric::CorrectSelection, 100.0, 0.05),
            (Metric::OverSelection, 100.0, 0.05),
            (Metric::TotalPatients, 1.0, 0.05),
            (Metric::TotalDlts, 1.0, 0.005),
        ];
        for ((metric, factor, half), (value, text)) in metrics.into_iter().zip(numbers) {
            one(name, metric, *value);
            match value {
                Some(value) => {
                    let printed: f64 = text.parse().unwrap();
                    assert!((printed - factor * value).abs() <= half + 1e-9, "{name}, {metric:?}: {text} for {value}");
                }
                None => assert_eq!(text, "–"),
            }
        }
    }
    compared
}

/// The curve that the fields of the panel show.
fn curve(browser: &Browser) -> Vec<f64> {
    let fields = browser.run("return [...document.querySelectorAll('.level input[type=text]')].map((field) => field.value)");
    fields.as_array().unwrap().iter().map(|field| field.as_str().unwrap().parse().unwrap()).collect()
}

/// The designs of a study compiled afresh, but for those of these names.
fn compiled(study: &Study, without: &[&str]) -> Vec<Option<Graph>> {
    let compile = |design: &StudyDesign| match &design.plan {
        Plan::Rule(rule) if !without.contains(&design.name.as_str()) => {
            Some(compile(&**rule, study.simulation.max_situations, &Monitor::default()).unwrap())
        }
        _ => None,
    };
    study.designs.iter().map(compile).collect()
}

/// Drag the thumb of a level from one toxicity to another.
fn drag(browser: &Browser, level: usize, from: f64, to: f64) {
    // The middle of a thumb at toxicity p is (0.5 - p) of the way that it can go above the middle of its slider.
    let way = browser.run(&format!(
        "const drag = document.getElementById('live-drag-{level}');
         const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
         const thumb = rem * parseFloat(getComputedStyle(drag).getPropertyValue('--thumb'));
         return drag.getBoundingClientRect().height - thumb"
    ));
    let way = way.as_f64().unwrap();
    let at = |share: f64| (0, ((0.5 - from - share * (to - from)) * way).round() as i32);
    browser.mouse(&format!("#live-drag-{level}"), &[at(0.0), at(0.3), at(0.7), at(1.0)], true);
}

/// What the library says of the curve that the panel shows, of the designs that it knows; the number of numbers that were compared.
fn compare_with_library(browser: &Browser, study: &Study, graphs: &[Option<Graph>]) -> usize {
    let toxicity = curve(browser);
    let correct = study.target.correct_level(&toxicity);
    let scenario = Scenario::new("the reader's".to_owned(), toxicity, correct);
    let summary = |plan: &Plan, graph: &Option<Graph>| -> Option<Summary> {
        let benchmark = matches!(plan, Plan::Benchmark(_));
        let yardstick = Yardstick { scenario: &scenario, target: &study.target, timing: None, benchmark };
        match (plan, graph) {
            (Plan::Benchmark(benchmark), _) => {
                Some(summarise(&Distribution::benchmark(benchmark, &scenario.toxicity), &yardstick))
            }
            (_, graph) => {
                graph.as_ref().map(|graph| summarise(&Distribution::exact(&Exact::new(graph), &scenario.toxicity), &yardstick))
            }
        }
    };
    let designs = study.designs.iter().zip(graphs);
    let summaries: Vec<(&str, Summary)> =
        designs.filter_map(|(design, graph)| Some((design.name.as_str(), summary(&design.plan, graph)?))).collect();
    let mut shown = shown(browser);
    shown.retain(|shown| summaries.iter().any(|(name, _)| *name == shown.name));
    let verdicts =
        browser.run("return [...document.querySelectorAll('.verdict')].map((verdict) => verdict.textContent === 'correct')");
    let verdicts: Vec<bool> = serde_json::from_value(verdicts).unwrap();
    assert_eq!(verdicts.iter().position(|&is| is), correct, "the level called correct at {:?}", scenario.toxicity);
    compare_all(&shown, study.doses.levels.len(), |design, metric| {
        let (_, summary) = summaries.iter().find(|(name, _)| *name == design).unwrap();
        summary.value(metric)
    })
}

#[test]
fn every_scenario_has_the_numbers_of_the_data_files() {
    let Some(browser) = IMM27M.open() else { return };
    let mut reader = csv::Reader::from_reader(IMM27M.data.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut compared = 0;
    for (place, scenario) in IMM27M.study.scenarios.iter().enumerate() {
        browser.click(&format!("#live-scenario option[value='{place}']"));
        assert_eq!(curve(&browser), scenario.toxicity);
        compared += compare_all(&shown(&browser), 5, |design, metric| {
            let level = metric.level().map_or(String::new(), |level| level.to_string());
            let is = |row: &&csv::StringRecord| {
                [&row[0], &row[1], &row[3], &row[4]] == [scenario.name.as_str(), design, metric.key(), &level]
            };
            rows.iter().find(is).map(|row| row[5].parse().unwrap())
        });
    }
    // Eight rules under eight scenarios, and two benchmarks under those seven that have a correct dose.
    assert_eq!(compared, 8 * 8 * 15 + 2 * 7 * 8);
}

#[test]
fn dragged_and_typed_curves_have_the_numbers_of_the_library() {
    let Some(browser) = IMM27M.open() else { return };
    let (study, graphs) = (&IMM27M.study, compiled(&IMM27M.study, &[]));
    browser.click("#live-scenario option[value='2']");

    drag(&browser, 3, 0.25, 0.45);
    let dragged = curve(&browser);
    assert!((dragged[2] - 0.45).abs() <= 0.021, "dragged from 0.25 to 0.45: {dragged:?}");
    assert_eq!([dragged[0], dragged[1], dragged[3], dragged[4]], [0.05, 0.12, 0.42, 0.55], "one level moves, the others stay");
    assert_eq!(browser.run("return document.getElementById('live-scenario').value"), "", "it is no scenario any more");
    assert_eq!(compare_with_library(&browser, study, &graphs), 8 * 15 + 2 * 8);

    for (level, text) in [(1, "0.15"), (2, "0.35"), (3, "0.437219"), (4, "1"), (5, "0")] {
        browser.replace(&format!("#live-type-{level}"), text);
    }
    assert_eq!(
        curve(&browser),
        [0.15, 0.35, 0.437_219, 1.0, 0.0],
        "0.15 and 0.35 are equally far from the target: the lower one is correct"
    );
    assert_eq!(compare_with_library(&browser, study, &graphs), 8 * 15 + 2 * 8);
    browser.wait_until("document.getElementById('live-message').textContent.includes('falls from level 4 to level 5')");

    browser.replace("#live-type-1", "0.36");
    assert_eq!(compare_with_library(&browser, study, &graphs), 8 * 15, "no dose is correct: the benchmark has nothing to say");
    browser.keys("#live-drag-2", "\u{e013}\u{e013}");
    assert_eq!(curve(&browser)[1], 0.37, "two steps up by the keyboard");
}

/// What is typed is understood as it was meant, or refused with what would be right; it is never another number.
#[test]
fn a_typed_probability_is_understood_or_refused() {
    let Some(browser) = IMM27M.open() else { return };
    let state = || {
        browser.run(
            "const field = document.getElementById('live-type-2');
             return [document.getElementById('live-drag-2').value, field.value, field.getAttribute('aria-invalid'),
                 document.getElementById('live-message').textContent]",
        )
    };
    let leave = || browser.keys("#live-drag-5", "");
    let understood = [("0,25", 0.25), (".3", 0.3), (",4", 0.4), ("35 %", 0.35), ("57,3%", 0.573), ("1", 1.0), ("0,0", 0.0)];
    for (typed, meant) in understood {
        browser.replace("#live-type-2", typed);
        let found = state();
        assert_eq!((&found[1], &found[2]), (&json!(typed), &Value::Null), "a number that is typed is left to its writer");
        leave();
        assert_eq!(curve(&browser)[1], meant, "{typed}");
    }
    browser.replace("#live-type-2", "0,12");
    leave();
    let scenarios = [
        ("30", "“30” is more than 1. A DLT probability is a number from 0 to 1: write 0.3, or 30 %. Level 2 is at 0.12."),
        ("1.5", "“1.5” is more than 1. A DLT probability is a number from 0 to 1: write 0.015, or 1.5 %. Level 2 is at 0.12."),
        ("100", "“100” is more than 1. A DLT probability is a number from 0 to 1: write 1, or 100 %. Level 2 is at 0.12."),
        (
            "-0.1",
            "“-0.1” is below 0. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %. Level 2 is at 0.12.",
        ),
        (
            "1,000.5",
            "“1,000.5” is not a number. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %. Level 2 is at 0.12.",
        ),
        (
            "0.2.5",
            "“0.2.5” is not a number. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %. Level 2 is at 0.12.",
        ),
        (
            "250 %",
            "“250 %” is more than 1. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %. Level 2 is at 0.12.",
        ),
        (
            "\u{e003}",
            "There is no number. A DLT probability is a number from 0 to 1: write 0.25 or 0,25, or 25 %. Level 2 is at 0.12.",
        ),
    ];
    for (typed, why) in scenarios {
        browser.replace("#live-type-2", typed);
        let found = state();
        assert_eq!(found[2], "true", "{typed} is marked");
        assert_eq!((&found[0], &found[3]), (&json!("0.12"), &json!(why)), "{typed}");
        leave();
        browser.run("return new Promise((done) => setTimeout(done, 600))");
        assert_eq!(state(), found, "what was refused stays as it was typed, with the reason");
        browser.replace("#live-type-2", "0.12");
        leave();
    }
    assert_eq!(state()[2], Value::Null);
    // The points of a family.
    browser.click("#live-family option[value=logistic]");
    let before = curve(&browser);
    browser.replace("#live-through-1", "40");
    assert_eq!(curve(&browser), before);
    browser.wait_until("document.getElementById('live-message').textContent.startsWith('“40” is more than 1.')");
    browser.replace("#live-through-1", "0,4");
    assert_eq!(curve(&browser)[4], 0.4);
}

/// Unfold the annexes, as a reader does who clicks on them.
fn unfold(browser: &Browser) {
    let folded = browser.run("return [...document.querySelectorAll('details')].map((one) => [one.open, one.open = true][0])");
    let folded: Vec<bool> = serde_json::from_value(folded).unwrap();
    assert!(folded.len() >= 3 && folded.iter().all(|open| !open), "every annex is folded at first: {folded:?}");
}

/// On a phone the names of the rows stay while a table is scrolled, most of the screen is for what they have, and a line says that there
/// is more.
#[test]
fn tables_are_read_on_a_phone() {
    let Some(browser) = IMM27M.open() else { return };
    browser.emulate(390, 844);
    unfold(&browser);
    browser
        .wait_until("document.querySelector('#selection-table').closest('.scroll').previousElementSibling.className === 'hint'");
    let found = browser.run(
        "const page = document.documentElement.scrollWidth;
         const tables = [...document.querySelectorAll('.scroll table')].filter((table) => table.tBodies[0]?.rows.length);
         return [page, tables.map((table) => {
             const place = table.closest('.scroll');
             const isWide = place.scrollWidth > place.clientWidth + 1;
             const isSaid = place.previousElementSibling?.className === 'hint';
             place.scrollLeft = 200;
             const left = place.getBoundingClientRect().left;
             const names = [...table.querySelectorAll('tbody .row > th, thead th[data-column=\"0\"]')];
             const stays = names.every((name) => Math.abs(name.getBoundingClientRect().left - left) < 2);
             const widest = Math.max(...names.map((name) => name.getBoundingClientRect().width));
             return [table.id, isWide, isSaid, stays, widest / place.clientWidth];
         })]",
    );
    assert!(found[0].as_f64().unwrap() <= 390.0, "the page itself does not scroll sideways: {}", found[0]);
    let mut wide = 0;
    for table in found[1].as_array().unwrap() {
        let [id, is_wide, is_said, stays, share] = &table.as_array().unwrap()[..] else { panic!("{table}") };
        assert_eq!(is_wide, is_said, "{id}: the hint is there where there is more");
        if is_wide == &json!(true) {
            assert_eq!(stays, &json!(true), "{id}: the first column stays");
            assert!(share.as_f64().unwrap() < 0.45, "{id}: {share} of the screen are names");
            wide += 1;
        }
    }
    assert!(wide > 5, "{wide} wide tables");
    browser.emulate(1600, 900);
    browser.wait_until("!document.querySelector('#scenarios .hint')");
}

#[test]
fn families_run_through_their_points() {
    let Some(browser) = IMM27M.open() else { return };
    let (study, graphs) = (&IMM27M.study, compiled(&IMM27M.study, &[]));
    let doses = &study.doses.levels;
    for (word, family, _) in Family::WORDS {
        browser.click(&format!("#live-family option[value='{word}']"));
        browser.click("#live-level-0 option[value='1']");
        browser.click("#live-level-1 option[value='3']");
        browser.replace("#live-through-0", "0.15");
        browser.replace("#live-through-1", "0.4");
        let found = curve(&browser);
        let expected = family.through((doses[1], 0.15), (doses[3], 0.4)).unwrap();
        for (&dose, p) in doses.iter().zip(&found) {
            let expected = expected.toxicity(dose);
            assert!((p - expected).abs() <= 0.000_05 + 1e-9, "{word} at {dose}: {p} for {expected}, in steps of 0.0001");
        }
        assert_eq!((found[1], found[3]), (0.15, 0.4), "{word}");
        compare_with_library(&browser, study, &graphs);
    }
    browser.click("#live-family option[value=emax]");
    let before = curve(&browser);
    browser.replace("#live-through-0", "0.01");
    assert_eq!(curve(&browser), before, "an Emax curve does not rise fortyfold over a sevenfold dose");
    browser.wait_until("document.getElementById('live-message').textContent.startsWith('No curve')");
    // A point of the family is dragged: the curve stays one of the family.
    browser.click("#live-family option[value=log-logistic]");
    browser.replace("#live-through-0", "0.15");
    browser.replace("#live-type-4", "0.6");
    assert_eq!(browser.run("return document.getElementById('live-through-1').value"), "0.6");
    assert!(curve(&browser)[4] > 0.6, "what is beyond the point follows it");
    browser.replace("#live-type-3", "0.3");
    assert_eq!(browser.run("return document.getElementById('live-family').value"), "", "another level leaves the family");
}

#[test]
fn an_update_takes_less_than_fifty_milliseconds() {
    let Some(browser) = IMM27M.open() else { return };
    let script = "const drag = document.getElementById('live-drag-3');
        return Array.from({ length: 41 }, (_, step) => {
            drag.value = step / 50;
            drag.dispatchEvent(new Event('input'));
            return Number(document.getElementById('live').dataset.milliseconds);
        })";
    let mut times: Vec<f64> = serde_json::from_value(browser.run(script)).unwrap();
    times.sort_by(f64::total_cmp);
    let (best, median, longest) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    // Past the capture of the test harness: it is a measurement.
    let line = format!(
        "imm27m, update of all designs: best {best:.1} ms, median {median:.1}, longest of {} {longest:.1}\n",
        times.len()
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    // What the work takes; tests share their machine with others, which the longer ones show.
    assert!(best < 50.0, "{best} ms");
}

#[test]
fn tables_sort_by_mouse_and_keyboard() {
    let Some(browser) = IMM27M.open() else { return };
    unfold(&browser);
    let heading = "#selection-table th[data-column='8']";
    let column = || -> Vec<Vec<f64>> {
        let script = "return [...document.querySelector('#selection-table').tBodies].map((body) =>
            [...body.querySelectorAll('.row')].map((row) => row.cells[8].dataset.value).filter((value) => value !== undefined).map(Number))";
        serde_json::from_value(browser.run(script)).unwrap()
    };
    let first_rows =
        || browser.run("return [...document.querySelector('#selection-table').tBodies].map((body) => body.rows[1].className)");
    let (before, truths) = (column(), first_rows());
    assert!(before.iter().any(|values| !values.is_sorted()), "there is something to sort");
    browser.click(&format!("{heading} button"));
    assert!(column().iter().all(|values| values.is_sorted()));
    assert_eq!(browser.run(&format!("return document.querySelector({heading:?}).ariaSort")), "ascending");
    browser.keys(&format!("{heading} button"), "\u{e007}");
    assert!(column().iter().all(|values| values.is_sorted_by(|a, b| a >= b)));
    assert_eq!(browser.run(&format!("return document.querySelector({heading:?}).ariaSort")), "descending");
    assert_eq!(first_rows(), truths, "the true curve stays on top");
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    assert!(column().iter().zip(&before).all(|(after, before)| sorted(after) == sorted(before)), "no row is lost");
}

#[test]
fn a_design_lights_up_wherever_it_is() {
    let Some(browser) = IMM27M.open() else { return };
    // What is folded away takes part as soon as a reader unfolds it.
    unfold(&browser);
    let lit = || -> Vec<u64> {
        let script = "const plain = getComputedStyle(document.body).backgroundColor;
            const colors = new Map();
            for (const row of document.querySelectorAll('.row[data-design]')) {
                if (row.matches(':hover')) continue;
                const color = getComputedStyle(row.cells[1]).backgroundColor;
                if (color !== plain && color !== 'rgba(0, 0, 0, 0)' && !row.cells[1].classList.contains('toxic'))
                    colors.set(row.dataset.design, (colors.get(row.dataset.design) ?? 0) + 1);
            }
            return [...colors].filter(([, count]) => count > 3).map(([design]) => Number(design))";
        serde_json::from_value(browser.run(script)).unwrap()
    };
    let opacity = |design: usize| {
        let script =
            format!("return getComputedStyle(document.querySelector('#figure-selection-01 [data-design=\"{design}\"]')).opacity");
        browser.run(&script)
    };
    assert_eq!(lit(), Vec::<u64>::new());
    browser.mouse("#overview-table .row[data-design='5'] td", &[(0, 0)], false);
    browser.wait_until("document.documentElement.dataset.lit === '5'");
    assert_eq!(lit(), [5]);
    browser.wait_until("getComputedStyle(document.querySelector('#figure-selection-01 [data-design=\"4\"]')).opacity < 0.3");
    assert_eq!(opacity(5), "1");
    browser.mouse("#figure-selection-01 [data-design='4'] text", &[(0, 0)], false);
    browser.wait_until("document.documentElement.dataset.lit === '4'");
    assert_eq!(lit(), [4]);
    browser.mouse("h1", &[(0, 0)], false);
    browser.wait_until("document.documentElement.dataset.lit === ''");
    browser.click("#highlight option[value='2']");
    browser.wait_until("document.documentElement.dataset.lit === '2'");
    assert_eq!(lit(), [2], "and without a mouse");
}

/// Names of designs, scenarios and the study that would be markup, and such as the embedded font has no glyphs for.
const HOSTILE: &str = r#"
name = "<script>document.title = 'hacked'</script> 剂量递增"
target = 0.25
[doses]
levels = [1, 2, 4]
unit = "<b>mg</b>"
[simulation]
replicates = 200
[[scenario]]
name = "</script><img src=x onerror=alert(1)>"
toxicity = [0.1, 0.25, 0.4]
[[design]]
name = "</script><script>document.title = 'hacked'</script>"
method = "3+3"
[[design]]
name = "适应性设计"
method = "boin"
[[design]]
name = "Watches \"moderate\" & 'more'"
method = "3+3"
titration = { moderate = 2 }
[[design]]
name = "Coin"
method = "biased-coin"
max_patients = 8
[[worst_case]]
name = "<i>lost</i>"
design = "适应性设计"
measure = "correct_selection"
upper = [0.8, 0.8, 0.8]
min_step = 0.05
"#;

#[test]
fn the_page_asks_for_nothing_and_complains_of_nothing() {
    let hostile = Rendered::of(HOSTILE);
    for rendered in [&*IMM27M, &hostile] {
        let Some(browser) = rendered.open() else { return };
        browser.replace("#live-type-1", "0.2");
        assert_eq!(browser.log("browser"), Vec::<String>::new());
        let own = format!("file://{}", rendered.page.display());
        let mut requests = 0;
        for event in browser.log("performance") {
            let event: Value = serde_json::from_str(&event).unwrap();
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let url = event["message"]["params"]["request"]["url"].as_str().unwrap();
                assert!(url == own || url.starts_with("data:"), "{}", url.chars().take(200).collect::<String>());
                requests += 1;
            }
        }
        assert!(requests > 0, "the browser tells of its requests");
        let title = browser.run("return document.title");
        assert_eq!(title, format!("{}: operating characteristics", rendered.study.name));
    }
}

#[test]
fn names_arrive_as_they_are_and_coins_are_in_the_weights() {
    let hostile = Rendered::of(HOSTILE);
    let Some(browser) = hostile.open() else { return };
    let shown = shown(&browser);
    let names: Vec<&str> = shown.iter().map(|shown| shown.name.as_str()).collect();
    let expected: Vec<&str> = [0, 1, 3].map(|place| hostile.study.designs[place].name.as_str()).into();
    assert_eq!(names, expected);
    let absent = browser.run("return document.querySelector('#live ul.note').textContent.trim()");
    assert!(absent.as_str().unwrap().starts_with("Watches \"moderate\" & 'more': it watches moderate toxicities"), "{absent}");
    let mut reader = csv::Reader::from_reader(hostile.data.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let compared = compare_all(&shown, 3, |design, metric| {
        let level = metric.level().map_or(String::new(), |level| level.to_string());
        rows.iter().find(|row| [&row[1], &row[3], &row[4]] == [design, metric.key(), &level]).map(|row| row[5].parse().unwrap())
    });
    assert_eq!(compared, 3 * 11);

    // The worst curve is there to start from.
    let worst = &hostile.results.curves.worst[0];
    assert_eq!(browser.run("return document.querySelector('#live-scenario').options[2].text"), "Worst curve: <i>lost</i>");
    browser.click("#live-scenario option[value='1']");
    assert_eq!(curve(&browser), worst.by_mtd[worst.worst].toxicity);
    let compared = compare_all(&self::shown(&browser), 3, |design, metric| {
        let place = hostile.study.designs.iter().position(|found| found.name == design).unwrap();
        worst.summaries[place].as_ref()?.value(metric)
    });
    assert_eq!(compared, 3 * 11);
}

#[test]
fn without_scripts_the_page_is_complete_and_the_panel_is_not_there() {
    let Some(browser) = IMM27M.open() else { return };
    browser.command("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    browser.open(&IMM27M.page);
    browser.command("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
    let seen = "return ['#live', '#findings', '#overview-table', '#characteristics details', '.highlight'].map((selector) => document.querySelector(selector).checkVisibility())";
    assert_eq!(browser.run(seen), json!([false, true, true, true, false]));
    // Annexes fold and unfold without a script.
    browser.run("document.querySelector('#characteristics details').open = true");
    assert_eq!(browser.run("return document.querySelector('#selection-table').checkVisibility()"), json!(true));
}
