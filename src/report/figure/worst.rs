//! The curves at which designs do worst, beside the curves that somebody chose.

use super::layout::Page;
use super::multiples::Multiples;
use super::scenarios::{curve, dose_axis, dose_words, legend, toxicity_axis};
use super::{FigureError, Scenario, Setting};
use crate::report::paint::Picture;
use crate::report::palette::CONTEXT;

/// The curve at which a design does worst.
#[derive(Clone, Debug)]
pub struct WorstPanel {
    /// The curve, with the name of the question that it answers.
    pub curve: Scenario,
    /// The place of the design in the study from 0.
    pub design: usize,
    /// What the design does there, in a few words.
    pub said: String,
}

/// The worst curves, one panel each, in front of the chosen scenarios.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn worst_curves(setting: &Setting, scenarios: &[Scenario], panels: &[WorstPanel]) -> Result<Picture, FigureError> {
    let note = "Below the names: what the design does on the curve, and the worst that it does under the chosen scenarios; a loss in \
                percentage points. Exact values. The dose levels are drawn at equal distances.";
    let description = format!(
        "Curves of the true DLT probability over the dose levels, one panel for each search for a worst curve, in front of the chosen \
         scenarios, with the target, the acceptable band and the correct level. {note}"
    );
    let mut page = Page::new("The worst curves beside the chosen scenarios", "", description);
    let mut entries = legend(setting);
    entries.push(("Chosen scenarios".to_owned(), Box::new(|page, (x, y)| page.line((x - 7.0, y), (x + 7.0, y), CONTEXT, 1.5))));
    page.legend(&entries);
    let curves = panels.iter().map(|panel| &panel.curve).chain(scenarios);
    let highest = curves.flat_map(|curve| &curve.toxicity).copied().fold(1.4 * setting.acceptable.1, f64::max);
    let foot = dose_words(setting);
    let multiples = Multiples { heading: "True DLT probability", foot: &foot };
    let axes = |width, height| (dose_axis(setting, width), toxicity_axis(highest, height));
    multiples.draw(
        &mut page,
        panels,
        axes,
        |row| &row.curve.name,
        |page, panel, place, row| {
            place.head(page, &row.curve.name, Some(row.design), &row.said);
            curve(page, panel, place.area, setting, &row.curve, scenarios)
        },
    )?;
    Ok(page.finish(note))
}
