//! The next dose of a running trial whose design looks at pending patients: what `next` prints, as text and as JSON.

use super::page::{Page, Piece};
use super::pathways::{said, sentence_case};
use super::table::{Cell, Column, Group, Kind, Row, Table, written_alike};
use crate::comparison::{PendingNext, PendingTrial};
use crate::design::Answer;
use crate::design::wording::counted;
use crate::study::{Followed, Study};
use crate::trial::{Decision, NoDose, Ruling, shown};
use serde::Serialize;

/// A running trial under a design that looks at pending patients, to be printed.
pub struct PendingPosition<'a> {
    /// The study, for its doses.
    pub study: &'a Study,
    /// The name of the design.
    pub design: &'a str,
    /// The patients.
    pub followed: &'a Followed,
    /// What was worked out.
    pub trial: &'a PendingTrial,
}

impl PendingPosition<'_> {
    /// The decision in a sentence.
    fn explanation(&self) -> String {
        let said = match self.trial.next {
            PendingNext::Start(cohort) => said(&Answer::Start(cohort)),
            PendingNext::Ruled(Ruling::Enrol(cohort, reason)) => said(&Answer::Decided(Decision::Enrol(cohort, reason))),
            // The grounds say why.
            PendingNext::Ruled(Ruling::Suspend(_)) => "suspend accrual".to_owned(),
            // Designs that fill levels up have no next dose here: outcomes do not tell their patients apart.
            PendingNext::Ruled(Ruling::Backfill(level)) => format!("backfill level {}", level + 1),
            PendingNext::Ruled(Ruling::Close(reason)) => {
                let reason = reason.word().replace('_', " ");
                format!("enrol nobody more ({reason}); a level is selected when everybody has been followed")
            }
            PendingNext::Over(decision) => said(&Answer::Decided(decision)),
        };
        sentence_case(&format!("{said}: {}.", self.trial.grounds))
    }

    /// For people.
    #[must_use]
    pub fn page(&self) -> Page {
        let treated = format!(
            "{}: {}, {}, {} so far, {} pending.",
            self.design,
            counted(self.followed.cohorts.len(), "cohort"),
            counted(self.trial.counts.total_patients(), "patient"),
            counted(self.trial.counts.total_dlts(), "DLT"),
            self.followed.pending.len()
        );
        let mut page = Page::default();
        page.push(Piece::Sentences(vec![treated, self.explanation()]));
        page.push(Piece::Table(self.table()));
        page
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
                patients: self.trial.counts.patients(level),
                dlts: self.trial.counts.dlts(level),
                pending: pending.clone().count(),
                followed: pending.map(|patient| patient.followed).sum(),
            }
        })
    }

    /// For programs: one object, with the keys of the contract first. `decision` may also be `suspend`; it is `stop` with no
    /// `selected_level` where accrual ends and somebody is to be followed still.
    #[must_use]
    pub fn json(&self) -> String {
        let cohort = match self.trial.next {
            PendingNext::Start(cohort) | PendingNext::Ruled(Ruling::Enrol(cohort, _)) => Some(cohort),
            _ => None,
        };
        let root = Root {
            design: self.design,
            decision: match self.trial.next {
                PendingNext::Ruled(Ruling::Suspend(_)) => "suspend",
                _ if cohort.is_some() => "enrol",
                _ => "stop",
            },
            dose_level: cohort.map(|cohort| usize::from(cohort.level) + 1),
            patients: cohort.map(|cohort| cohort.patients),
            selected_level: match self.trial.next {
                PendingNext::Over(Decision::Stop(selected, _)) => Some(shown(selected.map(usize::from))),
                _ => None,
            },
            reason: match self.trial.next {
                PendingNext::Start(_) => "start",
                PendingNext::Ruled(Ruling::Enrol(_, reason)) | PendingNext::Over(Decision::Enrol(_, reason)) => reason.word(),
                PendingNext::Ruled(Ruling::Suspend(suspension)) => suspension.word(),
                PendingNext::Ruled(Ruling::Backfill(_)) => "backfill",
                PendingNext::Ruled(Ruling::Close(reason)) | PendingNext::Over(Decision::Stop(_, reason)) => reason.word(),
            },
            why_none: self.trial.why_none.map(NoDose::word),
            explanation: self.explanation(),
            treated_cohorts: self.followed.cohorts.len(),
            treated_patients: self.trial.counts.total_patients(),
            treated_dlts: self.trial.counts.total_dlts(),
            pending_patients: self.followed.pending.len(),
            levels: self.levels().collect(),
        };
        super::json::text(&root)
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
