//! The keys that interval designs share.

use super::{Interval, IntervalRule, IntervalSettings, IntervalVoice};
use crate::design::rule::pending::backfill::{self, most_patients, read_backfill};
use crate::design::rule::selection::{Safety, Selects};
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Keys, Within};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::{Conduct, MAX_PATIENTS};
use num_rational::BigRational;
use num_traits::One;

/// The shortest margin: with much shorter ones the probabilities of neighbouring intervals cannot be told apart in reasonable
/// time.
const SHORTEST_MARGIN: f64 = 0.001;

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
        let conduct = read_conduct(keys, context, false);
        for key in ["too_toxic_cutoff", "too_toxic_rate"] {
            let help = "use `elimination_cutoff`, and `extra_safe_offset` for a stricter rule at level 1";
            keys.refuse(key, "does not apply to interval methods, which have their elimination", Some(help.to_owned()));
        }
        let mut settings = IntervalSettings::new(context.target);
        if let Some(cutoff) = keys.number("elimination_cutoff", Within::OpenClosed(0.0, 1.0)) {
            settings.elimination_cutoff = cutoff;
        }
        if let Some(patients) = keys.whole("elimination_min_patients", 1..=MAX_PATIENTS) {
            settings.elimination_min_patients = patients;
        }
        let largest = settings.elimination_cutoff.min(0.5);
        settings.extra_safe_offset = keys.number("extra_safe_offset", Within::Open(0.0, largest));
        let choices = [("isotonic", Selects::Isotonic), ("next", Selects::Next)];
        settings.selects = keys.choice("selection", &choices).unwrap_or(Selects::Isotonic);
        let backfill = read_backfill(keys, &conduct);
        Self { conduct, settings, backfill }
    }

    /// Read what is done about levels that are too toxic, for the methods whose papers do not eliminate.
    pub(in crate::design) fn read_safety(&mut self, keys: &mut Keys<'_>) {
        let choices = [("eliminate", Safety::Eliminate), ("never-escalate", Safety::NeverEscalate)];
        self.settings.safety = keys.choice("safety", &choices).unwrap_or(Safety::Eliminate);
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

/// Read `margin_below` and `margin_above`, both 0.05 by default, which leave room on both sides of the interval around the
/// target.
pub(in crate::design) fn read_margins(keys: &mut Keys<'_>, target: f64) -> Option<[f64; 2]> {
    let target = decimal(target);
    let below = read_margin(keys, "margin_below", 0.05, &target);
    let above = read_margin(keys, "margin_above", 0.05, &(BigRational::one() - target));
    Some([below?, above?])
}

/// Read a margin that is shorter than `room`, exactly.
pub(in crate::design) fn read_margin(keys: &mut Keys<'_>, key: &'static str, default: f64, room: &BigRational) -> Option<f64> {
    let given = keys.number(key, Within::Open(0.0, 1.0));
    let (margin, found) = match given {
        Some(margin) => (margin, format!("found {margin}")),
        None if keys.has(key) => return None,
        None => (default, format!("`{key}` is {default} unless given")),
    };
    let is_allowed = margin >= SHORTEST_MARGIN && decimal(margin) < *room;
    if !is_allowed {
        let message = format!("{found}; allowed with this target: at least {SHORTEST_MARGIN} and below {}", to_f64(room));
        keys.complain(key, message, None);
    }
    is_allowed.then_some(margin)
}
