//! The 3+3 family in the words of a protocol: a list of decisions, the first that fits being taken.

use super::ThreePlusThree;
use crate::design::wording::{Claim, LevelNames, Part, Piece, Wording};
use crate::trial::{Arrival, Cohort, Counts, Decision, Level, Move, StopReason};

/// What the words look at: the level just treated.
struct Seen {
    level: Level,
    patients: usize,
    dlts: usize,
    /// Patients at the level below.
    below: usize,
    /// Whether the level above has been found too toxic.
    came_down: bool,
}

/// A decision where the words fit.
fn when<'a>(levels: usize, words: String, decide: impl Fn(&Seen) -> Option<Decision> + 'a) -> Piece<'a> {
    Piece::decides(words, move |counts: &Counts, arrival: Arrival| {
        let level = arrival.cohort.level as usize;
        let is_too_toxic = |level: Level| counts.patients(level) >= 3 && counts.dlts(level) >= 2;
        decide(&Seen {
            level,
            patients: counts.patients(level),
            dlts: counts.dlts(level),
            below: level.checked_sub(1).map_or(0, |below| counts.patients(below)),
            came_down: level + 1 < levels && is_too_toxic(level + 1),
        })
    })
}

fn enrol(level: Level, patients: u8, reason: Move) -> Option<Decision> {
    Some(Decision::Enrol(Cohort { level: level as u8, patients }, reason))
}

fn declare(level: Level) -> Option<Decision> {
    Some(Decision::Stop(Some(level as u8), StopReason::MtdDeclared))
}

/// The rule's words.
pub(super) fn wording(rule: ThreePlusThree, names: &LevelNames) -> Wording<'static> {
    let parts = vec![
        Part::new("Start and cohorts", start(rule, names)),
        Part::new("Decision after each cohort", decisions(rule, names)),
        Part::new("Stopping rules, in the order in which they are looked at", stops(rule, names)).numbered(),
        Part::new("Recommended dose level", selection(rule, names)),
    ];
    Wording { parts, open: open(rule, names), references: Vec::new() }
}

fn start(rule: ThreePlusThree, names: &LevelNames) -> Vec<Piece<'static>> {
    let ThreePlusThree { levels, first_cohort_size, confirm_top_dose, .. } = rule;
    let first = Claim::First(Cohort { level: 0, patients: first_cohort_size as u8 });
    let lowest = names.of(0);
    let evaluated =
        "The next dose level is decided when every patient of a cohort has been evaluated for dose-limiting toxicity (DLT).";
    if first_cohort_size != 1 {
        return vec![
            Piece::claimed(format!("The first 3 patients are treated at {lowest}."), first),
            Piece::said("Later cohorts are of 3 patients each, all at one dose level. No level has more than 6 patients."),
            Piece::said(evaluated),
        ];
    }
    let mut pieces = vec![Piece::claimed(format!("The first patient is treated at {lowest}."), first)];
    let single = |seen: &Seen| seen.level == 0 && seen.patients == 1;
    if levels > 1 {
        let words = format!("If that patient has no DLT, 3 patients are treated at {}.", names.of(1));
        pieces.push(when(levels, words, move |seen| {
            (single(seen) && seen.dlts == 0).then(|| enrol(1, 3, Move::Escalate)).flatten()
        }));
    } else if confirm_top_dose {
        let words = format!("If that patient has no DLT, 2 more patients are treated at {lowest}.");
        pieces
            .push(when(levels, words, move |seen| (single(seen) && seen.dlts == 0).then(|| enrol(0, 2, Move::Expand)).flatten()));
    } else {
        let words = format!("If that patient has no DLT, the trial ends and {lowest} is recommended.");
        pieces.push(when(levels, words, move |seen| (single(seen) && seen.dlts == 0).then(|| declare(0)).flatten()));
    }
    let words = format!(
        "If that patient has a DLT, 2 more patients are treated at {lowest}; the first DLT counts, and the rules for 3 patients below apply."
    );
    pieces.push(when(levels, words, move |seen| (single(seen) && seen.dlts == 1).then(|| enrol(0, 2, Move::Expand)).flatten()));
    pieces.push(Piece::said("Later cohorts complete a level to 3 patients, or to 6. No level has more than 6 patients."));
    pieces.push(Piece::said(evaluated));
    pieces
}

/// The decisions that go on with the trial.
fn decisions(rule: ThreePlusThree, names: &LevelNames) -> Vec<Piece<'static>> {
    let ThreePlusThree { levels, first_cohort_size, deescalate, confirm_top_dose } = rule;
    let top = levels - 1;
    let name = names.of(top);
    let mut pieces = Vec::new();
    if levels > 1 {
        pieces.push(when(
            levels,
            format!("With no DLT in 3 patients at a level below {name}, 3 patients are treated at the next higher level."),
            move |seen| {
                let fits = seen.patients == 3 && seen.dlts == 0 && seen.level < top && !seen.came_down;
                fits.then(|| enrol(seen.level + 1, 3, Move::Escalate)).flatten()
            },
        ));
    }
    pieces.push(when(levels, "With 1 DLT in 3 patients, 3 more patients are treated at the same level.".to_owned(), |seen| {
        (seen.patients == 3 && seen.dlts == 1).then(|| enrol(seen.level, 3, Move::Expand)).flatten()
    }));
    if levels > 1 {
        pieces.push(when(
            levels,
            format!(
                "With at most 1 DLT in 6 patients at a level below {name}, 3 patients are treated at the next higher level, unless that level \
                 has been found too toxic."
            ),
            move |seen| {
                let fits = seen.patients == 6 && seen.dlts <= 1 && seen.level < top && !seen.came_down;
                fits.then(|| enrol(seen.level + 1, 3, Move::Escalate)).flatten()
            },
        ));
    }
    if confirm_top_dose {
        let words = format!("With no DLT in 3 patients at {name}, 3 more patients are treated there.");
        let confirm = when(levels, words, move |seen| {
            let fits = seen.patients == 3 && seen.dlts == 0 && seen.level == top;
            fits.then(|| enrol(top, 3, Move::Expand)).flatten()
        });
        pieces.push(confirm.about("confirm_top_dose"));
    }
    pieces.push(Piece::said("A level is too toxic when 2 or more of its 3 or 6 patients have a DLT."));
    if deescalate && levels > 1 {
        let down =
            "When a level is too toxic and the level below has 3 patients, 3 more patients are treated at the level below.";
        let down = when(levels, down.to_owned(), |seen| {
            let fits = seen.patients >= 3 && seen.dlts >= 2 && seen.level > 0 && seen.below == 3;
            fits.then(|| enrol(seen.level - 1, 3, Move::Deescalate)).flatten()
        });
        pieces.push(down.about("deescalate"));
        if first_cohort_size == 1 {
            let (lowest, second) = (names.of(0), names.of(1));
            let back = format!(
                "When {second} is too toxic and {lowest} has one patient, 2 more patients are treated at {lowest}. With at most 1 DLT in \
                 these 3 patients, 3 more patients are treated there."
            );
            let back = when(levels, back, |seen| {
                if seen.level == 1 && seen.patients >= 3 && seen.dlts >= 2 && seen.below == 1 {
                    enrol(0, 2, Move::Deescalate)
                } else if seen.level == 0 && seen.came_down && seen.patients == 3 && seen.dlts <= 1 {
                    enrol(0, 3, Move::Expand)
                } else {
                    None
                }
            });
            pieces.push(back.about("deescalate"));
        }
    }
    pieces
}

/// The decisions that end the trial.
fn stops(rule: ThreePlusThree, names: &LevelNames) -> Vec<Piece<'static>> {
    let ThreePlusThree { levels, deescalate, confirm_top_dose, .. } = rule;
    let top = levels - 1;
    let name = names.of(top);
    let too_toxic = |seen: &Seen| seen.patients >= 3 && seen.dlts >= 2;
    let words = format!("The trial stops, and no dose level is recommended, when {} is too toxic.", names.of(0));
    let mut pieces = vec![when(levels, words, move |seen| {
        (too_toxic(seen) && seen.level == 0).then_some(Decision::Stop(None, StopReason::TooToxic))
    })];
    if levels > 1 && deescalate {
        pieces.push(when(
            levels,
            "The trial stops when a level is too toxic and the level below has 6 patients: the level below is recommended."
                .to_owned(),
            move |seen| {
                let fits = too_toxic(seen) && seen.level > 0 && seen.below == 6;
                fits.then(|| declare(seen.level - 1)).flatten()
            },
        ));
        pieces.push(when(
            levels,
            "The trial stops when a level has at most 1 DLT in 6 patients and the level above is too toxic: it is recommended."
                .to_owned(),
            |seen| (seen.patients == 6 && seen.dlts <= 1 && seen.came_down).then(|| declare(seen.level)).flatten(),
        ));
    } else if levels > 1 {
        let words = "The trial stops when a level is too toxic: the level below is recommended, whatever its number of patients.";
        pieces.push(when(levels, words.to_owned(), move |seen| {
            (too_toxic(seen) && seen.level > 0).then(|| declare(seen.level - 1)).flatten()
        }));
    }
    let words = if confirm_top_dose {
        format!("The trial stops when {name} has at most 1 DLT in 6 patients: it is recommended.")
    } else {
        format!("The trial stops when {name} has no DLT in 3 patients, or at most 1 in 6: it is recommended.")
    };
    pieces.push(when(levels, words, move |seen| {
        let is_fine = seen.patients == 6 && seen.dlts <= 1 || seen.patients == 3 && seen.dlts == 0 && !confirm_top_dose;
        (is_fine && seen.level == top).then(|| declare(top)).flatten()
    }));
    pieces
}

fn selection(rule: ThreePlusThree, names: &LevelNames) -> Vec<Piece<'static>> {
    let words = match (rule.deescalate, rule.confirm_top_dose) {
        (true, true) => "The recommended dose level, the MTD, is the highest level with at most 1 DLT in 6 patients.".to_owned(),
        (true, false) => format!(
            "The recommended dose level, the MTD, is the highest level with at most 1 DLT in 6 patients; for {} no DLT in 3 is enough.",
            names.of(rule.levels - 1)
        ),
        (false, _) => "The recommended dose level, the MTD, is the highest level below the first one found too toxic.".to_owned(),
    };
    vec![Piece::said(words)]
}

fn open(rule: ThreePlusThree, names: &LevelNames) -> Vec<String> {
    let ThreePlusThree { levels, first_cohort_size, deescalate, confirm_top_dose } = rule;
    let (lowest, top) = (names.of(0), names.of(levels - 1));
    let mut open = Vec::new();
    if levels > 1 {
        open.push(if deescalate {
            "Whether a level is completed to 6 patients before it is recommended when the one above is too toxic. Here it is."
                .to_owned()
        } else {
            "Whether a level is completed to 6 patients before it is recommended when the one above is too toxic. Here it is not."
                .to_owned()
        });
    }
    open.push(format!(
        "Whether {top} may be recommended with no DLT in 3 patients, or needs 6. Here it {}.",
        if confirm_top_dose { "needs 6" } else { "may be recommended with 3" }
    ));
    if first_cohort_size == 1 && levels > 1 {
        let second = names.of(1);
        open.push(format!(
            "What happens on coming back to {lowest} with its one patient because {second} is too toxic. Here {}.",
            if deescalate {
                "the level is completed to 3 patients, then to 6"
            } else {
                "it is recommended with that one patient"
            }
        ));
        open.push(format!(
            "Whether a moderate toxicity of the first patient, short of a DLT, also calls for more patients at {lowest}. Here it does not."
        ));
    }
    open.push("Whether a level once left because of DLTs may be escalated to again. Here it may not.".to_owned());
    open
}
