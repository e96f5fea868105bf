//! Enrolment over time: the median and a band of the number of patients, one panel a design.

use super::layout::{Entry, Page, source};
use super::multiples::Multiples;
use super::plot::Area;
use super::scale::{horizontal, number, vertical};
use super::{Design, Evidence, FigureError, Scenario, Setting};
use crate::report::paint::{Ink, Mark, Picture};
use crate::report::palette::{self, CONTEXT, MUTED};

/// How many patients a design has enrolled week by week in one scenario.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The design.
    pub design: Design,
    /// The 5 % quantile, the median and the 95 % quantile at the end of each week, from week 0 on.
    pub quantiles: Vec<[usize; 3]>,
    /// The largest mean number of patients whose window is running at the end of a week, and that week.
    pub busiest: (f64, usize),
}

impl Enrolled {
    /// One of the quantiles as a staircase: a number is that of the end of the week.
    fn steps(&self, quantile: usize) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(2 * self.quantiles.len());
        let last = self.quantiles.len().saturating_sub(1);
        for (week, found) in self.quantiles.iter().enumerate() {
            let (week, height, before) = (week as f64, found[quantile] as f64, points.last().map(|&(_, before)| before));
            // Corners alone.
            if before != Some(height) || week as usize == last {
                points.extend(before.map(|before| (week, before)));
                points.push((week, height));
            }
        }
        points
    }
}

/// The number of patients enrolled week by week, median and the range from the 5 % to the 95 % quantile, one panel a design with the
/// medians of the others in grey, for one scenario.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn enrolment(setting: &Setting, scenario: &Scenario, rows: &[Enrolled]) -> Result<Picture, FigureError> {
    let note = source(Evidence::Simulated, setting, "a line ends when 99 % of the trials have ended");
    let description = format!(
        "Step curves, one panel for each design: the median number of patients enrolled by the end of each week, in a band from the 5 % \
         to the 95 % quantile. Scenario: {}. {note}",
        scenario.name
    );
    let mut page = Page::new("Enrolment over time", &format!("Scenario: {}", scenario.name), description);
    legend(&mut page, rows.len());
    let weeks = rows.iter().map(|row| row.quantiles.len().saturating_sub(1)).max().unwrap_or(1);
    let most = rows.iter().flat_map(|row| &row.quantiles).map(|found| found[2]).max().unwrap_or(1);
    let axes = |width, height| {
        let x = horizontal(0.0, weeks as f64, width, |value| number(value, 1));
        (x, vertical(0.0, most.max(3) as f64, height, |value| number(value, 0)))
    };
    let multiples = Multiples { heading: "Patients enrolled", foot: "Weeks since the opening of enrolment" };
    multiples.draw(
        &mut page,
        rows,
        axes,
        |row| &row.design.name,
        |page, panel, place, row| {
            let (color, _) = palette::design(row.design.position);
            let (busiest, week) = row.busiest;
            let said = format!("peak {} on study", number(busiest, 1));
            let tip = format!(
                "{}: most patients on study, {} on average, at the end of week {week}",
                row.design.name,
                number(busiest, 1)
            );
            page.group(Some(&row.design.name), Some(tip), || {
                let (low, high) = (row.steps(0), row.steps(2));
                let outline = low.iter().chain(high.iter().rev());
                let points = outline.map(|&(week, patients)| panel.at(week, patients)).collect();
                page.sheet.add(Mark::Path { points, closed: true, ink: Ink::Fill(color.light()) });
                panel.grid()?;
                for other in rows.iter().filter(|other| other.design.position != row.design.position) {
                    panel.line(other.steps(1), CONTEXT, 1.0)?;
                }
                place.head(page, &row.design.name, Some(row.design.position), &said);
                panel.line(row.steps(1), color, 2.2)
            })
        },
    )?;
    Ok(page.finish(&note))
}

fn legend(page: &mut Page, designs: usize) {
    let line = |(x, y): (f64, f64)| ((x - 7.0, y), (x + 7.0, y));
    let mut entries: Vec<Entry> = vec![
        (
            "Median".to_string(),
            Box::new(move |page, at| {
                let (from, to) = line(at);
                page.line(from, to, MUTED, 2.2);
            }),
        ),
        (
            "5 % to 95 % of the trials".to_string(),
            Box::new(|page, (x, y)| {
                page.block(Area { left: x - 7.0, top: y - 6.0, right: x + 7.0, bottom: y + 6.0 }, MUTED.light());
            }),
        ),
    ];
    if designs > 1 {
        entries.push((
            "Medians of the other designs".to_string(),
            Box::new(move |page, at| {
                let (from, to) = line(at);
                page.line(from, to, CONTEXT, 1.5);
            }),
        ));
    }
    page.legend(&entries);
}
