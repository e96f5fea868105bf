//! What is odd in the scenarios of a study.

use crate::design::Plan;
use crate::keys::Keys;
use crate::scenario::{Class, Place, Scenario, Target};
use crate::study::{Study, StudyDesign};
use crate::trial::{Counts, Level, patients_a_week};

/// A correct level that is not the one nearest the target, or whose toxicity is not acceptable; moderate toxicities that nobody watches,
/// or that are watched and not given; an accrual that is that of the study.
pub(super) fn lint(keys: &mut Keys<'_>, study: &Study, scenario: &Scenario) {
    let target = &study.target;
    let name = &scenario.name;
    let worked_out = target.correct_level(&scenario.toxicity);
    if worked_out != scenario.correct {
        let (said, found) = (level_words(scenario, scenario.correct), level_words(scenario, worked_out));
        keys.warn("mtd", format!("{name:?}: {said} is said to be correct; by the target {} it would be {found}", target.value));
    }
    let watching = study.designs.iter().find(|design| watches_moderate(design));
    match watching {
        Some(design) if scenario.moderate_toxicity.is_empty() => keys.warn(
            "toxicity",
            format!(
                "{name:?}: design {:?} watches moderate toxicities, and without `moderate_toxicity` there are none",
                design.name
            ),
        ),
        None if !scenario.moderate_toxicity.is_empty() => {
            keys.warn("moderate_toxicity", format!("{name:?}: it changes no result: no design watches moderate toxicities"));
        }
        _ => {}
    }
    if let (Some(timing), Some(accrual)) = (&study.timing, scenario.accrual_per_week)
        && accrual == timing.accrual_per_week
    {
        keys.warn(
            "accrual_per_week",
            format!("{name:?}: it changes nothing: {} is the accrual of [timing]", patients_a_week(accrual)),
        );
    }
    lint_band(keys, target, scenario);
}

/// A level with its toxicity, or none.
fn level_words(scenario: &Scenario, level: Option<Level>) -> String {
    match level {
        Some(level) => format!("level {} (toxicity {})", level + 1, scenario.toxicity[level]),
        None => "no level".to_owned(),
    }
}

/// Levels between which the target does not decide, and correct levels that are not what one would think.
fn lint_band(keys: &mut Keys<'_>, target: &Target, scenario: &Scenario) {
    let Scenario { name, toxicity, .. } = scenario;
    let place = |level: Level| target.place(toxicity[level]);
    let is_acceptable = |level: Level| place(level) == Place::Acceptable;
    let Some(correct) = scenario.correct else {
        if !keys.has("mtd")
            && let Some(level) = (0..toxicity.len()).find(|&level| is_acceptable(level))
        {
            let found = level_words(scenario, Some(level));
            let message = format!(
                "{name:?}: no dose is right, because level 1 is above the acceptable band, although {found} is within it"
            );
            keys.warn("toxicity", message);
        }
        return;
    };
    if !keys.has("mtd") {
        let distance = |level: Level| (toxicity[level] - target.value).abs();
        let tied = target.nearest(toxicity);
        let nearer = (0..toxicity.len()).filter(|&level| place(level) == Place::Over && distance(level) < distance(correct));
        if let Some(level) = nearer.min_by(|&one, &other| distance(one).total_cmp(&distance(other))) {
            let message = format!(
                "{name:?}: level {} ({}) is nearest but above the band; level {} counts as correct",
                level + 1,
                toxicity[level],
                correct + 1
            );
            keys.warn("toxicity", message);
        }
        if tied.len() > 1 {
            let why = if toxicity[correct] <= target.value { "at or below it" } else { "the lowest of them" };
            let message = format!(
                "{name:?}: {} are equally near the target; level {} counts as correct, being {why}: set `mtd` to choose another",
                levels_words(&tied),
                correct + 1
            );
            keys.warn("toxicity", message);
        }
    }
    let side = match place(correct) {
        Place::Under => "below",
        Place::Over => "above",
        Place::Acceptable => return,
    };
    if !(0..toxicity.len()).any(is_acceptable) {
        let (low, high) = target.acceptable;
        let message = format!(
            "{name:?}: no level is within the acceptable band, {} to {}: the correct one, {}, is {side} it, so to select it counts \
             as correct but not as acceptable; `mtd = k` names another correct level, `mtd = 0` none",
            significant(low),
            significant(high),
            level_words(scenario, scenario.correct)
        );
        keys.warn("toxicity", message);
    }
}

/// `levels 1 to 5`, `levels 2 and 4`.
fn levels_words(levels: &[Level]) -> String {
    let (first, last) = (levels[0], levels[levels.len() - 1]);
    if levels.len() > 2 && last - first + 1 == levels.len() {
        return format!("levels {} to {}", first + 1, last + 1);
    }
    let others: Vec<String> = levels[..levels.len() - 1].iter().map(|level| (level + 1).to_string()).collect();
    format!("levels {} and {}", others.join(", "), last + 1)
}

/// Kinds of truth that the study leaves out: there what its designs do is not shown, and without designs nothing is.
pub(super) fn lint_classes(keys: &mut Keys<'_>, study: &Study) {
    if study.scenarios.is_empty() || study.designs.is_empty() {
        return;
    }
    for class in [Class::Mtd, Class::Below, Class::Toxic] {
        if study.of_class(class).is_empty() {
            keys.warn("scenario", missing(class));
        }
    }
}

/// That no scenario is of this class.
fn missing(class: Class) -> &'static str {
    match class {
        Class::Toxic => "no scenario in which every dose is too toxic: what the designs do then is not shown",
        Class::Below => "no scenario in which every dose is below the acceptable range: what the designs do then is not shown",
        Class::Gap => "no scenario in which no dose is in the acceptable range, one being below it and the next above",
        Class::Mtd => "no scenario in which one of the doses is right: how often the designs find it is not shown",
    }
}

/// Whether a design watches moderate toxicities.
fn watches_moderate(design: &StudyDesign) -> bool {
    match &design.plan {
        Plan::Rule(rule) => rule.watches_moderate(&Counts::default(), rule.first_cohort()),
        Plan::LateOnset(_) | Plan::Benchmark(_) => false,
    }
}

/// A bound of the band, which is a product and may carry a rounding error.
fn significant(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}
