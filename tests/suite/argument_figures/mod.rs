//! The six figures that carry the argument: what their titles say and when, that no number is over two classes, that their values are
//! those of the results, and that they can be printed.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

mod pdf;
mod ticks;

use crate::support::study;
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::{Metric, Results};
use dosebench::report::{Plot, plots};
use dosebench::scenario::{Class, Place};
use dosebench::study::Study;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const FIGURES: [&str; 6] = ["scenarios", "endings", "trade-off", "differences", "size", "exposure"];

/// A study with its results and its figures that carry the argument, first pages, by name.
pub(super) struct Drawn {
    study: Study,
    results: Results,
    pub(super) figures: BTreeMap<String, Plot>,
}

pub(super) fn drawn(text: &str) -> Drawn {
    let study = study(text);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let all = plots(&study, &results).unwrap();
    let figures = all.into_iter().filter(|plot| plot.values.is_some());
    let figures = figures.map(|plot| (plot.values.as_ref().unwrap().0.clone(), plot)).collect();
    Drawn { study, results, figures }
}

impl Drawn {
    /// The title of a figure, without the line below it.
    fn title(&self, figure: &str) -> String {
        let svg = &self.figures[figure].svg;
        let document = roxmltree::Document::parse(svg).unwrap();
        let texts = document.descendants().filter(|node| node.attribute("font-size") == Some("17"));
        texts.filter_map(|node| node.text()).collect::<Vec<_>>().join(" ")
    }

    fn titles(&self) -> Vec<(String, String)> {
        let titles = self.figures.keys().map(|figure| (figure.clone(), self.title(figure)));
        titles.collect()
    }

    /// The rows of a figure's values.
    fn values(&self, figure: &str) -> Vec<Vec<String>> {
        let (_, bytes) = self.figures[figure].values.as_ref().unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }
}

/// Scenarios of every class, the first two with a right dose, and the designs that follow.
fn text(scenarios: &str, designs: &str) -> String {
    format!(
        "name = \"test\"\ntarget = 0.25\nplanned_patients = 16\ndoses.levels = [1, 2, 3]\n[timing]\ndlt_window_weeks = 3\n\
         accrual_per_week = 0.5\n{scenarios}\n{designs}"
    )
}

const MIDDLE: &str = "[[scenario]]\nname = \"Middle\"\ntoxicity = [0.1, 0.25, 0.5]\n";
const TOP: &str = "[[scenario]]\nname = \"Top\"\ntoxicity = [0.04, 0.1, 0.25]\n";
const SAFE: &str = "[[scenario]]\nname = \"Safe\"\ntoxicity = [0.01, 0.02, 0.05]\n";
const GAP: &str = "[[scenario]]\nname = \"Jump\"\ntoxicity = [0.05, 0.1, 0.6]\n";
const TOXIC: &str = "[[scenario]]\nname = \"Toxic\"\ntoxicity = [0.5, 0.6, 0.7]\n";
const PROTOCOL: &str = "[[design]]\nname = \"Protocol\"\nmethod = \"3+3\"\n";
const CLONE: &str = "[[design]]\nname = \"Copy\"\nmethod = \"3+3\"\n";
const BOIN: &str = "[[design]]\nname = \"BOIN\"\nmethod = \"boin\"\nmax_patients = 12\n";
const BOIN_30: &str = "[[design]]\nname = \"BOIN 30\"\nmethod = \"boin\"\n";
const BENCHMARK: &str = "[[design]]\nname = \"Optimal\"\nmethod = \"benchmark\"\nmax_patients = 12\n";

/// The shipped example, without comments.
static EXAMPLE: LazyLock<Drawn> = LazyLock::new(|| drawn(include_str!("../../../configs/imm27m.toml")));

/// A study with all classes, two designs of a size and a large one.
static SMALL: LazyLock<Drawn> =
    LazyLock::new(|| drawn(&text(&[MIDDLE, TOP, SAFE, GAP, TOXIC].concat(), &[PROTOCOL, BOIN, BOIN_30, BENCHMARK].concat())));

#[test]
fn all_six_are_there_with_their_files() {
    for drawn in [&*EXAMPLE, &*SMALL] {
        let mut names: Vec<&str> = drawn.figures.keys().map(String::as_str).collect();
        names.sort_by_key(|name| FIGURES.iter().position(|figure| figure == name));
        assert_eq!(names, FIGURES);
        for (name, plot) in &drawn.figures {
            assert!(plot.pdf.is_some() && !plot.png.is_empty(), "{name}");
        }
    }
}

#[test]
fn titles_of_the_example_state_what_was_found() {
    let expected = [
        (
            "endings",
            "With about as many patients, CRM 16 and BOIN 16 select the right dose in about 53 and 48 of 100 trials instead of 39",
        ),
        (
            "trade-off",
            "CRM 16 and BOIN 16 select the right dose more often than Protocol 3+3 (K1), and a too toxic one in about 21 and 15 of 100 \
             trials instead of 11",
        ),
        (
            "differences",
            "Of 100 trials, CRM 16 is right in up to about 24 more (“MTD at level 1”) and selects a too toxic dose in up to about 18 \
             more (“MTD at level 4”) than Protocol 3+3 (K1)",
        ),
        ("size", "Protocol 3+3 (K1) treats more than the planned 16 patients in up to about 46 of 100 trials (“MTD at level 5”)"),
        ("exposure", "If one of the doses is right, Protocol 3+3 (K1) treats 2.9 of 14.0 patients at a dose that is too toxic"),
        (
            "scenarios",
            "Toxicity scenarios: 5 with a right dose, 1 with every dose below the range, 1 with a jump past the range, 1 with every dose \
             too toxic",
        ),
    ];
    for (figure, title) in expected {
        assert_eq!(EXAMPLE.title(figure), title);
    }
}

#[test]
fn a_title_finds_nothing_where_its_condition_does_not_hold() {
    // One design: nothing to compare.
    let alone = drawn(&text(MIDDLE, PROTOCOL));
    assert_eq!(alone.title("endings"), "How 100 trials of each design end");
    assert_eq!(alone.title("trade-off"), "The right dose against too toxic doses, on average and at worst");
    assert!(!alone.figures.contains_key("differences"));
    // A copy of the first: it gains nothing.
    let copied = drawn(&text(&[MIDDLE, TOP].concat(), &[PROTOCOL, CLONE].concat()));
    let none = "Of the designs of about its size or smaller, none selects the right dose more often than Protocol by more than 5 of 100 \
                trials";
    assert_eq!(copied.title("endings"), none);
    assert_eq!(copied.title("differences"), "Copy differs little from Protocol under every scenario that has a right dose");
    // Only larger ones.
    let large = drawn(&text(&[MIDDLE, TOP].concat(), &[PROTOCOL, BOIN_30].concat()));
    let size = large.values("endings")[0][3].parse::<f64>().unwrap();
    assert_eq!(large.title("endings"), format!("No other design has the size of Protocol, {size:.1} patients on average"));
    assert_eq!(large.title("differences"), "Differences from Protocol, scenario by scenario");
    // No right dose.
    let toxic = drawn(&text(&[SAFE, TOXIC].concat(), &[PROTOCOL, BOIN].concat()));
    assert_eq!(toxic.title("endings"), "How 100 trials of each design end");
    assert_eq!(toxic.title("exposure"), "Patients at doses that are too toxic, and DLTs");
    assert!(!toxic.figures.contains_key("trade-off"));
    // So few replicates that nothing is known.
    let open = text(&[MIDDLE, TOP].concat(), &[PROTOCOL, BOIN].concat());
    let open = drawn(&open.replace("[timing]", "[simulation]\nengine = \"monte-carlo\"\nreplicates = 40\n[timing]"));
    assert_eq!(open.title("endings"), "How 100 trials of each design end");
    // Never more than planned.
    let planned = drawn(&text(MIDDLE, PROTOCOL).replace("planned_patients = 16", "planned_patients = 18"));
    assert_eq!(planned.title("size"), "Protocol never treats more than the planned 18 patients");
    let unplanned = drawn(&text(&[MIDDLE, TOP].concat(), PROTOCOL).replace("planned_patients = 16", ""));
    assert!(unplanned.title("size").starts_with("Protocol treats ") && unplanned.title("size").ends_with(", by the scenario"));
}

#[test]
fn a_title_that_has_no_room_for_a_finding_says_what_is_shown() {
    let long = "A long name of a scenario that the study needs to tell it from all the others, which there are";
    let text = text(&MIDDLE.replace("Middle", long), &[PROTOCOL, BOIN].concat());
    let found = drawn(&text);
    assert!(found.titles().iter().all(|(figure, title)| !title.contains('…') && !title.is_empty() || figure == "scenarios"));
}

#[test]
fn scenarios_of_other_classes_change_no_finding_where_a_dose_is_right() {
    let designs = [PROTOCOL, BOIN, BOIN_30].concat();
    let with = |scenarios: &[&str]| {
        let found = drawn(&text(&scenarios.concat(), &designs));
        ["endings", "trade-off", "differences", "exposure"].map(|figure| found.title(figure))
    };
    let own = with(&[MIDDLE, TOP]);
    let other = SAFE.replace("Safe", "Other");
    for others in [&[SAFE][..], &[TOXIC], &[GAP], &[SAFE, &other, TOXIC, GAP]] {
        assert_eq!(with(&[&[MIDDLE, TOP], others].concat()), own);
    }
}

#[test]
fn names_change_nothing_but_themselves() {
    let designs = [PROTOCOL, BOIN].concat();
    let own = drawn(&text(&[MIDDLE, TOP].concat(), &designs)).titles();
    let other = drawn(&text(&[MIDDLE, TOP].concat(), &designs.replace("BOIN", "X").replace("Protocol", "Y"))).titles();
    let renamed: Vec<(String, String)> =
        own.into_iter().map(|(figure, title)| (figure, title.replace("BOIN", "X").replace("Protocol", "Y"))).collect();
    assert_eq!(other, renamed);
}

#[test]
fn the_ends_of_trials_add_up_and_are_those_of_one_class() {
    for drawn in [&*EXAMPLE, &*SMALL] {
        let (study, results) = (&drawn.study, &drawn.results);
        let class = |place: usize| Class::of(&study.scenarios[place].toxicity, study.scenarios[place].correct, &study.target);
        let mut checked = 0;
        for rows in drawn.values("endings").chunks(5) {
            let sum: f64 = rows.iter().map(|row| row[5].parse::<f64>().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{rows:?}");
            let design = study.designs.iter().position(|design| design.name == rows[0][1]).unwrap();
            let scenarios: Vec<usize> = (0..study.scenarios.len()).filter(|&place| class(place).word() == rows[0][0]).collect();
            let mean = |of: &dyn Fn(usize, usize) -> bool| {
                let one = |&place: &usize| {
                    let levels = (0..=study.doses.levels.len()).filter(|&level| of(place, level));
                    levels
                        .map(|level| results.summaries[place][design].get(Metric::Selection(level.checked_sub(1))).unwrap().value)
                        .sum::<f64>()
                };
                scenarios.iter().map(one).sum::<f64>() / scenarios.len() as f64
            };
            let correct = |place: usize| study.scenarios[place].correct.map_or(0, |level| level + 1);
            let lies = |place: usize, level: usize, wanted: Place| {
                level > 0 && level != correct(place) && study.target.place(study.scenarios[place].toxicity[level - 1]) == wanted
            };
            let expected = [
                mean(&|place, level| lies(place, level, Place::Under)),
                mean(&|place, level| level > 0 && level == correct(place)),
                mean(&|place, level| lies(place, level, Place::Acceptable)),
                mean(&|place, level| lies(place, level, Place::Over)),
                mean(&|_, level| level == 0),
            ];
            for (row, expected) in rows.iter().zip(expected) {
                assert!((row[5].parse::<f64>().unwrap() - expected).abs() < 1e-12, "{row:?} for {expected}");
                checked += 1;
            }
        }
        assert!(checked >= 60, "{checked}");
    }
}

#[test]
fn levels_as_toxic_as_the_right_one_are_right() {
    let tied = "[[scenario]]\nname = \"Plateau\"\ntoxicity = [0.05, 0.25, 0.25]\n";
    let found = drawn(&text(tied, PROTOCOL));
    let right = found.values("endings")[1][5].parse::<f64>().unwrap();
    let selected =
        [2, 3].map(|level: usize| found.results.summaries[0][0].get(Metric::Selection(level.checked_sub(1))).unwrap().value);
    assert!((right - selected[0] - selected[1]).abs() < 1e-12 && selected[0] > 0.01 && selected[1] > 0.01);
}

#[test]
fn designs_stand_by_their_size() {
    let groups: Vec<(String, String)> =
        EXAMPLE.values("trade-off").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let expected = [
        ("Protocol 3+3 (K1)", "reference"),
        ("3+3 D1", "same"),
        ("3+3 (K)", "same"),
        ("BOIN 16", "same"),
        ("CRM 16", "same"),
        ("3+3 S1", "smaller"),
        ("BOIN 30", "larger"),
        ("CRM 30", "larger"),
    ];
    assert_eq!(groups, expected.map(|(name, group)| (name.to_owned(), group.to_owned())));
}

#[test]
fn values_of_differences_sizes_and_exposure_are_those_of_the_results() {
    let (study, results) = (&EXAMPLE.study, &EXAMPLE.results);
    let place = |row: &[String]| {
        let scenario = study.scenarios.iter().position(|scenario| scenario.name == row[2])?;
        Some((scenario, study.designs.iter().position(|design| design.name == row[3]).unwrap()))
    };
    let value = |scenario: usize, design: usize, metric: Metric| {
        results.summaries[scenario][design].get(metric).map(|found| found.value).unwrap()
    };
    let near = |cell: &str, expected: f64| (cell.parse::<f64>().unwrap() - expected).abs() < 1e-9;
    let mut checked = 0;
    for figure in ["differences", "size", "exposure"] {
        for row in EXAMPLE.values(figure) {
            let Some((scenario, design)) = place(&row) else {
                assert_eq!(
                    (row[2].as_str(), row[1].as_str()),
                    ("Mean of these", "One of the doses is right"),
                    "means of a class"
                );
                continue;
            };
            let toxic = || {
                let levels = study.scenarios[scenario].toxicity.iter().enumerate();
                let over = levels.filter(|(_, toxicity)| study.target.place(**toxicity) == Place::Over);
                over.map(|(level, _)| results.summaries[scenario][design].get(Metric::Patients(level)).unwrap().value)
                    .sum::<f64>()
            };
            let against = |metric| 100.0 * (value(scenario, design, metric) - value(scenario, 0, metric));
            let expected = match row[0].as_str() {
                "Right answer" => against(Metric::CorrectSelection),
                "Too toxic dose selected" => against(Metric::OverSelection),
                "Patients" => value(scenario, design, Metric::TotalPatients),
                "Weeks" => value(scenario, design, Metric::DurationWeeks),
                "At doses that are too toxic" => toxic(),
                "With a DLT" => value(scenario, design, Metric::TotalDlts),
                other => panic!("{other}"),
            };
            assert!(near(&row[4], expected), "{row:?} for {expected}");
            checked += 1;
        }
    }
    assert!(checked > 250, "{checked}");
}

#[test]
fn type_can_be_read_in_print_and_on_a_screen() {
    for drawn in [&*EXAMPLE, &*SMALL] {
        for (name, plot) in &drawn.figures {
            let document = roxmltree::Document::parse(&plot.svg).unwrap();
            let pixels: f64 = document.root_element().attribute("width").unwrap().parse().unwrap();
            // 96 pixels to the inch: the wider of the two widths of a journal.
            assert!((160.0..=170.0).contains(&(pixels * 25.4 / 96.0)), "{name}: {pixels} pixels");
            for text in document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text"))) {
                let size: f64 = text.attribute("font-size").unwrap().parse().unwrap();
                assert!(size >= 11.0, "{name}: {size} pixels, {:?}", text.text());
                assert!(size * 72.0 / 96.0 >= 7.0, "{name}: {size}");
            }
        }
    }
}

#[test]
fn alternative_texts_have_the_numbers() {
    let alt = |figure: &str| EXAMPLE.figures[figure].alt.clone();
    let has = |figure: &str, words: &str| assert!(alt(figure).contains(words), "{figure}: {}", alt(figure));
    has("scenarios", "MTD at level 1 (level 1 (0.1 mg/kg) is correct): 0.25, 0.4, 0.52, 0.62, 0.7");
    has("endings", "Protocol 3+3 (K1) too low 41, right 39, too toxic 11, none 10;");
    has("endings", "Every dose is too toxic (“All levels too toxic”): Protocol 3+3 (K1) none 81;");
    has("trade-off", "Protocol 3+3 (K1) (14.0 patients) right 38.5, at least 34.9, too toxic 10.8, at most 19.5");
    has("differences", "CRM 16 14.4");
    has("size", "Protocol 3+3 (K1) 9.9 (3.0 to 16.0)");
    has("exposure", "CRM 30 6.1");
}
