//! One simulated trial in full: every patient, and every decision with its reason.

use super::subjects::Subjects;
use super::tally::Times;
use super::{Calendar, TimedRule, cohorts, in_scenario, late_onset};
use crate::scenario::Truth;
use crate::trial::{Outcome, Ruling};

/// One simulated trial.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The patients, in the order of enrolment.
    pub patients: Vec<TracedPatient>,
    /// The decisions, in their order.
    pub decisions: Vec<TracedDecision>,
    /// How the trial ended.
    pub outcome: Outcome,
    /// When it ended.
    pub times: Times,
}

/// A patient of a simulated trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracedPatient {
    /// The dose level.
    pub level: u8,
    /// The cohort, counted from 1; 0 for who is backfilled.
    pub cohort: u16,
    /// The week of enrolment.
    pub entered: f64,
    /// The week of the DLT, where there is one.
    pub dlt: Option<f64>,
    /// The week in which the patient drops out without a DLT, where that happens.
    pub dropout: Option<f64>,
}

/// A decision of a simulated trial.
#[derive(Clone, Debug, PartialEq)]
pub struct TracedDecision {
    /// The week.
    pub week: f64,
    /// What was decided.
    pub ruling: Ruling,
    /// What the decision rests on.
    pub grounds: String,
}

/// What is noted while a trial runs.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) patients: Vec<TracedPatient>,
    pub(super) decisions: Vec<TracedDecision>,
}

/// The trial of this replicate, counted from 0, under a truth: the same as in any run with this seed. A compiled rule gives no reasons;
/// ask the rule itself.
#[must_use]
pub fn replay<'a>(calendar: &Calendar<'_>, truth: impl Into<Truth<'a>>, seed: u64, replicate: u64) -> Trace {
    let mut subjects = Subjects::default();
    subjects.begin(seed, replicate, false);
    follow(calendar, truth.into(), &mut subjects)
}

/// The trial of these patients.
fn follow(calendar: &Calendar<'_>, truth: Truth<'_>, subjects: &mut Subjects) -> Trace {
    let (timing, truth) = &in_scenario(calendar.timing, truth);
    let mut notes = Notes::default();
    let noted = Some(&mut notes);
    let (outcome, times) = match calendar.rule {
        TimedRule::Pending(rule) => late_onset::run(rule, timing, truth, subjects, &mut late_onset::Desk::default(), noted),
        TimedRule::Graph(graph) => {
            let (leaf, times) = cohorts::run(&mut cohorts::AlongGraph::new(graph), timing, truth, subjects, noted);
            (graph.leaves()[leaf as usize], times)
        }
        TimedRule::Rule(rule) => cohorts::run(&mut cohorts::AlongRule::new(rule), timing, truth, subjects, noted),
    };
    Trace { patients: notes.patients, decisions: notes.decisions, outcome, times }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Plan;
    use crate::study::Study;

    const DESIGNS: &str = r#"
[[design]]
name = "3+3"
method = "3+3"
[[design]]
name = "CRM"
method = "crm"
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1
max_patients = 15
[[design]]
name = "rolling six"
method = "rolling-six"
[[design]]
name = "TITE-BOIN"
method = "tite-boin"
[[design]]
name = "TITE-CRM"
method = "tite-crm"
weights = "adaptive"
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1
cohort_size = 1
[[design]]
name = "TITE-CRM, two stages"
method = "tite-crm"
initial_scheme = [1, 1, 2, 2, 3]
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1
cohort_size = 2
max_patients = 12
[[design]]
name = "TITE-BLRM"
method = "tite-blrm"
prior_mean = [-0.7, 0]
prior_sd = [2, 1]
reference_dose = 2
max_patients = 9
[[design]]
name = "TITE-keyboard"
method = "tite-keyboard"
cohort_size = 2
max_patients = 18
[[design]]
name = "PoD-TPI"
method = "pod-tpi"
min_escalation_probability = 0.8
max_patients = 18
[[design]]
name = "BF-BOIN"
method = "boin"
max_patients = 18
backfill = { max_per_level = 6 }
"#;

    /// What becomes of a patient: the tolerance, how far into the window a DLT would occur, and the fraction of drop-out.
    type Fate = (u64, f64, f64);

    const STAYS: f64 = 0.99;
    const FATES: [Fate; 5] =
        [(0, 0.3, STAYS), (0, 0.8, STAYS), (u64::MAX, 0.3, STAYS), (u64::MAX, 0.3, 0.05), (u64::MAX, 0.3, 0.15)];

    /// Two trials that differ in what becomes of one patient are the same, enrolments and decisions with their grounds, until something
    /// of that can be known.
    #[test]
    fn nothing_depends_on_what_happens_later() {
        let mut seen = 0;
        for lines in ["", "decision_weeks = 0.5\nqueue = 2", "replace_dropouts = false\nsentinel_weeks = 1"] {
            let text = format!(
                "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[timing]\ndlt_window_weeks = 3\n\
                 accrual_per_week = 1.5\ndropout_rate = 0.2\n{lines}\n{DESIGNS}"
            );
            let study = Study::from_text("test.toml", text).unwrap().0;
            let timing = study.timing.as_ref().unwrap();
            for design in &study.designs {
                let rule = match &design.plan {
                    Plan::Rule(rule) => TimedRule::Rule(rule.as_ref()),
                    Plan::LateOnset(rule) => TimedRule::Pending(rule.as_ref()),
                    Plan::Benchmark(_) => panic!("no benchmark here"),
                };
                let calendar = Calendar { rule, timing };
                for (replicate, index) in (0..15).flat_map(|replicate| [0, 2, 5, 9].map(|index| (replicate, index))) {
                    let with = |(tolerance, quantile, dropout): Fate| {
                        let mut subjects = Subjects::default();
                        subjects.begin(3, replicate, false);
                        subjects.replace(index, tolerance, quantile);
                        subjects.replace_dropout(index, dropout);
                        follow(&calendar, (&[0.1, 0.25, 0.4]).into(), &mut subjects)
                    };
                    let traces = FATES.map(with);
                    for (one, other) in traces.iter().flat_map(|one| traces.iter().map(move |other| (one, other))) {
                        let (Some(patient), Some(same)) = (one.patients.get(index), other.patients.get(index)) else { continue };
                        assert_eq!((patient.level, patient.cohort, patient.entered), (same.level, same.cohort, same.entered));
                        let told = |patient: &TracedPatient| patient.dlt.or(patient.dropout).unwrap_or(patient.entered + 3.0);
                        let known = told(patient).min(told(same)) + timing.decision_weeks;
                        let before = |trace: &Trace| {
                            let decisions: Vec<TracedDecision> =
                                trace.decisions.iter().filter(|decision| decision.week < known).cloned().collect();
                            let enrolled = |patient: &&TracedPatient| patient.entered < known;
                            let patients: Vec<(u8, u16, f64)> =
                                trace.patients.iter().filter(enrolled).map(|p| (p.level, p.cohort, p.entered)).collect();
                            (decisions, patients)
                        };
                        assert_eq!(before(one), before(other), "{} {lines:?} {replicate} {index}", design.name);
                        seen += usize::from(one.outcome != other.outcome);
                    }
                }
            }
        }
        assert!(seen > 3_000, "{seen}");
    }
}
