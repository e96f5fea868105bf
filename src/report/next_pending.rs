//! The next dose of a running trial whose design looks at pending patients: what `next` prints, as text and as JSON.

use super::pathways::{said, sentence_case};
use super::table::{Cell, Column, Group, Kind, Row, Table, written_alike};
use super::terminal;
use crate::design::Answer;
use crate::design::pending::PendingRule;
use crate::design::wording::counted;
use crate::study::{Followed, Study};
use crate::trial::{Arrival, Cohort, Counts, Decision, NoDose, Ruling, Situation, StopReason, shown};
use serde::Serialize;

/// What follows.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// The trial begins.
    Start(Cohort),
    /// Somebody is to be followed still.
    Ruled(Ruling),
    /// Everybody has been followed, and nobody more is enrolled.
    Over(Decision),
}

/// A running trial under a design that looks at pending patients.
pub struct PendingPosition<'a> {
    study: &'a Study,
    design: &'a str,
    followed: &'a Followed,
    counts: Counts,
    next: Next,
    grounds: String,
    /// Why no dose is selected, where that is what came of the trial.
    why_none: Option<NoDose>,
}

impl<'a> PendingPosition<'a> {
    /// Ask the rule, the data being those of a trial of at most as many patients as it plans.
    #[must_use]
    pub fn new(study: &'a Study, design: &'a str, rule: &dyn PendingRule, followed: &'a Followed) -> Self {
        let Followed { cohorts, pending, of_latest, dlt_times } = followed;
        let counts = cohorts.iter().fold(Counts::default(), |counts, &arrival| counts.after(arrival));
        let (next, grounds) = match cohorts.last() {
            None => (Next::Start(rule.first_cohort()), "nobody has been treated yet".to_owned()),
            Some(&latest) => {
                let in_cohorts = counts.total_patients();
                let situation = Situation { counts, pending, dlt_times, latest, of_latest: *of_latest, in_cohorts };
                ruled(rule, &situation, latest)
            }
        };
        let why_none = match next {
            Next::Over(Decision::Stop(None, reason)) => Some(NoDose::of(reason, || rule.lacks_patients(&counts))),
            _ => None,
        };
        Self { study, design, followed, counts, next, grounds, why_none }
    }

    /// The decision in a sentence.
    fn explanation(&self) -> String {
        let said = match self.next {
            Next::Start(cohort) => said(&Answer::Start(cohort)),
            Next::Ruled(Ruling::Enrol(cohort, reason)) => said(&Answer::Decided(Decision::Enrol(cohort, reason))),
            // The grounds say why.
            Next::Ruled(Ruling::Suspend(_)) => "suspend accrual".to_owned(),
            // Designs that fill levels up have no next dose here: outcomes do not tell their patients apart.
            Next::Ruled(Ruling::Backfill(level)) => format!("backfill level {}", level + 1),
            Next::Ruled(Ruling::Close(reason)) => {
                let reason = reason.word().replace('_', " ");
                format!("enrol nobody more ({reason}); a level is selected when everybody has been followed")
            }
            Next::Over(decision) => said(&Answer::Decided(decision)),
        };
        sentence_case(&format!("{said}: {}.", self.grounds))
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let treated = format!(
            "{}: {}, {}, {} so far, {} pending.",
            self.design,
            counted(self.followed.cohorts.len(), "cohort"),
            counted(self.counts.total_patients(), "patient"),
            counted(self.counts.total_dlts(), "DLT"),
            self.followed.pending.len()
        );
        let mut text = terminal::wrapped(&treated);
        text.push_str(&terminal::wrapped(&self.explanation()));
        text.push('\n');
        text.push_str(&terminal::table(&self.table()));
        text
    }

    /// What is known of each level.
    fn table(&self) -> Table {
        let doses = written_alike(&self.study.doses.levels);
        let row = |part: LevelPart| Row {
            cells: vec![
                Cell::text(format!("{} ({})", part.dose_level, doses[part.dose_level - 1])),
                Cell::exact(part.patients as f64),
                Cell::exact(part.dlts as f64),
                Cell::exact(part.pending as f64),
                Cell::exact(part.followed),
            ],
            design: None,
        };
        let unit = if self.study.doses.unit.is_empty() { "dose" } else { &self.study.doses.unit };
        Table {
            id: "levels".to_owned(),
            caption: String::new(),
            columns: vec![
                Column::new("Level", format!("({unit})"), Kind::Text),
                Column::new("Patients", "", Kind::Whole),
                Column::new("DLTs", "", Kind::Whole),
                Column::new("Pending", "", Kind::Whole),
                Column::new("followed", "windows", Kind::Mean),
            ],
            groups: vec![Group { rows: self.levels().map(row).collect(), ..Group::default() }],
            notes: vec!["Followed: the follow-up of the pending patients in windows, added up.".to_owned()],
        }
    }

    fn levels(&self) -> impl Iterator<Item = LevelPart> {
        self.study.doses.levels.iter().enumerate().map(|(level, &dose)| {
            let pending = self.followed.pending.iter().filter(move |patient| usize::from(patient.level) == level);
            LevelPart {
                dose_level: level + 1,
                dose,
                patients: self.counts.patients(level),
                dlts: self.counts.dlts(level),
                pending: pending.clone().count(),
                followed: pending.map(|patient| patient.followed).sum(),
            }
        })
    }

    /// For programs: one object, with the keys of the contract first. `decision` may also be `suspend`; it is `stop` with no
    /// `selected_level` where accrual ends and somebody is to be followed still.
    #[must_use]
    pub fn json(&self) -> String {
        let cohort = match self.next {
            Next::Start(cohort) | Next::Ruled(Ruling::Enrol(cohort, _)) => Some(cohort),
            _ => None,
        };
        let root = Root {
            design: self.design,
            decision: match self.next {
                Next::Ruled(Ruling::Suspend(_)) => "suspend",
                _ if cohort.is_some() => "enrol",
                _ => "stop",
            },
            dose_level: cohort.map(|cohort| usize::from(cohort.level) + 1),
            patients: cohort.map(|cohort| cohort.patients),
            selected_level: match self.next {
                Next::Over(Decision::Stop(selected, _)) => Some(shown(selected.map(usize::from))),
                _ => None,
            },
            reason: match self.next {
                Next::Start(_) => "start",
                Next::Ruled(Ruling::Enrol(_, reason)) | Next::Over(Decision::Enrol(_, reason)) => reason.word(),
                Next::Ruled(Ruling::Suspend(suspension)) => suspension.word(),
                Next::Ruled(Ruling::Backfill(_)) => "backfill",
                Next::Ruled(Ruling::Close(reason)) | Next::Over(Decision::Stop(_, reason)) => reason.word(),
            },
            why_none: self.why_none.map(NoDose::word),
            explanation: self.explanation(),
            treated_cohorts: self.followed.cohorts.len(),
            treated_patients: self.counts.total_patients(),
            treated_dlts: self.counts.total_dlts(),
            pending_patients: self.followed.pending.len(),
            levels: self.levels().collect(),
        };
        super::json::text(&root)
    }
}

/// What the rule says, and on what grounds.
fn ruled(rule: &dyn PendingRule, situation: &Situation<'_>, latest: Arrival) -> (Next, String) {
    let counts = &situation.counts;
    let treated = counts.total_patients();
    let is_full = treated >= rule.max_patients();
    let (ruling, grounds) = if is_full {
        (Ruling::Close(StopReason::MaxPatients), format!("{treated} patients have been treated, and no more are planned"))
    } else {
        (rule.decide(situation), rule.grounds(situation))
    };
    match ruling {
        Ruling::Close(reason) if situation.pending.is_empty() => {
            let (selected, reason) = rule.select(counts, latest, reason);
            (Next::Over(Decision::Stop(selected.map(|level| level as u8), reason)), grounds)
        }
        ruling => (Next::Ruled(ruling), grounds),
    }
}

#[derive(Serialize)]
struct Root<'a> {
    design: &'a str,
    decision: &'static str,
    dose_level: Option<usize>,
    patients: Option<u8>,
    selected_level: Option<usize>,
    reason: &'static str,
    why_none: Option<&'static str>,
    explanation: String,
    treated_cohorts: usize,
    treated_patients: usize,
    treated_dlts: usize,
    pending_patients: usize,
    levels: Vec<LevelPart>,
}

#[derive(Serialize)]
struct LevelPart {
    dose_level: usize,
    dose: f64,
    patients: usize,
    dlts: usize,
    pending: usize,
    /// The follow-up of the pending patients in windows, added up.
    followed: f64,
}
