//! Beyond the scenarios: populations of curves. What is said of worst curves stands with their tables.

use super::{in_list, listed, printed, rules};
use crate::measure::{Metric, PopulationResults, Results};
use crate::report::curves::populations as evaluated;
use crate::report::table::grouped;
use crate::scenario::Population;
use crate::study::Study;

/// The most designs that are named as the best on some curves.
const MOST_BEST: usize = 4;

/// How often the designs are right over each population, and which is the best on how many of its curves: one sentence each. All
/// numbers are exact.
pub(in crate::report) fn populations(study: &Study, results: &Results) -> Vec<String> {
    evaluated(study, results).filter_map(|(population, found)| of_population(study, population, found)).collect()
}

fn of_population(study: &Study, population: &Population, found: &PopulationResults) -> Option<String> {
    let name = |place: usize| study.designs[found.designs[place]].name.as_str();
    let places: Vec<usize> = (0..found.designs.len()).filter(|&place| found.benchmark != Some(place)).collect();
    // The planned design, or the first that was evaluated.
    let planned = rules(study).first().and_then(|planned| places.iter().find(|&&place| found.designs[place] == *planned));
    let first = *planned.or(places.first())?;
    let correct = |place: usize| found.spread(place, Metric::CorrectSelection, |_| true);
    let own = correct(first)?;
    let best = places.iter().filter_map(|&place| Some((place, correct(place)?))).max_by(|a, b| a.1.mean.total_cmp(&b.1.mean))?;
    let mut sentence = format!(
        "Over the {} curves of “{}”, {} makes the right selection in {} % of trials on average, and in at most {} % on one curve in \
         twenty.",
        grouped(population.scenarios.len() as u64),
        population.name,
        name(first),
        printed(own.mean),
        printed(own.quantiles[0])
    );
    let (place, highest) = best;
    if places.len() < 2 {
        return Some(sentence);
    }
    let (among, exact) = match found.simulated.is_empty() {
        true => ("", ""),
        false => (" among the designs with exact results", " with exact results"),
    };
    sentence.push_str(&if printed(highest.mean) == printed(own.mean) {
        format!(" No other design{exact} is right more often on average.")
    } else {
        format!(
            " {} is right most often on average{among}: in {} %, and in at most {} % on one curve in twenty.",
            name(place),
            printed(highest.mean),
            printed(highest.quantiles[0])
        )
    });
    let mut shares: Vec<(usize, f64)> =
        places.iter().filter_map(|&place| Some((place, found.standing(place, |_| true)?.best))).collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    let (leading, _) = shares.split_at(shares.len().min(MOST_BEST));
    let own_share = shares.iter().filter(|(place, _)| *place == first && !leading.iter().any(|(leader, _)| leader == place));
    let words = |(place, share): &(usize, f64)| format!("{} on {} %", in_list(name(*place)), printed(*share));
    let words: Vec<String> =
        leading.iter().filter(|(place, share)| *share > 0.0 || *place == first).chain(own_share).map(words).collect();
    sentence
        .push_str(&format!(" More often right than all other designs{exact}: {} of the curves.", listed(&words, words.len())));
    Some(sentence)
}
