//! The recommendation that follows from the criteria of a study, or why there is none.

use super::case::{At, Case};
use super::facts;
use super::quantity::{Known, Quantity};
use super::words;
use crate::scenario::Class;
use crate::study::{Criterion, Preference};
use serde::Serialize;

/// Whether a design meets a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// It does: of a simulated number, its whole 95 % interval.
    Met,
    /// It does not.
    NotMet,
    /// The interval crosses the limit.
    Undecided,
}

/// A design before a criterion.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The design.
    pub design: String,
    /// Its number.
    pub value: f64,
    /// The scenarios that it is the mean over, or those that have it as their lowest or highest.
    pub scenarios: Vec<String>,
    /// What follows.
    pub finding: Finding,
    /// By how much the limit is missed; negative where it is met.
    #[serde(skip)]
    pub(super) excess: f64,
    #[serde(skip)]
    pub(super) place: usize,
    #[serde(skip)]
    pub(super) at: At,
}

/// A criterion with all designs before it.
#[derive(Clone, Debug, Serialize)]
pub struct Met {
    /// Its key.
    pub criterion: &'static str,
    /// Its limit.
    pub limit: f64,
    /// The designs that can be chosen, in the order of the study.
    pub designs: Vec<Judged>,
    #[serde(skip)]
    pub(super) kind: Criterion,
}

/// What follows from the criteria.
#[derive(Clone, Debug, Serialize)]
pub struct Recommendation {
    /// Where the criteria were laid down before the run.
    pub stated: Option<String>,
    /// The criteria; without one nothing is recommended.
    pub criteria: Vec<Met>,
    /// What decides between designs that meet them.
    pub prefer: Vec<&'static str>,
    /// The designs that meet all.
    pub met: Vec<String>,
    /// The designs of which it cannot be told whether they meet all.
    pub undecided: Vec<String>,
    /// The design that follows; none where none meets the criteria, or several are left.
    pub chosen: Option<String>,
    #[serde(skip)]
    pub(super) meeting: Vec<usize>,
    /// Those that are left in the end.
    #[serde(skip)]
    pub(super) left: Vec<usize>,
    /// What told the last of them from others, with those that were left before it.
    #[serde(skip)]
    pub(super) decided: Option<(Preference, usize)>,
}

impl Recommendation {
    pub(super) fn new(case: &Case<'_>) -> Self {
        let criteria = &case.study.report.criteria;
        let met: Vec<Met> = criteria.limits.iter().map(|&(kind, limit)| met(case, kind, limit)).collect();
        let has = |design: usize, finding: Finding| {
            met.iter().any(|met| met.designs.iter().any(|judged| judged.place == design && judged.finding == finding))
        };
        let is_stated = !met.is_empty();
        let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
            case.designs().iter().copied().filter(|&design| is_stated && wanted(design)).collect()
        };
        let meeting = of(&|design| !has(design, Finding::NotMet) && !has(design, Finding::Undecided));
        let undecided = of(&|design| !has(design, Finding::NotMet) && has(design, Finding::Undecided));
        let (left, decided) = preferred(case, &meeting);
        let chosen = if left.contains(&case.reference()) {
            Some(case.reference())
        } else if let [only] = left[..] {
            Some(only)
        } else {
            None
        };
        let names = |designs: &[usize]| designs.iter().map(|&design| case.name(design).to_owned()).collect();
        let word =
            |preference: &Preference| Preference::WORDS.iter().find(|(_, own, _)| own == preference).map(|(word, ..)| *word);
        Self {
            stated: criteria.stated.clone(),
            prefer: criteria.prefer.iter().filter_map(word).collect(),
            met: names(&meeting),
            undecided: names(&undecided),
            chosen: chosen.map(|design| case.name(design).to_owned()),
            criteria: met,
            meeting,
            left,
            decided,
        }
    }

    /// The place of the design that follows.
    pub(super) fn chosen_place(&self, case: &Case<'_>) -> Option<usize> {
        self.left.iter().copied().find(|&design| self.chosen.as_deref() == Some(case.name(design)))
    }
}

/// What a preference looks at.
pub(super) fn quantity(preference: Preference) -> Quantity {
    match preference {
        Preference::Right => Quantity::Right,
        Preference::TooToxic => Quantity::TooToxic,
        Preference::Patients => Quantity::Patients,
        Preference::Exposed => Quantity::Exposed,
        Preference::Dlts => Quantity::Dlts,
        Preference::Weeks => Quantity::Weeks,
        Preference::None => Quantity::None,
    }
}

/// Of designs that meet the criteria those within the threshold of the best in each preference in turn, and what told the last of them
/// from others, with how many were left before.
fn preferred(case: &Case<'_>, meeting: &[usize]) -> (Vec<usize>, Option<(Preference, usize)>) {
    let mut left = meeting.to_vec();
    let mut decided = None;
    for &preference in &case.study.report.criteria.prefer {
        let quantity = quantity(preference);
        let sign = if quantity.is_good(Class::Mtd) { 1.0 } else { -1.0 };
        let value = |design: usize| case.mean(design, Class::Mtd, quantity).map(|known| sign * known.value);
        let Some(best) = left.iter().filter_map(|&design| value(design)).reduce(f64::max) else { continue };
        let threshold = quantity.threshold(&case.study.report.relevance);
        let before = left.len();
        left.retain(|&design| value(design).is_none_or(|value| best - value <= threshold));
        if left.len() < before {
            decided = Some((preference, before));
        }
    }
    (left, decided)
}

fn met(case: &Case<'_>, kind: Criterion, limit: f64) -> Met {
    let judged = |&design: &usize| {
        let at = measured(case, kind, design)?;
        let sign = if kind.is_least() { -1.0 } else { 1.0 };
        let (low, high) = at.known.interval();
        let (best, worst) = if kind.is_least() { (-high, -low) } else { (low, high) };
        let finding = if worst <= sign * limit {
            Finding::Met
        } else if best > sign * limit {
            Finding::NotMet
        } else {
            Finding::Undecided
        };
        Some(Judged {
            design: case.name(design).to_owned(),
            value: at.known.value,
            scenarios: at.scenarios.iter().map(|&place| case.study.scenarios[place].name.clone()).collect(),
            finding,
            excess: sign * (at.known.value - limit),
            place: design,
            at,
        })
    };
    Met { criterion: kind.key(), limit, designs: case.designs().iter().filter_map(judged).collect(), kind }
}

/// The number of a design that a criterion looks at.
fn measured(case: &Case<'_>, kind: Criterion, design: usize) -> Option<At> {
    let all = case.all();
    let (mtd, toxic) = (case.of(Class::Mtd), case.of(Class::Toxic));
    let extreme = |quantity, places: &[usize], is_highest| {
        let print =
            |known: Known| if quantity == Quantity::Patients { words::one_decimal(known.value) } else { words::trials(known) };
        case.at_extreme((design, quantity), places, is_highest, print)
    };
    match kind {
        Criterion::MaxTooToxic => extreme(Quantity::TooToxic, &all, true),
        Criterion::MaxTooToxicMean => case.at_mean(design, Class::Mtd, Quantity::TooToxic),
        Criterion::MinRight => extreme(Quantity::Right, mtd, false),
        Criterion::MinRightMean => case.at_mean(design, Class::Mtd, Quantity::Right),
        Criterion::MaxNone => extreme(Quantity::None, mtd, true),
        Criterion::MinNoneWhenToxic => extreme(Quantity::None, toxic, false),
        Criterion::MaxPatients => {
            let sizes = all.iter().filter_map(|&place| Some((facts::sizes(case.summary(design, place)?)?.1, place)));
            let (most, place) = sizes.reduce(|most, other| if other.0 > most.0 { other } else { most })?;
            Some(At { design, scenarios: vec![place], quantity: Quantity::Patients, known: Known::exact(most as f64) })
        }
        Criterion::MaxPatientsMean => extreme(Quantity::Patients, &all, true),
        Criterion::MaxWeeksMean => case.at_extreme((design, Quantity::Weeks), &all, true, |known| words::no_decimal(known.value)),
    }
}
