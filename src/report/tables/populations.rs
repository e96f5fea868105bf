//! Populations of curves: every design over all curves of one, by the correct level, and what was simulated.

use super::{NO_ERROR, design_name};
use crate::design::wording::counted;
use crate::measure::{Metric, OverCurves, PopulationResults, Results, SimulatedDesign};
use crate::report::curves::populations;
use crate::report::table::{Cell, Column, Group, Kind, Mark, Row, Spread, Table, grouped, in_hundred, show};
use crate::scenario::Population;
use crate::study::Study;
use crate::trial::shown;

/// A metric, its heading, what its numbers are, and their kind.
type Shown = (Metric, &'static str, &'static str, Kind);

/// What is shown of designs without a distribution over the curves; weeks where there are any.
const METRICS: [Shown; 7] = [
    (Metric::CorrectSelection, "Correct", "%", Kind::Percent),
    (Metric::OverSelection, "Too toxic", "%", Kind::Percent),
    (Metric::Overdose60, "Over 60 % above MTD", "%", Kind::Percent),
    (Metric::ShareAboveMtd, "Patients above MTD", "%", Kind::Percent),
    (Metric::TotalPatients, "Patients", "mean", Kind::Mean),
    (Metric::TotalDlts, "DLTs", "mean", Kind::Dlts),
    (Metric::DurationWeeks, "Weeks", "mean", Kind::Mean),
];

/// Of these, the ones whose distribution over the curves is shown beside that of correct selection.
const SPREAD: [Metric; 3] = [Metric::OverSelection, Metric::Overdose60, Metric::ShareAboveMtd];

/// The tables of every population.
pub(in crate::report) fn population_tables(study: &Study, results: &Results) -> Vec<Table> {
    let mut tables = Vec::new();
    for (number, (population, found)) in populations(study, results).enumerate() {
        let part = Part { study, population, found, number: number + 1 };
        if !found.designs.is_empty() {
            tables.extend([part.over_curves(), part.by_level()]);
        }
        if !found.simulated.is_empty() {
            tables.push(part.simulated());
        }
    }
    tables
}

/// What each population shows, in a sentence or two.
pub(in crate::report) fn population_findings(study: &Study, results: &Results) -> Vec<String> {
    populations(study, results).map(|(population, found)| findings(study, population, found)).collect()
}

fn findings(study: &Study, population: &Population, found: &PopulationResults) -> String {
    let rules = found.designs.iter().enumerate().filter(|(place, _)| found.benchmark != Some(*place));
    let with_mean =
        |(place, &design): (usize, &usize)| Some((place, design, found.spread(place, Metric::CorrectSelection, |_| true)?.mean));
    let means: Vec<(usize, usize, f64)> = rules.filter_map(with_mean).collect();
    let of_100 = |mean: f64| format!("in {} of 100 trials", in_hundred(mean, Spread::Exact));
    let mut clauses = Vec::new();
    if let Some(&(place, design, mean)) = means.iter().reduce(|best, other| if other.2 > best.2 { other } else { best }) {
        let mut clause = format!("{} selects correctly {} on average", design_name(study, design), of_100(mean));
        if let Some(standing) = found.standing(place, |_| true).filter(|_| means.len() > 1) {
            let points = |share: f64| show(Kind::Percent, false, share, Spread::Exact).number;
            // Means that print alike are no order.
            let is_first = means.iter().all(|other| other.1 == design || points(other.2) != points(mean));
            let exact = if found.simulated.is_empty() { "" } else { " with exact results" };
            clause += &format!(
                ", {} often than the other designs{exact}; it is the best of them, or one of the best, on {} % of the curves, and nowhere \
                 more than {} points behind the best",
                if is_first { "more" } else { "no less" },
                points(standing.best + standing.tied),
                points(standing.regret.highest.0)
            );
        }
        clauses.push(clause);
        let others = means.iter().filter(|other| other.1 != design);
        clauses.extend(others.map(|&(_, other, mean)| format!("{} {}", design_name(study, other), of_100(mean))));
    }
    clauses.extend(found.simulated.iter().filter_map(|simulated| {
        let mean = simulated.mean(&found.weights, Metric::CorrectSelection, |_| true)?;
        let spread = Spread::StdError(mean.std_error.max(NO_ERROR));
        Some(format!("{}, simulated, in {} of 100 trials", design_name(study, simulated.design), in_hundred(mean.mean, spread)))
    }));
    let curves = counted(population.scenarios.len(), "curve");
    format!("Over the {curves} of \u{201c}{}\u{201d}: {}.", population.name, clauses.join("; "))
}

/// A population with what it showed, by its number in the report.
#[derive(Clone, Copy)]
struct Part<'a> {
    study: &'a Study,
    population: &'a Population,
    found: &'a PopulationResults,
    number: usize,
}

impl Part<'_> {
    /// Whether there are two exact designs or more that can be ahead of each other.
    fn is_compared(&self) -> bool {
        self.found.designs.len() - usize::from(self.found.benchmark.is_some()) > 1
    }

    /// The metrics of the table, those that a design has.
    fn metrics(&self) -> Vec<Shown> {
        let has_weeks = |curve: usize| {
            self.found.values.iter().any(|values| values[curve].get(Metric::DurationWeeks).is_some())
                || self.found.simulated.iter().any(|own| own.values[curve].get(Metric::DurationWeeks).is_some())
        };
        METRICS.into_iter().filter(|(metric, ..)| *metric != Metric::DurationWeeks || has_weeks(0)).collect()
    }

    /// Whether a curve has this correct level.
    fn has_level(&self, curve: usize, level: usize) -> bool {
        shown(self.population.scenarios[curve].correct) == level
    }

    /// The correct levels that occur, each with the heading of its group.
    fn levels(&self) -> Vec<(usize, String)> {
        let heading = |level: usize| {
            let curves = self.population.scenarios.iter().filter(|scenario| shown(scenario.correct) == level).count();
            let correct = if level == 0 { "No level is correct".to_owned() } else { format!("MTD L{level}") };
            (curves > 0).then(|| (level, format!("{correct}: {}", counted(curves, "curve"))))
        };
        (0..=self.study.doses.levels.len()).filter_map(heading).collect()
    }

    /// How curves count, and what the numbers say of them.
    fn counting(&self) -> &'static str {
        if self.population.is_weighted() {
            "Curves count by their weights: so do means, percentages of curves and quantiles."
        } else {
            "Each curve counts the same."
        }
    }

    fn table(&self, suffix: &str, caption: String, columns: Vec<Column>, groups: Vec<Group>, notes: Vec<String>) -> Table {
        Table { id: format!("population-{}{suffix}", self.number), caption, columns, groups, notes }
    }

    /// Every design over all curves.
    fn over_curves(&self) -> Table {
        let Self { study, population, found, .. } = *self;
        let percent = |heading: &str, group: &'static str| Column::new(heading, "", Kind::Percent).below(group);
        let mut columns = vec![Column::new("Design", "", Kind::Text)];
        for heading in ["Mean", "5 %", "Median", "95 %", "Lowest"] {
            columns.push(percent(heading, "Correct selection, %"));
        }
        columns.extend([percent("Mean", "Too toxic selected, %"), percent("95 %", "Too toxic selected, %")]);
        columns.extend([percent("Mean", "Over 60 % above MTD, %"), percent("95 %", "Over 60 % above MTD, %")]);
        columns.extend([percent("Mean", "Patients above MTD, %"), percent("95 %", "Patients above MTD, %")]);
        let is_mean = |(metric, ..): &Shown| *metric != Metric::CorrectSelection && !SPREAD.contains(metric);
        let means: Vec<Shown> = self.metrics().into_iter().filter(is_mean).collect();
        columns.extend(means.iter().map(|&(_, heading, detail, kind)| Column::new(heading, detail, kind)));
        if self.is_compared() {
            columns.extend([percent("Alone", "Best on, % of curves"), percent("Tied", "Best on, % of curves")]);
            columns.extend([percent("Mean", "Behind the best, points"), percent("Most", "Behind the best, points")]);
        }
        if found.benchmark.is_some() {
            columns.push(Column::new("Behind benchmark", "mean points", Kind::Percent).signed());
        }
        let row = |(place, &design): (usize, &usize)| {
            let spread = |metric: Metric| found.spread(place, metric, |_| true);
            let cell = |spread: Option<OverCurves>, pick: fn(OverCurves) -> f64| {
                spread.map_or(Cell::Absent, |spread| Cell::exact(pick(spread)))
            };
            let mut cells = vec![Cell::text(design_name(study, design))];
            let correct = spread(Metric::CorrectSelection);
            let picks: [fn(OverCurves) -> f64; 5] =
                [|all| all.mean, |all| all.quantiles[0], |all| all.quantiles[2], |all| all.quantiles[4], |all| all.lowest.0];
            cells.extend(picks.map(|pick| cell(correct, pick)));
            for metric in SPREAD {
                cells.extend([cell(spread(metric), |all| all.mean), cell(spread(metric), |all| all.quantiles[4])]);
            }
            cells.extend(means.iter().map(|&(metric, ..)| cell(spread(metric), |all| all.mean)));
            let standing = found.standing(place, |_| true);
            if self.is_compared() {
                let of = |number: Option<f64>| number.map_or(Cell::Absent, Cell::exact);
                cells.extend([of(standing.map(|own| own.best)), of(standing.map(|own| own.tied))]);
                cells.extend([of(standing.map(|own| own.regret.mean)), of(standing.map(|own| own.regret.highest.0))]);
            }
            if found.benchmark.is_some() {
                cells.push(cell(standing.and_then(|own| own.to_benchmark), |all| all.mean));
            }
            Row { cells, design: Some(design) }
        };
        let rows = found.designs.iter().enumerate().map(row).collect();
        let mut notes = vec![
            format!("{}: {}", population.name, population.origin),
            format!("{} 5 %: on 95 % of the curves it is higher; 95 %: on 95 % of them at most that.", self.counting()),
        ];
        if self.is_compared() {
            notes.push(format!(
                "Best: the highest probability of correct selection on a curve; equal ones are tied. Behind the best: what another design \
                 of the study would have gained.{}",
                self.among_exact()
            ));
        }
        let caption = format!(
            "Every design over the {} curves of \u{201c}{}\u{201d}",
            grouped(population.scenarios.len() as u64),
            population.name
        );
        self.table("", caption, columns, vec![Group { rows, ..Group::default() }], notes)
    }

    /// Who takes part where designs are ahead of each other.
    fn among_exact(&self) -> &'static str {
        if self.found.simulated.is_empty() { "" } else { " Simulated designs take no part in this." }
    }

    /// Every design over the curves of each correct level.
    fn by_level(&self) -> Table {
        let Self { study, found, .. } = *self;
        let metrics = self.metrics();
        let mut columns = vec![Column::new("Design", "", Kind::Text)];
        columns.extend(metrics.iter().map(|&(_, heading, detail, kind)| Column::new(heading, detail, kind)));
        if self.is_compared() {
            let shares = ["Best alone", "Tied best"].map(|heading| Column::new(heading, "% of curves", Kind::Percent));
            columns.extend(shares);
            columns.push(Column::new("Behind the best", "mean points", Kind::Percent));
        }
        let group = |(level, heading): (usize, String)| {
            let row = |(place, &design): (usize, &usize)| {
                let which = |curve: usize| self.has_level(curve, level);
                let mean =
                    |metric: Metric| found.spread(place, metric, which).map_or(Cell::Absent, |spread| Cell::exact(spread.mean));
                let mut cells = vec![Cell::text(design_name(study, design))];
                cells.extend(metrics.iter().map(|&(metric, ..)| mean(metric)));
                if self.is_compared() {
                    let standing = found.standing(place, which);
                    let numbers = standing.map(|own| [own.best, own.tied, own.regret.mean]);
                    cells.extend(numbers.map_or([Cell::Absent, Cell::Absent, Cell::Absent], |numbers| numbers.map(Cell::exact)));
                }
                Row { cells, design: Some(design) }
            };
            Group { heading, rows: found.designs.iter().enumerate().map(row).collect(), ..Group::default() }
        };
        let notes = vec![
            "Means over the curves of each correct level. No level is correct: level 1 is above the acceptable band, and selecting none is \
             right; every level is then above it."
                .to_owned(),
        ];
        let caption = format!("By the correct level: \u{201c}{}\u{201d}", self.population.name);
        self.table("-levels", caption, columns, self.levels().into_iter().map(group).collect(), notes)
    }

    /// The means of the simulated designs, beside the exact ones of the others: over all curves, and by the correct level.
    fn simulated(&self) -> Table {
        let Self { study, population, found, .. } = *self;
        let metrics = self.metrics();
        let mut columns = vec![Column::new("Design", "", Kind::Text), Column::new("Engine", "", Kind::Text)];
        columns.extend(metrics.iter().map(|&(_, heading, detail, kind)| Column::new(heading, detail, kind)));
        let group = |(level, heading): (Option<usize>, String)| {
            let which = |curve: usize| level.is_none_or(|level| self.has_level(curve, level));
            let cells = |design: usize, engine: &str, number: &dyn Fn(Metric) -> Cell| {
                let mut cells = vec![Cell::text(design_name(study, design)), Cell::text(engine)];
                cells.extend(metrics.iter().map(|&(metric, ..)| number(metric)));
                Row { cells, design: Some(design) }
            };
            let simulated = |own: &SimulatedDesign| {
                let number = |metric: Metric| {
                    own.mean(&found.weights, metric, which).map_or(Cell::Absent, |mean| {
                        let trials = mean.curves * own.replicates;
                        let is_certain = mean.std_error <= NO_ERROR;
                        // Replicates that all agree: what one more would change.
                        let spread =
                            if is_certain { Spread::AtMost(1.0 / trials as f64) } else { Spread::StdError(mean.std_error) };
                        Cell::Number { value: mean.mean, spread, mark: Mark::Plain }
                    })
                };
                cells(own.design, "monte-carlo", &number)
            };
            let exact = |(place, &design): (usize, &usize)| {
                let number =
                    |metric: Metric| found.spread(place, metric, which).map_or(Cell::Absent, |all| Cell::exact(all.mean));
                cells(design, "exact", &number)
            };
            let mut rows: Vec<Row> = found.simulated.iter().map(simulated).collect();
            rows.extend(found.designs.iter().enumerate().map(exact));
            rows.sort_by_key(|row| row.design);
            Group { heading, rows, ..Group::default() }
        };
        let all = (None, format!("All {} curves", grouped(population.scenarios.len() as u64)));
        let groups = std::iter::once(all).chain(self.levels().into_iter().map(|(level, heading)| (Some(level), heading)));
        let replicates = found.simulated.first().map_or(0, |own| own.replicates);
        let mut notes = vec![format!(
            "{} The engine monte-carlo: {} simulated trials a curve, the designs on common patients, each curve with patients of its own. \
             The errors are those of the means over the curves of the population, which are taken as they are; how such designs are \
             spread over the curves is not shown, because it would mostly be noise.",
            self.counting(),
            grouped(replicates as u64)
        )];
        if found.designs.is_empty() {
            notes.insert(0, format!("{}: {}", population.name, population.origin));
        }
        let caption = format!("Means over the curves of \u{201c}{}\u{201d}, simulated designs among them", population.name);
        self.table("-simulated", caption, columns, groups.map(group).collect(), notes)
    }
}
