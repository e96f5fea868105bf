//! `[report.relevance]`: what counts as a difference between designs.

use crate::keys::{Key, Keys, Table, Within};

/// The differences that a report calls relevant: those larger than these. A difference that equals its threshold is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relevance {
    /// Of how often an answer is right, and of how often trials end without a dose.
    pub right: f64,
    /// Of how often a dose that is too toxic is selected.
    pub too_toxic: f64,
    /// Of the mean number of patients.
    pub patients: f64,
    /// Of the mean number of patients at doses that are too toxic.
    pub exposed: f64,
    /// Of the mean number of DLTs.
    pub dlts: f64,
    /// Of the mean length of a trial in weeks.
    pub weeks: f64,
}

/// Two simulations of 1,000 trials, the usual size, differ by up to 4.4 points in 19 of 20 cases by chance when both are right in 50 %,
/// and 1 trial in 20 is the least that a committee acts on; by the same reckoning at 10 %, safety has the finer ruler. Two patients
/// are less than a cohort of three; then one person, a DLT in every second trial, and a month.
impl Default for Relevance {
    fn default() -> Self {
        Self {
            right: RIGHT.usual(),
            too_toxic: TOO_TOXIC.usual(),
            patients: PATIENTS.usual(),
            exposed: EXPOSED.usual(),
            dlts: DLTS.usual(),
            weeks: WEEKS.usual(),
        }
    }
}

impl Relevance {
    /// By how much the mean patients of a design may miss those of the reference for the two to be of the same size.
    #[must_use]
    pub fn of_size(&self, reference: f64) -> f64 {
        self.patients.max(reference / 10.0)
    }
}

/// The table.
pub(super) static RELEVANCE: Key<Table> = Key::table(
    "relevance",
    &[&RIGHT.about, &TOO_TOXIC.about, &PATIENTS.about, &EXPOSED.about, &DLTS.about, &WEEKS.about],
    "What counts as a difference between designs: more than this.",
)
.group("report")
.fixed();
const GROUP: &str = "report relevance";
const PROBABILITY: Within = Within::Closed(0.0, 1.0);
const MANY: Within = Within::Closed(0.0, 1000.0);
static RIGHT: Key<f64, f64> = Key::number(
    "right",
    PROBABILITY,
    "How far apart two probabilities of a right answer, or of ending without a dose, must be to differ.",
)
.or(0.05)
.group(GROUP)
.fixed();
static TOO_TOXIC: Key<f64, f64> =
    Key::number("too_toxic", PROBABILITY, "The same of selecting a dose that is too toxic.").or(0.03).group(GROUP).fixed();
static PATIENTS: Key<f64, f64> =
    Key::number("patients", MANY, "The same of mean numbers of patients.").or(2.0).unit("patients").group(GROUP).fixed();
static EXPOSED: Key<f64, f64> = Key::number("exposed", MANY, "The same of mean numbers of patients at doses that are too toxic.")
    .or(1.0)
    .unit("patients")
    .group(GROUP)
    .fixed();
static DLTS: Key<f64, f64> =
    Key::number("dlts", MANY, "The same of mean numbers of DLTs.").or(0.5).unit("DLTs").group(GROUP).fixed();
static WEEKS: Key<f64, f64> =
    Key::number("weeks", MANY, "The same of mean lengths of a trial.").or(4.0).unit("weeks").group(GROUP).fixed();

/// Read the table.
pub(super) fn read(keys: Option<Keys<'_>>) -> Relevance {
    let Some(mut keys) = keys else { return Relevance::default() };
    let relevance = Relevance {
        right: keys.get(&RIGHT),
        too_toxic: keys.get(&TOO_TOXIC),
        patients: keys.get(&PATIENTS),
        exposed: keys.get(&EXPOSED),
        dlts: keys.get(&DLTS),
        weeks: keys.get(&WEEKS),
    };
    keys.finish();
    relevance
}
