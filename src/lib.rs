//! dosebench compares phase I dose-finding designs: exact operating characteristics where others simulate, replicates on
//! common simulated patients, an error beside every simulated number.
//!
//! # Where to begin
//!
//! [`evaluate`] is the shortest way: a design and a toxicity curve in, exact operating characteristics out.
//!
//! ```
//! let toxicity = [0.05, 0.12, 0.25, 0.42, 0.55];
//! let boin = dosebench::evaluate("method = 'boin'", &[1.0, 2.0, 3.0, 4.0, 5.0], 0.25, &toxicity)?;
//! let correct = boin.value(dosebench::measure::Metric::CorrectSelection);
//! assert!(correct.is_some_and(|correct| (0.5..0.6).contains(&correct)));
//! # Ok::<(), dosebench::EvaluationError>(())
//! ```
//!
//! A [`study::Study`] is read from the text of a study file; [`comparison::compare`] evaluates all its designs under all its scenarios,
//! over its populations and at their worst curves; [`report`] writes what was found. A rule of one's own implements
//! [`design::Rule`]: [`engine::compile`] makes it a decision graph, which [`engine::Exact`] and [`engine::Replicates`] take like any other.
//! `examples/` has one program for each: `boin`, `population`, `own_rule`.
//!
//! The rooms, in the order in which the data meets them (ARCHITECTURE.md tells why):
//!
//! | room | what it knows |
//! |---|---|
//! | [`keys`] | a TOML table read key by key; no word of the domain |
//! | [`study`] | TOML text becomes a validated [`study::Study`]; every complaint in one go |
//! | [`scenario`] | the assumed truth: toxicity curves and the correct level |
//! | [`trial`] | the vocabulary: dose level, counts, cohort, decision, outcome; the conduct rules |
//! | [`design`] | how the next dose is chosen and one selected at the end: one file per method |
//! | [`numeric`] | pure functions with a citation each; no word of the domain |
//! | [`engine`] | many trials: the decision graph, exact evaluation, replicates |
//! | [`measure`] | operating characteristics from an outcome distribution, with their errors |
//! | [`comparison`] | a study in, its results out: which design is evaluated how, and what is compared with what |
//! | [`tuning`] | which variant of a design is best by a stated objective |
//! | [`lint`] | what is odd in a study that can be used, with the path that shows it |
//! | [`argument`] | what may be said of results, and when: classes, fair comparisons, verdicts, sentences as data |
//! | [`report`] | one table model, many renderers; figures once, painted as SVG, PNG and PDF |
//!
//! The command line (`cli`) belongs to the binary.

pub mod argument;
pub mod comparison;
pub mod design;
pub mod engine;
mod evaluate;
pub mod keys;
pub mod lint;
pub mod measure;
pub mod numeric;
pub mod report;
pub mod scenario;
pub mod study;
pub mod trial;
pub mod tuning;

pub use evaluate::{EvaluationError, evaluate};
