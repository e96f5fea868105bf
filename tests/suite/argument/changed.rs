//! What must not change when a study is changed in ways that change nothing, and what every sentence owes to its numbers.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::studies::{A2, E, FIELD, IMM27M, argued, exact, study, text, texts, verdict, with, with_designs, with_scenarios};
use dosebench::argument::{Argument, Verdict, argue};
use dosebench::measure::Metric;
use dosebench::scenario::Class;

const SAFE: &str = "[[scenario]]\nname = \"Safer\"\ntoxicity = [0.01, 0.01, 0.02, 0.02, 0.03, 0.04]\n";
const GAP: &str = "[[scenario]]\nname = \"Jump\"\ntoxicity = [0.01, 0.02, 0.03, 0.55, 0.65, 0.75]\n";
const TOXIC: &str = "[[scenario]]\nname = \"Worse\"\ntoxicity = [0.55, 0.6, 0.65, 0.7, 0.8, 0.9]\n";

fn said(argument: &Argument, ids: &[&str]) -> Vec<(String, String)> {
    let found = argument.sentences.iter().filter(|sentence| ids.contains(&sentence.id));
    found.map(|sentence| (sentence.id.to_owned(), sentence.text.clone())).collect()
}

#[test]
fn other_classes_leave_what_is_said_of_the_right_dose() {
    let ids = ["H1", "H2", "E1", "E3", "L1"];
    let before = said(&argued(A2), &ids);
    assert!(before.len() >= 3);
    for more in [SAFE, GAP, TOXIC] {
        assert_eq!(said(&argued(&with(A2, more)), &ids), before, "{more}");
    }
    let names = ["MTD 1.5 mg/kg", "All toxic"];
    assert_eq!(said(&argued(&with_scenarios(A2, &names)), &ids), before, "without the safe one");
}

#[test]
fn a_larger_design_leaves_what_is_said_of_others() {
    let more = "[[design]]\nname = \"BOIN 60\"\nmethod = \"boin\"\nmax_patients = 60\n";
    let larger = argued(&with(A2, more));
    let ids = ["H1", "H2", "H4", "H5", "H6", "H7", "H8", "H9", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9"];
    assert_eq!(said(&larger, &ids), said(&argued(A2), &ids));
    for sentence in larger.sentences.iter().filter(|sentence| sentence.text.contains("BOIN 60")) {
        assert!(sentence.id.starts_with('L'), "{}: {}", sentence.id, sentence.text);
    }
    assert!(text(&larger, "L1").contains("BOIN 60"));
}

#[test]
fn names_change_places_and_nothing_else() {
    let named = A2.replace("\"BOIN, 12 at the MTD\"", "\"Waiting\"");
    let swapped = named.replace("\"BOIN\"", "\"?\"").replace("\"Waiting\"", "\"BOIN\"").replace("\"?\"", "\"Waiting\"");
    let swap = |text: &str| text.replace("BOIN", "?").replace("Waiting", "BOIN").replace('?', "Waiting");
    let (before, after) = (argued(&named), argued(&swapped));
    let texts = |argument: &Argument| argument.sentences.iter().map(|sentence| sentence.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&before).iter().map(|text| swap(text)).collect::<Vec<_>>(), texts(&after));
}

#[test]
fn the_order_of_scenarios_changes_no_sentence() {
    let turned = with_scenarios(A2, &["All toxic", "All safe", "MTD 1.5 mg/kg"]);
    let texts = |text: &str| argued(text).sentences.into_iter().map(|sentence| sentence.text).collect::<Vec<_>>();
    assert_eq!(texts(&turned), texts(A2));
}

#[test]
fn a_copy_of_the_first_design_is_little_different() {
    let copy = "[[design]]\nname = \"Copy\"\nmethod = \"3+3\"\nfirst_cohort_size = 1\n";
    let argument = argued(&with(IMM27M, copy));
    assert_eq!(verdict(&argument, "Copy"), Verdict::LittleDifferent);
    let design = argument.designs.iter().find(|design| design.name == "Copy").unwrap();
    assert!(design.gains.is_empty() && design.losses.is_empty());
    for id in ["E1", "E6"] {
        assert!(texts(&argument, id).iter().all(|text| !text.contains("Copy")), "{id}");
    }
    let criteria = "[report.criteria]\nmax_too_toxic = 0.20\nmax_patients_mean = 18\n";
    let argument = argued(&with(&with(IMM27M, copy), criteria));
    assert_eq!(argument.recommendation.chosen.as_deref(), Some("Protocol 3+3 (K1)"));
}

#[test]
fn the_mirror_of_at_least_as_good_is_never_better() {
    let one = argued(&with_designs(FIELD, &["3+3, titration", "2+4"]));
    assert_eq!(verdict(&one, "2+4"), Verdict::AtLeastAsGood);
    let other = argued(&with_designs(FIELD, &["2+4", "3+3, titration"]));
    assert_eq!(verdict(&other, "3+3, titration"), Verdict::NeverBetter);
}

#[test]
fn thresholds_rule_what_is_said() {
    let none = argued(&with(IMM27M, "[report.relevance]\nright = 1.0\n"));
    assert!(texts(&none, "E1").is_empty() && texts(&none, "L1").is_empty());
    let all = argued(&with(IMM27M, "[report.relevance]\nright = 0\n"));
    let (study, results) = exact(IMM27M);
    for (design, compared) in all.designs.iter().enumerate().skip(1) {
        for (scenario, row) in results.summaries.iter().enumerate() {
            let class = study.scenarios[scenario].class(&study.target);
            if class == Class::Toxic {
                continue;
            }
            let right = |design: usize| row[design].value(Metric::RightSelection).unwrap();
            let name = &study.scenarios[scenario].name;
            let has = |changes: &[dosebench::argument::Change]| {
                changes.iter().any(|change| change.scenario == *name && change.metric == "right_selection")
            };
            let difference = right(design) - right(0);
            assert_eq!(has(&compared.gains), difference > 0.0, "{} {name}", compared.name);
            assert_eq!(has(&compared.losses), difference < 0.0, "{} {name}", compared.name);
        }
    }
}

#[test]
fn weights_count_within_a_class() {
    let weighted = |weights: [f64; 5]| {
        let mut text = IMM27M.to_owned();
        for (level, weight) in weights.iter().enumerate() {
            let name = format!("name = \"MTD at level {}\"\n", level + 1);
            text = text.replace(&name, &format!("{name}weight = {weight}\n"));
        }
        text
    };
    let (once, sevenfold) = (argued(&weighted([3.0, 1.0, 1.0, 1.0, 1.0])), argued(&weighted([21.0, 7.0, 7.0, 7.0, 7.0])));
    let numbers = |argument: &Argument| -> Vec<String> {
        argument.sentences.iter().flat_map(|sentence| sentence.numbers.iter().map(|number| number.printed.clone())).collect()
    };
    assert_eq!(numbers(&once), numbers(&sevenfold));
    assert!(text(&once, "H1").contains("(5 scenarios, weights 3, 1, 1, 1 and 1)"));
    assert!(text(&argued(IMM27M), "H1").contains("(5 scenarios, equal weights)"));
    // Weight 0: the mean of the others; the worst case stays.
    let zero = argued(&weighted([1.0, 1.0, 1.0, 0.0, 1.0]));
    let names = [1, 2, 3, 5].map(|level| format!("MTD at level {level}"));
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["All levels safe", "All levels too toxic", "Jump after level 3"]);
    let without = argued(&with_scenarios(IMM27M, &names));
    let sizes = |argument: &Argument| argument.designs.iter().map(|design| format!("{:.9}", design.size)).collect::<Vec<_>>();
    assert_eq!(sizes(&zero), sizes(&without));
    assert!(text(&zero, "H1").contains("at worst in about 35 (\"MTD at level 4\")"));
}

#[test]
fn five_ends_sum_to_one() {
    for text in [A2, E, IMM27M] {
        let (study, results) = exact(text);
        for (scenario, row) in study.scenarios.iter().zip(&results.summaries) {
            for summary in row.iter().filter(|summary| !summary.sample_size.is_empty()) {
                let value = |metric: Metric| summary.value(metric).unwrap();
                let none = value(Metric::Selection(None));
                let mut sum = value(Metric::RightSelection) + value(Metric::OtherAcceptableSelection);
                sum += value(Metric::OverSelection) + value(Metric::TooLowSelection);
                if scenario.class(&study.target) != Class::Toxic {
                    sum += none;
                }
                assert!((sum - 1.0).abs() < 1e-12, "{} {sum}", scenario.name);
            }
        }
    }
}

/// No number is a mean over two classes, every number stands in its sentence, and it is what its value rounds to.
#[test]
fn numbers_are_of_one_class_and_round_from_their_values() {
    for source in [A2, E, IMM27M] {
        let argument = argued(source);
        let study = study(source);
        let class = |name: &String| study.scenarios.iter().find(|one| one.name == *name).unwrap().class(&study.target);
        for sentence in &argument.sentences {
            let whole = format!("{} {}", sentence.text, sentence.in_lay_words());
            for number in &sentence.numbers {
                let is_whole_class = |own: Class| study.of_class(own).len() == number.scenarios.len();
                let first = class(&number.scenarios[0]);
                let is_one = number.scenarios.iter().all(|name| class(name) == first);
                assert!(is_one || !is_whole_class(first), "{}: {:?}", sentence.id, number.scenarios);
                assert!(whole.contains(&number.printed), "{}: {} in {whole}", sentence.id, number.printed);
                let Ok(printed) = number.printed.parse::<f64>() else { continue };
                let unit = if number.printed.contains('.') { 0.1 } else { 1.0 };
                let is_near =
                    [number.value, 100.0 * number.value].iter().any(|value| (value - printed).abs() <= unit / 2.0 + 1e-6);
                assert!(is_near, "{}: {} from {}", sentence.id, number.printed, number.value);
            }
        }
    }
}

/// Simulated with few replicates, a design is said to be right more often although it is not by more than the threshold in at most one
/// run of twenty; and open differences are said to be open.
#[test]
fn chance_is_not_taken_for_a_difference() {
    let text = with_designs(IMM27M, &["Protocol 3+3 (K1)", "3+3 S1", "3+3 D1"]);
    let (mut wrong, mut open) = (0, 0);
    for seed in 1..=200 {
        let study = study(&text).simulated(|simulation| {
            simulation.engine = dosebench::study::Engine::MonteCarlo;
            simulation.replicates = 200;
            simulation.seed = seed;
        });
        let results = dosebench::comparison::compare(&study, &dosebench::engine::Monitor::default(), |_| {}).unwrap();
        let argument = argue(&study, &results).unwrap();
        wrong += usize::from(!texts(&argument, "E1").is_empty());
        open += usize::from(!texts(&argument, "U4").is_empty());
    }
    assert!(wrong <= 10, "{wrong} of 200");
    assert!(open > 100, "{open} of 200");
}
