//! What the CRM and its relatives share: the level whose estimated DLT probability is nearest the target is recommended. How the
//! probabilities are estimated is the business of an [`Estimator`].

use super::posterior::{Exceedance, MAX_EVENTS};
use super::wording;
use crate::design::rule::assess::{Assessment, percent};
use crate::design::rule::wording::{Evidence, LevelNames, MethodWording, Piece};
use crate::design::rule::{Method, Voice};
use crate::trial::{Arrival, Conduct, Counts, Level, MAX_LEVELS};

/// Which level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrmSelection {
    /// The level nearest the target among those with patients.
    Tried,
    /// The level nearest the target, whether tried or not.
    Model,
    /// The level that the rules would give next.
    Next,
}

/// The rule that ends a trial whose lowest level is too toxic: Pr(p₁ > `rate` | data) > `cutoff`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TooToxic {
    /// The posterior probability that must be exceeded.
    pub cutoff: f64,
    /// The DLT probability that is too high.
    pub rate: f64,
}

/// The rule that ends a trial when the DLT probability of a level is known well enough: the central posterior interval of the
/// probability `credibility` lies within the limits. It does when Pr(pₖ < `lower` | data) and Pr(pₖ > `upper` | data) are both at
/// most (1 - `credibility`)/2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// The lower limit, a DLT probability.
    pub lower: f64,
    /// The upper limit, a DLT probability.
    pub upper: f64,
    /// The posterior probability of the interval.
    pub credibility: f64,
    /// Whether any level will do, and not only the one at which the next cohort would be treated.
    pub any: bool,
}

/// What is done with the estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// The target DLT probability.
    pub target: f64,
    /// Which level is selected.
    pub selection: CrmSelection,
    /// The stopping rule for toxicity, if any.
    pub too_toxic: Option<TooToxic>,
    /// The stopping rule for precision, if any.
    pub precision: Option<Precision>,
}

impl Rules {
    /// The events whose posterior probabilities the stopping rules ask for, on `levels` dose levels: first that of the rule for
    /// toxicity, then the lower and the upper limit of the rule for precision, level by level.
    #[must_use]
    pub fn events(&self, levels: usize) -> Vec<Exceedance> {
        let too_toxic = self.too_toxic.map(|TooToxic { rate, .. }| Exceedance { level: 0, rate });
        let limits = self.precision.iter().flat_map(|&Precision { lower, upper, .. }| {
            (0..levels).flat_map(move |level| [lower, upper].map(|rate| Exceedance { level, rate }))
        });
        too_toxic.into_iter().chain(limits).collect()
    }
}

/// The highest level when all toxicities are at or below the target, the lowest when all are at or above it, otherwise the one
/// whose toxicity is nearest the target, the lower one on a tie. `None` without candidates, which come lowest first.
#[must_use]
pub fn nearest(candidates: impl Iterator<Item = (Level, f64)> + Clone, target: f64) -> Option<Level> {
    if candidates.clone().all(|(_, toxicity)| toxicity <= target) {
        return candidates.last().map(|(level, _)| level);
    }
    if candidates.clone().all(|(_, toxicity)| toxicity >= target) {
        return candidates.map(|(level, _)| level).next();
    }
    let distances = candidates.map(|(level, toxicity)| (level, (toxicity - target).abs()));
    distances.reduce(|best, other| if other.1 < best.1 { other } else { best }).map(|(level, _)| level)
}

/// What an estimator makes of counts.
#[derive(Clone, Copy, Debug)]
pub struct Estimates {
    /// The estimated DLT probability of each level.
    pub toxicity: [f64; MAX_LEVELS],
    /// The posterior probabilities of the events of [`Rules::events`], in their order.
    pub exceedance: [f64; MAX_EVENTS],
}

impl Estimates {
    /// Zeros, to be filled in.
    pub const NONE: Self = Self { toxicity: [0.0; MAX_LEVELS], exceedance: [0.0; MAX_EVENTS] };
}

/// How an estimator describes itself in a protocol.
pub struct ModelWords {
    /// The model and what it starts from.
    pub model: Vec<Piece>,
    /// What the estimate for a level is, to follow "The estimate for a level is".
    pub estimate: &'static str,
    /// Publications besides the one of the method.
    pub references: Vec<&'static str>,
}

/// A way to estimate the DLT probabilities of the levels from counts.
pub trait Estimator: Send + Sync {
    /// The number of dose levels.
    fn levels(&self) -> usize;

    /// The estimates given `counts`.
    fn estimate(&self, counts: &Counts) -> Estimates;
}

/// What an estimator says of itself and of its estimates.
pub trait EstimatorVoice: Estimator {
    /// The estimates with their intervals and the probabilities of a toxicity above `target`, for people.
    fn assess(&self, counts: &Counts, target: f64) -> Assessment;

    /// The lines of the design synopsis about the model: (name of the item, its value).
    fn synopsis(&self) -> Vec<(&'static str, String)>;

    /// The model in the words of a protocol.
    fn words(&self) -> ModelWords;
}

/// A method that recommends the level whose estimate is nearest the target.
#[derive(Clone, Debug)]
pub struct ByEstimate<E> {
    /// How the DLT probabilities are estimated.
    pub estimator: E,
    /// What is done with the estimates.
    pub rules: Rules,
}

/// What is worked out from counts.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The estimated DLT probability of each level.
    pub(super) toxicity: [f64; MAX_LEVELS],
    /// The level whose estimate is nearest the target.
    nearest: u8,
    /// The posterior probability that the lowest level is too toxic; 0 without a rule that asks.
    too_toxic: f64,
    /// The levels that are known well enough, one bit each; there are at most 12.
    precise: u16,
}

impl<E: Estimator> ByEstimate<E> {
    /// The estimated DLT probability of each level given `counts`, lowest first.
    #[must_use]
    pub fn toxicity(&self, counts: &Counts) -> Vec<f64> {
        self.view(counts).toxicity[..self.estimator.levels()].to_vec()
    }

    /// What is worked out from estimates.
    pub(super) fn view_of(&self, Estimates { toxicity, exceedance }: &Estimates) -> View {
        let first_limit = usize::from(self.rules.too_toxic.is_some());
        let too_toxic = if first_limit == 1 { exceedance[0] } else { 0.0 };
        // There is a level.
        let nearest = self.nearest(toxicity, |_| true).unwrap_or(0) as u8;
        let mut view = View { toxicity: *toxicity, nearest, too_toxic, precise: 0 };
        if let Some(Precision { credibility, .. }) = self.rules.precision {
            let tail = 0.5 * (1.0 - credibility);
            for (level, above) in exceedance[first_limit..].chunks_exact(2).take(self.estimator.levels()).enumerate() {
                view.precise |= u16::from(1.0 - above[0] <= tail && above[1] <= tail) << level;
            }
        }
        view
    }

    /// Estimates as the words of the method are told them.
    pub(super) fn evidence_of(&self, Estimates { toxicity, exceedance }: &Estimates) -> Evidence {
        let levels = self.estimator.levels();
        let mut events = exceedance.iter().copied();
        let mut evidence = Evidence { toxicity: toxicity[..levels].to_vec(), ..Evidence::default() };
        evidence.lowest_too_toxic = self.rules.too_toxic.and_then(|_| events.next());
        if self.rules.precision.is_some() {
            for _ in 0..levels {
                evidence.too_low.extend(events.next().map(|above_lower| 1.0 - above_lower));
                evidence.too_high.extend(events.next());
            }
        }
        evidence
    }

    /// What the decision from `view` rests on, or with `too_toxic` the end of the trial for that reason, as a clause.
    pub(super) fn grounds_of(&self, view: &View, too_toxic: bool) -> String {
        match self.rules.too_toxic {
            Some(TooToxic { cutoff, rate }) if too_toxic => {
                format!("Pr(toxicity of level 1 > {rate}) = {:.4}, above {cutoff}", view.too_toxic)
            }
            _ => {
                let level = usize::from(view.nearest);
                let target = percent(self.rules.target);
                let estimate = percent(view.toxicity[level]);
                format!("the estimate for level {} is {estimate}, nearest the target of {target}", level + 1)
            }
        }
    }

    /// The level whose estimate is nearest the target among those that `is_candidate` admits.
    fn nearest(&self, toxicity: &[f64; MAX_LEVELS], is_candidate: impl Fn(Level) -> bool) -> Option<Level> {
        let candidates = (0..self.estimator.levels()).filter(|&level| is_candidate(level));
        nearest(candidates.map(|level| (level, toxicity[level])), self.rules.target)
    }

    /// Whether the posterior probability that level 1 is too toxic exceeds the cutoff.
    pub(super) fn is_too_toxic(&self, view: &View) -> bool {
        self.rules.too_toxic.is_some_and(|rule| view.too_toxic > rule.cutoff)
    }
}

impl<E: Estimator> Method for ByEstimate<E> {
    type View = View;

    fn view(&self, counts: &Counts) -> View {
        self.view_of(&self.estimator.estimate(counts))
    }

    fn too_toxic(&self, view: View, _counts: &Counts, _arrival: Arrival) -> bool {
        self.is_too_toxic(&view)
    }

    fn recommend(&self, view: View, _counts: &Counts, _arrival: Arrival) -> Level {
        view.nearest.into()
    }

    fn precise(&self, view: View, next: Level) -> Option<Level> {
        let is_precise = |level: &Level| view.precise >> level & 1 == 1;
        let any = self.rules.precision.is_some_and(|rule| rule.any);
        Some(next).filter(is_precise).or_else(|| (0..self.estimator.levels()).filter(|_| any).find(is_precise))
    }

    fn select(&self, view: View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level> {
        match self.rules.selection {
            CrmSelection::Tried => self.nearest(&view.toxicity, |level| counts.patients(level) >= min_patients.max(1)),
            CrmSelection::Model => self.nearest(&view.toxicity, |level| counts.patients(level) >= min_patients),
            CrmSelection::Next => (counts.patients(next) >= min_patients).then_some(next),
        }
    }
}

impl<E: EstimatorVoice> Voice for ByEstimate<E> {
    fn grounds(&self, counts: &Counts, _arrival: Arrival, too_toxic: bool) -> String {
        self.grounds_of(&self.view(counts), too_toxic)
    }

    fn assess(&self, counts: &Counts, _levels: usize) -> Assessment {
        self.estimator.assess(counts, self.rules.target)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let Rules { selection, too_toxic, precision, .. } = self.rules;
        let selection = match selection {
            CrmSelection::Tried => "the level nearest the target among those with patients",
            CrmSelection::Model => "the level nearest the target, whether tried or not",
            CrmSelection::Next => "the level that the rules would give next",
        };
        let mut lines = self.estimator.synopsis();
        lines.push(("Recommendation", "the level nearest the target, the lower one on a tie".to_owned()));
        lines.push(("Selection", selection.to_owned()));
        if let Some(TooToxic { cutoff, rate }) = too_toxic {
            lines.push(("Too toxic", format!("no dose is selected when Pr(toxicity of level 1 > {rate} | data) > {cutoff}")));
        }
        if let Some(Precision { lower, upper, credibility, any }) = precision {
            let which = if any { "any level" } else { "the level due next" };
            let interval = format!("{} % posterior interval", 100.0 * credibility);
            lines.push(("Stop", format!("when the {interval} of the toxicity of {which} lies within {lower} to {upper}")));
        }
        lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct, names)
    }

    fn evidence(&self, counts: &Counts) -> Evidence {
        self.evidence_of(&self.estimator.estimate(counts))
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        wording::cautions(self, conduct)
    }
}
