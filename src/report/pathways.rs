//! Dose-transition pathways as a tree of text, as CSV and for Graphviz. The flow diagram is in [`super::figure`].

use super::page::{Page, Piece};
use super::table::{Kind, Spread, show};
use crate::design::Answer;
use crate::engine::{Flow, Junction, Pathways, Stream};
use crate::scenario::Scenario;
use crate::trial::{Cohort, Decision, shown};

/// The pathways as a tree below a title, a line for each outcome of a cohort: what the rule says and why. With a scenario, the
/// probability of each line comes first, from the start of the pathways. `grounds`: why it is so, for each branch.
#[must_use]
pub fn tree(title: String, pathways: &Pathways, grounds: &[Vec<String>], scenario: Option<&Scenario>) -> Page {
    let tree = Tree { pathways, grounds, probabilities: scenario.map(|scenario| pathways.probabilities(scenario.truth())) };
    let mut lines = vec![sentence_case(&cohort(pathways.first))];
    let all = pathways.layers.first().map_or(0..0, |layer| 0..layer.len());
    tree.write(0, all, "", &mut lines);
    let mut page = Page::default();
    page.push(Piece::Lines(vec![title]));
    page.push(Piece::Lines(lines));
    page
}

struct Tree<'p> {
    pathways: &'p Pathways,
    grounds: &'p [Vec<String>],
    probabilities: Option<Vec<Vec<f64>>>,
}

impl Tree<'_> {
    /// Write the branches of a layer that have the same parent, and what follows from them.
    fn write(&self, depth: usize, range: std::ops::Range<usize>, indent: &str, lines: &mut Vec<String>) {
        let last = range.end.saturating_sub(1);
        for index in range {
            let branch = &self.pathways.layers[depth][index];
            let (corner, bar) = if index == last { ("└─", "   ") } else { ("├─", "│  ") };
            let probability =
                self.probabilities.as_ref().map_or_else(String::new, |all| format!("{}  ", percent(all[depth][index])));
            let (dlts, answer) = (branch.arrival.dlts, said(&branch.answer));
            let grounds = &self.grounds[depth][index];
            let moderate = if branch.watched { format!(", {} moderate", branch.arrival.moderate) } else { String::new() };
            let coin = branch.coin.map_or("", |_| side(branch.arrival.heads));
            lines.push(format!("{indent}{corner} {probability}{dlts} DLT{}{moderate}{coin}: {answer} ({grounds})", plural(dlts)));
            if !branch.children.is_empty() {
                self.write(depth + 1, branch.children.clone(), &format!("{indent}{bar}"), lines);
            }
        }
    }
}

/// The pathways as CSV, a row for each cohort of each pathway: `path,cohort,dose_level,patients,dlts,next_level,selected_level`,
/// then `reason`, the stable word of the decision, `grounds`, why it is so, `probability`, that of the whole pathway, empty
/// without a scenario, `moderate`, the moderate toxicities where they are watched, and `coin`, `heads` or `tails` where the decision
/// depends on it. Pathways and cohorts are counted from 1, cohorts from the start of the pathways. `next_level` 0 is the end of
/// the trial; it is empty where the rule has no answer. `selected_level` 0 is no dose; it is empty while the trial goes on.
#[must_use]
pub fn csv(pathways: &Pathways, grounds: &[Vec<String>], scenario: Option<&Scenario>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record([
        "path",
        "cohort",
        "dose_level",
        "patients",
        "dlts",
        "next_level",
        "selected_level",
        "reason",
        "grounds",
        "probability",
        "moderate",
        "coin",
    ]);
    let probabilities = scenario.map(|scenario| pathways.probabilities(scenario.truth()));
    for (number, path) in pathways.paths().enumerate() {
        let last = path.len() - 1;
        let probability = probabilities.as_ref().map_or_else(String::new, |all| all[last][path[last]].to_string());
        for (place, &index) in path.iter().enumerate() {
            let branch = &pathways.layers[place][index];
            let cohort = branch.arrival.cohort;
            let (next, selected) = match branch.answer {
                Answer::Start(next) | Answer::Decided(Decision::Enrol(next, _)) => (level(next).to_string(), String::new()),
                Answer::Decided(Decision::Stop(selected, _)) => ("0".to_owned(), shown(selected.map(usize::from)).to_string()),
                Answer::Silent(_) | Answer::Tossed { .. } => (String::new(), String::new()),
            };
            let coin = if branch.arrival.heads { "heads" } else { "tails" };
            let _ = writer.write_record([
                (number + 1).to_string(),
                (place + 1).to_string(),
                level(cohort).to_string(),
                cohort.patients.to_string(),
                branch.arrival.dlts.to_string(),
                next,
                selected,
                branch.answer.word().to_owned(),
                grounds[place][index].clone(),
                probability.clone(),
                if branch.watched { branch.arrival.moderate.to_string() } else { String::new() },
                branch.coin.map_or("", |_| coin).to_owned(),
            ]);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// The flow of the pathways in the language of Graphviz' dot. Quotation marks in `title` are escaped.
#[must_use]
pub fn dot(title: &str, flow: &Flow) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = format!("digraph pathways {{\n  label={};\n  rankdir=LR;\n", quoted(title));
    text.push_str("  node [fontname=\"Helvetica\", shape=box, style=rounded];\n  edge [fontname=\"Helvetica\"];\n");
    let last = flow.stages.len().saturating_sub(1);
    for (stage, junctions) in flow.stages.iter().enumerate() {
        for (index, (junction, probability)) in junctions.iter().enumerate() {
            let probability = probability.map_or_else(String::new, |probability| format!("\\n{}", percent(probability)));
            let (words, shape) = match *junction {
                Junction::Enrol(cohort) if stage < last => (self::cohort(cohort), ""),
                Junction::Enrol(cohort) => (format!("next: level {}", level(cohort)), ""),
                Junction::Stop(selected, _) => (format!("stop: {}", selected_words(selected)), ", peripheries=2"),
                Junction::Silent => ("no answer".to_owned(), ", style=dashed"),
            };
            text.push_str(&format!("  s{stage}_{index} [label=\"{words}{probability}\"{shape}];\n"));
        }
    }
    for (stage, streams) in flow.streams.iter().enumerate() {
        for stream in streams {
            let probability = stream.probability.map_or_else(String::new, |probability| format!("\\n{}", percent(probability)));
            let label = format!("{}{probability}", outcomes(stream));
            text.push_str(&format!("  s{stage}_{} -> s{}_{} [label=\"{label}\"];\n", stream.from, stage + 1, stream.to));
        }
    }
    text.push_str("}\n");
    text
}

/// What a rule says, in words.
#[must_use]
pub fn said(answer: &Answer) -> String {
    match answer {
        Answer::Start(next) => format!("start with {}", cohort(*next)),
        Answer::Decided(Decision::Enrol(next, reason)) => {
            let word = match reason {
                crate::trial::Move::Escalate => "escalate to",
                crate::trial::Move::Stay => "stay at",
                crate::trial::Move::Deescalate => "de-escalate to",
                crate::trial::Move::Expand => "expand at",
            };
            format!("{word} {}", cohort(*next))
        }
        Answer::Decided(Decision::Stop(selected, reason)) => {
            format!("stop, {}; {}", selected_words(*selected), reason.word().replace('_', " "))
        }
        Answer::Tossed { heads, tails } => {
            format!("toss a coin; heads: {}; tails: {}", said(&Answer::Decided(*heads)), said(&Answer::Decided(*tails)))
        }
        Answer::Silent(_) => "the rule has no answer".to_owned(),
    }
}

/// The outcomes of a cohort that a stream stands for: `0–1 DLTs, 2 moderate`, `0 DLTs, heads`.
pub(super) fn outcomes(stream: &Stream) -> String {
    let moderate = stream.moderate.map_or_else(String::new, |moderate| format!(", {moderate} moderate"));
    let noun = if stream.dlts == [1] { "DLT" } else { "DLTs" };
    format!("{} {noun}{moderate}{}", numbers(&stream.dlts), stream.heads.map_or("", side))
}

/// The side of a coin after a list of outcomes.
pub(super) fn side(heads: bool) -> &'static str {
    if heads { ", heads" } else { ", tails" }
}

/// "level 2 selected", "no dose selected".
pub(super) fn selected_words(selected: Option<u8>) -> String {
    selected.map_or_else(|| "no dose selected".to_owned(), |level| format!("level {} selected", u16::from(level) + 1))
}

/// Numbers of DLTs, ascending: `0`, `2–3`, `0, 2`.
pub(super) fn numbers(dlts: &[u8]) -> String {
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for &dlts in dlts {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == dlts => *end = dlts,
            _ => runs.push((dlts, dlts)),
        }
    }
    let run = |(start, end): (u8, u8)| if start == end { start.to_string() } else { format!("{start}–{end}") };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

/// A probability in per cent.
pub(super) fn percent(probability: f64) -> String {
    format!("{} %", show(Kind::Percent, false, probability, Spread::Exact).number)
}

/// The level of a cohort, counted from 1.
fn level(cohort: Cohort) -> u16 {
    u16::from(cohort.level) + 1
}

/// "level 2, 3 patients".
fn cohort(cohort: Cohort) -> String {
    format!("level {}, {} patient{}", level(cohort), cohort.patients, plural(cohort.patients))
}

fn plural(count: u8) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// The text with a capital letter at its beginning.
pub(super) fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
