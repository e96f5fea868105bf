//! The keys that every conducted design has, read once for all methods.

use super::Context;
use super::conduct_keys::{
    self, MAX_PATIENTS_KEY, MIN_PATIENTS_SELECTED, START_LEVEL, STOP_AT_LEVEL_PATIENTS, STOP_AT_PATIENTS, STOP_AT_PATIENTS_WHEN,
    TOO_TOXIC_CUTOFF, TOO_TOXIC_RATE,
};
use super::titration::read_titration;
use crate::keys::{Key, Keys};
use crate::trial::{Conduct, StopAtPatients, StopWhen};

/// Complain about each key of conducted designs that a method does not take, `taken` excepted.
pub(in crate::design) fn refuse_conduct(keys: &mut Keys<'_>, taken: &[&str], reason: &str, help: &str) {
    for key in conduct_keys::NAMES.into_iter().filter(|key| !taken.contains(key)) {
        keys.refuse(key, format!("`{key}` {reason}"), Some(help.to_owned()));
    }
}

/// Read the cohort keys and the conduct rules of a `[[design]]` block: the [`super::ConductKeys`] that the context has.
///
/// Rules that can never have an effect, or that leave nothing to select, are warned about.
pub fn read_conduct(keys: &mut Keys<'_>, context: Context) -> Conduct {
    let Context { levels, target, conduct: takes, .. } = context;
    let mut conduct = Conduct::new(levels, target);
    conduct.start_level = keys.get(&START_LEVEL) - 1;
    conduct.cohort_size = keys.get(takes.cohort_size);
    conduct.first_cohort_size = keys.get(takes.first_cohort_size).unwrap_or(conduct.cohort_size);
    conduct.max_patients = keys.get(&MAX_PATIENTS_KEY);
    if takes.titration.is_some() {
        conduct.titration = read_titration(keys, levels, conduct.cohort_size);
    }
    if conduct.titration.is_some() {
        (conduct.start_level, conduct.first_cohort_size) = (0, 1);
    }
    conduct.no_skipping = keys.get(takes.no_skipping);
    conduct.no_skipping_down = keys.get(takes.no_skipping_down);
    conduct.set_coherence(keys.get(takes.coherent));

    conduct.stop_at_patients = read_stop_at_patients(keys);
    for (level, patients) in keys.get(&STOP_AT_LEVEL_PATIENTS).unwrap_or_default() {
        // At most MAX_PATIENTS, so it fits a byte.
        conduct.stop_at_level_patients.insert(level - 1, patients as u8);
    }
    conduct.min_patients_selected = keys.get(&MIN_PATIENTS_SELECTED);
    if let Some(scheme) = takes.initial_scheme {
        read_initial_scheme(keys, scheme, &mut conduct);
    }
    warn_of_idle_rules(keys, &conduct);
    conduct
}

/// The initial escalation scheme of a two-stage design; it sets the first cohort.
fn read_initial_scheme(keys: &mut Keys<'_>, key: &Key<Vec<usize>>, conduct: &mut Conduct) {
    let Some(scheme) = keys.get(key) else {
        return;
    };
    if scheme.is_empty() {
        keys.complain("initial_scheme", "found an empty array; allowed: the level of at least one patient", None);
    }
    if let Some(place) = scheme.windows(2).position(|pair| pair[1] < pair[0]) {
        let message = format!("found level {} after level {}; the scheme never goes down", scheme[place + 1], scheme[place]);
        keys.complain_entry("initial_scheme", place + 1, message);
    }
    if scheme.len() > conduct.max_patients {
        let message = format!(
            "found the levels of {} patients, but the trial has at most {}: the rest is never looked at",
            scheme.len(),
            conduct.max_patients
        );
        keys.warn("initial_scheme", message);
    }
    if conduct.titration.is_some() {
        keys.complain("titration", "found together with `initial_scheme`; allowed: one of the two", None);
    }
    for key in ["start_level", "first_cohort_size"] {
        if keys.has(key) {
            keys.warn(key, "ignored: the initial scheme sets the first cohort");
        }
    }
    // Levels are at most MAX_LEVELS, so they fit a byte.
    conduct.initial_scheme = scheme.into_iter().map(|level| (level - 1) as u8).collect();
    let first = conduct.first_cohort();
    (conduct.start_level, conduct.first_cohort_size) = (first.level.into(), first.patients.into());
}

/// The stopping rule for toxicity: the cut-off, and the toxicity that it is about.
pub(in crate::design) fn read_too_toxic(keys: &mut Keys<'_>, target: f64) -> Option<(f64, f64)> {
    let (cutoff, rate) = (keys.get(&TOO_TOXIC_CUTOFF), keys.get(&TOO_TOXIC_RATE));
    if keys.has("too_toxic_rate") && !keys.has("too_toxic_cutoff") {
        let message = "the rate has no effect without a cutoff for its posterior probability";
        keys.complain("too_toxic_rate", message, Some("too_toxic_cutoff = 0.95".to_owned()));
    }
    Some((cutoff?, rate.unwrap_or(target)))
}

fn read_stop_at_patients(keys: &mut Keys<'_>) -> Option<StopAtPatients> {
    let patients = keys.get(&STOP_AT_PATIENTS);
    let when = keys.get(&STOP_AT_PATIENTS_WHEN);
    if keys.has("stop_at_patients_when") && !keys.has("stop_at_patients") {
        keys.complain("stop_at_patients_when", "says when to stop; allowed: only together with `stop_at_patients`", None);
    }
    Some(StopAtPatients { patients: patients?, when })
}

/// Warn of rules that can never have an effect, that end every trial at once, or that leave nothing to select.
fn warn_of_idle_rules(keys: &mut Keys<'_>, conduct: &Conduct) {
    let Conduct { max_patients, first_cohort_size, cohort_size, min_patients_selected, .. } = *conduct;
    for (key, size) in [("first_cohort_size", first_cohort_size), ("cohort_size", cohort_size)] {
        if keys.has(key) && size > max_patients {
            keys.warn(key, format!("found {size}, but the trial has at most {max_patients} patients: the cohort is cut to fit"));
        }
    }

    if let Some(StopAtPatients { patients, when }) = conduct.stop_at_patients {
        // With `stay`, a level that has enough can be left and be given again; otherwise a level that has enough ends the trial.
        let most_at_a_level = patients - 1 + cohort_size.max(first_cohort_size);
        if patients >= max_patients {
            keys.warn("stop_at_patients", never_fires(patients, max_patients));
        } else if patients <= first_cohort_size && matches!(when, StopWhen::Any | StopWhen::Reached) {
            keys.warn(
                "stop_at_patients",
                format!("found {patients}: every trial ends after its first cohort of {first_cohort_size}"),
            );
        } else if when != StopWhen::Stay && (most_at_a_level + 1..=max_patients).contains(&min_patients_selected) {
            let message = format!(
                "found {min_patients_selected}, but `stop_at_patients` ends the trial before a level has more than {most_at_a_level}: \
                 no level can be selected"
            );
            keys.warn("min_patients_selected", message);
        }
    }
    for patients in conduct.stop_at_level_patients.values() {
        if usize::from(*patients) >= max_patients {
            keys.warn("stop_at_level_patients", never_fires(usize::from(*patients), max_patients));
        }
    }
    if min_patients_selected > max_patients {
        let message =
            format!("found {min_patients_selected}, but the trial has at most {max_patients} patients: no level can be selected");
        keys.warn("min_patients_selected", message);
    }
}

fn never_fires(patients: usize, max_patients: usize) -> String {
    format!("found {patients}, but the trial has at most {max_patients} patients: this rule can never end it earlier")
}

#[cfg(test)]
mod tests {
    use super::super::ConductKeys;
    use super::*;
    use crate::keys::{Complaint, read};
    use crate::trial::{Coherence, SkipDown, SkipUp, Titration};

    fn conduct(text: &str, model_based: bool) -> (Conduct, Vec<Complaint>) {
        let conduct = if model_based { &ConductKeys::OF_MODELS } else { &ConductKeys::PLAIN };
        let context = Context { conduct, ..Context::new(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25) };
        read(text, |mut keys| {
            let conduct = read_conduct(&mut keys, context);
            keys.finish();
            conduct
        })
    }

    #[test]
    fn an_empty_block_has_the_defaults_of_its_kind_of_method() {
        let (conduct_of_model, complaints) = conduct("", true);
        assert_eq!(complaints, []);
        assert_eq!(conduct_of_model.no_skipping, SkipUp::Current);
        assert_eq!(conduct_of_model.coherent, Coherence::LastCohort);
        let (conduct, complaints) = conduct("", false);
        assert_eq!(complaints, []);
        assert_eq!(format!("{conduct:?}"), format!("{:?}", Conduct::new(5, 0.25)));
    }

    #[test]
    fn every_key_arrives() {
        let text = "
            cohort_size = 2
            max_patients = 24
            titration = { step = 2, moderate = 1 }
            no_skipping = 'highest-tried'
            no_skipping_down = 'lowest-tried'
            coherent = 'level'
            stop_at_patients = 9
            stop_at_patients_when = 'recommended'
            stop_at_level_patients = { '5' = 6, '1' = 12 }
            min_patients_selected = 3
        ";
        let (conduct, complaints) = conduct(text, true);
        assert_eq!(complaints, []);
        assert_eq!((conduct.start_level, conduct.cohort_size, conduct.first_cohort_size, conduct.max_patients), (0, 2, 1, 24));
        assert_eq!(conduct.titration, Some(Titration { step: 2, moderate: Some(1) }));
        assert_eq!(conduct.no_skipping, SkipUp::HighestTried);
        assert_eq!(conduct.no_skipping_down, SkipDown::LowestTried);
        assert_eq!(conduct.coherent, Coherence::Level);
        assert_eq!(conduct.stop_at_patients, Some(StopAtPatients { patients: 9, when: StopWhen::Recommended }));
        assert_eq!(conduct.stop_at_level_patients, [(0, 12), (4, 6)].into());
        assert_eq!(conduct.min_patients_selected, 3);
    }

    #[test]
    fn a_trial_can_start_above_the_lowest_level_unless_it_titrates() {
        assert_eq!(conduct("start_level = 2", false).0.start_level, 1);
        let (with, complaints) = conduct("start_level = 2\nfirst_cohort_size = 3\ntitration = true", false);
        assert_eq!((with.start_level, with.first_cohort_size, with.titration), (0, 1, Some(Titration::PLAIN)));
        assert_eq!(
            complaints.iter().map(|complaint| complaint.key.as_str()).collect::<Vec<_>>(),
            ["start_level", "first_cohort_size"]
        );
        assert_eq!(conduct("titration = false", false).0.titration, None);
        let (without, complaints) = conduct("cohort_size = 1\ntitration = true", false);
        assert_eq!(without.titration, None);
        assert!(complaints[0].message.contains("no effect"), "{complaints:?}");
    }

    #[test]
    fn the_first_cohort_can_have_a_size_of_its_own() {
        let (conduct, complaints) = conduct("first_cohort_size = 1", false);
        assert_eq!(complaints, []);
        assert_eq!((conduct.first_cohort_size, conduct.cohort_size), (1, 3));
    }
}
