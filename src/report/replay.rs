//! One simulated trial, as a list of what happened in its order.

use super::table::{Kind, Spread, show};
use crate::engine::{Trace, TracedPatient};
use crate::study::Study;
use crate::trial::{MAX_LEVELS, Ruling, shown};

/// The trial, one line for each enrolment, DLT and decision, and how it ended.
#[must_use]
pub fn replay(study: &Study, title: &str, trace: &Trace) -> String {
    // Of what happens in the same week, DLTs are known first, then comes the decision, then the enrolment.
    let mut events: Vec<(f64, u8, String)> = Vec::new();
    for (index, patient) in trace.patients.iter().enumerate() {
        let (number, level) = (index + 1, patient.level + 1);
        events.push((patient.entered, 2, format!("patient {number} is enrolled at level {level}, cohort {}", patient.cohort)));
        if let Some(week) = patient.dlt {
            events.push((week, 0, format!("patient {number} has a DLT at level {level}")));
        }
    }
    for decision in &trace.decisions {
        events.push((decision.week, 1, format!("{}: {}", ruling_words(decision.ruling), decision.grounds)));
    }
    events.push((trace.times.weeks, 3, "the window of the last patient is over".to_owned()));
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));

    let mut text = format!("{}\n{title}\n\n    Week  What happens\n", study.name);
    for (week, _, words) in events {
        text.push_str(&format!("{:>8}  {words}\n", weeks(week)));
    }
    text.push_str(&format!("\n{}\n", end_words(study, trace)));
    text
}

/// The patients as CSV: `patient,cohort,dose_level,enrolled_week,dlt_week`.
#[must_use]
pub fn patients_csv(trace: &Trace) -> String {
    let mut text = "patient,cohort,dose_level,enrolled_week,dlt_week\n".to_owned();
    for (index, TracedPatient { level, cohort, entered, dlt }) in trace.patients.iter().enumerate() {
        let dlt = dlt.map_or_else(String::new, |week| week.to_string());
        text.push_str(&format!("{},{cohort},{},{entered},{dlt}\n", index + 1, level + 1));
    }
    text
}

fn ruling_words(ruling: Ruling) -> String {
    match ruling {
        Ruling::Enrol(cohort, reason) => format!("{} to enrol at level {}", reason.word(), cohort.level + 1),
        Ruling::Suspend(suspension) => format!("accrual is suspended ({})", suspension.word()),
        Ruling::Close(reason) => format!("stop ({})", reason.word()),
    }
}

fn end_words(study: &Study, trace: &Trace) -> String {
    let selected = (0..=MAX_LEVELS).find(|&level| trace.outcome.selects(level) > 0.0).unwrap_or(shown(None));
    let selected = match (selected, study.doses.levels.get(selected.wrapping_sub(1))) {
        (level, Some(dose)) if level > 0 => format!("level {level} is selected ({dose} {})", study.doses.unit),
        _ => "no dose is selected".to_owned(),
    };
    let counts = &trace.outcome.counts;
    format!(
        "{} patients, {} DLTs, {} weeks, closed for {} of them, {} patients turned away; the trial ends with {}, and {selected}.",
        counts.total_patients(),
        counts.total_dlts(),
        weeks(trace.times.weeks),
        weeks(trace.times.closed_weeks),
        trace.times.turned_away,
        trace.outcome.reason.word()
    )
}

/// Weeks as the tables print them.
fn weeks(weeks: f64) -> String {
    show(Kind::Mean, false, weeks, Spread::Exact).number
}
