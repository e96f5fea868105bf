//! The keys that interval designs share.

use super::{Interval, IntervalRule, IntervalSettings, IntervalVoice};
use crate::design::rule::conduct_keys::group;
use crate::design::rule::pending::backfill::{self, BACKFILL, most_patients, read_backfill};
use crate::design::rule::selection::{SELECTION, Safety};
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Description, Key, Keys, Step, Within, Worded};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::{Conduct, MAX_PATIENTS};
use num_rational::BigRational;
use num_traits::One;

/// The shortest margin: with much shorter ones the probabilities of neighbouring intervals cannot be told apart in reasonable
/// time.
const SHORTEST_MARGIN: f64 = 0.001;

/// The keys that interval designs share.
pub(in crate::design) static SHARED_KEYS: &[&Description] =
    &[&ELIMINATION_CUTOFF.about, &ELIMINATION_MIN_PATIENTS.about, &EXTRA_SAFE_OFFSET.about, &SELECTION.about];

/// These of designs whose cohorts wait, so that lower levels can be filled up.
pub(in crate::design) static BACKFILLED_KEYS: &[&Description] =
    &[&ELIMINATION_CUTOFF.about, &ELIMINATION_MIN_PATIENTS.about, &EXTRA_SAFE_OFFSET.about, &SELECTION.about, &BACKFILL.about];

/// The keys of an interval around the target.
pub(in crate::design) static MARGIN_KEYS: &[&Description] = &[&MARGIN_BELOW.about, &MARGIN_ABOVE.about];

static ELIMINATION_CUTOFF: Key<f64, f64> = Key::number(
    "elimination_cutoff",
    Within::OpenClosed(0.0, 1.0),
    "The posterior probability of a toxicity above the target beyond which a level is too toxic.",
)
.or(0.95)
.group(group::SAFETY)
.moved(Step::Tail);
static ELIMINATION_MIN_PATIENTS: Key<usize, usize> =
    Key::whole("elimination_min_patients", 1..=MAX_PATIENTS, "The number of patients at a level from which it can be too toxic.")
        .or(3)
        .unit("patients")
        .group(group::SAFETY);
/// What an offset must be below.
const LARGEST_OFFSET: &str = "the smaller of 0.5 and elimination_cutoff";
static EXTRA_SAFE_OFFSET: Key<f64> = Key::number(
    "extra_safe_offset",
    Within::Open(0.0, 0.5),
    "By how much `elimination_cutoff` is lowered at level 1, right after a cohort there, to stop the trial sooner.",
)
.up_to(LARGEST_OFFSET)
.group(group::SAFETY);
static SAFETIES: [Worded<Safety>; 2] = [
    ("eliminate", Safety::Eliminate, "It is left at once and never given again, as all levels above it."),
    ("never-escalate", Safety::NeverEscalate, "Nobody escalates to it or beyond it, and the rule decides what to do there."),
];
/// What is done about levels that are too toxic, for the methods whose papers do not eliminate.
pub(in crate::design) static SAFETY: Key<Safety, Safety> =
    Key::word("safety", &SAFETIES, "What is done about a level that is too toxic.").or_word("eliminate").group(group::SAFETY);
static MARGIN_BELOW: Key<f64, f64> = Key::number(
    "margin_below",
    Within::Open(0.0, 1.0),
    "How far the interval of acceptable toxicities reaches below the target.",
)
.or(0.05)
.further("at least 0.001 and below the target")
.group(group::DECISION);
static MARGIN_ABOVE: Key<f64, f64> = Key::number(
    "margin_above",
    Within::Open(0.0, 1.0),
    "How far the interval of acceptable toxicities reaches above the target.",
)
.or(0.05)
.further("at least 0.001 and below 1 - target")
.group(group::DECISION);

/// What the keys that interval designs share say.
pub(in crate::design) struct Shared {
    /// The conduct rules.
    pub(in crate::design) conduct: Conduct,
    /// The shared settings.
    pub(in crate::design) settings: IntervalSettings,
    /// The most patients at a level that is filled up, where lower levels are.
    backfill: Option<usize>,
}

impl Shared {
    /// Read the conduct rules, elimination and selection.
    pub(in crate::design) fn read(keys: &mut Keys<'_>, context: Context) -> Self {
        let conduct = read_conduct(keys, context);
        for key in ["too_toxic_cutoff", "too_toxic_rate"] {
            let help = "use `elimination_cutoff`, and `extra_safe_offset` for a stricter rule at level 1";
            keys.refuse(key, "does not apply to interval methods, which have their elimination", Some(help.to_owned()));
        }
        let mut settings = IntervalSettings::new(context.target);
        settings.elimination_cutoff = keys.get(&ELIMINATION_CUTOFF);
        settings.elimination_min_patients = keys.get(&ELIMINATION_MIN_PATIENTS);
        keys.know(LARGEST_OFFSET, settings.elimination_cutoff.min(0.5));
        settings.extra_safe_offset = keys.get(&EXTRA_SAFE_OFFSET);
        settings.selects = keys.get(&SELECTION);
        let backfill = read_backfill(keys, &conduct);
        Self { conduct, settings, backfill }
    }

    /// The design with its rule.
    pub(in crate::design) fn plan<R: IntervalVoice + 'static>(self, rule: R) -> Plan {
        let backfill = self.backfill;
        backfill::plan(self.conducted(rule), backfill)
    }

    /// The rule as a method under the conduct rules.
    pub(in crate::design) fn conducted<R: IntervalRule>(self, rule: R) -> Conducted<Interval<R>> {
        let Self { conduct, settings, backfill } = self;
        let most = most_patients(&conduct, backfill.unwrap_or(0));
        let method = Interval::new(rule, conduct.levels, most, settings);
        Conducted { conduct, method }
    }
}

/// Read the margins, which leave room on both sides of the interval around the target.
pub(in crate::design) fn read_margins(keys: &mut Keys<'_>, target: f64) -> Option<[f64; 2]> {
    let target = decimal(target);
    let below = read_margin(keys, &MARGIN_BELOW, |margin| margin, &target);
    let above = read_margin(keys, &MARGIN_ABOVE, |margin| margin, &(BigRational::one() - target));
    Some([below?, above?])
}

/// Read a margin that is shorter than `room`, exactly; `or_usual` says what it is where nothing is said.
pub(in crate::design) fn read_margin<U: Clone + From<f64>>(
    keys: &mut Keys<'_>,
    key: &Key<f64, U>,
    or_usual: impl Fn(U) -> f64,
    room: &BigRational,
) -> Option<f64> {
    let (margin, name) = (or_usual(keys.sound(key)?), key.about.name);
    let is_allowed = margin >= SHORTEST_MARGIN && decimal(margin) < *room;
    if !is_allowed {
        let found = if keys.has(name) { format!("found {margin}") } else { format!("`{name}` is {margin} unless given") };
        let message = format!("{found}; allowed with this target: at least {SHORTEST_MARGIN} and below {}", to_f64(room));
        keys.complain(name, message, None);
    }
    is_allowed.then_some(margin)
}
