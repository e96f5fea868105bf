//! A trial whose rule looks at pending patients: event by event.
//!
//! The rule is asked when a patient arrives and the last cohort is full. Where it may suspend accrual it is also asked at each DLT
//! and at each end of a window, to know when enrolment is closed, and whether those who wait can be enrolled. It is shown what has
//! happened by then, and nothing else.

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use super::trace::{Notes, TracedDecision, TracedPatient};
use crate::design::late_onset::PendingRule;
use crate::trial::{Arrival, Cohort, Counts, Outcome, Pending, Ruling, Situation, StopReason, Timing};

/// A patient who is being followed.
#[derive(Clone, Copy, Debug)]
struct Entry {
    level: u8,
    cohort: u8,
    entered: f64,
    /// The DLT as a share of the window.
    share: f64,
    /// When the DLT is known; never, without one.
    dlt_known: f64,
    /// When the window is over, and known to be.
    end_known: f64,
}

/// Room to work, kept from trial to trial.
#[derive(Debug, Default)]
pub(super) struct Desk {
    entries: Vec<Entry>,
    pending: Vec<Pending>,
    dlt_times: Vec<f64>,
}

/// What happens to a patient who is there.
enum Answer {
    /// Enrolled into the cohort that is open.
    Fill,
    /// Enrolled as the first of this cohort.
    Begin(Cohort),
    /// Not enrolled now.
    Wait,
    /// Nobody is enrolled any more.
    Close(StopReason),
}

struct Trial<'a> {
    rule: &'a dyn PendingRule,
    timing: &'a Timing,
    truth: &'a TimedTruth,
    subjects: &'a mut Subjects,
    desk: &'a mut Desk,
    /// What is known.
    counts: Counts,
    latest: Arrival,
    /// What will be known when everybody has been followed.
    final_counts: Counts,
    final_latest: Arrival,
    /// Cohorts so far, and the places left in the last one.
    cohorts: u8,
    places: u8,
    cohort_began: f64,
    enrolled: usize,
    waiting: usize,
    last_entered: f64,
    closed_from: Option<f64>,
    times: Times,
    notes: Option<&'a mut Notes>,
}

/// Run one trial: how and when it ends. What happens is written down where there are `notes`.
pub(super) fn run(
    rule: &dyn PendingRule,
    timing: &Timing,
    truth: &TimedTruth,
    subjects: &mut Subjects,
    desk: &mut Desk,
    notes: Option<&mut Notes>,
) -> (Outcome, Times) {
    desk.entries.clear();
    desk.dlt_times.clear();
    let first = rule.first_cohort();
    let latest = Arrival::new(first, 0);
    let mut trial = Trial {
        rule,
        timing,
        truth,
        subjects,
        desk,
        counts: Counts::default(),
        latest,
        final_counts: Counts::default(),
        final_latest: latest,
        cohorts: 1,
        places: first.patients,
        cohort_began: 0.0,
        enrolled: 0,
        waiting: 0,
        last_entered: 0.0,
        closed_from: None,
        times: Times::default(),
        notes,
    };
    let reason = trial.accrue();
    trial.end(reason)
}

impl Trial<'_> {
    /// Enrol until the trial is full or closed.
    fn accrue(&mut self) -> StopReason {
        let is_watched = !self.rule.suspensions().is_empty() || self.timing.sentinel_weeks > 0.0;
        let mut arrivals = 0;
        loop {
            let now = self.subjects.arrival(arrivals, self.timing);
            arrivals += 1;
            if is_watched && let Some(reason) = self.watch(now) {
                return reason;
            }
            self.learn(now);
            let answer = self.ask(now);
            self.write_down(now);
            match answer {
                Answer::Wait if self.waiting < self.timing.queue => self.waiting += 1,
                Answer::Wait => self.times.turned_away += 1,
                answer => {
                    if let Some(reason) = self.act(answer, now) {
                        return reason;
                    }
                }
            }
            if is_watched {
                self.note_closed(now);
            }
        }
    }

    /// Let time pass until `now`: note when enrolment closes and opens, and enrol those who wait when it opens. The reason, where
    /// accrual ends.
    fn watch(&mut self, now: f64) -> Option<StopReason> {
        while let Some(event) = self.next_event().filter(|&event| event <= now) {
            self.learn(event);
            self.note_closed(event);
            while self.waiting > 0 && self.closed_from.is_none() {
                let answer = self.ask(event);
                self.write_down(event);
                self.waiting -= 1;
                if let Some(reason) = self.act(answer, event) {
                    return Some(reason);
                }
                self.note_closed(event);
            }
        }
        None
    }

    /// The next time at which enrolment may open or close without an arrival.
    fn next_event(&self) -> Option<f64> {
        let followed = self.desk.entries.iter().map(|entry| entry.dlt_known.min(entry.end_known));
        let sentinel = self.is_after_sentinel().then_some(self.cohort_began + self.timing.sentinel_weeks);
        let sentinel = sentinel.filter(|_| self.closed_from.is_some());
        followed.chain(sentinel).min_by(f64::total_cmp)
    }

    /// Whether the next patient is the second of a cohort.
    fn is_after_sentinel(&self) -> bool {
        self.places > 0 && self.places + 1 == self.latest.cohort.patients
    }

    /// Take note of what is known at `now`.
    fn learn(&mut self, now: f64) {
        let Self { desk, counts, latest, cohorts, .. } = self;
        let mut kept = 0;
        for index in 0..desk.entries.len() {
            let entry = desk.entries[index];
            if entry.dlt_known <= now {
                *counts = counts.with(entry.level as usize, 0, 1);
                latest.dlts += u8::from(entry.cohort == *cohorts);
                let place = desk.dlt_times.partition_point(|&time| time <= entry.share);
                desk.dlt_times.insert(place, entry.share);
            } else if entry.end_known > now {
                desk.entries[kept] = entry;
                kept += 1;
            }
        }
        desk.entries.truncate(kept);
    }

    /// What happens to a patient who is there at `now`; what is known by then has been taken note of.
    fn ask(&mut self, now: f64) -> Answer {
        let Timing { dlt_window_weeks, decision_weeks, sentinel_weeks, .. } = *self.timing;
        if self.places > 0 {
            let is_too_early = self.is_after_sentinel() && now < self.cohort_began + sentinel_weeks;
            return if is_too_early { Answer::Wait } else { Answer::Fill };
        }
        let Desk { entries, pending, dlt_times } = &mut *self.desk;
        pending.clear();
        pending.extend(entries.iter().map(|entry| {
            let followed = (now - decision_weeks - entry.entered) / dlt_window_weeks;
            Pending { level: entry.level, followed: followed.clamp(0.0, 1.0) }
        }));
        match self.rule.decide(&Situation { counts: self.counts, pending, dlt_times, latest: self.latest }) {
            Ruling::Enrol(cohort, _) => Answer::Begin(cohort),
            // There would be nothing to wait for; no rule does that.
            Ruling::Suspend(_) if pending.is_empty() => Answer::Close(StopReason::MaxPatients),
            Ruling::Suspend(_) => Answer::Wait,
            Ruling::Close(reason) => Answer::Close(reason),
        }
    }

    /// Enrol a patient at `now`, if that is the answer. The reason, where accrual ends.
    fn act(&mut self, answer: Answer, now: f64) -> Option<StopReason> {
        match answer {
            Answer::Wait => return None,
            Answer::Close(reason) => {
                self.open(now);
                return Some(reason);
            }
            Answer::Fill => {}
            Answer::Begin(cohort) => {
                self.latest = Arrival::new(cohort, 0);
                self.final_latest = self.latest;
                self.cohorts += 1;
                self.places = cohort.patients;
            }
        }
        self.open(now);
        if self.places == self.latest.cohort.patients {
            self.cohort_began = now;
        }
        let level = self.latest.cohort.level;
        let (tolerance, quantile) = self.subjects.patient(self.enrolled);
        let has_dlt = self.truth.has_dlt(level as usize, tolerance);
        let share = if has_dlt { self.truth.time(level as usize, quantile) } else { 1.0 };
        let Timing { dlt_window_weeks, decision_weeks, .. } = *self.timing;
        if let Some(notes) = &mut self.notes {
            let dlt = has_dlt.then_some(now + share * dlt_window_weeks);
            notes.patients.push(TracedPatient { level, cohort: self.cohorts, entered: now, dlt });
        }
        self.desk.entries.push(Entry {
            level,
            cohort: self.cohorts,
            entered: now,
            share,
            dlt_known: if has_dlt { now + share * dlt_window_weeks + decision_weeks } else { f64::INFINITY },
            end_known: now + dlt_window_weeks + decision_weeks,
        });
        self.counts = self.counts.with(level as usize, 1, 0);
        self.final_counts = self.final_counts.with(level as usize, 1, u8::from(has_dlt));
        self.final_latest.dlts += u8::from(has_dlt);
        self.places -= 1;
        self.enrolled += 1;
        self.last_entered = now;
        (self.enrolled >= self.rule.max_patients()).then_some(StopReason::MaxPatients)
    }

    /// Write the decision down for which the rule was asked just now, where it was.
    fn write_down(&mut self, now: f64) {
        let Self { notes: Some(notes), desk, places: 0, .. } = self else { return };
        let situation =
            Situation { counts: self.counts, pending: &desk.pending, dlt_times: &desk.dlt_times, latest: self.latest };
        let (ruling, grounds) = (self.rule.decide(&situation), self.rule.grounds(&situation));
        notes.decisions.push(TracedDecision { week: now, ruling, grounds });
    }

    /// Note whether enrolment is closed at `now`.
    fn note_closed(&mut self, now: f64) {
        match (self.ask(now), self.closed_from) {
            (Answer::Wait, None) => self.closed_from = Some(now),
            (Answer::Wait, Some(_)) | (_, None) => {}
            (_, Some(_)) => self.open(now),
        }
    }

    /// Enrolment is not closed any more.
    fn open(&mut self, now: f64) {
        if let Some(since) = self.closed_from.take() {
            self.times.closed_weeks += now - since;
        }
    }

    /// Follow everybody to the end, and select.
    fn end(mut self, reason: StopReason) -> (Outcome, Times) {
        let (selected, reason) = self.rule.select(&self.final_counts, self.final_latest, reason);
        self.times.weeks = self.last_entered + self.timing.dlt_window_weeks;
        let selected = Outcome::selection(selected);
        (Outcome { counts: self.final_counts, selected, reason, cohorts: self.cohorts }, self.times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Plan;
    use crate::study::Study;
    use crate::trial::{Level, Suspension};
    use std::sync::Mutex;

    /// A rule that notes what it was asked and what it said.
    struct Noting<'a> {
        rule: &'a dyn PendingRule,
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
        fn grounds(&self, situation: &Situation<'_>) -> String {
            self.rule.grounds(situation)
        }
        fn synopsis(&self) -> Vec<(String, String)> {
            self.rule.synopsis()
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
        subjects.begin(3, replicate);
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
}
