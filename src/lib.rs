//! dosebench compares phase I dose-finding designs: exact operating characteristics where others simulate, replicates on
//! common simulated patients, an error beside every simulated number.
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
//! | [`engine`] | many trials: the decision graph, exact evaluation, replicates; the only room that knows threads |
//! | [`measure`] | operating characteristics from an outcome distribution, with their errors |
//! | [`comparison`] | a study in, its results out: which design is evaluated how, and what is compared with what |
//! | [`tuning`] | which variant of a design is best by a stated objective |
//! | [`lint`] | what is odd in a study that can be used, with the path that shows it |
//! | [`report`] | one table model, many renderers; figures once, painted as SVG and PNG |
//!
//! The command line (`cli`) belongs to the binary.
//!
//! ```
//! use dosebench::{comparison::compare, engine::Monitor, measure, study::Study};
//!
//! let text = r#"
//!     name = "Example"
//!     target = 0.25
//!     [doses]
//!     levels = [10, 20]
//!     [[scenario]]
//!     name = "MTD at level 1"
//!     toxicity = [0.25, 0.5]
//!     [[design]]
//!     name = "3+3 without de-escalation"
//!     method = "3+3"
//!     deescalate = false
//!     confirm_top_dose = false
//! "#;
//! let (study, _warnings) = Study::from_text("example.toml", text)?;
//! let results = compare(&study, &Monitor::default(), |_| {})?;
//! // Level 1 goes on with 0 DLTs in 3 patients, or 1 in 3 and then none in 3 more; level 2 must then be too toxic.
//! let on = |p: f64| (1.0 - p).powi(3) + 3.0 * p * (1.0 - p).powi(5);
//! let correct = results.summaries[0][0].value(measure::Metric::CorrectSelection).ok_or("no such number")?;
//! assert!((correct - on(0.25) * (1.0 - on(0.5))).abs() < 1e-14);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod comparison;
pub mod design;
pub mod engine;
pub mod keys;
pub mod lint;
pub mod measure;
pub mod numeric;
pub mod report;
pub mod scenario;
pub mod study;
pub mod trial;
pub mod tuning;
