//! `[report.criteria]`: what a design must meet to be recommended, as it was laid down before the run.

use crate::keys::{Key, Keys, Table, Within, Words};
use crate::scenario::Class;
use crate::trial::MAX_PATIENTS;

/// What a design must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The highest probability, of all scenarios, of selecting a dose that is too toxic.
    MaxTooToxic,
    /// Its mean over class `mtd`.
    MaxTooToxicMean,
    /// The lowest probability in class `mtd` of a right selection.
    MinRight,
    /// Its mean over class `mtd`.
    MinRightMean,
    /// The highest probability in class `mtd` of ending without a dose.
    MaxNone,
    /// The lowest probability in class `toxic` of ending without a dose.
    MinNoneWhenToxic,
    /// The most patients that a trial can have.
    MaxPatients,
    /// The highest mean number of patients, of all scenarios.
    MaxPatientsMean,
    /// The highest mean length in weeks, of all scenarios.
    MaxWeeksMean,
}

impl Criterion {
    /// Every criterion, in the order in which reports list them.
    pub const ALL: [Self; 9] = [
        Self::MaxTooToxic,
        Self::MaxTooToxicMean,
        Self::MinRight,
        Self::MinRightMean,
        Self::MaxNone,
        Self::MinNoneWhenToxic,
        Self::MaxPatients,
        Self::MaxPatientsMean,
        Self::MaxWeeksMean,
    ];

    /// The key of the study file.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.limit().about.name
    }

    fn limit(self) -> &'static Key<f64> {
        match self {
            Self::MaxTooToxic => &MAX_TOO_TOXIC,
            Self::MaxTooToxicMean => &MAX_TOO_TOXIC_MEAN,
            Self::MinRight => &MIN_RIGHT,
            Self::MinRightMean => &MIN_RIGHT_MEAN,
            Self::MaxNone => &MAX_NONE,
            Self::MinNoneWhenToxic => &MIN_NONE_WHEN_TOXIC,
            Self::MaxPatients => &MOST_PATIENTS,
            Self::MaxPatientsMean => &MAX_PATIENTS_MEAN,
            Self::MaxWeeksMean => &MAX_WEEKS_MEAN,
        }
    }

    /// Whether the limit is the least that is allowed.
    #[must_use]
    pub fn is_least(self) -> bool {
        matches!(self, Self::MinRight | Self::MinRightMean | Self::MinNoneWhenToxic)
    }

    /// The class of scenarios that it looks at; `None`: all.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        match self {
            Self::MaxTooToxicMean | Self::MinRight | Self::MinRightMean | Self::MaxNone => Some(Class::Mtd),
            Self::MinNoneWhenToxic => Some(Class::Toxic),
            Self::MaxTooToxic | Self::MaxPatients | Self::MaxPatientsMean | Self::MaxWeeksMean => None,
        }
    }
}

/// What is better of two designs that meet all criteria, as a mean over class `mtd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// Right more often.
    Right,
    /// A dose that is too toxic selected less often.
    TooToxic,
    /// Fewer patients.
    Patients,
    /// Fewer patients at doses that are too toxic.
    Exposed,
    /// Fewer DLTs.
    Dlts,
    /// Shorter.
    Weeks,
    /// Ending without a dose less often.
    None,
}

impl Preference {
    /// The words of `prefer`, with what is better.
    pub const WORDS: [(&'static str, Self, &'static str); 7] = [
        ("right", Self::Right, "Right more often."),
        ("too_toxic", Self::TooToxic, "A dose that is too toxic selected less often."),
        ("patients", Self::Patients, "Fewer patients."),
        ("exposed", Self::Exposed, "Fewer patients at doses that are too toxic."),
        ("dlts", Self::Dlts, "Fewer DLTs."),
        ("weeks", Self::Weeks, "Shorter."),
        ("none", Self::None, "Ending without a dose less often."),
    ];
}

/// The preferences as words.
struct Preferences;

impl Words for Preferences {
    fn all(&self) -> Vec<(&'static str, &'static str)> {
        Preference::WORDS.iter().map(|&(word, _, sentence)| (word, sentence)).collect()
    }
}

/// The table.
pub(super) static CRITERIA: Key<Table> = Key::table(
    "criteria",
    &[
        &STATED.about,
        &MAX_TOO_TOXIC.about,
        &MAX_TOO_TOXIC_MEAN.about,
        &MIN_RIGHT.about,
        &MIN_RIGHT_MEAN.about,
        &MAX_NONE.about,
        &MIN_NONE_WHEN_TOXIC.about,
        &MOST_PATIENTS.about,
        &MAX_PATIENTS_MEAN.about,
        &MAX_WEEKS_MEAN.about,
        &PREFER.about,
    ],
    "What a design must meet to be recommended, as it was laid down before the run.",
)
.group("report")
.fixed();
const GROUP: &str = "report criteria";
static STATED: Key<String> = Key::text("stated", "Where the criteria were laid down before the run.").group(GROUP).fixed();
static MAX_TOO_TOXIC: Key<f64> = Key::number(
    "max_too_toxic",
    Within::Closed(0.0, 1.0),
    "The most, of all scenarios, that the probability of selecting a dose that is too toxic may be.",
)
.group(GROUP)
.fixed();
static MAX_TOO_TOXIC_MEAN: Key<f64> =
    Key::number("max_too_toxic_mean", Within::Closed(0.0, 1.0), "The most that its mean over scenarios of class mtd may be.")
        .group(GROUP)
        .fixed();
static MIN_RIGHT: Key<f64> = Key::number(
    "min_right",
    Within::Closed(0.0, 1.0),
    "The least, of the scenarios of class mtd, that the probability of a right selection may be.",
)
.group(GROUP)
.fixed();
static MIN_RIGHT_MEAN: Key<f64> =
    Key::number("min_right_mean", Within::Closed(0.0, 1.0), "The least that its mean over scenarios of class mtd may be.")
        .group(GROUP)
        .fixed();
static MAX_NONE: Key<f64> = Key::number(
    "max_none",
    Within::Closed(0.0, 1.0),
    "The most, of the scenarios of class mtd, that the probability of ending without a dose may be.",
)
.group(GROUP)
.fixed();
static MIN_NONE_WHEN_TOXIC: Key<f64> = Key::number(
    "min_none_when_toxic",
    Within::Closed(0.0, 1.0),
    "The least, of the scenarios of class toxic, that the probability of ending without a dose may be.",
)
.group(GROUP)
.fixed();
static MOST_PATIENTS: Key<f64> =
    Key::number("max_patients", Within::Closed(0.0, MAX_PATIENTS as f64), "The most patients that a trial may have.")
        .unit("patients")
        .group(GROUP)
        .fixed();
static MAX_PATIENTS_MEAN: Key<f64> = Key::number(
    "max_patients_mean",
    Within::Closed(0.0, MAX_PATIENTS as f64),
    "The most, of all scenarios, that the mean number of patients may be.",
)
.unit("patients")
.group(GROUP)
.fixed();
static MAX_WEEKS_MEAN: Key<f64> = Key::number(
    "max_weeks_mean",
    Within::Closed(0.0, 1e6),
    "The most, of all scenarios, that the mean length of a trial may be.",
)
.unit("weeks")
.group(GROUP)
.fixed();
static PREFER: Key<Vec<&str>> = Key::some_of(
    "prefer",
    &Preferences,
    "What decides between designs that meet them, as means over class mtd, the most important first.",
)
.or_derived("right, too_toxic, patients")
.group(GROUP)
.fixed();

/// `[report.criteria]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Criteria {
    /// Where they were laid down before the run.
    pub stated: Option<String>,
    /// The limits that are stated, in the order of [`Criterion::ALL`]. Without one nothing is recommended.
    pub limits: Vec<(Criterion, f64)>,
    /// What decides between designs that meet them, the most important first.
    pub prefer: Vec<Preference>,
}

impl Default for Criteria {
    fn default() -> Self {
        Self { stated: None, limits: Vec::new(), prefer: vec![Preference::Right, Preference::TooToxic, Preference::Patients] }
    }
}

/// Read the table. `classes` are those of the study's scenarios; `None` where a scenario is faulty.
pub(super) fn read(keys: Option<Keys<'_>>, classes: Option<&[Class]>, has_timing: bool) -> Criteria {
    let mut criteria = Criteria::default();
    let Some(mut keys) = keys else { return criteria };
    criteria.stated = keys.get(&STATED);
    for criterion in Criterion::ALL {
        let key = criterion.key();
        let Some(limit) = keys.get(criterion.limit()) else { continue };
        criteria.limits.push((criterion, limit));
        let lacks = |class: Class| classes.is_some_and(|classes| !classes.contains(&class));
        if let Some(class) = criterion.class().filter(|&class| lacks(class)) {
            let message = format!("it is about scenarios of class `{}`, and the study has none", class.word());
            keys.complain(key, message, Some(needs(class)));
        }
        if criterion.class().is_none() && classes.is_some_and(<[Class]>::is_empty) {
            keys.complain(key, "it is about the scenarios of the study, which has none", None);
        }
        if criterion == Criterion::MaxWeeksMean && !has_timing {
            keys.complain(key, "weeks are a matter of calendar time, and the study has no `[timing]`", None);
        }
    }
    if let Some(words) = keys.get(&PREFER) {
        let of = |word: &&str| Preference::WORDS.iter().find(|known| known.0 == *word).map(|known| known.1);
        criteria.prefer = words.iter().filter_map(of).collect();
        if criteria.prefer.contains(&Preference::Weeks) && !has_timing {
            keys.complain("prefer", "weeks are a matter of calendar time, and the study has no `[timing]`", None);
        }
    }
    if !criteria.limits.is_empty() && classes.is_some_and(|classes| !classes.contains(&Class::Mtd)) && !keys.has_errors() {
        let message = "designs that meet them are ranked by means over scenarios of class `mtd`, and the study has none";
        keys.complain("", message, Some(needs(Class::Mtd)));
    }
    keys.finish();
    criteria
}

/// What a scenario of a class would be.
fn needs(class: Class) -> String {
    match class {
        Class::Mtd => "a scenario with a level within the acceptable band",
        Class::Below => "a scenario with every level below the acceptable band",
        Class::Gap => "a scenario with levels below and above the acceptable band, and none within it",
        Class::Toxic => "a scenario with every level above the acceptable band",
    }
    .to_owned()
}
