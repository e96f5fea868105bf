//! Up-and-down designs: the next level is one step away at most, and depends on the last cohort alone. What they share: the walk, the
//! end for toxicity, and the selection at the end.

pub mod biased_coin;
pub mod group;
mod wording;

use crate::design::rule::assess::observation;
use crate::design::rule::conduct_keys::{TOO_TOXIC_CUTOFF, TOO_TOXIC_RATE};
use crate::design::rule::read::read_too_toxic;
use crate::design::rule::selection::{Elimination, IsotonicSelection, SELECTION, SLIGHT_PRIOR, Selects};
use crate::design::rule::wording::{LevelNames, MethodWording};
use crate::design::rule::{Assessment, Law, Method, Voice};
use crate::keys::{Description, Keys};
use crate::trial::{Arrival, Conduct, Counts, Level};
use std::cmp::Ordering;

/// The law that up-and-down designs do not keep.
pub(in crate::design) const EXCEPTIONS: &[(Law, &str)] = &[(
    Law::LowerCurve,
    "Fewer DLTs at a low level take the trial up sooner, and with the patients that are then left it \
         finds out more often that a level above is too toxic.",
)];

/// Where the next cohort goes after the last one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// One patient at a time. After a DLT one level down, after none one level up; one of the two only when a coin shows heads.
    BiasedCoin {
        /// The probability of heads; 1 where no coin is needed.
        heads: f64,
        /// Which of the two waits for the coin: the step down, otherwise the step up.
        tosses_after_dlt: bool,
    },
    /// By the DLTs of the cohort.
    Group {
        /// With at most so many DLTs one level up.
        escalate_if_at_most: u8,
        /// With at least so many DLTs one level down.
        deescalate_if_at_least: u8,
    },
}

impl Step {
    /// The direction after a cohort, whether or not there is such a level.
    #[must_use]
    pub fn direction(self, arrival: Arrival) -> Ordering {
        match self {
            Self::BiasedCoin { heads, tosses_after_dlt } => {
                let has_dlt = arrival.dlts > 0;
                let goes = heads >= 1.0 || has_dlt != tosses_after_dlt || arrival.heads;
                match (goes, has_dlt) {
                    (true, true) => Ordering::Less,
                    (true, false) => Ordering::Greater,
                    (false, _) => Ordering::Equal,
                }
            }
            Self::Group { escalate_if_at_most, deescalate_if_at_least } => {
                if arrival.dlts <= escalate_if_at_most {
                    Ordering::Greater
                } else if arrival.dlts >= deescalate_if_at_least {
                    Ordering::Less
                } else {
                    Ordering::Equal
                }
            }
        }
    }

    /// The probability of heads, where a coin is tossed.
    fn coin(self) -> Option<f64> {
        match self {
            Self::BiasedCoin { heads, .. } => Some(heads).filter(|&heads| heads < 1.0),
            Self::Group { .. } => None,
        }
    }
}

/// The end of the trial because the lowest level is too toxic: Pr(toxicity of level 1 > rate | data) > cutoff under a uniform prior.
#[derive(Clone, Debug)]
pub struct TooToxic {
    cutoff: f64,
    rate: f64,
    /// The numbers of DLTs at which this holds.
    bounds: Elimination,
}

impl TooToxic {
    /// The rule for a cutoff and a rate between 0 and 1.
    #[must_use]
    pub fn new(cutoff: f64, rate: f64) -> Self {
        Self { cutoff, rate, bounds: Elimination::new(rate, cutoff, 1, None) }
    }

    /// Whether it ends a trial with these counts; never without a DLT at the lowest level.
    fn holds(&self, counts: &Counts) -> bool {
        self.bounds.bound(counts.patients(0)).is_some_and(|bound| counts.dlts(0) >= bound.into())
    }
}

/// An up-and-down design.
#[derive(Clone, Debug)]
pub struct UpAndDown {
    step: Step,
    selects: Selects,
    too_toxic: Option<TooToxic>,
    selection: IsotonicSelection,
}

impl UpAndDown {
    /// A design among `levels` levels for a target DLT probability.
    #[must_use]
    pub fn new(levels: usize, target: f64, step: Step, selects: Selects, too_toxic: Option<TooToxic>) -> Self {
        let never = Elimination::new(target, 1.0, 1, None);
        let selection = IsotonicSelection { target, highest_estimate: None, levels, prior: SLIGHT_PRIOR, elimination: never };
        Self { step, selects, too_toxic, selection }
    }

    /// The level one step from the current one in a direction, or the current one where there is no such level.
    fn beside(&self, current: Level, direction: Ordering) -> Level {
        match direction {
            Ordering::Greater => (current + 1).min(self.selection.levels - 1),
            Ordering::Equal => current,
            Ordering::Less => current.saturating_sub(1),
        }
    }
}

impl Method for UpAndDown {
    type View = ();

    fn view(&self, _counts: &Counts) {}

    fn too_toxic(&self, _view: (), counts: &Counts, _arrival: Arrival) -> bool {
        self.too_toxic.as_ref().is_some_and(|rule| rule.holds(counts))
    }

    fn coin(&self) -> Option<f64> {
        self.step.coin()
    }

    fn needs_whole_cohorts(&self) -> bool {
        matches!(self.step, Step::Group { .. })
    }

    fn recommend(&self, _view: (), _counts: &Counts, arrival: Arrival) -> Level {
        self.beside(arrival.level(), self.step.direction(arrival))
    }

    fn isotonic(&self) -> Option<&IsotonicSelection> {
        (self.selects == Selects::Isotonic).then_some(&self.selection)
    }
}

impl Voice for UpAndDown {
    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        if let Some(rule) = self.too_toxic.as_ref().filter(|_| too_toxic) {
            let found = observation(counts, 0);
            return format!("{found}: Pr(toxicity of level 1 > {}) is above {}", rule.rate, rule.cutoff);
        }
        let Arrival { dlts, heads, .. } = arrival;
        let (level, patients) = (arrival.level(), arrival.cohort.patients);
        let mut grounds = match (patients, dlts) {
            (1, 0) => format!("the last patient, at level {}, had no DLT", level + 1),
            (1, _) => format!("the last patient, at level {}, had a DLT", level + 1),
            _ => format!("{dlts} of {patients} patients of the last cohort, at level {}, had a DLT", level + 1),
        };
        let moves = |heads| self.recommend((), counts, Arrival { heads, ..arrival }) != level;
        if self.step.coin().is_some() && moves(true) != moves(false) {
            grounds += if heads { "; the coin shows heads" } else { "; the coin shows tails" };
        }
        let direction = self.step.direction(arrival);
        if direction != Ordering::Equal && self.beside(level, direction) == level {
            grounds += if direction == Ordering::Less { "; there is no lower level" } else { "; there is no higher level" };
        }
        grounds
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::isotonic(counts, levels, self.selection.target, levels)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        wording::synopsis(self)
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct, names)
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        group::cautions(self.step, self.selection.target, conduct)
    }
}

/// The keys that both kinds have.
static END_KEYS: &[&Description] = &[&TOO_TOXIC_CUTOFF.about, &TOO_TOXIC_RATE.about, &SELECTION.about];

/// Read them.
fn read_end(keys: &mut Keys<'_>, target: f64) -> (Selects, Option<TooToxic>) {
    let selects = keys.get(&SELECTION);
    let too_toxic = read_too_toxic(keys, target).map(|(cutoff, rate)| TooToxic::new(cutoff, rate));
    (selects, too_toxic)
}
