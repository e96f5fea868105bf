//! The examples of the list of methods, read as a study would read them.

use dosebench::design::wording::LevelNames;
use dosebench::design::{Context, METHODS, MethodEntry, Plan, Protocol};
use dosebench::engine::{Graph, Monitor, compile};
use dosebench::keys::{Complaint, Severity, read_in};
use dosebench::scenario::Truth;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

pub(super) const LEVELS: usize = 5;

/// What the blocks below are read in.
pub(super) fn context() -> Context {
    Context::new(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25)
}
pub(super) const TRUTH: Truth<'_> =
    Truth { toxicity: &[0.05, 0.12, 0.25, 0.4, 0.55], moderate: &[0.1, 0.2, 0.3, 0.3, 0.3], accrual_per_week: None };

/// A folder with the file that an example may name: a decision table.
pub(super) static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("laws");
    let call = |patients: usize, dlts: usize| match () {
        () if patients >= 3 && 5 * dlts > 3 * patients => "DU",
        () if 4 * dlts > patients => "D",
        () if 4 * dlts == patients => "S",
        () => "E",
    };
    let row = |patients, dlts| format!("{patients},{dlts},{}\n", call(patients, dlts));
    let rows: String = (1..=60).flat_map(|patients| (0..=patients).map(move |dlts| row(patients, dlts))).collect();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("decisions.csv"), format!("patients,dlts,decision\n{rows}")).unwrap();
    folder
});

/// The keys of an example without the one that names its method, one a line.
pub(super) fn example(entry: &MethodEntry) -> String {
    let method = format!("method = \"{}\"", entry.key);
    let keys = entry.example.strip_prefix(&method).unwrap_or_else(|| panic!("{}: an example begins with its method", entry.key));
    keys.trim_start().to_owned()
}

/// The key of a line of a block.
pub(super) fn key_of(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim())
}

/// The block with this key, in place of what it says there.
pub(super) fn with(keys: &str, key: &str, value: &str) -> String {
    let others = keys.lines().filter(|line| key_of(line) != key);
    others.chain([&*format!("{key} = {value}")]).collect::<Vec<_>>().join("\n")
}

/// What a method makes of a block, and all complaints.
pub(super) fn read(entry: &MethodEntry, keys: &str) -> (Option<Plan>, Vec<Complaint>) {
    read_in(Some(&FOLDER), keys, |mut block| {
        let plan = (entry.read)(&mut block, context());
        block.finish();
        plan
    })
}

/// The rule of a block, or the keys with which something is wrong. `None` for what is no rule for complete data.
pub(super) fn rule(entry: &MethodEntry, keys: &str) -> Option<Result<Box<dyn Protocol>, BTreeSet<String>>> {
    let (plan, complaints) = read(entry, keys);
    let wrong: BTreeSet<String> =
        complaints.into_iter().filter(|complaint| complaint.severity == Severity::Error).map(|complaint| complaint.key).collect();
    match plan {
        Some(Plan::Rule(rule)) if wrong.is_empty() => Some(Ok(rule)),
        Some(Plan::LateOnset(_) | Plan::Benchmark(_)) if wrong.is_empty() => None,
        _ => Some(Err(wrong)),
    }
}

/// An example, cut to fifteen patients where the method says how many there are.
pub(super) fn small(entry: &MethodEntry) -> String {
    let cut = with(&example(entry), "max_patients", "15");
    if matches!(rule(entry, &cut), Some(Ok(_))) { cut } else { example(entry) }
}

/// Every method that has a rule, with the keys of its small example and the rule.
pub(super) fn rules() -> impl Iterator<Item = (&'static MethodEntry, String, Box<dyn Protocol>)> {
    METHODS.iter().filter_map(|entry| {
        let keys = small(entry);
        let rule = rule(entry, &keys)?;
        Some((entry, keys, rule.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", entry.key))))
    })
}

pub(super) fn graph(rule: &dyn Protocol) -> Graph {
    compile(rule, 20_000_000, &Monitor::default()).unwrap()
}

pub(super) fn names() -> LevelNames {
    LevelNames::new(&[], "")
}
