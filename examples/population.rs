//! Two designs over random toxicity curves, exactly: `cargo run --example population`.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::Metric;
use dosebench::study::Study;

const STUDY: &str = r#"
name = "A population"
target = 0.25

[doses]
levels = [0.1, 0.3, 1.0, 2.0, 3.0]

[simulation]
engine = "exact"

[[population]]
name = "Paoletti"
generator = "paoletti"
count = 500

[[design]]
name = "3+3"
method = "3+3"

[[design]]
name = "BOIN"
method = "boin"
max_patients = 30
"#;

/// What is shown of what is known.
const SHOWN: [Metric; 3] = [Metric::CorrectSelection, Metric::Overdose60, Metric::TotalPatients];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (study, _warnings) = Study::from_text("population.toml", STUDY)?;
    let results = compare(&study, &Monitor::default(), |_| {})?;
    for population in &results.curves.populations {
        for (place, &design) in population.designs.iter().enumerate() {
            for metric in SHOWN {
                if let Some(over) = population.spread(place, metric, |_| true) {
                    println!(
                        "{}, {}: mean {:.3}, from {:.3} to {:.3} over the curves",
                        study.designs[design].name,
                        metric.key(),
                        over.mean,
                        over.lowest.0,
                        over.highest.0
                    );
                }
            }
        }
    }
    Ok(())
}
