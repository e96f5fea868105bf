//! A method that recommends by a decision table, in the words of a protocol: the printed table, and what interval methods share.

use super::{Call, DecisionTable};
use crate::design::rule::selection::{Elimination, IsotonicSelection, Safety, Selects, isotonic_estimates};
use crate::design::rule::wording::{Claim, Column, LevelNames, MethodWording, Piece, Printed, Said, counted, selects_next};
use crate::numeric::beta::upper_tail;
use crate::trial::{Conduct, Counts, Level, StopReason};

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
    /// What is said before the table, with what it claims of it.
    pub(in crate::design) before: Piece,
    /// What is said after it, the last being when a level is eliminated.
    pub(in crate::design) after: Vec<Piece>,
}

impl DecisionTableWords<'_> {
    /// The words of the method.
    pub(in crate::design) fn wording(self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        let IsotonicSelection { levels, ref elimination, .. } = *self.selection;
        let printed = printed(self.table, elimination, self.safety, levels, conduct.max_patients);
        let open = vec![
            "Which toxicities outside the DLT window, or below the grade of a DLT, may hold an escalation back, and who decides \
             it: the table knows DLTs only."
                .to_owned(),
        ];
        let references = match self.selects {
            Selects::Isotonic => vec!["Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647: isotonic regression"],
            Selects::Next => Vec::new(),
        };
        let (too_toxic, grids, limits) = (self.too_toxic(&printed, names), self.grids(&printed), self.limits(&printed, names));
        let selection = vec![self.selected(printed, conduct.min_patients_selected)];
        let mut decisions = vec![self.before];
        decisions.extend(grids.into_iter().chain(self.after).chain(limits));
        MethodWording { decisions, too_toxic, precise: Vec::new(), selection, open, references }
    }

    /// The table.
    fn grids(&self, printed: &Printed) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for first in (0..printed.columns.len()).step_by(COLUMNS) {
            let last = printed.columns.len().min(first + COLUMNS);
            let rows = rows(&printed.columns[first..last], self.safety, self.extra_safe.is_some());
            let claim = Claim::recommends((printed.clone(), first + 1, last), |&(ref table, first, last), seen| {
                let column = table.column(seen.counts, seen.current())?;
                let is_here = (first..=last).contains(&column.patients) && matches!(column.said, Said::Bounds { .. });
                is_here.then(|| table.next(column, seen.counts, seen.current()))
            });
            pieces.push(Piece::grid(rows, claim));
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
            let words = format!(
                "With {} at the level, where the table has an asterisk: {}.",
                counted(patients, "patient"),
                in_words(calls)
            );
            Some(Piece::recommends(words, (printed.clone(), patients), |&(ref table, patients), seen| {
                let column = table.column(seen.counts, seen.current()).filter(|column| column.patients == patients)?;
                Some(table.next(column, seen.counts, seen.current()))
            }))
        }));
        pieces
    }

    /// Where the table does not lead.
    fn limits(&self, printed: &Printed, names: &LevelNames) -> Vec<Piece> {
        let too_toxic = Piece::said(match self.safety {
            Safety::Eliminate => {
                "No patient is treated at an eliminated level again: where the table leads there, the next cohort is treated at the \
                 highest level that is left."
            }
            Safety::NeverEscalate => {
                "The dose is never escalated to a level that is too toxic, nor to one above it: where the table leads there, the next \
                 cohort stays."
            }
        });
        let top = printed.levels - 1;
        let ends = Piece::said(if top == 0 {
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
        });
        vec![too_toxic, ends]
    }

    /// When the lowest level is too toxic.
    fn too_toxic(&self, printed: &Printed, names: &LevelNames) -> Vec<Piece> {
        let lowest = names.of(0);
        let excluded = match self.safety {
            Safety::Eliminate => "eliminated",
            Safety::NeverEscalate => "too toxic",
        };
        let words = format!("The trial stops, and no dose level is recommended, when {lowest} is {excluded}.");
        let eliminated =
            Piece::stops(words, StopReason::TooToxic, printed.clone(), |table, seen, _| table.first_eliminated(seen.counts) == 0);
        let mut pieces = vec![eliminated.about(self.elimination_key)];
        if let Some((cutoff, key)) = self.extra_safe {
            let words = format!(
                "The trial stops, and no dose level is recommended, when {lowest} was just treated and has at least the DLTs of the \
                 last row of the table: with {} or more, the probability that its toxicity exceeds {}, given its data and a \
                 uniform prior, is then above {cutoff}.",
                counted(self.min_patients, "patient"),
                self.selection.target
            );
            let extra_safe = Piece::stops(words, StopReason::TooToxic, printed.clone(), |table, seen, _| {
                let bound = table.column(seen.counts, 0).and_then(|column| column.extra_safe);
                seen.current() == 0 && bound.is_some_and(|bound| seen.counts.dlts(0) >= bound)
            });
            pieces.push(extra_safe.about(key));
        }
        pieces
    }

    /// The selection at the end.
    fn selected(&self, printed: Printed, min_patients: usize) -> Piece {
        match self.selects {
            Selects::Isotonic => self.selected_by_regression(printed, min_patients),
            Selects::Next => selected_next(min_patients),
        }
    }

    /// The selection by isotonic regression.
    fn selected_by_regression(&self, printed: Printed, min_patients: usize) -> Piece {
        let IsotonicSelection { target, highest_estimate, prior, .. } = *self.selection;
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
        // Whether any number of DLTs eliminates or not.
        let extra_safe: Vec<Option<usize>> = std::iter::once(None)
            .chain(
                (1..=printed.columns.len())
                    .map(|patients| self.selection.elimination.extra_safe_bound(patients).map(usize::from)),
            )
            .collect();
        let data = ((printed, extra_safe), fewest, target, prior, highest_estimate);
        Piece::selects(words, data, |&((ref printed, ref extra_safe), fewest, target, prior, highest_estimate), seen, _| {
            let counts = seen.counts;
            let end = printed.first_eliminated(counts);
            let bound = extra_safe.get(counts.patients(0)).copied().flatten();
            if end == 0 || bound.is_some_and(|bound| counts.dlts(0) >= bound) {
                return None;
            }
            nearest_by_regression(counts, end, target, prior, |level, estimate| {
                counts.patients(level) >= fewest && highest_estimate.is_none_or(|highest| estimate <= highest)
            })
        })
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

/// Sentences that a level with `min_patients` patients or more is too toxic, at least one DLT having been seen there, when the
/// probability that its toxicity exceeds `target` is above `cutoff`, given its data and a uniform prior.
pub(in crate::design) fn too_toxic(words: String, target: f64, cutoff: f64, min_patients: usize) -> Piece {
    let claim = Claim::too_toxic((target, cutoff, min_patients), |&(target, cutoff, fewest), patients, dlts| {
        patients >= fewest && dlts > 0 && is_exceeded(target, cutoff, patients, dlts)
    });
    Piece::claimed(words, claim)
}

/// Whether, by the words, the probability of a toxicity above `rate` is above `cutoff` after so many DLTs, under a uniform prior. A
/// probability that equals the cutoff is not above it, and comes out of the continued fraction with a rounding error.
pub(in crate::design) fn is_exceeded(rate: f64, cutoff: f64, patients: usize, dlts: usize) -> bool {
    upper_tail((dlts + 1) as f64, (patients - dlts + 1) as f64, rate) > cutoff + 1e-12
}

/// The selection of the level that the rules would give next.
fn selected_next(min_patients: usize) -> Piece {
    let mut words = "The recommended dose level is the one at which the next cohort would have been treated.".to_owned();
    if min_patients > 0 {
        words += &format!(" Where that has fewer than {}, none is recommended.", counted(min_patients, "patient"));
    }
    selects_next(words, min_patients)
}

/// The table as it is printed, for up to `max_patients` patients at a level.
pub(in crate::design) fn printed(
    table: &DecisionTable,
    elimination: &Elimination,
    safety: Safety,
    levels: usize,
    max_patients: usize,
) -> Printed {
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
    Printed { levels, eliminates: safety == Safety::Eliminate, columns: (1..=max_patients).map(column).collect() }
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
