//! CFO in the words of a protocol. Its claims are made of the printed thresholds and of the odds, which are worked out anew, one pair of
//! levels at a time.

use super::pairs::Judge;
use super::{Cfo, ELIMINATION_MIN_PATIENTS, Settings, is_eliminated, sample, written};
use crate::design::rule::decision_table::wording::nearest_by_regression;
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, Seen, counted};
use crate::trial::{Conduct, Counts, Level, StopReason};

/// Columns of thresholds that fit beside the heading of a row.
const COLUMNS: usize = 12;

/// The method's lines of the synopsis.
pub(super) fn synopsis(settings: &Settings) -> Vec<(String, String)> {
    let Settings { judge: Judge { target, prior: [a, b] }, elimination_cutoff, .. } = settings;
    let mut lines = Vec::new();
    let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
    add("Target, prior of a level", format!("{target}, Beta({a}, {b})"));
    add("De-escalate", "when the odds say that the current level is too toxic beside the one below it".to_owned());
    add(
        "Escalate",
        "when they say that the level above is not too toxic beside the current one; stay when both or neither".to_owned(),
    );
    add(
        "Eliminate",
        format!(
            "a level and all above when it has {ELIMINATION_MIN_PATIENTS} patients or more and Pr(toxicity > {target} | data) is at least \
             {elimination_cutoff}; level 1: stop, no dose"
        ),
    );
    if let Some(cutoff) = settings.lowered_cutoff() {
        add("Early stop", format!("level 1 is eliminated when that probability is at least {cutoff}"));
    }
    add("Select", "the level whose isotonic estimate is closest to the target, among those tried and not eliminated".to_owned());
    lines
}

/// What the words print, as a claim has it: the number of levels, the target and the prior of a level, the cutoffs for the lowest level
/// and for the others, and the thresholds by patients at the lower and at the upper level.
type Printed = (usize, f64, [f64; 2], [f64; 2], Vec<Vec<f64>>);

/// What the words print.
struct Said<'a> {
    levels: usize,
    judge: Judge,
    /// For the lowest level, and for the others.
    cutoffs: [f64; 2],
    /// By patients at the lower and at the upper level.
    thresholds: &'a [Vec<f64>],
}

impl<'a> Said<'a> {
    fn new(&(levels, target, prior, cutoffs, ref thresholds): &'a Printed) -> Self {
        Self { levels, judge: Judge { target, prior }, cutoffs, thresholds }
    }

    /// The lowest level that is eliminated, or the number of levels; at the end of the trial the cutoff is exceeded.
    fn first_eliminated(&self, counts: &Counts, at_the_end: bool) -> Level {
        let [lowest, others] = self.cutoffs;
        let is_out = |level: &Level| {
            let cutoff = if *level == 0 { lowest } else { others };
            is_eliminated(self.judge, sample(counts, *level), cutoff, !at_the_end)
        };
        (0..self.levels).find(is_out).unwrap_or(self.levels)
    }

    /// Whether a level is too toxic beside the one below it; `None` where it is neither that nor not.
    fn is_too_toxic(&self, counts: &Counts, upper: Level) -> Option<bool> {
        let [below, above] = [upper - 1, upper].map(|level| sample(counts, level));
        let threshold = self.thresholds.get(below[0])?.get(above[0])?;
        (!self.judge.is_even(below, above)).then(|| self.judge.odds(below, above) > *threshold)
    }

    /// Whether the current level is too toxic beside the one below it, where there is one.
    fn is_down(&self, counts: &Counts, current: Level) -> bool {
        current > 0 && self.is_too_toxic(counts, current) == Some(true)
    }

    /// Whether the level above is not too toxic beside the current one, where there is one that is not eliminated.
    fn is_up(&self, counts: &Counts, current: Level) -> bool {
        current + 1 < self.first_eliminated(counts, false) && self.is_too_toxic(counts, current + 1) == Some(false)
    }
}

/// The method's words.
pub(super) fn wording(cfo: &Cfo, conduct: &Conduct, names: &LevelNames) -> MethodWording {
    let Settings { judge: Judge { target, prior }, elimination_cutoff, early_stop_cutoff } = cfo.settings;
    let most = conduct.max_patients;
    let row = |lower: usize| (0..=most - lower).map(|upper| cfo.pairs.threshold(lower, upper)).collect();
    let cutoffs = [early_stop_cutoff.min(elimination_cutoff), elimination_cutoff];
    let printed = (conduct.levels, target, prior, cutoffs, (0..=most).map(row).collect());
    MethodWording {
        decisions: decisions(&printed, conduct, names),
        too_toxic: vec![too_toxic(&cfo.settings, &printed, names)],
        precise: Vec::new(),
        selection: vec![selection(cfo, &printed, conduct.min_patients_selected)],
        open: vec![
            "Which toxicities outside the DLT window, or below the grade of a DLT, may hold an escalation back, and who decides it: the \
             odds know DLTs only."
                .to_owned(),
        ],
        references: vec!["Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647: isotonic regression"],
    }
}

/// How the next level is recommended.
fn decisions(printed: &Printed, conduct: &Conduct, names: &LevelNames) -> Vec<Piece> {
    let said = Said::new(printed);
    let Judge { target, prior: [a, b] } = said.judge;
    let [_, cutoff] = said.cutoffs;
    let mut pieces = vec![
        Piece::said(format!(
            "The target DLT probability is {target}. The DLT probability of each dose level has a Beta({a}, {b}) prior distribution. Given \
             the data of the level it has a beta distribution, the DLTs being added to the first parameter and the patients without one to \
             the second."
        )),
        Piece::said(format!(
            "Two neighbouring levels are compared by odds. The odds of a level are the probability that its DLT probability is above \
             {target}, divided by the probability that it is below, given the data of both levels and that the lower one is less toxic \
             than the upper one. The upper level is too toxic beside the lower one when the product of the odds of the two is above the \
             threshold for their numbers of patients, and not too toxic otherwise. A level without patients takes part with its prior \
             distribution."
        )),
        Piece::said(format!(
            "A threshold separates the possible outcomes of two levels with so many patients such that two errors are least when added \
             up: the product is up to the threshold, although the lower level has the target DLT probability and the upper one any from \
             {target} to {}; and the product is above the threshold, although the upper level has the target DLT probability and the \
             lower one any from 0 to {target}. Of the numbers that separate alike it is the one with the fewest digits. The table has \
             the patients at the lower level in its rows and at the upper level in its columns.",
            (2.0 * target).min(1.0)
        )),
        Piece::grid(grid(&said, conduct), Claim::Nothing),
    ];
    if target == 0.5 && a == b {
        pieces.push(Piece::said(
            "Where two levels have as many patients, and as many DLTs at one as patients without a DLT at the other, the product is 1, \
             and the upper level counts neither as too toxic nor as not too toxic.",
        ));
    }
    let eliminates = if said.cutoffs[0] < cutoff {
        format!("at least {cutoff}, at {} at least {}", names.of(0), said.cutoffs[0])
    } else {
        format!("at least {cutoff}")
    };
    let top = conduct.levels - 1;
    let recommends =
        |words: String, says: fn(&Printed, &Seen<'_>) -> Option<Level>| Piece::recommends(words, printed.clone(), says);
    pieces.extend([
        recommends(
            format!(
                "A level is eliminated, together with all levels above it, when it has {ELIMINATION_MIN_PATIENTS} patients or more and the \
                 probability that its DLT probability exceeds {target} is {eliminates}, given its data. When the current level is \
                 eliminated, the next cohort is treated one level lower."
            ),
            |printed, seen| {
                let is_out = Said::new(printed).first_eliminated(seen.counts, false) <= seen.current();
                is_out.then(|| seen.current().saturating_sub(1))
            },
        ),
        recommends(
            "When the current level is too toxic beside the level below it, the next cohort is treated one level lower, unless the level \
             above is not too toxic beside the current one and not eliminated."
                .to_owned(),
            |printed, seen| {
                let (said, counts, current) = (Said::new(printed), seen.counts, seen.current());
                (said.is_down(counts, current) && !said.is_up(counts, current)).then(|| current - 1)
            },
        ),
        recommends(
            "When the level above is not too toxic beside the current one and not eliminated, the next cohort is treated one level higher, \
             unless the current level is too toxic beside the level below it."
                .to_owned(),
            |printed, seen| {
                let (said, counts, current) = (Said::new(printed), seen.counts, seen.current());
                (said.is_up(counts, current) && !said.is_down(counts, current)).then(|| current + 1)
            },
        ),
        recommends("Otherwise the next cohort is treated at the current level.".to_owned(), |_, seen| Some(seen.current())),
    ]);
    pieces.push(Piece::said(format!(
        "At {} there is no level below, and the dose is not de-escalated; at {} there is none above, and it is not escalated.",
        names.of(0),
        names.of(top)
    )));
    pieces
}

/// The thresholds for whole cohorts, as many as fit; never for two levels without patients.
fn grid(said: &Said<'_>, conduct: &Conduct) -> Vec<Vec<String>> {
    let sizes: Vec<usize> = (0..=conduct.max_patients).step_by(conduct.cohort_size).take(COLUMNS).collect();
    let heading = std::iter::once("Patients".to_owned()).chain(sizes.iter().map(usize::to_string));
    let cell = |lower: usize, upper: usize| match said.thresholds[lower].get(upper) {
        Some(&threshold) if lower + upper > 0 => written(threshold),
        _ => "–".to_owned(),
    };
    let row = |&lower: &usize| std::iter::once(lower.to_string()).chain(sizes.iter().map(|&upper| cell(lower, upper))).collect();
    std::iter::once(heading.collect()).chain(sizes.iter().map(row)).collect()
}

/// When the lowest level is too toxic.
fn too_toxic(settings: &Settings, printed: &Printed, names: &LevelNames) -> Piece {
    let words = format!("The trial stops, and no dose level is recommended, when {} is eliminated.", names.of(0));
    let key = if settings.lowered_cutoff().is_some() { "early_stop_cutoff" } else { "elimination_cutoff" };
    Piece::stops(words, StopReason::TooToxic, printed.clone(), |printed, seen, _| {
        Said::new(printed).first_eliminated(seen.counts, false) == 0
    })
    .about(key)
}

/// How a level is selected at the end.
fn selection(cfo: &Cfo, printed: &Printed, min_patients: usize) -> Piece {
    let fewest = min_patients.max(1);
    let mut words = format!(
        "The recommended dose level is chosen among the levels with at least {} that are not eliminated; now the probability has to exceed \
         the number that eliminates. {}",
        counted(fewest, "patient"),
        cfo.selection.words()
    );
    if min_patients > 1 {
        words += " A level with fewer patients takes part in the estimation.";
    }
    words += " Where no level is left, none is recommended.";
    Piece::selects(words, (printed.clone(), fewest), |(printed, fewest), seen, _| {
        let (said, counts) = (Said::new(printed), seen.counts);
        let Judge { target, prior } = said.judge;
        let end = said.first_eliminated(counts, true);
        nearest_by_regression(counts, end, target, prior, |level, _| counts.patients(level) >= *fewest)
    })
}
