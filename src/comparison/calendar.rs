//! The designs of a study in calendar time: which are simulated so, and which of their trials are shown.

use super::Evaluated;
use crate::engine::{Calendar, CalendarTally, Interrupted, Monitor, Replicates, Tally, TimedRule, Walker, replay};
use crate::measure::{Example, ExampleKind};
use crate::study::{Engine, Study};
use ndarray::Array2;

/// The walkers in calendar time of the designs whose cohorts wait, by design, where the study asks for it. Those of rules that look at
/// pending patients are in calendar time anyway.
pub(super) fn walkers<'a>(study: &'a Study, designs: &'a [Evaluated<'_>]) -> Vec<Option<Walker<'a>>> {
    let is_wanted = study.has_calendar() && study.simulation.engine != Engine::Exact;
    let timing = study.timing.as_ref().filter(|_| is_wanted);
    designs.iter().map(|design| timing.and_then(|timing| design.in_calendar_time(timing))).collect()
}

/// The calendars of the designs whose cohorts wait, from replicates, as a table of scenarios by designs.
pub(super) fn tallies(
    timed: &[Option<Walker<'_>>],
    runs: &Replicates<'_>,
    monitor: &Monitor,
) -> Result<Array2<Option<CalendarTally>>, Interrupted> {
    let mut found = Array2::from_elem((runs.curves.len(), timed.len()), None);
    let walkers: Vec<Walker<'_>> = timed.iter().flatten().copied().collect();
    if walkers.is_empty() {
        return Ok(found);
    }
    let runs = Replicates { walkers: &walkers, ..*runs };
    monitor.begin(runs.units());
    let places = timed.iter().enumerate().filter(|(_, walker)| walker.is_some()).map(|(place, _)| place);
    for (scenario, tallies) in runs.tally(monitor)?.into_iter().enumerate() {
        for (place, tally) in places.clone().zip(tallies) {
            if let Tally::Timed(_, calendar) = tally {
                found[(scenario, place)] = Some(calendar);
            }
        }
    }
    Ok(found)
}

/// Examples are chosen among the first trials.
const EXAMPLES_AMONG: usize = 10_000;

/// The trials under the first scenario that are shown in full: of each design that of median length, the longest, and that of the
/// replicate which the study names. The first two are chosen among the first 10,000 replicates.
pub(super) fn examples(
    study: &Study,
    timed: &[Option<Walker<'_>>],
    runs: &Replicates<'_>,
    monitor: &Monitor,
) -> Result<Vec<Example>, Interrupted> {
    let is_wanted = study.has_calendar() && study.simulation.engine != Engine::Exact;
    let (Some(timing), Some(&truth)) = (study.timing.as_ref().filter(|_| is_wanted), runs.curves.first()) else {
        return Ok(Vec::new());
    };
    let timed = timed.iter().zip(runs.walkers).map(|(timed, walker)| timed.unwrap_or(*walker));
    let rules = study.designs.iter().map(|design| TimedRule::of(&design.plan));
    let designs: Vec<(usize, TimedRule<'_>, Walker<'_>)> =
        rules.zip(timed).enumerate().filter_map(|(place, (rule, walker))| Some((place, rule?, walker))).collect();
    let walkers: Vec<Walker<'_>> = designs.iter().map(|(_, _, walker)| *walker).collect();
    let runs =
        Replicates { walkers: &walkers, curves: &[truth], replicates: runs.replicates.min(EXAMPLES_AMONG), seed: runs.seed };
    monitor.begin(runs.units());
    let blank = || vec![Vec::new(); designs.len()];
    let spans = runs.visit_in_order(monitor, blank, |weeks: &mut Vec<Vec<f64>>, _, ends| {
        for (weeks, ends) in weeks.iter_mut().zip(ends) {
            weeks.extend(ends.times().iter().map(|times| times.weeks));
        }
    })?;
    let chosen = |index: usize| -> [Option<usize>; 3] {
        let weeks: Vec<f64> = spans.iter().flat_map(|span| &span[index]).copied().collect();
        // By length; of trials of the same length the first.
        let mut order: Vec<usize> = (0..weeks.len()).collect();
        order.sort_by(|&a, &b| weeks[a].total_cmp(&weeks[b]));
        let median = order.get(order.len().saturating_sub(1) / 2).copied();
        let longest = order.last().and_then(|&last| weeks.iter().position(|length| *length == weeks[last]));
        [median, longest, Some(study.simulation.example_replicate)]
    };
    let chosen: Vec<[Option<usize>; 3]> = (0..designs.len()).map(chosen).collect();
    let mut examples = Vec::new();
    for (place, kind) in [ExampleKind::Median, ExampleKind::Longest, ExampleKind::Chosen].into_iter().enumerate() {
        for (&(design, rule, _), chosen) in designs.iter().zip(&chosen) {
            examples.extend(chosen[place].map(|replicate| Example {
                kind,
                design,
                replicate,
                trace: replay(&Calendar { rule, timing }, truth, runs.seed, replicate as u64),
            }));
        }
    }
    Ok(examples)
}
