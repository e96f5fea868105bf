//! The numbers of the figures that carry the argument: the one place where they are read from the results.
//!
//! No number averages over two classes of scenarios: what the right answer is differs between them.

use crate::measure::{Metric, Results, Source, Summary, proportion_error};
use crate::report::figure::{Difference, ENDS, End, Estimate, Group};
use crate::scenario::{Class, Place, Scenario};
use crate::study::{Relevance, Study};
use crate::trial::shown;

/// Half the width of a 95 % interval, in standard errors.
const NORMAL: f64 = 1.959_963_984_540_054;
/// Differences that exceed a threshold by less than this do so by rounding.
const ROUNDING: f64 = 1e-9;

/// What is told of a design under a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// The probability of the right answer.
    Right,
    /// The probability that a dose above the acceptable band is selected; of scenarios that have one.
    TooToxic,
    /// Expected patients.
    Patients,
    /// Expected patients at doses above the acceptable band; of scenarios that have one.
    Exposed,
    /// Expected DLTs.
    Dlts,
}

/// How a design compares with the reference, by a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// More, by more than the threshold.
    More,
    /// Less, by more than the threshold.
    Less,
    /// Not by more than the threshold.
    Alike,
    /// The replicates do not tell.
    Open,
}

/// The verdict on a difference.
pub(super) fn verdict(difference: &Difference, threshold: f64) -> Verdict {
    let (low, high) = difference.interval.unwrap_or((difference.value, difference.value));
    if low > threshold + ROUNDING {
        Verdict::More
    } else if high < -threshold - ROUNDING {
        Verdict::Less
    } else if -threshold - ROUNDING <= low && high <= threshold + ROUNDING {
        Verdict::Alike
    } else {
        Verdict::Open
    }
}

/// A value with the name of the scenario where it stands.
pub(super) type Extreme<'a> = (f64, &'a str);

/// A study and its results as the argument sees them.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) study: &'a Study,
    pub(super) results: &'a Results,
    /// The design with which the others are compared: the first one that could be chosen.
    pub(super) reference: usize,
    pub(super) relevance: Relevance,
}

impl<'a> Facts<'a> {
    /// The facts of a study; none where it has no scenario, or no design that could be chosen.
    pub(super) fn new(study: &'a Study, results: &'a Results) -> Option<Self> {
        // The benchmark treats nobody.
        let treats = |summary: &Summary| summary.get(Metric::TotalPatients).is_some();
        let reference = results.summaries.first()?.iter().position(treats)?;
        Some(Self { study, results, reference, relevance: study.report.relevance })
    }

    /// What is told of a scenario.
    pub(super) fn scenario(self, scenario: usize) -> &'a Scenario {
        &self.study.scenarios[scenario]
    }

    pub(super) fn name(self, design: usize) -> &'a str {
        &self.study.designs[design].name
    }

    /// The kind of truth that a scenario is.
    pub(super) fn class(self, scenario: usize) -> Class {
        self.scenario(scenario).class(&self.study.target)
    }

    /// The scenarios of a class, in the order of the study.
    pub(super) fn of_class(self, class: Class) -> Vec<usize> {
        (0..self.study.scenarios.len()).filter(|&scenario| self.class(scenario) == class).collect()
    }

    /// The weight of a scenario in the means of its class.
    fn weight(self, scenario: usize) -> f64 {
        self.scenario(scenario).weight
    }

    /// The designs that could be chosen, in the order of the study.
    pub(super) fn designs(self) -> impl Iterator<Item = usize> {
        (0..self.study.designs.len()).filter(move |&design| self.size(design).is_some())
    }

    /// How a trial under a scenario ends that selects this level, counted from 1; 0 is none.
    pub(super) fn end(self, scenario: usize, level: usize) -> End {
        let Scenario { toxicity, correct, .. } = self.scenario(scenario);
        let (target, correct) = (&self.study.target, shown(*correct));
        let toxicity_of = |level: usize| level.checked_sub(1).and_then(|level| toxicity.get(level));
        let ties = || self.class(scenario) == Class::Mtd && toxicity_of(level) == toxicity_of(correct);
        match toxicity_of(level) {
            None => End::None,
            Some(_) if level == correct || ties() => End::Right,
            Some(&toxicity) => match target.place(toxicity) {
                Place::Under => End::TooLow,
                Place::Acceptable => End::OtherAcceptable,
                Place::Over => End::TooToxic,
            },
        }
    }

    /// The probability of each end of a trial.
    pub(super) fn ends(self, scenario: usize, design: usize) -> Option<[Estimate; 5]> {
        let mut ends = [0.0; 5];
        for level in 0..=self.study.doses.levels.len() {
            ends[self.end(scenario, level) as usize] +=
                self.read(scenario, design, Metric::Selection(level.checked_sub(1)))?.value;
        }
        let replicates = self.study.simulation.replicates;
        let simulated = self.results.summaries[scenario][design].source == Source::MonteCarlo;
        let estimate = |value| Estimate { value, std_error: simulated.then(|| proportion_error(value, replicates)) };
        Some(ends.map(estimate))
    }

    /// The mean probabilities of the ends of trials over the scenarios of a class.
    pub(super) fn mean_ends(self, class: Class, design: usize) -> Option<[Estimate; 5]> {
        let found: Option<Vec<_>> =
            self.of_class(class).into_iter().map(|scenario| Some((scenario, self.ends(scenario, design)?))).collect();
        let found = found?;
        let mean = |end: End| self.mean(found.iter().map(|(scenario, ends)| (*scenario, ends[end as usize])));
        let means: Option<Vec<Estimate>> = ENDS.into_iter().map(mean).collect();
        means?.try_into().ok()
    }

    /// A mean by weight. Its error cannot exceed the mean of the errors, however scenarios, which share their patients, depend on each
    /// other.
    fn mean(self, values: impl Iterator<Item = (usize, Estimate)>) -> Option<Estimate> {
        let (mut sum, mut errors, mut weights, mut simulated) = (0.0, 0.0, 0.0, false);
        for (scenario, Estimate { value, std_error }) in values {
            let weight = self.weight(scenario);
            sum += weight * value;
            errors += weight * known(std_error);
            weights += weight;
            simulated |= std_error.is_some();
        }
        (weights > 0.0).then(|| Estimate { value: sum / weights, std_error: simulated.then_some(errors / weights) })
    }

    /// The metrics whose sum is a quantity; nothing where it has no meaning under the scenario.
    fn terms(self, quantity: Quantity, scenario: usize) -> Vec<Metric> {
        let levels = 1..=self.study.doses.levels.len();
        let ending = |end: End| levels.clone().filter(move |&level| self.end(scenario, level) == end);
        match quantity {
            Quantity::Right if ending(End::Right).count() > 1 => {
                ending(End::Right).map(|level| Metric::Selection(level.checked_sub(1))).collect()
            }
            Quantity::Right => vec![Metric::CorrectSelection],
            Quantity::TooToxic => ending(End::TooToxic).next().map(|_| Metric::OverSelection).into_iter().collect(),
            Quantity::Patients => vec![Metric::TotalPatients],
            Quantity::Exposed => {
                ending(End::TooToxic).filter_map(|level| Some(Metric::Patients(level.checked_sub(1)?))).collect()
            }
            Quantity::Dlts => vec![Metric::TotalDlts],
        }
    }

    /// One metric of a design under a scenario.
    pub(super) fn read(self, scenario: usize, design: usize, metric: Metric) -> Option<Estimate> {
        let found = self.results.summaries[scenario].get(design)?.get(metric)?;
        Some(Estimate { value: found.value, std_error: found.std_error })
    }

    /// A quantity of a design under a scenario.
    pub(super) fn value(self, quantity: Quantity, scenario: usize, design: usize) -> Option<Estimate> {
        let terms = self.terms(quantity, scenario);
        let found: Option<Vec<Estimate>> = terms.into_iter().map(|term| self.read(scenario, design, term)).collect();
        total(found?)
    }

    /// Whether a quantity has a meaning under a scenario: of doses that are too toxic, whether there are any.
    fn has(self, quantity: Quantity, scenario: usize) -> bool {
        !self.terms(quantity, scenario).is_empty()
    }

    /// Its mean over the scenarios of a class. One without too toxic doses counts as zero, so that the parts of a whole add up; where
    /// none has any there is no mean.
    pub(super) fn mean_of(self, quantity: Quantity, class: Class, design: usize) -> Option<Estimate> {
        let scenarios = self.of_class(class);
        if !scenarios.iter().any(|&scenario| self.has(quantity, scenario)) {
            return None;
        }
        let nothing = Some(Estimate { value: 0.0, std_error: None });
        let of = |&scenario: &usize| {
            let value = if self.has(quantity, scenario) { self.value(quantity, scenario, design) } else { nothing };
            Some((scenario, value?))
        };
        self.mean(scenarios.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter())
    }

    /// The lowest and the highest value of a quantity among some scenarios.
    pub(super) fn extremes(self, quantity: Quantity, scenarios: &[usize], design: usize) -> Option<[Extreme<'a>; 2]> {
        let value =
            |&scenario: &usize| Some((self.value(quantity, scenario, design)?.value, self.scenario(scenario).name.as_str()));
        let values: Vec<Extreme<'a>> = scenarios.iter().filter_map(value).collect();
        let lowest = values.iter().copied().min_by(|one, other| one.0.total_cmp(&other.0))?;
        // The first of several, as of the lowest.
        let highest = values.iter().copied().rev().max_by(|one, other| one.0.total_cmp(&other.0))?;
        Some([lowest, highest])
    }

    /// A quantity of a design minus that of the reference, on the same patients where one of them is simulated.
    pub(super) fn difference(self, quantity: Quantity, scenario: usize, design: usize) -> Option<Difference> {
        let value = self.value(quantity, scenario, design)?.value - self.value(quantity, scenario, self.reference)?.value;
        let is_exact = |design: usize| self.results.summaries[scenario][design].source == Source::Exact;
        if design == self.reference || is_exact(design) && is_exact(self.reference) {
            return Some(Difference { value, interval: None });
        }
        // The results have differences from the first design of the study; a reference that is another one is compared by its values.
        let pair = |metric: Metric| {
            let found = self.results.differences[scenario].get(design)?;
            let found = found.iter().find(|found| found.metric == metric)?;
            Some(Estimate { value: found.difference, std_error: found.error.map(|(std_error, ..)| std_error) })
        };
        let unpaired = |term| {
            let [one, other] = [design, self.reference].map(|design| self.read(scenario, design, term));
            let error = known(one?.std_error) + known(other?.std_error);
            Some(Estimate { value: one?.value - other?.value, std_error: Some(error) })
        };
        let terms = self.terms(quantity, scenario).into_iter();
        let found: Option<Vec<Estimate>> =
            terms.map(|term| if self.reference == 0 { pair(term) } else { unpaired(term) }).collect();
        total(found?).map(|sum| with_interval(&sum))
    }

    /// The mean of the differences over the scenarios of a class, those without a meaning counting as zero.
    pub(super) fn mean_difference(self, quantity: Quantity, class: Class, design: usize) -> Option<Difference> {
        let scenarios = self.of_class(class);
        if !scenarios.iter().any(|&scenario| self.has(quantity, scenario)) {
            return None;
        }
        let nothing = Some(Difference { value: 0.0, interval: None });
        let of = |&scenario: &usize| {
            let own = if self.has(quantity, scenario) { self.difference(quantity, scenario, design) } else { nothing };
            let Difference { value, interval } = own?;
            Some((scenario, Estimate { value, std_error: interval.map(|(low, high)| (high - low) / (2.0 * NORMAL)) }))
        };
        let values: Option<Vec<_>> = scenarios.iter().map(of).collect();
        self.mean(values?.into_iter()).map(|mean| with_interval(&mean))
    }

    /// The size of a design: its mean patients over the scenarios that have a right dose, over all where none has one.
    pub(super) fn size(self, design: usize) -> Option<f64> {
        match self.mean_of(Quantity::Patients, Class::Mtd, design) {
            Some(mean) => Some(mean.value),
            None => {
                let all = (0..self.study.scenarios.len()).map(|s| Some((s, self.value(Quantity::Patients, s, design)?)));
                self.mean(all.collect::<Option<Vec<_>>>()?.into_iter()).map(|mean| mean.value)
            }
        }
    }

    /// How large a design is beside the reference.
    pub(super) fn group(self, design: usize) -> Option<Group> {
        let (own, reference) = (self.size(design)?, self.size(self.reference)?);
        let tolerance = self.relevance.patients.max(0.1 * reference) + ROUNDING;
        Some(match own - reference {
            _ if design == self.reference => Group::Reference,
            difference if difference < -tolerance => Group::Smaller,
            difference if difference > tolerance => Group::Larger,
            _ => Group::Same,
        })
    }

    /// The designs of a group, in the order of the study.
    pub(super) fn in_group(self, group: Group) -> Vec<usize> {
        self.designs().filter(|&design| self.group(design) == Some(group)).collect()
    }

    /// The designs by size: the reference, those of its size, smaller ones, larger ones.
    pub(super) fn by_group(self) -> Vec<usize> {
        [Group::Reference, Group::Same, Group::Smaller, Group::Larger]
            .into_iter()
            .flat_map(|group| self.in_group(group))
            .collect()
    }

    /// The design of a group that is right most often where a dose is right; the first of several, and of those that cannot be compared.
    pub(super) fn best_of(self, group: Group) -> Option<usize> {
        let right = |&design: &usize| self.mean_of(Quantity::Right, Class::Mtd, design).map(|mean| mean.value);
        let order = |one: &usize, other: &usize| match (right(one), right(other)) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        self.in_group(group).into_iter().rev().max_by(order)
    }

    /// The probability that a trial treats more than `planned` patients.
    pub(super) fn above(self, planned: usize, scenario: usize, design: usize) -> f64 {
        let sizes = &self.results.summaries[scenario][design].sample_size;
        sizes.iter().filter(|(patients, _)| *patients > planned).map(|(_, probability)| probability).sum()
    }
}

/// The size of an error: an exact number has none.
fn known(std_error: Option<f64>) -> f64 {
    match std_error {
        Some(error) => error,
        None => 0.0,
    }
}

/// A sum; the error of several terms is at most the sum of their errors. Nothing of nothing.
fn total(terms: Vec<Estimate>) -> Option<Estimate> {
    terms.into_iter().reduce(|sum, term| Estimate {
        value: sum.value + term.value,
        std_error: match (sum.std_error, term.std_error) {
            (None, None) => None,
            (one, other) => Some(known(one) + known(other)),
        },
    })
}

fn with_interval(&Estimate { value, std_error }: &Estimate) -> Difference {
    Difference { value, interval: std_error.map(|error| (value - NORMAL * error, value + NORMAL * error)) }
}
