//! The calibration-free odds design (CFO).
//!
//! # What it does
//! Compares the current level with its two neighbours. Beside the level below, the data may say that the current one is too toxic;
//! beside the level above, that this one is not. The dose moves where one of the two is the case and the other is not. There is no
//! curve and nothing to calibrate. Levels that are too toxic are eliminated; the end selects by isotonic regression.
//!
//! # Rule
//! The toxicity of every level has a Beta(a, b) prior, and with y DLTs among n patients a Beta(a + y, b + n − y) posterior. For a lower
//! and an upper level side by side the odds of each are, φ being the target,
//!
//! O = Pr(p > φ | pₗ < pᵤ, data) / Pr(p < φ | pₗ < pᵤ, data),
//!
//! and the product Oₗ Oᵤ grows with the DLTs at either level. The upper level is too toxic when Oₗ Oᵤ > γ. For the sizes (nₗ, nᵤ) γ is
//! the product of one of the (nₗ + 1)(nᵤ + 1) outcomes, though not the largest: the one that makes the sum of two errors the smallest,
//! the first of several,
//!
//! Pr(Oₗ Oᵤ ≤ γ | H₀) + Pr(Oₗ Oᵤ > γ | H₁),
//!
//! under H₀, that the upper level is too toxic, pₗ = φ and pᵤ uniform from φ to min(2φ, 1); under H₁, that it is not, pₗ uniform from 0
//! to φ and pᵤ = φ. A level without patients takes part with its prior.
//!
//! With the level below L, the current level C and the level above R: down is indicated when C is too toxic beside L; up when R is not
//! too toxic beside C, and not eliminated. Only down de-escalates, only up escalates; both or neither stays. At level 1 down is never
//! indicated, at the highest level up is not.
//!
//! A level is eliminated, with all above, when it has 3 patients or more and Pr(p > φ | data) is at least the cutoff ξ under the same
//! prior. An eliminated current level de-escalates; at level 1 the trial stops without a dose. Level 1 may have a smaller cutoff ξ₁.
//!
//! The end selects among the levels that have patients and are not eliminated, as [`crate::design::rule::selection`] says, with
//! (y + a) / (n + a + b) for the estimate and the same distribution for its weight. There a level, with all above, is out when that
//! probability is above ξ, level 1 also when it is above ξ₁; if level 1 is out, none is selected.
//!
//! # Parameters
//! `dosebench keys cfo` lists them. The target lies from 0.01 to 0.99.
//!
//! # Where it differs from the paper or the R package
//! The paper writes γ for O_C / Ō_L = O_C O_L and for 1 / (O_C O_R) apart. The second problem is the first one turned around, so that
//! one table of cut-offs serves both directions. It is worked out when the design is made: odds as sums of positive terms, to 1e-10
//! and on every processor alike; thresholds by comparing ranks and differences of error sums. Construction takes milliseconds up to 30
//! patients, a second at 150, some at 250.
//!
//! `CFO::CFO.next` 2.2.0 integrates to about 1e-4, cuts off the integrals at 0.999 and takes Pr(p < φ) as what is left of 1. Its
//! decisions are these with few exceptions: without a DLT among many patients at two levels its odds can be negative, so that it
//! stays where this escalates (0 of 9 at level 2, 0 of 15 at level 3, target 0.25); and among up to 15 patients at a level, 4 outcomes
//! at a target of 0.4 and 3 at 0.35 differ. Where a level below the current one is eliminated, the next level is one down, as there;
//! but where that is level 1 the trial stops. No trial comes there by itself.
//!
//! With a target of 1/2 and a = b, an outcome can say as much for as against: as many DLTs at one level as patients without one at the
//! other, of as many. It counts as neither, in both directions. Two probabilities of elimination that differ by less than 1e-9 of what
//! they miss to 1 count as equal.
//!
//! As in the package, and not in the paper, 10⁻¹⁰ times the position of a level is added before the selection, and the cutoff is reached
//! by equality during the trial and not at the end. After the last cohort the trial has no decision left but elimination and selection.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Jin and Yin (2022), Statistical Methods in Medical Research 31, 1051-1066.

pub mod pairs;
mod wording;

use self::pairs::{Judge, Pairs, Sample};
use crate::design::rule::assess::{Assessment, CONFIDENCE, LevelAssessment, observation};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::selection::{Elimination, IsotonicSelection, isotonic_estimates};
use crate::design::rule::wording::{LevelNames, MethodWording};
use crate::design::rule::{ConductKeys, Conducted, Context, Law, Method, MethodEntry, Plan, Voice, read_conduct};
use crate::keys::{Key, Keys, Step, Within};
use crate::numeric::beta::quantile;
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::{Arrival, Conduct, Counts, Level};
use num_rational::BigRational;
use num_traits::One;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "cfo",
    title: "CFO",
    sentence: "Compares the data at the current level with those at each neighbour, by the odds of being too toxic.",
    reference: "Jin and Yin (2022), Statistical Methods in Medical Research 31, 1051-1066",
    example: "method = \"cfo\"\ncohort_size = 3\nmax_patients = 30",
    situations: 8_000,
    exceptions: &[(
        Law::LowerCurve,
        "Fewer DLTs at a low level take the trial up sooner, and with the patients that are then left it \
         finds out more often that a level above is too toxic.",
    )],
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[&[&PRIOR_ALPHA.about, &PRIOR_BETA.about, &ELIMINATION_CUTOFF.about, &EARLY_STOP_CUTOFF.about]],
    read,
};

/// Patients at a level from which it can be eliminated.
const ELIMINATION_MIN_PATIENTS: usize = 3;

/// Probabilities that miss 1 by nearly the same, but for this part of it, count as equal.
const NEAR_TIE: f64 = 1e-9;

/// The settings of a CFO design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The target and the prior distribution of every level's toxicity.
    pub judge: Judge,
    /// The probability of a toxicity above the target from which a level is eliminated.
    pub elimination_cutoff: f64,
    /// The same for the lowest level, where it is smaller.
    pub early_stop_cutoff: f64,
}

impl Settings {
    /// The defaults for a target.
    #[must_use]
    pub fn new(target: f64) -> Self {
        let prior = [target, to_f64(&(BigRational::one() - decimal(target)))];
        let elimination_cutoff = ELIMINATION_CUTOFF.usual();
        Self { judge: Judge { target, prior }, elimination_cutoff, early_stop_cutoff: elimination_cutoff }
    }

    /// The cutoff for the lowest level, where it is smaller than that for the others.
    fn lowered_cutoff(&self) -> Option<f64> {
        Some(self.early_stop_cutoff).filter(|&cutoff| cutoff < self.elimination_cutoff)
    }
}

/// Whether Pr(toxicity > target | data) is above `cutoff`, or nearly equal to it and `equal` is true; for levels with enough patients.
fn is_eliminated(judge: Judge, sample: Sample, cutoff: f64, equal: bool) -> bool {
    let rest = to_f64(&(BigRational::one() - decimal(cutoff)));
    let near = if equal { 1.0 + NEAR_TIE } else { 1.0 - NEAR_TIE };
    sample[0] >= ELIMINATION_MIN_PATIENTS && cutoff < 1.0 && judge.tail(sample, false) < rest * near
}

/// A CFO design.
#[derive(Clone, Debug)]
pub struct Cfo {
    settings: Settings,
    pairs: Pairs,
    /// When levels are eliminated during the trial.
    elimination: Elimination,
    selection: IsotonicSelection,
}

impl Cfo {
    /// The design among `levels` levels for up to `max_patients` patients in the trial.
    #[must_use]
    pub fn new(levels: usize, max_patients: usize, settings: Settings) -> Self {
        let judge = settings.judge;
        let elimination = |equal: bool| {
            let bounds = |cutoff: f64| {
                // No fewer DLTs with more patients.
                let mut fewest = 0;
                let bound = |patients: usize| {
                    let is_enough = |dlts: &usize| is_eliminated(judge, [patients, *dlts], cutoff, equal);
                    let found = (fewest..=patients).find(is_enough);
                    fewest = found.unwrap_or(fewest);
                    found.map(|dlts| dlts as u8)
                };
                (0..=max_patients).map(bound).collect::<Vec<_>>()
            };
            let lowest = settings.lowered_cutoff().map(bounds);
            Elimination::from_bounds(&bounds(settings.elimination_cutoff), lowest.as_deref())
        };
        let selection = IsotonicSelection {
            target: judge.target,
            highest_estimate: None,
            levels,
            prior: judge.prior,
            elimination: elimination(false),
        };
        Self { settings, pairs: Pairs::new(judge, max_patients), elimination: elimination(true), selection }
    }

    /// Whether down and up are indicated at a level, no level above it from `first_eliminated` on being open.
    #[inline]
    fn indicated(&self, first_eliminated: Level, counts: &Counts, current: Level) -> [bool; 2] {
        let here = sample(counts, current);
        let down = current > 0 && self.pairs.is_too_toxic(sample(counts, current - 1), here);
        let up = current + 1 < first_eliminated && self.pairs.is_safe(here, sample(counts, current + 1));
        [down, up]
    }

    /// Two neighbouring levels, for all their data.
    #[must_use]
    pub fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// What the level `upper` is, beside the one below it, as a clause.
    fn beside(&self, counts: &Counts, upper: Level) -> String {
        let [below, above] = [upper - 1, upper].map(|level| sample(counts, level));
        let odds = self.settings.judge.odds(below, above);
        let is = if self.pairs.is_too_toxic(below, above) {
            "too toxic"
        } else if self.pairs.is_safe(below, above) {
            "not too toxic"
        } else {
            "neither too toxic nor not"
        };
        let threshold = self.pairs.threshold(below[0], above[0]);
        let relation = if odds > threshold { "above" } else { "up to" };
        format!(
            "level {} is {is} beside level {}: product of odds {}, {relation} {}",
            upper + 1,
            upper,
            short(odds),
            written(threshold)
        )
    }
}

/// The patients and DLTs at a level.
#[inline]
fn sample(counts: &Counts, level: Level) -> Sample {
    [counts.patients(level), counts.dlts(level)]
}

/// A number as it is.
fn written(number: f64) -> String {
    if (0.001..100_000.0).contains(&number) { number.to_string() } else { format!("{number:e}") }
}

/// A number with some digits.
fn short(number: f64) -> String {
    if (0.001..100_000.0).contains(&number) {
        // Three digits at least, and no zeros behind them.
        let digits = [1.0, 0.1, 0.01].iter().filter(|&&least| number < least).count();
        let text = format!("{number:.*}", 3 + digits);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{number:.3e}").replace(".000e", "e")
    }
}

impl Method for Cfo {
    /// The lowest eliminated level, or the number of levels.
    type View = Level;

    #[inline]
    fn view(&self, counts: &Counts) -> Level {
        if self.elimination.is_extra_safe_exceeded(counts) {
            0
        } else {
            self.elimination.first_eliminated(counts, self.selection.levels)
        }
    }

    #[inline]
    fn too_toxic(&self, first_eliminated: Level, _counts: &Counts, _arrival: Arrival) -> bool {
        first_eliminated == 0
    }

    #[inline]
    fn recommend(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> Level {
        let current = arrival.level();
        if first_eliminated <= current {
            return current.saturating_sub(1);
        }
        match self.indicated(first_eliminated, counts, current) {
            [true, false] => current - 1,
            [false, true] => current + 1,
            [false, false] | [true, true] => current,
        }
    }

    fn isotonic(&self) -> Option<&IsotonicSelection> {
        Some(&self.selection)
    }
}

impl Voice for Cfo {
    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        let current = arrival.level();
        let first_eliminated = self.view(counts);
        let seen = observation(counts, if too_toxic { 0 } else { current });
        if too_toxic || first_eliminated <= current {
            let which = if too_toxic || first_eliminated == current { "it" } else { "a level below it" };
            let how = if which == "it" { "which eliminates it" } else { "and a level below it is eliminated" };
            return format!("{seen}, {how}");
        }
        let mut grounds = vec![seen];
        if current > 0 {
            grounds.push(self.beside(counts, current));
        }
        grounds.push(match current + 1 {
            above if above == self.selection.levels => "there is no higher level".to_owned(),
            above if above == first_eliminated => format!("level {} is eliminated", above + 1),
            above => self.beside(counts, above),
        });
        if self.indicated(first_eliminated, counts, current) == [true, true] {
            grounds.push("the two contradict each other".to_owned());
        }
        grounds.join("; ")
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        let judge = self.settings.judge;
        let tail = 0.5 * (1.0 - CONFIDENCE);
        let mut assessed = vec![LevelAssessment::default(); levels];
        for (level, estimate) in isotonic_estimates(counts, levels, judge.prior) {
            let sample = sample(counts, level);
            let [a, b] = judge.posterior(sample);
            assessed[level] = LevelAssessment {
                estimate: Some(estimate),
                interval: Some((quantile(a, b, tail), quantile(a, b, 1.0 - tail))),
                exceedance: Some(judge.tail(sample, true)),
                ..LevelAssessment::default()
            };
        }
        assessed.iter_mut().skip(self.view(counts)).for_each(|level| level.excluded = true);
        Assessment {
            basis: "isotonic estimate; 90 % interval and Pr(toxicity > target) from the posterior distribution of a level on its own",
            levels: assessed,
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        wording::synopsis(&self.settings)
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct, names)
    }
}

const PARAMETER: Within = Within::Closed(0.001, 100.0);
static PRIOR_ALPHA: Key<f64> =
    Key::number("prior_alpha", PARAMETER, "The first parameter of the beta prior that the toxicity of each level has.")
        .or_derived("target")
        .group(group::PRIOR);
static PRIOR_BETA: Key<f64> =
    Key::number("prior_beta", PARAMETER, "The second parameter of the beta prior that the toxicity of each level has.")
        .or_derived("1 - target")
        .group(group::PRIOR);
const CUTOFF: Within = Within::OpenClosed(0.0, 1.0);
static ELIMINATION_CUTOFF: Key<f64, f64> = Key::number(
    "elimination_cutoff",
    CUTOFF,
    "The posterior probability of a toxicity above the target from which a level is too toxic; 1 eliminates nothing.",
)
.or(0.95)
.group(group::SAFETY)
.moved(Step::Tail);
static EARLY_STOP_CUTOFF: Key<f64> = Key::number(
    "early_stop_cutoff",
    CUTOFF,
    "The same probability for level 1, at which the trial stops; above `elimination_cutoff` it has no effect.",
)
.or_derived("elimination_cutoff")
.group(group::SAFETY);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    for key in ["too_toxic_cutoff", "too_toxic_rate"] {
        let help = "use `elimination_cutoff`, and `early_stop_cutoff` for a stricter rule at level 1";
        keys.refuse(key, "does not apply to CFO, which has its elimination", Some(help.to_owned()));
    }
    let mut settings = Settings::new(context.target);
    let [a, b] = settings.judge.prior;
    settings.judge.prior = [keys.get(&PRIOR_ALPHA).unwrap_or(a), keys.get(&PRIOR_BETA).unwrap_or(b)];
    settings.elimination_cutoff = keys.get(&ELIMINATION_CUTOFF);
    settings.early_stop_cutoff = keys.get(&EARLY_STOP_CUTOFF).unwrap_or(settings.elimination_cutoff);
    if settings.early_stop_cutoff > settings.elimination_cutoff {
        let Settings { elimination_cutoff, early_stop_cutoff, .. } = settings;
        let message = format!(
            "found {early_stop_cutoff}, above `elimination_cutoff`, which is {elimination_cutoff} and eliminates level 1 before: no effect"
        );
        keys.warn("early_stop_cutoff", message);
    }
    if !(0.01..=0.99).contains(&context.target) {
        let message = format!("found a target of {}; allowed with CFO: from 0.01 to 0.99", context.target);
        keys.complain("method", message, None);
        return None;
    }
    let method = Cfo::new(context.levels, conduct.max_patients, settings);
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}
