//! Backfilling: what is open, how levels that disagree are pooled, against the R package bfboin, and what must hold.

use crate::calendar::{CURVE, TOXIC, ends, pending_walker, run, timed_study, timing};
use crate::support::{Golden, graph_of, usual_boin};
use dosebench::design::interval::{Interval, boin::Boin};
use dosebench::design::pending::PendingRule;
use dosebench::design::pending::backfill::Backfilled;
use dosebench::design::{Conducted, Plan};
use dosebench::engine::{Calendar, TimedRule, Walker, replay};
use dosebench::trial::{Arrival, Cohort, Conduct, Counts, Move, Outcome, Pending, Ruling, Situation, StopReason, Suspension};

fn backfilled(max_per_level: usize) -> Backfilled<Interval<Boin>> {
    let method = usual_boin(5, 0.25);
    Backfilled { complete: Conducted { conduct: Conduct::new(5, 0.25), method }, max_per_level }
}

fn counts(patients: [u8; 5], dlts: [u8; 5]) -> Counts {
    Counts::from_slices(&patients, &dlts).expect("counts")
}

/// BOIN with a target of 0.25 escalates with 0 of 3, 1 of 6 and 1 of 9, de-escalates from 1 of 3, 2 of 6 and 3 of 9 on, and stays with
/// 2 of 9 and 3 of 12.
#[test]
fn the_highest_safe_level_with_room_is_open() {
    let design = backfilled(9);
    let latest = Arrival::new(Cohort { level: 3, patients: 3 }, 0);
    let open = |patients, dlts, pending: &[Pending]| {
        let counts = counts(patients, dlts);
        design.open_level(&Situation { counts, pending, dlt_times: &[], latest, of_latest: 3, in_cohorts: 12 })
    };
    let pending = [Pending { level: 3, followed: 0.2 }; 3];
    assert_eq!(open([3, 3, 3, 3, 0], [0, 0, 0, 0, 0], &pending), Some(2));
    // Full, pending patients included.
    let with_two = [&pending[..], &[Pending { level: 2, followed: 0.1 }; 2]].concat();
    assert_eq!(open([3, 3, 9, 3, 0], [0, 0, 1, 0, 0], &with_two), Some(1));
    // 2 of 6 at level 3 alone would de-escalate, 2 of 6 with nobody evaluated at level 4 too; so level 3 is closed.
    assert_eq!(open([3, 3, 6, 3, 0], [0, 0, 2, 0, 0], &pending), Some(1));
    // 2 of 6 at level 2 de-escalate, 2 of 9 with those of level 3 do not.
    assert_eq!(open([3, 6, 3, 3, 0], [0, 2, 0, 0, 0], &pending), Some(2));
    // 3 of 6 at level 2 and 4 of 11 with level 3: level 2 is closed, and so is level 3, where 1 of 5 would stay.
    assert_eq!(open([3, 6, 5, 3, 0], [0, 2, 1, 0, 0], &[]), Some(2));
    assert_eq!(open([3, 6, 5, 3, 0], [0, 3, 1, 0, 0], &[]), Some(0));
    assert_eq!(open([0, 3, 9, 3, 0], [0, 0, 1, 0, 0], &pending), Some(1), "a level without patients is not open");
    assert_eq!(open([9, 9, 9, 3, 0], [0, 0, 0, 0, 0], &pending), None);
}

#[test]
fn levels_that_disagree_are_pooled() {
    let design = backfilled(9);
    let after = |patients, dlts, level, of_cohort| {
        let latest = Arrival::new(Cohort { level, patients: 3 }, of_cohort);
        let evaluated = counts(patients, dlts);
        (design.disagreeing(&evaluated, level.into()), design.recommend(&evaluated, latest))
    };
    assert_eq!(after([3, 9, 3, 0, 0], [0, 1, 0, 0, 0], 2, 0), (None, 3), "all escalate");
    assert_eq!(after([3, 9, 3, 0, 0], [0, 2, 1, 0, 0], 2, 1), (None, 1), "a lower level that stays does not disagree with D");
    // 0 of 3 escalates, 3 of 9 below de-escalate; together 3 of 12 stay.
    assert_eq!(after([3, 9, 3, 0, 0], [0, 3, 0, 0, 0], 2, 0), (Some(1), 2));
    // 2 of 9 stay below, 2 of 12 together escalate.
    assert_eq!(after([3, 9, 3, 0, 0], [0, 2, 0, 0, 0], 2, 0), (Some(1), 3));
    // 1 of 3 de-escalates, 3 of 9 below do; 4 of 12 together: not to level 2, which does so by itself, but to level 1.
    assert_eq!(after([3, 9, 3, 0, 0], [0, 3, 1, 0, 0], 2, 1), (Some(1), 0));
    // Pooled from level 1 to 3: 3 of 9 de-escalate at level 1 already, and there is no lower one.
    assert_eq!(after([9, 9, 3, 0, 0], [3, 1, 3, 0, 0], 2, 3), (Some(0), 1), "3 of 9, then 4 of 18 do not de-escalate");
    assert_eq!(after([9, 3, 0, 0, 0], [3, 2, 0, 0, 0], 1, 2), (Some(0), 0));
}

#[test]
fn a_cohort_is_followed_before_it_is_decided_on() {
    let design = backfilled(6);
    let latest = Arrival::new(Cohort { level: 1, patients: 3 }, 0);
    let pending = [Pending { level: 1, followed: 0.5 }];
    let decide = |patients, of_latest, pending| {
        let counts = counts(patients, [0; 5]);
        design.decide(&Situation { counts, pending, dlt_times: &[], latest, of_latest, in_cohorts: 6 })
    };
    assert_eq!(decide([5, 3, 0, 0, 0], 1, &pending[..]), Ruling::Backfill(0));
    assert_eq!(decide([6, 3, 0, 0, 0], 1, &pending[..]), Ruling::Suspend(Suspension::CohortFollowed));
    assert_eq!(decide([6, 3, 0, 0, 0], 0, &[]), Ruling::Enrol(Cohort { level: 2, patients: 3 }, Move::Escalate));
    let counts = counts([6, 6, 6, 12, 0], [0; 5]);
    let situation = Situation { counts, pending: &[], dlt_times: &[], latest, of_latest: 0, in_cohorts: 30 };
    assert_eq!(design.decide(&situation), Ruling::Close(StopReason::MaxPatients), "those of the cohorts alone are planned");
}

/// bfboin 0.1.1, 3,000 trials in which everybody responds, so that DLTs alone open levels. It allows one patient more than its cap of 12.
///
/// The numbers of its patients are compared from level 3 on, where cohorts bring most of them. Below, those who are backfilled do: 12.5 and
/// 15.2 patients at the two lowest levels there, 13.5 and 15.6 here. There are two reasons. Its patients arrive at uniform intervals, so
/// that fewer of them come in a window; and it leaves out who is pending when the window of the last cohort is over. A program of its own
/// that does both, written for this from the rule of the package, has 12.7 and 15.1; with Poisson arrivals, and everybody counted, it is
/// compared here at all levels (100,000 trials).
#[test]
fn trials_end_as_those_of_bfboin() {
    const REPLICATES: usize = 12_000;
    let golden = Golden::read("bf_boin.csv");
    let lines = "dlt_window_weeks = 4\naccrual_per_week = 0.75\ntime_to_dlt = { first_half = 0.5 }";
    let design = "method = \"boin\"\nmax_patients = 30\nbackfill = { max_per_level = 13 }";
    let study = timed_study(0.3, lines, &[design]);
    let curve: Vec<f64> = golden.rows.iter().map(|row| golden.get(row, "p_true").parse().expect("a number")).collect();
    let (outcomes, _) = run(pending_walker(&study, 0), &curve, REPLICATES, 7);
    let trials = REPLICATES as f64;
    let mean = |quantity: &dyn Fn(&Outcome) -> f64| {
        outcomes.iter().map(|(outcome, times)| *times as f64 * quantity(outcome)).sum::<f64>() / trials
    };
    let both = 1.0 / trials + 1.0 / 3_000.0;
    for (level, row) in golden.rows.iter().enumerate() {
        let number = |column| golden.get(row, column).parse::<f64>().expect("a number");
        let share = mean(&|outcome| outcome.selects(level + 1));
        let z = (share - number("sel_pct") / 100.0) / (share * (1.0 - share) * both).sqrt();
        let patients = |outcome: &Outcome| outcome.counts.patients(level) as f64;
        let (first, second) = (mean(&patients), mean(&|outcome| patients(outcome).powi(2)));
        let z_patients = (first - number("n_pts")) / ((second - first * first) * both).sqrt();
        assert!(z.abs() < 3.0, "level {}: selected {share}, z {z}", level + 1);
        assert!(level < 2 || z_patients.abs() < 3.0, "level {}: {first} patients, z {z_patients}", level + 1);
        let variance = (second - first * first) / trials + number("n_all_sd").powi(2) / 100_000.0;
        let z_all = (first - number("n_all")) / variance.sqrt();
        assert!(z_all.abs() < 3.0, "level {}: {first} patients, z {z_all}", level + 1);
    }
}

const DESIGNS: [&str; 3] = [
    "method = \"boin\"\nmax_patients = 21\nbackfill = { max_per_level = 9 }",
    "method = \"keyboard\"\ncohort_size = 2\nmax_patients = 14\nbackfill = { max_per_level = 8 }\nstop_at_patients = 9",
    "method = \"i3+3\"\nmax_patients = 18\nbackfill = { max_per_level = 6 }",
];

#[test]
fn laws_of_trials_with_backfilling() {
    for lines in [
        "dlt_window_weeks = 3\naccrual_per_week = 2",
        "dlt_window_weeks = 3\naccrual_per_week = 2\nqueue = 2\nsentinel_weeks = 1\ndecision_weeks = 0.5\ndropout_rate = 0.2",
        "dlt_window_weeks = 3\naccrual_per_week = 2\ndropout_rate = 0.2\nreplace_dropouts = false",
    ] {
        let study = timed_study(0.25, lines, &DESIGNS);
        let decision_weeks = timing(&study).decision_weeks;
        for (design, (planned, cap)) in study.designs.iter().zip([(21, 9), (14, 8), (18, 6)]) {
            let Plan::LateOnset(rule) = &design.plan else { panic!("does not backfill") };
            let calendar = Calendar { rule: TimedRule::Pending(rule.as_ref()), timing: timing(&study) };
            let mut filled = 0;
            for replicate in 0..150 {
                let trace = replay(&calendar, &CURVE, 5, replicate);
                let in_cohorts = trace.patients.iter().filter(|patient| patient.cohort > 0 && patient.dropout.is_none()).count();
                assert!(in_cohorts <= planned);
                for (index, patient) in trace.patients.iter().enumerate().filter(|(_, patient)| patient.cohort == 0) {
                    filled += 1;
                    let before = &trace.patients[..index];
                    let last = before.iter().rev().find(|other| other.cohort > 0).expect("a cohort");
                    assert!(patient.level < last.level, "below the last cohort");
                    let known = |other: &&dosebench::engine::TracedPatient| {
                        other.dlt.or(other.dropout).unwrap_or(other.entered + 3.0) + decision_weeks
                    };
                    let pending = before.iter().filter(|other| other.cohort == last.cohort && known(other) > patient.entered);
                    assert!(pending.count() > 0, "while the cohort is followed");
                    let is_there = |other: &&dosebench::engine::TracedPatient| {
                        other.level == patient.level && !(other.dropout.is_some() && known(other) <= patient.entered)
                    };
                    assert!(before.iter().filter(is_there).count() < cap, "no more than the cap");
                }
            }
            assert!(filled > 150, "{filled}");
        }
    }
}

/// Where nobody arrives while a cohort is followed, nobody is backfilled.
#[test]
fn with_nobody_to_backfill_the_design_is_the_one_without() {
    for with in DESIGNS {
        let without: Vec<&str> = with.lines().filter(|line| !line.starts_with("backfill")).collect();
        let lines = "dlt_window_weeks = 3\naccrual_per_week = 0.25\narrivals = \"regular\"";
        let study = timed_study(0.25, lines, &[with, &without.join("\n")]);
        let graph = graph_of(&study, 1);
        for curve in [CURVE, TOXIC] {
            let found = ends(pending_walker(&study, 0), &curve, 2_000, 11);
            assert_eq!(found, ends(Walker::Graph(&graph), &curve, 2_000, 11), "{with}");
        }
    }
}

#[test]
fn backfilling_is_told_in_the_replay() {
    let study = timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 2", &DESIGNS[..1]);
    let Plan::LateOnset(rule) = &study.designs[0].plan else { panic!("does not backfill") };
    let calendar = Calendar { rule: TimedRule::Pending(rule.as_ref()), timing: timing(&study) };
    let words: String = (0..20)
        .map(|replicate| dosebench::report::replay::replay(&study, "", &replay(&calendar, &CURVE, 1, replicate)).text())
        .collect();
    for part in [
        "backfill level 1: 3 of the last cohort, at level 2, are pending; 0 of 3 patients at level 1 had a DLT",
        "disagrees with",
    ] {
        assert!(words.contains(part), "{part:?} in {words}");
    }
}
