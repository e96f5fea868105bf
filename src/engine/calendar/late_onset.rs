//! A trial whose rule looks at pending patients: event by event.
//!
//! The rule is asked when a patient arrives and the last cohort is full. Where it may suspend accrual it is also asked at each DLT
//! and at each end of a window, to know when enrolment is closed, and whether those who wait can be enrolled. It is shown what has
//! happened by then, and nothing else.
//!
//! Who drops out without a DLT is no patient of the trial any more from the moment at which that is known. Where drop-outs are
//! replaced, this opens a place in the cohort, as long as it is the last one, and the trial goes on until the planned number has been
//! evaluated. Where they are not, the cohort has one patient less, a last cohort of which nobody is left is enrolled again, and the
//! planned number includes those who dropped out.

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use super::trace::{Notes, TracedDecision, TracedPatient};
use crate::design::pending::PendingProtocol;
use crate::trial::{Arrival, Cohort, Counts, Outcome, Pending, Ruling, Situation, StopReason, Suspension, Timing};

/// A patient who is being followed.
#[derive(Clone, Copy, Debug)]
struct Entry {
    level: u8,
    cohort: u16,
    entered: f64,
    /// The DLT as a share of the window, where that is the fate.
    share: f64,
    fate: Fate,
    /// When the fate is known.
    known: f64,
}

/// How the follow-up of a patient ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Dlt,
    NoDlt,
    DropsOut,
}

/// The number of the cohort of those who are in none.
const BACKFILL: u16 = 0;

/// How often in a week it is looked whether follow-up alone has changed the answer: every two and a half minutes. The times are the same
/// whatever happens later, so that no enrolment depends on that.
const LOOKS: f64 = 4096.0;

/// Room to work, kept from trial to trial.
#[derive(Debug, Default)]
pub(super) struct Desk {
    entries: Vec<Entry>,
    pending: Vec<Pending>,
    /// How many of the pending patients are of the last cohort.
    of_latest: usize,
    dlt_times: Vec<f64>,
}

/// What happens to a patient who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Enrolled into the cohort that is open.
    Fill,
    /// Enrolled as the first of this cohort.
    Begin(Cohort),
    /// Enrolled at this level, into no cohort.
    Backfill(u8),
    /// Not enrolled now; a suspension, unless it is for the sentinel patient or for a drop-out.
    Wait(Option<Suspension>),
    /// Nobody is enrolled any more.
    Close(StopReason),
}

struct Trial<'a> {
    rule: &'a dyn PendingProtocol,
    /// What the rule says of itself, and whether anybody drops out: asked many times.
    max_patients: usize,
    suspends_by_follow_up: bool,
    has_dropouts: bool,
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
    /// Cohorts so far, the planned size of the last one, and the places left in it.
    cohorts: u16,
    planned: usize,
    places: usize,
    /// As [`Situation::in_cohorts`].
    in_cohorts: usize,
    cohort_began: f64,
    enrolled: usize,
    waiting: usize,
    closed_from: Option<f64>,
    /// From when on it has not been asked whether enrolment is closed. Nothing has been learnt since.
    unasked_from: Option<f64>,
    /// The earliest time at which the fate of a patient is known.
    next_known: f64,
    /// When it was last asked what is known.
    looked: f64,
    times: Times,
    notes: Option<&'a mut Notes>,
}

/// Run one trial: how and when it ends. What happens is written down where there are `notes`.
pub(super) fn run(
    rule: &dyn PendingProtocol,
    timing: &Timing,
    truth: &TimedTruth,
    subjects: &mut Subjects,
    desk: &mut Desk,
    notes: Option<&mut Notes>,
) -> (Outcome, Times) {
    desk.entries.clear();
    desk.dlt_times.clear();
    subjects.open(timing);
    let first = rule.first_cohort();
    let latest = Arrival::new(first, 0);
    let mut trial = Trial {
        rule,
        max_patients: rule.max_patients(),
        suspends_by_follow_up: rule.suspends_by_follow_up(),
        has_dropouts: timing.has_dropouts(),
        timing,
        truth,
        subjects,
        desk,
        counts: Counts::default(),
        latest,
        final_counts: Counts::default(),
        final_latest: Arrival::new(Cohort { patients: 0, ..first }, 0),
        cohorts: 1,
        planned: first.patients.into(),
        places: first.patients.into(),
        in_cohorts: 0,
        cohort_began: 0.0,
        enrolled: 0,
        waiting: 0,
        closed_from: None,
        unasked_from: None,
        next_known: f64::INFINITY,
        looked: 0.0,
        times: Times::default(),
        notes,
    };
    let reason = trial.accrue();
    trial.end(reason)
}

impl Trial<'_> {
    /// Enrol until the trial is full or closed.
    fn accrue(&mut self) -> StopReason {
        let is_watched = !self.rule.suspensions().is_empty() || self.timing.sentinel_weeks > 0.0 || self.has_dropouts;
        let mut arrivals = 0;
        loop {
            let now = self.subjects.arrival(arrivals, self.timing);
            arrivals += 1;
            if is_watched && let Some(reason) = self.watch(now) {
                return reason;
            }
            // While a cohort fills up, nothing that is learnt matters, unless a place is left by somebody.
            if self.places == 0 || self.has_dropouts {
                self.learn(now);
            }
            // Nothing has happened since enrolment was closed that could have opened it.
            let is_closed = self.closed_from.is_some() && self.unasked_from.is_none();
            let is_closed = is_closed && self.places == 0 && !self.suspends_by_follow_up;
            let answer = if is_closed && self.notes.is_none() { Answer::Wait(None) } else { self.ask(now) };
            if let Some(from) = self.unasked_from.take() {
                self.note(answer, from);
            }
            self.write_down(now);
            match answer {
                Answer::Wait(_) if self.waiting < self.timing.queue => self.waiting += 1,
                Answer::Wait(_) => self.times.turned_away += 1,
                answer => {
                    if let Some(reason) = self.act(answer, now) {
                        return reason;
                    }
                }
            }
            // Who waits changes nothing.
            if is_watched && (self.suspends_by_follow_up || !matches!(answer, Answer::Wait(_))) {
                self.note_closed(now);
            }
        }
    }

    /// Let time pass until `now`: note when enrolment closes and opens, and enrol those who wait when it opens. The reason, where
    /// accrual ends.
    fn watch(&mut self, now: f64) -> Option<StopReason> {
        // As long as a place is free and nobody waits for it, nothing that is learnt closes enrolment.
        while (self.places == 0 || self.closed_from.is_some())
            && let Some(event) = self.next_event(now)
        {
            if let Some(from) = self.unasked_from.take() {
                let answer = self.ask(from);
                self.note(answer, from);
            }
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

    /// The next time up to `now` at which enrolment may open or close without an arrival.
    fn next_event(&mut self, now: f64) -> Option<f64> {
        let event = self.next_known().filter(|&event| event <= now);
        let by_follow_up = if self.suspends_by_follow_up { self.first_change(event.unwrap_or(now)) } else { None };
        by_follow_up.or(event)
    }

    /// The time up to `until` at which it is found that the answer has become another one by follow-up alone.
    fn first_change(&mut self, until: f64) -> Option<f64> {
        let from = self.looked;
        let (mut same, mut other) = ((from * LOOKS).floor(), (until * LOOKS).floor());
        if same >= other {
            return None;
        }
        let answer = self.ask(from);
        if self.ask(other / LOOKS) == answer {
            return None;
        }
        while other - same > 1.0 {
            let middle = (0.5 * (same + other)).floor();
            if self.ask(middle / LOOKS) == answer { same = middle } else { other = middle }
        }
        Some(other / LOOKS)
    }

    /// The next time at which a DLT or the end of a window is known, or the sentinel patient has been waited for.
    fn next_known(&self) -> Option<f64> {
        let sentinel = self.is_after_sentinel() && self.closed_from.is_some();
        let sentinel = if sentinel { self.cohort_began + self.timing.sentinel_weeks } else { f64::INFINITY };
        Some(self.next_known.min(sentinel)).filter(|event| event.is_finite())
    }

    /// Whether the next patient is the second of a cohort.
    fn is_after_sentinel(&self) -> bool {
        self.places > 0 && self.places + 1 == usize::from(self.latest.cohort.patients)
    }

    /// Take note of what is known at `now`.
    #[inline]
    fn learn(&mut self, now: f64) {
        self.looked = now;
        if self.next_known <= now {
            self.learn_more(now);
        }
    }

    /// Take note of what has come to be known by `now`: something has.
    #[inline(never)]
    fn learn_more(&mut self, now: f64) {
        self.next_known = f64::INFINITY;
        let mut kept = 0;
        for index in 0..self.desk.entries.len() {
            let entry = self.desk.entries[index];
            if entry.known > now {
                self.desk.entries[kept] = entry;
                kept += 1;
                self.next_known = self.next_known.min(entry.known);
                continue;
            }
            match entry.fate {
                Fate::Dlt => {
                    self.counts = self.counts.with(entry.level as usize, 0, 1);
                    self.latest.dlts += u8::from(entry.cohort == self.cohorts);
                    let dlt_times = &mut self.desk.dlt_times;
                    let place = dlt_times.partition_point(|&time| time <= entry.share);
                    dlt_times.insert(place, entry.share);
                }
                Fate::NoDlt => {}
                Fate::DropsOut => self.lose(entry),
            }
        }
        self.desk.entries.truncate(kept);
    }

    /// Take note that a patient has dropped out.
    fn lose(&mut self, entry: Entry) {
        self.counts = self.counts.without_patient(entry.level as usize);
        let is_replaced = self.timing.replace_dropouts;
        self.in_cohorts -= usize::from(is_replaced && entry.cohort != BACKFILL);
        if entry.cohort != self.cohorts {
            return;
        }
        if is_replaced {
            self.places += 1;
            return;
        }
        self.latest.cohort.patients -= 1;
        if self.latest.cohort.patients == 0 {
            self.places = self.cut(self.planned);
            // At most the planned size of a cohort.
            self.latest.cohort.patients = self.places as u8;
        }
    }

    /// Whether the planned number of patients is there.
    fn is_full(&self) -> bool {
        self.in_cohorts >= self.max_patients
    }

    /// The patients of a cohort for whom there is room.
    fn cut(&self, patients: usize) -> usize {
        self.max_patients.saturating_sub(self.in_cohorts).min(patients)
    }

    /// What happens to a patient who is there at `now`; what is known by then has been taken note of.
    fn ask(&mut self, now: f64) -> Answer {
        let Timing { dlt_window_weeks, decision_weeks, sentinel_weeks, .. } = *self.timing;
        // Somebody will drop out: accrual has not ended.
        if self.has_dropouts && self.is_full() {
            return Answer::Wait(None);
        }
        if self.places > 0 {
            let is_too_early = self.is_after_sentinel() && now < self.cohort_began + sentinel_weeks;
            return if is_too_early { Answer::Wait(None) } else { Answer::Fill };
        }
        let Desk { entries, pending, of_latest, .. } = &mut *self.desk;
        *of_latest = 0;
        pending.clear();
        pending.extend(entries.iter().map(|entry| {
            *of_latest += usize::from(entry.cohort == self.cohorts);
            let followed = (now - decision_weeks - entry.entered) / dlt_window_weeks;
            Pending { level: entry.level, followed: followed.clamp(0.0, 1.0) }
        }));
        let is_nobody_pending = pending.is_empty();
        match self.rule.decide(&self.situation()) {
            Ruling::Enrol(cohort, _) => Answer::Begin(cohort),
            Ruling::Backfill(level) => Answer::Backfill(level),
            // There would be nothing to wait for; no rule does that.
            Ruling::Suspend(_) if is_nobody_pending => Answer::Close(StopReason::MaxPatients),
            Ruling::Suspend(suspension) => Answer::Wait(Some(suspension)),
            Ruling::Close(reason) => Answer::Close(reason),
        }
    }

    /// What is known, the pending patients being those written down.
    fn situation(&self) -> Situation<'_> {
        let Desk { pending, of_latest, dlt_times, .. } = &*self.desk;
        Situation {
            counts: self.counts,
            pending,
            dlt_times,
            latest: self.latest,
            of_latest: *of_latest,
            in_cohorts: self.in_cohorts,
        }
    }

    /// Enrol a patient at `now`, if that is the answer. The reason, where accrual ends.
    fn act(&mut self, answer: Answer, now: f64) -> Option<StopReason> {
        match answer {
            Answer::Wait(_) => return None,
            Answer::Close(reason) => {
                self.open(now);
                return Some(reason);
            }
            Answer::Fill | Answer::Backfill(_) => {}
            Answer::Begin(cohort) => {
                // A rule that was told of fewer patients than were enrolled may ask for too many.
                self.planned = cohort.patients.into();
                self.places = self.cut(self.planned);
                self.latest = Arrival::new(Cohort { patients: self.places as u8, ..cohort }, 0);
                self.final_latest = Arrival::new(Cohort { patients: 0, ..cohort }, 0);
                self.cohorts += 1;
            }
        }
        self.open(now);
        if let Answer::Backfill(level) = answer {
            self.enrol(level, BACKFILL, now);
        } else {
            if self.places == usize::from(self.latest.cohort.patients) {
                self.cohort_began = now;
            }
            self.places -= 1;
            self.in_cohorts += 1;
            self.enrol(self.latest.cohort.level, self.cohorts, now);
        }
        if !self.is_full() {
            return None;
        }
        let is_awaited = |entry: &Entry| self.timing.replace_dropouts && entry.fate == Fate::DropsOut;
        (!self.desk.entries.iter().any(is_awaited)).then_some(StopReason::MaxPatients)
    }

    /// Enrol a patient at a level, in a cohort.
    fn enrol(&mut self, level: u8, cohort: u16, now: f64) {
        let has_dlt = self.subjects.is_below(self.enrolled, self.truth.dlt_threshold(level.into()));
        let share = if has_dlt { self.truth.time(level.into(), self.subjects.quantile(self.enrolled)) } else { 1.0 };
        let dropout = if self.has_dropouts { self.subjects.dropout(self.enrolled, self.timing) } else { f64::INFINITY };
        let (fate, end) = match (has_dlt, dropout < 1.0) {
            (true, drops_out) if !drops_out || share <= dropout => (Fate::Dlt, share),
            (_, true) => (Fate::DropsOut, dropout),
            (_, false) => (Fate::NoDlt, 1.0),
        };
        let Timing { dlt_window_weeks, decision_weeks, .. } = *self.timing;
        let at = now + end * dlt_window_weeks;
        let known = at + decision_weeks;
        let left = if fate == Fate::DropsOut { at } else { now + dlt_window_weeks };
        let is_uninformed = self.subjects.enter(now, left, (fate == Fate::Dlt).then_some(known));
        self.times.uninformed_dlts += u32::from(is_uninformed);
        self.times.weeks = self.times.weeks.max(left);
        if let Some(notes) = &mut self.notes {
            let [dlt, dropout] = [Fate::Dlt, Fate::DropsOut].map(|other| (fate == other).then_some(at));
            notes.patients.push(TracedPatient { level, cohort, entered: now, dlt, dropout });
        }
        self.desk.entries.push(Entry { level, cohort, entered: now, share, fate, known });
        self.next_known = self.next_known.min(known);
        self.counts = self.counts.with(level as usize, 1, 0);
        self.enrolled += 1;
        if fate == Fate::DropsOut {
            self.times.dropouts += 1;
            return;
        }
        self.final_counts = self.final_counts.with(level as usize, 1, u8::from(fate == Fate::Dlt));
        if cohort != BACKFILL {
            self.final_latest.cohort.patients += 1;
            self.final_latest.dlts += u8::from(fate == Fate::Dlt);
        }
    }

    /// Write the decision down for which the rule was asked just now, where it was.
    #[inline]
    fn write_down(&mut self, now: f64) {
        if self.notes.is_none() || self.places > 0 || (self.has_dropouts && self.is_full()) {
            return;
        }
        let situation = self.situation();
        let (ruling, grounds) = (self.rule.decide(&situation), self.rule.grounds(&situation));
        if let Some(notes) = &mut self.notes {
            notes.decisions.push(TracedDecision { week: now, ruling, grounds });
        }
    }

    /// Note whether enrolment is closed at `now`. Where nobody waits for it to open, and it does not by follow-up alone, it is asked
    /// when something is learnt or somebody arrives: the answer to that patient is the answer from `now` on.
    fn note_closed(&mut self, now: f64) {
        if self.places == 0 {
            // What has come to be known while the cohort filled up.
            self.learn(now);
        }
        if self.places == 0 && self.timing.queue == 0 && !self.suspends_by_follow_up {
            self.unasked_from = Some(now);
            return;
        }
        let answer = self.ask(now);
        self.note(answer, now);
    }

    /// Note whether enrolment is closed from `from` on, by the answer to somebody who is there.
    fn note(&mut self, answer: Answer, from: f64) {
        match (answer, self.closed_from) {
            (Answer::Wait(_), None) => self.closed_from = Some(from),
            (Answer::Wait(_), Some(_)) | (_, None) => {}
            (_, Some(_)) => self.open(from),
        }
    }

    /// Enrolment is not closed any more.
    fn open(&mut self, now: f64) {
        if let Some(since) = self.closed_from.take() {
            self.times.closed_weeks += now - since;
        }
    }

    /// Follow everybody to the end, and select.
    fn end(self, reason: StopReason) -> (Outcome, Times) {
        let (selected, reason) = self.rule.select(&self.final_counts, self.final_latest, reason);
        let selected = Outcome::selection(selected);
        let cohorts = self.cohorts.try_into().unwrap_or(u8::MAX);
        (Outcome { counts: self.final_counts, selected, reason, cohorts }, self.times)
    }
}

#[cfg(test)]
mod tests;
