//! Kinds of truth and the correct level.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::studies::{A2, E, IMM27M, study};
use dosebench::lint::lint;
use dosebench::scenario::{Class, Target};
use dosebench::study::Study;

/// The correct level, counted from 1; 0 is none.
fn correct(target: f64, band: Option<(f64, f64)>, curve: &[f64]) -> usize {
    Target::new(target, band).correct_level(curve).map_or(0, |level| level + 1)
}

#[test]
fn the_correct_level_is_the_nearest_that_is_not_too_toxic() {
    // The nearest one, on both sides of the target.
    assert_eq!(correct(0.25, None, &[0.05, 0.12, 0.22, 0.42]), 3);
    assert_eq!(correct(0.25, None, &[0.05, 0.12, 0.30, 0.42]), 3);
    // A level above the band is never correct, however near.
    assert_eq!(correct(0.25, None, &[0.05, 0.12, 0.36, 0.50]), 2);
    assert_eq!(correct(0.25, Some((0.2, 0.28)), &[0.10, 0.29]), 1);
    assert_eq!(correct(0.25, None, &[0.36, 0.25]), 0, "none where the lowest level is above the band");
    assert_eq!(correct(0.25, None, &[0.35, 0.50]), 1, "the upper end belongs to the band");
}

#[test]
fn ties_go_to_the_highest_at_or_below_the_target_and_else_to_the_lowest() {
    assert_eq!(correct(0.25, None, &[0.05; 5]), 5, "flat below the target");
    assert_eq!(correct(0.25, None, &[0.25; 3]), 3, "flat at the target");
    assert_eq!(correct(0.25, None, &[0.30; 3]), 1, "flat above the target, inside the band");
    assert_eq!(correct(0.25, None, &[0.05, 0.10, 0.25, 0.25, 0.25]), 5, "a plateau");
    assert_eq!(correct(0.25, None, &[0.15, 0.35]), 1, "on both sides: below");
    assert_eq!(correct(0.2, None, &[0.15, 0.15, 0.25, 0.25]), 2);
    assert_eq!(correct(0.25, None, &[0.10, 0.35, 0.15]), 3, "whatever their order");
    // In decimals, whose binary neighbours are not equally near.
    for (target, below, above) in [(0.3, 0.2, 0.4), (0.2, 0.13, 0.27), (0.35, 0.28, 0.42), (0.15, 0.1, 0.2)] {
        assert_eq!(correct(target, None, &[0.01, below, above]), 2, "{target} between {below} and {above}");
    }
}

#[test]
fn an_mtd_of_the_study_wins_and_its_class_is_kept() {
    let text = E.replace("toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]", "toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]\nmtd = 3");
    let study = study(&text);
    assert_eq!(study.scenarios[1].correct, Some(2));
    let classes: Vec<Class> = study.scenarios.iter().map(|scenario| scenario.class(&study.target)).collect();
    assert_eq!(classes, [Class::Below, Class::Mtd, Class::Mtd]);
    let right = |level| study.scenarios[1].is_right(level, &study.target);
    assert_eq!([0, 1, 2, 3, 4].map(right), [false, false, true, true, true], "all of one toxicity");
    let right = |level| study.scenarios[0].is_right(level, &study.target);
    assert_eq!([0, 1, 2, 3, 4].map(right), [false, false, false, false, true], "below the band the highest alone");
}

#[test]
fn classes_of_the_studies() {
    let classes = |study: &Study| study.scenarios.iter().map(|one| one.class(&study.target).word()).collect::<Vec<_>>();
    assert_eq!(classes(&study(A2)), ["mtd", "below", "toxic"]);
    assert_eq!(classes(&study(IMM27M)), ["mtd", "mtd", "mtd", "mtd", "mtd", "below", "toxic", "gap"]);
}

#[test]
fn a_class_must_have_a_weight() {
    let text = A2.replace("name = \"All safe\"", "name = \"All safe\"\nweight = 0");
    let error = Study::from_text("a2.toml", &text).err().unwrap().to_string();
    assert!(error.contains("every scenario of class `below` has the weight 0"), "{error}");
    let text = A2.replace("name = \"All safe\"", "name = \"All safe\"\nweight = 3\nwhy = \"an antibody\"");
    let scenario = &study(&text).scenarios[1];
    assert_eq!((scenario.weight, scenario.why.as_deref()), (3.0, Some("an antibody")));
}

/// What `check` says of a study beyond its reader, each without its place.
fn said(text: &str) -> Vec<String> {
    let (study, warnings) = Study::from_text("study.toml", text).unwrap();
    lint(&study, &warnings).into_iter().map(|complaint| complaint.message).collect()
}

#[test]
fn ties_and_levels_above_the_band_are_warned_of() {
    let found = said(E);
    let has = |words: &str| found.iter().any(|said| said.contains(words));
    assert!(has(
        "levels 1 to 5 are equally near the target; level 5 counts as correct, being at or below it: set `mtd` to choose another"
    ));
    assert!(has("levels 3 to 5 are equally near the target; level 5 counts as correct, being at or below it"));
    assert!(has("no level is within the acceptable band"));
    assert!(has("; `mtd = k` names another correct level, `mtd = 0` none"));
    assert!(has("no scenario in which every dose is too toxic: what the designs do then is not shown"));
    let named = E.replace("toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]", "toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]\nmtd = 5");
    assert!(!said(&named).iter().any(|said| said.contains("levels 3 to 5")), "what is named is no tie");
    let above = said(&E.replace("[0.05, 0.10, 0.25, 0.25, 0.25]", "[0.05, 0.12, 0.36, 0.50, 0.60]"));
    assert!(
        above.iter().any(|said| said.contains("level 3 (0.36) is nearest but above the band; level 2 counts as correct")),
        "{above:?}"
    );
    assert!(!found.iter().any(|said| said.contains("nearest but above")));
}

#[test]
fn sizes_and_want_of_patients_are_warned_of() {
    let found = said(A2);
    let has = |words: &str| found.iter().any(|said| said.contains(words));
    assert!(has("under `MTD 1.5 mg/kg` 22 of 100 trials end without a dose for want of 12 patients"), "{found:?}");
    assert!(!has("can never end without a dose") && !has("on average, more than the planned"), "{found:?}");
    let larger = said(&A2.replace("max_patients = 18", "max_patients = 30"));
    assert!(
        larger
            .iter()
            .any(|said| said.contains("every other design treats at least 11 patients more than `3+3 as in the protocol`")),
        "{larger:?}"
    );
    let planned = said(&A2.replace("planned_patients = 18", "planned_patients = 16"));
    let words = "`3+3 as in the protocol` treats 16.1 patients on average, more than the planned 16";
    assert!(planned.iter().any(|said| said.contains(words)), "{planned:?}");
}

#[test]
fn designs_that_never_select_none_are_named() {
    let found = said(super::studies::B2);
    let never: Vec<&String> = found.iter().filter(|said| said.contains("can never end without a dose")).collect();
    assert_eq!(never.len(), 2, "{found:?}");
    for design in ["TITE-CRM", "CRM"] {
        assert!(
            never.iter().any(|said| **said == format!("`{design}` can never end without a dose; add `too_toxic_cutoff`")),
            "{never:?}"
        );
    }
}
