//! Trials of a compiled rule where nobody drops out or waits: several side by side, a look-up per cohort.
//!
//! The walk of [`crate::engine::walk`] with a clock beside it. Each cohort opens when the last one has been followed, those who arrived
//! in between are turned away, and the next patients are enrolled as they arrive. A trial ends, and is timed, as one that is run patient
//! by patient ([`super::cohorts`]).

use super::subjects::{Subjects, TimedTruth};
use super::tally::Times;
use crate::engine::graph::Graph;
use crate::engine::patients::Classes;
use crate::engine::walk::{self, AT_ONCE, Edge, Edges, Ranks, Walk, dlts};
use crate::trial::{Level, Timing};

/// Trials that run side by side, so that one waits for memory while others compute.
const LANES: usize = 8;

/// The edges of a rule whose trials can be run here under this timing; `None` where they cannot.
pub(in crate::engine) fn edges(graph: &Graph, timing: &Timing) -> Option<Edges> {
    // A cohort is one step of the walk.
    let is_step = graph.is_binary() && graph.nodes().iter().all(|node| (1..=AT_ONCE).contains(&node.cohort.patients.into()));
    let is_plain = !timing.has_dropouts() && timing.queue == 0 && timing.sentinel_weeks == 0.0;
    (is_step && is_plain).then(|| Edges::new(graph))
}

/// What the trials of a block have in common.
pub(super) struct Common<'a> {
    pub(super) edges: &'a Edges,
    pub(super) classes: &'a Classes,
    pub(super) ranks: &'a Ranks,
    pub(super) timing: &'a Timing,
    pub(super) truth: &'a TimedTruth,
}

/// A trial that runs.
#[derive(Clone, Copy)]
struct Trial {
    /// The replicate, counted within the block.
    number: usize,
    edge: Edge,
    /// The patients who have arrived.
    arrivals: usize,
    opens: f64,
    last_entered: f64,
    /// But for the uninformed DLTs.
    times: Times,
}

/// A cohort with several DLTs: some may be of patients who were enrolled before another was known.
#[derive(Clone, Copy, Default)]
struct Clash {
    /// The replicate, counted within the block.
    number: u32,
    /// How many patients had arrived before those of the cohort, and how many were enrolled.
    arrivals: u32,
    enrolled: u8,
    level: u8,
    /// Who has a DLT, as [`dlts`] says it.
    dlts: u64,
}

/// Cohorts with several DLTs, put by until there are many: so no processor has to foresee which cohorts these are.
struct Clashes {
    cohorts: [Clash; Self::ROOM],
    number: usize,
}

impl Clashes {
    const ROOM: usize = 64;
}

/// Run the trials of a block, and note for each the number of the leaf where it ends, and when.
pub(super) fn run(common: &Common<'_>, subjects: &mut [Subjects], leaves: &mut Vec<u32>, times: &mut Vec<Times>) {
    leaves.resize(subjects.len(), 0);
    times.clear();
    times.resize(subjects.len(), Times::default());
    subjects.iter_mut().for_each(|subjects| subjects.open(common.timing));
    let start = |number| Trial {
        number,
        edge: common.edges.start(),
        arrivals: 0,
        opens: 0.0,
        last_entered: 0.0,
        times: Times::default(),
    };
    let mut clashes = Clashes { cohorts: [Clash::default(); Clashes::ROOM], number: 0 };
    let mut trials: [Trial; LANES] = std::array::from_fn(start);
    let mut running = LANES.min(subjects.len());
    let mut waiting = running..subjects.len();
    while running > 0 {
        let mut lane = 0;
        while lane < running {
            let trial = &mut trials[lane];
            common.step(trial, &mut subjects[trial.number], &mut clashes);
            if clashes.number == Clashes::ROOM {
                common.settle(&mut clashes, subjects, times);
            }
            lane += 1;
            if !trial.edge.is_leaf() {
                continue;
            }
            leaves[trial.number] = common.edges.leaf(trial.edge);
            let ended = &mut times[trial.number];
            *ended = Times { uninformed_dlts: ended.uninformed_dlts, ..trial.times };
            match waiting.next() {
                Some(number) => *trial = start(number),
                None => {
                    running -= 1;
                    lane -= 1;
                    trials[lane] = trials[running];
                }
            }
        }
    }
    common.settle(&mut clashes, subjects, times);
}

impl Common<'_> {
    /// Enrol the cohort that is due, and follow it.
    #[inline]
    fn step(&self, trial: &mut Trial, subjects: &mut Subjects, clashes: &mut Clashes) {
        let Self { edges, classes, ranks, timing, .. } = *self;
        let Trial { number, edge, opens, .. } = *trial;
        let patients = edge.patients();
        let first = subjects.first_after(opens, trial.arrivals, patients, timing);
        trial.times.turned_away += (first - trial.arrivals) as u32;
        // The first cohort finds enrolment open, at 0.
        trial.times.closed_weeks += opens - trial.last_entered;
        let place = number * classes.stride + usize::from(edge.place());
        let dlts = dlts(classes, place as u32, ranks, edge.kind());
        // Put down in any case, and overwritten where there are not two.
        clashes.cohorts[clashes.number] =
            Clash { number: number as u32, arrivals: first as u32, enrolled: edge.place(), level: edge.level(), dlts };
        clashes.number += usize::from(dlts & dlts.wrapping_sub(1) != 0);
        trial.arrivals = first + patients;
        trial.last_entered = subjects.stay(first, patients, timing);
        trial.times.weeks = trial.last_entered + timing.dlt_window_weeks;
        trial.opens = trial.times.weeks + timing.decision_weeks;
        let mut edges = edges;
        trial.edge = edges.follow(edge.first() + walk::number(dlts));
    }

    /// Count the DLTs of patients who were enrolled before that of an earlier one was known, in the cohorts that were put by. The DLTs of
    /// earlier cohorts were all known.
    fn settle(&self, clashes: &mut Clashes, subjects: &mut [Subjects], times: &mut [Times]) {
        let Timing { dlt_window_weeks, decision_weeks, .. } = *self.timing;
        for clash in &clashes.cohorts[..clashes.number] {
            let (number, level) = (clash.number as usize, Level::from(clash.level));
            let subjects = &mut subjects[number];
            let (mut dlts, mut known, mut uninformed) = (clash.dlts, 0.0, 0);
            while dlts != 0 {
                let place = dlts.trailing_zeros() as usize / 8;
                dlts &= dlts - 1;
                let entered = subjects.drawn_arrival(clash.arrivals as usize + place);
                let share = self.truth.time(level, subjects.quantile(usize::from(clash.enrolled) + place));
                let own = entered + share * dlt_window_weeks + decision_weeks;
                uninformed += u32::from(entered < known);
                known = if own > known { own } else { known };
            }
            times[number].uninformed_dlts += uninformed;
        }
        clashes.number = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Plan;
    use crate::engine::calendar::{cohorts, in_scenario};
    use crate::engine::compile::compile;
    use crate::engine::monitor::Monitor;
    use crate::engine::patients::{Patients, Thresholds};
    use crate::scenario::Truth;
    use crate::study::Study;
    use crate::trial::{ArrivalPattern, TimeToDlt};

    const DESIGNS: [&str; 6] = [
        "method = \"3+3\"",
        "method = \"3+3\"\nfirst_cohort_size = 1",
        "method = \"boin\"\nmax_patients = 30",
        "method = \"boin\"\nfirst_cohort_size = 2\ncohort_size = 8\nmax_patients = 26",
        "method = \"boin\"\ncohort_size = 1\nmax_patients = 14\ntitration = true",
        "method = \"crm\"\nskeleton = { prior_mtd = 2, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\nmax_patients = 15",
    ];

    /// Toxicities and accrual of their own. A level has a toxicity of few binary digits, so that upper bits tie with it.
    const TRUTHS: [([f64; 3], Option<f64>); 4] =
        [([0.1, 0.25, 0.5], None), ([0.3, 0.45, 0.6], Some(4.0)), ([0.0, 0.15, 1.0], Some(0.3)), ([0.1, 0.25, 0.5], Some(4.0))];

    const SEED: u64 = 8;

    /// The design on three levels that has these keys, compiled.
    fn graph(keys: &str) -> Graph {
        let text =
            format!("name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[[design]]\nname = \"a design\"\n{keys}\n");
        let study = Study::from_text("test.toml", text).unwrap().0;
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        compile(rule.as_ref(), 1 << 20, &Monitor::default()).unwrap()
    }

    fn subjects(replicate: u64) -> Subjects {
        let mut subjects = Subjects::default();
        subjects.begin(SEED, replicate, true);
        subjects
    }

    /// Run the trials of a block under one truth after the other on the same patients, as replicates are run, and hold each to the
    /// trial that is run patient by patient. Adds up what there was to be right about.
    fn hold(graph: &Graph, timing: &Timing, (first, replicates): (u64, usize), seen: &mut Times) {
        let edges = &edges(graph, timing).expect("can be run here");
        let mut patients = Patients::new(SEED, graph.max_patients(), replicates);
        patients.draw(first, replicates);
        let mut block: Vec<Subjects> = (first..).take(replicates).map(subjects).collect();
        let (mut classes, mut leaves, mut times) = (Classes::default(), Vec::new(), Vec::new());
        for (toxicity, accrual_per_week) in &TRUTHS {
            let truth = Truth { toxicity, moderate: &[], accrual_per_week: *accrual_per_week };
            let thresholds = Thresholds::new(truth);
            patients.classify(&thresholds, replicates, &mut classes);
            let (classes, ranks) = (&classes, &Ranks::new(&thresholds.ranks));
            let (timing, truth) = &in_scenario(timing, truth);
            run(&Common { edges, classes, ranks, timing, truth }, &mut block, &mut leaves, &mut times);
            assert_eq!((leaves.len(), times.len()), (replicates, replicates));
            for ((replicate, own), (&leaf, &times)) in (first..).zip(&block).zip(leaves.iter().zip(&times)) {
                let mut subjects = subjects(replicate);
                let alone = cohorts::run(&mut cohorts::AlongGraph::new(graph), timing, truth, &mut subjects, None);
                assert_eq!((leaf, times), alone, "replicate {replicate}, {toxicity:?}, {timing:?}");
                let stays = |subjects: &Subjects| subjects.stays().map(|stays| (stays.entered.to_vec(), stays.left.to_vec()));
                assert_eq!(stays(own), stays(&subjects), "replicate {replicate}, {toxicity:?}, {timing:?}");
                seen.closed_weeks += times.closed_weeks;
                seen.turned_away += times.turned_away;
                seen.uninformed_dlts += times.uninformed_dlts;
            }
        }
    }

    /// Each trial ends in the same leaf, every one of its times is the same number, and its patients are on study at the same times,
    /// whatever the design and the calendar; with fewer trials than run side by side, and with more.
    #[test]
    fn every_trial_is_the_one_run_patient_by_patient() {
        let arrivals = [
            ArrivalPattern::Poisson { ramp_up_weeks: 0.0 },
            ArrivalPattern::Poisson { ramp_up_weeks: 10.0 },
            // One a week, the window of three: somebody arrives at the moment in which enrolment opens.
            ArrivalPattern::Regular,
            ArrivalPattern::Weeks(vec![1.0, 1.0, 2.0, 8.0, 8.0, 9.5]),
        ];
        let times_to_dlt = [TimeToDlt::Uniform, TimeToDlt::Weibull { first_half: 0.3 }, TimeToDlt::Table(vec![1.0, 0.0, 2.0])];
        for keys in DESIGNS {
            let graph = graph(keys);
            for arrivals in &arrivals {
                for (decision_weeks, time_to_dlt) in [0.0, 0.5, 0.5].into_iter().zip(&times_to_dlt) {
                    let mut seen = Times::default();
                    for accrual_per_week in [1.0, 6.0, 0.2] {
                        let (arrivals, time_to_dlt) = (arrivals.clone(), time_to_dlt.clone());
                        let timing = Timing { arrivals, decision_weeks, time_to_dlt, ..Timing::new(3.0, accrual_per_week) };
                        for block in [(4_096, 61), (1 << 40, 3), (5_000, 8), (77, 1)] {
                            hold(&graph, &timing, block, &mut seen);
                        }
                    }
                    assert!(seen.closed_weeks > 0.0 && seen.turned_away > 0, "{seen:?}");
                    // Single patients are enrolled when all is known of the one before.
                    assert_eq!(seen.uninformed_dlts > 0, graph.nodes().iter().any(|node| node.cohort.patients > 1), "{seen:?}");
                }
            }
        }
    }

    /// Who is enrolled in the very moment in which an earlier DLT is known has been informed of it.
    #[test]
    fn who_comes_when_a_dlt_is_known_is_informed() {
        let (graph, toxicity) = (graph(DESIGNS[0]), [1.0; 3]);
        let arrivals = ArrivalPattern::Weeks(vec![1.0, 1.0, 1.5]);
        let timing = &Timing { arrivals, ..Timing::new(3.0, 1.0) };
        let edges = &edges(&graph, timing).expect("can be run here");
        let thresholds = Thresholds::new(Truth::from(&toxicity));
        let mut patients = Patients::new(SEED, graph.max_patients(), 1);
        patients.draw(0, 1);
        let (mut classes, mut leaves, mut times) = (Classes::default(), Vec::new(), Vec::new());
        patients.classify(&thresholds, 1, &mut classes);
        let (classes, ranks) = (&classes, &Ranks::new(&thresholds.ranks));
        let truth = &TimedTruth::new(&toxicity, &timing.time_to_dlt);
        // All three have a DLT: the first one at once, the second one halfway through the window, in week 2.5.
        let mut first = subjects(0);
        for (index, quantile) in [0.0, 0.5, 0.5].into_iter().enumerate() {
            first.replace(index, 0, quantile);
        }
        run(&Common { edges, classes, ranks, timing, truth }, &mut [first], &mut leaves, &mut times);
        assert_eq!(times[0].uninformed_dlts, 1, "that of the third alone");
    }

    #[test]
    fn other_trials_are_left_to_be_run_patient_by_patient() {
        let plain = Timing::new(3.0, 1.0);
        let three = graph(DESIGNS[0]);
        assert!(edges(&three, &plain).is_some());
        let others = [
            Timing { queue: 1, ..plain.clone() },
            Timing { sentinel_weeks: 1.0, ..plain.clone() },
            Timing { dropout_rate: 0.1, ..plain.clone() },
        ];
        assert!(others.iter().all(|timing| edges(&three, timing).is_none()));
        for keys in ["method = \"boin\"\ncohort_size = 9\nmax_patients = 27", "method = \"biased-coin\"\nmax_patients = 12"] {
            assert!(edges(&graph(keys), &plain).is_none(), "{keys}");
        }
    }
}
