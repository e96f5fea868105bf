//! Time-to-event keyboard (TITE-keyboard): the keyboard design that does not wait for the patients who are still being followed.
//!
//! # What it does
//! A pending patient without a DLT so far counts as the fraction of a patient that has been followed. The posterior distribution of
//! the DLT probability at the current level then says whether the target key, or a key beside it, is the stronger one. With nobody
//! pending the rule is [`crate::design::interval::keyboard`], as are elimination and selection.
//!
//! # Rule
//! At the current level: n patients enrolled, y DLTs seen, c pending, F the sum of the follow-ups of the pending patients in
//! windows, and n' = n − c + F the effective sample size. The DLT probability has the posterior distribution Beta(y + 1, n' − y + 1).
//! The target key is (φ − margin below, φ + margin above), φ being the target; the keys beside it are as long, or end at 0 or 1, and
//! then count with their probability × full length / own length.
//!
//! 1. A level is eliminated by the rule for complete data, a pending patient counting as one without a DLT.
//! 2. n ≤ 3, y = 0 and c ≥ 2 suspends accrual.
//! 3. A stronger key below the target key escalates; a stronger key above de-escalates; all else stays. For y DLTs that is: escalate
//!    when n' is above one number, de-escalate when it is below another. Without a DLT it always escalates.
//!
//! Patients are enrolled as they arrive, a cohort at a time, and the rule is asked when the first patient of a new cohort arrives.
//!
//! # Parameters
//! `dosebench keys tite-keyboard` lists them. Those of the keyboard design but `end_keys`, which are rescaled. There is no `titration`: its
//! single patients are waited for.
//!
//! # Where it differs from the paper or the R package
//! As the table of the authors' script (TITE-MAD, get.boundary.tite). Their simulator is stricter than their table: with at most two
//! evaluated patients it escalates only when nobody is pending. Keys farther away never decide otherwise: the posterior density has
//! one peak. De-escalation from the lowest level stays there.
//!
//! # References
//! Lin and Yuan (2020), Biostatistics 21, 807-824. Yan, Mandrekar and Yuan (2017), Clinical Cancer Research 23, 3994-4003.

use crate::design::interval::keyboard::{EndKeys, Keyboard};
use crate::design::interval::{Around, Interval, MARGIN_KEYS, SHARED_KEYS, Shared, read_margins};
use crate::design::rule::decision_table::Call;
use crate::design::rule::pending::follow_up::{FollowUpRow, follow_up_rows};
use crate::design::rule::pending::{
    Judgement, PendingMethod, PendingVoice, TimeToEvent, as_with_complete_data, closes_on_counts, observation, refuse_waiting,
};
use crate::design::rule::wording::{Claim, LevelNames, PendingWording, Piece};
use crate::design::rule::{ConductKeys, Context, Method, MethodEntry, Plan, Voice};
use crate::keys::Keys;
use crate::numeric::binomial::to_f64;
use crate::numeric::gauss_legendre;
use crate::trial::{LevelSituation, Situation, Suspension};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "tite-keyboard",
    title: "TITE-keyboard",
    sentence: "The keyboard design that counts a pending patient as the share of a patient that has been followed.",
    reference: "Lin and Yuan (2020), Biostatistics 21, 807-824",
    example: "method = \"tite-keyboard\"\ncohort_size = 3\nmax_patients = 30",
    situations: 0,
    exceptions: &[],
    conduct: Some(&ConductKeys::PLAIN.without_titration()),
    keys: &[MARGIN_KEYS, SHARED_KEYS],
    read,
};

/// TITE-keyboard's way to count pending patients: by the effective sample size.
#[derive(Clone, Debug)]
pub struct EffectiveSampleSize {
    levels: usize,
    /// For each number of DLTs, the effective sample sizes above which to escalate and below which to de-escalate.
    cutoffs: Vec<(f64, f64)>,
}

impl EffectiveSampleSize {
    /// The design for so many levels, for trials of up to `max_patients` patients; the margins below and above the target leave
    /// room to 0 and to 1.
    #[must_use]
    pub fn new(levels: usize, target: f64, margins: [f64; 2], max_patients: usize) -> Self {
        let around = Around::new(target, margins);
        let target_key = (to_f64(&around.below), to_f64(&around.above));
        Self { levels, cutoffs: (0..=max_patients).map(|dlts| cutoffs(target, target_key, dlts)).collect() }
    }

    /// For `dlts` DLTs, the effective sample sizes above which the design escalates and below which it de-escalates, beyond the
    /// largest trial infinite and zero.
    #[must_use]
    pub fn cutoffs(&self, dlts: usize) -> (f64, f64) {
        self.cutoffs.get(dlts).copied().unwrap_or((f64::INFINITY, 0.0))
    }

    /// What to do at a level in this situation, one of its patients at least being pending.
    ///
    /// # Errors
    /// The suspension that the rule asks for.
    pub fn call(&self, keyboard: &Interval<Keyboard>, at: LevelSituation) -> Result<Call, Suspension> {
        let LevelSituation { patients, dlts, pending, .. } = at;
        if keyboard.decisions().call(patients, dlts) == Call::Eliminate {
            return Ok(Call::Eliminate);
        }
        if patients <= 3 && dlts == 0 && pending >= 2 {
            return Err(Suspension::FewEvaluated);
        }
        let ((escalate_above, deescalate_below), effective) = (self.cutoffs(dlts), effective(at));
        Ok(match dlts {
            0 => Call::Escalate,
            _ if effective > escalate_above => Call::Escalate,
            _ if effective < deescalate_below => Call::Deescalate,
            _ => Call::Stay,
        })
    }
}

/// The effective sample size at a level.
fn effective(at: LevelSituation) -> f64 {
    (at.patients - at.pending) as f64 + at.followed
}

/// The effective sample sizes at which the key below, and the key above, are as strong as the target key from `low` to `high`: the
/// larger the sample, the lower the posterior distribution. By bisection on integrals by Gauss and Legendre's rule.
fn cutoffs(target: f64, (low, high): (f64, f64), dlts: usize) -> (f64, f64) {
    if dlts == 0 {
        return (0.0, 0.0);
    }
    let length = high - low;
    let [below, within, above] = [((low - length).max(0.0), low), (low, high), (high, (high + length).min(1.0))];
    let y = dlts as f64;
    // The density at the target would make the numbers small; only their order counts.
    let log_scale = |effective: f64| y * libm::log(target) + (effective - y) * libm::log1p(-target);
    let unit_mass = |(from, to): (f64, f64), effective: f64| {
        let scale = log_scale(effective);
        let density = |p: f64| {
            if p <= 0.0 || p >= 1.0 { 0.0 } else { libm::exp(y * libm::log(p) + (effective - y) * libm::log1p(-p) - scale) }
        };
        gauss_legendre::integral(from, to, density) / (to - from)
    };
    let target_wins = |other: (f64, f64), effective: f64| unit_mass(within, effective) - unit_mass(other, effective);
    let root = |is_above: &dyn Fn(f64) -> bool| {
        let (mut below, mut above) = (y, y + 1.0);
        if is_above(below) {
            return below;
        }
        while !is_above(above) && above < 1e6 {
            (below, above) = (above, 2.0 * above);
        }
        for _ in 0..60 {
            let middle = 0.5 * (below + above);
            if is_above(middle) { above = middle } else { below = middle }
        }
        0.5 * (below + above)
    };
    (root(&|effective| target_wins(below, effective) < 0.0), root(&|effective| target_wins(above, effective) >= 0.0))
}

impl PendingMethod<Interval<Keyboard>> for EffectiveSampleSize {
    fn judge(&self, keyboard: &Interval<Keyboard>, situation: &Situation<'_>) -> Judgement {
        let first_eliminated = keyboard.view(&situation.counts);
        if keyboard.too_toxic(first_eliminated, &situation.counts, situation.latest) {
            return Judgement::TooToxic;
        }
        let at = situation.at(situation.current());
        if at.pending == 0 {
            return Judgement::Recommend(keyboard.recommend(first_eliminated, &situation.counts, situation.latest));
        }
        match self.call(keyboard, at) {
            Ok(call) => Judgement::Recommend(call.next_level(situation.current(), self.levels, first_eliminated)),
            Err(suspension) => Judgement::Suspend(suspension),
        }
    }

    fn suspensions(&self) -> &'static [Suspension] {
        &[Suspension::FewEvaluated]
    }
}

impl PendingVoice<Interval<Keyboard>> for EffectiveSampleSize {
    fn grounds(&self, keyboard: &Interval<Keyboard>, situation: &Situation<'_>) -> String {
        let at = situation.at(situation.current());
        if at.pending == 0 {
            return keyboard.grounds(&situation.counts, situation.latest, false);
        }
        let seen = observation(situation);
        match self.call(keyboard, at) {
            Err(suspension) => format!("{seen}: {}", suspension.words()),
            Ok(Call::Eliminate) => format!("{seen}, which eliminates the level"),
            Ok(_) if at.dlts == 0 => format!("{seen}; without a DLT it escalates"),
            Ok(_) => {
                let ((escalate_above, deescalate_below), effective) = (self.cutoffs(at.dlts), effective(at));
                format!(
                    "{seen}, an effective sample size of {effective:.3}; above {escalate_above:.3} escalate, below {deescalate_below:.3} \
                     de-escalate"
                )
            }
        }
    }

    fn follow_up_table(&self, keyboard: &Interval<Keyboard>, max_patients: usize) -> Option<Vec<FollowUpRow>> {
        let complete = |patients, dlts| keyboard.decisions().call(patients, dlts);
        let cutoffs = |at: LevelSituation| {
            let ((escalate_above, deescalate_below), evaluated) = (self.cutoffs(at.dlts), (at.patients - at.pending) as f64);
            (escalate_above - evaluated, deescalate_below - evaluated)
        };
        Some(follow_up_rows(max_patients, complete, |at| self.call(keyboard, at), cutoffs))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        vec![("Pending patients".to_owned(), "a pending patient counts as the fraction of the window followed".to_owned())]
    }

    fn wording(&self, keyboard: &Interval<Keyboard>, _: &LevelNames) -> PendingWording {
        let eliminated = Piece::recommends_pending(
            "When the DLTs seen at the current level among all patients enrolled there, pending ones included, eliminate it, the next cohort \
             is treated one level below.",
            keyboard.printed(),
            |table, situation| {
                let first = table.first_eliminated(&situation.counts);
                (first <= situation.current()).then(|| first.saturating_sub(1).min(situation.current().saturating_sub(1)))
            },
        );
        let mut decisions = vec![as_with_complete_data(), eliminated];
        decisions.push(Piece::said(
            "Otherwise a pending patient counts as the fraction of the window followed: the effective sample size of the current level is \
             the number of its evaluated patients plus the follow-up of its pending patients in windows. The dose is escalated by one \
             level when the effective sample size is above the upper number of the table below for the DLTs seen so far, and de-escalated \
             by one level when it is below the lower number; otherwise the next cohort is treated at the current level. Without a DLT the \
             dose is escalated. There is no move above the highest level, below the lowest, or to one that is eliminated.",
        ));
        decisions.extend(self.grids(keyboard));
        let few_evaluated = Piece::suspends(Suspension::FewEvaluated, (), |(), situation| {
            let at = situation.at(situation.current());
            at.patients <= 3 && at.dlts == 0 && at.pending >= 2
        });
        PendingWording {
            decisions,
            suspensions: vec![few_evaluated],
            too_toxic: vec![closes_on_counts()],
            references: vec!["Yan, Mandrekar and Yuan (2017), Clinical Cancer Research 23, 3994-4003: the keyboard design"],
            ..PendingWording::default()
        }
    }
}

/// Columns of numbers side by side.
const COLUMNS: usize = 8;
/// Decimals of the numbers printed: what is printed is what is decided, but where the sample size agrees with it so far.
const DECIMALS: usize = 3;

impl EffectiveSampleSize {
    /// The cut-offs as grids: those for the DLTs that somebody may still be pending beside.
    fn grids(&self, keyboard: &Interval<Keyboard>) -> impl Iterator<Item = Piece> {
        let most = self.cutoffs.len() - 1;
        // Beyond, even the largest sample is too small to stay.
        let last = (1..=most).rev().find(|&dlts| self.cutoffs[dlts].1 < most as f64).unwrap_or(1);
        (1..=last).step_by(COLUMNS).map(move |first| {
            let columns = first..=last.min(first + COLUMNS - 1);
            let row = |heading: &str, cell: &dyn Fn(usize) -> String| {
                std::iter::once(heading.to_owned()).chain(columns.clone().map(cell)).collect::<Vec<String>>()
            };
            let number = |value: f64| if value > most as f64 { "–".to_owned() } else { format!("{value:.DECIMALS$}") };
            let rows = vec![
                row("DLTs at the level", &|dlts| dlts.to_string()),
                row("Escalate if above", &|dlts| number(self.cutoffs[dlts].0)),
                row("De-escalate if below", &|dlts| number(self.cutoffs[dlts].1)),
            ];
            // The first grid speaks of no DLT, the last of all that are more than in it.
            let (from, to) = (if first == 1 { 0 } else { first }, if *columns.end() == last { most } else { *columns.end() });
            let data = (keyboard.printed(), self.cutoffs.clone(), from, to);
            Piece::grid(
                rows,
                Claim::recommends_pending(data, |&(ref table, ref cutoffs, from, to), situation| {
                    let current = situation.current();
                    let at = situation.at(current);
                    if !(from..=to).contains(&at.dlts) {
                        return None;
                    }
                    let (escalate_above, deescalate_below) = *cutoffs.get(at.dlts)?;
                    let sample = (at.patients - at.pending) as f64 + at.followed;
                    let next = if at.dlts == 0 || sample > escalate_above {
                        (current + 1).min(table.levels - 1)
                    } else if sample < deescalate_below {
                        current.saturating_sub(1)
                    } else {
                        current
                    };
                    Some(next.min(table.first_eliminated(&situation.counts).checked_sub(1)?))
                }),
            )
        })
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    refuse_waiting(keys);
    let shared = Shared::read(keys, context);
    let Context { levels, target, .. } = context;
    let margins = read_margins(keys, target)?;
    let max_patients = shared.conduct.max_patients;
    let complete = shared.conducted(Keyboard::new(target, margins, EndKeys::Rescaled, max_patients));
    let pending = EffectiveSampleSize::new(levels, target, margins, max_patients);
    Some(Plan::LateOnset(Box::new(TimeToEvent { complete, pending })))
}
