//! One simulated trial, as a list of what happened in its order.

use super::page::{Page, Piece};
use super::table::{Kind, Spread, show};
use crate::design::wording::counted;
use crate::engine::{Times, Trace, TracedPatient};
use crate::study::Study;
use crate::trial::{MAX_LEVELS, Move, Ruling, shown};

/// The trial, one line for each enrolment, DLT and decision, and how it ended.
#[must_use]
pub fn replay(study: &Study, title: &str, trace: &Trace) -> Page {
    // Of what happens in the same week, DLTs are known first, then comes the decision, then the enrolment.
    let mut events: Vec<(f64, u8, String)> = Vec::new();
    for (index, patient) in trace.patients.iter().enumerate() {
        let (number, level) = (index + 1, patient.level + 1);
        let place = if patient.cohort == 0 { "backfilled".to_owned() } else { format!("cohort {}", patient.cohort) };
        events.push((patient.entered, 2, format!("patient {number} is enrolled at level {level}, {place}")));
        if let Some(week) = patient.dropout {
            events.push((week, 0, format!("patient {number} drops out of level {level} and is not evaluable")));
        }
        if let Some(week) = patient.dlt {
            events.push((week, 0, format!("patient {number} has a DLT at level {level}")));
        }
    }
    // A trial that is closed when the next patient arrives has been over since everybody was followed.
    let over = study.timing.as_ref().map(|timing| trace.times.weeks + timing.decision_weeks);
    for decision in &trace.decisions {
        let week = over.map_or(decision.week, |over| decision.week.min(over));
        events.push((week, 1, format!("{}: {}", ruling_words(decision.ruling), decision.grounds)));
    }
    events.push((trace.times.weeks, 3, "the window of the last patient is over".to_owned()));
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));

    let line = |(week, _, words): (f64, u8, String)| format!("{:>8}  {words}", weeks(week));
    let mut page = Page::default();
    page.push(Piece::Lines(vec![study.name.clone(), title.to_owned()]));
    page.push(Piece::Lines(["    Week  What happens".to_owned()].into_iter().chain(events.into_iter().map(line)).collect()));
    page.push(Piece::Sentences(vec![end_words(study, trace)]));
    page
}

/// The patients as CSV: `patient,cohort,dose_level,enrolled_week,dlt_week,dropout_week`; cohort 0 is that of backfilled patients.
#[must_use]
pub fn patients_csv(trace: &Trace) -> String {
    let mut text = "patient,cohort,dose_level,enrolled_week,dlt_week,dropout_week\n".to_owned();
    for (index, TracedPatient { level, cohort, entered, dlt, dropout }) in trace.patients.iter().enumerate() {
        let [dlt, dropout] = [dlt, dropout].map(|week| week.map_or_else(String::new, |week| week.to_string()));
        text.push_str(&format!("{},{cohort},{},{entered},{dlt},{dropout}\n", index + 1, level + 1));
    }
    text
}

fn ruling_words(ruling: Ruling) -> String {
    match ruling {
        Ruling::Enrol(cohort, reason) => {
            let level = cohort.level + 1;
            match reason {
                Move::Escalate => format!("escalate to level {level}"),
                Move::Stay => format!("stay at level {level}"),
                Move::Deescalate => format!("de-escalate to level {level}"),
                Move::Expand => format!("expand level {level}"),
            }
        }
        Ruling::Backfill(level) => format!("backfill level {}", level + 1),
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
    let Times { weeks: duration, closed_weeks, turned_away, dropouts, .. } = trace.times;
    let dropped_out = if dropouts > 0 { format!(", {dropouts} dropped out") } else { String::new() };
    format!(
        "{}{dropped_out}, {}, {} weeks, closed for {} of them, {} turned away; the trial ends with {}, and {selected}.",
        counted(counts.total_patients(), "patient"),
        counted(counts.total_dlts(), "DLT"),
        weeks(duration),
        weeks(closed_weeks),
        counted(turned_away as usize, "patient"),
        trace.outcome.reason.word()
    )
}

/// Weeks as the tables print them.
fn weeks(weeks: f64) -> String {
    show(Kind::Mean, false, weeks, Spread::Exact).number
}
