//! Which figures a report has, and what of the results each shows.

mod argument;
mod calendar;
mod ends;
mod worst;

use super::figure::{
    self, Allocation, Comparison, Design, Difference, DltCount, Estimate, FigureError, HeatPanel, OverviewRow, Robustness,
    RobustnessRow, SampleSize, SelectedShares, Setting, StripRow, TornadoRow,
};
use super::paint::Picture;
use super::table::written_alike;
use super::tables::{differences_in, mean_and_worst};
use super::{Plot, Section};
use crate::measure::{Change, Metric, Quantile, Results, STEEPNESS, SensitivityResults, Source, Summary, Values, heat_map};
use crate::scenario::{Class, Scenario};
use crate::study::Study;
use crate::trial::shown;
use rayon::prelude::*;

/// The metrics whose differences are drawn: the metric, its figure, the stem of its files.
const DIFFERENCES: [(Metric, figure::Metric, &str); 5] = [
    (Metric::CorrectSelection, figure::Metric::CorrectSelection, "difference-correct-selection"),
    (Metric::OverSelection, figure::Metric::OverSelection, "difference-over-selection"),
    (Metric::TotalPatients, figure::Metric::Patients, "difference-patients"),
    (Metric::TotalDlts, figure::Metric::Dlts, "difference-dlts"),
    (Metric::DurationWeeks, figure::Metric::Weeks, "difference-weeks"),
];

/// The metrics whose heat maps are drawn, over two scenarios or more: the metric, its figure, the stem of its files, its caption.
const ROBUSTNESS: [(Metric, Robustness, &str, &str); 2] = [
    (
        Metric::CorrectSelection,
        Robustness::CorrectSelection,
        "robustness-correct-selection",
        "How often each design selects the correct dose, scenario by scenario, on average, and at worst.",
    ),
    (
        Metric::OverSelection,
        Robustness::OverSelection,
        "robustness-over-selection",
        "How often each design selects a dose above the acceptable band, scenario by scenario, on average, and at worst.",
    ),
];

/// The metrics whose spread over a population is drawn, and what the panel is called.
const STRIPS: [(Metric, &str); 3] = [
    (Metric::CorrectSelection, "Correct selection"),
    (Metric::Overdose60, "Over 60 % above MTD"),
    (Metric::ShareAboveMtd, "Patients above MTD"),
];

/// The columns of a heat map in words.
fn steepness_words() -> Vec<String> {
    let below = std::iter::once(format!("< {}", STEEPNESS[0]));
    let between = STEEPNESS.windows(2).map(|pair| format!("{}–{}", pair[0], pair[1]));
    below.chain(between).chain(STEEPNESS.last().map(|last| format!("≥ {last}"))).collect()
}

/// What single changes do to correct selection, those of one thing together.
fn tornado_rows(found: &SensitivityResults) -> Vec<TornadoRow> {
    let row = |changes: &[Change]| {
        let first = changes.first()?;
        // A list is too long for a label.
        let is_list = first.from.starts_with('[');
        let label = |change: &Change| if is_list { change.step.clone() } else { change.to.clone() };
        let correct = |values: &Values| values.get(Metric::CorrectSelection);
        let difference = |change: &Change| Some((label(change), 100.0 * (correct(&change.values)? - correct(&found.values)?)));
        let what = if is_list { first.what.clone() } else { format!("{} ({})", first.what, first.from) };
        Some(TornadoRow { what, changes: changes.iter().filter_map(difference).collect() })
    };
    found.changes.chunk_by(|one, other| one.what == other.what).filter_map(row).collect()
}

/// A figure that is to be drawn: a report part, a stem, a caption, and the drawing itself, which may fill several pages.
struct Job<'a> {
    section: Section,
    stem: String,
    caption: String,
    draw: Box<dyn Fn() -> Result<Vec<Picture>, FigureError> + Send + Sync + 'a>,
}

/// Draw every figure of a report, in parallel, in the order of the report.
///
/// # Errors
/// [`PlotError`]; no data are known that lead to it.
pub fn plots(study: &Study, results: &Results) -> Result<Vec<Plot>, PlotError> {
    let view = View::new(study, results);
    // Of the figures of a section, those that carry the argument come first.
    let carrying = argument::jobs(&view).into_iter().map(|(job, values)| (job, Some(values)));
    let jobs: Vec<_> = carrying.chain(view.jobs().into_iter().map(|job| (job, None))).collect();
    let drawn: Vec<Vec<Plot>> = jobs.par_iter().map(|(job, values)| job.paint(values.as_deref())).collect::<Result<_, _>>()?;
    Ok(drawn.into_iter().flatten().collect())
}

/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// It could not be drawn.
    #[error(transparent)]
    Draw(#[from] FigureError),
    /// It could not be painted.
    #[error(transparent)]
    Paint(#[from] super::paint::PaintError),
}

impl Job<'_> {
    /// Draw and paint it. A figure that carries the argument comes with the values that it shows, a CSV file, and is a PDF too.
    fn paint(&self, values: Option<&[u8]>) -> Result<Vec<Plot>, PlotError> {
        let pages = (self.draw)()?;
        let several = pages.len() > 1;
        let paint = |(page, picture): (usize, &Picture)| -> Result<Plot, PlotError> {
            Ok(Plot {
                name: if several { format!("{}-{}", self.stem, page + 1) } else { self.stem.clone() },
                title: picture.title.clone(),
                alt: picture.description.clone(),
                caption: self.caption.clone(),
                section: self.section,
                svg: picture.svg(),
                png: picture.png()?,
                pdf: values.map(|_| picture.pdf()).transpose()?,
                // All pages have one file of values, beside the first.
                values: values.filter(|_| page == 0).map(|values| (self.stem.clone(), values.to_vec())),
            })
        };
        pages.par_iter().enumerate().map(paint).collect()
    }
}

/// The study and its results as figures know them.
struct View<'a> {
    study: &'a Study,
    results: &'a Results,
    setting: Setting,
    scenarios: Vec<figure::Scenario>,
    designs: Vec<Design>,
}

impl<'a> View<'a> {
    fn new(study: &'a Study, results: &'a Results) -> Self {
        let design = |(position, design): (usize, &crate::study::StudyDesign)| Design { name: design.name.clone(), position };
        Self {
            study,
            results,
            setting: Setting {
                doses: written_alike(&study.doses.levels),
                unit: study.doses.unit.clone(),
                target: study.target.value,
                acceptable: study.target.acceptable,
                replicates: study.simulation.replicates as u64,
            },
            scenarios: study.scenarios.iter().map(|scenario| drawn(study, scenario)).collect(),
            designs: study.designs.iter().enumerate().map(design).collect(),
        }
    }

    /// Every figure, in the order of the report.
    fn jobs(&self) -> Vec<Job<'_>> {
        let mut jobs = Vec::new();
        jobs.extend(self.ends_job());
        if !self.scenarios.is_empty() {
            jobs.push(Job {
                section: Section::Selection,
                stem: "overview".to_owned(),
                caption: "How often each design selects the correct dose, and how often a dose above the acceptable band."
                    .to_owned(),
                draw: Box::new(|| figure::overview(&self.setting, &self.designs, &self.overview())),
            });
        }
        jobs.extend(worst::job(self));
        if self.scenarios.len() > 1 {
            for (metric, what, stem, caption) in ROBUSTNESS {
                jobs.push(Job {
                    section: Section::Robustness,
                    stem: stem.to_owned(),
                    caption: caption.to_owned(),
                    draw: Box::new(move || figure::robustness(&self.setting, what, &self.names(), &self.robustness(metric))),
                });
            }
        }
        let digits = self.scenarios.len().to_string().len().max(2);
        for (index, scenario) in self.scenarios.iter().enumerate() {
            let stem = |name: &str| format!("{name}-{:0digits$}", index + 1);
            jobs.push(Job {
                section: Section::Selection,
                stem: stem("selection"),
                caption: "Probability that each dose, or none, is selected.".to_owned(),
                draw: Box::new(move || Ok(vec![figure::selection(&self.setting, scenario, &self.selections(index))?])),
            });
            jobs.push(Job {
                section: Section::Safety,
                stem: stem("allocation"),
                caption: "Expected patients at each dose, and expected DLTs.".to_owned(),
                draw: Box::new(move || Ok(vec![figure::allocation(&self.setting, scenario, &self.allocations(index))?])),
            });
            jobs.push(Job {
                section: Section::Safety,
                stem: stem("dlt-count"),
                caption: "Probability that a trial has at most so many DLTs.".to_owned(),
                draw: Box::new(move || Ok(vec![figure::dlt_count(&self.setting, scenario, &self.dlt_counts(index))?])),
            });
            let planned = self.study.planned_patients;
            jobs.push(Job {
                section: Section::Size,
                stem: stem("sample-size"),
                caption: "Probability that a trial treats at most so many patients.".to_owned(),
                draw: Box::new(move || Ok(vec![figure::sample_size(&self.setting, scenario, &self.sizes(index), planned)?])),
            });
        }
        jobs.extend(calendar::jobs(self));
        let has_exact = |index: &usize| !self.results.curves.populations[*index].designs.is_empty();
        for index in (0..self.results.curves.populations.len()).filter(has_exact) {
            let population = &self.study.populations[index];
            let is_all = self.results.curves.populations[index].simulated.is_empty();
            let designs = if is_all { "the designs" } else { "the designs with exact results" };
            let stem = |name: &str| format!("population-{:02}-{name}", index + 1);
            jobs.push(Job {
                section: Section::Populations,
                stem: stem("spread"),
                caption: format!("How {designs} are spread over the curves of a population."),
                draw: Box::new(move || {
                    Ok(vec![figure::strips(&population.name, &STRIPS.map(|(_, head)| head), &self.strips(index))?])
                }),
            });
            jobs.push(Job {
                section: Section::Populations,
                stem: stem("heat"),
                caption: format!("Correct selection of {designs} by the MTD and the steepness of the curves of a population."),
                draw: Box::new(move || {
                    let none = std::iter::once("none".to_owned());
                    let rows: Vec<String> =
                        none.chain((1..=self.study.doses.levels.len()).map(|level| format!("L{level}"))).collect();
                    let title = format!("Correct selection by MTD and steepness: {}", population.name);
                    figure::heat_maps(&title, &rows, &steepness_words(), &self.heat_panels(index))
                }),
            });
        }
        for (place, found) in self.results.curves.sensitivities.iter().enumerate() {
            let asked = self.study.sensitivities[found.asked];
            jobs.push(Job {
                section: Section::Sensitivity,
                stem: if place == 0 { "tornado".to_owned() } else { format!("tornado-{}", place + 1) },
                caption: "What single changes do to the probability of correct selection.".to_owned(),
                draw: Box::new(move || {
                    let (design, scenario) = (&self.designs[asked.design].name, &self.scenarios[asked.scenario].name);
                    let subtitle = format!("{design}, {scenario}");
                    let axis = "Change of the probability of correct selection (percentage points)";
                    Ok(vec![figure::tornado("What correct selection depends on", &subtitle, axis, &tornado_rows(found))?])
                }),
            });
        }
        if self.designs.len() > 1 && !self.scenarios.is_empty() {
            for (metric, figure, stem) in DIFFERENCES {
                let comparisons = self.comparisons(metric);
                // Not every study has timing.
                if comparisons.is_empty() {
                    continue;
                }
                jobs.push(Job {
                    section: Section::Differences,
                    stem: stem.to_owned(),
                    caption: match self.has_a_mean() {
                        false => "Each design minus the first, scenario by scenario.".to_owned(),
                        true => "Each design minus the first, scenario by scenario and on average.".to_owned(),
                    },
                    draw: Box::new(move || {
                        figure::differences(&self.setting, figure, &self.designs[0], &self.names(), &comparisons)
                    }),
                });
            }
        }
        jobs
    }

    /// Whether a mean over the scenarios says something: there are several, and all of one class.
    fn has_a_mean(&self) -> bool {
        self.scenarios.len() > 1 && self.scenarios.windows(2).all(|pair| pair[0].class == pair[1].class)
    }

    /// The names of the scenarios.
    fn names(&self) -> Vec<String> {
        self.scenarios.iter().map(|scenario| scenario.name.clone()).collect()
    }

    /// A metric of every design under every scenario.
    fn robustness(&self, metric: Metric) -> Vec<RobustnessRow> {
        let row = |design: &Design| {
            let summaries = self.results.summaries.iter().map(|summaries| &summaries[design.position]);
            RobustnessRow { design: design.clone(), values: summaries.map(|found| estimate(found, metric)).collect() }
        };
        self.designs.iter().map(row).collect()
    }

    /// The designs over the curves of one population.
    fn strips(&self, population: usize) -> Vec<StripRow> {
        let found = &self.results.curves.populations[population];
        let row = |(place, &design): (usize, &usize)| StripRow {
            design: self.designs[design].clone(),
            strips: STRIPS.map(|(metric, _)| found.spread(place, metric, |_| true).map(|all| (all.quantiles, all.mean))).to_vec(),
        };
        found.designs.iter().enumerate().map(row).collect()
    }

    fn heat_panels(&self, population: usize) -> Vec<HeatPanel> {
        let (curves, found) = (&self.study.populations[population], &self.results.curves.populations[population]);
        let panel = |(place, &design): (usize, &usize)| HeatPanel {
            design: self.designs[design].clone(),
            cells: heat_map(curves, found, place, Metric::CorrectSelection),
        };
        found.designs.iter().enumerate().map(panel).collect()
    }

    /// The designs with their summaries under one scenario.
    fn row(&self, scenario: usize) -> impl Iterator<Item = (&Design, &Summary)> {
        self.designs.iter().zip(&self.results.summaries[scenario])
    }

    fn overview(&self) -> Vec<OverviewRow> {
        let row = |(index, scenario): (usize, &figure::Scenario)| OverviewRow {
            scenario: scenario.name.clone(),
            correct: self.row(index).map(|(_, summary)| estimate(summary, Metric::CorrectSelection)).collect(),
            over: self.row(index).map(|(_, summary)| estimate(summary, Metric::OverSelection)).collect(),
        };
        self.scenarios.iter().enumerate().map(row).collect()
    }

    fn selections(&self, scenario: usize) -> Vec<SelectedShares> {
        let selection = |(design, summary): (&Design, &Summary)| {
            let levels = std::iter::once(None).chain((0..self.study.doses.levels.len()).map(Some));
            let probabilities: Option<Vec<Estimate>> = levels.map(|level| estimate(summary, Metric::Selection(level))).collect();
            Some(SelectedShares { design: design.clone(), probabilities: probabilities? })
        };
        self.row(scenario).filter_map(selection).collect()
    }

    fn allocations(&self, scenario: usize) -> Vec<Allocation> {
        let allocation = |(design, summary): (&Design, &Summary)| {
            let patients: Option<Vec<Estimate>> =
                (0..self.study.doses.levels.len()).map(|level| estimate(summary, Metric::Patients(level))).collect();
            Some(Allocation { design: design.clone(), patients: patients?, total_dlts: estimate(summary, Metric::TotalDlts)? })
        };
        self.row(scenario).filter_map(allocation).collect()
    }

    fn sizes(&self, scenario: usize) -> Vec<SampleSize> {
        let size = |(design, summary): (&Design, &Summary)| {
            let median = summary.value(Metric::TotalPatientsQuantile(Quantile::Q50))?;
            Some(SampleSize {
                design: design.clone(),
                exact: summary.source == Source::Exact,
                distribution: summary.sample_size.clone(),
                median: median as usize,
            })
        };
        self.row(scenario).filter_map(size).collect()
    }

    fn dlt_counts(&self, scenario: usize) -> Vec<DltCount> {
        let count = |(design, summary): (&Design, &Summary)| {
            Some(DltCount {
                design: design.clone(),
                exact: summary.source == Source::Exact,
                distribution: summary.dlt_count.clone(),
                mean: summary.value(Metric::TotalDlts)?,
            })
        };
        self.row(scenario).filter_map(count).collect()
    }

    /// The mean of a design's differences over the scenarios that have one. The bound of its error bounds the interval.
    fn mean_difference(&self, design: usize, metric: Metric) -> Option<Difference> {
        let [(value, spread), _] = mean_and_worst(&differences_in(self.results, design, metric), true)?;
        Some(Difference { value, interval: spread.limits(value) })
    }

    fn comparisons(&self, metric: Metric) -> Vec<Comparison> {
        let difference = |design: usize, scenario: usize| {
            let found = self.results.differences[scenario][design].iter().find(|found| found.metric == metric)?;
            Some(Difference { value: found.difference, interval: found.error.map(|(_, lower, upper)| (lower, upper)) })
        };
        let comparison = |(index, design): (usize, &Design)| {
            let differences: Vec<_> = (0..self.scenarios.len()).map(|scenario| difference(index, scenario)).collect();
            // A design without the metric, as the benchmark has no patients, has no panel.
            differences.iter().any(Option::is_some).then(|| Comparison {
                design: design.clone(),
                mean: self.has_a_mean().then(|| self.mean_difference(index, metric)).flatten(),
                differences,
            })
        };
        self.designs.iter().enumerate().skip(1).filter_map(comparison).collect()
    }
}

/// A scenario as figures know it.
fn drawn(study: &Study, scenario: &Scenario) -> figure::Scenario {
    figure::Scenario {
        name: scenario.name.clone(),
        toxicity: scenario.toxicity.clone(),
        places: scenario.toxicity.iter().map(|&toxicity| study.target.place(toxicity)).collect(),
        correct: shown(scenario.correct),
        class: Class::of(&scenario.toxicity, scenario.correct, &study.target),
    }
}

/// A characteristic as figures know it.
fn estimate(summary: &Summary, metric: Metric) -> Option<Estimate> {
    summary.get(metric).map(|found| Estimate { value: found.value, std_error: found.std_error })
}
