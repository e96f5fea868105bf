//! How many patients and weeks a trial needs, and how many DLTs it has: their cumulative distributions, one panel a design.

use super::layout::{Entry, Page, source};
use super::multiples::Multiples;
use super::scale::{grouped, horizontal, number, percent, vertical};
use super::{Design, Evidence, FigureError, Scenario, Setting, evidence};
use crate::report::paint::Picture;
use crate::report::palette::{self, CONTEXT, INK};

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

/// How many DLTs the trials of a design have in one scenario.
#[derive(Clone, Debug)]
pub struct DltCount {
    /// The design.
    pub design: Design,
    /// Whether the probabilities are exact; simulated otherwise.
    pub exact: bool,
    /// Numbers of DLTs, ascending, and their probabilities.
    pub distribution: Vec<(usize, f64)>,
    /// The expected number.
    pub mean: f64,
}

/// How long the trials of a design take in one scenario.
#[derive(Clone, Debug)]
pub struct Duration {
    /// The design.
    pub design: Design,
    /// Whether the probabilities are exact; simulated otherwise.
    pub exact: bool,
    /// The probability that the trial has ended by the end of each week, from week 0 on.
    pub ended: Vec<f64>,
    /// The median in weeks.
    pub median: f64,
    /// The probability that the trial ends within the planned time, where there is one.
    pub on_time: Option<f64>,
}

/// With more designs than this only the first one stands in grey behind the others: the planned rule, with which they are compared.
const MOST_BEHIND: usize = 9;
/// An axis of whole numbers reaches this far at least.
const LEAST: f64 = 3.0;
/// The most points of a curve over weeks, but one.
const POINTS: usize = 80;

/// A cumulative distribution.
struct Curve<'a> {
    design: &'a Design,
    /// Its corners, ascending; it goes on where it has reached the top.
    points: Vec<(f64, f64)>,
    /// What is said below the name of the design.
    said: String,
}

/// What a figure of cumulative distributions says.
struct Words<'a> {
    title: &'a str,
    /// What a curve is, for those who cannot see it.
    curve: &'a str,
    heading: &'a str,
    axis: &'a str,
    planned: Option<String>,
    /// Where the numbers come from.
    note: String,
}

impl Curve<'_> {
    /// The line until `end`.
    fn line(&self, end: f64) -> Vec<(f64, f64)> {
        let mut line: Vec<(f64, f64)> = self.points.iter().copied().take_while(|&(at, _)| at <= end).collect();
        let goes_on = line.len() < self.points.len();
        line.extend(line.last().filter(|&&(_, height)| goes_on || height > 1.0 - 1e-9).map(|&(_, height)| (end, height)));
        line
    }
}

impl SampleSize {
    fn at_most(&self, patients: usize) -> f64 {
        self.distribution.iter().filter(|(size, _)| *size <= patients).map(|(_, probability)| probability).sum()
    }

    fn curve(&self, planned: Option<usize>) -> Curve<'_> {
        let said = match planned {
            Some(planned) => format!("median {}; {} % ≤ {planned}", self.median, percent(self.at_most(planned), 0)),
            None => format!("median {}", self.median),
        };
        Curve { design: &self.design, points: steps(&self.distribution), said }
    }
}

/// The corners of the cumulative distribution of a number.
fn steps(distribution: &[(usize, f64)]) -> Vec<(f64, f64)> {
    let (mut points, mut height) = (vec![(0.0, 0.0)], 0.0);
    for &(value, probability) in distribution.iter().filter(|(_, probability)| probability.is_finite()) {
        points.push((value as f64, height));
        height += probability;
        points.push((value as f64, height));
    }
    points
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
    let words = Words {
        title: "Number of patients in the trial",
        curve: "Step curves, one panel for each design: the probability that the trial treats at most a given number of patients.",
        heading: "Trials with at most this many patients (%)",
        axis: "Number of patients",
        planned: planned.map(|planned| format!("Planned: {planned} patients")),
        note: source(evidence(rows.iter().map(|row| !row.exact)), setting, "the curves are proportions of the replicates"),
    };
    let largest = rows.iter().filter_map(|row| row.distribution.last()).map(|(size, _)| *size).chain(planned).max();
    let curves: Vec<Curve<'_>> = rows.iter().map(|row| row.curve(planned)).collect();
    draw(scenario, &words, &curves, (planned.map(|planned| planned as f64), largest.unwrap_or(1) as f64))
}

/// The cumulative distribution of the number of DLTs, one panel a design with the others in grey, for one scenario.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn dlt_count(setting: &Setting, scenario: &Scenario, rows: &[DltCount]) -> Result<Picture, FigureError> {
    let words = Words {
        title: "Number of DLTs in the trial",
        curve: "Step curves, one panel for each design: the probability that the trial has at most a given number of DLTs.",
        heading: "Trials with at most this many DLTs (%)",
        axis: "Number of DLTs",
        planned: None,
        note: format!(
            "{} The axis ends where 99.9 % of the trials are.",
            source(evidence(rows.iter().map(|row| !row.exact)), setting, "the curves are proportions of the replicates")
        ),
    };
    let curves: Vec<Curve<'_>> = rows
        .iter()
        .map(|row| {
            let said = format!("mean {:.2}", row.mean);
            Curve { design: &row.design, points: steps(&row.distribution), said }
        })
        .collect();
    // Larger numbers are as good as never seen.
    let most = curves.iter().filter_map(|curve| curve.points.iter().find(|(_, height)| *height >= 0.999).or(curve.points.last()));
    let largest = most.map(|(dlts, _)| *dlts).fold(1.0, f64::max);
    draw(scenario, &words, &curves, (None, largest))
}

/// The cumulative distribution of the duration, one panel a design with the others in grey, for one scenario. `planned` is the
/// number of weeks that the study plans, where there is one.
///
/// # Errors
/// When the plotting library refuses; no data are known that lead to this.
pub fn duration(setting: &Setting, scenario: &Scenario, rows: &[Duration], planned: Option<f64>) -> Result<Picture, FigureError> {
    let words = Words {
        title: "Duration of the trial",
        curve: "Curves, one panel for each design: the probability that the trial has ended after a given number of weeks.",
        heading: "Trials that have ended after this many weeks (%)",
        axis: "Weeks since the opening of enrolment",
        planned: planned.map(|planned| format!("Planned: {} weeks", number(planned, 2))),
        note: match evidence(rows.iter().map(|row| !row.exact)) {
            Evidence::Mixed => {
                let replicates = grouped(setting.replicates);
                format!("Exact where every cohort waits for its last window, otherwise proportions of {replicates} replicates.")
            }
            evidence => source(evidence, setting, "the curves are proportions of the replicates"),
        },
    };
    let curve = |row: &Duration| {
        let median = number(row.median, 0);
        let said = match planned.zip(row.on_time) {
            Some((planned, share)) => format!("median {median}; {} % ≤ {}", percent(share, 0), number(planned, 2)),
            None => format!("median {median} weeks"),
        };
        // As many points as a panel can show.
        let (last, step) = (row.ended.len().saturating_sub(1), row.ended.len().div_ceil(POINTS).max(1));
        let shown = row.ended.iter().enumerate().filter(|(week, _)| week % step == 0 || *week == last);
        let points = shown.map(|(week, ended)| (week as f64, *ended)).collect();
        (points, said)
    };
    let curves: Vec<Curve<'_>> = rows
        .iter()
        .map(|row| {
            let (points, said) = curve(row);
            Curve { design: &row.design, points, said }
        })
        .collect();
    let longest = rows.iter().map(|row| row.ended.len().saturating_sub(1) as f64).chain(planned).fold(1.0, f64::max);
    draw(scenario, &words, &curves, (planned, longest))
}

/// Draw the curves on an axis that reaches `largest`, with a line where something is planned.
fn draw(
    scenario: &Scenario,
    words: &Words<'_>,
    rows: &[Curve<'_>],
    (planned, largest): (Option<f64>, f64),
) -> Result<Picture, FigureError> {
    let description = format!("{} Scenario: {}. {}", words.curve, scenario.name, words.note);
    let mut page = Page::new(words.title, &format!("Scenario: {}", scenario.name), description);
    let behind = match rows {
        [] | [_] => &[],
        [first, ..] if rows.len() > MOST_BEHIND => std::slice::from_ref(first),
        _ => rows,
    };
    legend(&mut page, behind, words.planned.as_deref());
    let multiples = Multiples { heading: words.heading, foot: words.axis };
    let axes = |width, height| {
        let mut x = horizontal(0.0, largest.max(LEAST), width, |value| number(value, 1));
        // There is no half a patient, and no half a DLT.
        x.ticks.retain(|(value, _)| (value - value.round()).abs() < 1e-9);
        (x, vertical(0.0, 1.0, height, |value| percent(value, 0)))
    };
    multiples.draw(
        &mut page,
        rows,
        axes,
        |row| &row.design.name,
        |page, panel, place, row| {
            panel.grid()?;
            for other in behind.iter().filter(|other| other.design.position != row.design.position) {
                panel.line(other.line(place.end), CONTEXT, 1.0)?;
            }
            if let Some(planned) = planned {
                panel.line(vec![(planned, 0.0), (planned, 1.0)], INK, 1.0)?;
            }
            let (color, _) = palette::design(row.design.position);
            page.group(Some(&row.design.name), Some(format!("{}: {}", row.design.name, row.said)), || {
                place.head(page, &row.design.name, Some(row.design.position), &row.said);
                panel.line(row.line(place.end), color, 2.2)
            })
        },
    )?;
    Ok(page.finish(&words.note))
}

fn legend(page: &mut Page, behind: &[Curve<'_>], planned: Option<&str>) {
    let mut entries: Vec<Entry> = Vec::new();
    if let Some(planned) = planned {
        entries.push((planned.to_owned(), Box::new(|page, (x, y)| page.line((x, y - 7.0), (x, y + 7.0), INK, 1.0))));
    }
    let words = match behind {
        [] => None,
        [one] => Some(one.design.name.clone()),
        _ => Some("The other designs".to_string()),
    };
    if let Some(words) = words {
        entries.push((words, Box::new(|page, (x, y)| page.line((x - 7.0, y), (x + 7.0, y), CONTEXT, 1.5))));
    }
    if !entries.is_empty() {
        page.legend(&entries);
    }
}
