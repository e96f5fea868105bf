//! Probability-of-decision toxicity probability interval design (PoD-TPI): what a rule for complete data would decide, weighed by how
//! probable each outcome of the pending patients is.
//!
//! # What it does
//! How many of the pending patients will have a DLT is not known, so neither is the decision that complete data will lead to. Its
//! posterior distribution is: each decision gets the probability of the outcomes that lead to it. The likeliest decision is taken,
//! unless an escalation is not certain enough, or a de-escalation too likely; accrual is then suspended. With nobody pending the rule
//! is mTPI-2 ([`crate::design::interval::mtpi2`]) or i3+3 ([`crate::design::interval::i3plus3`]), as are elimination and selection.
//!
//! # Rule
//! At the current level: y DLTs seen, m patients followed without one, c pending, patient i of whom has been followed for a share ρᵢ of
//! the window. A DLT is as likely at any time of the window, and the DLT probability p of the level uniform before any patient, so that
//! its density is proportional to p^y (1 − p)^m Π (1 − ρᵢ p). Since 1 − ρᵢ p = (1 − ρᵢ) p + (1 − p), the number S of pending patients
//! who will have a DLT has the probabilities
//!
//! Pr(S = s) ∝ eₛ(1 − ρ₁, …, 1 − ρ_c) B(y + s + 1, m + c − s + 1),
//!
//! eₛ being the elementary symmetric polynomial of degree s and B the beta function: no integral is left. Pr(E), Pr(S) and Pr(D) are
//! the sums of those s for which y + s DLTs among all y + m + c patients escalate, stay or de-escalate. In this order:
//! 1. the lowest level is eliminated by the rule for complete data, a pending patient counting as one without a DLT: the trial stops;
//! 2. the evaluated patients of the lowest level alone would eliminate it: accrual is suspended;
//! 3. a level whose evaluated patients alone would eliminate it, and all above, are not given: the next patient goes below;
//! 4. nobody at the level has been evaluated: accrual is suspended;
//! 5. of E, S and D the one with the largest probability is decided, of equal ones the most cautious; where there is no higher level
//!    that may be given, an escalation counts as staying, and at the lowest level a de-escalation does;
//! 6. but with E and Pr(E) below π_E, or S and Pr(D) above π_D, accrual is suspended.
//!
//! Patients are enrolled as they arrive, a cohort at a time, and the rule is asked when the first patient of a new cohort arrives.
//! The suspensions of step 6 can begin and end by follow-up alone.
//!
//! # Parameters
//! `dosebench keys pod-tpi` lists them. There is no `titration`: its single patients are waited for.
//!
//! # Where it differs from the paper or the R package
//! The paper has other distributions of the time to DLT within the window too. The public code by Liu (Ziyu-Liu-WCM/POD-TPI) samples
//! from a piecewise uniform one, works with the marginal probabilities of the patients as if they were independent, and counts the
//! patients of all levels as if they were at the current one; its rules of suspension and safety are those above. The trial stops in
//! step 1 also when fewer than three of three or more patients are evaluated, as the pending ones cannot change it any more.
//!
//! # References
//! Zhou, Guo and Ji (2020), Statistics in Biosciences 12, 124-145. Guo, Wang, Yang, Lynn and Ji (2017), Contemporary Clinical Trials
//! 58, 23-33. Liu, Wang and Ji (2020), Journal of Biopharmaceutical Statistics 30, 294-304.

mod wording;

use crate::design::interval::i3plus3::I3Plus3;
use crate::design::interval::mtpi2::Mtpi2;
use crate::design::interval::{Interval, IntervalRule, IntervalVoice, MARGIN_KEYS, SHARED_KEYS, Shared, read_margins};
use crate::design::rule::assess::percent;
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::{Call, DecisionTable};
use crate::design::rule::pending::{Judgement, PendingMethod, PendingVoice, TimeToEvent, observation, refuse_waiting};
use crate::design::rule::wording::{LevelNames, PendingWording};
use crate::design::rule::{ConductKeys, Context, Method, MethodEntry, Plan, Voice};
use crate::keys::{Key, Keys, Within, Worded};
use crate::trial::{Level, MAX_PATIENTS, Situation, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "pod-tpi",
    title: "PoD-TPI",
    sentence: "Decides what complete data will most probably decide, and suspends accrual where that is too uncertain.",
    reference: "Zhou, Guo and Ji (2020), Statistics in Biosciences 12, 124-145",
    example: "method = \"pod-tpi\"\ncohort_size = 3\nmax_patients = 30",
    situations: 0,
    exceptions: &[],
    conduct: Some(&ConductKeys::PLAIN.without_titration()),
    keys: &[&[&RULE.about, &MIN_ESCALATION_PROBABILITY.about, &MAX_DEESCALATION_PROBABILITY.about], MARGIN_KEYS, SHARED_KEYS],
    read,
};

/// How many pending patients will have a DLT: its posterior distribution under a uniform prior of the DLT probability and uniform times
/// to DLT (Zhou, Guo and Ji, 2020).
#[derive(Clone, Debug)]
pub struct DltsToCome {
    pending: usize,
    /// Weights of 0, 1, ... DLTs, and their sum.
    weights: [f64; MAX_PATIENTS + 1],
    total: f64,
}

impl DltsToCome {
    /// At a level with `dlts` patients with and `without` patients evaluated without a DLT, and pending ones followed for these shares
    /// of the window; together at most [`MAX_PATIENTS`].
    #[must_use]
    pub fn new(dlts: usize, without: usize, followed: impl Iterator<Item = f64>) -> Self {
        let mut weights = [0.0; MAX_PATIENTS + 1];
        weights[0] = 1.0;
        let mut pending = 0;
        for followed in followed.take(MAX_PATIENTS) {
            pending += 1;
            for s in (1..=pending).rev() {
                weights[s] += (1.0 - followed) * weights[s - 1];
            }
        }
        // The beta functions by their ratio, the first of them being 1.
        let (mut beta, mut total) = (1.0, 0.0);
        for (s, weight) in weights.iter_mut().enumerate().take(pending + 1) {
            *weight *= beta;
            total += *weight;
            beta *= (dlts + s + 1) as f64 / (without + pending - s).max(1) as f64;
        }
        Self { pending, weights, total }
    }

    /// The probabilities of no DLT, one, two and so on, but for a common factor.
    fn masses(&self) -> &[f64] {
        &self.weights[..=self.pending]
    }

    /// The probabilities of no DLT, one, two and so on.
    pub fn probabilities(&self) -> impl Iterator<Item = f64> {
        self.weights[..=self.pending].iter().map(|weight| weight / self.total)
    }
}

/// The probabilities of the decisions that complete data will lead to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decisions {
    /// Of an escalation.
    pub escalate: f64,
    /// Of staying at the level.
    pub stay: f64,
    /// Of a de-escalation, with or without elimination of the level.
    pub deescalate: f64,
}

impl Decisions {
    /// By the rule of `table`, with `dlts` DLTs seen and `without` patients evaluated without one.
    #[must_use]
    pub fn new(table: &DecisionTable, dlts: usize, without: usize, to_come: &DltsToCome) -> Self {
        let patients = dlts + without + to_come.pending;
        let (mut escalate, mut stay, mut deescalate) = (0.0, 0.0, 0.0);
        for (s, weight) in to_come.weights[..=to_come.pending].iter().enumerate() {
            match table.call(patients, dlts + s) {
                Call::Escalate => escalate += weight,
                Call::Stay => stay += weight,
                Call::Deescalate | Call::Eliminate => deescalate += weight,
            }
        }
        // Where one decision is certain its sum is the total, digit for digit.
        let total = to_come.total;
        Self { escalate: escalate / total, stay: stay / total, deescalate: deescalate / total }
    }
}

/// PoD-TPI's way to count pending patients.
#[derive(Clone, Copy, Debug)]
pub struct PodTpi {
    /// The number of dose levels.
    pub levels: usize,
    /// Escalate only with at least this probability: π_E.
    pub min_escalation: f64,
    /// Stay only when a de-escalation has at most this probability: π_D.
    pub max_deescalation: f64,
}

impl PodTpi {
    /// The probabilities of the decisions at the current level, `first_closed` and all above not being given.
    fn decisions(&self, table: &DecisionTable, situation: &Situation<'_>, first_closed: Level) -> Decisions {
        let current = situation.current();
        let at = situation.at(current);
        let without = at.patients - at.dlts - at.pending;
        let to_come = DltsToCome::new(at.dlts, without, situation.followed_at(current));
        let mut decisions = Decisions::new(table, at.dlts, without, &to_come);
        if current + 1 >= first_closed.min(self.levels) {
            decisions.stay += std::mem::take(&mut decisions.escalate);
        }
        if current == 0 {
            decisions.stay += std::mem::take(&mut decisions.deescalate);
        }
        decisions
    }

    /// What to do when the decisions have these probabilities.
    ///
    /// # Errors
    /// The suspension that the rule asks for.
    pub fn call(&self, decisions: Decisions) -> Result<Call, Suspension> {
        let Decisions { escalate, stay, deescalate } = decisions;
        if deescalate >= stay && deescalate >= escalate {
            Ok(Call::Deescalate)
        } else if stay >= escalate {
            if deescalate > self.max_deescalation { Err(Suspension::LikelyDeescalation) } else { Ok(Call::Stay) }
        } else if escalate < self.min_escalation {
            Err(Suspension::UncertainEscalation)
        } else {
            Ok(Call::Escalate)
        }
    }

    /// The lowest level that is not given: it is eliminated, or would be by its evaluated patients alone; the number of levels, where
    /// there is none.
    fn first_closed<R: IntervalRule>(design: &Interval<R>, situation: &Situation<'_>) -> Level {
        design.view(&situation.counts).min(design.view(&situation.evaluated()))
    }
}

impl<R: IntervalRule> PendingMethod<Interval<R>> for PodTpi {
    fn judge(&self, design: &Interval<R>, situation: &Situation<'_>) -> Judgement {
        if design.too_toxic(design.view(&situation.counts), &situation.counts, situation.latest) {
            return Judgement::TooToxic;
        }
        let first_closed = Self::first_closed(design, situation);
        if first_closed == 0 {
            return Judgement::Suspend(Suspension::ToxicLowestLevel);
        }
        let current = situation.current();
        let at = situation.at(current);
        if current >= first_closed || at.pending == 0 {
            return Judgement::Recommend(design.recommend(first_closed, &situation.counts, situation.latest));
        }
        if at.pending == at.patients {
            return Judgement::Suspend(Suspension::NoneEvaluated);
        }
        match self.call(self.decisions(design.decisions(), situation, first_closed)) {
            Ok(call) => Judgement::Recommend(call.next_level(current, self.levels, first_closed)),
            Err(suspension) => Judgement::Suspend(suspension),
        }
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[
            Suspension::ToxicLowestLevel,
            Suspension::NoneEvaluated,
            Suspension::UncertainEscalation,
            Suspension::LikelyDeescalation,
        ]
    }

    fn suspends_by_follow_up(&self) -> bool {
        true
    }
}

impl<R: IntervalVoice> PendingVoice<Interval<R>> for PodTpi {
    fn grounds(&self, design: &Interval<R>, situation: &Situation<'_>) -> String {
        let current = situation.current();
        let at = situation.at(current);
        if at.pending == 0 {
            return design.grounds(&situation.counts, situation.latest, false);
        }
        let seen = observation(situation);
        let first_closed = Self::first_closed(design, situation);
        if current >= first_closed || at.pending == at.patients {
            return match self.judge(design, situation) {
                Judgement::Suspend(suspension) => format!("{seen}: {}", suspension.words()),
                _ => format!("{seen}: the patients evaluated at level {} eliminate it", first_closed + 1),
            };
        }
        let decisions = self.decisions(design.decisions(), situation, first_closed);
        let because = self.call(decisions).map_or_else(|suspension| format!("; {}", suspension.words()), |_| String::new());
        let Decisions { escalate, stay, deescalate } = decisions;
        format!(
            "{seen}: Pr(escalate) {}, Pr(stay) {}, Pr(de-escalate) {}{because}",
            percent(escalate),
            percent(stay),
            percent(deescalate)
        )
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let value = format!(
            "by the probabilities of the decisions that complete data may lead to: the likeliest, but escalate only with a probability \
             of at least {}, and stay only when that of de-escalating is at most {}",
            self.min_escalation, self.max_deescalation
        );
        vec![("Pending patients".to_owned(), value)]
    }

    fn wording(&self, design: &Interval<R>, names: &LevelNames) -> PendingWording {
        wording::wording(self, design, names)
    }
}

/// The rule for complete data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complete {
    Mtpi2,
    I3Plus3,
}

static COMPLETE: [Worded<Complete>; 2] =
    [("mtpi2", Complete::Mtpi2, "The rule of mTPI-2."), ("i3+3", Complete::I3Plus3, "The rule of i3+3.")];
static RULE: Key<Complete, Complete> =
    Key::word("rule", &COMPLETE, "The rule for complete data.").or_word("mtpi2").group(group::DECISION);
static MIN_ESCALATION_PROBABILITY: Key<f64, f64> = Key::number(
    "min_escalation_probability",
    Within::OpenClosed(0.0, 1.0),
    "The probability that complete data will escalate below which accrual is suspended in place of an escalation.",
)
.or(1.0)
.group(group::PENDING);
static MAX_DEESCALATION_PROBABILITY: Key<f64, f64> = Key::number(
    "max_deescalation_probability",
    Within::Closed(0.0, 1.0),
    "The probability that complete data will de-escalate above which accrual is suspended in place of staying.",
)
.or(0.15)
.group(group::PENDING);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    refuse_waiting(keys);
    let shared = Shared::read(keys, context);
    let Context { levels, target, .. } = context;
    let margins = read_margins(keys, target);
    let complete = keys.get(&RULE);
    let (min_escalation, max_deescalation) = (keys.get(&MIN_ESCALATION_PROBABILITY), keys.get(&MAX_DEESCALATION_PROBABILITY));
    let (margins, max_patients) = (margins?, shared.conduct.max_patients);
    let pending = PodTpi { levels, min_escalation, max_deescalation };
    Some(Plan::LateOnset(match complete {
        Complete::Mtpi2 => {
            Box::new(TimeToEvent { complete: shared.conducted(Mtpi2::new(target, margins, max_patients)), pending })
        }
        Complete::I3Plus3 => Box::new(TimeToEvent { complete: shared.conducted(I3Plus3::new(target, margins)), pending }),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::gauss_legendre::integral;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
        /// By integration over p: given p, the pending patients are independent.
        #[test]
        fn dlts_to_come_by_integration(
            dlts in 0..8_usize,
            without in 0..12_usize,
            followed in prop::collection::vec(prop_oneof![0.0..1.0, Just(0.0), Just(1.0)], 0..8),
        ) {
            let joint = |s: usize, p: f64| {
                let mut number = vec![1.0];
                for followed in &followed {
                    let has = p * (1.0 - followed);
                    number.push(0.0);
                    for s in (0..number.len()).rev() {
                        number[s] = (1.0 - p) * number[s] + if s > 0 { has * number[s - 1] } else { 0.0 };
                    }
                }
                p.powi(dlts as i32) * (1.0 - p).powi(without as i32) * number[s]
            };
            let masses: Vec<f64> = (0..=followed.len()).map(|s| integral(0.0, 1.0, |p| joint(s, p))).collect();
            let total: f64 = masses.iter().sum();
            let found: Vec<f64> = DltsToCome::new(dlts, without, followed.iter().copied()).probabilities().collect();
            prop_assert_eq!(found.len(), masses.len());
            for (found, mass) in found.iter().zip(&masses) {
                prop_assert!((found - mass / total).abs() < 1e-12, "{} {}", found, mass / total);
            }
        }

        /// The longer the pending patients have been followed, the fewer DLTs are to come: what makes the decisions change one way.
        #[test]
        fn follow_up_makes_dlts_rarer(
            dlts in 0..8_usize,
            without in 0..12_usize,
            followed in prop::collection::vec(0.0..1.0, 1..8),
            further in 0.0..0.5_f64,
        ) {
            let more = || followed.iter().map(|followed: &f64| (followed + further).min(1.0));
            let [sooner, later] = [DltsToCome::new(dlts, without, followed.iter().copied()), DltsToCome::new(dlts, without, more())];
            let (mut below_sooner, mut below_later) = (0.0, 0.0);
            for (sooner, later) in sooner.probabilities().zip(later.probabilities()) {
                below_sooner += sooner;
                below_later += later;
                prop_assert!(below_later >= below_sooner - 1e-12);
            }
        }
    }
}
