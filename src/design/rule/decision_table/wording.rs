//! A method that recommends by a decision table, in the words of a protocol: the printed table, and what interval methods share.

use super::{Call, DecisionTable};
use crate::design::rule::selection::{IsotonicSelection, Safety, Selects, isotonic_estimates};
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, counted};
use crate::trial::{Arrival, Conduct, Counts, Level, StopReason};

/// Columns of numbers that fit beside the headings of the rows in a hundred characters.
const COLUMNS: usize = 15;

/// What the words of a method that recommends by a table are made from.
pub(in crate::design) struct DecisionTableWords<'a> {
    /// The table by which it recommends.
    pub(in crate::design) table: &'a DecisionTable,
    /// The key of the study file that sets when levels are eliminated.
    pub(in crate::design) elimination_key: &'static str,
    /// The probability that the extra-safe rule compares with, and the key of the study file that sets it.
    pub(in crate::design) extra_safe: Option<(f64, &'static str)>,
    /// Patients at the lowest level from which the extra-safe rule is looked at.
    pub(in crate::design) min_patients: usize,
    /// What is done about levels that are too toxic.
    pub(in crate::design) safety: Safety,
    /// How a level is selected.
    pub(in crate::design) selects: Selects,
    /// When levels are eliminated, and how one is selected by isotonic regression.
    pub(in crate::design) selection: &'a IsotonicSelection,
    /// The upper bound of the selection as it is printed; not printed where there is none.
    pub(in crate::design) highest_estimate: String,
    /// What is said before the table.
    pub(in crate::design) before: String,
    /// What is said after it, the last being when a level is eliminated.
    pub(in crate::design) after: Vec<String>,
}

impl<'a> DecisionTableWords<'a> {
    /// The words of the method.
    pub(in crate::design) fn wording(self, conduct: &Conduct, names: &LevelNames) -> MethodWording<'a> {
        let printed = Printed::new(&self, conduct);
        let open = vec![
            "Which toxicities outside the DLT window, or below the grade of a DLT, may hold an escalation back, and who decides \
             it: the table knows DLTs only."
                .to_owned(),
        ];
        let references = match self.selects {
            Selects::Isotonic => vec!["Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647: isotonic regression"],
            Selects::Next => Vec::new(),
        };
        MethodWording {
            decisions: self.decisions(&printed, names),
            too_toxic: self.too_toxic(&printed, names),
            precise: Vec::new(),
            selection: vec![self.selected(printed, conduct.min_patients_selected)],
            open,
            references,
        }
    }

    /// The table and what it means.
    fn decisions(&self, printed: &Printed, names: &LevelNames) -> Vec<Piece<'a>> {
        let mut pieces = vec![Piece::said(self.before.clone())];
        for first in (0..printed.columns.len()).step_by(COLUMNS) {
            let last = printed.columns.len().min(first + COLUMNS);
            let rows = rows(&printed.columns[first..last], self.safety, self.extra_safe.is_some());
            let table = printed.clone();
            pieces.push(Piece::grid(
                rows,
                Claim::Recommends(Box::new(move |counts, arrival| {
                    let current = arrival.level();
                    let column = table.column(counts, current)?;
                    let is_here = (first + 1..=last).contains(&column.patients) && matches!(column.said, Said::Bounds { .. });
                    is_here.then(|| table.next(column, counts, current))
                })),
            ));
        }
        if printed.columns.iter().any(|column| matches!(column.said, Said::Calls(_))) {
            pieces.push(Piece::said(
                "An asterisk marks that more DLTs do not always lead to a more cautious decision, so that the decisions are said one \
                 by one.",
            ));
        }
        pieces.extend(printed.columns.iter().filter_map(|column| {
            let Said::Calls(calls) = &column.said else { return None };
            let patients = column.patients;
            let table = printed.clone();
            let claim = move |counts: &Counts, arrival: Arrival| {
                let current = arrival.level();
                let column = table.column(counts, current).filter(|column| column.patients == patients)?;
                Some(table.next(column, counts, current))
            };
            let words = format!(
                "With {} at the level, where the table has an asterisk: {}.",
                counted(patients, "patient"),
                in_words(calls)
            );
            Some(Piece::claimed(words, Claim::Recommends(Box::new(claim))))
        }));
        pieces.extend(self.after.iter().map(Piece::said));
        pieces.push(Piece::said(match self.safety {
            Safety::Eliminate => {
                "No patient is treated at an eliminated level again: where the table leads there, the next cohort is treated at the \
                 highest level that is left."
            }
            Safety::NeverEscalate => {
                "The dose is never escalated to a level that is too toxic, nor to one above it: where the table leads there, the next \
                 cohort stays."
            }
        }));
        let top = printed.levels - 1;
        pieces.push(Piece::said(if top == 0 {
            format!(
                "There is one level only: where the table says to escalate or to de-escalate, the next cohort is treated at {} too.",
                names.of(0)
            )
        } else {
            format!(
                "At {} the next cohort stays where the table says to de-escalate, and at {} where it says to escalate.",
                names.of(0),
                names.of(top)
            )
        }));
        pieces
    }

    /// When the lowest level is too toxic.
    fn too_toxic(&self, printed: &Printed, names: &LevelNames) -> Vec<Piece<'a>> {
        let lowest = names.of(0);
        let table = printed.clone();
        let eliminated = move |counts: &Counts, _: Arrival, _: Level| table.first_eliminated(counts) == 0;
        let excluded = match self.safety {
            Safety::Eliminate => "eliminated",
            Safety::NeverEscalate => "too toxic",
        };
        let words = format!("The trial stops, and no dose level is recommended, when {lowest} is {excluded}.");
        let mut pieces = vec![Piece::stops(words, StopReason::TooToxic, eliminated).about(self.elimination_key)];
        if let Some((cutoff, key)) = self.extra_safe {
            let words = format!(
                "The trial stops, and no dose level is recommended, when {lowest} was just treated and has at least the DLTs of the \
                 last row of the table: with {} or more, the probability that its toxicity exceeds {}, given its data and a \
                 uniform prior, is then above {cutoff}.",
                counted(self.min_patients, "patient"),
                self.selection.target
            );
            let table = printed.clone();
            let extra_safe = move |counts: &Counts, arrival: Arrival, _: Level| {
                let bound = table.column(counts, 0).and_then(|column| column.extra_safe);
                arrival.cohort.level == 0 && bound.is_some_and(|bound| counts.dlts(0) >= bound)
            };
            pieces.push(Piece::stops(words, StopReason::TooToxic, extra_safe).about(key));
        }
        pieces
    }

    /// The selection at the end.
    fn selected(self, printed: Printed, min_patients: usize) -> Piece<'a> {
        match self.selects {
            Selects::Isotonic => self.selected_by_regression(printed, min_patients),
            Selects::Next => selected_next(min_patients),
        }
    }

    /// The selection by isotonic regression.
    fn selected_by_regression(self, printed: Printed, min_patients: usize) -> Piece<'a> {
        let IsotonicSelection { target, highest_estimate, prior, ref elimination, .. } = *self.selection;
        let fewest = min_patients.max(1);
        let mut words = format!(
            "The recommended dose level is chosen among the levels with at least {} that are not {}. {}",
            counted(fewest, "patient"),
            match self.safety {
                Safety::Eliminate => "eliminated",
                Safety::NeverEscalate => "too toxic, nor above one that is",
            },
            self.selection.words()
        );
        if min_patients > 1 {
            words += " A level with fewer patients takes part in the estimation.";
        }
        if highest_estimate.is_some() {
            words += &format!(" A level whose estimate is above {} is not recommended.", self.highest_estimate);
        }
        words += " Where no level is left, none is recommended.";
        if self.extra_safe.is_some() {
            words += " Nor is any when the stricter rule for the lowest level, applied to all of its data, finds it too toxic.";
        }
        let select = move |counts: &Counts, _: Level| {
            let end = printed.first_eliminated(counts);
            if end == 0 || elimination.is_extra_safe_exceeded(counts) {
                return None;
            }
            nearest_by_regression(counts, end, target, prior, |level, estimate| {
                counts.patients(level) >= fewest && highest_estimate.is_none_or(|highest| estimate <= highest)
            })
        };
        Piece::claimed(words, Claim::Selects(Box::new(select)))
    }
}

/// The level whose isotonic estimate is closest to `target` among the candidates below level `end`, as the words have it: of equal
/// estimates below the target the highest level, otherwise the lowest.
pub(in crate::design) fn nearest_by_regression(
    counts: &Counts,
    end: Level,
    target: f64,
    prior: [f64; 2],
    is_candidate: impl Fn(Level, f64) -> bool,
) -> Option<Level> {
    let mut best: Option<(Level, f64)> = None;
    for (level, estimate) in isotonic_estimates(counts, end, prior) {
        // Levels are recommended for their estimates as fractions; pooling leaves them a rounding error apart.
        let is_better = best.is_none_or(|(_, other)| {
            let gain = (other - target).abs() - (estimate - target).abs();
            gain > 1e-9 || (gain > -1e-9 && estimate < target)
        });
        if is_candidate(level, estimate) && is_better {
            best = Some((level, estimate));
        }
    }
    best.map(|(level, _)| level)
}

/// The selection of the level that the rules would give next.
fn selected_next<'a>(min_patients: usize) -> Piece<'a> {
    let mut words = "The recommended dose level is the one at which the next cohort would have been treated.".to_owned();
    if min_patients > 0 {
        words += &format!(" Where that has fewer than {}, none is recommended.", counted(min_patients, "patient"));
    }
    let select = move |counts: &Counts, next: Level| (counts.patients(next) >= min_patients).then_some(next);
    Piece::claimed(words, Claim::Selects(Box::new(select))).about("selection")
}

/// What is printed for one number of patients at a level: DLTs.
#[derive(Clone)]
struct Column {
    patients: usize,
    /// What to do next.
    said: Said,
    /// Eliminate the level with at least these.
    eliminate: Option<usize>,
    /// Stop with at least these at the lowest level, when it was just treated.
    extra_safe: Option<usize>,
}

/// How the decisions for one number of patients are told.
#[derive(Clone)]
enum Said {
    /// Escalate with at most, de-escalate with at least so many DLTs.
    Bounds { escalate: Option<usize>, deescalate: Option<usize> },
    /// One by one, no DLT first: more DLTs do not always lead to a more cautious decision.
    Calls(Vec<Call>),
}

/// The printed table.
#[derive(Clone)]
struct Printed {
    levels: usize,
    safety: Safety,
    /// For 1, 2, ... patients.
    columns: Vec<Column>,
}

impl Printed {
    fn new(words: &DecisionTableWords<'_>, conduct: &Conduct) -> Self {
        let DecisionTableWords { table, selection: IsotonicSelection { elimination, .. }, safety, .. } = *words;
        let column = |patients| {
            let eliminate = elimination.bound(patients).map(usize::from);
            let extra_safe = elimination.extra_safe_bound(patients).map(usize::from);
            let said = if table.is_ordered(patients) {
                let above = table.first_at_least(patients, Call::Stay).unwrap_or(patients + 1);
                Said::Bounds { escalate: above.checked_sub(1), deescalate: table.first_at_least(patients, Call::Deescalate) }
            } else {
                Said::Calls(table.row(patients).collect())
            };
            // As in R the extra-safe rule is not looked at where no number of DLTs eliminates.
            Column { patients, said, eliminate, extra_safe: extra_safe.filter(|_| eliminate.is_some()) }
        };
        Self { levels: conduct.levels, safety, columns: (1..=conduct.max_patients).map(column).collect() }
    }

    /// The column for the patients at a level, where it has any.
    fn column(&self, counts: &Counts, level: Level) -> Option<&Column> {
        self.columns.get(counts.patients(level).checked_sub(1)?)
    }

    /// The lowest level that the table eliminates, or the number of levels.
    fn first_eliminated(&self, counts: &Counts) -> Level {
        let is_eliminated = |level: &Level| {
            let bound = self.column(counts, *level).and_then(|column| column.eliminate);
            bound.is_some_and(|bound| counts.dlts(*level) >= bound)
        };
        (0..self.levels).find(is_eliminated).unwrap_or(self.levels)
    }

    /// The next level by the column for the current one.
    fn next(&self, column: &Column, counts: &Counts, current: Level) -> Level {
        let dlts = counts.dlts(current);
        let (up, down) = match &column.said {
            Said::Bounds { escalate, deescalate } => {
                (escalate.is_some_and(|bound| dlts <= bound), deescalate.is_some_and(|bound| dlts >= bound))
            }
            Said::Calls(calls) => {
                let call = calls.get(dlts).copied();
                (call == Some(Call::Escalate), call >= Some(Call::Deescalate))
            }
        };
        let next = if up {
            (current + 1).min(self.levels - 1)
        } else if down {
            current.saturating_sub(1)
        } else {
            current
        };
        let highest = self.first_eliminated(counts).saturating_sub(1);
        match self.safety {
            Safety::Eliminate => next.min(highest),
            Safety::NeverEscalate if next > current && next > highest => current,
            Safety::NeverEscalate => next,
        }
    }
}

/// The rows of some columns, with their headings.
fn rows(columns: &[Column], safety: Safety, with_extra_safe: bool) -> Vec<Vec<String>> {
    let shown = |number: Option<usize>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let row = |heading: &str, cell: &dyn Fn(&Column) -> String| {
        std::iter::once(heading.to_owned()).chain(columns.iter().map(cell)).collect::<Vec<String>>()
    };
    let bound = |column: &Column, is_up: bool| match column.said {
        Said::Bounds { escalate, deescalate } => shown(if is_up { escalate } else { deescalate }),
        Said::Calls(_) => "*".to_owned(),
    };
    let too_toxic = match safety {
        Safety::Eliminate => "Eliminate if DLTs at least",
        Safety::NeverEscalate => "Too toxic if DLTs at least",
    };
    let mut rows = vec![
        row("Patients at the level", &|column| column.patients.to_string()),
        row("Escalate if DLTs at most", &|column| bound(column, true)),
        row("De-escalate if DLTs at least", &|column| bound(column, false)),
        row(too_toxic, &|column| shown(column.eliminate)),
    ];
    if with_extra_safe {
        rows.push(row("Level 1: stop if DLTs at least", &|column| shown(column.extra_safe)));
    }
    rows
}

/// `escalate with 0 DLTs, stay with 1 to 3 DLTs`.
fn in_words(calls: &[Call]) -> String {
    let mut first = 0;
    let runs = calls.chunk_by(|one, other| one == other).map(|run| {
        let last = first + run.len() - 1;
        let dlts = if first == last { counted(first, "DLT") } else { format!("{first} to {last} DLTs") };
        first = last + 1;
        let verb = match run[0] {
            Call::Escalate => "escalate",
            Call::Stay => "stay",
            Call::Deescalate => "de-escalate",
            Call::Eliminate => "de-escalate and eliminate the level",
        };
        format!("{verb} with {dlts}")
    });
    runs.collect::<Vec<_>>().join(", ")
}
