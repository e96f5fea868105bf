//! A method under conduct rules: the order in which everything is looked at after a cohort is declared here, once.

use super::decision_table::DecisionTable;
use super::wording::{LevelNames, MethodWording, Wording};
use super::{Assessment, Rule, RuleTable, assess, conduct_wording};
use crate::trial::{Arrival, Cohort, Conduct, Counts, Decision, Level, Move, StopReason};

/// How a method chooses levels from counts; the conduct rules around it are not its business.
pub trait Method: Send + Sync {
    /// What the method works out from counts alone, once for each distinct set of counts.
    type View: Copy + Send + Sync;

    /// Work out what depends on `counts` alone.
    fn view(&self, counts: &Counts) -> Self::View;

    /// The first cohort, where the method insists on one of its own (titration).
    fn first_cohort(&self) -> Option<Cohort> {
        None
    }

    /// The next cohort, while the method follows a fixed scheme that no rule interrupts (titration); `remaining` patients may
    /// still be enrolled, at least one.
    fn scripted(&self, _counts: &Counts, _arrival: Arrival, _remaining: usize) -> Option<Cohort> {
        None
    }

    /// Whether the trial must end because even the lowest level is too toxic.
    fn too_toxic(&self, view: Self::View, counts: &Counts, arrival: Arrival) -> bool;

    /// The level that the method recommends for the next cohort, the current one being `current`.
    fn recommend(&self, view: Self::View, counts: &Counts, current: Level) -> Level;

    /// The level selected at the end among those with at least `min_patients` patients, or none. `next` is the level that the
    /// rules would give next, for methods that select it.
    fn select(&self, view: Self::View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level>;

    /// The method as a table, where its recommendation depends on the counts at the current level alone. A method that has one
    /// recommends by it.
    fn table(&self) -> Option<&DecisionTable> {
        None
    }

    /// What the recommendation rests on, or with `too_toxic` the end of the trial for that reason, as a clause.
    fn grounds(&self, counts: &Counts, current: Level, _too_toxic: bool) -> String {
        assess::observation(counts, current)
    }

    /// What the method works out from `counts` for `levels` dose levels, for people.
    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        Assessment::observed(counts, levels)
    }

    /// The method's own lines of the design synopsis.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// The method in the words of a protocol, with what they claim.
    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording<'_>;

    /// As [`Rule::cautions`], for the method under these conduct rules.
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

/// The order in which the rules are looked at after each cohort, as reports print it.
pub const PRECEDENCE: [&str; 6] = [
    "while single patients climb the levels (titration), nothing else is looked at until all planned patients are treated",
    "unless all planned patients are treated: the level just treated has reached its number of patients \
     (stop_at_patients_when = \"reached\")",
    "the lowest level is too toxic, or eliminated: stop without a dose",
    "all planned patients are treated: stop and select",
    "the method's recommendation, limited to levels that are not eliminated, by no skipping upwards, no skipping downwards and \
     coherence, in this order: the next level",
    "the other stopping rules, looked at with that next level",
];

impl<M: Method> Conducted<M> {
    /// The decision, the method's view of the counts being known. [`PRECEDENCE`] in code.
    fn settle(&self, view: M::View, counts: &Counts, arrival: Arrival) -> Decision {
        let Self { conduct, method } = self;
        let current = arrival.cohort.level as usize;
        let treated = counts.total_patients();
        let last = treated >= conduct.max_patients;
        if !last && let Some(cohort) = method.scripted(counts, arrival, conduct.max_patients - treated) {
            let reason = if cohort.level == arrival.cohort.level { Move::Expand } else { Move::Escalate };
            return Decision::Enrol(cohort, reason);
        }
        let next = conduct.limit(method.recommend(view, counts, current), counts, arrival);
        let select = |reason| {
            let level = method.select(view, counts, next, conduct.min_patients_selected);
            Decision::Stop(level.map(|level| level as u8), reason)
        };
        if !last && conduct.is_reached(counts, arrival) {
            return select(StopReason::StopAtPatients);
        }
        if method.too_toxic(view, counts, arrival) {
            return Decision::Stop(None, StopReason::TooToxic);
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
        self.method.first_cohort().unwrap_or_else(|| self.conduct.first_cohort())
    }

    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        self.settle(self.method.view(counts), counts, arrival)
    }

    fn decide_batch(&self, counts: &[Counts], arrivals: &[(u32, Arrival)], decisions: &mut Vec<Decision>) {
        let views: Vec<M::View> = counts.iter().map(|counts| self.method.view(counts)).collect();
        decisions.extend(
            arrivals.iter().map(|&(index, arrival)| self.settle(views[index as usize], &counts[index as usize], arrival)),
        );
    }

    fn table(&self) -> RuleTable<'_> {
        self.method.table().map_or(RuleTable::GivenPath, RuleTable::Counts)
    }

    fn grounds(&self, counts: &Counts, arrival: Arrival) -> String {
        let Self { conduct, method } = self;
        let current = arrival.cohort.level as usize;
        let view = method.view(counts);
        let next = method.recommend(view, counts, current);
        let treated = counts.total_patients();
        match self.settle(view, counts, arrival) {
            Decision::Stop(_, StopReason::TooToxic) => method.grounds(counts, current, true),
            Decision::Stop(_, StopReason::MaxPatients) => {
                format!("{treated} patients have been treated, and {} are planned", conduct.max_patients)
            }
            Decision::Stop(_, StopReason::StopAtLevelPatients | StopReason::StopAtPatients) => {
                let enough = conduct.level_with_enough(counts, arrival, conduct.limit(next, counts, arrival));
                enough.map_or_else(String::new, |level| format!("level {} has {} patients", level + 1, counts.patients(level)))
            }
            _ if method.scripted(counts, arrival, conduct.max_patients.saturating_sub(treated)).is_some() => {
                format!("titration: {}", assess::observation(counts, current))
            }
            _ => {
                let grounds = method.grounds(counts, current, false);
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

    fn wording(&self, names: &LevelNames) -> Wording<'_> {
        conduct_wording::wording(&self.conduct, self.method.wording(&self.conduct, names), names)
    }

    fn cautions(&self) -> Vec<(&'static str, String)> {
        let mut cautions = conduct_wording::cautions(&self.conduct);
        cautions.extend(self.method.cautions(&self.conduct));
        cautions
    }
}
