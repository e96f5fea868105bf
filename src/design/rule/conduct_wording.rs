//! The conduct rules in the words of a protocol, around those of a method.

use super::titration::{self, is_titrated};
use super::wording::{Claim, LevelNames, MethodWording, Part, PendingWording, Piece, Wording, counted};
use crate::numeric::exact::{decimal, ratio};
use crate::trial::{
    Coherence, Cohort, Conduct, Counts, Decision, Level, Move, Ruling, SkipDown, SkipUp, StopAtPatients, StopReason, StopWhen,
    Suspension,
};

/// A whole rule: the method's words and those of its conduct; with `pending` the words about pending patients.
pub(in crate::design) fn wording(
    conduct: &Conduct,
    method: MethodWording,
    pending: Option<PendingWording>,
    names: &LevelNames,
) -> Wording {
    let MethodWording { decisions, mut too_toxic, mut precise, selection, mut open, mut references } = method;
    if conduct.coherent != Coherence::Off {
        references.push("Cheung (2005), Biometrics 61, 863-873: coherence");
    }
    open.extend(conduct.titration.and_then(titration::open));
    let mut start = begin(conduct, names);
    if pending.is_some() {
        start.extend(scheme_while_pending(conduct));
    }
    let (decided, stopped) = match pending {
        None => {
            start.push(Piece::said(
                "The next dose level is decided when every patient of a cohort has been evaluated for dose-limiting toxicity (DLT).",
            ));
            let heading = "Stopping rules, in the order in which they are looked at";
            let pieces = stops(conduct, too_toxic, Vec::new(), precise, names);
            (vec![Part::new("Decision after each cohort", decisions)], Part::new(heading, pieces))
        }
        Some(pending) => {
            start.push(Piece::said(
                "Patients are enrolled as they arrive. The next dose level is decided when the first patient of the next cohort arrives, \
                 whether the patients before have been evaluated for dose-limiting toxicity (DLT) or not. A patient is pending while \
                 followed without a DLT so far; one with a DLT is evaluated at once.",
            ));
            too_toxic.extend(pending.too_toxic);
            precise.extend(pending.precise);
            open.extend(pending.open);
            references.extend(pending.references);
            let heading = "Stopping and suspension of accrual, in the order in which they are looked at";
            let mut pieces = stops(conduct, too_toxic, pending.suspensions, precise, names);
            pieces.push(Piece::said(
                "When accrual has stopped, every patient is followed to the end of the window before a dose level is recommended. For the \
                 numbers of patients in these rules a pending patient counts as any other; for the restrictions on the next dose level \
                 as one without a DLT.",
            ));
            let complete = Part::new("Decision when nobody is pending", decisions);
            (vec![complete, Part::new("Decision while patients are pending", pending.decisions)], Part::new(heading, pieces))
        }
    };
    let mut parts = vec![Part::new("Start and cohorts", start)];
    parts.extend(decided);
    parts.push(Part::new("Restrictions on the next dose level", restrictions(conduct)));
    parts.push(stopped.numbered());
    parts.push(Part::new("Recommended dose level", selection));
    Wording { parts, open, references }
}

/// What can be used and should be looked at.
pub(in crate::design) fn cautions(conduct: &Conduct) -> Vec<(&'static str, String)> {
    let Conduct { first_cohort_size, cohort_size, max_patients, .. } = *conduct;
    let mut cautions = Vec::new();
    if first_cohort_size > max_patients {
        let key = if first_cohort_size == cohort_size { "cohort_size" } else { "first_cohort_size" };
        let message =
            format!("the first cohort of {first_cohort_size} cannot be completed: the trial has at most {max_patients} patients");
        cautions.push((key, message));
    }
    cautions
}

/// The first cohort, unless titration has its own, and the size of the others.
fn begin(conduct: &Conduct, names: &LevelNames) -> Vec<Piece> {
    let Conduct { levels, cohort_size, max_patients, start_level, .. } = *conduct;
    let titrated = conduct.titration.map(|titration| titration::wording(titration, levels, cohort_size, max_patients, names));
    let mut pieces = titrated.unwrap_or_default();
    if pieces.is_empty() {
        let cohort = conduct.first_cohort();
        let name = names.of(start_level);
        let words = match cohort.patients {
            1 => format!("The first patient is treated at {name}."),
            patients => format!("The first {patients} patients are treated at {name}."),
        };
        pieces.push(Piece::claimed(words, Claim::First(cohort)));
        pieces.extend(initial_scheme(conduct, names));
    }
    let size = Claim::size((cohort_size, max_patients), |&(size, most), treated| size.min(most.saturating_sub(treated)));
    let words = if cohort_size == 1 {
        format!("Later patients are treated one at a time, up to {max_patients} in the trial.")
    } else {
        format!(
            "Later cohorts are of {cohort_size} patients each, all at one dose level. At most {max_patients} patients are treated in the \
             trial; the last cohort is smaller where that is needed."
        )
    };
    pieces.push(Piece::claimed(words, size).about("cohort_size"));
    pieces
}

/// The first stage of a two-stage design.
fn initial_scheme(conduct: &Conduct, names: &LevelNames) -> Option<Piece> {
    let Conduct { cohort_size, max_patients, .. } = *conduct;
    let steps = conduct.scheme_steps();
    if steps.is_empty() {
        return None;
    }
    let list: Vec<String> =
        steps.iter().map(|&(level, patients)| format!("{} at {}", counted(patients, "patient"), names.of(level))).collect();
    let size = if cohort_size == 1 { "one at a time".to_owned() } else { format!("in cohorts of up to {cohort_size}") };
    let words = format!(
        "Until the first DLT the dose levels are fixed in advance (initial escalation scheme): {}, {size}, each cohort at one level. No \
         other rule is looked at meanwhile, but for the number of patients in the trial. The rules below take over after the first \
         cohort with a DLT, or at the end of the scheme.",
        list.join(", then ")
    );
    let piece = Piece::decides(words, (steps, cohort_size, max_patients), |scheme, seen| {
        let cohort = next_of_scheme(scheme, seen.counts)?;
        let reason = if cohort.level > seen.arrival.cohort.level { Move::Escalate } else { Move::Expand };
        Some(Decision::Enrol(cohort, reason))
    });
    Some(piece.about("initial_scheme"))
}

/// The steps of an initial scheme, patients in a cohort, and patients in the trial.
type Scheme = (Vec<(Level, usize)>, usize, usize);

/// The next cohort of an initial scheme, as the words have it.
fn next_of_scheme(&(ref steps, cohort_size, max_patients): &Scheme, counts: &Counts) -> Option<Cohort> {
    let treated = counts.total_patients();
    let mut end = 0;
    let current = steps.iter().find(|(_, patients)| {
        end += patients;
        end > treated
    });
    let &(level, _) = current.filter(|_| counts.total_dlts() == 0 && treated < max_patients)?;
    let patients = cohort_size.min(end - treated).min(max_patients - treated) as u8;
    Some(Cohort { level: level as u8, patients })
}

/// How an initial scheme is followed while patients are pending.
fn scheme_while_pending(conduct: &Conduct) -> Option<Piece> {
    let steps = conduct.scheme_steps();
    if steps.is_empty() {
        return None;
    }
    let words = "While the scheme is followed and patients are pending, its patients at the level of the last one are enrolled as they \
                 arrive. Accrual is suspended before the first patient at a higher level until all have been followed to the end of \
                 the window. The scheme ends when a DLT is seen.";
    let piece = Piece::rules(words, (steps, conduct.cohort_size, conduct.max_patients), |scheme, situation| {
        let cohort = next_of_scheme(scheme, &situation.counts).filter(|_| !situation.pending.is_empty())?;
        let is_higher = usize::from(cohort.level) > situation.current();
        Some(if is_higher { Ruling::Suspend(Suspension::SchemeStep) } else { Ruling::Enrol(cohort, Move::Expand) })
    });
    Some(piece.about("initial_scheme"))
}

/// No skipping and coherence, in the order in which they apply.
fn restrictions(conduct: &Conduct) -> Vec<Piece> {
    let Conduct { levels, max_patients, .. } = *conduct;
    let mut pieces = Vec::new();
    // Titration may pass over levels.
    let no = if conduct.titration.is_some_and(|titration| titration.step > 1) { "After titration no" } else { "No" };
    let titrates = conduct.titration.is_some();
    match conduct.no_skipping {
        SkipUp::Current => pieces.push(
            Piece::limits(
                format!("{no} level is skipped on the way up: the next dose level is at most one above the current one."),
                (titrates, levels, max_patients),
                |&(titrates, levels, most), seen, next| {
                    let is_free = titrates && is_titrated(&(levels, most), seen.counts);
                    if is_free { next } else { next.min(seen.current() + 1) }
                },
            )
            .about("no_skipping"),
        ),
        SkipUp::HighestTried => pieces.push(
            Piece::limits(
                format!(
                    "{no} untried level is skipped on the way up: the next dose level is at most one above the highest level at which \
                     a patient has been treated."
                ),
                (titrates, levels, max_patients),
                |&(titrates, levels, most), seen, next| {
                    let highest = (0..levels).filter(|&level| seen.counts.patients(level) > 0).max();
                    let is_free = titrates && is_titrated(&(levels, most), seen.counts);
                    if is_free { next } else { next.min(highest.map_or(next, |highest| highest + 1)) }
                },
            )
            .about("no_skipping"),
        ),
        SkipUp::Off => {}
    }
    match conduct.no_skipping_down {
        SkipDown::Current => pieces.push(
            Piece::limits(
                "No level is skipped on the way down: the next dose level is at most one below the current one.",
                (),
                |(), seen, next| next.max(seen.current().saturating_sub(1)),
            )
            .about("no_skipping_down"),
        ),
        SkipDown::LowestTried => pieces.push(
            Piece::limits(
                "No untried level is skipped on the way down: the next dose level is at most one below the lowest level at which a \
                 patient has been treated.",
                levels,
                |&levels, seen, next| {
                    let lowest = (0..levels).find(|&level| seen.counts.patients(level) > 0);
                    next.max(lowest.map_or(0, |lowest| lowest.saturating_sub(1)))
                },
            )
            .about("no_skipping_down"),
        ),
        SkipDown::Off => {}
    }
    pieces.extend(coherence(conduct));
    if pieces.is_empty() {
        pieces.push(Piece::said("There are no others than those above."));
    }
    pieces
}

/// No escalation right after toxicity.
fn coherence(conduct: &Conduct) -> Option<Piece> {
    let target = decimal(conduct.target);
    // The smallest number of DLTs with which the proportion is at least, or above, the target, for each number of patients.
    let fewest = |patients: usize, strictly: bool| {
        (0..=patients).find(|&dlts| {
            let proportion = ratio(dlts, patients);
            proportion > target || (!strictly && proportion == target)
        })
    };
    let words_of = |size: usize, bound: Option<usize>| bound.map(|bound| format!("{bound} or more of {size}"));
    match conduct.coherent {
        Coherence::LastCohort => {
            let largest = conduct.cohort_size.max(conduct.first_cohort_size);
            let bounds: Vec<Option<usize>> = (0..=largest).map(|size| fewest(size, false).filter(|_| size > 0)).collect();
            let mut sizes = vec![conduct.first_cohort_size, conduct.cohort_size];
            sizes.dedup();
            let examples: Vec<String> = sizes.into_iter().filter_map(|size| words_of(size, bounds[size])).collect();
            let words = format!(
                "The dose is not escalated after a cohort in which the proportion of patients with a DLT is {} or more ({}): the next \
                 cohort is then treated at the current level.",
                conduct.target,
                examples.join(", ")
            );
            let piece = Piece::limits(words, bounds, |bounds, seen, next| {
                let bound = bounds.get(usize::from(seen.arrival.cohort.patients)).copied().flatten();
                if bound.is_some_and(|bound| usize::from(seen.arrival.dlts) >= bound) { next.min(seen.current()) } else { next }
            });
            Some(piece.about("coherent"))
        }
        Coherence::Level => {
            let bounds: Vec<Option<usize>> =
                (0..=conduct.max_patients).map(|patients| fewest(patients, true).filter(|_| patients > 0)).collect();
            let examples: Vec<String> = [3, 6, 9]
                .into_iter()
                .filter(|&patients| patients <= conduct.max_patients)
                .filter_map(|patients| words_of(patients, bounds[patients]))
                .collect();
            let examples = if examples.is_empty() { String::new() } else { format!(" ({})", examples.join(", ")) };
            let words = format!(
                "The dose is not escalated while the proportion of patients with a DLT among all those treated at the current level is \
                 above {}{examples}: the next cohort is then treated at the current level.",
                conduct.target,
            );
            let piece = Piece::limits(words, bounds, |bounds, seen, next| {
                let current = seen.current();
                let bound = bounds.get(seen.counts.patients(current)).copied().flatten();
                if bound.is_some_and(|bound| seen.counts.dlts(current) >= bound) { next.min(current) } else { next }
            });
            Some(piece.about("coherent"))
        }
        Coherence::Off => None,
    }
}

/// The stopping rules and the suspensions, in their order of precedence.
fn stops(
    conduct: &Conduct,
    too_toxic: Vec<Piece>,
    suspensions: Vec<Piece>,
    precise: Vec<Piece>,
    names: &LevelNames,
) -> Vec<Piece> {
    let Conduct { levels, max_patients, .. } = *conduct;
    let mut pieces = Vec::new();
    if let Some(StopAtPatients { patients, when: StopWhen::Reached }) = conduct.stop_at_patients {
        pieces.push(
            Piece::stops(
                format!(
                    "The trial stops when the level just treated has {patients} patients or more, whatever their outcomes, unless all \
                     {max_patients} patients have been treated; a dose level is then recommended."
                ),
                StopReason::StopAtPatients,
                (max_patients, patients),
                |&(max_patients, patients), seen, _| {
                    seen.in_cohorts < max_patients && seen.counts.patients(seen.current()) >= patients
                },
            )
            .about("stop_at_patients"),
        );
    }
    pieces.extend(too_toxic);
    pieces.push(
        Piece::stops(
            format!("The trial stops when {max_patients} patients have been treated; a dose level is then recommended."),
            StopReason::MaxPatients,
            max_patients,
            |&max_patients, seen, _| seen.in_cohorts >= max_patients,
        )
        .about("max_patients"),
    );
    pieces.extend(suspensions);
    if let Some(StopAtPatients { patients, when }) = conduct.stop_at_patients
        && when != StopWhen::Reached
    {
        let situation = match when {
            StopWhen::Stay => "the next cohort would be treated at the level just treated, and that level has",
            StopWhen::Recommended => "the level at which the next cohort would be treated has",
            _ => "any level has",
        };
        let words = format!("The trial stops when {situation} {patients} patients or more; a dose level is then recommended.");
        let claim = match when {
            StopWhen::Stay => Claim::stops(StopReason::StopAtPatients, patients, |&patients, seen, next| {
                next == seen.current() && seen.counts.patients(next) >= patients
            }),
            StopWhen::Recommended => {
                Claim::stops(StopReason::StopAtPatients, patients, |&patients, seen, next| seen.counts.patients(next) >= patients)
            }
            _ => Claim::stops(StopReason::StopAtPatients, (levels, patients), |&(levels, patients), seen, _| {
                (0..levels).any(|level| seen.counts.patients(level) >= patients)
            }),
        };
        pieces.push(Piece::claimed(words, claim).about("stop_at_patients"));
    }
    for (&level, &patients) in &conduct.stop_at_level_patients {
        let patients = usize::from(patients);
        let words = format!(
            "The trial stops when {} or more have been treated at {}; a dose level is then recommended.",
            counted(patients, "patient"),
            names.of(level)
        );
        let piece = Piece::stops(words, StopReason::StopAtLevelPatients, (level, patients), |&(level, patients), seen, _| {
            seen.counts.patients(level) >= patients
        });
        pieces.push(piece.about("stop_at_level_patients"));
    }
    pieces.extend(precise);
    pieces
}
