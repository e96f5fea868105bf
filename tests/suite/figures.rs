//! The figures: both files of every figure can be read, are the same bytes each time, and no label touches another or
//! leaves the sheet, for ordinary studies and for extreme ones. The numbers are made up.
//!
//! With `DOSEBENCH_FIGURES=<folder>` the test writes the pictures there to be looked at.

#![allow(clippy::unwrap_used)]

use dosebench::report::figure::*;
use dosebench::report::font::{self, Weight};
use dosebench::report::paint::{Mark, Picture, Text};
use dosebench::scenario::{Class, Place};

const CURVES: [(&str, [f64; 5]); 8] = [
    ("All doses safe", [0.01, 0.02, 0.04, 0.07, 0.12]),
    ("MTD at level 5", [0.02, 0.04, 0.08, 0.15, 0.25]),
    ("MTD at level 4", [0.03, 0.06, 0.12, 0.25, 0.40]),
    ("MTD at level 3", [0.05, 0.12, 0.25, 0.42, 0.55]),
    ("MTD at level 2", [0.10, 0.25, 0.42, 0.55, 0.65]),
    ("MTD at level 1", [0.25, 0.42, 0.55, 0.65, 0.75]),
    ("All doses too toxic", [0.45, 0.55, 0.65, 0.75, 0.85]),
    ("Plateau around the target", [0.15, 0.20, 0.25, 0.28, 0.30]),
];

const DESIGNS: [&str; 8] = ["Protocol 3+3 (K1)", "3+3 S1", "3+3 D1", "3+3 K", "BOIN 16", "BOIN 30", "CRM 16", "CRM 30"];

/// Everything that is drawn for one study.
pub(crate) struct Study {
    setting: Setting,
    scenarios: Vec<Scenario>,
    designs: Vec<Design>,
    simulated: bool,
}

impl Study {
    fn new(doses: &[&str], scenarios: Vec<(String, Vec<f64>)>, designs: Vec<String>, simulated: bool) -> Study {
        let setting = Setting {
            doses: doses.iter().map(|dose| dose.to_string()).collect(),
            unit: "mg/kg".to_string(),
            target: 0.25,
            acceptable: (0.15, 0.35),
            replicates: 100_000,
        };
        let place = |p: &f64| match *p {
            p if p < 0.15 => Place::Under,
            p if p <= 0.35 => Place::Acceptable,
            _ => Place::Over,
        };
        let scenarios = scenarios
            .into_iter()
            .map(|(name, toxicity)| {
                let nearest =
                    (0..toxicity.len()).min_by(|&a, &b| (toxicity[a] - 0.25).abs().total_cmp(&(toxicity[b] - 0.25).abs()));
                let correct = if toxicity[0] > 0.35 { 0 } else { nearest.unwrap() + 1 };
                let places: Vec<Place> = toxicity.iter().map(place).collect();
                let class = match correct {
                    0 => Class::Toxic,
                    _ if places.contains(&Place::Acceptable) => Class::Mtd,
                    _ if places.contains(&Place::Over) => Class::Gap,
                    _ => Class::Below,
                };
                Scenario { name, places, toxicity, correct, class }
            })
            .collect();
        let designs = designs.into_iter().enumerate().map(|(position, name)| Design { name, position }).collect();
        Study { setting, scenarios, designs, simulated }
    }

    /// The study of the trial at hand.
    pub(crate) fn imm27m(simulated: bool) -> Study {
        let scenarios = CURVES.iter().map(|(name, curve)| (name.to_string(), curve.to_vec())).collect();
        let designs = DESIGNS.iter().map(|name| name.to_string()).collect();
        Study::new(&["0.1", "0.3", "1.0", "2.0", "3.0"], scenarios, designs, simulated)
    }

    fn estimate(&self, value: f64) -> Estimate {
        Estimate { value, std_error: self.simulated.then_some(0.004 + 0.01 * value) }
    }

    /// Made-up selection probabilities, none first.
    fn selected(&self, scenario: &Scenario, design: &Design) -> Vec<f64> {
        let sharp = 5.0 + (design.position * 37 % 11) as f64;
        let none = (1.3 * scenario.toxicity[0] - 0.02).clamp(0.01, 0.8) / (1.0 + design.position as f64 / 20.0);
        let weights: Vec<f64> = scenario.toxicity.iter().map(|p| (-sharp * (p - 0.22).abs()).exp()).collect();
        let total: f64 = weights.iter().sum();
        [none].into_iter().chain(weights.iter().map(|weight| (1.0 - none) * weight / total)).collect()
    }

    /// All figures with a name for the file.
    pub(crate) fn draw(&self) -> Vec<(String, Picture)> {
        let mut all = Vec::new();
        let size = |design: &Design| 12.0 + (design.position * 7 % 19) as f64;
        for (number, scenario) in self.scenarios.iter().enumerate() {
            let number = number + 1;
            let selections: Vec<SelectedShares> = self
                .designs
                .iter()
                .map(|design| SelectedShares {
                    design: design.clone(),
                    probabilities: self.selected(scenario, design).into_iter().map(|p| self.estimate(p)).collect(),
                })
                .collect();
            let allocations: Vec<Allocation> = selections
                .iter()
                .map(|row| {
                    let share = 1.0 / scenario.toxicity.len() as f64;
                    let patients: Vec<f64> =
                        row.probabilities[1..].iter().map(|p| size(&row.design) * (0.5 * p.value + 0.5 * share)).collect();
                    let dlts = patients.iter().zip(&scenario.toxicity).map(|(n, p)| n * p).sum();
                    let patients = patients.into_iter().map(|n| self.estimate(n)).collect();
                    Allocation { design: row.design.clone(), patients, total_dlts: self.estimate(dlts) }
                })
                .collect();
            let sizes: Vec<SampleSize> = self
                .designs
                .iter()
                .map(|design| {
                    let largest = size(design) as usize;
                    let weights: Vec<f64> = (1..=largest).map(|n| (n as f64).powi(1 + design.position as i32 % 4)).collect();
                    let total: f64 = weights.iter().sum();
                    let distribution = (1..=largest).zip(weights.iter().map(|weight| weight / total)).collect();
                    SampleSize { design: design.clone(), exact: !self.simulated, distribution, median: largest * 3 / 4 }
                })
                .collect();
            let counts: Vec<DltCount> = sizes
                .iter()
                .map(|size| DltCount {
                    design: size.design.clone(),
                    exact: size.exact,
                    distribution: size.distribution.iter().map(|&(patients, p)| (patients / 2, p)).collect(),
                    mean: 3.456,
                })
                .collect();
            all.push((format!("dlt-count-{number}"), dlt_count(&self.setting, scenario, &counts).unwrap()));
            all.push((format!("selection-{number}"), selection(&self.setting, scenario, &selections).unwrap()));
            all.push((format!("allocation-{number}"), allocation(&self.setting, scenario, &allocations).unwrap()));
            all.push((format!("sample-size-{number}"), sample_size(&self.setting, scenario, &sizes, Some(16)).unwrap()));
            if number <= 3 {
                self.draw_calendar(scenario, number, &mut all);
            }
        }
        all.extend(numbered("scenarios", scenarios(&self.setting, &self.scenarios).unwrap()));
        let names: Vec<String> = self.scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        let metrics = [
            (Metric::CorrectSelection, "correct"),
            (Metric::OverSelection, "over"),
            (Metric::Patients, "patients"),
            (Metric::Dlts, "dlts"),
            (Metric::Weeks, "weeks"),
        ];
        for (metric, name) in metrics {
            let comparisons: Vec<Comparison> = self.designs.iter().skip(1).map(|design| self.comparison(design)).collect();
            let pictures = differences(&self.setting, metric, &self.designs[0], &names, &comparisons).unwrap();
            all.extend(numbered(&format!("differences-{name}"), pictures));
        }
        for (what, name) in [(Robustness::CorrectSelection, "correct"), (Robustness::OverSelection, "over")] {
            let pictures = robustness(&self.setting, what, &names, &self.robustness_rows()).unwrap();
            all.extend(numbered(&format!("robustness-{name}"), pictures));
        }
        let rows: Vec<OverviewRow> = self.scenarios.iter().map(|scenario| self.overview_row(scenario)).collect();
        all.extend(numbered("overview", overview(&self.setting, &self.designs, &rows).unwrap()));
        let panels: Vec<WorstPanel> = self.designs.iter().map(|design| self.worst_panel(design)).collect();
        all.push(("worst-curves".to_owned(), worst_curves(&self.setting, &self.scenarios, &panels).unwrap()));
        all
    }

    /// A search whose worst curve is one of the scenarios, with the name of the design.
    fn worst_panel(&self, design: &Design) -> WorstPanel {
        let curve = &self.scenarios[design.position % self.scenarios.len()];
        WorstPanel {
            curve: Scenario { name: design.name.clone(), ..curve.clone() },
            design: design.position,
            said: "missed: 18.1 %, chosen 24.0 %".to_owned(),
        }
    }

    /// The figures of calendar time, of trials that have a patient a week.
    fn draw_calendar(&self, scenario: &Scenario, number: usize, all: &mut Vec<(String, Picture)>) {
        let weeks = |design: &Design| 20 + 13 * (design.position * 7 % 19);
        let ended = |design: &Design| (0..=weeks(design)).map(|week| (week as f64 / weeks(design) as f64).powi(3)).collect();
        let durations: Vec<Duration> = self
            .designs
            .iter()
            .map(|design| Duration {
                design: design.clone(),
                exact: !self.simulated || design.position == 0,
                ended: ended(design),
                median: 0.8 * weeks(design) as f64,
                on_time: Some(0.412),
            })
            .collect();
        let enrolled: Vec<Enrolled> = self
            .designs
            .iter()
            .map(|design| Enrolled {
                design: design.clone(),
                quantiles: (0..=weeks(design)).map(|week| [week / 4, week / 3, week / 2]).collect(),
                busiest: (2.75, 11),
            })
            .collect();
        let levels = scenario.toxicity.len();
        let trials: Vec<ExampleTrial> = self
            .designs
            .iter()
            .map(|design| ExampleTrial {
                design: design.clone(),
                patients: (0..10 + 5 * (design.position % 12))
                    .map(|patient| {
                        let from = (patient * (2 + design.position % 3)) as f64 + 0.3;
                        let dlt = (patient % 4 == 3).then_some(from + 2.0);
                        Swimmer { level: 1 + patient / 2 % levels, from, to: from + 3.0, dlt }
                    })
                    .collect(),
                decisions: (1..12).map(|decision| 6.5 * f64::from(decision)).collect(),
                suspensions: vec![3.0, 8.0],
                said: "no. 12345: 102 weeks, n = 30, 10 DLTs, MTD L4".to_owned(),
            })
            .collect();
        for (name, planned) in [("duration", Some(52.0)), ("duration-unplanned", None)] {
            all.push((format!("{name}-{number}"), duration(&self.setting, scenario, &durations, planned).unwrap()));
        }
        all.push((format!("enrolment-{number}"), enrolment(&self.setting, scenario, &enrolled).unwrap()));
        let pictures = swimmers(&self.setting, scenario, "Example trials of median length", &trials).unwrap();
        all.extend(numbered(&format!("example-{number}"), pictures));
    }

    fn robustness_rows(&self) -> Vec<RobustnessRow> {
        let value = |design, scenario: &Scenario| Some(self.estimate(self.selected(scenario, design)[scenario.correct]));
        let row = |design| self.scenarios.iter().map(|scenario| value(design, scenario)).collect();
        self.designs.iter().map(|design| RobustnessRow { design: design.clone(), values: row(design) }).collect()
    }

    fn comparison(&self, design: &Design) -> Comparison {
        let differences: Vec<Option<Difference>> = self
            .scenarios
            .iter()
            .map(|scenario| {
                let [of, to] = [design, &self.designs[0]].map(|design| self.selected(scenario, design)[scenario.correct]);
                let value = of - to;
                let half = 0.022 + 0.002 * design.position as f64;
                Some(Difference { value, interval: self.simulated.then_some((value - half, value + half)) })
            })
            .collect();
        Comparison { design: design.clone(), mean: differences[0], differences }
    }

    fn overview_row(&self, scenario: &Scenario) -> OverviewRow {
        let over = |probabilities: Vec<f64>| {
            let levels = probabilities[1..].iter().zip(&scenario.places);
            levels.filter(|(_, place)| **place == Place::Over).map(|(p, _)| p).sum::<f64>()
        };
        let each = |value: &dyn Fn(Vec<f64>) -> f64| {
            self.designs.iter().map(|design| Some(self.estimate(value(self.selected(scenario, design))))).collect()
        };
        let toxic = scenario.places.contains(&Place::Over);
        let over = if toxic { each(&over) } else { vec![None; self.designs.len()] };
        OverviewRow { scenario: scenario.name.clone(), correct: each(&|p| p[scenario.correct]), over }
    }
}

fn numbered(name: &str, pictures: Vec<Picture>) -> Vec<(String, Picture)> {
    pictures.into_iter().enumerate().map(|(page, picture)| (format!("{name}-{}", page + 1), picture)).collect()
}

/// The studies at the edges of what may be asked.
fn extremes() -> Vec<(&'static str, Study)> {
    let rising =
        |levels: usize, shift: f64| (0..levels).map(|level| (0.03 + 0.06 * level as f64 + shift).min(1.0)).collect::<Vec<f64>>();
    let long = "A modified 3+3 design as worded in protocol version 4.2, section 6.3.1, amended";
    assert_eq!(long.len(), 79);
    let doses12 = ["0.05", "0.1", "0.3", "1", "3", "10", "30", "60", "120", "240", "360", "0.000125"];
    let many = (0..40).map(|n| (format!("Scenario {n} with a name of its own"), rising(12, 0.01 * n as f64))).collect();
    let twenty = (0..20).map(|n| format!("{long}{n}")).collect();
    vec![
        ("one", Study::new(&["0.1"], vec![("only".into(), vec![0.25])], vec!["3+3".into()], false)),
        ("many", Study::new(&doses12, many, twenty, true)),
        (
            "strange",
            Study::new(
                &["1", "2", "4"],
                vec![
                    ("<script>alert('x')</script> & \"more\"".into(), vec![0.1, 0.25, 0.5]),
                    (
                        "毒性曲线在第二剂量水平达到目标毒性概率的情形以及非常非常长的中文名称用来测试换行".into(),
                        vec![0.0, 0.0, 0.0],
                    ),
                    ("".into(), vec![1.0, 1.0, 1.0]),
                ],
                vec![
                    "<script>alert('x')</script>".into(),
                    "贝叶斯最优区间设计贝叶斯最优区间设计贝叶斯最优区间设计".into(),
                    "a\u{0}\n\u{202e}b".into(),
                    "Ünïcødé π̂ ≤ 0·3".into(),
                ],
                true,
            ),
        ),
    ]
}

fn texts(picture: &Picture) -> Vec<&Text> {
    picture.marks.iter().filter_map(|mark| if let Mark::Text(text) = mark { Some(text) } else { None }).collect()
}

/// Left, top, right and bottom of a text as tall as its capitals.
fn bounds(text: &Text) -> [f64; 4] {
    let (size, baseline) = (f64::from(text.size), f64::from(text.at.1));
    [text.left(), baseline - font::CAP_HEIGHT * size, text.left() + text.width(), baseline]
}

/// What is wrong with the labels of a picture: one that leaves the sheet, two that overlap.
fn misplaced_labels(picture: &Picture) -> Vec<String> {
    let boxes: Vec<(&Text, [f64; 4])> = texts(picture).into_iter().map(|text| (text, bounds(text))).collect();
    let mut complaints = Vec::new();
    for (index, (text, a)) in boxes.iter().enumerate() {
        if a[0] < 0.0 || a[1] < 0.0 || a[2] > f64::from(picture.width) || a[3] + 30.0 > f64::from(picture.height) {
            complaints.push(format!("“{}” leaves the sheet", text.words));
        }
        for (other, b) in &boxes[index + 1..] {
            if a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3] {
                complaints.push(format!("“{}” and “{}” overlap", text.words, other.words));
            }
        }
    }
    complaints
}

fn save(folder: &str, name: &str, picture: &Picture) {
    if let Some(target) = std::env::var_os("DOSEBENCH_FIGURES") {
        let folder = std::path::Path::new(&target).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), picture.svg()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture.png().unwrap()).unwrap();
    }
}

#[test]
fn labels_stay_on_the_sheet_and_apart() {
    let mut studies = vec![("exact", Study::imm27m(false)), ("simulated", Study::imm27m(true))];
    studies.extend(extremes());
    let mut complaints = Vec::new();
    for (folder, study) in studies {
        for (name, picture) in study.draw() {
            save(folder, &name, &picture);
            complaints.extend(misplaced_labels(&picture).into_iter().map(|complaint| format!("{folder}/{name}: {complaint}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    let [first, second] = [(); 2].map(|()| Study::imm27m(true).draw());
    for ((name, a), (_, b)) in first.iter().zip(&second) {
        assert_eq!(a.svg(), b.svg(), "{name}");
        assert_eq!(a.png().unwrap(), b.png().unwrap(), "{name}");
    }
}

#[test]
fn svg_is_xml_with_a_title_and_the_marks_of_each_design() {
    for (folder, study) in extremes().into_iter().chain([("simulated", Study::imm27m(true))]) {
        for (name, picture) in study.draw() {
            let svg = picture.svg();
            let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{folder}/{name}: {error}"));
            let root = document.root_element();
            assert_eq!(root.attribute("role"), Some("img"));
            let child = |tag: &str| root.children().find(|node| node.has_tag_name(("http://www.w3.org/2000/svg", tag)));
            assert!(child("title").is_some_and(|title| title.text().is_some()), "{folder}/{name}");
            assert!(child("desc").is_some_and(|desc| desc.text().is_some()), "{folder}/{name}");
            assert!(!svg.contains("<script"), "{folder}/{name}");
            if name.starts_with("selection") {
                let groups = document.descendants().filter(|node| node.attribute("data-series").is_some());
                assert_eq!(groups.count(), study.designs.len(), "{folder}/{name}");
            }
        }
    }
}

#[test]
fn the_font_has_every_character_that_the_figures_print_by_themselves() {
    for (name, picture) in Study::imm27m(true).draw().into_iter().chain(Study::imm27m(false).draw()) {
        for text in texts(&picture) {
            for character in text.words.chars() {
                assert!(font::has_glyph(character, text.weight), "{name}: {character:?} in “{}”", text.words);
            }
        }
    }
    assert!(font::has_glyph('…', Weight::Regular) && font::has_glyph('…', Weight::SemiBold));
    assert!(!font::has_glyph('剂', Weight::Regular));
}

#[test]
fn values_that_are_not_numbers_leave_a_gap() {
    let study = Study::imm27m(true);
    let nothing = Estimate { value: f64::NAN, std_error: Some(f64::INFINITY) };
    let row = SelectedShares { design: study.designs[0].clone(), probabilities: vec![nothing; 6] };
    let row2 = Allocation { design: study.designs[0].clone(), patients: vec![nothing; 5], total_dlts: nothing };
    let rows = [OverviewRow { scenario: "x".into(), correct: vec![Some(nothing)], over: vec![None] }];
    let gap = Difference { value: f64::NAN, interval: Some((f64::NAN, f64::INFINITY)) };
    let compared = [Comparison { design: study.designs[1].clone(), differences: vec![Some(gap), None], mean: Some(gap) }];
    let names = ["a".to_string(), "b".to_string()];
    let mut pictures = vec![
        selection(&study.setting, &study.scenarios[0], &[row]).unwrap(),
        allocation(&study.setting, &study.scenarios[0], &[row2]).unwrap(),
        sample_size(&study.setting, &study.scenarios[0], &[], None).unwrap(),
        dlt_count(&study.setting, &study.scenarios[0], &[]).unwrap(),
        worst_curves(&study.setting, &study.scenarios, &[]).unwrap(),
        duration(&study.setting, &study.scenarios[0], &[], None).unwrap(),
        enrolment(&study.setting, &study.scenarios[0], &[]).unwrap(),
    ];
    pictures.extend(swimmers(&study.setting, &study.scenarios[0], "Nothing", &[]).unwrap());
    pictures.extend(overview(&study.setting, &study.designs, &rows).unwrap());
    pictures.extend(differences(&study.setting, Metric::Dlts, &study.designs[0], &names, &compared).unwrap());
    pictures.extend(overview(&study.setting, &[], &[]).unwrap());
    pictures.extend(scenarios(&study.setting, &[]).unwrap());
    let row = RobustnessRow { design: study.designs[0].clone(), values: vec![Some(nothing), None] };
    pictures.extend(robustness(&study.setting, Robustness::OverSelection, &names, &[row]).unwrap());
    pictures.extend(robustness(&study.setting, Robustness::CorrectSelection, &[], &[]).unwrap());
    pictures.extend(differences(&study.setting, Metric::Patients, &study.designs[0], &[], &[]).unwrap());
    for picture in pictures {
        assert_eq!(misplaced_labels(&picture), Vec::<String>::new());
        assert!(!picture.png().unwrap().is_empty());
    }
}
