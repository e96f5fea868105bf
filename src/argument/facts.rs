//! What is measured, read into the terms of the argument: the one place that knows metrics and summaries.

use super::quantity::{Known, Quantity};
use crate::measure::{Results, Source, Summary, proportion_error};
use crate::trial::NoDose;

/// A number of a summary; `None` where it has none.
pub(super) fn number(summary: &Summary, quantity: Quantity) -> Option<Known> {
    match summary.get(quantity.measured()) {
        Some(found) => Some(Known { value: found.value, std_error: found.std_error }),
        // No level is too toxic.
        None => (quantity == Quantity::Exposed && !summary.sample_size.is_empty()).then_some(Known::exact(0.0)),
    }
}

/// A design minus the first design of the study, on the same patients where they are simulated.
pub(super) fn paired(results: &Results, scenario: usize, design: usize, quantity: Quantity) -> Option<Known> {
    let differences = results.differences.get(scenario)?.get(design)?;
    let found = differences.iter().find(|found| found.metric == quantity.measured())?;
    Some(Known { value: found.difference, std_error: found.error.map(|(std_error, _, _)| std_error) })
}

/// How often trials have more than so many patients.
pub(super) fn larger_than(summary: &Summary, patients: usize, replicates: usize) -> Known {
    let value = summary.sample_size.iter().filter(|(size, _)| *size > patients).map(|(_, probability)| probability).sum();
    Known { value, std_error: is_simulated(summary).then(|| proportion_error(value, replicates)) }
}

/// The fewest and the most patients of a trial that can occur.
pub(super) fn sizes(summary: &Summary) -> Option<(usize, usize)> {
    let mut occurring = summary.sample_size.iter().filter(|(_, probability)| *probability > 0.0).map(|(size, _)| *size);
    let least = occurring.next()?;
    Some((least, occurring.next_back().unwrap_or(least)))
}

/// How often trials end without a dose because no dose has the patients that it must have.
pub(super) fn starved(summary: &Summary, replicates: usize) -> Option<Known> {
    let &(_, value) = summary.no_selection.iter().find(|(cause, _)| *cause == NoDose::TooFewPatients)?;
    Some(Known { value, std_error: is_simulated(summary).then(|| proportion_error(value, replicates)) })
}

/// Whether the numbers of a summary come from replicates.
pub(super) fn is_simulated(summary: &Summary) -> bool {
    summary.source == Source::MonteCarlo
}
