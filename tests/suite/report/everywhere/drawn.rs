//! Numbers in figures: what is written in a figure, what is said where the mouse rests, and how long its bars are. The figures of the
//! shipped studies are drawn here, with few replicates where they simulate, and read back from their SVG files.

use super::data::Data;
use super::{altered, squeezed, study};
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::report::{self, Format, Plot, RunInfo};
use dosebench::scenario::{Class, Scenario};
use roxmltree::{Document, Node};
use std::collections::BTreeMap;

/// A mark with words where the mouse rests: the words, how wide its bar is, and the number in it.
#[derive(Clone, Default)]
struct Marked {
    said: String,
    width: f64,
    label: Option<String>,
}

/// What a figure has of one design.
#[derive(Clone, Default)]
struct Series {
    marks: Vec<Marked>,
    /// What is written beside the marks but the design's name.
    labels: Vec<String>,
}

/// A figure, all its pages together.
type Figure = BTreeMap<String, Series>;

/// The kinds of figures whose numbers are the study's own, or of trials that `replay` shows, or that have tests of their own.
const OTHERS: [&str; 11] = [
    "scenarios",
    "endings",
    "trade-off",
    "differences",
    "size",
    "exposure",
    "enrolment",
    "example",
    "heat",
    "tornado",
    "worst-curves",
];

fn words(node: Node<'_, '_>) -> Option<String> {
    node.has_tag_name("text").then(|| squeezed(node.text().unwrap_or_default()))
}

/// The words of a group that has any, its own children.
fn title<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.children().find(|child| child.has_tag_name("title"))?.text()
}

const SVG: &str = "http://www.w3.org/2000/svg";

fn add(figure: &mut Figure, svg: &str) {
    let svg = svg.replace(&format!(" xmlns=\"{SVG}\""), "");
    let document = Document::parse(&svg).unwrap();
    for group in document.descendants().filter(|node| node.has_attribute("data-series")) {
        let name = squeezed(group.attribute("data-series").unwrap());
        let series = figure.entry(name.clone()).or_default();
        for marked in group.descendants().filter(|node| node.has_tag_name("g") && title(*node).is_some()) {
            let bar = marked.children().find(|child| child.has_tag_name("rect"));
            // A bar has its level and its number.
            let texts: Vec<String> = marked.children().filter_map(words).collect();
            series.marks.push(Marked {
                said: squeezed(title(marked).unwrap()),
                width: bar.map_or(0.0, |bar| bar.attribute("width").unwrap().parse().unwrap()),
                label: if marked == group { None } else { texts.last().cloned() },
            });
        }
        let mut labels: Vec<String> = group.children().filter_map(words).collect();
        // The name stands first, on one line or two.
        let lines = (1..=labels.len()).find(|&lines| labels[..lines].concat().replace(' ', "") == name.replace(' ', ""));
        labels.drain(..lines.unwrap_or(0));
        series.labels.extend(labels);
    }
}

/// The figures of a study by kind and scenario, the pages of one together.
fn figures(plots: &[Plot], kinds: &[&str]) -> BTreeMap<String, Figure> {
    let mut figures: BTreeMap<String, Figure> = BTreeMap::new();
    for plot in plots {
        let is_page = |kind: &&&str| plot.name.strip_prefix(**kind).is_some_and(|rest| rest.starts_with('-'));
        let name = kinds.iter().find(is_page).map_or(plot.name.clone(), |kind| (*kind).to_owned());
        add(figures.entry(name).or_default(), &plot.svg);
    }
    figures
}

/// Without needless digits.
fn number(value: f64, digits: usize) -> String {
    let digits = format!("{:.digits$}", value.abs());
    let short = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    if value < 0.0 && short != "0" { format!("−{short}") } else { short.to_owned() }
}

fn percent(value: f64, digits: usize) -> String {
    number(100.0 * value, digits)
}

/// What a series must be: what its marks say, in any order, and what is written beside them, in that order.
struct Expected {
    said: Vec<String>,
    labels: Vec<String>,
}

/// The metrics of the figures over all scenarios.
const OVER_SCENARIOS: [(&str, &str, f64); 5] = [
    ("correct-selection", "correct_selection", 100.0),
    ("over-selection", "over_selection", 100.0),
    ("patients", "total_patients", 1.0),
    ("dlts", "total_dlts", 1.0),
    ("weeks", "duration_weeks", 1.0),
];

fn over_scenarios(data: &Data, kind: &str, design: &str) -> Option<Expected> {
    let metric = |stem: &str| OVER_SCENARIOS.iter().find(|(name, ..)| *name == stem).copied();
    let entries = data.of_design(design);
    let scenario = |entry: &serde_json::Value| squeezed(entry["scenario"].as_str().unwrap());
    if kind == "overview" {
        let said = [("correct dose selected", "correct_selection"), ("too toxic dose selected", "over_selection")];
        let one = |(words, metric): (&str, &str)| {
            let found = entries.iter().filter_map(|entry| Some((scenario(entry), Data::characteristic(entry, metric, None)?.0)));
            found.map(|(scenario, value)| format!("{design}, {scenario}: {words} in {} %", percent(value, 1))).collect::<Vec<_>>()
        };
        return Some(Expected { said: said.into_iter().flat_map(one).collect(), labels: Vec::new() });
    }
    if let Some((_, metric, _)) = kind.strip_prefix("robustness-").and_then(metric) {
        let values = entries.iter().map(|entry| Data::characteristic(entry, metric, None));
        let mut labels: Vec<String> =
            values.map(|found| found.map_or_else(|| "–".to_owned(), |(value, _)| percent(value, 0))).collect();
        let [mean, worst] = Data::mean_and_worst(&data.over_scenarios(design, metric), metric == "correct_selection")?;
        labels.extend([percent(mean.0, 0), percent(worst.0, 0)]);
        return Some(Expected { said: Vec::new(), labels });
    }
    let (_, metric, scale) = kind.strip_prefix("difference-").and_then(metric)?;
    let interval =
        |lower: f64, upper: f64| format!(" (95 % interval {} to {})", number(scale * lower, 3), number(scale * upper, 3));
    let mut said = Vec::new();
    for entry in &entries {
        let Some((value, error)) = Data::difference(entry, metric) else { continue };
        let limits = error.map_or_else(String::new, |(_, lower, upper)| interval(lower, upper));
        said.push(format!("{design}, {}: {}{limits}", scenario(entry), number(scale * value, 3)));
    }
    if let Some([(value, sure), _]) =
        Data::mean_and_worst(&data.against_first(design, metric), true).filter(|_| entries.len() > 1 && is_one_class(data))
    {
        let half = 1.96 * sure.error();
        let limits = if half > 0.0 { interval(value - half, value + half) } else { String::new() };
        said.push(format!("{design}, Mean of the scenarios: {}{limits}", number(scale * value, 3)));
    }
    Some(Expected { said, labels: Vec::new() })
}

/// Whether the scenarios are of one class: no mean is over two.
fn is_one_class(data: &Data) -> bool {
    let class = |scenario: &Scenario| Class::of(&scenario.toxicity, scenario.correct, &data.study.target);
    data.study.scenarios.windows(2).all(|pair| class(&pair[0]) == class(&pair[1]))
}

fn of_scenario(data: &Data, kind: &str, place: usize, design: &str) -> Option<Expected> {
    let entry = data.entry(&data.names("scenarios", "name")[place], design)?;
    let value = |metric: &str| Data::characteristic(entry, metric, None).map(|(value, _)| value);
    let below = |words: String| Some(Expected { said: vec![format!("{design}: {words}")], labels: vec![words] });
    match kind {
        "sample-size" => {
            let sizes = entry["sample_size"].as_array()?.iter();
            let planned = data.study.planned_patients.map_or_else(String::new, |planned| {
                let within = sizes.filter(|one| one["patients"].as_u64().unwrap() as usize <= planned);
                let within: f64 = within.map(|one| one["probability"].as_f64().unwrap()).sum();
                format!("; {} % ≤ {planned}", percent(within, 0))
            });
            below(format!("median {}{planned}", value("total_patients_q50")?))
        }
        "dlt-count" => below(format!("mean {:.2}", value("total_dlts")?)),
        "duration" => {
            let median = number(value("duration_weeks_q50")?, 0);
            let planned = data.json["study"]["timing"]["planned_weeks"].as_f64();
            below(match planned.zip(value("on_time")) {
                Some((planned, share)) => format!("median {median}; {} % ≤ {planned}", percent(share, 0)),
                None => format!("median {median} weeks"),
            })
        }
        "selection" | "allocation" => {
            let doses = (1..).zip(data.doses()).map(|(level, dose)| format!("level {level} ({dose})"));
            let said = match kind {
                "selection" => |dose: &str, value| format!("selects {dose} in {} %", percent(value, 1)),
                _ => |dose: &str, value| format!("treats {} patients at {dose}", number(value, 2)),
            };
            let (metric, first) =
                if kind == "selection" { ("selection", Some("no dose".to_owned())) } else { ("patients", None) };
            let levels = usize::from(first.is_none()) as u64..;
            let all = levels.zip(first.into_iter().chain(doses));
            // What is never selected has no bar.
            let said = all.filter_map(|(level, dose)| {
                let (value, _) = Data::characteristic(entry, metric, Some(level))?;
                (value > 0.0).then(|| format!("{design} {}", said(&dose, value)))
            });
            let labels = match kind {
                "selection" => Vec::new(),
                _ => vec![format!("{:.1}", value("total_patients")?), format!("{:.2}", value("total_dlts")?)],
            };
            Some(Expected { said: said.collect(), labels })
        }
        _ => None,
    }
}

/// The number in a bar, and how wide it is among all bars of its row.
fn bars(data: &Data, kind: &str, place: usize, design: &str, series: &Series) -> Vec<String> {
    let entry = data.entry(&data.names("scenarios", "name")[place], design).unwrap();
    let (metric, first) = if kind == "selection" { ("selection", 0) } else { ("patients", 1) };
    let all: f64 = series.marks.iter().map(|mark| mark.width).sum();
    let levels = first..=data.doses().len() as u64;
    let values = levels.filter_map(|level| Some(Data::characteristic(entry, metric, Some(level))?.0));
    let values: Vec<f64> = values.filter(|value| *value > 0.0).collect();
    let total: f64 = values.iter().sum();
    let mut complaints = Vec::new();
    for (mark, value) in series.marks.iter().zip(values) {
        let label = if kind == "selection" { percent(value, 0) } else { format!("{value:.1}") };
        // Widths are rounded to tenths of a pixel.
        if (mark.width / all - value / total).abs() > 0.3 / all || mark.label.as_ref().is_some_and(|found| *found != label) {
            complaints.push(format!("{kind} {}, {}: {:?}, {} of {all} pixels", place + 1, mark.said, mark.label, mark.width));
        }
    }
    complaints
}

fn spread(data: &Data, place: usize, design: &str, series: &Series) -> Vec<String> {
    let population = &data.json["populations"][place];
    let one = Data::named(&population["designs"], "design", design).unwrap();
    let metrics = ["correct_selection", "overdose_60", "share_above_mtd"].map(|metric| {
        let all = one["operating_characteristics"].as_array().unwrap();
        all.iter().find(|found| found["metric"] == metric)
    });
    let mut complaints = Vec::new();
    let known: Vec<_> = metrics.into_iter().flatten().collect();
    if series.marks.len() != known.len() {
        complaints.push(format!("{} strips of {design}", series.marks.len()));
    }
    for (mark, found) in series.marks.iter().zip(known) {
        let ends = |key: &str| percent(found[key].as_f64().unwrap(), 1);
        let words = mark.said.strip_prefix(&format!("{design}: quantiles 5, 25, 50, 75, 95 %: ")).unwrap_or_default();
        let (quantiles, mean) = words.split_once("; mean ").unwrap_or_default();
        let quantiles: Vec<&str> = quantiles.split(", ").collect();
        // The results have no quartiles.
        if [quantiles[0], quantiles[quantiles.len() / 2], quantiles[quantiles.len() - 1], mean]
            != [ends("q05"), ends("q50"), ends("q95"), ends("mean")]
        {
            complaints.push(mark.said.clone());
        }
    }
    complaints
}

/// Everything that is wrong in what a figure has of a design; `None` where the figure is not known.
fn complaints(data: &Data, name: &str, design: &str, series: &Series) -> Option<Vec<String>> {
    let (kind, place) = name.rsplit_once('-').map_or((name, None), |(kind, number)| match number.parse::<usize>() {
        Ok(number) => (kind, Some(number - 1)),
        Err(_) => (name, None),
    });
    if let Some(("population", rest)) = name.split_once('-')
        && let Some(number) = rest.strip_suffix("-spread")
    {
        return Some(spread(data, number.parse::<usize>().ok()? - 1, design, series));
    }
    let expected = match place {
        Some(place) => of_scenario(data, kind, place, design)?,
        None => over_scenarios(data, kind, design)?,
    };
    let sorted = |mut said: Vec<String>| {
        said.sort();
        said
    };
    let said = sorted(series.marks.iter().map(|mark| mark.said.clone()).collect());
    let mut complaints = Vec::new();
    if said != sorted(expected.said.clone()) {
        complaints.push(format!("{name}, {design}: {said:#?} for {:#?}", expected.said));
    }
    if series.labels != expected.labels {
        complaints.push(format!("{name}, {design}: {:?} for {:?}", series.labels, expected.labels));
    }
    if let ("selection" | "allocation", Some(place)) = (kind, place) {
        complaints.extend(bars(data, kind, place, design, series));
    }
    Some(complaints)
}

/// A shipped study with this many replicates, and its figures.
fn drawn(name: &str, replicates: usize) -> (Data, BTreeMap<String, Figure>) {
    let mut study = study(name);
    study = study.simulated(|simulation| simulation.replicates = replicates);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let plots = report::plots(&study, &results).unwrap();
    let info = RunInfo { study_file: format!("{name}.toml"), command: format!("dosebench run {name}.toml") };
    let files = report::render(&study, &results, &info, &[], &[Format::Json]);
    let kinds: Vec<String> = OVER_SCENARIOS
        .iter()
        .flat_map(|(stem, ..)| [format!("difference-{stem}"), format!("robustness-{stem}")])
        .chain(["overview".to_owned()])
        .collect();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    let figures = figures(&plots, &kinds);
    (Data::new(study, &files), figures)
}

fn is_other(name: &str) -> bool {
    OTHERS.iter().any(|other| name.starts_with(other) || name.ends_with(other))
}

#[test]
fn the_figures_have_the_numbers_of_the_results() {
    for (name, replicates, least) in
        [("imm27m", 1_000, 300), ("imm27m-time", 200, 200), ("imm27m-population", 1_000, 60), ("minimal", 1_000, 3)]
    {
        let (data, figures) = drawn(name, replicates);
        let mut checked = 0;
        for (figure, all) in figures.iter().filter(|(figure, _)| !is_other(figure)) {
            assert!(!all.is_empty(), "{name}, {figure}");
            for (design, series) in all {
                let complaints =
                    complaints(&data, figure, design, series).unwrap_or_else(|| panic!("{name}: {figure} is not known"));
                assert!(complaints.is_empty(), "{name}: {}", complaints.join("\n"));
                checked += 1;
            }
        }
        assert!(checked > least, "{name}: {checked}");
    }
}

#[test]
fn a_wrong_digit_in_a_figure_is_noticed() {
    let (data, figures) = drawn("imm27m-population", 1_000);
    let mut altered_numbers = 0;
    for (figure, all) in figures.iter().filter(|(figure, _)| !is_other(figure)) {
        for (design, series) in all {
            let mut others = Vec::new();
            for place in 0..series.marks.len() {
                let mut said = series.clone();
                said.marks[place].said = altered(&series.marks[place].said).unwrap();
                others.push(said);
                if let Some(label) = &series.marks[place].label {
                    let mut labelled = series.clone();
                    labelled.marks[place].label = altered(label);
                    let mut wide = series.clone();
                    wide.marks[place].width += 1.0;
                    others.extend([labelled, wide]);
                }
            }
            for place in 0..series.labels.len() {
                let Some(label) = altered(&series.labels[place]) else { continue };
                let mut labelled = series.clone();
                labelled.labels[place] = label;
                others.push(labelled);
            }
            altered_numbers += others.len();
            assert!(
                others.iter().all(|other| !complaints(&data, figure, design, other).unwrap().is_empty()),
                "{figure}, {design}"
            );
        }
    }
    assert!(altered_numbers > 300, "{altered_numbers}");
}
