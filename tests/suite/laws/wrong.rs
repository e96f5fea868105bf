//! The laws themselves: rules that are wrong on purpose, and by which laws each is rejected. A rule is made wrong either in its decisions
//! alone, so that its words tell, or in its method, words and all, as an author would: then the laws must.

use super::subject::Subject;
use super::{OF_ANY_RULE, OF_EXAMPLES, WITH_EXCEPTIONS, context, names, words};
use dosebench::design::decision_table::Call;
use dosebench::design::interval::keyboard::{EndKeys, Keyboard};
use dosebench::design::interval::{Interval, IntervalRule, IntervalSettings, IntervalVoice};
use dosebench::design::model::crm::{ByEstimate, CrmSelection, Estimates, Estimator, EstimatorVoice, ModelWords, Rules};
use dosebench::design::wording::{Claim, Evidence, LevelNames, Wording};
use dosebench::design::{Assessment, Conducted, METHODS, Plan, Printable, Protocol, Rule};
use dosebench::keys::read_in;
use dosebench::trial::{Arrival, Coherence, Cohort, Conduct, Counts, Decision, Move, SkipUp, StopReason};
use std::collections::BTreeSet;

/// What is wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// It goes down for up and up for down.
    Swapped,
    /// It never leaves the level.
    Stuck,
    /// It goes up by two levels.
    TooFar,
    /// It decides as with one DLT fewer.
    Late,
    /// It decides as with one DLT more.
    Early,
    /// It goes up into eliminated levels.
    IgnoresElimination,
    /// It selects a level above all that were tried.
    SelectsUntried,
    /// It escalates after a cohort of DLTs.
    Reckless,
    /// Its estimates are no numbers.
    NoNumbers,
    /// A claim of its words is always true.
    AlwaysTrue,
}

/// A rule with a fault.
struct Mutant {
    rule: Box<dyn Protocol>,
    wrong: Wrong,
}

impl Mutant {
    /// The decision of the rule at these counts, one DLT of the arrival more or fewer, where that can be.
    fn off_by_one(&self, counts: &Counts, arrival: Arrival, more: bool) -> Decision {
        let Arrival { cohort, dlts, .. } = arrival;
        let other = if more { (dlts + 1).min(cohort.patients) } else { dlts.saturating_sub(1) };
        let mut all = *counts.all_dlts();
        all[arrival.level()] = all[arrival.level()] + other - dlts;
        let counts = Counts::from_slices(counts.all_patients(), &all).unwrap();
        self.rule.decide(&counts, Arrival { dlts: other, ..arrival })
    }

    /// The next cohort at another level.
    fn moved(&self, decision: Decision, arrival: Arrival, to: impl FnOnce(i32, i32) -> i32) -> Decision {
        let Decision::Enrol(cohort, _) = decision else { return decision };
        let current = i32::from(arrival.cohort.level);
        let level = to(current, i32::from(cohort.level)).clamp(0, self.rule.levels() as i32 - 1);
        let reason = match level.cmp(&current) {
            std::cmp::Ordering::Greater => Move::Escalate,
            std::cmp::Ordering::Equal => Move::Stay,
            std::cmp::Ordering::Less => Move::Deescalate,
        };
        Decision::Enrol(Cohort { level: level as u8, ..cohort }, reason)
    }

    /// Whether the table of the rule eliminates a level by its counts.
    fn is_eliminated(&self, counts: &Counts, level: usize) -> bool {
        let Printable::Counts(table) = self.rule.printable() else { return false };
        table.call(counts.patients(level), counts.dlts(level)) == Call::Eliminate
    }
}

impl Rule for Mutant {
    fn levels(&self) -> usize {
        self.rule.levels()
    }
    fn max_patients(&self) -> usize {
        self.rule.max_patients()
    }
    fn first_cohort(&self) -> Cohort {
        self.rule.first_cohort()
    }
    fn decide(&self, counts: &Counts, arrival: Arrival) -> Decision {
        let decision = self.rule.decide(counts, arrival);
        match self.wrong {
            Wrong::Swapped => self.moved(decision, arrival, |current, next| 2 * current - next),
            Wrong::Stuck => self.moved(decision, arrival, |current, _| current),
            Wrong::TooFar => self.moved(decision, arrival, |current, next| if next > current { next + 1 } else { next }),
            Wrong::Late => self.off_by_one(counts, arrival, false),
            Wrong::Early => self.off_by_one(counts, arrival, true),
            Wrong::IgnoresElimination => {
                let is_here = self.is_eliminated(counts, arrival.level());
                self.moved(decision, arrival, |current, next| if is_here && next < current { current } else { next })
            }
            Wrong::SelectsUntried => match decision {
                Decision::Stop(Some(_), reason) => {
                    let above = counts.highest_tried().map_or(0, |level| level + 1).min(self.rule.levels() - 1);
                    Decision::Stop(Some(above as u8), reason)
                }
                _ => decision,
            },
            Wrong::Reckless if arrival.dlts == arrival.cohort.patients => self.moved(decision, arrival, |current, _| current + 1),
            Wrong::Reckless | Wrong::NoNumbers | Wrong::AlwaysTrue => decision,
        }
    }
    fn coin(&self) -> Option<f64> {
        self.rule.coin()
    }
    fn objection(&self, counts: &Counts, arrival: Arrival) -> Option<String> {
        self.rule.objection(counts, arrival)
    }
}

impl Protocol for Mutant {
    fn printable(&self) -> Printable<'_> {
        self.rule.printable()
    }
    fn grounds(&self, counts: &Counts, arrival: Arrival) -> String {
        self.rule.grounds(counts, arrival)
    }
    fn assess(&self, counts: &Counts) -> Assessment {
        let mut assessment = self.rule.assess(counts);
        if self.wrong == Wrong::NoNumbers {
            assessment.levels.iter_mut().for_each(|level| level.estimate = Some(f64::NAN));
        }
        assessment
    }
    fn synopsis(&self) -> Vec<(String, String)> {
        self.rule.synopsis()
    }
    fn wording(&self, names: &LevelNames) -> Wording {
        let mut wording = self.rule.wording(names);
        let mut claims = wording.parts.iter_mut().flat_map(|part| &mut part.pieces).map(|piece| &mut piece.claim);
        if self.wrong == Wrong::AlwaysTrue
            && let Some(claim) = claims.find(|claim| matches!(claim, Claim::Stops(..)))
        {
            *claim = Claim::stops(StopReason::TooToxic, (), |(), _, _| true);
        }
        wording
    }
    fn evidence(&self, counts: &Counts) -> Evidence {
        self.rule.evidence(counts)
    }
}

/// The names of the laws that reject a rule.
fn rejected_by(name: &str, rule: &dyn Protocol) -> BTreeSet<&'static str> {
    let subject = Subject::new(name, rule);
    let laws = OF_ANY_RULE.iter().chain(&OF_EXAMPLES).chain(WITH_EXCEPTIONS.iter().map(|(_, law)| law));
    let mut rejected = BTreeSet::new();
    for (law, holds) in laws {
        if let Err(violation) = holds(&subject) {
            assert_eq!(violation.law, *law, "{}", violation.what);
            rejected.insert(*law);
        }
    }
    rejected.extend(words(&subject).err().map(|violation| violation.law));
    rejected
}

/// A rule of these keys on five levels.
fn rule(method: &str, keys: &str) -> Box<dyn Protocol> {
    let entry = METHODS.iter().find(|entry| entry.key == method).unwrap();
    let (plan, _) = read_in(None, keys, |mut block| entry.plan(&mut block, context()));
    let Some(Plan::Rule(rule)) = plan else { panic!("{method}: no rule") };
    rule
}

/// Examples that are small, and in which every fault shows.
const RIGHT: [(&str, &str); 5] = [
    ("boin", "max_patients = 15"),
    ("keyboard", "max_patients = 15\nno_skipping = \"highest-tried\""),
    ("crm", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.157583690\nmax_patients = 15"),
    ("blrm", "prior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 15"),
    ("up-and-down", "escalate_if_at_most = 0\ndeescalate_if_at_least = 2\nmax_patients = 15"),
];

/// The laws, beside the words, that must reject a fault of the decisions.
fn named(wrong: Wrong) -> &'static [&'static str] {
    match wrong {
        Wrong::Swapped => &["climbs", "words"],
        Wrong::Stuck => &["climbs", "words"],
        Wrong::SelectsUntried => &["selected_is_tried", "words"],
        Wrong::Reckless => &["all_dlts", "more_dlts", "words"],
        Wrong::NoNumbers => &["numbers"],
        Wrong::TooFar | Wrong::Late | Wrong::Early | Wrong::AlwaysTrue | Wrong::IgnoresElimination => &["words"],
    }
}

#[test]
fn every_wrong_rule_is_rejected_by_the_law_that_is_meant_to() {
    use Wrong::{AlwaysTrue, Early, IgnoresElimination, Late, NoNumbers, Reckless, SelectsUntried, Stuck, Swapped, TooFar};
    for (method, keys) in RIGHT {
        let right = rule(method, keys);
        let kept = rejected_by(method, right.as_ref());
        assert!(kept.is_subset(&BTreeSet::from(["lower_curve", "more_dlts"])), "{method} as it is: {kept:?}");
        for wrong in [Swapped, Stuck, TooFar, Late, Early, SelectsUntried, Reckless, NoNumbers, AlwaysTrue, IgnoresElimination] {
            // What eliminates nothing cannot ignore it, and what has no estimate of its own takes the observed ones.
            let eliminates = matches!(right.printable(), Printable::Counts(_));
            let has_stop = right.wording(&names()).pieces().any(|piece| matches!(piece.claim, Claim::Stops(..)));
            if (wrong == IgnoresElimination && !eliminates) || (wrong == AlwaysTrue && !has_stop) {
                continue;
            }
            let mutant = Mutant { rule: rule(method, keys), wrong };
            let rejected = rejected_by(method, &mutant);
            let mut meant: BTreeSet<&str> = named(wrong).iter().copied().collect();
            if wrong == IgnoresElimination {
                meant.insert("nothing_comes_back");
            }
            if wrong == TooFar && right.wording(&names()).pieces().any(|piece| piece.key == "no_skipping") {
                meant.insert("no_skipping");
            }
            assert!(meant.is_subset(&rejected), "{method}, {wrong:?}: rejected by {rejected:?} only");
        }
    }
}

/// A list is as wrong with one DLT more or fewer.
#[test]
fn a_wrong_list_is_rejected_by_its_words() {
    for wrong in [Wrong::Late, Wrong::Early, Wrong::SelectsUntried] {
        let mutant = Mutant { rule: rule("3+3", ""), wrong };
        assert!(rejected_by("3+3", &mutant).contains("words"), "{wrong:?}");
    }
}

/// An interval design whose author went wrong: its decision table is made by it, and its words print that table.
struct Mistaken {
    right: Keyboard,
    wrong: Wrong,
}

impl IntervalRule for Mistaken {
    fn call(&self, patients: usize, dlts: usize) -> Call {
        match self.wrong {
            Wrong::Swapped => match self.right.call(patients, dlts) {
                Call::Escalate => Call::Deescalate,
                Call::Stay => Call::Stay,
                Call::Deescalate | Call::Eliminate => Call::Escalate,
            },
            Wrong::Stuck => Call::Stay,
            Wrong::Late => self.right.call(patients, dlts.saturating_sub(1)),
            Wrong::Early => self.right.call(patients, (dlts + 1).min(patients)),
            _ => self.right.call(patients, dlts),
        }
    }
}

impl IntervalVoice for Mistaken {
    fn reason(&self, patients: usize, dlts: usize) -> String {
        self.right.reason(patients, dlts)
    }
    fn synopsis(&self) -> Vec<(String, String)> {
        self.right.synopsis()
    }
    fn sentences(&self) -> String {
        self.right.sentences()
    }
    fn claim(&self) -> Claim {
        // With one that agrees with the mistake, the laws are left.
        match self.wrong {
            Wrong::Swapped | Wrong::Stuck => Claim::Nothing,
            _ => self.right.claim(),
        }
    }
}

fn conduct() -> Conduct {
    let mut conduct = Conduct::new(5, 0.25);
    (conduct.max_patients, conduct.no_skipping) = (15, SkipUp::HighestTried);
    conduct.set_coherence(Coherence::LastCohort);
    conduct
}

#[test]
fn a_mistake_that_the_words_repeat_is_rejected_by_a_law() {
    for (wrong, meant) in [
        (None, &[][..]),
        (Some(Wrong::Swapped), &["climbs", "more_dlts"][..]),
        (Some(Wrong::Stuck), &["climbs"]),
        (Some(Wrong::Late), &["words"]),
        (Some(Wrong::Early), &["words"]),
    ] {
        let right = Keyboard::new(0.25, [0.05, 0.05], EndKeys::Rescaled, 15);
        let mistaken = Mistaken { right, wrong: wrong.unwrap_or(Wrong::NoNumbers) };
        let method = Interval::new(mistaken, 5, 15, IntervalSettings::new(0.25));
        let rejected = rejected_by("keyboard", &Conducted { conduct: conduct(), method });
        assert!(meant.iter().all(|law| rejected.contains(law)), "{wrong:?}: rejected by {rejected:?} only");
        assert!(wrong.is_some() || !rejected.contains("words"), "{rejected:?}");
    }
}

/// A model whose author went wrong.
struct Estimating(Wrong);

impl Estimator for Estimating {
    fn levels(&self) -> usize {
        5
    }
    fn estimate(&self, counts: &Counts) -> Estimates {
        let mut estimates = Estimates::NONE;
        let pooled = (f64::from(counts.total_dlts() as u8) + 0.5) / (f64::from(counts.total_patients() as u8) + 2.0);
        for (level, estimate) in estimates.toxicity.iter_mut().take(5).enumerate() {
            *estimate = match self.0 {
                Wrong::NoNumbers => f64::NAN,
                Wrong::Swapped => (1.0 - pooled) * (level as f64 + 1.0) / 6.0,
                Wrong::Stuck => 0.25 + 0.1 * level as f64,
                _ => (pooled * (level as f64 + 1.0) / 3.0).min(1.0),
            };
        }
        estimates
    }
}

impl EstimatorVoice for Estimating {
    fn assess(&self, counts: &Counts, _: f64) -> Assessment {
        let mut assessment = Assessment::observed(counts, 5);
        let estimates = self.estimate(counts).toxicity;
        assessment.levels.iter_mut().zip(estimates).for_each(|(level, estimate)| level.estimate = Some(estimate));
        assessment
    }
    fn synopsis(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    fn words(&self) -> ModelWords {
        ModelWords { model: Vec::new(), estimate: "a number", references: Vec::new() }
    }
}

/// Whatever a model estimates, its words go by: numbers that are none, or that move the wrong way, are for the laws.
#[test]
fn a_wrong_model_is_rejected_by_a_law() {
    let rules = Rules { target: 0.25, selection: CrmSelection::Tried, too_toxic: None, precision: None };
    for (wrong, meant) in [
        (Wrong::AlwaysTrue, None),
        (Wrong::NoNumbers, Some("numbers")),
        (Wrong::Swapped, Some("more_dlts")),
        (Wrong::Stuck, Some("climbs")),
    ] {
        let method = ByEstimate { estimator: Estimating(wrong), rules };
        let rejected = rejected_by("a model", &Conducted { conduct: conduct(), method });
        match meant {
            Some(law) => assert!(rejected.contains(law), "{wrong:?}: rejected by {rejected:?} only"),
            None => assert!(rejected.is_subset(&BTreeSet::from(["lower_curve", "more_dlts"])), "{rejected:?}"),
        }
    }
}
