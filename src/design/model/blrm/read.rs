//! The keys of a BLRM in a study file.

use super::{Blrm, BlrmSelection, BlrmSettings, Choice, Declaration};
use crate::design::model::logistic::{PRIOR_KEYS, read_prior};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Description, Key, Keys, Within, Worded};
use crate::trial::MAX_PATIENTS;

/// The keys of the BLRM.
pub(super) static KEYS: [&[&Description]; 2] = [
    PRIOR_KEYS,
    &[
        &REFERENCE_DOSE.about,
        &TARGET_INTERVAL.about,
        &OVERDOSE_LIMIT.about,
        &ESCALATION_FACTOR.about,
        &CHOICE.about,
        &SELECTION.about,
        &DECLARE_MIN_PATIENTS.about,
        &DECLARE_PROBABILITY.about,
        &DECLARE_TOTAL_PATIENTS.about,
    ],
];

static REFERENCE_DOSE: Key<f64> = Key::number(
    "reference_dose",
    Within::Open(0.0, f64::INFINITY),
    "The dose at which the intercept is the log odds of a DLT, in the unit of the doses.",
)
.required()
.group(group::MODEL);
static TARGET_INTERVAL: Key<[f64; 2], [f64; 2]> = Key::pair(
    "target_interval",
    Within::Open(0.0, 1.0),
    "end of the target interval",
    "The DLT probabilities from which and below which a level counts as on target.",
)
.or([0.16, 0.33])
.further("the lower end first")
.group(group::DECISION);
static OVERDOSE_LIMIT: Key<f64, f64> = Key::number(
    "overdose_limit",
    Within::Open(0.0, 1.0),
    "The posterior probability of a toxicity above the target interval beyond which a level is not given.",
)
.or(0.25)
.group(group::SAFETY);
static ESCALATION_FACTOR: Key<f64, f64> =
    Key::number("escalation_factor", Within::Closed(1.0, 1000.0), "How many times the current dose the next one may be at most.")
        .or(2.0)
        .group(group::ESCALATION);
static CHOICES: [Worded<Choice>; 2] = [
    ("target", Choice::Target, "The level whose toxicity is most probably in the target interval."),
    ("highest", Choice::Highest, "The highest level."),
];
static CHOICE: Key<Choice, Choice> = Key::word("choice", &CHOICES, "Which of the levels that may be given is recommended.")
    .or_word("target")
    .group(group::DECISION);
static SELECTIONS: [Worded<BlrmSelection>; 2] = [
    ("tried", BlrmSelection::Tried, "The level that `choice` finds among those with patients that may be given."),
    ("next", BlrmSelection::Next, "The level that the rules would give next."),
];
static SELECTION: Key<BlrmSelection, BlrmSelection> =
    Key::word("selection", &SELECTIONS, "Which level is selected at the end.").or_word("tried").group(group::SELECTION);
static DECLARE_MIN_PATIENTS: Key<usize> = Key::whole(
    "declare_min_patients",
    1..=MAX_PATIENTS,
    "The number of patients at a level from which it can be declared the MTD early.",
)
.unit("patients")
.group(group::STOPPING);
static DECLARE_PROBABILITY: Key<f64, f64> = Key::number(
    "declare_probability",
    Within::Open(0.0, 1.0),
    "The posterior probability of the target interval that must be exceeded to declare the MTD.",
)
.or(0.5)
.with(&["declare_min_patients"])
.group(group::STOPPING);
static DECLARE_TOTAL_PATIENTS: Key<usize> = Key::whole(
    "declare_total_patients",
    1..=MAX_PATIENTS,
    "The number of patients in the trial that does in place of `declare_probability`.",
)
.unit("patients")
.with(&["declare_min_patients"])
.group(group::STOPPING);

/// Read a `[[design]]` block with `method = "blrm"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    Some(Plan::Rule(Box::new(read_conducted(keys, context)?)))
}

/// Read the conduct rules and the method.
pub(super) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Blrm>> {
    let conduct = read_conduct(keys, context);
    let prior = read_prior(keys);
    let reference_dose = keys.get(&REFERENCE_DOSE);
    let target_interval = read_target_interval(keys);
    let (overdose_limit, escalation_factor) = (keys.get(&OVERDOSE_LIMIT), keys.get(&ESCALATION_FACTOR));
    let (choice, selection) = (keys.get(&CHOICE), keys.get(&SELECTION));
    let declaration = read_declaration(keys);
    let settings = BlrmSettings {
        doses: context.doses().to_vec(),
        reference_dose: reference_dose?,
        prior: prior?,
        target: context.target,
        target_interval: target_interval?,
        overdose_limit,
        escalation_factor,
        choice,
        selection,
        declaration,
    };
    let method = Blrm::new(settings, conduct.max_patients)?;
    Some(Conducted { conduct, method })
}

/// The ends of the target interval.
fn read_target_interval(keys: &mut Keys<'_>) -> Option<[f64; 2]> {
    let [low, high] = keys.sound(&TARGET_INTERVAL)?;
    if low >= high {
        keys.complain("target_interval", format!("found [{low}, {high}]; allowed: the lower end first"), None);
        return None;
    }
    Some([low, high])
}

/// When the MTD is declared early.
fn read_declaration(keys: &mut Keys<'_>) -> Option<Declaration> {
    let (min_patients, probability) = (keys.get(&DECLARE_MIN_PATIENTS), keys.get(&DECLARE_PROBABILITY));
    let total_patients = keys.get(&DECLARE_TOTAL_PATIENTS);
    for key in ["declare_probability", "declare_total_patients"] {
        if keys.has(key) && !keys.has("declare_min_patients") {
            keys.complain(
                key,
                "says when the MTD is declared; allowed: only together with `declare_min_patients`",
                Some("declare_min_patients = 6".to_owned()),
            );
        }
    }
    Some(Declaration { min_patients: min_patients?, probability, total_patients })
}
