//! A method under conduct rules: the order in which everything is looked at after a cohort is declared here, once.

use super::decision_table::DecisionTable;
use super::selection::IsotonicSelection;
use super::wording::{Evidence, LevelNames, MethodWording, Wording};
use super::{Assessment, Printable, Protocol, Rule, assess, conduct_wording};
use crate::trial::{Arrival, Cohort, Conduct, Counts, Decision, Level, Move, StopReason, Titration};

/// How a method chooses levels from counts; the conduct rules around it are not its business.
pub trait Method: Send + Sync {
    /// What the method works out from counts alone, once for each distinct set of counts.
    type View: Copy + Send + Sync;

    /// Work out what depends on `counts` alone.
    fn view(&self, counts: &Counts) -> Self::View;

    /// Whether the trial must end because even the lowest level is too toxic.
    fn too_toxic(&self, view: Self::View, counts: &Counts, arrival: Arrival) -> bool;

    /// As [`Rule::coin`]: the coin that the recommendation may depend on.
    fn coin(&self) -> Option<f64> {
        None
    }

    /// Whether the recommendation counts on cohorts of the planned size, so that who drops out of one is replaced.
    fn needs_whole_cohorts(&self) -> bool {
        false
    }

    /// The level that the method recommends for the next cohort after the one of `arrival`.
    fn recommend(&self, view: Self::View, counts: &Counts, arrival: Arrival) -> Level;

    /// Whether the method declares `current`, the level just treated, to be the MTD and so ends the trial, the next cohort being due
    /// at `next`.
    fn declares_mtd(&self, _view: Self::View, _counts: &Counts, _current: Level, _next: Level) -> bool {
        false
    }

    /// The level selected at the end among those with at least `min_patients` patients, or none. Unless a method has its own way, by
    /// isotonic regression where it has that; otherwise `next`, the level that the rules would give next.
    fn select(&self, _view: Self::View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level> {
        match self.isotonic() {
            Some(selection) => selection.select(counts, min_patients),
            None => (counts.patients(next) >= min_patients).then_some(next),
        }
    }

    /// The selection by isotonic regression, for methods that select by it. It depends on the counts alone, and is worked out for
    /// many of them together.
    fn isotonic(&self) -> Option<&IsotonicSelection> {
        None
    }

    /// The level whose DLT probability is known well enough to end the trial, the next cohort being due at `next`; `None` where
    /// there is none.
    fn precise(&self, _view: Self::View, _next: Level) -> Option<Level> {
        None
    }

    /// The method as a table, where its recommendation depends on the counts at the current level alone. A method that has one
    /// recommends by it.
    fn decision_table(&self) -> Option<&DecisionTable> {
        None
    }
}

/// What a method says of itself and of its decisions, for people; it decides nothing.
pub trait Voice: Method {
    /// What the recommendation rests on, or with `too_toxic` the end of the trial for that reason, as a clause.
    fn grounds(&self, counts: &Counts, arrival: Arrival, _too_toxic: bool) -> String {
        assess::observation(counts, arrival.level())
    }

    /// What the method works out from `counts` for `levels` dose levels, for people.
    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::observed(counts, levels)
    }

    /// The method's own lines of the design synopsis.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// The method in the words of a protocol, with what they claim.
    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording;

    /// As [`Protocol::evidence`].
    fn evidence(&self, _counts: &Counts) -> Evidence {
        Evidence::default()
    }

    /// As [`Protocol::cautions`], for the method under these conduct rules.
    fn cautions(&self, _conduct: &Conduct) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A method under conduct rules.
#[derive(Debug)]
pub struct Conducted<M> {
    /// The conduct rules.
    pub conduct: Conduct,
    /// The method.
    pub method: M,
}

/// Arrivals after which levels are selected together.
const TOGETHER: usize = 512;

/// The order in which the rules are looked at after each cohort, as reports print it.
pub const PRECEDENCE: [&str; 7] = [
    "while single patients climb the levels (titration), or an initial scheme is followed, nothing else is looked at until all planned \
     patients are treated",
    "unless all planned patients are treated: the level just treated has reached its number of patients \
     (stop_at_patients_when = \"reached\")",
    "the lowest level is too toxic, or eliminated: stop without a dose",
    "the method declares the level just treated to be the MTD, and it has min_patients_selected patients: stop and select it",
    "all planned patients are treated: stop and select",
    "the method's recommendation, limited to levels that are not eliminated, by no skipping upwards, no skipping downwards and \
     coherence, in this order: the next level",
    "the other stopping rules, looked at with that next level",
];

impl<M: Method> Conducted<M> {
    /// The level that the method selects.
    fn select(&self, view: M::View, counts: &Counts, next: Level) -> Option<u8> {
        self.method.select(view, counts, next, self.conduct.min_patients_selected).map(|level| level as u8)
    }

    /// The decision, the method's view of the counts being known; `select` gives the selected level from the next one.
    fn settle(&self, view: M::View, counts: &Counts, arrival: Arrival, select: impl FnOnce(Level) -> Option<u8>) -> Decision {
        let is_last = counts.total_patients() >= self.conduct.max_patients;
        self.settle_as(is_last, view, counts, arrival, select)
    }

    /// The decision after a cohort that may be the last one. [`PRECEDENCE`] in code.
    #[inline]
    fn settle_as(
        &self,
        last: bool,
        view: M::View,
        counts: &Counts,
        arrival: Arrival,
        select: impl FnOnce(Level) -> Option<u8>,
    ) -> Decision {
        let Self { conduct, method } = self;
        let current = arrival.cohort.level as usize;
        let treated = counts.total_patients();
        if let Some(cohort) = conduct.opening_cohort(counts, arrival) {
            let reason = match cohort.level.cmp(&arrival.cohort.level) {
                std::cmp::Ordering::Greater => Move::Escalate,
                std::cmp::Ordering::Equal => Move::Expand,
                std::cmp::Ordering::Less => Move::Deescalate,
            };
            return Decision::Enrol(cohort, reason);
        }
        let next = conduct.limit(method.recommend(view, counts, arrival), counts, arrival);
        let select = |reason| Decision::Stop(select(next), reason);
        if !last && conduct.is_reached(counts, arrival) {
            return select(StopReason::StopAtPatients);
        }
        if method.too_toxic(view, counts, arrival) {
            return Decision::Stop(None, StopReason::TooToxic);
        }
        if counts.patients(current) >= conduct.min_patients_selected && method.declares_mtd(view, counts, current, next) {
            return Decision::Stop(Some(current as u8), StopReason::MtdDeclared);
        }
        if last {
            return select(StopReason::MaxPatients);
        }
        if conduct.has_enough_patients(counts, arrival, next) {
            return select(StopReason::StopAtPatients);
        }
        if conduct.has_enough_at_level(counts) {
            return select(StopReason::StopAtLevelPatients);
        }
        if method.precise(view, next).is_some() {
            return select(StopReason::Precise);
        }
        let reason = match next.cmp(&current) {
            std::cmp::Ordering::Greater => Move::Escalate,
            std::cmp::Ordering::Equal => Move::Stay,
            std::cmp::Ordering::Less => Move::Deescalate,
        };
        Decision::Enrol(conduct.cohort_at(next, treated), reason)
    }
}

impl<M: Method> Rule for Conducted<M> {
    fn levels(&self) -> usize {
        self.conduct.levels
    }

    fn max_patients(&self) -> usize {
        self.conduct.max_patients
    }

    fn first_cohort(&self) -> Cohort {
        self.conduct.first_cohort()
    }

    fn watches_moderate(&self, counts: &Counts, cohort: Cohort) -> bool {
        let Conduct { titration, cohort_size, .. } = self.conduct;
        titration.is_some_and(|titration| titration.watches_moderate(cohort_size, counts, cohort))
    }

    fn coin(&self) -> Option<f64> {
        self.method.coin()
    }

    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        let view = self.method.view(counts);
        self.settle(view, counts, arrival, |next| self.select(view, counts, next))
    }

    fn needs_whole_cohorts(&self) -> bool {
        let Conduct { titration, initial_scheme, .. } = &self.conduct;
        titration.is_some() || !initial_scheme.is_empty() || self.method.needs_whole_cohorts()
    }

    fn conclude(&self, counts: &Counts, arrival: Arrival) -> (Option<u8>, StopReason) {
        let view = self.method.view(counts);
        match self.settle_as(true, view, counts, arrival, |next| self.select(view, counts, next)) {
            Decision::Stop(level, reason) => (level, reason),
            // Nobody is enrolled after the last cohort.
            Decision::Enrol(..) => (None, StopReason::MaxPatients),
        }
    }

    fn min_patients_selected(&self) -> usize {
        self.conduct.min_patients_selected
    }

    fn lacks_patients(&self, counts: &Counts) -> bool {
        // Whether there is a level to select does not depend on the one that the rules would give next.
        self.conduct.min_patients_selected > 0 && self.method.select(self.method.view(counts), counts, 0, 0).is_some()
    }

    fn decide_batch(&self, counts: &[Counts], arrivals: &[(u32, Arrival)], decisions: &mut Vec<Decision>) {
        let views: Vec<M::View> = counts.iter().map(|counts| self.method.view(counts)).collect();
        let Some(selection) = self.method.isotonic() else {
            decisions.extend(arrivals.iter().map(|&(index, arrival)| {
                let (view, counts) = (views[index as usize], &counts[index as usize]);
                self.settle(view, counts, arrival, |next| self.select(view, counts, next))
            }));
            return;
        };
        // What is selected is worked out for some sets of counts together, each once, and then filled in.
        let mut selected: Vec<Option<Option<u8>>> = vec![None; counts.len()];
        let (mut ends, mut stops) = (Vec::with_capacity(TOGETHER), Vec::with_capacity(TOGETHER));
        for arrivals in arrivals.chunks(TOGETHER) {
            let begin = decisions.len();
            decisions.extend((begin..).zip(arrivals).map(|(place, &(index, arrival))| {
                let (view, counts) = (views[index as usize], &counts[index as usize]);
                self.settle(view, counts, arrival, |_| {
                    stops.push((place, index));
                    selected[index as usize].get_or_insert_with(|| {
                        ends.push(index);
                        None
                    });
                    None
                })
            }));
            selection.select_each(counts, &ends, self.conduct.min_patients_selected, |index, level| {
                selected[index as usize] = Some(level.map(|level| level as u8));
            });
            ends.clear();
            for (place, index) in stops.drain(..) {
                if let Decision::Stop(level, _) = &mut decisions[place] {
                    *level = selected[index as usize].flatten();
                }
            }
        }
    }
}

impl<M: Voice> Protocol for Conducted<M> {
    fn printable(&self) -> Printable<'_> {
        self.method.decision_table().map_or(Printable::GivenPath, Printable::Counts)
    }

    fn grounds(&self, counts: &Counts, arrival: Arrival) -> String {
        let Self { conduct, method } = self;
        let current = arrival.cohort.level as usize;
        let view = method.view(counts);
        let next = method.recommend(view, counts, arrival);
        let treated = counts.total_patients();
        match self.settle(view, counts, arrival, |next| self.select(view, counts, next)) {
            Decision::Stop(_, StopReason::TooToxic) => method.grounds(counts, arrival, true),
            Decision::Stop(_, StopReason::MaxPatients) => {
                format!("{treated} patients have been treated, and {} are planned", conduct.max_patients)
            }
            Decision::Stop(_, StopReason::StopAtLevelPatients | StopReason::StopAtPatients) => {
                let enough = conduct.level_with_enough(counts, arrival, conduct.limit(next, counts, arrival));
                enough.map_or_else(String::new, |level| format!("level {} has {} patients", level + 1, counts.patients(level)))
            }
            Decision::Stop(_, StopReason::Precise) => {
                let level = method.precise(view, conduct.limit(next, counts, arrival));
                level.map_or_else(String::new, |level| {
                    format!("the posterior interval of the toxicity of level {} lies within its limits", level + 1)
                })
            }
            _ if conduct.titrated(counts, arrival).is_some() => {
                let moderate = match conduct.titration {
                    Some(Titration { moderate: Some(_), .. }) => format!(", moderate toxicities so far: {}", counts.moderate()),
                    _ => String::new(),
                };
                format!("titration: {}{moderate}", assess::observation(counts, current))
            }
            _ if conduct.scheme_cohort(counts).is_some() => {
                format!("initial scheme: {}", assess::observation(counts, current))
            }
            _ => {
                let grounds = method.grounds(counts, arrival, false);
                match conduct.limited_by(next, counts, arrival) {
                    Some(rule) => format!("{grounds}; {rule} forbids level {}", next + 1),
                    None => grounds,
                }
            }
        }
    }

    fn assess(&self, counts: &Counts) -> Assessment {
        self.method.assess(counts, self.conduct.levels)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let mut lines = self.method.synopsis();
        lines.extend(self.conduct.synopsis());
        lines
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        conduct_wording::wording(&self.conduct, self.method.wording(&self.conduct, names), None, names)
    }

    fn evidence(&self, counts: &Counts) -> Evidence {
        self.method.evidence(counts)
    }

    fn cautions(&self) -> Vec<(&'static str, String)> {
        let mut cautions = conduct_wording::cautions(&self.conduct);
        cautions.extend(self.method.cautions(&self.conduct));
        cautions
    }
}
