//! The Bayesian optimal interval design (BOIN).
//!
//! # What it does
//! Compares the DLT proportion at the current level with two fixed boundaries around the target φ: below, escalate; above,
//! de-escalate; between, stay. Levels that are too toxic are eliminated; the end selects by isotonic regression.
//!
//! # Rule
//! With φ₁ the highest toxicity deemed too low and φ₂ the lowest deemed too high,
//!
//! λₑ = ln((1 − φ₁)/(1 − φ)) / ln(φ(1 − φ₁)/(φ₁(1 − φ))),  λ_d = ln((1 − φ)/(1 − φ₂)) / ln(φ₂(1 − φ)/(φ(1 − φ₂))).
//!
//! With y DLTs among the n patients at the current level: y ≤ nλₑ escalates, y > nλ_d de-escalates, all else stays. There is no
//! move below the lowest level, above the highest, or into an eliminated one: the level stays. Elimination and selection:
//! [`crate::design::rule::selection`]. The trial stops without a dose when level 1 is eliminated.
//!
//! # Parameters
//! - `safe_rate`: φ₁, below the target by at least a tenth of it (default 0.6 φ);
//! - `toxic_rate`: φ₂, above the target by at least a tenth of it (default 1.4 φ);
//! - `elimination_cutoff`: above 0, up to 1 (default 0.95);
//! - `extra_safe_offset`: between 0 and 0.5, less than the cutoff (absent): stop when level 1 was just treated and its
//!   probability of a toxicity above φ exceeds cutoff − offset;
//! - `bound_mtd`: select no level whose estimate is above λ_d (false);
//! - `stay_at_1_of_3`: 1 DLT in 3 stays where it would de-escalate, unless it eliminates (false).
//!
//! `titration`, a conduct rule here, is an option of the R package's design. `backfill` fills lower levels up, as with every interval
//! design: see [`crate::design::rule::pending::backfill`].
//!
//! The target lies from 0.05 to 0.6.
//!
//! # Where it differs from the paper or the R package
//! Equal to `BOIN::get.boundary` and `BOIN::get.oc` 2.7.2 except as said here. A DLT proportion of exactly λ_d stays as in R,
//! where the paper de-escalates; one of exactly λₑ escalates as in the paper, where R stays because its λₑ is rounded. Both are
//! decided by comparing powers of fractions, the rates being the decimals as written. As in R the extra-safe rule is not looked
//! at where no number of DLTs could eliminate. The fill-up of a titration is cut to the planned number of patients, where R
//! counts a DLT without a patient. After the last cohort a level 1 that is too toxic is reported as such; R reports the
//! same selection, none, as a trial that ran to its end.
//!
//! # References
//! Liu and Yuan (2015), JRSS C 64, 507-523.

mod wording;

use crate::design::rule::assess::{observation, percent};
use crate::design::rule::decision_table::wording::printed;
use crate::design::rule::decision_table::{Call, DecisionTable};
use crate::design::rule::pending::backfill::{self, read_backfill};
use crate::design::rule::selection::{Elimination, Safety, Selection, TABLE_LENGTH};
use crate::design::rule::wording::{LevelNames, MethodWording, Printed};
use crate::design::rule::{Assessment, Conducted, Context, Method, MethodEntry, Plan, read_conduct};
use crate::keys::{Keys, Within};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::{decimal, ratio};
use crate::trial::{Arrival, Conduct, Counts, Level};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "boin",
    title: "BOIN",
    reference: "Liu and Yuan (2015), JRSS C 64, 507-523",
    example: "method = \"boin\"\ncohort_size = 3\nmax_patients = 30",
    situations: 11_584,
    exceptions: &[],
    read,
};

/// Patients at a level from which it can be eliminated.
const ELIMINATION_MIN_PATIENTS: usize = 3;

/// The settings of a BOIN design.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The target DLT probability φ.
    pub target: f64,
    /// φ₁, the highest toxicity deemed too low; 0.6 times the target when absent.
    pub safe_rate: Option<f64>,
    /// φ₂, the lowest toxicity deemed too high; 1.4 times the target when absent.
    pub toxic_rate: Option<f64>,
    /// The probability of a toxicity above the target from which a level is eliminated.
    pub elimination_cutoff: f64,
    /// By how much that probability is lowered at the lowest level; no extra-safe rule when absent.
    pub extra_safe_offset: Option<f64>,
    /// Whether a level whose estimate is above λ_d cannot be selected.
    pub bound_mtd: bool,
    /// Whether 1 DLT in 3 stays where it would de-escalate.
    pub stay_at_1_of_3: bool,
}

impl Settings {
    /// The defaults for a target.
    #[must_use]
    pub fn new(target: f64) -> Self {
        Self {
            target,
            safe_rate: None,
            toxic_rate: None,
            elimination_cutoff: 0.95,
            extra_safe_offset: None,
            bound_mtd: false,
            stay_at_1_of_3: false,
        }
    }

    /// φ, φ₁ and φ₂ as the decimals they were written as.
    fn rates(&self) -> [BigRational; 3] {
        let target = decimal(self.target);
        let safe = self.safe_rate.map_or_else(|| decimal(0.6) * &target, decimal);
        let toxic = self.toxic_rate.map_or_else(|| decimal(1.4) * &target, decimal);
        [target, safe, toxic]
    }

    /// What the design cannot work with, all of it: the limits of R's `get.boundary` and those of probabilities.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let [target, safe, toxic] = self.rates();
        let (zero, one, tenth) = (BigRational::zero(), BigRational::one(), &target / ratio(10, 1));
        let mut faults = Vec::new();
        let mut require = |right: bool, key, message: String| {
            if !right {
                faults.push(Fault { key, message });
            }
        };
        let target_is_right = target >= decimal(0.05) && target <= decimal(0.6);
        let message = format!("found a target of {}; allowed with BOIN: from 0.05 to 0.6", self.target);
        require(target_is_right, "method", message);
        if target_is_right {
            let (below, above) = (&target - &tenth, &target + &tenth);
            let message =
                format!("found {}; allowed: above 0 and at most {}, 0.9 times the target", to_f64(&safe), to_f64(&below));
            require(safe > zero && safe <= below, "safe_rate", message);
            let message =
                format!("found {}; allowed: at least {}, 1.1 times the target, and below 1", to_f64(&toxic), to_f64(&above));
            require(toxic >= above && toxic < one, "toxic_rate", message);
        }
        let cutoff = self.elimination_cutoff;
        let message = format!("found {cutoff}; allowed: above 0 and at most 1");
        require(cutoff > 0.0 && cutoff <= 1.0, "elimination_cutoff", message);
        if let Some(offset) = self.extra_safe_offset {
            let message =
                format!("found {offset}; allowed: above 0, below 0.5 and below `elimination_cutoff`, which is {cutoff}");
            require(offset > 0.0 && offset < 0.5 && offset < cutoff, "extra_safe_offset", message);
        }
        faults
    }
}

/// A setting that the design cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct Fault {
    /// The key of the study file; `method` where the target of the study does not suit.
    pub key: &'static str,
    /// What was found and what is allowed.
    pub message: String,
}

/// A BOIN design.
#[derive(Clone, Debug)]
pub struct Boin {
    settings: Settings,
    lambda_e: f64,
    lambda_d: f64,
    table: DecisionTable,
    selection: Selection,
}

impl Boin {
    /// The design with its tables.
    ///
    /// # Errors
    /// Everything that is wrong with the settings, as [`Settings::faults`] tells.
    pub fn new(levels: usize, settings: Settings) -> Result<Self, Vec<Fault>> {
        let faults = settings.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let [target, safe, toxic] = settings.rates();
        let escalation = Boundary::between(&safe, &target);
        let deescalation = Boundary::between(&target, &toxic);
        let elimination =
            Elimination::new(settings.target, settings.elimination_cutoff, ELIMINATION_MIN_PATIENTS, settings.extra_safe_offset);
        let boundaries: Vec<(usize, usize)> = (0..TABLE_LENGTH)
            .map(|patients| {
                let mut deescalate_if_ge = deescalation.floor_of_rounded_multiple(patients) + 1;
                if settings.stay_at_1_of_3 && patients == 3 {
                    deescalate_if_ge = deescalate_if_ge.max(2);
                }
                (escalation.floor_of_multiple(patients), deescalate_if_ge)
            })
            .collect();
        let table = DecisionTable::new(TABLE_LENGTH - 1, |patients, dlts| {
            let (escalate_if_le, deescalate_if_ge) = boundaries[patients];
            if elimination.bound(patients).is_some_and(|bound| dlts >= bound as usize) {
                Call::Eliminate
            } else if dlts <= escalate_if_le {
                Call::Escalate
            } else if dlts >= deescalate_if_ge {
                Call::Deescalate
            } else {
                Call::Stay
            }
        });
        let (lambda_e, lambda_d) = (escalation.lambda, deescalation.lambda);
        let highest_estimate = settings.bound_mtd.then_some(lambda_d);
        let selection = Selection { target: settings.target, highest_estimate, levels, elimination };
        Ok(Self { settings, lambda_e, lambda_d, table, selection })
    }

    /// The largest number of DLTs among `patients` (up to 255) with which the design escalates.
    #[must_use]
    pub fn escalate_if_le(&self, patients: u8) -> u8 {
        // Without a DLT it always escalates, and never de-escalates.
        self.table.first_at_least(patients as usize, Call::Stay).map_or(patients, |dlts| dlts as u8 - 1)
    }

    /// The smallest number of DLTs among `patients` (up to 255) with which the design de-escalates.
    #[must_use]
    pub fn deescalate_if_ge(&self, patients: u8) -> u8 {
        self.table.first_at_least(patients as usize, Call::Deescalate).map_or(patients.saturating_add(1), |dlts| dlts as u8)
    }

    /// λₑ and λ_d.
    #[must_use]
    pub fn boundaries(&self) -> (f64, f64) {
        (self.lambda_e, self.lambda_d)
    }

    /// The table as it is printed.
    pub(in crate::design) fn printed(&self) -> Printed {
        let Selection { levels, ref elimination, .. } = self.selection;
        printed(&self.table, elimination, Safety::Eliminate, levels, self.table.max_patients())
    }

    /// When levels are eliminated.
    #[must_use]
    pub fn elimination(&self) -> &Elimination {
        &self.selection.elimination
    }
}

impl Method for Boin {
    /// The lowest eliminated level, or the number of levels.
    type View = Level;

    #[inline]
    fn view(&self, counts: &Counts) -> Level {
        self.selection.first_eliminated(counts)
    }

    #[inline]
    fn too_toxic(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> bool {
        self.selection.elimination.is_too_toxic(first_eliminated, counts, arrival.cohort.level as usize)
    }

    #[inline]
    fn recommend(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> Level {
        self.table.recommend(counts, arrival.level(), self.selection.levels, first_eliminated)
    }

    fn isotonic(&self) -> Option<&Selection> {
        Some(&self.selection)
    }

    fn table(&self) -> Option<&DecisionTable> {
        Some(&self.table)
    }

    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        let current = arrival.level();
        if too_toxic {
            let rule = if self.view(counts) == 0 { "which eliminates it" } else { "too many for the extra-safe rule" };
            return format!("{}, {rule}", observation(counts, 0));
        }
        let (patients, dlts) = (counts.patients(current), counts.dlts(current));
        let (escalation, deescalation) = (percent(self.lambda_e), percent(self.lambda_d));
        let call = self.table.call(patients, dlts);
        let proportion = dlts as f64 / patients.max(1) as f64;
        let (place, end) = if call == Call::Escalate {
            let end = if current + 1 == self.selection.levels { "; there is no higher level" } else { "" };
            (format!("at most {escalation}"), end)
        } else if call >= Call::Deescalate {
            let place =
                if proportion > self.lambda_d { format!("above {deescalation}") } else { "which eliminates it".to_owned() };
            (place, if current == 0 { "; there is no lower level" } else { "" })
        } else if proportion > self.lambda_d && self.settings.stay_at_1_of_3 && patients == 3 {
            (format!("above {deescalation}, but 1 DLT in 3 stays"), "")
        } else {
            (format!("between {escalation} and {deescalation}"), "")
        };
        let eliminated = match self.view(counts) {
            level if level <= current + 1 && level < self.selection.levels => format!("; level {} is eliminated", level + 1),
            _ => String::new(),
        };
        format!("{}, {place}{end}{eliminated}", observation(counts, current))
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::isotonic(counts, levels, self.settings.target, self.view(counts))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let settings = &self.settings;
        let [_, safe, toxic] = settings.rates();
        let cutoff = settings.elimination_cutoff;
        let mut lines = Vec::new();
        let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
        add("Target, too low, too high", format!("{}, {}, {}", settings.target, to_f64(&safe), to_f64(&toxic)));
        add("Escalate", format!("when the DLT proportion at the current level is at most {:.6}", self.lambda_e));
        add("De-escalate", format!("when it is above {:.6}; stay otherwise", self.lambda_d));
        if settings.stay_at_1_of_3 {
            add("1 DLT in 3", "stays, unless it eliminates".to_owned());
        }
        add(
            "Eliminate",
            format!(
                "a level and all above when it has {ELIMINATION_MIN_PATIENTS} patients or more and Pr(toxicity > {} | data) > \
                 {cutoff}; level 1: stop, no dose",
                settings.target
            ),
        );
        if let Some(offset) = settings.extra_safe_offset {
            let lowered = to_f64(&(decimal(cutoff) - decimal(offset)));
            add("Extra safe", format!("after a cohort at level 1, stop without a dose when that probability exceeds {lowered}"));
        }
        add(
            "Select",
            "the level whose isotonic estimate is closest to the target, among those tried and not eliminated".to_owned(),
        );
        if settings.bound_mtd {
            add("Not selected", format!("a level whose estimate is above {:.6}", self.lambda_d));
        }
        lines
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct, names)
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        wording::cautions(self, conduct)
    }
}

/// The proportion at which two toxicities are equally likely: λ = ln b / ln a.
struct Boundary {
    a: BigRational,
    b: BigRational,
    lambda: f64,
}

impl Boundary {
    /// The boundary between two toxicities, the lower first.
    fn between(lower: &BigRational, upper: &BigRational) -> Self {
        let (lower_none, upper_none) = (BigRational::one() - lower, BigRational::one() - upper);
        let b = &lower_none / upper_none;
        let a = upper / lower * &b;
        let lambda = libm::log(to_f64(&b)) / libm::log(to_f64(&a));
        Self { a, b, lambda }
    }

    /// As [`Boundary::floor_of_multiple`], but a multiple within 1e-14 of a whole number counts as that number. A rate such as 4/19
    /// can only be written rounded to the digits of a double; its boundary then misses a third by less than that, and R's table,
    /// which allows 1e-12, stays there. Decimals that somebody wrote with fewer digits are never so close without a tie.
    fn floor_of_rounded_multiple(&self, n: usize) -> usize {
        let multiple = n as f64 * self.lambda;
        let nearest = multiple.round();
        if (multiple - nearest).abs() < 1e-14 { nearest as usize } else { self.floor_of_multiple(n) }
    }

    /// The largest whole number that is at most nλ, exactly: where the float is too near a whole number y to tell,
    /// y ≤ nλ is decided as aʸ ≤ bⁿ. That holds for y = 0, so the subtraction cannot underflow.
    fn floor_of_multiple(&self, n: usize) -> usize {
        let multiple = n as f64 * self.lambda;
        let nearest = multiple.round();
        if (multiple - nearest).abs() > 1e-9 {
            return multiple.floor() as usize;
        }
        let whole = nearest as usize;
        if num_traits::pow(self.a.clone(), whole) <= num_traits::pow(self.b.clone(), n) { whole } else { whole - 1 }
    }
}

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let complete = read_conducted(keys, context)?;
    let backfill = read_backfill(keys, &complete.conduct);
    Some(backfill::plan(complete, backfill))
}

/// Read the design with its conduct rules.
pub(in crate::design) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Boin>> {
    let conduct = read_conduct(keys, context, false);
    for key in ["too_toxic_cutoff", "too_toxic_rate"] {
        let help = "use `elimination_cutoff`, and `extra_safe_offset` for a stricter rule at level 1";
        keys.refuse(key, "does not apply to interval methods, which have their elimination", Some(help.to_owned()));
    }
    let probability = Within::Open(0.0, 1.0);
    let mut settings = Settings::new(context.target);
    settings.safe_rate = keys.number("safe_rate", probability);
    settings.toxic_rate = keys.number("toxic_rate", probability);
    settings.elimination_cutoff =
        keys.number("elimination_cutoff", Within::OpenClosed(0.0, 1.0)).unwrap_or(settings.elimination_cutoff);
    settings.extra_safe_offset = keys.number("extra_safe_offset", Within::Open(0.0, 0.5));
    settings.bound_mtd = keys.flag("bound_mtd").unwrap_or(false);
    settings.stay_at_1_of_3 = keys.flag("stay_at_1_of_3").unwrap_or(false);
    match Boin::new(context.levels, settings) {
        Ok(method) => Some(Conducted { conduct, method }),
        Err(faults) => {
            for Fault { key, message } in faults {
                keys.complain(key, message, None);
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The boundary between 4/19 and 9/19 is 1/3, that between 0.4 and 0.6 is 1/2.
    #[test]
    fn a_multiple_that_is_a_whole_number_is_found() {
        for (lower, upper, denominator) in
            [(ratio(4, 19), ratio(9, 19), 3), (decimal(0.4), decimal(0.6), 2), (decimal(0.3), decimal(0.7), 2)]
        {
            let boundary = Boundary::between(&lower, &upper);
            for n in 0..TABLE_LENGTH {
                assert_eq!(boundary.floor_of_multiple(n), n / denominator, "{lower} {upper} {n}");
            }
        }
    }
}
