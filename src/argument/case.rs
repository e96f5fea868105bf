//! A study and its results as an argument looks at them: the designs that can be chosen, numbers under each scenario, and means over one
//! class of scenarios. No number here is over two classes, but for what is said to be the lowest or highest of all.

use super::facts;
use super::quantity::{Judgement, Known, Quantity};
use crate::design::Plan;
use crate::lint::can_select_none;
use crate::measure::{Results, Summary};
use crate::scenario::{Class, Place};
use crate::study::Study;

/// See the module.
pub(super) struct Case<'a> {
    pub(super) study: &'a Study,
    pub(super) results: &'a Results,
    /// The places of the designs that can be chosen: all but benchmarks.
    designs: Vec<usize>,
    /// The places of the scenarios of each class, in the order of [`Class::ALL`].
    classes: [Vec<usize>; Class::ALL.len()],
}

impl<'a> Case<'a> {
    pub(super) fn new(study: &'a Study, results: &'a Results) -> Option<Self> {
        let can_be_chosen = |place: &usize| !matches!(study.designs[*place].plan, Plan::Benchmark(_));
        let designs: Vec<usize> = (0..study.designs.len()).filter(can_be_chosen).collect();
        let classes = Class::ALL.map(|class| study.of_class(class));
        (!designs.is_empty() && !study.scenarios.is_empty()).then_some(Self { study, results, designs, classes })
    }

    /// The design that the others are compared with.
    pub(super) fn reference(&self) -> usize {
        self.designs[0]
    }

    /// All designs that can be chosen.
    pub(super) fn designs(&self) -> &[usize] {
        &self.designs
    }

    /// Those that are compared with the reference.
    pub(super) fn others(&self) -> &[usize] {
        &self.designs[1..]
    }

    /// The places of the scenarios of a class.
    pub(super) fn of(&self, class: Class) -> &[usize] {
        &self.classes[class as usize]
    }

    pub(super) fn class(&self, scenario: usize) -> Class {
        self.study.scenarios[scenario].class(&self.study.target)
    }

    /// The places of all scenarios.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.study.scenarios.len()).collect()
    }

    pub(super) fn summary(&self, design: usize, scenario: usize) -> Option<&'a Summary> {
        self.results.summaries.get(scenario)?.get(design)
    }

    /// Whether the right answer under a scenario is itself too toxic, the study having named it.
    fn is_right_too_toxic(&self, scenario: usize) -> bool {
        let one = &self.study.scenarios[scenario];
        one.correct.is_some_and(|level| self.study.target.place(one.toxicity[level]) == Place::Over)
    }

    /// A number of a design under a scenario.
    pub(super) fn known(&self, design: usize, scenario: usize, quantity: Quantity) -> Option<Known> {
        let summary = self.summary(design, scenario)?;
        if quantity == Quantity::Acceptable {
            let of = |quantity| self.known(design, scenario, quantity);
            return Some(sum(&[(1.0, of(Quantity::Right)?), (1.0, of(Quantity::OtherAcceptable)?)]));
        }
        let known = facts::number(summary, quantity)?;
        if quantity == Quantity::TooToxic && self.is_right_too_toxic(scenario) {
            // What is right is nothing else.
            let right = self.known(design, scenario, Quantity::Right)?;
            return Some(sum(&[(1.0, known), (-1.0, right)]));
        }
        Some(known)
    }

    /// The weighted mean of a number over a class; `None` where it has no scenario.
    pub(super) fn mean(&self, design: usize, class: Class, quantity: Quantity) -> Option<Known> {
        self.mean_of(class, |scenario| self.known(design, scenario, quantity))
    }

    /// The weighted mean over a class. Its standard error is the mean of those of the scenarios, an upper bound: they share patients.
    fn mean_of(&self, class: Class, under: impl Fn(usize) -> Option<Known>) -> Option<Known> {
        let places = self.of(class);
        let found: Option<Vec<Known>> = places.iter().map(|&place| under(place)).collect();
        let found = found.filter(|found| !found.is_empty())?;
        let number = |of: &dyn Fn(&Known) -> f64| {
            self.study
                .weighted_mean(places, |place| places.iter().position(|own| *own == place).map_or(0.0, |index| of(&found[index])))
        };
        let is_exact = found.iter().all(|known| known.std_error.is_none());
        let std_error = (!is_exact).then(|| number(&|known| known.std_error.unwrap_or(0.0)));
        Some(Known { value: number(&|known| known.value), std_error })
    }

    /// A design minus the reference under a scenario, on the same patients where they are simulated.
    pub(super) fn difference(&self, design: usize, scenario: usize, quantity: Quantity) -> Option<Known> {
        let (own, reference) = (self.known(design, scenario, quantity)?, self.known(self.reference(), scenario, quantity)?);
        if own.std_error.is_none() && reference.std_error.is_none() {
            return Some(Known::exact(own.value - reference.value));
        }
        let paired = |quantity: Quantity| facts::paired(self.results, scenario, design, quantity);
        // Differences are from the first design of the study, which may be a benchmark.
        let found = if self.reference() == 0 { paired(quantity) } else { None };
        match found {
            Some(found) if quantity == Quantity::TooToxic && self.is_right_too_toxic(scenario) => {
                Some(sum(&[(1.0, found), (-1.0, paired(Quantity::Right)?)]))
            }
            Some(found) => Some(found),
            None => Some(sum(&[(1.0, own), (-1.0, reference)])),
        }
    }

    /// The weighted mean of the differences over a class.
    pub(super) fn mean_difference(&self, design: usize, class: Class, quantity: Quantity) -> Option<Known> {
        self.mean_of(class, |scenario| self.difference(design, scenario, quantity))
    }

    /// How a difference of a quantity stands to its threshold.
    pub(super) fn judged(&self, quantity: Quantity, difference: Known) -> Judgement {
        difference.judged(quantity.threshold(&self.study.report.relevance))
    }

    /// As [`Case::judged`], of the mean over a class.
    pub(super) fn judged_mean(&self, design: usize, class: Class, quantity: Quantity) -> Option<Judgement> {
        Some(self.judged(quantity, self.mean_difference(design, class, quantity)?))
    }

    /// The mean number of patients of a design over class `mtd`; over all scenarios where there is none.
    pub(super) fn size(&self, design: usize) -> f64 {
        let patients = |scenario| self.known(design, scenario, Quantity::Patients).map_or(0.0, |known| known.value);
        self.study.weighted_mean(&self.size_places(), patients)
    }

    /// The scenarios that sizes are means over: class `mtd`, or all where there is none.
    pub(super) fn size_places(&self) -> Vec<usize> {
        match self.of(Class::Mtd) {
            [] => self.all(),
            places => places.to_vec(),
        }
    }

    /// By how much a number of patients may miss the size of the reference.
    pub(super) fn size_tolerance(&self) -> f64 {
        self.study.report.relevance.of_size(self.size(self.reference()))
    }

    /// A number of a design under one scenario.
    pub(super) fn at(&self, design: usize, scenario: usize, quantity: Quantity) -> Option<At> {
        Some(At { design, scenarios: vec![scenario], quantity, known: self.known(design, scenario, quantity)? })
    }

    /// The mean of a design over a class.
    pub(super) fn at_mean(&self, design: usize, class: Class, quantity: Quantity) -> Option<At> {
        Some(At { design, scenarios: self.of(class).to_vec(), quantity, known: self.mean(design, class, quantity)? })
    }

    /// The lowest or highest number of a design over some scenarios, with those under which it is found: to the digits of `print`.
    pub(super) fn at_extreme(
        &self,
        (design, quantity): (usize, Quantity),
        places: &[usize],
        is_highest: bool,
        print: impl Fn(Known) -> String,
    ) -> Option<At> {
        let found: Option<Vec<(usize, Known)>> =
            places.iter().map(|&place| Some((place, self.known(design, place, quantity)?))).collect();
        let found = found?;
        let beyond = |one: &Known, other: &Known| if is_highest { one.value > other.value } else { one.value < other.value };
        let &(_, known) = found.iter().reduce(|most, other| if beyond(&other.1, &most.1) { other } else { most })?;
        let shown = print(known);
        let scenarios = found.into_iter().filter(|(_, known)| print(*known) == shown).map(|(place, _)| place).collect();
        Some(At { design, scenarios, quantity, known })
    }

    /// The number of patients of a benchmark; `None` where the design is none.
    pub(super) fn benchmark_patients(&self, design: usize) -> Option<usize> {
        match &self.study.designs[design].plan {
            Plan::Benchmark(benchmark) => Some(benchmark.max_patients()),
            Plan::Rule(_) | Plan::LateOnset(_) => None,
        }
    }

    /// Whether a trial of a design can end without a dose. What is exact tells; where replicates had no such trial, the rule is asked.
    pub(super) fn can_select_none(&self, design: usize) -> bool {
        let places = self.all();
        let mut found = places.iter().filter_map(|&place| self.known(design, place, Quantity::None));
        let is_simulated = places.iter().any(|&place| self.summary(design, place).is_some_and(facts::is_simulated));
        found.any(|known| known.value > 0.0) || is_simulated && can_select_none(&self.study.designs[design].plan, None)
    }

    /// The name of a design.
    pub(super) fn name(&self, design: usize) -> &'a str {
        &self.study.designs[design].name
    }
}

/// A number with what it is of.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) design: usize,
    /// The scenarios that it is the mean over, or those that have it as their lowest or highest.
    pub(super) scenarios: Vec<usize>,
    pub(super) quantity: Quantity,
    pub(super) known: Known,
}

/// A sum of numbers, each times a factor; the errors add up, which is cautious.
fn sum(parts: &[(f64, Known)]) -> Known {
    let is_exact = parts.iter().all(|(_, known)| known.std_error.is_none());
    let std_error = parts.iter().map(|(factor, known)| factor.abs() * known.std_error.unwrap_or(0.0)).sum();
    Known { value: parts.iter().map(|(factor, known)| factor * known.value).sum(), std_error: (!is_exact).then_some(std_error) }
}
