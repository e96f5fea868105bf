//! Time-to-event BOIN (TITE-BOIN): BOIN that does not wait for the patients who are still being followed.
//!
//! # What it does
//! A pending patient without a DLT so far counts by the time followed: either the DLTs that are still to come are imputed (2018),
//! or the patient counts as a fraction of one (2020, effective sample size). The resulting rate is compared with the boundaries of
//! BOIN. With nobody pending the rule is [`crate::design::interval::boin`], as is the selection when everybody has been followed.
//!
//! # Rule
//! At the current level: n patients enrolled, y DLTs seen, c pending, and F the sum of the follow-ups of the pending patients in
//! windows (the standardised total follow-up time). φ is the target, λₑ and λ_d are the boundaries of BOIN.
//!
//! `imputation` (Yuan et al., 2018), with p̂ = (y + φ/2) / (n − c + 1), in this order:
//! 1. a level is eliminated by the rule of BOIN, a pending patient counting as one without a DLT;
//! 2. y/n above λ_d de-escalates at once; at the lowest level accrual is suspended while somebody there is pending;
//! 3. c > n/2 suspends accrual;
//! 4. with the imputed rate μ = (y + (c − F) p̂/(1 − p̂)) / n: μ ≤ λₑ escalates; μ ≥ λ_d and y/n ≥ φ de-escalates; all else stays.
//!
//! `ess` (Lin and Yuan, 2020), in this order: 1. as above; 2. c > n/2 suspends accrual; 3. y/(n − c + F) at most λₑ escalates, at
//! least λ_d de-escalates, all else stays.
//!
//! Patients are enrolled as they arrive, a cohort at a time, and the rule is asked when the first patient of a new cohort arrives.
//! The patients of other levels who are pending play no part.
//!
//! # Parameters
//! `dosebench keys tite-boin` lists them. There is no `titration`: its single patients are waited for.
//!
//! # Where it differs from the paper or the R package
//! CRAN's TITEgBOIN 0.4.0 calls the rule of 2020 TITE-BOIN; that of 2018 is `imputation` here, and reproduces its published
//! decision table. Later versions of the authors' software hold an escalation until each pending patient has a quarter of the
//! window, and weight follow-up by a prior for thirds of the window; these are not offered. Where a rate is exactly λ_d, complete
//! data stay as in R's BOIN.
//!
//! # References
//! Yuan, Lin, Li, Nie and Warren (2018), Clinical Cancer Research 24, 4921-4930. Lin and Yuan (2020), Biostatistics 21, 807-824.

use crate::design::interval::Interval;
use crate::design::interval::SHARED_KEYS;
use crate::design::interval::boin::{Boin, RULE_KEYS, read_conducted};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::Call;
use crate::design::rule::pending::follow_up::{FollowUpRow, follow_up_rows};
use crate::design::rule::pending::{
    Judgement, PendingMethod, PendingVoice, TimeToEvent, as_with_complete_data, closes_on_counts, observation, refuse_waiting,
};
use crate::design::rule::wording::{LevelNames, PendingWording, Piece, Printed};
use crate::design::rule::{ConductKeys, Context, Method, MethodEntry, Plan, Voice};
use crate::keys::{Key, Keys, Worded};
use crate::numeric::exact::{decimal, ratio};
use crate::trial::{Conduct, Level, LevelSituation, MAX_PATIENTS, Situation, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "tite-boin",
    title: "TITE-BOIN",
    sentence: "BOIN that does not wait for the patients who are still being followed.",
    reference: "Yuan, Lin, Li, Nie and Warren (2018), Clinical Cancer Research 24, 4921-4930",
    example: "method = \"tite-boin\"\ncohort_size = 3\nmax_patients = 30",
    situations: 0,
    exceptions: &[],
    conduct: Some(&ConductKeys::PLAIN.without_titration()),
    keys: &[&[&VARIANT.about], RULE_KEYS, SHARED_KEYS],
    read,
};

/// How a pending patient counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The DLTs still to come are imputed (Yuan et al., 2018).
    Imputation,
    /// As the fraction of a patient that has been followed (Lin and Yuan, 2020).
    Ess,
}

/// TITE-BOIN's way to count pending patients.
#[derive(Clone, Debug)]
pub struct TiteBoin {
    variant: Variant,
    levels: usize,
    target: f64,
    /// For each number of patients, the fewest DLTs whose proportion is at least the target.
    at_least_target: Vec<usize>,
}

impl TiteBoin {
    /// The design for so many levels and this target.
    #[must_use]
    pub fn new(variant: Variant, levels: usize, target: f64) -> Self {
        let exact = decimal(target);
        // At most the number of patients, so it fits.
        let fewest = |patients: usize| (&exact * ratio(patients, 1)).ceil().to_integer().try_into().unwrap_or(patients);
        Self { variant, levels, target, at_least_target: (0..=MAX_PATIENTS).map(fewest).collect() }
    }

    /// The follow-up F of the pending patients from which the rule escalates, and that up to which it de-escalates, where it is
    /// follow-up that decides; see the rule.
    #[must_use]
    pub fn cutoffs(&self, boin: &Interval<Boin>, at: LevelSituation) -> (f64, f64) {
        let (lambda_e, lambda_d) = boin.rule().boundaries();
        let (n, y, c) = (at.patients as f64, at.dlts as f64, at.pending as f64);
        match self.variant {
            Variant::Imputation => {
                let rate = (y + self.target / 2.0) / (n - c + 1.0);
                let odds = rate / (1.0 - rate);
                (c - (n * lambda_e - y) / odds, c - (n * lambda_d - y) / odds)
            }
            Variant::Ess => (y / lambda_e - (n - c), y / lambda_d - (n - c)),
        }
    }

    /// What to do at a level in this situation, one of its patients at least being pending; a de-escalation from the lowest level is
    /// left to the caller.
    ///
    /// # Errors
    /// The suspension that the rule asks for.
    pub fn call(&self, boin: &Interval<Boin>, at: LevelSituation) -> Result<Call, Suspension> {
        let LevelSituation { patients, dlts, pending, followed } = at;
        let observed = boin.decision_table().map_or(Call::Stay, |table| table.call(patients, dlts));
        if observed == Call::Eliminate || (self.variant == Variant::Imputation && observed == Call::Deescalate) {
            return Ok(observed);
        }
        if 2 * pending > patients {
            return Err(Suspension::MostPending);
        }
        let (escalate_from, deescalate_to) = self.cutoffs(boin, at);
        let may_deescalate = self.variant == Variant::Ess || dlts >= self.at_least_target[patients];
        Ok(if followed >= escalate_from {
            Call::Escalate
        } else if followed <= deescalate_to && may_deescalate {
            Call::Deescalate
        } else {
            Call::Stay
        })
    }
}

impl PendingMethod<Interval<Boin>> for TiteBoin {
    fn judge(&self, boin: &Interval<Boin>, situation: &Situation<'_>) -> Judgement {
        let current = situation.current();
        let first_eliminated = boin.view(&situation.counts);
        if boin.too_toxic(first_eliminated, &situation.counts, situation.latest) {
            return Judgement::TooToxic;
        }
        let at = situation.at(current);
        if at.pending == 0 {
            return Judgement::Recommend(boin.recommend(first_eliminated, &situation.counts, situation.latest));
        }
        match self.call(boin, at) {
            Err(suspension) => Judgement::Suspend(suspension),
            // Only DLTs that were seen call for less than the lowest level at once.
            Ok(Call::Deescalate | Call::Eliminate) if current == 0 && self.deescalates_at_once(boin, at) => {
                Judgement::Suspend(Suspension::ToxicLowestLevel)
            }
            Ok(call) => Judgement::Recommend(call.next_level(current, self.levels, first_eliminated)),
        }
    }

    fn suspensions(&self) -> &'static [Suspension] {
        match self.variant {
            Variant::Imputation => &[Suspension::MostPending, Suspension::ToxicLowestLevel],
            Variant::Ess => &[Suspension::MostPending],
        }
    }
}

impl PendingVoice<Interval<Boin>> for TiteBoin {
    fn grounds(&self, boin: &Interval<Boin>, situation: &Situation<'_>) -> String {
        let at = situation.at(situation.current());
        if at.pending == 0 {
            return boin.grounds(&situation.counts, situation.latest, false);
        }
        let seen = observation(situation);
        match self.call(boin, at) {
            Err(suspension) => format!("{seen}: {}", suspension.words()),
            Ok(Call::Eliminate) => format!("{seen}, which eliminates the level"),
            Ok(Call::Deescalate) if self.deescalates_at_once(boin, at) => {
                format!("{seen}, a proportion above {:.4}", boin.rule().boundaries().1)
            }
            Ok(_) => {
                let (escalate_from, deescalate_to) = self.cutoffs(boin, at);
                let most = at.pending as f64;
                let escalates = match escalate_from {
                    from if from <= 0.0 => "it escalates however long they are followed".to_owned(),
                    from if from > most => "no follow-up of theirs escalates".to_owned(),
                    from => format!("from {from:.3} on it escalates"),
                };
                let may_deescalate = self.variant == Variant::Ess || at.dlts >= self.at_least_target[at.patients];
                let deescalates = match deescalate_to {
                    _ if escalate_from <= 0.0 => String::new(),
                    _ if !may_deescalate => ", and a DLT proportion below the target does not de-escalate".to_owned(),
                    to if to < 0.0 => ", and none de-escalates".to_owned(),
                    to => format!(", up to {to:.3} it de-escalates"),
                };
                format!("{seen} and followed for {:.3} windows together; {escalates}{deescalates}", at.followed)
            }
        }
    }

    fn follow_up_table(&self, boin: &Interval<Boin>, max_patients: usize) -> Option<Vec<FollowUpRow>> {
        let table = boin.decision_table()?;
        let complete = |patients, dlts| table.call(patients, dlts);
        Some(follow_up_rows(max_patients, complete, |at| self.call(boin, at), |at| self.cutoffs(boin, at)))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let value = match self.variant {
            Variant::Imputation => {
                "the DLTs still to come among the pending patients are imputed (2018); de-escalation also needs a DLT proportion of at \
                 least the target"
            }
            Variant::Ess => "a pending patient counts as the fraction of the window followed (2020)",
        };
        vec![("Pending patients".to_owned(), value.to_owned())]
    }

    fn wording(&self, boin: &Interval<Boin>, _: &LevelNames) -> PendingWording {
        let is_imputed = self.variant == Variant::Imputation;
        let mut decisions = vec![as_with_complete_data(), self.observed(boin)];
        decisions.push(self.by_follow_up(boin));
        let most_pending = Piece::suspends(Suspension::MostPending, self.settled(boin), |settled, situation| {
            let at = situation.at(situation.current());
            at.pending > at.patients - at.pending && !is_settled(settled, at)
        })
        .saying(
            "Accrual is suspended while more than half of the patients at the current level are pending, unless the DLTs seen there decide \
             at once.",
        );
        let toxic_lowest = Piece::suspends(Suspension::ToxicLowestLevel, self.settled(boin), |settled, situation| {
            let at = situation.at(0);
            situation.current() == 0 && at.pending > 0 && is_settled(settled, at)
        });
        PendingWording {
            decisions,
            suspensions: if is_imputed { vec![toxic_lowest, most_pending] } else { vec![most_pending] },
            too_toxic: vec![closes_on_counts()],
            references: if is_imputed { Vec::new() } else { vec!["Lin and Yuan (2020), Biostatistics 21, 807-824"] },
            ..PendingWording::default()
        }
    }

    /// None: those of BOIN are about the form that regulators have looked at.
    fn cautions(&self, _: &Interval<Boin>, _: &Conduct) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

impl TiteBoin {
    /// The printed table, and whether its de-escalations settle the decision as its eliminations do, whoever is pending.
    fn settled(&self, boin: &Interval<Boin>) -> Settled {
        (boin.printed(), self.variant == Variant::Imputation)
    }

    /// What the DLTs seen decide, in words.
    fn observed(&self, boin: &Interval<Boin>) -> Piece {
        let words = match self.variant {
            Variant::Imputation => {
                "When the DLTs seen at the current level among all patients enrolled there, pending ones included, eliminate it or call for \
                 de-escalation by the table, the next cohort is treated one level below at once."
            }
            Variant::Ess => {
                "When the DLTs seen at the current level among all patients enrolled there, pending ones included, eliminate it by the \
                 table, the next cohort is treated one level below at once."
            }
        };
        Piece::recommends_pending(words, self.settled(boin), |settled, situation| {
            let current = situation.current();
            let highest = settled.0.first_eliminated(&situation.counts).checked_sub(1)?;
            is_settled(settled, situation.at(current)).then_some(current.saturating_sub(1).min(highest))
        })
    }

    /// What the follow-up decides, in words.
    fn by_follow_up(&self, boin: &Interval<Boin>) -> Piece {
        let (lambda_e, lambda_d) = boin.rule().boundaries();
        let rates = format!("at most {lambda_e:.3}, and de-escalated by one level when it is {lambda_d:.3} or more");
        let follow_up = "the follow-up F of the pending patients in windows, added up,";
        let no_move = "There is no move above the highest level, below the lowest, or to one that is eliminated.";
        let words = match self.variant {
            Variant::Imputation => format!(
                "Otherwise, with n patients enrolled at the current level, of whom y had a DLT so far and c are pending, and {follow_up} the \
                 DLT probability of those evaluated is taken to be p = (y + {half}) / (n - c + 1), and the DLT rate with the DLTs still to \
                 come to be (y + (c - F) p / (1 - p)) / n. The dose is escalated by one level when that rate is {rates} while y / n is at \
                 least {target}; otherwise the next cohort is treated at the current level. {no_move}",
                half = self.target / 2.0,
                target = self.target
            ),
            Variant::Ess => format!(
                "Otherwise, with n patients enrolled at the current level, of whom y had a DLT so far and c are pending, and {follow_up} the \
                 DLT rate is taken to be y / (n - c + F). The dose is escalated by one level when that rate is {rates}; otherwise the next \
                 cohort is treated at the current level. {no_move}"
            ),
        };
        let data = (boin.printed(), self.target, lambda_e, lambda_d, self.variant == Variant::Imputation);
        Piece::recommends_pending(words, data, |&(ref table, target, lambda_e, lambda_d, is_imputed), situation| {
            let current = situation.current();
            let at = situation.at(current);
            let (n, y, c) = (at.patients as f64, at.dlts as f64, at.pending as f64);
            let (rate, is_toxic) = if is_imputed {
                let p = (y + target / 2.0) / (n - c + 1.0);
                ((y + (c - at.followed) * p / (1.0 - p)) / n, ratio(at.dlts, at.patients) >= decimal(target))
            } else {
                (y / (n - c + at.followed), true)
            };
            // Without a DLT nothing is above a boundary, however little has been seen.
            let never_toxic = !is_imputed && at.dlts == 0;
            let next: Level = if never_toxic || rate <= lambda_e {
                (current + 1).min(table.levels - 1)
            } else if rate >= lambda_d && is_toxic {
                current.saturating_sub(1)
            } else {
                current
            };
            Some(next.min(table.first_eliminated(&situation.counts).checked_sub(1)?))
        })
    }

    /// Whether the DLTs seen at a level de-escalate, whoever is pending.
    fn deescalates_at_once(&self, boin: &Interval<Boin>, at: LevelSituation) -> bool {
        let observed = boin.decision_table().map_or(Call::Stay, |table| table.call(at.patients, at.dlts));
        self.variant == Variant::Imputation && observed >= Call::Deescalate
    }
}

/// The printed table of the design, and whether its de-escalations settle a decision.
type Settled = (Printed, bool);

/// Whether, by the words, the DLTs seen at a level settle the decision, whoever is pending.
fn is_settled((table, de_escalates_too): &Settled, at: LevelSituation) -> bool {
    match table.call(at.patients, at.dlts) {
        Call::Eliminate => true,
        Call::Deescalate => *de_escalates_too,
        Call::Escalate | Call::Stay => false,
    }
}

static VARIANTS: [Worded<Variant>; 2] = [
    ("imputation", Variant::Imputation, "The DLTs still to come are imputed (Yuan et al., 2018)."),
    ("ess", Variant::Ess, "A pending patient counts as the share of a patient that has been followed (Lin and Yuan, 2020)."),
];
static VARIANT: Key<Variant, Variant> = Key::word("variant", &VARIANTS, "How a pending patient without a DLT so far counts.")
    .or_word("imputation")
    .group(group::PENDING);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    refuse_waiting(keys);
    let complete = read_conducted(keys, context);
    let variant = keys.get(&VARIANT);
    let pending = TiteBoin::new(variant, context.levels, context.target);
    Some(Plan::LateOnset(Box::new(TimeToEvent { complete: complete?, pending })))
}
