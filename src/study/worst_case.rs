//! `[[worst_case]]`: the curve at which a design does worst.

use crate::design::Plan;
use crate::keys::{Keys, Within, closest, quoted};
use crate::scenario::{CurveLimits, Target};
use crate::study::StudyDesign;
use crate::trial::{Level, MAX_LEVELS};

/// More starts than these only take time.
const MOST_STARTS: usize = 1_000;

/// What is worst where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorstMeasure {
    /// The lowest probability that the correct level is selected.
    CorrectSelection,
    /// The most DLTs expected beyond the target times the patients.
    ExcessDlts,
    /// The largest loss of correct selection against the design with this place in the study.
    Loss(usize),
}

impl WorstMeasure {
    /// The word of a study file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CorrectSelection => "correct_selection",
            Self::ExcessDlts => "excess_dlts",
            Self::Loss(_) => "loss",
        }
    }

    /// What the number is, in words for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CorrectSelection => "correct selection",
            Self::ExcessDlts => "DLTs beyond the target",
            Self::Loss(_) => "loss of correct selection",
        }
    }

    /// What people are shown of a number that a search makes small, which is the measure or its negative.
    #[must_use]
    pub fn shown(self, objective: f64) -> f64 {
        if self == Self::CorrectSelection { objective } else { -objective }
    }

    /// Whether one value is worse than another.
    #[must_use]
    pub fn is_worse(self, value: f64, than: f64) -> bool {
        if self == Self::CorrectSelection { value < than } else { value > than }
    }
}

/// A question for the worst curve.
#[derive(Clone, Debug)]
pub struct WorstCase {
    /// Its name, unique in the study.
    pub name: String,
    /// The place of the design in the study.
    pub design: usize,
    /// What is worst.
    pub measure: WorstMeasure,
    /// The MTDs that curves may have, each with at least one curve; `None` is none.
    pub mtds: Vec<Option<Level>>,
    /// The limits on the curves.
    pub limits: CurveLimits,
    /// The number of local searches for each MTD.
    pub starts: usize,
    /// The seed of their starts.
    pub seed: u64,
}

/// How `measure` names what is worst.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    CorrectSelection,
    ExcessDlts,
    Loss,
}

/// Read a block but its name. `designs` are the designs of the study, `None` where one is faulty.
pub(super) fn read(
    mut keys: Keys<'_>,
    name: Option<String>,
    levels: Option<usize>,
    target: Option<&Target>,
    designs: Option<&[StudyDesign]>,
) -> Option<WorstCase> {
    keys.require("design");
    let design = read_design(&mut keys, "design", designs);
    keys.require("measure");
    let kinds = [("correct_selection", Kind::CorrectSelection), ("excess_dlts", Kind::ExcessDlts), ("loss", Kind::Loss)];
    let kind = keys.choice("measure", &kinds);
    if kind == Some(Kind::Loss) {
        keys.require("against");
    } else if kind.is_some() && keys.has("against") {
        keys.complain("against", "goes with the measure \"loss\" only", None);
    }
    let against = read_design(&mut keys, "against", designs);
    if kind == Some(Kind::Loss) && against.is_some() && against == design {
        keys.complain("against", "found the design itself, against which it loses nothing; allowed: another design", None);
    }
    let probability = Within::Closed(0.0, 1.0);
    let expected = levels.map(|levels| (levels, "dose level"));
    let (lower, upper) = (keys.numbers("lower", probability, expected), keys.numbers("upper", probability, expected));
    let mtd_within = keys.number("mtd_within", probability).unwrap_or(0.05);
    let gap = keys.number("gap", probability).unwrap_or(0.1);
    let step = (keys.number("min_step", probability).unwrap_or(0.0), keys.number("max_step", probability).unwrap_or(1.0));
    let mtds = keys.wholes("mtd", 0..=levels.unwrap_or(MAX_LEVELS));
    let starts = keys.whole("starts", 1..=MOST_STARTS).unwrap_or(20);
    let seed = keys.whole("seed", 0..=i64::MAX as usize).unwrap_or(1) as u64;
    if mtd_within >= gap {
        let message =
            format!("found {gap}, where `mtd_within` is {mtd_within}; allowed: more, so that the MTD is nearest the target");
        keys.complain("gap", message, None);
    }
    if step.0 > step.1 {
        keys.complain("min_step", format!("found {}, where `max_step` is {}; allowed: at most that", step.0, step.1), None);
    }
    let written = |key| keys.has(key);
    let is_faulty =
        written("lower") && lower.is_none() || written("upper") && upper.is_none() || written("mtd") && mtds.is_none();
    let limits = || {
        let levels = levels.filter(|_| !is_faulty && mtd_within < gap && step.0 <= step.1)?;
        let (lower, upper) = (lower.unwrap_or_else(|| vec![0.0; levels]), upper.unwrap_or_else(|| vec![1.0; levels]));
        Some(CurveLimits { target: target?.clone(), lower, upper, mtd_within, gap, step })
    };
    let limits = limits();
    let asked = mtds.is_some();
    let mtds = mtds.unwrap_or_else(|| (1..=levels.unwrap_or(0)).collect());
    let mut mtds: Vec<Option<Level>> = mtds.into_iter().map(|mtd| mtd.checked_sub(1)).collect();
    if let Some(limits) = &limits {
        let conflict = |mtd: Option<Level>| limits.ladder(mtd).conflict();
        let first = mtds.iter().find_map(|&mtd| Some((mtd, conflict(mtd)?)));
        let is_none_left = mtds.iter().all(|&mtd| conflict(mtd).is_some());
        match first {
            Some((mtd, found)) if asked || is_none_left => {
                // Of the keys in conflict, one that is written.
                let key = limits.conflict_keys(mtd, &found).into_iter().find(|key| keys.has(key));
                let key = if asked { "mtd" } else { key.unwrap_or_default() };
                keys.complain(key, limits.conflict_words(mtd, &found), None);
            }
            None if mtds.is_empty() => keys.complain("mtd", "found no MTD to look at; allowed: at least one", None),
            _ => {}
        }
        mtds.retain(|&mtd| conflict(mtd).is_none());
    }
    keys.finish();
    let measure = match kind? {
        Kind::CorrectSelection => WorstMeasure::CorrectSelection,
        Kind::ExcessDlts => WorstMeasure::ExcessDlts,
        Kind::Loss => WorstMeasure::Loss(against?),
    };
    Some(WorstCase { name: name?, design: design?, measure, mtds, limits: limits?, starts, seed })
}

/// The place of the design that a key names. It must be a rule that can be compiled.
pub(super) fn read_design(keys: &mut Keys<'_>, key: &'static str, designs: Option<&[StudyDesign]>) -> Option<usize> {
    let name = keys.text(key)?;
    let designs = designs?;
    let Some(place) = designs.iter().position(|design| design.name == name) else {
        let names: Vec<&str> = designs.iter().map(|design| design.name.as_str()).collect();
        let help = closest(&name, &names).map(|name| format!("did you mean {name:?}?"));
        let known: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        keys.complain(key, format!("found {}; allowed: the name of a design: {}", quoted(&name), known.join(", ")), help);
        return None;
    };
    if !matches!(designs[place].plan, Plan::Rule(_)) {
        let message = format!("{name:?} has no decision graph; allowed: a design whose cohorts wait, and not the benchmark");
        keys.complain(key, message, None);
        return None;
    }
    Some(place)
}
