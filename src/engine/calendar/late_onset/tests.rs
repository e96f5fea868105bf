//! What a rule may know when it is asked.

use super::*;
use crate::design::Plan;
use crate::design::pending::{PendingProtocol, PendingRule};
use crate::design::wording::{LevelNames, Wording};
use crate::study::Study;
use crate::trial::Level;
use std::sync::Mutex;

/// A rule that notes what it was asked and what it said.
struct Noting<'a> {
    rule: &'a dyn PendingProtocol,
    notes: Mutex<Vec<Note>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Note {
    counts: Counts,
    pending: Vec<Pending>,
    dlt_times: Vec<f64>,
    ruling: Ruling,
}

impl PendingRule for Noting<'_> {
    fn levels(&self) -> usize {
        self.rule.levels()
    }

    fn max_patients(&self) -> usize {
        self.rule.max_patients()
    }

    fn first_cohort(&self) -> Cohort {
        self.rule.first_cohort()
    }

    fn decide(&self, situation: &Situation<'_>) -> Ruling {
        let ruling = self.rule.decide(situation);
        let Situation { counts, pending, dlt_times, .. } = *situation;
        let note = Note { counts, pending: pending.to_vec(), dlt_times: dlt_times.to_vec(), ruling };
        self.notes.lock().unwrap().push(note);
        ruling
    }

    fn select(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> (Option<Level>, StopReason) {
        self.rule.select(counts, latest, closed_by)
    }

    fn suspensions(&self) -> &'static [Suspension] {
        self.rule.suspensions()
    }

    fn suspends_by_follow_up(&self) -> bool {
        self.rule.suspends_by_follow_up()
    }
}

impl PendingProtocol for Noting<'_> {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        self.rule.grounds(situation)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        self.rule.synopsis()
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        self.rule.wording(names)
    }
}

const STUDY: &str = r#"
name = "test"
target = 0.25
[doses]
levels = [1, 2, 3]
[timing]
dlt_window_weeks = 3
accrual_per_week = 1.5
queue = 1
[[design]]
name = "rolling six"
method = "rolling-six"
[[design]]
name = "TITE-BOIN"
method = "tite-boin"
[[design]]
name = "TITE-CRM"
method = "tite-crm"
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1
cohort_size = 1
"#;

/// What a design was asked in a replicate, with another patient in the place of one.
fn notes(study: &Study, design: usize, replicate: u64, other: (usize, u64, f64)) -> Vec<Note> {
    let Plan::LateOnset(rule) = &study.designs[design].plan else { panic!("does not look at pending patients") };
    let timing = study.timing.as_ref().unwrap();
    let noting = Noting { rule: rule.as_ref(), notes: Mutex::default() };
    let mut subjects = Subjects::default();
    subjects.begin(3, replicate, false);
    let (index, tolerance, quantile) = other;
    subjects.replace(index, tolerance, quantile);
    let truth = TimedTruth::new(&[0.1, 0.25, 0.4], &timing.time_to_dlt);
    run(&noting, timing, &truth, &mut subjects, &mut Desk::default(), None);
    noting.notes.into_inner().unwrap()
}

/// Whether a patient has a DLT, and when, changes nothing that is decided before that patient is enrolled, and nothing before the
/// DLT occurs.
#[test]
fn no_decision_knows_the_future() {
    let study = Study::from_text("test.toml", STUDY).unwrap().0;
    let mut seen = 0;
    for design in 0..study.designs.len() {
        let Plan::LateOnset(rule) = &study.designs[design].plan else { panic!("does not look at pending patients") };
        let first_is_at_an_arrival = rule.suspensions().is_empty();
        for (replicate, index) in (0..40).flat_map(|replicate| [0, 2, 5, 9].map(|index| (replicate, index))) {
            let with = |tolerance, quantile| notes(&study, design, replicate, (index, tolerance, quantile));
            let (early, late, never) = (with(0, 0.3), with(0, 0.8), with(u64::MAX, 0.3));
            for other in [&late, &never] {
                let same = early.iter().zip(other).take_while(|(early, other)| early == other).count();
                let (Some(first), Some(others)) = (early.get(same), other.get(same)) else { continue };
                assert!(first.counts.total_patients() > index, "decided before the patient was enrolled");
                assert!(first.dlt_times.contains(&0.3), "decided differently before the DLT was seen");
                // A rule that is asked by itself when something is seen is asked at other times in the other trial.
                if !first_is_at_an_arrival {
                    continue;
                }
                if others.dlt_times.contains(&0.8) {
                    // Seen by now in both; it occurred at different times.
                    continue;
                }
                // The patient who had the DLT is pending in the other trial, followed beyond its time, or done.
                assert_eq!(first.counts.total_dlts(), others.counts.total_dlts() + 1);
                let followed = |note: &Note| note.pending.iter().map(|patient| patient.followed).sum::<f64>();
                let of_the_patient = followed(others) - followed(first);
                let is_done = first.pending.len() == others.pending.len();
                assert!(is_done || of_the_patient >= 0.3 - 1e-12, "{of_the_patient}");
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen}");
}
