//! The shortest way from a design to its operating characteristics.

use crate::comparison::{ComparisonError, compare};
use crate::engine::Monitor;
use crate::measure::Summary;
use crate::study::{Study, StudyError};

/// Why a design has no exact operating characteristics.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The design, the doses, the target or the curve cannot be used.
    #[error(transparent)]
    Study(#[from] StudyError),
    /// The design cannot be evaluated exactly.
    #[error(transparent)]
    Comparison(#[from] ComparisonError),
}

/// The exact operating characteristics of a design under a toxicity curve. `design` has the keys of a `[[design]]` block of a study file
/// but its name; `doses` and `toxicity` have an entry for each level, lowest first.
///
/// This is a study of one design and one scenario. For several of them, for designs that look at pending patients, and for all else
/// that a study can ask, read a [`Study`] and hand it to [`compare`].
///
/// # Errors
/// [`EvaluationError`]; every fault of the design is told at once.
///
/// ```
/// let design = "method = '3+3'\ndeescalate = false\nconfirm_top_dose = false";
/// let found = dosebench::evaluate(design, &[10.0, 20.0], 0.25, &[0.25, 0.5])?;
/// // Level 1 goes on with 0 DLTs in 3 patients, or 1 in 3 and then none in 3 more; level 2 must then be too toxic.
/// let on = |p: f64| (1.0 - p).powi(3) + 3.0 * p * (1.0 - p).powi(5);
/// let selected = found.value(dosebench::measure::Metric::Selection(Some(0)));
/// assert!(selected.is_some_and(|selected| (selected - on(0.25) * (1.0 - on(0.5))).abs() < 1e-14));
/// # Ok::<(), dosebench::EvaluationError>(())
/// ```
pub fn evaluate(design: &str, doses: &[f64], target: f64, toxicity: &[f64]) -> Result<Summary, EvaluationError> {
    let text = format!(
        "name = \"design\"\ntarget = {target:?}\n[doses]\nlevels = {doses:?}\n[simulation]\nengine = \"exact\"\n\
         [[scenario]]\nname = \"curve\"\ntoxicity = {toxicity:?}\n[[design]]\nname = \"design\"\n{design}\n"
    );
    let (study, _) = Study::from_text("design", text)?;
    let results = compare(&study, &Monitor::default(), |_| {})?;
    // The study has a scenario and a design, so there is a summary.
    Ok(results.summaries.into_iter().flatten().next().unwrap_or_else(Summary::empty))
}
