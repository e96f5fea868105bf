//! PoD-TPI in the words of a protocol.

use super::{Decisions, PodTpi};
use crate::design::interval::{Interval, IntervalRule};
use crate::design::rule::Method;
use crate::design::rule::pending::closes_on_counts;
use crate::design::rule::wording::{LevelNames, PendingWording, Piece};
use crate::trial::{Situation, Suspension};

/// The words about pending patients.
pub(super) fn wording<'a, R: IntervalRule>(pod: &'a PodTpi, design: &'a Interval<R>, names: &LevelNames) -> PendingWording<'a> {
    let PodTpi { min_escalation, max_deescalation, .. } = *pod;
    let decisions = vec![
        Piece::said(
            "A level is closed, together with all levels above it, when it is eliminated, or would be by its evaluated patients alone. No \
             patient is treated at a closed level.",
        ),
        Piece::recommends(
            "When the current level is closed, the next cohort is treated at the highest level that is not.",
            |situation| {
                let closed = PodTpi::first_closed(design, situation);
                (closed <= situation.current()).then_some(closed.checked_sub(1)?)
            },
        ),
        Piece::recommends(
            "When nobody is pending at the current level the decision is that for nobody pending, but for closed levels.",
            |situation| {
                let is_pending = situation.followed_at(situation.current()).next().is_some();
                let closed = PodTpi::first_closed(design, situation);
                (!is_pending).then(|| design.recommend(closed, &situation.counts, situation.latest))
            },
        ),
        Piece::said(
            "Otherwise the decision is worked out for every number of DLTs that the pending patients of the level may still have, from the \
             table above for all of its patients, and weighed by the probability of that number, given the DLTs and the follow-up \
             so far, a uniform prior of the DLT probability, and a DLT being as likely at any time of the window.",
        ),
        Piece::recommends(
            format!(
                "The decision with the largest probability is taken, of equal ones the most cautious. Where there is no level above that is \
                 not closed, an escalation counts as staying; at {} a de-escalation does.",
                names.of(0)
            ),
            move |situation| {
                let current = situation.current();
                let closed = PodTpi::first_closed(design, situation);
                let [escalate, stay, deescalate] = shares(pod, design, situation);
                Some(match escalate.max(stay).max(deescalate) {
                    largest if deescalate == largest => current.checked_sub(1)?,
                    largest if stay == largest => current,
                    _ => (current + 1).min(closed.checked_sub(1)?),
                })
            },
        ),
    ];
    let is_judged = move |situation: &Situation<'_>| {
        let at = situation.at(situation.current());
        at.pending > 0 && situation.current() < PodTpi::first_closed(design, situation)
    };
    let suspensions = vec![
        Piece::suspends(Suspension::ToxicLowestLevel, |situation| PodTpi::first_closed(design, situation) == 0)
            .saying("Accrual is suspended while the lowest level is closed."),
        Piece::suspends(Suspension::NoneEvaluated, move |situation| {
            let at = situation.at(situation.current());
            is_judged(situation) && at.patients == at.pending
        }),
        Piece::suspends(Suspension::UncertainEscalation, move |situation| {
            let [escalate, stay, deescalate] = shares(pod, design, situation);
            is_judged(situation) && escalate > stay && escalate > deescalate && escalate < min_escalation
        })
        .saying(format!(
            "Accrual is suspended while the decision would be to escalate, but with a probability below {min_escalation}."
        )),
        Piece::suspends(Suspension::LikelyDeescalation, move |situation| {
            let [escalate, stay, deescalate] = shares(pod, design, situation);
            is_judged(situation) && stay >= escalate && stay > deescalate && deescalate > max_deescalation
        })
        .saying(format!(
            "Accrual is suspended while the decision would be to stay, and a de-escalation has a probability above {max_deescalation}."
        )),
    ];
    PendingWording { decisions, suspensions, too_toxic: vec![closes_on_counts(design)], ..PendingWording::default() }
}

/// The probabilities of escalating, staying and de-escalating as the words have them.
fn shares<R: IntervalRule>(pod: &PodTpi, design: &Interval<R>, situation: &Situation<'_>) -> [f64; 3] {
    let Decisions { escalate, stay, deescalate } =
        pod.decisions(design.decisions(), situation, PodTpi::first_closed(design, situation));
    [escalate, stay, deescalate]
}
