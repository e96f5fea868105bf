//! BOIN on a toxicity curve: `cargo run --example boin`.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

use dosebench::measure::Metric;

fn main() -> Result<(), dosebench::EvaluationError> {
    let doses = [0.1, 0.3, 1.0, 2.0, 3.0];
    let toxicity = [0.05, 0.12, 0.25, 0.42, 0.55];
    let found = dosebench::evaluate("method = 'boin'\ncohort_size = 3\nmax_patients = 30", &doses, 0.25, &toxicity)?;
    for number in &found.characteristics {
        if let Metric::Selection(Some(level)) = number.metric {
            println!("level {} is selected with probability {:.4}", level + 1, number.value);
        }
    }
    Ok(())
}
