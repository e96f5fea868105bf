//! A design given as a decision table.
//!
//! # What it does
//! Looks up what to do with the DLTs among the patients at the current level in a file: escalate (E), stay (S), de-escalate (D), or
//! de-escalate and never return (DU). The end selects by isotonic regression, as BOIN does.
//!
//! # Rule
//! There is no move below the lowest level, above the highest, or into an eliminated one: the level stays, or goes to the highest
//! that is not eliminated. A level is eliminated, with all above, when the table says DU for its patients and DLTs; DU at level 1
//! stops the trial without a dose. Selection: [`crate::design::rule::selection`].
//!
//! # The file
//! CSV with the header `patients,dlts,decision`, as `dosebench table --format csv` writes it: one row for every number of DLTs among
//! 1 to `max_patients` patients or more, in any order.
//!
//! # Parameters
//! `dosebench keys table` lists them. `extra_safe_cutoff` is looked at where level 1 has 3 patients or more and some number of DLTs is DU;
//! BOIN's is `elimination_cutoff` − `extra_safe_offset`. `highest_estimate` is λ_d for BOIN's `bound_mtd`.
//!
//! The target of the study is used by the selection and by `extra_safe_cutoff`, not by the table.
//!
//! # Where it differs from the paper or the R package
//! A table exported from BOIN and read back is that BOIN, given the two keys above where it had extra safety or a bounded MTD, and
//! the same conduct. A row in which more DLTs are called less cautiously is warned about; DU followed by
//! anything else is an error, because a level cannot come back.
//!
//! # Laws it does not keep
//! - A curve that is nowhere higher can select lower. Fewer DLTs at a low level take the trial up sooner, and with the patients
//!   that are then left it finds out more often that a level above is too toxic.
//!
//! # References
//! Liu and Yuan (2015), JRSS C 64, 507-523, for tables of this form and for the selection.

mod file;

pub use file::{Fault, read_table};

use crate::design::rule::assess::observation;
use crate::design::rule::conduct_keys::group;
use crate::design::rule::decision_table::wording::DecisionTableWords;
use crate::design::rule::decision_table::{Call, DecisionTable};
use crate::design::rule::selection::{Elimination, IsotonicSelection, SLIGHT_PRIOR, Safety, Selects};
use crate::design::rule::wording::{LevelNames, MethodWording, Piece};
use crate::design::rule::{Assessment, ConductKeys, Conducted, Context, Law, Method, MethodEntry, Plan, Voice, read_conduct};
use crate::keys::{Key, Keys, NamedText, Severity, Within, quoted};
use crate::numeric::digest::sha256;
use crate::trial::{Arrival, Conduct, Counts, Level};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "table",
    title: "Decision table",
    sentence: "Looks up in a file what to do with the DLTs among the patients at the current level.",
    reference: "Liu and Yuan (2015), JRSS C 64, 507-523",
    example: "method = \"table\"\nfile = \"decisions.csv\"",
    situations: 15_000,
    exceptions: &[(
        Law::LowerCurve,
        "Fewer DLTs at a low level take the trial up sooner, and with the patients that are then left it \
             finds out more often that a level above is too toxic.",
    )],
    conduct: Some(&ConductKeys::PLAIN),
    keys: &[&[&FILE.about, &EXTRA_SAFE_CUTOFF.about, &HIGHEST_ESTIMATE.about]],
    read,
};

/// The most bytes of a file: a table of 250 patients has some 300,000.
const MOST_BYTES: u64 = 1 << 20;

/// Patients at level 1 from which the extra-safe rule is looked at.
const EXTRA_SAFE_MIN_PATIENTS: usize = 3;

/// A design given as a decision table.
#[derive(Clone, Debug)]
pub struct GivenTable {
    table: DecisionTable,
    extra_safe_cutoff: Option<f64>,
    selection: IsotonicSelection,
    file: String,
    sha256: String,
}

impl Method for GivenTable {
    /// The lowest eliminated level, or the number of levels.
    type View = Level;

    fn view(&self, counts: &Counts) -> Level {
        self.selection.first_eliminated(counts)
    }

    fn too_toxic(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> bool {
        self.selection.elimination.is_too_toxic(first_eliminated, counts, arrival.cohort.level as usize)
    }

    /// A table may say nothing of other numbers of patients.
    fn needs_whole_cohorts(&self) -> bool {
        true
    }

    fn recommend(&self, first_eliminated: Level, counts: &Counts, arrival: Arrival) -> Level {
        self.table.recommend(counts, arrival.level(), self.selection.levels, first_eliminated)
    }

    fn isotonic(&self) -> Option<&IsotonicSelection> {
        Some(&self.selection)
    }

    fn decision_table(&self) -> Option<&DecisionTable> {
        Some(&self.table)
    }
}

impl Voice for GivenTable {
    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        let current = arrival.level();
        let level = if too_toxic { 0 } else { current };
        let call = self.table.call(counts.patients(level), counts.dlts(level));
        let extra_safe = if too_toxic && call != Call::Eliminate { ", too many for the extra-safe rule" } else { "" };
        let eliminated = match self.view(counts) {
            first if first <= current + 1 && first < self.selection.levels => format!("; level {} is eliminated", first + 1),
            _ => String::new(),
        };
        format!("{}, {} in the table{extra_safe}{eliminated}", observation(counts, level), call.letters())
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::isotonic(counts, levels, self.selection.target, self.view(counts))
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
        let most = self.table.max_patients();
        add("Decision table", format!("{}, SHA-256 {}, for 1 to {most} patients at a level", self.file, self.sha256));
        add("Escalate", format!("with at most these DLTs among 1, 2, ... patients: {}", self.boundaries(Call::Stay, true)));
        add("De-escalate", format!("with at least these: {}; stay otherwise", self.boundaries(Call::Deescalate, false)));
        let eliminate = self.boundaries(Call::Eliminate, false);
        add("Eliminate", format!("a level and all above with at least these: {eliminate}; level 1: stop, no dose"));
        for patients in (1..=most).filter(|&patients| !self.table.is_ordered(patients)) {
            let calls: Vec<&str> = self.table.row(patients).map(Call::letters).collect();
            add("Out of order in the table", format!("0, 1, ... DLTs among {patients}: {}", calls.join(" ")));
        }
        if let Some(cutoff) = self.extra_safe_cutoff {
            let target = self.selection.target;
            let value =
                format!("after a cohort at level 1, stop without a dose when Pr(toxicity > {target} | data) exceeds {cutoff}");
            add("Extra safe", value);
        }
        add(
            "Select",
            "the level whose isotonic estimate is closest to the target, among those tried and not eliminated".to_owned(),
        );
        if let Some(highest) = self.selection.highest_estimate {
            add("Not selected", format!("a level whose estimate is above {highest}"));
        }
        lines
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        let before = format!(
            "The target DLT probability is {}. The number of patients with a DLT among all patients treated so far at the current \
             level is looked up in the table below, which is that of the file {}. The dose is escalated or de-escalated by one level \
             where the table says so; otherwise the next cohort is treated at the current level.",
            self.selection.target,
            quoted(&self.file)
        );
        let eliminates = (1..=conduct.max_patients).any(|patients| self.selection.elimination.bound(patients).is_some());
        let after = if eliminates {
            "A level is eliminated, together with all levels above it, when it has as many DLTs as the table says, or more. It is \
             left for the next lower one."
        } else {
            "The table eliminates no level."
        };
        let tabulated = DecisionTableWords {
            table: &self.table,
            elimination_key: "file",
            extra_safe: self.extra_safe_cutoff.map(|cutoff| (cutoff, "extra_safe_cutoff")),
            min_patients: EXTRA_SAFE_MIN_PATIENTS,
            safety: Safety::Eliminate,
            selects: Selects::Isotonic,
            selection: &self.selection,
            highest_estimate: self.selection.highest_estimate.map_or_else(String::new, |highest| highest.to_string()),
            before: Piece::said(before),
            after: vec![Piece::said(after)],
        };
        tabulated.wording(conduct, names)
    }
}

impl GivenTable {
    /// For 1, 2, ... patients the smallest number of DLTs with a call at least as cautious as `call`, or the number just below it;
    /// a dash where there is none, or where the row is out of order.
    fn boundaries(&self, call: Call, below: bool) -> String {
        let boundary = |patients| {
            let first = self.table.first_at_least(patients, call);
            let shown = if below { first.unwrap_or(patients + 1).checked_sub(1) } else { first };
            let ordered = shown.filter(|_| self.table.is_ordered(patients));
            ordered.map_or_else(|| "–".to_owned(), |dlts| dlts.to_string())
        };
        (1..=self.table.max_patients()).map(boundary).collect::<Vec<_>>().join(" ")
    }
}

static FILE: Key<String> =
    Key::file("file", MOST_BYTES, "The decision table, as CSV with the columns patients, dlts and decision.")
        .required()
        .group(group::DECISION);
static EXTRA_SAFE_CUTOFF: Key<f64> = Key::number(
    "extra_safe_cutoff",
    Within::Open(0.0, 1.0),
    "The posterior probability of a toxicity above the target at level 1 beyond which the trial stops right after a cohort there.",
)
.group(group::SAFETY);
static HIGHEST_ESTIMATE: Key<f64> =
    Key::number("highest_estimate", Within::Open(0.0, 1.0), "The isotonic estimate above which a level is not selected.")
        .group(group::SELECTION);

/// Read the keys of a `[[design]]` block.
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context);
    for key in ["too_toxic_cutoff", "too_toxic_rate"] {
        let help = "the table says it with DU; `extra_safe_cutoff` is for a stricter rule at level 1";
        keys.refuse(key, "does not apply to a decision table, which has its elimination", Some(help.to_owned()));
    }
    let (extra_safe_cutoff, highest_estimate) = (keys.get(&EXTRA_SAFE_CUTOFF), keys.get(&HIGHEST_ESTIMATE));
    let NamedText { name, text } = keys.file(&FILE)?;
    let (table, faults) = read_table(&text, conduct.max_patients);
    for Fault { severity, line, message } in faults {
        let message = format!("{name}:{line}: {message}");
        match severity {
            Severity::Error => keys.complain("file", message, None),
            Severity::Warning => keys.warn("file", message),
        }
    }
    let table = table?;
    let target = context.target;
    let elimination = Elimination::from_table(&table, target, EXTRA_SAFE_MIN_PATIENTS, extra_safe_cutoff);
    let method = GivenTable {
        table,
        extra_safe_cutoff,
        selection: IsotonicSelection { target, highest_estimate, levels: context.levels, prior: SLIGHT_PRIOR, elimination },
        sha256: sha256(text.as_bytes()),
        file: name,
    };
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
}
