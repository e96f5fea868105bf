//! A rule of one's own, evaluated exactly: `cargo run --example own_rule`.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

use dosebench::design::Rule;
use dosebench::engine::{Exact, Monitor, compile};
use dosebench::measure::summarise_scenarios;
use dosebench::scenario::{Scenario, Target};
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Move, StopReason};

/// One patient at a time: a level up until the first DLT, which selects the level below.
struct FirstDlt;

const LEVELS: u8 = 4;

impl Rule for FirstDlt {
    fn levels(&self) -> usize {
        usize::from(LEVELS)
    }

    fn max_patients(&self) -> usize {
        usize::from(LEVELS)
    }

    fn first_cohort(&self) -> Cohort {
        Cohort { level: 0, patients: 1 }
    }

    fn decide(&self, _counts: &Counts, arrival: Arrival) -> Decision {
        let level = arrival.cohort.level;
        match (arrival.dlts, level.checked_sub(1)) {
            (0, _) if level + 1 < LEVELS => Decision::Enrol(Cohort { level: level + 1, patients: 1 }, Move::Escalate),
            (0, _) => Decision::Stop(Some(level), StopReason::MaxPatients),
            (_, Some(below)) => Decision::Stop(Some(below), StopReason::MtdDeclared),
            (_, None) => Decision::Stop(None, StopReason::TooToxic),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let graph = compile(&FirstDlt, 1_000, &Monitor::default())?;
    println!("{} situations can be reached", graph.situations());

    let target = Target::new(0.25, None);
    let toxicity = vec![0.1, 0.2, 0.3, 0.5];
    let correct = target.correct_level(&toxicity);
    let curve = Scenario::new("curve".into(), toxicity, correct);
    let found = summarise_scenarios(&Exact::new(&graph), &[curve], &target, None);
    for number in found.iter().flat_map(|summary| &summary.characteristics) {
        let level = number.metric.level().map_or(String::new(), |level| format!(", level {level}"));
        println!("{}{level}: {:.4}", number.metric.key(), number.value);
    }
    Ok(())
}
