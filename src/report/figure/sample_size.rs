//! How many patients a trial needs: the distribution of the number of patients, one panel a design.

use super::layout::{Entry, HEAD_INDENT, MARGIN, Page, SMALL, WIDTH, grid_columns, head_height, head_lines, look, source};
use super::plot::{Area, Axis};
use super::scale::{horizontal, number, percent, vertical};
use super::{Design, FigureError, Scenario, Setting, evidence};
use crate::report::paint::{Align, Picture};
use crate::report::palette::{self, CONTEXT, INK, MUTED};

/// How many patients a design treats in one scenario.
#[derive(Clone, Debug)]
pub struct SampleSize {
    /// The design.
    pub design: Design,
    /// Whether the probabilities are exact; simulated otherwise.
    pub exact: bool,
    /// Numbers of patients, ascending, and their probabilities.
    pub distribution: Vec<(usize, f64)>,
    /// The smallest number that is not exceeded with probability 0.5 or more.
    pub median: usize,
}

impl SampleSize {
    fn at_most(&self, patients: usize) -> f64 {
        self.distribution.iter().filter(|(size, _)| *size <= patients).map(|(_, probability)| probability).sum()
    }

    /// The cumulative distribution as a staircase from 0 to `end`.
    fn steps(&self, end: f64) -> Vec<(f64, f64)> {
        let (mut points, mut height) = (vec![(0.0, 0.0)], 0.0);
        for &(size, probability) in self.distribution.iter().filter(|(_, probability)| probability.is_finite()) {
            points.push((size as f64, height));
            height += probability;
            points.push((size as f64, height));
        }
        points.push((end, height));
        points
    }
}

/// The cumulative distribution of the number of patients, one panel a design with the others in grey, for one scenario.
/// `planned` is the number of patients that the protocol plans, where there is one.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn sample_size(
    setting: &Setting,
    scenario: &Scenario,
    rows: &[SampleSize],
    planned: Option<usize>,
) -> Result<Picture, FigureError> {
    let note = source(evidence(rows.iter().map(|row| !row.exact)), setting, "the curves are proportions of the replicates");
    let description = format!(
        "Step curves, one panel for each design: the probability that the trial treats at most a given number of patients. \
         Scenario: {}. {note}",
        scenario.name
    );
    let mut page = Page::new("Number of patients in the trial", &format!("Scenario: {}", scenario.name), description);
    legend(&mut page, rows.len(), planned);

    let columns = grid_columns(rows.len());
    let largest = rows.iter().filter_map(|row| row.distribution.last()).map(|(size, _)| *size).chain(planned).max();
    let (left, gap) = (MARGIN + 34.0, 22.0);
    let width = (WIDTH - MARGIN - 8.0 - left - gap * (columns - 1) as f64) / columns as f64;
    let height = (0.8 * width).clamp(90.0, 190.0);
    let x = horizontal(0.0, largest.unwrap_or(1) as f64, width, |value| number(value, 1));
    let end = x.range.1;
    page.text("Trials with at most this many patients (%)", (MARGIN, page.y + 6.0), look(SMALL, INK));
    page.y += 22.0;
    for line in rows.chunks(columns) {
        let names = line.iter().map(|row| row.design.name.as_str());
        let head = 32.0 + head_height(head_lines(names, width - HEAD_INDENT));
        for (column, row) in line.iter().enumerate() {
            let start = left + column as f64 * (width + gap);
            let area = Area { left: start, top: page.y + head, right: start + width, bottom: page.y + head + height };
            let y = Axis { labelled: column == 0, ..vertical(0.0, 1.0, height, |value| percent(value, 0)) };
            let mut panel = page.sheet.panel(area, x.clone(), y)?;
            panel.grid()?;
            for other in rows.iter().filter(|other| other.design.position != row.design.position) {
                panel.line(other.steps(end), CONTEXT, 1.0)?;
            }
            if let Some(planned) = planned {
                panel.line(vec![(planned as f64, 0.0), (planned as f64, 1.0)], INK, 1.0)?;
            }
            let (color, _) = palette::design(row.design.position);
            let share = planned.map(|planned| (planned, percent(row.at_most(planned), 0)));
            let said = match &share {
                Some((planned, share)) => format!("median {}; {share} % ≤ {planned}", row.median),
                None => format!("median {}", row.median),
            };
            page.group(Some(&row.design.name), Some(format!("{}: {said}", row.design.name)), || {
                page.head(&row.design.name, Some(row.design.position), (area.left, page.y + head - 31.0), width);
                page.name(&said, (area.left, page.y + head - 12.0), look(SMALL, MUTED), width + 8.0, 1);
                panel.line(row.steps(end), color, 2.2)
            })?;
        }
        page.y += head + height + 26.0;
    }
    page.text("Number of patients", ((left + WIDTH - MARGIN) / 2.0, page.y + 6.0), look(SMALL, INK).align(Align::Centre));
    page.y += 20.0;
    Ok(page.finish(&note))
}

fn legend(page: &mut Page, designs: usize, planned: Option<usize>) {
    let mut entries: Vec<Entry> = Vec::new();
    if let Some(planned) = planned {
        let words = format!("Planned: {planned} patients");
        entries.push((words, Box::new(|page, (x, y)| page.line((x, y - 7.0), (x, y + 7.0), INK, 1.0))));
    }
    if designs > 1 {
        let words = "The other designs".to_string();
        entries.push((words, Box::new(|page, (x, y)| page.line((x - 7.0, y), (x + 7.0, y), CONTEXT, 1.5))));
    }
    if !entries.is_empty() {
        page.legend(&entries);
    }
}
