//! What the run found over populations of curves, in plain sentences made from the numbers, and the line below the title. What is said of
//! scenarios is the matter of [`crate::argument`].

mod beyond;

pub(super) use beyond::populations;

use super::table::{Kind, Spread, show};
use crate::design::Plan;
use crate::study::Study;

/// A probability as the tables print it when it is exact.
fn printed(probability: f64) -> String {
    show(Kind::Percent, false, probability, Spread::Exact).number
}

/// The places of the designs that could be chosen: all but the benchmark, which is a reference.
fn rules(study: &Study) -> Vec<usize> {
    (0..study.designs.len()).filter(|&place| !matches!(study.designs[place].plan, Plan::Benchmark(_))).collect()
}

/// A name among others: in quotes where it has a comma of its own.
fn in_list(name: &str) -> String {
    if name.contains(',') { format!("“{name}”") } else { name.to_owned() }
}

/// `A, B and C`; of many the first ones: `A, B, C and 4 others`.
fn listed(names: &[String], most: usize) -> String {
    let (shown, rest) = if names.len() > most { (&names[..most - 1], names.len() - (most - 1)) } else { (names, 0) };
    match (shown, rest) {
        ([], _) => String::new(),
        (shown, 1..) => format!("{} and {rest} others", shown.join(", ")),
        ([one], 0) => one.clone(),
        ([some @ .., last], 0) => format!("{} and {last}", some.join(", ")),
    }
}

/// The title above everything: what was compared under what.
pub(super) fn subtitle(study: &Study) -> String {
    let count = |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let mut curves = count(study.scenarios.len(), "toxicity scenario", "toxicity scenarios");
    if study.scenarios.is_empty() {
        curves = count(study.populations.len(), "population of toxicity curves", "populations of toxicity curves");
    }
    format!(
        "{} under {curves}, {}",
        count(study.designs.len(), "design", "designs"),
        count(study.doses.levels.len(), "dose level", "dose levels")
    )
}
