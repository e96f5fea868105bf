//! How a design stands to the reference: its size, where it gains and loses, and the verdict.

use super::case::Case;
use super::quantity::{Judgement, Known, Quantity};
use crate::scenario::Class;
use serde::Serialize;

/// The size of a design beside that of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Of the same size.
    Same,
    /// Fewer patients.
    Smaller,
    /// More patients.
    Larger,
}

/// What a design is beside the reference, over all scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not larger, no loss anywhere, and a gain somewhere, or smaller.
    AtLeastAsGood,
    /// No gain anywhere, not smaller, and a loss somewhere, or larger.
    NeverBetter,
    /// Of the same size, and no mean of an ending differs.
    LittleDifferent,
    /// Anything else.
    TradeOff,
}

/// A relevant difference under a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The scenario.
    pub scenario: String,
    /// The metric; a level stands in brackets.
    pub metric: &'static str,
    /// The design's number.
    pub value: f64,
    /// The reference's number.
    pub reference: f64,
    /// The difference.
    pub difference: f64,
}

/// As [`Change`], by the places of the study.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    pub(super) scenario: usize,
    pub(super) quantity: Quantity,
    pub(super) is_gain: bool,
    pub(super) difference: Known,
    /// In units of the threshold.
    pub(super) units: f64,
}

/// How a design stands to the reference.
pub(super) struct Standing {
    pub(super) design: usize,
    pub(super) group: Group,
    pub(super) verdict: Verdict,
    /// Relevant differences, scenario by scenario.
    pub(super) shifts: Vec<Shift>,
    /// Differences under a scenario that cannot be told.
    pub(super) open: usize,
    /// The mean of right selections over class `mtd`; none where there is no such scenario.
    pub(super) right: Option<Judgement>,
}

impl Standing {
    pub(super) fn new(case: &Case<'_>, design: usize) -> Self {
        let relevance = &case.study.report.relevance;
        let (beyond, tolerance) = (case.size(design) - case.size(case.reference()), case.size_tolerance());
        let group = match beyond {
            beyond if beyond < -tolerance => Group::Smaller,
            beyond if beyond > tolerance => Group::Larger,
            _ => Group::Same,
        };
        let (mut shifts, mut open) = (Vec::new(), 0);
        for scenario in case.all() {
            let class = case.class(scenario);
            for &quantity in Quantity::ends(class).iter().chain(&[Quantity::Exposed]) {
                let Some(difference) = case.difference(design, scenario, quantity) else { continue };
                let is_more = match case.judged(quantity, difference) {
                    Judgement::More => true,
                    Judgement::Less => false,
                    Judgement::Same => continue,
                    Judgement::Open => {
                        open += 1;
                        continue;
                    }
                };
                let is_gain = is_more == quantity.is_good(class);
                let units = difference.value.abs() / quantity.threshold(relevance);
                shifts.push(Shift { scenario, quantity, is_gain, difference, units });
            }
        }
        let means = Class::ALL.into_iter().flat_map(|class| Quantity::ends(class).iter().map(move |&quantity| (class, quantity)));
        let means = means.chain([(Class::Mtd, Quantity::Exposed)]);
        let means: Vec<Judgement> = means.filter_map(|(class, quantity)| case.judged_mean(design, class, quantity)).collect();
        let is_open = open > 0 || means.contains(&Judgement::Open);
        let (gains, losses) = (shifts.iter().any(|shift| shift.is_gain), shifts.iter().any(|shift| !shift.is_gain));
        let verdict = match group {
            _ if is_open => Verdict::TradeOff,
            Group::Same | Group::Smaller if !losses && (gains || group == Group::Smaller) => Verdict::AtLeastAsGood,
            Group::Same | Group::Larger if !gains && (losses || group == Group::Larger) => Verdict::NeverBetter,
            Group::Same if means.iter().all(|judgement| *judgement == Judgement::Same) => Verdict::LittleDifferent,
            _ => Verdict::TradeOff,
        };
        let right = case.judged_mean(design, Class::Mtd, Quantity::Right);
        Self { design, group, verdict, shifts, open, right }
    }

    /// Gains or losses for files.
    pub(super) fn changes(&self, case: &Case<'_>, gains: bool) -> Vec<Change> {
        let change = |shift: &Shift| {
            let number = |design| case.known(design, shift.scenario, shift.quantity).map_or(0.0, |known| known.value);
            Change {
                scenario: case.study.scenarios[shift.scenario].name.clone(),
                metric: shift.quantity.metric(),
                value: number(self.design),
                reference: number(case.reference()),
                difference: shift.difference.value,
            }
        };
        self.shifts.iter().filter(|shift| shift.is_gain == gains).map(change).collect()
    }

    /// The largest of some shifts, in units of their thresholds; the first of those that are equally large.
    pub(super) fn largest(&self, which: impl Fn(&Shift) -> bool) -> Option<Shift> {
        self.shifts
            .iter()
            .copied()
            .filter(|shift| which(shift))
            .reduce(|most, other| if other.units > most.units { other } else { most })
    }

    /// Whether the mean of right selections is higher by more than the threshold.
    pub(super) fn is_right_more_often(&self) -> bool {
        self.right == Some(Judgement::More)
    }

    /// Whether the design is no larger than the reference.
    pub(super) fn is_of_its_size_or_smaller(&self) -> bool {
        self.group != Group::Larger
    }
}
