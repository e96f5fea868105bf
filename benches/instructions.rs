//! A check that the hot loops have not become slower, by counting instructions, which a busy machine does not change.
//!
//! `cargo bench --bench instructions` starts itself under `valgrind --tool=callgrind`, twice for each kind of work: once with little
//! of it and once with more, so that the difference, over what there was more of, is the cost of one unit without the start of the
//! program. It fails when a unit takes more than a tenth more instructions than `benches/instructions.csv` says. After a change that
//! is meant, `cargo bench --bench instructions -- --update` writes the figures anew. Without valgrind it says so and passes.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

#[path = "shared/work.rs"]
mod work;

use std::process::{Command, ExitCode};

/// By how much the figures may be exceeded.
const TOLERANCE: f64 = 0.10;

/// The committed figures: work, unit, instructions a unit.
const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.csv");

/// A kind of work: its name, the unit, what does so many units of it, and two amounts.
type Kind = (&'static str, &'static str, fn(usize), [usize; 2]);

const KINDS: [Kind; 7] = [
    ("compile BOIN-30", "compile", |times| work::compile(work::BOIN_30, times), [2, 12]),
    ("compile CRM-30", "compile", |times| work::compile(work::CRM_30, times), [1, 3]),
    ("exact BOIN-30", "curve", |curves| work::exact(work::BOIN_30, curves), [64, 1088]),
    ("exact CRM-30", "curve", |curves| work::exact(work::CRM_30, curves), [64, 1088]),
    ("replicates, one design, one scenario", "trial", |trials| work::replicates(1, 1, trials), [1 << 14, 1 << 16]),
    ("replicates, seven designs, eight scenarios", "trial", |trials| work::replicates(7, 8, trials / 56), [7 << 16, 7 << 18]),
    ("paired differences", "pair of trials", work::pairs, [1 << 13, 1 << 15]),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, name, amount] = &arguments[..]
        && let Some((_, _, work, _)) = KINDS.iter().find(|kind| kind.0 == name)
    {
        work(amount.parse().expect("a number of units"));
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: not counted, because valgrind is not installed");
        return ExitCode::SUCCESS;
    }

    let known = std::fs::read_to_string(FIGURES).unwrap_or_default();
    let known = |name: &str| {
        known.lines().find_map(|line| line.strip_prefix(&format!("\"{name}\",")))?.rsplit(',').next()?.parse::<f64>().ok()
    };
    let mut figures = "work,unit,instructions\n".to_owned();
    let mut slower = 0;
    println!("{:<44} {:>14} {:>14} {:>8}", "instructions a unit", "committed", "now", "");
    for (name, unit, _, [little, more]) in KINDS {
        let now = (count(name, more) - count(name, little)) / (more - little) as f64;
        let then = known(name);
        let change = then.map(|then| now / then - 1.0);
        let is_slower = change.is_none_or(|change| change > TOLERANCE);
        slower += usize::from(is_slower);
        let text = |figure: Option<f64>| figure.map_or("none".to_owned(), |figure| format!("{figure:.1}"));
        let change = change.map_or("new".to_owned(), |change| format!("{:+.1} %", 100.0 * change));
        let mark = if is_slower { "  too many" } else { "" };
        println!("{:<44} {:>14} {:>14} {change:>8}{mark}", format!("{name}, a {unit}"), text(then), text(Some(now)));
        figures += &format!("\"{name}\",{unit},{now:.1}\n");
    }
    if arguments.iter().any(|argument| argument == "--update") {
        std::fs::write(FIGURES, figures).expect("the figures can be written");
    } else if slower > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The instructions of this program doing `amount` units of the work called `name`.
fn count(name: &str, amount: usize) -> f64 {
    let this = std::env::current_exe().expect("the program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args([name, &amount.to_string()])
        .output()
        .expect("valgrind starts");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed under valgrind:\n{report}");
    let collected = report.lines().find_map(|line| line.split("Collected :").nth(1)).expect("callgrind counts");
    collected.trim().parse().expect("a whole number of instructions")
}
