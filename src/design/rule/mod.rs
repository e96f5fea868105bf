//! The vocabulary of rules: what a rule is asked, what it is made of and what a `[[design]]` block becomes. It names no method.

pub(in crate::design) mod assess;
pub mod benchmark;
pub mod conduct_keys;
mod conduct_wording;
mod conducted;
pub mod decision_list;
pub mod decision_table;
mod follow;
mod law;
pub mod next_cohort;
pub mod pending;
pub(in crate::design) mod read;
pub mod selection;
pub(in crate::design) mod titration;
pub mod wording;

pub use assess::{Assessment, CONFIDENCE, LevelAssessment};
pub use conduct_keys::ConductKeys;
pub use conducted::{Conducted, Method, PRECEDENCE, Voice};
pub use follow::{Answer, Course, Deviation, Expected, answer, follow, follow_patients};
pub use law::Law;
pub use read::read_conduct;

use self::benchmark::Benchmark;
use self::decision_list::Listed;
use self::decision_table::DecisionTable;
use self::pending::PendingProtocol;
use crate::keys::{Description, Keys};
use crate::trial::{Arrival, Cohort, Counts, Decision, Fork, MAX_LEVELS, StopReason};

/// A complete dose-finding rule. The decision graph, replicates, tables, pathways and the next dose all ask this object and
/// nothing else.
pub trait Rule: Send + Sync {
    /// The number of dose levels.
    fn levels(&self) -> usize;

    /// The largest number of patients that a trial under this rule can have.
    fn max_patients(&self) -> usize;

    /// The first cohort of the trial.
    fn first_cohort(&self) -> Cohort;

    /// What to do after the cohort of `arrival`, whose patients `counts` already include.
    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision;

    /// Whether the rule counts on cohorts of the size that it asked for. Who drops out of one is then replaced.
    fn needs_whole_cohorts(&self) -> bool {
        true
    }

    /// As [`Rule::decide`] where nobody can be enrolled any more, although fewer patients were evaluated than planned: the level
    /// selected, and why the trial ended. Asked only of rules that do not count on whole cohorts.
    fn conclude(&self, counts: &Counts, arrival: Arrival) -> (Option<u8>, StopReason) {
        match self.decide(counts, arrival) {
            Decision::Stop(level, reason) => (level, reason),
            Decision::Enrol(..) => (None, StopReason::MaxPatients),
        }
    }

    /// Decisions for many arrivals at once: `arrivals[i].0` indexes `counts`; one decision each is pushed, in order. One
    /// dynamic call for the batch; inside, the calls are static, and what depends on counts alone is worked out once for each.
    fn decide_batch(&self, counts: &[Counts], arrivals: &[(u32, Arrival)], decisions: &mut Vec<Decision>) {
        decisions.extend(arrivals.iter().map(|&(index, arrival)| self.decide(&counts[index as usize], arrival)));
    }

    /// Whether the moderate toxicities of `cohort`, enrolled after `counts`, are watched: they are then part of its arrival and
    /// of the counts after it. It is asked as long as every cohort so far was watched; with the first one that is not, what was
    /// seen of them is forgotten for good.
    fn watches_moderate(&self, _counts: &Counts, _cohort: Cohort) -> bool {
        false
    }

    /// The probability of heads of the coin that a randomised rule tosses after every cohort; `None` where it tosses none. The
    /// decision may depend on it; whether somebody observes the coin of a decision that does not, makes no difference.
    fn coin(&self) -> Option<f64> {
        None
    }

    /// What is told apart when `cohort`, enrolled after `counts`, has been evaluated. `watching` says whether every cohort so far
    /// was watched.
    fn fork(&self, watching: bool, counts: &Counts, cohort: Cohort) -> Fork {
        let watches_moderate = watching && self.watches_moderate(counts, cohort);
        Fork { cohort, watches_moderate, tosses: self.coin().is_some() }
    }

    /// The fewest patients of a level that is selected at the end.
    fn min_patients_selected(&self) -> usize {
        0
    }

    /// Whether, at the end of a trial with these counts that selects no dose, one would be selected if it had enough patients.
    fn lacks_patients(&self, _counts: &Counts) -> bool {
        false
    }

    /// Why the rule has no answer to data that departed from it, as a clause; `None` where it has one. [`Rule::decide`] must
    /// not be asked where there is an objection. No data that came about under the rule meet one.
    fn objection(&self, _counts: &Counts, _arrival: Arrival) -> Option<String> {
        None
    }
}

/// A rule with what it says of itself and of its decisions, for people; none of it decides.
pub trait Protocol: Rule {
    /// What can be printed of the rule before a trial begins.
    fn printable(&self) -> Printable<'_> {
        Printable::GivenPath
    }

    /// What the decision after the cohort of `arrival` rests on, as a clause.
    fn grounds(&self, counts: &Counts, arrival: Arrival) -> String {
        assess::observation(counts, arrival.cohort.level as usize)
    }

    /// What the method works out from `counts`, for people.
    fn assess(&self, counts: &Counts) -> Assessment {
        Assessment::observed(counts, self.levels())
    }

    /// The rule in short, for the design synopsis of a report: (name of the item, its value), in the order to be printed.
    fn synopsis(&self) -> Vec<(String, String)>;

    /// The rule in the words of a protocol, with what they claim.
    fn wording(&self, names: &wording::LevelNames) -> wording::Wording;

    /// What the model works out, in numbers, for the words to be held against; see [`wording::Evidence`]. Empty where the words speak of
    /// counts alone.
    fn evidence(&self, _counts: &Counts) -> wording::Evidence {
        wording::Evidence::default()
    }

    /// Settings that can be used and that somebody should look at, with the numbers that show it: (key of the study file, words).
    fn cautions(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// What can be printed of a rule before a trial begins.
pub enum Printable<'a> {
    /// The decision at a level depends on the counts there: patients by DLTs.
    Counts(&'a DecisionTable),
    /// The situations of the rule, one by one.
    List(Vec<Listed>),
    /// Nothing: what follows a cohort depends on all levels. See [`next_cohort::NextCohort`].
    GivenPath,
}

/// What a `[[design]]` block becomes.
pub enum Plan {
    /// A rule that can be conducted.
    Rule(Box<dyn Protocol>),
    /// A rule that looks at pending patients.
    LateOnset(Box<dyn PendingProtocol>),
    /// The non-parametric optimal benchmark: a reference, not a rule.
    Benchmark(Benchmark),
}

impl Plan {
    /// The fewest patients of a level that is selected at the end.
    #[must_use]
    pub fn min_patients_selected(&self) -> usize {
        match self {
            Self::Rule(rule) => rule.min_patients_selected(),
            Self::LateOnset(rule) => rule.min_patients_selected(),
            Self::Benchmark(_) => 0,
        }
    }

    /// Whether, at the end of a trial with these counts that selects no dose, one would be selected if it had enough patients.
    #[must_use]
    pub fn lacks_patients(&self, counts: &Counts) -> bool {
        match self {
            Self::Rule(rule) => rule.lacks_patients(counts),
            Self::LateOnset(rule) => rule.lacks_patients(counts),
            Self::Benchmark(_) => false,
        }
    }
}

/// What the reader of a design may know of the study around it, and which conduct keys its method takes.
#[derive(Clone, Copy)]
pub struct Context {
    /// The number of dose levels.
    pub levels: usize,
    /// The target DLT probability.
    pub target: f64,
    /// The conduct keys that [`read_conduct`] reads.
    pub conduct: &'static ConductKeys,
    doses: [f64; MAX_LEVELS],
}

impl Context {
    /// The context of a study with these doses, at most [`MAX_LEVELS`] of them, one for each level, for methods that do not rest on a
    /// model.
    #[must_use]
    pub fn new(doses: &[f64], target: f64) -> Self {
        let levels = doses.len().min(MAX_LEVELS);
        let mut context = Self { levels, target, conduct: &ConductKeys::PLAIN, doses: [0.0; MAX_LEVELS] };
        context.doses.iter_mut().zip(doses).for_each(|(own, dose)| *own = *dose);
        context
    }

    /// The dose of each level, lowest first, strictly increasing.
    #[must_use]
    pub fn doses(&self) -> &[f64] {
        &self.doses[..self.levels]
    }
}

/// A method as a study file names it.
pub struct MethodEntry {
    /// The value of `method`.
    pub key: &'static str,
    /// The name in reports.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub sentence: &'static str,
    /// The publication that describes it.
    pub reference: &'static str,
    /// The keys of a `[[design]]` block that uses it on five levels, `name` excepted; for people to start from.
    pub example: &'static str,
    /// The most situations that the decision graph of the example has, with a target of 0.25; 0 where there is none.
    pub situations: usize,
    /// The laws that the method does not keep on its example, each with the reason in a sentence.
    pub exceptions: &'static [(Law, &'static str)],
    /// The conduct keys that it takes; `None` where its conduct follows from its rule.
    pub conduct: Option<&'static ConductKeys>,
    /// Its own keys, some of which it shares with others.
    pub keys: &'static [&'static [&'static Description]],
    /// Make a plan of what these keys and the conduct keys say. `None` when something was complained about.
    pub read: fn(&mut Keys<'_>, Context) -> Option<Plan>,
}

impl MethodEntry {
    /// Read the keys of a `[[design]]` block, `name`, `source` and `method` excepted. `None` when something was complained about.
    pub fn plan(&self, keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
        keys.know(conduct_keys::LEVELS, context.levels as f64);
        (self.read)(keys, Context { conduct: self.conduct.unwrap_or(context.conduct), ..context })
    }

    /// Every key that it takes, `name`, `source` and `method` excepted, in the order in which they are shown.
    #[must_use]
    pub fn described(&self) -> Vec<&'static Description> {
        let own = self.keys.iter().flat_map(|keys| keys.iter().copied());
        let [cohorts, rules]: [Vec<_>; 2] =
            self.conduct.map_or_else(Default::default, |conduct| [conduct.cohorts().collect(), conduct.rules().collect()]);
        cohorts.into_iter().chain(own).chain(rules).collect()
    }
}
