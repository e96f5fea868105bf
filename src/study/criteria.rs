//! `[report.criteria]`: what a design must meet to be recommended, as it was laid down before the run.

use crate::keys::{Keys, Within};
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
        match self {
            Self::MaxTooToxic => "max_too_toxic",
            Self::MaxTooToxicMean => "max_too_toxic_mean",
            Self::MinRight => "min_right",
            Self::MinRightMean => "min_right_mean",
            Self::MaxNone => "max_none",
            Self::MinNoneWhenToxic => "min_none_when_toxic",
            Self::MaxPatients => "max_patients",
            Self::MaxPatientsMean => "max_patients_mean",
            Self::MaxWeeksMean => "max_weeks_mean",
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

    fn within(self) -> Within {
        match self {
            Self::MaxPatients | Self::MaxPatientsMean => Within::Closed(0.0, MAX_PATIENTS as f64),
            Self::MaxWeeksMean => Within::Closed(0.0, 1e6),
            _ => Within::Closed(0.0, 1.0),
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
    /// The words of `prefer`.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("right", Self::Right),
        ("too_toxic", Self::TooToxic),
        ("patients", Self::Patients),
        ("exposed", Self::Exposed),
        ("dlts", Self::Dlts),
        ("weeks", Self::Weeks),
        ("none", Self::None),
    ];
}

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
    criteria.stated = keys.text("stated");
    for criterion in Criterion::ALL {
        let key = criterion.key();
        let Some(limit) = keys.number(key, criterion.within()) else { continue };
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
    if let Some(prefer) = keys.choices("prefer", &Preference::WORDS) {
        if prefer.is_empty() {
            keys.complain(
                "prefer",
                "found an empty array; allowed: what decides between designs, the most important first",
                None,
            );
        }
        if prefer.contains(&Preference::Weeks) && !has_timing {
            keys.complain("prefer", "weeks are a matter of calendar time, and the study has no `[timing]`", None);
        }
        criteria.prefer = prefer;
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
