//! The keys that every conducted design has, read once for all methods.

use super::Context;
use super::titration::read_titration;
use crate::keys::Keys;
use crate::trial::{Coherence, Conduct, MAX_COHORT, MAX_PATIENTS, SkipDown, SkipUp, StopAtPatients, StopWhen};

/// The keys of designs that are conducted.
const CONDUCT_KEYS: [&str; 15] = [
    "start_level",
    "cohort_size",
    "first_cohort_size",
    "max_patients",
    "titration",
    "no_skipping",
    "no_skipping_down",
    "coherent",
    "stop_at_patients",
    "stop_at_patients_when",
    "stop_at_level_patients",
    "too_toxic_cutoff",
    "too_toxic_rate",
    "min_patients_selected",
    "initial_scheme",
];

/// Complain about each key of conducted designs that a method does not take, `taken` excepted.
pub(in crate::design) fn refuse_conduct(keys: &mut Keys<'_>, taken: &[&str], reason: &str, help: &str) {
    for key in CONDUCT_KEYS.into_iter().filter(|key| !taken.contains(key)) {
        keys.refuse(key, format!("`{key}` {reason}"), Some(help.to_owned()));
    }
}

/// Read the cohort keys and the conduct rules of a `[[design]]` block. `model_based` chooses the defaults: no skipping relative
/// to the current level and coherence by last cohort for model-based methods, neither for the others. Model-based methods can have
/// an initial escalation scheme.
///
/// Rules that can never have an effect, or that leave nothing to select, are warned about.
pub fn read_conduct(keys: &mut Keys<'_>, context: Context, model_based: bool) -> Conduct {
    let Context { levels, target, .. } = context;
    let mut conduct = Conduct::new(levels, target);
    if let Some(start_level) = keys.whole("start_level", 1..=levels) {
        conduct.start_level = start_level - 1;
    }
    if let Some(cohort_size) = keys.whole("cohort_size", 1..=MAX_COHORT) {
        conduct.cohort_size = cohort_size;
    }
    conduct.first_cohort_size = keys.whole("first_cohort_size", 1..=MAX_COHORT).unwrap_or(conduct.cohort_size);
    if let Some(max_patients) = keys.whole("max_patients", 1..=MAX_PATIENTS) {
        conduct.max_patients = max_patients;
    }
    conduct.titration = read_titration(keys, levels, conduct.cohort_size);
    if conduct.titration.is_some() {
        (conduct.start_level, conduct.first_cohort_size) = (0, 1);
    }

    let skip_up = [("current", SkipUp::Current), ("highest-tried", SkipUp::HighestTried), ("off", SkipUp::Off)];
    let default = if model_based { SkipUp::Current } else { SkipUp::Off };
    conduct.no_skipping = keys.choice("no_skipping", &skip_up).unwrap_or(default);
    let skip_down = [("current", SkipDown::Current), ("lowest-tried", SkipDown::LowestTried), ("off", SkipDown::Off)];
    conduct.no_skipping_down = keys.choice("no_skipping_down", &skip_down).unwrap_or(SkipDown::Off);
    let coherence = [("last-cohort", Coherence::LastCohort), ("level", Coherence::Level), ("off", Coherence::Off)];
    let default = if model_based { Coherence::LastCohort } else { Coherence::Off };
    conduct.set_coherence(keys.choice("coherent", &coherence).unwrap_or(default));

    conduct.stop_at_patients = read_stop_at_patients(keys);
    let at_levels = keys.whole_by_whole("stop_at_level_patients", 1..=levels, 1..=MAX_PATIENTS);
    for (level, patients) in at_levels.unwrap_or_default() {
        // At most MAX_PATIENTS, so it fits a byte.
        conduct.stop_at_level_patients.insert(level - 1, patients as u8);
    }
    if let Some(patients) = keys.whole("min_patients_selected", 0..=MAX_PATIENTS) {
        conduct.min_patients_selected = patients;
    }
    if model_based {
        read_initial_scheme(keys, &mut conduct);
    }
    warn_of_idle_rules(keys, &conduct);
    conduct
}

/// The initial escalation scheme of a two-stage design; it sets the first cohort.
fn read_initial_scheme(keys: &mut Keys<'_>, conduct: &mut Conduct) {
    let Some(scheme) = keys.wholes("initial_scheme", 1..=conduct.levels) else {
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

fn read_stop_at_patients(keys: &mut Keys<'_>) -> Option<StopAtPatients> {
    let patients = keys.whole("stop_at_patients", 1..=MAX_PATIENTS);
    let moments = [
        ("stay", StopWhen::Stay),
        ("recommended", StopWhen::Recommended),
        ("any", StopWhen::Any),
        ("reached", StopWhen::Reached),
    ];
    let when = keys.choice("stop_at_patients_when", &moments);
    if keys.has("stop_at_patients_when") && !keys.has("stop_at_patients") {
        keys.complain("stop_at_patients_when", "says when to stop; allowed: only together with `stop_at_patients`", None);
    }
    Some(StopAtPatients { patients: patients?, when: when.unwrap_or(StopWhen::Stay) })
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
    use super::*;
    use crate::keys::{Complaint, read};
    use crate::trial::Titration;

    fn conduct(text: &str, model_based: bool) -> (Conduct, Vec<Complaint>) {
        read(text, |mut keys| {
            let conduct = read_conduct(&mut keys, Context::new(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), model_based);
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
