//! Recommendations that follow from criteria, or are withheld.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::studies::{A2, IMM27M, argued, simulated, text, texts, with};
use dosebench::argument::{Finding, argue};

fn stated(criteria: &str) -> String {
    with(IMM27M, &format!("[report.criteria]\n{criteria}"))
}

#[test]
fn recommendations_as_worked() {
    let argument = argued(&stated("max_too_toxic = 0.25\nmax_patients = 30"));
    assert_eq!(
        text(&argument, "R1"),
        "By the criteria stated in the study, BOIN 30 is recommended: of the 4 designs that meet them all it selects the right dose most often \
         (61 of 100 trials)."
    );
    assert_eq!(argument.recommendation.chosen.as_deref(), Some("BOIN 30"));
    let argument = argued(&stated("max_too_toxic = 0.20\nmax_patients_mean = 18"));
    assert_eq!(
        text(&argument, "R2"),
        "Protocol 3+3 (K1) and 3+3 D1 meet the criteria and differ by less than this report calls relevant; the protocol's rule is kept."
    );
    assert_eq!(argument.recommendation.chosen.as_deref(), Some("Protocol 3+3 (K1)"));
    let argument = argued(&stated("max_too_toxic = 0.15"));
    assert_eq!(
        text(&argument, "R4"),
        "No design meets the criteria. Nearest is 3+3 (K), which selects a dose that is too toxic in about 17 of 100 trials at worst (\"All \
         levels too toxic\"), where 15 are allowed."
    );
    assert!(argument.recommendation.chosen.is_none() && argument.recommendation.met.is_empty());
    let argument = argued(IMM27M);
    assert_eq!(
        text(&argument, "R5"),
        "The study states no criteria for choosing a design, so this report recommends none. It shows what each costs and gives."
    );
    assert!(argument.recommendation.chosen.is_none() && argument.recommendation.met.is_empty());
}

#[test]
fn a_limit_on_either_side_of_the_value() {
    let argument = argued(&stated("max_too_toxic = 1"));
    let value = argument.recommendation.criteria[0].designs[0].value;
    let finding = |limit: f64| argued(&stated(&format!("max_too_toxic = {limit}"))).recommendation.criteria[0].designs[0].finding;
    assert_eq!((finding(value + 1e-9), finding(value - 1e-9)), (Finding::Met, Finding::NotMet));
    assert_eq!(finding(value), Finding::Met, "the limit itself is allowed");
}

#[test]
fn a_limit_inside_the_interval_is_undecided() {
    let limited = |limit: f64| {
        let text = with(A2, &format!("[report.criteria]\nmin_right = {limit}"));
        let (study, results) = simulated(&text, 1_000);
        argue(&study, &results).unwrap()
    };
    let value = limited(0.01).recommendation.criteria[0].designs[0].value;
    let argument = limited(value);
    assert_eq!(argument.recommendation.criteria[0].designs[0].finding, Finding::Undecided);
    assert!(argument.recommendation.undecided.contains(&"3+3 as in the protocol".to_owned()));
    assert!(texts(&argument, "R6")[0].starts_with("Whether 3+3 as in the protocol meets the limit of "));
}
