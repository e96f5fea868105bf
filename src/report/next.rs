//! The next dose of a running trial: what `next` prints, as text and as JSON.

use super::page::{Page, Piece};
use super::pathways::{percent, said, sentence_case};
use super::table::{Cell, Column, Group, Kind, Mark, Row, Table, written_alike};
use crate::comparison::{Rest, RunningTrial, Side};
use crate::design::wording::counted;
use crate::design::{Answer, Assessment, Course};
use crate::measure::{Metric, Summary};
use crate::study::Study;
use crate::trial::{Decision, NoDose, shown};
use serde::Serialize;

/// A running trial under one design of a study, to be printed.
pub struct Position<'a> {
    /// The study, for its doses and scenarios.
    pub study: &'a Study,
    /// The name of the design.
    pub design: &'a str,
    /// What was worked out.
    pub trial: &'a RunningTrial,
    /// The patients who were left out, by name.
    pub not_evaluable: &'a [String],
}

impl Position<'_> {
    fn course(&self) -> &Course {
        &self.trial.course
    }

    fn assessment(&self) -> &Assessment {
        &self.trial.assessment
    }

    /// Why the decision is as it is, in a sentence.
    fn explanation(&self) -> String {
        if let [heads, tails] = &self.alternatives()[..] {
            return format!("{} {}", heads.sentence(), tails.sentence());
        }
        format!("{}: {}.", sentence_case(&said(&self.course().answer)), self.trial.grounds)
    }

    /// The decisions between which a coin decides, heads first; none where nothing is tossed.
    fn alternatives(&self) -> Vec<Alternative> {
        let sides = ["heads", "tails"].into_iter().zip(self.trial.sides.iter().flatten());
        sides.map(|(coin, side)| Alternative::new(coin, side)).collect()
    }

    /// Patients who may still be enrolled; none once the rule has ended the trial.
    fn remaining(&self) -> usize {
        let most = self.trial.max_patients.saturating_sub(self.course().counts.total_patients());
        if self.course().answer.goes_on() { most } else { 0 }
    }

    /// For people.
    #[must_use]
    pub fn page(&self) -> Page {
        let counts = &self.course().counts;
        let treated = format!(
            "{}: {}, {}, {} so far.",
            self.design,
            counted(self.course().cohorts.len(), "cohort"),
            counted(counts.total_patients(), "patient"),
            counted(counts.total_dlts(), "DLT")
        );
        let mut sentences = vec![treated, self.explanation()];
        if self.course().answer.goes_on() {
            let (remaining, most) = (self.remaining(), self.trial.max_patients);
            sentences.push(format!("At most {remaining} of {most} patients may still be enrolled."));
        }
        if !self.not_evaluable.is_empty() {
            sentences.push(format!("Not evaluable and not counted: {}.", self.not_evaluable.join(", ")));
        }
        let mut page = Page::default();
        page.push(Piece::Sentences(sentences));
        if !self.course().deviations.is_empty() {
            page.push(Piece::Heading("Departures from the rule".to_owned()));
            for deviation in &self.course().deviations {
                page.item(None, deviation.to_string());
            }
        }
        page.push(Piece::Table(self.levels_table()));
        match &self.trial.rest {
            Rest::Over => {}
            Rest::Known(summaries) if summaries.is_empty() => {}
            Rest::Known(summaries) => page.push(Piece::Table(self.rest_table(summaries))),
            Rest::Unknown(reason) => {
                page.push(Piece::Sentences(vec![format!("The rest of the trial cannot be worked out: {reason}.")]));
            }
        }
        page
    }

    /// What is known of each level.
    fn levels_table(&self) -> Table {
        let doses = written_alike(&self.study.doses.levels);
        let number = |value: Option<f64>| value.map_or(Cell::Absent, Cell::exact);
        let row = |(level, known): (usize, &crate::design::LevelAssessment)| {
            let counts = &self.course().counts;
            Row {
                cells: vec![
                    Cell::text(format!("{} ({})", level + 1, doses[level])),
                    Cell::exact(counts.patients(level) as f64),
                    Cell::exact(counts.dlts(level) as f64),
                    number(known.estimate),
                    number(known.interval.map(|interval| interval.0)),
                    number(known.interval.map(|interval| interval.1)),
                    number(known.exceedance),
                    number(known.intervals.map(|[under, ..]| under)),
                    number(known.intervals.map(|[_, target, _]| target)),
                    number(known.intervals.map(|[.., over]| over)),
                    Cell::text(if known.excluded { "excluded" } else { "" }),
                ],
                design: None,
            }
        };
        let unit = if self.study.doses.unit.is_empty() { "dose" } else { &self.study.doses.unit };
        let table = Table {
            id: "levels".to_owned(),
            caption: String::new(),
            columns: vec![
                Column::new("Level", format!("({unit})"), Kind::Text),
                Column::new("Patients", "", Kind::Whole),
                Column::new("DLTs", "", Kind::Whole),
                Column::new("Estimate", "%", Kind::Percent),
                Column::new("from", "%", Kind::Percent).below("90 % interval"),
                Column::new("to", "%", Kind::Percent).below("90 % interval"),
                Column::new("Pr(> target)", "%", Kind::Percent),
                Column::new("under", "%", Kind::Percent).below("Pr(interval)"),
                Column::new("target", "%", Kind::Percent).below("Pr(interval)"),
                Column::new("over", "%", Kind::Percent).below("Pr(interval)"),
                Column::new("", "", Kind::Text),
            ],
            groups: vec![Group { rows: self.assessment().levels.iter().enumerate().map(row).collect(), ..Group::default() }],
            notes: vec![sentence_case(self.assessment().basis) + "."],
        };
        let any = |has: fn(&crate::design::LevelAssessment) -> bool| self.assessment().levels.iter().any(has);
        let table = if any(|level| level.excluded) { table } else { table.without_column(10) };
        let table = if any(|level| level.intervals.is_some()) {
            table
        } else {
            table.without_column(9).without_column(8).without_column(7)
        };
        if any(|level| level.exceedance.is_some()) { table } else { table.without_column(6) }
    }

    /// The rest of the trial under each scenario.
    fn rest_table(&self, summaries: &[Summary]) -> Table {
        let levels = self.study.doses.levels.len();
        let mut columns = vec![Column::new("Scenario", "", Kind::Text)];
        columns.extend((0..=levels).map(|level| {
            let heading = if level == 0 { "none".to_owned() } else { level.to_string() };
            Column::new(heading, "%", Kind::Percent).below("Selected level")
        }));
        columns.push(Column::new("patients", "", Kind::Mean).below("To come"));
        columns.push(Column::new("DLTs", "", Kind::Dlts).below("To come"));
        let row = |(scenario, summary): (&crate::scenario::Scenario, &Summary)| {
            let value = |metric| summary.value(metric).map_or(Cell::Absent, Cell::exact);
            let mut cells = vec![Cell::text(scenario.name.as_str())];
            cells.extend((0..=levels).map(|level| {
                let mark = if level == shown(scenario.correct) { Mark::Correct } else { Mark::Plain };
                value(Metric::Selection(level.checked_sub(1))).marked(mark)
            }));
            cells.push(value(Metric::TotalPatients));
            cells.push(value(Metric::TotalDlts));
            Row { cells, design: None }
        };
        Table {
            id: "rest".to_owned(),
            caption: "The rest of the trial given these data, exact:".to_owned(),
            columns,
            groups: vec![Group { rows: self.study.scenarios.iter().zip(summaries).map(row).collect(), ..Group::default() }],
            notes: vec!["* the selection that is correct under the scenario.".to_owned()],
        }
    }

    /// For programs: one object, with the keys of the contract first.
    #[must_use]
    pub fn json(&self) -> String {
        let answer = &self.course().answer;
        let next = answer.next_cohort();
        let counts = &self.course().counts;
        let (rest_of_trial, rest_unknown) = match &self.trial.rest {
            Rest::Over => (Vec::new(), None),
            Rest::Known(summaries) => (
                self.study
                    .scenarios
                    .iter()
                    .zip(summaries)
                    .filter_map(|(scenario, found)| prospect(&scenario.name, found))
                    .collect(),
                None,
            ),
            Rest::Unknown(reason) => (Vec::new(), Some(reason.as_str())),
        };
        let alternatives = self.alternatives();
        let level = |(level, known): (usize, &crate::design::LevelAssessment)| LevelPart {
            dose_level: level + 1,
            dose: self.study.doses.levels[level],
            patients: counts.patients(level),
            dlts: counts.dlts(level),
            estimate: known.estimate,
            lower: known.interval.map(|interval| interval.0),
            upper: known.interval.map(|interval| interval.1),
            exceedance: known.exceedance,
            intervals: known.intervals,
            excluded: known.excluded,
        };
        let root = Root {
            design: self.design,
            decision: match answer {
                Answer::Start(_) | Answer::Decided(Decision::Enrol(..)) => Some("enrol"),
                Answer::Decided(Decision::Stop(..)) => Some("stop"),
                Answer::Tossed { .. } => common(&alternatives, |alternative| Some(alternative.decision)),
                Answer::Silent(_) => None,
            },
            dose_level: next.map(|cohort| usize::from(cohort.level) + 1),
            patients: next.map(|cohort| cohort.patients).or_else(|| common(&alternatives, |alternative| alternative.patients)),
            selected_level: match answer {
                Answer::Decided(Decision::Stop(selected, _)) => Some(shown(selected.map(usize::from))),
                _ => None,
            },
            reason: answer.word(),
            why_none: self.trial.why_none.map(NoDose::word),
            explanation: self.explanation(),
            treated_cohorts: self.course().cohorts.len(),
            treated_patients: counts.total_patients(),
            treated_dlts: counts.total_dlts(),
            remaining_patients: self.remaining(),
            basis: self.assessment().basis,
            levels: self.assessment().levels.iter().enumerate().map(level).collect(),
            deviations: self.course().deviations.iter().map(ToString::to_string).collect(),
            not_evaluable: self.not_evaluable,
            rest_of_trial,
            rest_unknown,
            alternatives,
        };
        super::json::text(&root)
    }
}

#[derive(Serialize)]
struct Root<'a> {
    design: &'a str,
    decision: Option<&'static str>,
    dose_level: Option<usize>,
    patients: Option<u8>,
    selected_level: Option<usize>,
    reason: &'static str,
    why_none: Option<&'static str>,
    explanation: String,
    treated_cohorts: usize,
    treated_patients: usize,
    treated_dlts: usize,
    remaining_patients: usize,
    basis: &'static str,
    levels: Vec<LevelPart>,
    deviations: Vec<String>,
    not_evaluable: &'a [String],
    rest_of_trial: Vec<Prospect<'a>>,
    rest_unknown: Option<&'a str>,
    /// Where a coin decides: what follows heads, and what follows tails.
    alternatives: Vec<Alternative>,
}

/// What is decided when a coin shows one of its sides; the keys that the whole has too mean the same.
#[derive(Serialize)]
struct Alternative {
    coin: &'static str,
    probability: f64,
    decision: &'static str,
    dose_level: Option<usize>,
    patients: Option<u8>,
    selected_level: Option<usize>,
    reason: &'static str,
    why_none: Option<&'static str>,
    explanation: String,
}

impl Alternative {
    /// What follows a side of the coin.
    fn new(coin: &'static str, side: &Side) -> Self {
        let next = side.decision.next_cohort();
        let answer = Answer::Decided(side.decision);
        Self {
            coin,
            probability: side.probability,
            decision: if next.is_some() { "enrol" } else { "stop" },
            dose_level: next.map(|cohort| usize::from(cohort.level) + 1),
            patients: next.map(|cohort| cohort.patients),
            selected_level: match side.decision {
                Decision::Stop(selected, _) => Some(shown(selected.map(usize::from))),
                Decision::Enrol(..) => None,
            },
            reason: answer.word(),
            why_none: side.why_none.map(NoDose::word),
            explanation: format!("{}: {}", said(&answer), side.grounds),
        }
    }

    /// For people.
    fn sentence(&self) -> String {
        format!("With probability {} ({}) {}.", percent(self.probability), self.coin, self.explanation)
    }
}

/// What all alternatives have in common.
fn common<T: PartialEq>(alternatives: &[Alternative], part: impl Fn(&Alternative) -> Option<T>) -> Option<T> {
    let [one, other] = alternatives else { return None };
    part(one).filter(|part_of_one| part(other).as_ref() == Some(part_of_one))
}

#[derive(Serialize)]
struct LevelPart {
    dose_level: usize,
    dose: f64,
    patients: usize,
    dlts: usize,
    estimate: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    exceedance: Option<f64>,
    /// Below, in and above the target interval of a method that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    intervals: Option<[f64; 3]>,
    excluded: bool,
}

/// The rest of the trial under one scenario.
#[derive(Serialize)]
struct Prospect<'a> {
    scenario: &'a str,
    engine: &'static str,
    /// Of no level, then of each.
    selection: Vec<f64>,
    /// Expected further patients per level.
    patients: Vec<f64>,
    /// Expected further DLTs per level.
    dlts: Vec<f64>,
    total_patients: f64,
    total_dlts: f64,
}

/// `None` where the summary has no numbers of patients.
fn prospect<'a>(scenario: &'a str, summary: &Summary) -> Option<Prospect<'a>> {
    let values = |which: fn(Metric) -> bool| -> Vec<f64> {
        summary.characteristics.iter().filter(|found| which(found.metric)).map(|found| found.value).collect()
    };
    Some(Prospect {
        scenario,
        engine: summary.source.word(),
        selection: values(|metric| matches!(metric, Metric::Selection(_))),
        patients: values(|metric| matches!(metric, Metric::Patients(_))),
        dlts: values(|metric| matches!(metric, Metric::Dlts(_))),
        total_patients: summary.value(Metric::TotalPatients)?,
        total_dlts: summary.value(Metric::TotalDlts)?,
    })
}
