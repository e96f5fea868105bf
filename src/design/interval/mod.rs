//! What interval designs share: the decision table, elimination, selection, the common keys, and the words.
//!
//! An interval design looks at the counts at the current level alone. What it makes of them is an [`IntervalRule`], one per
//! method; everything else is here. Elimination and selection are those of [`crate::design::rule::selection`].

pub mod boin;
pub mod ccd;
pub mod i3plus3;
pub mod keyboard;
pub mod mtpi;
pub mod mtpi2;
mod pieces;
mod read;
pub mod tpi;

pub(super) use pieces::{Pieces, by_largest_mass, keys_around};
pub(super) use read::{BACKFILLED_KEYS, MARGIN_KEYS, SAFETY, SHARED_KEYS, Shared, read_margin, read_margins};

use crate::design::rule::assess::observation;
use crate::design::rule::decision_table::wording::{DecisionTableWords, printed, too_toxic};
use crate::design::rule::decision_table::{Call, DecisionTable};
use crate::design::rule::selection::{Elimination, IsotonicSelection, SLIGHT_PRIOR, Safety, Selects};
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, Printed};
use crate::design::rule::{Assessment, Law, Method, Voice};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::{Arrival, Conduct, Counts, Level};
use num_rational::BigRational;
use std::cmp::Ordering;
use std::fmt;

/// The law that interval designs do not keep.
pub(in crate::design) const EXCEPTIONS: &[(Law, &str)] = &[(
    Law::LowerCurve,
    "Fewer DLTs at a low level take the trial up sooner, and with the patients that are then left it \
         finds out more often that a level above is too toxic.",
)];

/// What an interval design makes of the counts at a level, levels that are too toxic aside.
pub trait IntervalRule: Send + Sync {
    /// What to do with `dlts` DLTs among `patients`, at least one, at a level with neighbours on both sides. Fast up to the planned
    /// number of patients. Never [`Call::Eliminate`].
    fn call(&self, patients: usize, dlts: usize) -> Call;
}

/// What such a rule says of itself and of its calls.
pub trait IntervalVoice: IntervalRule {
    /// Why that is its call, as a clause such as "below 0.2 to 0.3".
    fn reason(&self, patients: usize, dlts: usize) -> String;

    /// Its own lines of the design synopsis: how it escalates, stays and de-escalates.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// The rule in the words of a protocol: sentences, to be read before the decision table.
    fn sentences(&self) -> String;

    /// What the sentences, and the exception, claim of the table, [`Claim::calls`]: worked out from the numbers that they print, in
    /// another way than [`IntervalRule::call`].
    fn claim(&self) -> Claim;

    /// A sentence that is to be read after the decision table, where the rule has an exception.
    fn exception(&self) -> Option<&'static str> {
        None
    }

    /// As [`Voice::cautions`], of a design with these settings.
    fn cautions(&self, _settings: &IntervalSettings, _conduct: &Conduct) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The interval around the target that counts as at the target.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) below: BigRational,
    pub(super) above: BigRational,
}

impl Around {
    /// The interval from `margins[0]` below the target to `margins[1]` above it, all as the decimals that were written.
    pub(super) fn new(target: f64, margins: [f64; 2]) -> Self {
        let target = decimal(target);
        Self { below: &target - decimal(margins[0]), above: target + decimal(margins[1]) }
    }
}

impl fmt::Display for Around {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} to {}", to_f64(&self.below), to_f64(&self.above))
    }
}

/// Where something lies that makes a rule escalate, stay or de-escalate.
pub(super) fn side(call: Call) -> &'static str {
    match call {
        Call::Escalate => "below",
        Call::Stay => "within",
        Call::Deescalate | Call::Eliminate => "above",
    }
}

/// How a proportion lies to a boundary that was written as a decimal, one that equals it but for a rounding error being equal.
pub(super) fn side_of(proportion: f64, boundary: f64) -> Ordering {
    if (proportion - boundary).abs() < 1e-9 { Ordering::Equal } else { proportion.total_cmp(&boundary) }
}

/// The settings that interval designs share.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalSettings {
    /// The target DLT probability.
    pub target: f64,
    /// A level is too toxic when the probability that its toxicity exceeds the target is above this.
    pub elimination_cutoff: f64,
    /// Patients at a level from which it can be too toxic.
    pub elimination_min_patients: usize,
    /// By how much the cutoff is lowered at the lowest level; no extra-safe rule when absent.
    pub extra_safe_offset: Option<f64>,
    /// What is done about a level that is too toxic.
    pub safety: Safety,
    /// How a level is selected.
    pub selects: Selects,
    /// A level whose isotonic estimate is above this is not selected.
    pub highest_estimate: Option<f64>,
}

impl IntervalSettings {
    /// The defaults for a target.
    #[must_use]
    pub fn new(target: f64) -> Self {
        Self {
            target,
            elimination_cutoff: 0.95,
            elimination_min_patients: 3,
            extra_safe_offset: None,
            safety: Safety::Eliminate,
            selects: Selects::Isotonic,
            highest_estimate: None,
        }
    }
}

/// An interval design.
#[derive(Clone, Debug)]
pub struct Interval<R> {
    rule: R,
    settings: IntervalSettings,
    table: DecisionTable,
    selection: IsotonicSelection,
}

impl<R: IntervalRule> Interval<R> {
    /// The design among `levels` levels, with its table for up to `max_patients` patients.
    #[must_use]
    pub fn new(rule: R, levels: usize, max_patients: usize, settings: IntervalSettings) -> Self {
        let IntervalSettings {
            target,
            elimination_cutoff,
            elimination_min_patients,
            extra_safe_offset,
            safety,
            highest_estimate,
            ..
        } = settings;
        let elimination = Elimination::new(target, elimination_cutoff, elimination_min_patients, extra_safe_offset);
        let table = DecisionTable::new(max_patients, |patients, dlts| {
            let is_too_toxic = elimination.bound(patients).is_some_and(|bound| dlts >= bound as usize);
            match safety {
                // A level without patients is not asked about.
                _ if patients == 0 => Call::Stay,
                Safety::Eliminate if is_too_toxic => Call::Eliminate,
                Safety::Eliminate => rule.call(patients, dlts),
                // Once such a level is left, nobody escalates to it.
                Safety::NeverEscalate => match rule.call(patients, dlts) {
                    Call::Deescalate if is_too_toxic => Call::Eliminate,
                    call => call,
                },
            }
        });
        let selection = IsotonicSelection { target, highest_estimate, levels, prior: SLIGHT_PRIOR, elimination };
        Self { rule, settings, table, selection }
    }

    /// What it makes of the counts at a level.
    #[must_use]
    pub fn rule(&self) -> &R {
        &self.rule
    }

    /// When levels are eliminated.
    #[must_use]
    pub fn elimination(&self) -> &Elimination {
        &self.selection.elimination
    }

    /// The table by which the design recommends.
    #[must_use]
    pub fn decisions(&self) -> &DecisionTable {
        &self.table
    }

    /// The table as it is printed.
    pub(in crate::design) fn printed(&self) -> Printed {
        let IsotonicSelection { levels, ref elimination, .. } = self.selection;
        printed(&self.table, elimination, self.settings.safety, levels, self.table.max_patients())
    }

    /// The cutoff of the extra-safe rule.
    fn lowered_cutoff(&self) -> Option<f64> {
        let IntervalSettings { elimination_cutoff, extra_safe_offset, .. } = self.settings;
        extra_safe_offset.map(|offset| to_f64(&(decimal(elimination_cutoff) - decimal(offset))))
    }
}

impl<R: IntervalRule> Method for Interval<R> {
    /// The lowest level that is too toxic, or the number of levels.
    type View = Level;

    #[inline]
    fn view(&self, counts: &Counts) -> Level {
        self.selection.first_eliminated(counts)
    }

    #[inline]
    fn too_toxic(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> bool {
        self.selection.elimination.is_too_toxic(first_eliminated, counts, arrival.cohort.level as usize)
    }

    #[inline]
    fn recommend(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> Level {
        let current = arrival.level();
        match self.settings.safety {
            Safety::Eliminate => self.table.recommend(counts, current, self.selection.levels, first_eliminated),
            Safety::NeverEscalate => {
                let next = self.table.recommend(counts, current, self.selection.levels, self.selection.levels);
                if next > current { next.min(first_eliminated.saturating_sub(1)).max(current) } else { next }
            }
        }
    }

    fn isotonic(&self) -> Option<&IsotonicSelection> {
        (self.settings.selects == Selects::Isotonic).then_some(&self.selection)
    }

    fn decision_table(&self) -> Option<&DecisionTable> {
        Some(&self.table)
    }
}

impl<R: IntervalVoice> Voice for Interval<R> {
    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        let current = arrival.level();
        let eliminates = match self.settings.safety {
            Safety::Eliminate => "which eliminates it",
            Safety::NeverEscalate => "which is too toxic",
        };
        let first = self.view(counts);
        if too_toxic {
            let rule = if first == 0 { eliminates } else { "too many for the extra-safe rule" };
            return format!("{}, {rule}", observation(counts, 0));
        }
        let (patients, dlts) = (counts.patients(current), counts.dlts(current));
        let call = self.table.call(patients, dlts);
        let reason = if patients > self.table.max_patients() {
            "beyond the decision table".to_owned()
        } else if call == Call::Eliminate && self.rule.call(patients, dlts) < Call::Deescalate {
            eliminates.to_owned()
        } else {
            self.rule.reason(patients, dlts)
        };
        let end = match call {
            Call::Escalate if current + 1 == self.selection.levels => "; there is no higher level",
            Call::Deescalate | Call::Eliminate if current == 0 => "; there is no lower level",
            _ => "",
        };
        let excluded = if first <= current + 1 && first < self.selection.levels {
            let excluded = match self.settings.safety {
                Safety::Eliminate => "eliminated",
                Safety::NeverEscalate => "too toxic",
            };
            format!("; level {} is {excluded}", first + 1)
        } else {
            String::new()
        };
        format!("{}, {reason}{end}{excluded}", observation(counts, current))
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::isotonic(counts, levels, self.settings.target, self.view(counts))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let IntervalSettings { target, elimination_cutoff, elimination_min_patients, safety, selects, .. } = self.settings;
        let mut lines = self.rule.synopsis();
        let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
        let condition = format!(
            "when it has {elimination_min_patients} patients or more and Pr(toxicity > {target} | data) > {elimination_cutoff}"
        );
        match safety {
            Safety::Eliminate => add("Eliminate", format!("a level and all above {condition}; level 1: stop, no dose")),
            Safety::NeverEscalate => {
                add("Never escalate to", format!("a level, or one above it, {condition}; level 1: stop, no dose"));
            }
        }
        if let Some(cutoff) = self.lowered_cutoff() {
            add("Extra safe", format!("after a cohort at level 1, stop without a dose when that probability exceeds {cutoff}"));
        }
        let excluded = match safety {
            Safety::Eliminate => "eliminated",
            Safety::NeverEscalate => "too toxic or above one that is",
        };
        let selected = match selects {
            Selects::Isotonic => {
                format!("the level whose isotonic estimate is closest to the target, among those tried and not {excluded}")
            }
            Selects::Next => "the level that the rules would give next".to_owned(),
        };
        add("Select", selected);
        if let Some(highest) = self.settings.highest_estimate {
            add("Not selected", format!("a level whose estimate is above {highest:.6}"));
        }
        lines
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        let IntervalSettings { target, elimination_cutoff, elimination_min_patients, safety, selects, .. } = self.settings;
        let condition = format!(
            "when it has {elimination_min_patients} patients or more and the probability that its toxicity exceeds {target} is \
             above {elimination_cutoff}, given its data and a uniform prior"
        );
        let words = match safety {
            Safety::Eliminate => format!("A level is eliminated, together with all levels above it, {condition}."),
            Safety::NeverEscalate => format!("A level is too toxic {condition}."),
        };
        let mut after: Vec<Piece> = self.rule.exception().map(Piece::said).into_iter().collect();
        after.push(too_toxic(words, target, elimination_cutoff, elimination_min_patients));
        let tabulated = DecisionTableWords {
            table: &self.table,
            elimination_key: "elimination_cutoff",
            extra_safe: self.lowered_cutoff().map(|cutoff| (cutoff, "extra_safe_offset")),
            min_patients: elimination_min_patients,
            safety,
            selection: &self.selection,
            selects,
            highest_estimate: self.settings.highest_estimate.map_or_else(String::new, |highest| format!("{highest:.3}")),
            before: Piece::claimed(
                format!(
                    "The target DLT probability is {target}. The number of patients with a DLT among all patients treated so far at \
                 the current level is looked up in the table below. {}",
                    self.rule.sentences()
                ),
                self.rule.claim(),
            ),
            after,
        };
        tabulated.wording(conduct, names)
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        self.rule.cautions(&self.settings, conduct)
    }
}
