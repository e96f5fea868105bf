//! The conduct rules: what a protocol layers over any method.

use super::{Arrival, Cohort, Counts, Level, MAX_COHORT, MAX_PATIENTS, Titration};
use crate::numeric::exact::{decimal, ratio};
use std::collections::BTreeMap;

/// No skipping of levels upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipUp {
    /// At most one level above the current one.
    Current,
    /// At most one level above the highest ever given.
    HighestTried,
    /// No limit.
    Off,
}

/// No skipping of levels downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipDown {
    /// At most one level below the current one.
    Current,
    /// At most one level below the lowest ever given.
    LowestTried,
    /// No limit.
    Off,
}

/// Coherence (Cheung, 2005): no escalation right after toxicity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coherence {
    /// No escalation when the DLT proportion of the cohort just treated is at least the target.
    LastCohort,
    /// No escalation when the cumulative DLT proportion at the current level is above the target.
    Level,
    /// No limit.
    Off,
}

/// At which moment `stop_at_patients` looks, and at which level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopWhen {
    /// The next cohort would go to the same level, and that level has this many.
    Stay,
    /// The level recommended next has this many.
    Recommended,
    /// Some level has this many.
    Any,
    /// The level just treated has this many, looked at before any safety rule.
    Reached,
}

/// Stop when a level has a number of patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopAtPatients {
    /// The number of patients.
    pub patients: usize,
    /// Which level, and when.
    pub when: StopWhen,
}

/// The conduct rules of one design.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// The number of dose levels.
    pub levels: usize,
    /// The target DLT probability.
    pub target: f64,
    /// The level of the first cohort.
    pub start_level: Level,
    /// Patients in a cohort, at most [`MAX_COHORT`].
    pub cohort_size: usize,
    /// Patients in the first cohort of the trial.
    pub first_cohort_size: usize,
    /// Patients in the trial at most; the last cohort is cut to fit.
    pub max_patients: usize,
    /// Single patients climb the levels first, which sets the first cohort and its level.
    pub titration: Option<Titration>,
    /// No skipping upwards.
    pub no_skipping: SkipUp,
    /// No skipping downwards.
    pub no_skipping_down: SkipDown,
    /// Coherence.
    pub coherent: Coherence,
    /// Stop at a number of patients at a level.
    pub stop_at_patients: Option<StopAtPatients>,
    /// Stop when this level has this many patients.
    pub stop_at_level_patients: BTreeMap<Level, u8>,
    /// A level with fewer patients is not selected.
    pub min_patients_selected: usize,
    /// The initial escalation scheme of a two-stage design: the levels of the first patients in the order of enrolment, followed
    /// until the first cohort with a DLT. Empty where there is none.
    pub initial_scheme: Vec<u8>,
    incoherent_from: Vec<u8>,
}

impl Conduct {
    /// The defaults of the contract: start at the lowest level, cohorts of three, 30 patients, no other rule.
    #[must_use]
    pub fn new(levels: usize, target: f64) -> Self {
        let mut conduct = Self {
            levels,
            target,
            start_level: 0,
            cohort_size: 3,
            first_cohort_size: 3,
            max_patients: 30,
            titration: None,
            no_skipping: SkipUp::Off,
            no_skipping_down: SkipDown::Off,
            coherent: Coherence::Off,
            stop_at_patients: None,
            stop_at_level_patients: BTreeMap::new(),
            min_patients_selected: 0,
            initial_scheme: Vec::new(),
            incoherent_from: Vec::new(),
        };
        conduct.set_coherence(Coherence::Off);
        conduct
    }

    /// Set the coherence rule; the comparison with the target is exact, on the decimal as written.
    pub fn set_coherence(&mut self, coherent: Coherence) {
        let target = decimal(self.target);
        let blocks = |dlts: usize, patients: usize| match coherent {
            Coherence::LastCohort => ratio(dlts, patients) >= target,
            Coherence::Level => ratio(dlts, patients) > target,
            Coherence::Off => false,
        };
        let never = u8::MAX;
        self.coherent = coherent;
        // The fewest DLTs that block, which do not become fewer with more patients.
        let mut first = 0;
        let incoherent_from = (1..=MAX_PATIENTS).map(|patients| {
            while first <= patients && !blocks(first, patients) {
                first += 1;
            }
            if first <= patients { first as u8 } else { never }
        });
        self.incoherent_from = std::iter::once(never).chain(incoherent_from).collect();
    }

    /// The next cohort while titration lasts, which no other rule interrupts; `None` after it, without it, and when all planned
    /// patients have been treated.
    #[must_use]
    pub fn titrated(&self, counts: &Counts, arrival: Arrival) -> Option<Cohort> {
        let titration = self.titration?;
        let remaining = self.max_patients.checked_sub(counts.total_patients()).filter(|&remaining| remaining > 0)?;
        titration.next(self.levels, self.cohort_size, counts, arrival, remaining)
    }

    /// The next cohort while titration or the initial scheme lasts, which no other rule interrupts; `None` after it and without it.
    #[inline]
    #[must_use]
    pub fn opening_cohort(&self, counts: &Counts, arrival: Arrival) -> Option<Cohort> {
        // Asked at every decision, and mostly there is neither.
        if self.titration.is_none() && self.initial_scheme.is_empty() {
            return None;
        }
        self.titrated(counts, arrival).or_else(|| self.scheme_cohort(counts))
    }

    /// The first cohort of the trial.
    #[must_use]
    pub fn first_cohort(&self) -> Cohort {
        if let Some(titration) = self.titration {
            return titration.first_cohort();
        }
        let scheme = self.scheme_cohort(&Counts::default());
        scheme.unwrap_or(Cohort {
            level: self.start_level as u8,
            patients: self.first_cohort_size.min(self.max_patients).min(MAX_COHORT) as u8,
        })
    }

    /// The next cohort of the initial scheme: its next patients at one level, up to the size of a cohort. `None` after a DLT, at
    /// the end of the scheme, and when all planned patients are treated.
    #[must_use]
    pub fn scheme_cohort(&self, counts: &Counts) -> Option<Cohort> {
        if counts.total_dlts() > 0 {
            return None;
        }
        let treated = counts.total_patients();
        let rest = self.initial_scheme.get(treated..)?;
        let level = *rest.first()?;
        let most = self.cohort_size.min(self.max_patients.saturating_sub(treated)).min(MAX_COHORT);
        let patients = rest.iter().take(most).take_while(|&&other| other == level).count() as u8;
        (patients > 0).then_some(Cohort { level, patients })
    }

    /// The initial scheme as (level, patients), patients at one level in a row taken together.
    #[must_use]
    pub fn scheme_steps(&self) -> Vec<(Level, usize)> {
        let run = |run: &[u8]| (usize::from(run[0]), run.len());
        self.initial_scheme.chunk_by(|one, next| one == next).map(run).collect()
    }

    /// A cohort at `level` after `treated` patients, cut to fit.
    #[inline]
    #[must_use]
    pub fn cohort_at(&self, level: Level, treated: usize) -> Cohort {
        Cohort { level: level as u8, patients: self.cohort_size.min(self.max_patients - treated).min(MAX_COHORT) as u8 }
    }

    /// The level recommended by a method, limited by no skipping up, no skipping down and coherence, in this order.
    #[inline(always)] // At every decision, in a loop that knows what does not change.
    #[must_use]
    pub fn limit(&self, recommended: Level, counts: &Counts, arrival: Arrival) -> Level {
        let current = arrival.cohort.level as usize;
        let highest_allowed = match self.no_skipping {
            SkipUp::Current => current + 1,
            SkipUp::HighestTried => counts.highest_tried().unwrap_or(current) + 1,
            SkipUp::Off => self.levels - 1,
        };
        let lowest_allowed = match self.no_skipping_down {
            SkipDown::Current => current.saturating_sub(1),
            SkipDown::LowestTried => counts.lowest_tried().unwrap_or(current).saturating_sub(1),
            SkipDown::Off => 0,
        };
        let level = recommended.min(highest_allowed).max(lowest_allowed);
        if level > current && self.is_incoherent(counts, arrival) { current } else { level }
    }

    /// The rule that keeps the next cohort from the level recommended by a method, in words; `None` when nothing does.
    #[must_use]
    pub fn limited_by(&self, recommended: Level, counts: &Counts, arrival: Arrival) -> Option<&'static str> {
        let current = arrival.cohort.level as usize;
        match self.limit(recommended, counts, arrival) {
            next if next == recommended => None,
            next if next > recommended => Some("no skipping downwards"),
            next if next == current && self.is_incoherent(counts, arrival) => Some("coherence"),
            _ => Some("no skipping upwards"),
        }
    }

    /// Whether coherence forbids an escalation after this cohort.
    #[inline]
    fn is_incoherent(&self, counts: &Counts, arrival: Arrival) -> bool {
        match self.coherent {
            Coherence::LastCohort => arrival.dlts >= self.incoherent_from[arrival.cohort.patients as usize],
            Coherence::Level => {
                let level = arrival.cohort.level as usize;
                counts.dlts(level) >= self.incoherent_from[counts.patients(level)] as usize
            }
            Coherence::Off => false,
        }
    }

    /// Whether the level just treated has the patients of `stop_at_patients_when = "reached"`.
    #[inline]
    #[must_use]
    pub fn is_reached(&self, counts: &Counts, arrival: Arrival) -> bool {
        matches!(self.stop_at_patients, Some(StopAtPatients { patients, when: StopWhen::Reached })
            if counts.patients(arrival.cohort.level as usize) >= patients)
    }

    /// Whether `stop_at_patients` ends the trial, the next cohort being due at `next`. `reached` is not looked at here.
    #[inline]
    #[must_use]
    pub fn has_enough_patients(&self, counts: &Counts, arrival: Arrival, next: Level) -> bool {
        // Asked at every decision, and mostly there is no such rule.
        self.stop_at_patients.is_some_and(|stop| self.is_enough(stop, counts, arrival, next))
    }

    #[inline(never)]
    fn is_enough(
        &self,
        StopAtPatients { patients, when }: StopAtPatients,
        counts: &Counts,
        arrival: Arrival,
        next: Level,
    ) -> bool {
        match when {
            StopWhen::Stay => next == arrival.cohort.level as usize && counts.patients(next) >= patients,
            StopWhen::Recommended => counts.patients(next) >= patients,
            StopWhen::Any => (0..self.levels).any(|level| counts.patients(level) >= patients),
            StopWhen::Reached => false,
        }
    }

    /// The level whose number of patients ends the trial by one of the rules above or below, in the order in which they are looked at.
    #[must_use]
    pub fn level_with_enough(&self, counts: &Counts, arrival: Arrival, next: Level) -> Option<Level> {
        let current = arrival.cohort.level as usize;
        if self.is_reached(counts, arrival) {
            return Some(current);
        }
        if self.has_enough_patients(counts, arrival, next) {
            let enough = |level: &Level| self.stop_at_patients.is_some_and(|stop| counts.patients(*level) >= stop.patients);
            return Some(next).filter(enough).or_else(|| (0..self.levels).find(enough));
        }
        let has_enough = |(level, stop): (&Level, &u8)| (counts.patients(*level) >= *stop as usize).then_some(*level);
        self.stop_at_level_patients.iter().find_map(has_enough)
    }

    /// Whether a level has the patients of `stop_at_level_patients`.
    #[inline]
    #[must_use]
    pub fn has_enough_at_level(&self, counts: &Counts) -> bool {
        self.stop_at_level_patients.iter().any(|(&level, &stop)| counts.patients(level) >= stop as usize)
    }
}

impl Conduct {
    /// The conduct rules in words, for the design synopsis.
    #[must_use]
    pub fn synopsis(&self) -> Vec<(String, String)> {
        let mut lines = vec![
            ("Start level".to_owned(), format!("{}", self.start_level + 1)),
            ("Cohort size".to_owned(), cohort_words(self.first_cohort_size, self.cohort_size)),
            ("Maximum patients".to_owned(), format!("{}, the last cohort cut to fit", self.max_patients)),
        ];
        lines.extend(self.titration.map(|titration| titration.synopsis(self.cohort_size)));
        let mut add = |name: &str, value: String| lines.push((name.to_owned(), value));
        if !self.initial_scheme.is_empty() {
            let steps: Vec<String> =
                self.scheme_steps().into_iter().map(|(level, patients)| format!("{patients} at level {}", level + 1)).collect();
            add("Initial scheme", format!("until the first DLT: {}", steps.join(", ")));
        }
        match self.no_skipping {
            SkipUp::Current => add("No skipping upwards", "at most one level above the current one".to_owned()),
            SkipUp::HighestTried => add("No skipping upwards", "at most one level above the highest ever given".to_owned()),
            SkipUp::Off => {}
        }
        match self.no_skipping_down {
            SkipDown::Current => add("No skipping downwards", "at most one level below the current one".to_owned()),
            SkipDown::LowestTried => add("No skipping downwards", "at most one level below the lowest ever given".to_owned()),
            SkipDown::Off => {}
        }
        match self.coherent {
            Coherence::LastCohort => add(
                "Coherence",
                format!("no escalation when the DLT proportion of the cohort just treated is at least {}", self.target),
            ),
            Coherence::Level => add(
                "Coherence",
                format!("no escalation when the cumulative DLT proportion at the current level is above {}", self.target),
            ),
            Coherence::Off => {}
        }
        if let Some(StopAtPatients { patients, when }) = self.stop_at_patients {
            let which = match when {
                StopWhen::Stay => "the next cohort would go to the same level and that level has",
                StopWhen::Recommended => "the level recommended next has",
                StopWhen::Any => "some level has",
                StopWhen::Reached => "the level just treated has, before any safety rule is looked at,",
            };
            add("Stop", format!("when {which} {patients} patients"));
        }
        for (level, patients) in &self.stop_at_level_patients {
            add("Stop", format!("when level {} has {patients} patients", level + 1));
        }
        if self.min_patients_selected > 0 {
            add("Patients at the selected level", format!("at least {}", self.min_patients_selected));
        }
        lines
    }
}

/// Cohort sizes in words.
fn cohort_words(first: usize, others: usize) -> String {
    if first == others { format!("{others}") } else { format!("{first} first, then {others}") }
}
