//! `dosebench paths`: all dose-transition pathways of the next cohorts.

use super::{Status, complain, print};
use dosebench::comparison::pathway_grounds;
use dosebench::design::{Answer, Course, follow};
use dosebench::engine::{Flow, Pathways};
use dosebench::report::table::written_alike;
use dosebench::report::{figure, pathways};
use dosebench::scenario::Scenario;
use dosebench::study::{Study, read_outcomes};
use std::path::PathBuf;

/// The most pathways that are listed.
const MOST_PATHWAYS: usize = 100_000;

/// Arguments of `paths`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// The design
    #[arg(long, value_name = "NAME")]
    design: String,
    /// How many cohorts
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=250))]
    cohorts: u8,
    /// The cohorts treated so far, e.g. "1N 2NNT": the level and a letter for each patient, T (DLT), M (moderate) or N (none)
    #[arg(long, value_name = "OUTCOMES", default_value = "")]
    outcomes: String,
    /// Add the probabilities under this scenario
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// A tree, one row a cohort, Graphviz' language, or a flow diagram
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write into this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Csv,
    Dot,
    Svg,
}

/// List the pathways.
pub(super) fn paths(arguments: &Arguments) -> Status {
    match list(arguments) {
        Ok(text) => match &arguments.out {
            None => print(&text),
            Some(file) => match std::fs::write(file, text) {
                Ok(()) => Status::Done,
                Err(error) => {
                    complain(&format!("error: cannot write {}: {error}", file.display()));
                    Status::Incomplete
                }
            },
        },
        Err((status, message)) => {
            complain(&message);
            status
        }
    }
}

/// The pathways in the format asked for; otherwise the exit status and the message.
fn list(arguments: &Arguments) -> Result<String, (Status, String)> {
    let study = super::read_study(&arguments.study)?;
    let (design, rule) = study.rule(&arguments.design).map_err(super::at_fault)?;
    let scenario = arguments.scenario.as_ref().map(|name| study.scenario(name)).transpose().map_err(super::at_fault)?;
    let cohorts = read_outcomes(&arguments.outcomes, rule.levels()).map_err(super::at_fault)?;
    let course = follow(rule, &cohorts);
    for deviation in &course.deviations {
        complain(&format!("note: {deviation}"));
    }
    let found = Pathways::new(rule, &course, arguments.cohorts.into(), MOST_PATHWAYS)
        .map_err(|error| (Status::Incomplete, format!("error: {error}; ask for fewer cohorts")))?;
    let Some(found) = found else {
        let message = match &course.answer {
            Answer::Silent(objection) => format!("error: the rule has no answer to these outcomes: {objection}"),
            answer => format!("error: there are no pathways after these outcomes: {}", pathways::said(answer)),
        };
        return Err((Status::Incomplete, message));
    };
    let heading = heading(arguments, &study, &course, scenario);
    Ok(match arguments.format {
        Format::Text => {
            let count = found.paths().count();
            let noun = if count == 1 { "pathway" } else { "pathways" };
            let title = format!("{heading}: {count} {noun}");
            pathways::tree(title, &found, &pathway_grounds(rule, &found), scenario).text()
        }
        Format::Csv => pathways::csv(&found, &pathway_grounds(rule, &found), scenario),
        Format::Dot => pathways::dot(&heading, &Flow::new(&found, scenario.map(Scenario::truth))),
        Format::Svg => {
            let flow = Flow::new(&found, scenario.map(Scenario::truth));
            let doses = written_alike(&study.doses.levels);
            let labels = figure::PathwayLabels {
                design: &design.name,
                outcomes: &arguments.outcomes,
                treated: course.cohorts.len(),
                scenario: scenario.map(|scenario| scenario.name.as_str()),
                doses: &doses,
                unit: &study.doses.unit,
            };
            figure::pathways(&labels, &flow).svg()
        }
    })
}

/// What the pathways are of: `BOIN 30, after 1N 2NNT, under "MTD at level 3"`.
fn heading(arguments: &Arguments, study: &Study, course: &Course, scenario: Option<&Scenario>) -> String {
    let mut heading = format!("{}, {}", study.name, arguments.design);
    if !course.cohorts.is_empty() {
        heading += &format!(", after {}", arguments.outcomes.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(scenario) = scenario {
        heading += &format!(", under \"{}\"", scenario.name);
    }
    heading
}
