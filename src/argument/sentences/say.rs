//! Sentences in the making: what prints a number keeps it.

use super::{Draft, Lay, Number};
use crate::argument::case::{At, Case};
use crate::argument::quantity::{Known, Quantity};
use crate::argument::words;
use std::cell::RefCell;

/// A sentence in the making.
pub(super) struct Say<'c, 'a> {
    pub(super) case: &'c Case<'a>,
    numbers: RefCell<Vec<Number>>,
}

impl<'c, 'a> Say<'c, 'a> {
    pub(super) fn new(case: &'c Case<'a>) -> Self {
        Self { case, numbers: RefCell::default() }
    }

    /// The sentence with the numbers that were printed for it.
    pub(super) fn done(self, id: &'static str, text: String, lay: Lay) -> Draft {
        Draft { id, text, lay, numbers: self.numbers.into_inner() }
    }

    /// Keep a number as it is printed.
    pub(super) fn keep(&self, metric: &'static str, scenarios: &[usize], design: usize, value: f64, printed: String) -> String {
        let scenarios = scenarios.iter().map(|&place| self.case.study.scenarios[place].name.clone()).collect();
        let number = Number { metric, scenarios, design: self.case.name(design).to_owned(), value, printed: printed.clone() };
        let mut numbers = self.numbers.borrow_mut();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
        printed
    }

    fn kept(&self, at: &At, printed: String) -> String {
        self.keep(at.quantity.metric(), &at.scenarios, at.design, at.known.value, printed)
    }

    /// A probability without `about`: `39`.
    pub(super) fn trials(&self, at: &At) -> String {
        self.kept(at, words::trials(at.known))
    }

    /// `about 39`.
    pub(super) fn about(&self, at: &At) -> String {
        words::about(&[self.trials(at)])
    }

    /// `about 53 and 48`.
    pub(super) fn abouts(&self, all: &[At]) -> String {
        words::about(&all.iter().map(|at| self.trials(at)).collect::<Vec<_>>())
    }

    /// A mean number: `14.0`.
    pub(super) fn mean(&self, at: &At) -> String {
        let printed =
            if at.quantity == Quantity::Weeks { words::no_decimal(at.known.value) } else { words::one_decimal(at.known.value) };
        self.kept(at, printed)
    }

    /// Means in a list: `92 and 91`.
    pub(super) fn means(&self, all: &[At]) -> String {
        words::list(&all.iter().map(|at| self.mean(at)).collect::<Vec<_>>())
    }

    /// A number of this quantity as it is printed: of trials, or a mean.
    pub(super) fn any(&self, at: &At) -> String {
        if at.quantity.is_probability() { self.trials(at) } else { self.mean(at) }
    }

    /// The scenarios of a number in quotes: `"MTD at level 4"`.
    pub(super) fn under(&self, at: &At) -> String {
        self.scenarios(&at.scenarios)
    }

    /// Scenarios in quotes.
    pub(super) fn scenarios(&self, places: &[usize]) -> String {
        words::list(&places.iter().map(|&place| words::quoted(&self.case.study.scenarios[place].name)).collect::<Vec<_>>())
    }

    /// A size, which stands for the mean over class `mtd`.
    pub(super) fn size(&self, design: usize) -> String {
        let value = self.case.size(design);
        self.keep(Quantity::Patients.metric(), &self.case.size_places(), design, value, words::one_decimal(value))
    }

    /// The name of a design as a subject.
    pub(super) fn name(&self, design: usize) -> String {
        words::subject(self.case.name(design))
    }

    /// The names of designs as subjects.
    pub(super) fn names(&self, designs: &[usize]) -> Vec<String> {
        designs.iter().map(|&design| self.name(design)).collect()
    }

    /// A dose with its unit.
    pub(super) fn dose(&self, level: usize) -> String {
        let doses = &self.case.study.doses;
        let dose = words::doses(&doses.levels).get(level).cloned().unwrap_or_default();
        if doses.unit.is_empty() { format!("dose {dose}") } else { format!("{dose} {}", doses.unit) }
    }

    /// The doses that are right under a scenario.
    pub(super) fn right_doses(&self, scenario: usize) -> Vec<String> {
        let study = self.case.study;
        let one = &study.scenarios[scenario];
        (0..one.toxicity.len()).filter(|&level| one.is_right(level, &study.target)).map(|level| self.dose(level)).collect()
    }
}

/// Whether a number is not zero, as far as can be told.
pub(super) fn occurs(at: &At) -> bool {
    at.known.value > 0.0
}

/// A number without what it is of, for printing alone.
pub(super) fn trials(known: Known) -> String {
    words::trials(known)
}
