//! What a tuning evaluates its points under: scenarios with weights, or a population.

use super::super::Study;
use super::{UNDER, find, meant, unknown};
use crate::keys::{Key, Keys, Within};

/// The population whose curves take the place of scenarios.
pub(super) static POPULATION: Key<String> =
    Key::name("population", "a population of the study", "The population of curves in place of scenarios, with its weights.")
        .without(&["scenarios", "weights"])
        .group(UNDER)
        .fixed();
/// The scenarios.
pub(super) static SCENARIOS: Key<Vec<String>> =
    Key::names("scenarios", "names of scenarios, at least one, each once", "The scenarios that points are evaluated under.")
        .or_derived("all")
        .group(UNDER)
        .fixed();
const NUMBER_OF_SCENARIOS: &str = "scenarios";
/// Their weights.
pub(super) static WEIGHTS: Key<Vec<f64>> =
    Key::numbers("weights", Within::Closed(0.0, 1e9), "How much each of the scenarios counts.")
        .one_for_each("scenario", NUMBER_OF_SCENARIOS)
        .or_derived("equal")
        .further("at least one above 0")
        .group(UNDER)
        .fixed();

/// The population that is named, where one is; scenarios and weights do not go with it.
pub(super) fn read_population(keys: &mut Keys<'_>, study: Option<&Study>) -> Option<usize> {
    let wanted = keys.get(&POPULATION)?;
    for other in ["scenarios", "weights"] {
        keys.refuse(
            other,
            "found together with `population`, whose curves have weights of their own; allowed: one of the two",
            None,
        );
    }
    let names: Vec<&str> = study?.populations.iter().map(|population| population.name.as_str()).collect();
    find(keys, "population", &names, &wanted)
}

pub(super) fn read_scenarios(keys: &mut Keys<'_>, study: Option<&Study>) -> Vec<usize> {
    let wanted = keys.get(&SCENARIOS);
    let Some(study) = study else { return Vec::new() };
    let names: Vec<&str> = study.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    if names.is_empty() && !study.populations.is_empty() {
        let message = "found no population, and the study has no [[scenario]]; allowed: the name of a [[population]]";
        keys.complain("population", message, None);
    }
    let Some(wanted) = wanted else { return (0..names.len()).collect() };
    if wanted.is_empty() {
        keys.complain("scenarios", "found no name; allowed: at least one scenario of the study", None);
    }
    let mut places = Vec::new();
    for (index, wanted) in wanted.iter().enumerate() {
        match names.iter().position(|name| name == wanted) {
            Some(place) if places.contains(&place) => {
                keys.complain_entry("scenarios", index, format!("{wanted:?} is there twice"))
            }
            Some(place) => places.push(place),
            None => {
                let help = meant(wanted, &names).map(|words| format!("; {words}")).unwrap_or_default();
                keys.complain_entry("scenarios", index, format!("{}{help}", unknown("scenario", wanted, &names)));
            }
        }
    }
    places
}

/// Weights in the same ratios with a sum of 1.
pub(super) fn with_sum_1(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The weights of so many scenarios, with a sum of 1.
pub(super) fn read_weights(keys: &mut Keys<'_>, scenarios: usize, is_known: bool) -> Option<Vec<f64>> {
    if is_known && scenarios > 0 {
        keys.know(NUMBER_OF_SCENARIOS, scenarios as f64);
    }
    let Some(weights) = keys.sound(&WEIGHTS)? else {
        return Some(with_sum_1(&vec![1.0; scenarios]));
    };
    if weights.iter().all(|&weight| weight <= 0.0) {
        keys.complain("weights", "found no weight above 0; allowed: at least one", None);
        return None;
    }
    Some(with_sum_1(&weights))
}
