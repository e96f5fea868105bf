//! What several test modules need: reference data and studies of one design.

use dosebench::design::Plan;
use dosebench::design::interval::boin::{Boin, Rates};
use dosebench::design::interval::{Interval, IntervalSettings};
use dosebench::engine::{Graph, Monitor, Tally, compile};
use dosebench::study::Study;
use dosebench::trial::{Arrival, Counts, Outcome};
use std::collections::BTreeMap;

/// A reference table.
pub(crate) struct Golden {
    columns: Vec<String>,
    /// Its rows.
    pub(crate) rows: Vec<csv::StringRecord>,
}

impl Golden {
    /// Read `tests/golden/<name>`.
    pub(crate) fn read(name: &str) -> Self {
        let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let columns = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        Self { columns, rows: reader.records().map(|row| row.expect("a row")).collect() }
    }

    /// A cell.
    pub(crate) fn get<'a>(&self, row: &'a csv::StringRecord, column: &str) -> &'a str {
        let index = self.columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        &row[index]
    }
}

/// Numbers separated by `;` or `|`, fractions among them.
pub(crate) fn list(text: &str) -> Vec<f64> {
    let number = |part: &str| match part.split_once('/') {
        Some((top, bottom)) => top.parse::<f64>().expect("a number") / bottom.parse::<f64>().expect("a number"),
        None => part.parse().unwrap_or_else(|_| panic!("{part:?} is no number")),
    };
    text.split([';', '|']).map(number).collect()
}

/// A study around one design. The first lines of `text` are `target = ...` and `levels = ...` (a number of dose levels); the rest
/// are the keys of the design.
pub(crate) fn design_study(text: &str) -> Study {
    let mut lines = text.lines();
    let target = lines.next().expect("a target");
    let levels: usize = lines.next().and_then(|line| line.split_once("= ")).expect("levels").1.parse().expect("a number");
    let doses: Vec<String> = (1..=levels).map(|dose| dose.to_string()).collect();
    let keys: Vec<&str> = lines.collect();
    let study = format!(
        "name = \"test\"\n{target}\n[doses]\nlevels = [{}]\n[[design]]\nname = \"design\"\n{}\n",
        doses.join(", "),
        keys.join("\n")
    );
    let (study, _) = Study::from_text("test.toml", study.as_str()).unwrap_or_else(|error| panic!("{error}\n{study}"));
    study
}

/// A whole study from its text.
pub(crate) fn study(text: &str) -> Study {
    Study::from_text("test.toml", text).unwrap_or_else(|error| panic!("{error}")).0
}

/// The decision graph of the design with this number.
pub(crate) fn graph_of(study: &Study, design: usize) -> Graph {
    let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
    compile(rule.as_ref(), study.simulation.max_situations, &Monitor::default()).expect("a graph")
}

/// Every cohort of every trial: the counts after it, the cohort and its DLTs, and what comes next in the graph.
pub(crate) fn edges(graph: &Graph) -> Vec<(Counts, Arrival, u32)> {
    let mut counts = vec![Counts::default(); graph.situations()];
    let mut edges = Vec::new();
    for node in 0..graph.nodes().len() {
        for (arrival, child) in graph.outcomes(node) {
            let after: Counts = counts[node].after(arrival);
            let watches = graph.nodes().get(child as usize).is_some_and(|node| node.watches_moderate);
            counts[child as usize] = if watches { after } else { after.without_moderate() };
            edges.push((after, arrival, child));
        }
    }
    edges
}

/// The outcomes that occurred, with how often; leaves are those of the graph that is walked.
pub(crate) fn occurred(tally: &Tally, leaves: &[Outcome]) -> BTreeMap<Outcome, u64> {
    match tally {
        Tally::Leaves(counts) => leaves.iter().copied().zip(counts.iter().copied()).filter(|(_, count)| *count > 0).collect(),
        Tally::Outcomes(outcomes) => outcomes.clone(),
        Tally::Timed(without, _) => occurred(without, leaves),
    }
}

/// A BOIN of these rates, with its table for as many patients as fit a byte.
pub(crate) fn boin(levels: usize, rates: Rates, settings: IntervalSettings) -> Interval<Boin> {
    Interval::new(Boin::new(rates).expect("rates"), levels, u8::MAX.into(), settings)
}

/// The usual BOIN for a target.
pub(crate) fn usual_boin(levels: usize, target: f64) -> Interval<Boin> {
    boin(levels, Rates::new(target), IntervalSettings::new(target))
}
