//! Sensitivities: every change is the changed study, and what cannot be changed is said.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use std::path::Path;

use dosebench::comparison::compare;
use dosebench::engine::{Exact, Monitor};
use dosebench::measure::{Metric, Results, SensitivityResults, summarise_scenarios};
use dosebench::report::{self, RunInfo};
use dosebench::study::Study;

use super::support::{graph_of, study};

const DESIGNS: &str = "
[[design]]
name = 'B'
method = 'boin'
max_patients = 12
[[design]]
name = 'S'
method = '3+3'
[[design]]
name = 'C'
method = 'crm'
skeleton = [0.08, 0.25, 0.45]
prior_sd = 1.2
max_patients = 6
[[design]]
name = 'L'
method = 'blrm'
prior_mean = [-1, 0]
prior_sd = [1.5, 0.5]
reference_dose = 2
max_patients = 6
[[design]]
name = 'A'
method = 'bma-crm'
skeletons = [[0.08, 0.25, 0.45], [0.15, 0.3, 0.5]]
prior_sd = 1.2
max_patients = 6
[[design]]
name = 'F'
method = 'boin'
elimination_cutoff = 1.0
max_patients = 9
";

/// The text of a study of these designs under a curve, with these blocks.
fn text(curve: &str, blocks: &str) -> String {
    format!(
        "name = 'test'\ntarget = 0.25\nsimulation = {{ engine = 'exact' }}\ndoses = {{ levels = [1, 2, 3] }}\n\
         [[scenario]]\nname = 's'\ntoxicity = {curve}\n{DESIGNS}{blocks}"
    )
}

fn asks(designs: &[&str]) -> String {
    designs.iter().map(|design| format!("[[sensitivity]]\ndesign = '{design}'\nscenario = 's'\n")).collect()
}

fn compared(text: &str) -> (Study, Results) {
    let study = study(text);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    (study, results)
}

/// The accuracy index by differences of the summaries of moved scenarios: on a smooth curve at 1e-7. Where toxicities are at the target,
/// or two of them are the farthest from it, differences to both sides have the mean of the derivatives to either side, with an error of
/// the order of the step, a ten-millionth.
#[test]
fn derivatives_of_the_accuracy_index() {
    for (curve, is_smooth) in [("[0.08, 0.21, 0.45]", true), ("[0.1, 0.25, 0.4]", false), ("[0.25, 0.25, 0.5]", false)] {
        let (study, results) = compared(&text(curve, &asks(&["B", "S"])));
        for (design, found) in results.curves.sensitivities.iter().enumerate() {
            let graph = graph_of(&study, design);
            let exact = Exact::new(&graph);
            let own = found.derivatives.iter().find(|own| own.metric == Metric::AccuracyIndex).unwrap();
            for level in 0..3 {
                let at = |step: f64| {
                    let mut moved = study.scenarios[0].clone();
                    moved.toxicity[level] += step;
                    summarise_scenarios(&exact, &[moved], &study.target, None)[0].get(Metric::AccuracyIndex).unwrap().value
                };
                let central = |step: f64| (at(step) - at(-step)) / (2.0 * step);
                let (expected, tolerance) =
                    if is_smooth { ((4.0 * central(5e-4) - central(1e-3)) / 3.0, 1e-7) } else { (central(1e-7), 2e-5) };
                let found = own.by_level[level];
                assert!((found - expected).abs() < tolerance, "{curve} L{}: {found} {expected}", level + 1);
            }
        }
    }
}

/// What does not depend on a toxicity has a derivative of exactly zero: the size of a trial that cannot stop early, overdosing where no
/// level is above the correct one. None is a remainder of rounding.
#[test]
fn derivatives_that_are_zero_are_zero() {
    for curve in ["[0.05, 0.12, 0.25]", "[0.1, 0.25, 0.4]", "[0.45, 0.5, 0.6]"] {
        let (_, results) = compared(&text(curve, &asks(&["B", "S", "C", "L", "F"])));
        for found in &results.curves.sensitivities {
            for own in &found.derivatives {
                assert!(own.by_level.iter().all(|slope| *slope == 0.0 || slope.abs() > 1e-12), "{own:?}");
            }
        }
        let fixed = &results.curves.sensitivities[4];
        let of = |metric: Metric| fixed.derivatives.iter().find(|own| own.metric == metric).unwrap();
        assert_eq!((of(Metric::TotalPatients).value, &of(Metric::TotalPatients).by_level[..]), (9.0, &[0.0; 3][..]));
        assert_eq!(of(Metric::Cohorts).by_level, [0.0; 3]);
        if curve.contains("0.12") {
            assert_eq!(of(Metric::ShareAboveMtd).by_level, [0.0; 3]);
        }
    }
}

/// The metrics after a change, of the changed study; `from` is replaced by `to` in its text.
fn values_of(found: &SensitivityResults, study: &Study, design: usize, (what, to): (&str, &str), (from, with): (&str, &str)) {
    let change = found.changes.iter().find(|change| change.what == what && change.to == to);
    let change = change.unwrap_or_else(|| panic!("{what} {to}: {:?}", found.changes));
    assert!(study.text.contains(from), "{from}");
    let (_, again) = compared(&study.text.replacen(from, with, 1));
    for (metric, value) in change.values.iter() {
        assert_eq!(again.summaries[0][design].get(metric).map(|found| found.value), value, "{what} {to} {metric:?}");
    }
}

/// Skeletons and priors that are lists, and cut-offs, are varied, and each change is the study with the change written into it.
#[test]
fn every_change_is_a_changed_study() {
    let (study, results) = compared(&text("[0.1, 0.25, 0.4]", &asks(&["B", "C", "L", "A"])));
    let [boin, crm, blrm, averaged] = &results.curves.sensitivities[..] else { panic!("four are asked for") };
    let steps = |found: &SensitivityResults, what: &str| -> Vec<(String, String)> {
        let of = found.changes.iter().filter(|change| change.what == what);
        of.map(|change| (change.to.clone(), change.step.clone())).collect()
    };
    let skeleton = steps(crm, "skeleton, its height");
    let spread = steps(crm, "skeleton, its spread");
    // Odds times exp(-0.5) and exp(0.5): 0.08 / 0.92 becomes 0.05274 / 0.94726 and 0.14337 / 0.85663 apart.
    assert_eq!(skeleton[0], ("[0.050099, 0.168176, 0.331664]".to_owned(), "logits −0.5".to_owned()));
    assert_eq!(skeleton[1].1, "logits +0.5");
    assert_eq!((skeleton.len(), spread.len()), (2, 2));
    assert!(spread.iter().all(|(to, _)| to.contains(", 0.25, ")), "the prior guess of the MTD stays: {spread:?}");
    for (what, to) in [("skeleton, its height", &skeleton[1].0), ("skeleton, its spread", &spread[0].0)] {
        values_of(crm, &study, 2, (what, to), ("[0.08, 0.25, 0.45]", to));
    }
    // Several skeletons move together.
    let [height, spread] = ["height", "spread"].map(|what| steps(averaged, &format!("skeletons, their {what}")));
    assert_eq!((height.len(), spread.len()), (2, 2));
    assert!(height[0].0.starts_with("[[0.050099, 0.168176, 0.331664], ["), "{height:?}");
    for (what, to) in [("skeletons, their height", &height[1].0), ("skeletons, their spread", &spread[0].0)] {
        values_of(averaged, &study, 4, (what, to), ("[[0.08, 0.25, 0.45], [0.15, 0.3, 0.5]]", to));
    }
    values_of(crm, &study, 2, ("prior_sd", "1.8"), ("prior_sd = 1.2", "prior_sd = 1.8"));
    assert_eq!(
        steps(blrm, "prior_sd"),
        [("[1, 0.333333]", "/ 1.5"), ("[2.25, 0.75]", "× 1.5")].map(|(a, b)| (a.into(), b.into()))
    );
    values_of(blrm, &study, 3, ("prior_sd", "[2.25, 0.75]"), ("[1.5, 0.5]", "[2.25, 0.75]"));
    assert_eq!(steps(blrm, "prior_mean[1]"), [("-1.75", "−0.5 SD"), ("-0.25", "+0.5 SD")].map(|(a, b)| (a.into(), b.into())));
    values_of(blrm, &study, 3, ("prior_mean[1]", "-1.75"), ("[-1, 0]", "[-1.75, 0]"));
    values_of(blrm, &study, 3, ("prior_mean[2]", "0.25"), ("[-1, 0]", "[-1, 0.25]"));
    let cutoffs: Vec<String> = steps(boin, "elimination_cutoff").into_iter().map(|(to, _)| to).collect();
    assert_eq!(cutoffs, ["0.9", "0.975"]);
    values_of(
        boin,
        &study,
        0,
        ("elimination_cutoff", "0.975"),
        ("max_patients = 12", "max_patients = 12\nelimination_cutoff = 0.975"),
    );
    // Trials of 0 patients there are none.
    assert!(blrm.notes.iter().any(|note| note.starts_with("max_patients = 0 is left out")), "{:?}", blrm.notes);
    assert_eq!(steps(boin, "target of the design").len(), 2);
}

/// A rule without a target has no row of zeros but a note.
#[test]
fn a_rule_without_a_target_is_said_to_have_none() {
    let (_, results) = compared(&text("[0.1, 0.25, 0.4]", &asks(&["S", "B"])));
    let [without, with] = &results.curves.sensitivities[..] else { panic!("two are asked for") };
    assert!(without.changes.iter().all(|change| !change.what.starts_with("target")));
    assert!(without.notes.contains(&"The rule has no target that could be moved.".to_owned()), "{:?}", without.notes);
    assert!(!with.notes.iter().any(|note| note.contains("no target")));
}

/// The toxicity of a level is not moved past its neighbours, and where another level becomes the correct one, it is that of the changed
/// study, and said.
#[test]
fn moved_levels_stay_monotone_and_have_their_own_correct_level() {
    let curve = "[0.2, 0.22, 0.29]";
    let (study, results) = compared(&text(curve, &asks(&["B"])));
    assert_eq!(study.scenarios[0].correct, Some(1));
    let found = &results.curves.sensitivities[0];
    let of = |what: &str| -> Vec<(&str, &str)> {
        let of = found.changes.iter().filter(|change| change.what == what);
        of.map(|change| (change.to.as_str(), change.remark.as_str())).collect()
    };
    let stays = |wanted: &str| format!("not {wanted}, so that the curve stays one and monotone");
    let then = |level: &str| format!("the correct level is then {level} instead of L2");
    // Of two levels as near the target and below it, the higher one is correct, as it was.
    let (first, second) = (stays("0.25"), format!("{}; {}", stays("0.17"), then("L3")));
    assert_eq!(of("toxicity of L1"), [("0.15", ""), ("0.22", first.as_str())]);
    assert_eq!(of("toxicity of L2"), [("0.2", second.as_str()), ("0.27", "")]);
    assert_eq!(of("toxicity of L3").len(), 2);
    values_of(found, &study, 0, ("toxicity of L2", "0.2"), (curve, "[0.2, 0.2, 0.29]"));
    values_of(found, &study, 0, ("toxicity of L3", "0.34"), (curve, "[0.2, 0.22, 0.34]"));
    // A level that is too toxic whatever its own toxicity is cannot be moved beyond 1.
    let (_, results) = compared(&text("[0.2, 0.5, 1.0]", &asks(&["B"])));
    let of_last: Vec<&str> = results.curves.sensitivities[0]
        .changes
        .iter()
        .filter(|own| own.what == "toxicity of L3")
        .map(|own| own.to.as_str())
        .collect();
    assert_eq!(of_last, ["0.95"]);
}

/// Several sensitivities have tables, rows and figures of their own, and all of them are in `results.json`; one table alone is as good.
#[test]
fn several_sensitivities_are_told_apart() {
    let worst = "[[worst_case]]\nname = 'w'\ndesign = 'S'\nmeasure = 'correct_selection'\nstarts = 5\n";
    let files = |blocks: &str| {
        let (study, results) = compared(&text("[0.1, 0.25, 0.4]", blocks));
        let info = RunInfo { study_file: "study.toml".to_owned(), command: "dosebench run study.toml".to_owned() };
        let plots = report::plots(&study, &results).unwrap();
        let names: Vec<String> = plots.iter().map(|plot| plot.name.clone()).filter(|name| name.starts_with("tornado")).collect();
        let files = report::render(&study, &results, &info, &plots, &[report::Format::Csv, report::Format::Json]);
        let text = |name: &str| -> String {
            let bytes = &files.iter().find(|(path, _)| path == Path::new(name)).unwrap().1;
            String::from_utf8(bytes.clone()).unwrap()
        };
        (names, text("sensitivity.csv"), text("results.json"))
    };
    let (names, csv, json) = files(&format!("{}{worst}", asks(&["B", "S"])));
    assert_eq!(names, ["tornado", "tornado-2"]);
    let (names, alone, _) = files("[sensitivity]\ndesign = 'B'\nscenario = 's'\n");
    assert_eq!(names, ["tornado"]);
    assert!(csv.starts_with(&alone) && csv.lines().count() > alone.lines().count());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let found = &json["sensitivities"];
    assert_eq!((&found[0]["design"], &found[1]["design"]), (&"B".into(), &"S".into()));
    assert_eq!(found[0]["derivatives"][0]["by_level"].as_array().unwrap().len(), 3);
    let change = &found[0]["changes"][0];
    assert_eq!((&change["change"], &change["from"], &change["to"]), (&"toxicity of L1".into(), &"0.1".into(), &"0.05".into()));
    assert_eq!(change["operating_characteristics"][0]["metric"], "correct_selection");
    assert_eq!(found[1]["notes"].as_array().unwrap().len(), 1);
    assert_eq!(found[1]["notes"][0], "The rule has no target that could be moved.");
    let searched = &json["worst_curves"][0]["by_correct_level"];
    assert_eq!((searched.as_array().unwrap().len(), &searched[0]["starts"]), (3, &5.into()));
    assert!(searched[0]["agreed"].as_u64().unwrap() >= 1 && searched[0].get("second").is_some());
}
