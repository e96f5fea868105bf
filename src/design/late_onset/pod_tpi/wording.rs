//! PoD-TPI in the words of a protocol.

use super::{DltsToCome, PodTpi};
use crate::design::interval::{Interval, IntervalRule};
use crate::design::rule::decision_table::Call;
use crate::design::rule::pending::closes_on_counts;
use crate::design::rule::wording::{LevelNames, PendingWording, Piece, Printed};
use crate::trial::{Level, Situation, Suspension};

/// The words about pending patients.
pub(super) fn wording<R: IntervalRule>(pod: &PodTpi, design: &Interval<R>, names: &LevelNames) -> PendingWording {
    let PodTpi { min_escalation, max_deescalation, .. } = *pod;
    let printed = design.printed();
    let decisions = vec![
        Piece::said(
            "A level is closed, together with all levels above it, when it is eliminated, or would be by its evaluated patients alone. No \
             patient is treated at a closed level.",
        ),
        Piece::recommends_pending(
            "When the current level is closed, the next cohort is treated at the highest level that is not.",
            printed.clone(),
            |table, situation| {
                let closed = first_closed(table, situation);
                (closed <= situation.current()).then_some(closed.checked_sub(1)?)
            },
        ),
        Piece::recommends_pending(
            "When nobody is pending at the current level the decision is that for nobody pending, but for closed levels.",
            printed.clone(),
            |table, situation| {
                let (counts, current) = (&situation.counts, situation.current());
                let is_pending = situation.followed_at(current).next().is_some();
                let column = table.column(counts, current).filter(|_| !is_pending)?;
                Some(table.next_below(first_closed(table, situation), column, counts, current))
            },
        ),
        Piece::said(
            "Otherwise the decision is worked out for every number of DLTs that the pending patients of the level may still have, from the \
             table above for all of its patients, and weighed by the probability of that number, given the DLTs and the follow-up \
             so far, a uniform prior of the DLT probability, and a DLT being as likely at any time of the window.",
        ),
        Piece::recommends_pending(
            format!(
                "The decision with the largest probability is taken, of equal ones the most cautious. Where there is no level above that is \
                 not closed, an escalation counts as staying; at {} a de-escalation does.",
                names.of(0)
            ),
            printed.clone(),
            |table, situation| {
                let current = situation.current();
                let closed = first_closed(table, situation);
                let [escalate, stay, deescalate] = shares(table, situation);
                Some(match escalate.max(stay).max(deescalate) {
                    largest if deescalate == largest => current.checked_sub(1)?,
                    largest if stay == largest => current,
                    _ => (current + 1).min(closed.checked_sub(1)?),
                })
            },
        ),
    ];
    let suspensions = vec![
        Piece::suspends(Suspension::ToxicLowestLevel, printed.clone(), |table, situation| first_closed(table, situation) == 0)
            .saying("Accrual is suspended while the lowest level is closed."),
        Piece::suspends(Suspension::NoneEvaluated, printed.clone(), |table, situation| {
            let at = situation.at(situation.current());
            is_judged(table, situation) && at.patients == at.pending
        }),
        Piece::suspends(Suspension::UncertainEscalation, (printed.clone(), min_escalation), |&(ref table, least), situation| {
            let [escalate, stay, deescalate] = shares(table, situation);
            is_judged(table, situation) && escalate > stay && escalate > deescalate && escalate < least
        })
        .saying(format!(
            "Accrual is suspended while the decision would be to escalate, but with a probability below {min_escalation}."
        )),
        Piece::suspends(Suspension::LikelyDeescalation, (printed.clone(), max_deescalation), |&(ref table, most), situation| {
            let [escalate, stay, deescalate] = shares(table, situation);
            is_judged(table, situation) && stay >= escalate && stay > deescalate && deescalate > most
        })
        .saying(format!(
            "Accrual is suspended while the decision would be to stay, and a de-escalation has a probability above {max_deescalation}."
        )),
    ];
    PendingWording { decisions, suspensions, too_toxic: vec![closes_on_counts()], ..PendingWording::default() }
}

/// The lowest closed level by the words, or the number of levels.
fn first_closed(table: &Printed, situation: &Situation<'_>) -> Level {
    table.first_eliminated(&situation.counts).min(table.first_eliminated(&situation.evaluated()))
}

/// Whether the decision is worked out for the DLTs still to come.
fn is_judged(table: &Printed, situation: &Situation<'_>) -> bool {
    let at = situation.at(situation.current());
    at.pending > 0 && situation.current() < first_closed(table, situation)
}

/// The probabilities of escalating, staying and de-escalating as the words have them.
fn shares(table: &Printed, situation: &Situation<'_>) -> [f64; 3] {
    let current = situation.current();
    let at = situation.at(current);
    let to_come = DltsToCome::new(at.dlts, at.patients - at.dlts - at.pending, situation.followed_at(current));
    let (may_escalate, may_deescalate) = (current + 1 < first_closed(table, situation), current > 0);
    let mut masses = [0.0; 3];
    for (further, mass) in to_come.masses().iter().enumerate() {
        let place = match table.call(at.patients, at.dlts + further) {
            Call::Escalate if may_escalate => 0,
            Call::Deescalate | Call::Eliminate if may_deescalate => 2,
            _ => 1,
        };
        masses[place] += mass;
    }
    // Where one decision is certain its mass is that of all, digit for digit.
    let total: f64 = to_come.masses().iter().sum();
    masses.map(|mass| mass / total)
}
