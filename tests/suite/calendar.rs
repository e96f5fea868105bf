//! Trials in calendar time: against dfcrm's simulator, against exact durations, and against what must always hold.

use crate::support::{Golden, graph_of, list, occurred, study};
use dosebench::design::Plan;
use dosebench::design::model::crm::nearest;
use dosebench::design::pending::{PendingProtocol, PendingRule};
use dosebench::design::wording::{LevelNames, Wording};
use dosebench::engine::{
    Calendar, CalendarQuantity, CalendarTally, Distribution, Exact, Monitor, Replicates, Tally, TimedRule, Walker, replay,
};
use dosebench::measure::agreement;
use dosebench::report::replay::{patients_csv, replay as in_words};
use dosebench::scenario::Truth;
use dosebench::study::Study;
use dosebench::trial::{Arrival, Cohort, Counts, Level, Outcome, Ruling, Situation, StopReason, Suspension, Timing};
use std::collections::BTreeMap;

pub(crate) const CURVE: [f64; 5] = [0.05, 0.12, 0.25, 0.42, 0.55];
pub(crate) const TOXIC: [f64; 5] = [0.45, 0.55, 0.65, 0.75, 0.85];
pub(crate) const MODERATE: [f64; 5] = [0.3, 0.3, 0.3, 0.2, 0.1];

/// A study on five levels with these lines of `[timing]` and these designs, one text each.
pub(crate) fn timed_study(target: f64, timing: &str, designs: &[&str]) -> Study {
    let mut text = format!("name = \"test\"\ntarget = {target}\n[doses]\nlevels = [1, 2, 3, 4, 5]\n[timing]\n{timing}\n");
    for (place, design) in designs.iter().enumerate() {
        text.push_str(&format!("[[design]]\nname = \"{place}\"\n{design}\n"));
    }
    study(&text)
}

pub(crate) fn timing(study: &Study) -> &Timing {
    study.timing.as_ref().expect("timing")
}

/// A design of the study in calendar time.
pub(crate) fn pending_walker(study: &Study, design: usize) -> Walker<'_> {
    let Plan::LateOnset(rule) = &study.designs[design].plan else { panic!("does not look at pending patients") };
    Walker::Calendar(Calendar { rule: TimedRule::Pending(rule.as_ref()), timing: timing(study) })
}

/// The leaves of the graph that is walked, where there is one.
fn leaves(walker: Walker<'_>) -> &[Outcome] {
    match walker {
        Walker::Graph(graph) | Walker::Calendar(Calendar { rule: TimedRule::Graph(graph), .. }) => graph.leaves(),
        _ => &[],
    }
}

/// How and when the trials of one design under one truth ended.
pub(crate) fn run<'a>(
    walker: Walker<'_>,
    truth: impl Into<Truth<'a>>,
    replicates: usize,
    seed: u64,
) -> (BTreeMap<Outcome, u64>, CalendarTally) {
    let runs = Replicates { walkers: &[walker], curves: &[truth.into()], seed, replicates };
    let tally = runs.tally(&Monitor::default()).expect("not interrupted").remove(0).remove(0);
    let Tally::Timed(without, calendar) = tally else { panic!("not timed") };
    (occurred(&without, leaves(walker)), calendar)
}

/// How each trial ended, in order.
pub(crate) fn ends<'a>(walker: Walker<'_>, truth: impl Into<Truth<'a>>, replicates: usize, seed: u64) -> Vec<Outcome> {
    let leaves = leaves(walker);
    let runs = Replicates { walkers: &[walker], curves: &[truth.into()], seed, replicates };
    let spans = runs.visit_in_order(&Monitor::default(), Vec::new, |all: &mut Vec<Outcome>, _, ends| {
        all.extend(ends[0].outcomes(leaves));
    });
    spans.expect("not interrupted").concat()
}

/// A rule of two stages with the defect of dfcrm: where everybody so far has had a DLT, the prior MTD is recommended, one level up at most.
struct AllDltsAsDfcrm<'a> {
    rule: &'a dyn PendingProtocol,
    prior_mtd: Level,
}

impl PendingRule for AllDltsAsDfcrm<'_> {
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
        let (ruling, counts) = (self.rule.decide(situation), &situation.counts);
        match ruling {
            Ruling::Enrol(cohort, reason) if counts.total_dlts() == counts.total_patients() => {
                let level = self.prior_mtd.min(situation.current() + 1) as u8;
                Ruling::Enrol(Cohort { level, ..cohort }, reason)
            }
            _ => ruling,
        }
    }

    fn select(&self, counts: &Counts, latest: Arrival, closed_by: StopReason) -> (Option<Level>, StopReason) {
        self.rule.select(counts, latest, closed_by)
    }

    fn suspensions(&self) -> &'static [Suspension] {
        self.rule.suspensions()
    }
}

impl PendingProtocol for AllDltsAsDfcrm<'_> {
    fn grounds(&self, situation: &Situation<'_>) -> String {
        self.rule.grounds(situation)
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        self.rule.synopsis()
    }

    fn wording(&self, names: &LevelNames) -> Wording {
        self.rule.wording(names)
    }
}

/// dfcrm::titesim, 20,000 trials a scenario. The standard error of a difference has both sides' replicates in it; dfcrm used the same
/// random numbers for all curves of a configuration, so its errors are correlated across curves.
#[test]
fn tite_crm_trials_end_as_those_of_dfcrm() {
    const REPLICATES: usize = 8_000;
    let golden = Golden::read("titesim_oc.csv");
    let (mut squares, mut largest, mut count) = (0.0, 0.0f64, 0.0);
    for row in &golden.rows {
        let get = |column| golden.get(row, column);
        let number = |column| get(column).parse::<f64>().expect("a number");
        let pattern = if get("accrual") == "fixed" { "arrivals = \"regular\"\n" } else { "" };
        let lines =
            format!("{pattern}dlt_window_weeks = {}\naccrual_per_week = {}", get("obswin"), number("rate") / number("obswin"));
        let scheme = get("x0").replace(';', ", ");
        let has_two_stages = scheme != "1";
        let scheme = if has_two_stages { format!("initial_scheme = [{scheme}]\n") } else { String::new() };
        let design = format!(
            "{scheme}method = \"tite-crm\"\nmodel = \"{}\"\nskeleton = [{}]\nprior_sd = {}\nweights = \"{}\"\ncohort_size = 1\n\
             max_patients = {}\ncoherent = \"off\"\nselection = \"model\"",
            get("model"),
            get("skeleton").replace(';', ", "),
            get("scale"),
            get("scheme"),
            get("n")
        );
        assert_eq!(get("restrict"), "TRUE");
        let study = timed_study(number("target"), &lines, &[&design]);
        let Plan::LateOnset(rule) = &study.designs[0].plan else { panic!("does not look at pending patients") };
        let skeleton = list(get("skeleton"));
        let prior_mtd = nearest(skeleton.into_iter().enumerate(), number("target")).expect("a level");
        let as_dfcrm = AllDltsAsDfcrm { rule: rule.as_ref(), prior_mtd };
        let rule = TimedRule::Pending(if has_two_stages { &as_dfcrm } else { rule.as_ref() });
        let walker = Walker::Calendar(Calendar { rule, timing: timing(&study) });
        let (outcomes, calendar) = run(walker, &list(get("p_true")), REPLICATES, 7);
        let trials = REPLICATES as f64;
        let both = 1.0 / trials + 1.0 / number("nsim");
        let mut note = |difference: f64, variance: f64| {
            let z = difference / (variance * both).sqrt();
            squares += z * z;
            largest = largest.max(z.abs());
            count += 1.0;
        };
        for (level, (selected, treated)) in list(get("sel")).into_iter().zip(list(get("npts"))).enumerate() {
            let mean = |quantity: &dyn Fn(&Outcome) -> f64| {
                outcomes.iter().map(|(outcome, times)| *times as f64 * quantity(outcome)).sum::<f64>() / trials
            };
            let share = mean(&|outcome| outcome.selects(level + 1));
            let pooled = 0.5 * (share + selected);
            if pooled * trials > 10.0 {
                note(share - selected, pooled * (1.0 - pooled));
            }
            let patients = |outcome: &Outcome| outcome.counts.patients(level) as f64;
            let (first, second) = (mean(&patients), mean(&|outcome| patients(outcome).powi(2)));
            if treated * trials > 10.0 {
                note(first - treated, second - first * first);
            }
        }
        let (weeks, variance) = calendar.mean_and_variance(CalendarQuantity::Weeks);
        if variance > 0.0 {
            note(weeks - number("dur_mean"), variance);
        } else {
            assert_eq!(weeks, number("dur_mean"));
        }
    }
    assert_eq!(golden.rows.len(), 32);
    let rms = (squares / count).sqrt();
    assert!(count > 270.0 && (0.75..1.25).contains(&rms) && largest < 4.5, "{count} z-scores, rms {rms}, largest {largest}");
}

pub(crate) const CONVENTIONAL: [&str; 6] = [
    "method = \"3+3\"",
    "method = \"3+3\"\nfirst_cohort_size = 1",
    "method = \"boin\"\nmax_patients = 24",
    "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 15",
    "method = \"biased-coin\"\nmax_patients = 12",
    "method = \"boin\"\ntitration = { moderate = 2 }\nmax_patients = 15",
];

/// Cohorts that wait end as without a calendar, replicate by replicate, and take Gamma(patients) + cohorts windows.
#[test]
fn cohorts_that_wait_end_as_compiled_and_as_late_as_expected() {
    const REPLICATES: usize = 20_000;
    let study = timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 0.5", &CONVENTIONAL);
    for design in 0..CONVENTIONAL.len() {
        let graph = graph_of(&study, design);
        let Plan::Rule(rule) = &study.designs[design].plan else { panic!("not a rule") };
        let timed = |rule| Walker::Calendar(Calendar { rule, timing: timing(&study) });
        let (along_graph, along_rule) = (timed(TimedRule::Graph(&graph)), timed(TimedRule::Rule(rule.as_ref())));
        for toxicity in [&CURVE, &TOXIC] {
            let truth = Truth { toxicity, moderate: &MODERATE, accrual_per_week: None };
            let compiled = ends(Walker::Graph(&graph), truth, 2_000, 3);
            assert_eq!(ends(along_graph, truth, 2_000, 3), compiled);
            assert_eq!(ends(along_rule, truth, 2_000, 3), compiled);

            let (outcomes, calendar) = run(along_graph, truth, REPLICATES, 3);
            let exact = Exact::new(&graph);
            let expected = Distribution::exact(&exact, truth);
            let found =
                Distribution::replicates(&along_graph, Tally::Timed(Box::new(Tally::Outcomes(outcomes)), calendar.clone()));
            let check = agreement(&expected, &found).expect("one exact, one simulated");
            assert!(check.p_value > 1e-3, "design {design}: {check:?}");

            // Patients arrive every 2 weeks on average, and each cohort takes 3 more; the last one's window closes nothing.
            let mean = |quantity: &dyn Fn(&Outcome) -> f64| expected.probabilities().map(|(o, p)| p * quantity(o)).sum::<f64>();
            let cohorts = |outcome: &Outcome| f64::from(outcome.cohorts);
            let weeks = mean(&|outcome| 2.0 * outcome.counts.total_patients() as f64 + 3.0 * cohorts(outcome));
            let closed = mean(&|outcome| 3.0 * (cohorts(outcome) - 1.0));
            let quantities = [
                (CalendarQuantity::Weeks, weeks),
                (CalendarQuantity::ClosedWeeks, closed),
                (CalendarQuantity::TurnedAway, 0.5 * closed),
            ];
            for (quantity, expected) in quantities {
                let (mean, variance) = calendar.mean_and_variance(quantity);
                let std_error = (variance / REPLICATES as f64).sqrt();
                assert!((mean - expected).abs() <= 4.0 * std_error + 1e-9, "design {design}: {mean} {expected} {std_error}");
            }
        }
    }
}

/// Designs for pending patients, and what they are with complete data.
pub(crate) const TWINS: [(&str, &str); 9] = [
    (
        "method = \"tite-blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 9\ndeclare_min_patients = 3",
        "method = \"blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 9\ndeclare_min_patients = 3",
    ),
    ("method = \"pod-tpi\"\nextra_safe_offset = 0.05", "method = \"mtpi2\"\nextra_safe_offset = 0.05"),
    ("method = \"pod-tpi\"\nrule = \"i3+3\"\ncohort_size = 2", "method = \"i3+3\"\ncohort_size = 2"),
    (
        "method = \"tite-keyboard\"\nmargin_below = 0.1\nselection = \"next\"\nmax_patients = 24",
        "method = \"keyboard\"\nmargin_below = 0.1\nselection = \"next\"\nmax_patients = 24",
    ),
    (
        "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 18\n\
         stop_when_precise = { lower = 0.1, upper = 0.45, credibility = 0.8 }",
        "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 18\n\
         stop_when_precise = { lower = 0.1, upper = 0.45, credibility = 0.8 }",
    ),
    ("method = \"tite-boin\"\nstop_at_patients = 9", "method = \"boin\"\nstop_at_patients = 9"),
    ("method = \"tite-boin\"\nvariant = \"ess\"\ncohort_size = 1", "method = \"boin\"\ncohort_size = 1"),
    (
        "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\nmax_patients = 18",
        "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\nmax_patients = 18",
    ),
    (
        "method = \"tite-crm\"\nweights = \"adaptive\"\nmodel = \"logistic\"\nskeleton = { prior_mtd = 2, halfwidth = 0.06 }\nprior_sd = 1\n\
         cohort_size = 1\nmax_patients = 12",
        "method = \"crm\"\nmodel = \"logistic\"\nskeleton = { prior_mtd = 2, halfwidth = 0.06 }\nprior_sd = 1\ncohort_size = 1\n\
         max_patients = 12",
    ),
];

/// The same of a design of two stages.
const TWO_STAGES: (&str, &str) = (
    "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 18\ncohort_size = 2\n\
     initial_scheme = [1, 2, 2, 2, 3, 3, 4, 5]",
    "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\nmax_patients = 18\ncohort_size = 2\n\
     initial_scheme = [1, 2, 2, 2, 3, 3, 4, 5]",
);

#[test]
fn without_pressure_of_accrual_designs_are_those_for_complete_data() {
    for (pending, complete) in TWINS.into_iter().chain([TWO_STAGES]) {
        // Every window is over before the next patient comes.
        let study =
            timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 0.25\narrivals = \"regular\"", &[pending, complete]);
        let graph = graph_of(&study, 1);
        for curve in [CURVE, TOXIC] {
            let found = ends(pending_walker(&study, 0), &curve, 3_000, 11);
            assert_eq!(found, ends(Walker::Graph(&graph), &curve, 3_000, 11), "{pending}");
            let (_, calendar) = run(pending_walker(&study, 0), &curve, 3_000, 11);
            assert_eq!(calendar.mean_and_variance(CalendarQuantity::TurnedAway), (0.0, 0.0));
        }
    }
}

pub(crate) const LATE_ONSET: [&str; 8] = [
    "method = \"rolling-six\"",
    "method = \"tite-boin\"",
    "method = \"tite-boin\"\nvariant = \"ess\"\ncohort_size = 1",
    "method = \"tite-keyboard\"",
    "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ncohort_size = 1",
    "method = \"tite-crm\"\nweights = \"adaptive\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9",
    "method = \"pod-tpi\"\nmin_escalation_probability = 0.8\ncohort_size = 1",
    "method = \"tite-crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ninitial_scheme = [1, 2, 2, 3, 3, 3, 4]",
];

const TIMINGS: [&str; 4] = [
    "dlt_window_weeks = 3\naccrual_per_week = 2",
    "dlt_window_weeks = 3\naccrual_per_week = 2\nqueue = 2\nsentinel_weeks = 1\ndecision_weeks = 0.5\nramp_up_weeks = 10",
    "dlt_window_weeks = 4\naccrual_per_week = 5\narrivals = \"regular\"\ntime_to_dlt = { first_half = 0.3 }",
    "dlt_window_weeks = 6\naccrual_per_week = 0.5\narrival_weeks = [1, 1, 2, 8]\ntime_to_dlt = [0, 0, 1]",
];

#[test]
fn laws_of_trials_with_pending_patients() {
    for lines in TIMINGS {
        let study = timed_study(0.25, lines, &LATE_ONSET);
        let window = timing(&study).dlt_window_weeks;
        for design in 0..LATE_ONSET.len() {
            let Plan::LateOnset(rule) = &study.designs[design].plan else { panic!("does not look at pending patients") };
            let walker = pending_walker(&study, design);
            for curve in [CURVE, TOXIC] {
                let runs = Replicates { walkers: &[walker], curves: &[(&curve).into()], seed: 5, replicates: 1_500 };
                let visited = runs.visit_in_order(
                    &Monitor::default(),
                    || 0,
                    |count: &mut usize, _, ends| {
                        for (outcome, times) in ends[0].outcomes(&[]).zip(ends[0].times()) {
                            *count += 1;
                            let total = outcome.counts.total_patients();
                            assert!((1..=rule.max_patients()).contains(&total));
                            assert!(outcome.reason != StopReason::MaxPatients || total == rule.max_patients());
                            assert_eq!(outcome.selected.count_ones(), 1);
                            assert!(times.weeks >= window && times.closed_weeks >= 0.0 && times.closed_weeks <= times.weeks);
                            assert!(times.turned_away == 0 || times.closed_weeks > 0.0);
                            if rule.suspensions().is_empty() && timing(&study).sentinel_weeks == 0.0 {
                                assert_eq!(times.closed_weeks, 0.0);
                            }
                        }
                    },
                );
                assert_eq!(visited.expect("not interrupted").into_iter().sum::<usize>(), 1_500);
            }
        }
    }
}

/// A Monte Carlo law: with a Poisson process the patients turned away are the rate times the weeks closed.
#[test]
fn patients_are_turned_away_in_proportion_to_the_weeks_closed() {
    const REPLICATES: usize = 10_000;
    let study = timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 2", &[&LATE_ONSET[..4], &LATE_ONSET[6..]].concat());
    for design in 0..6 {
        let (_, calendar) = run(pending_walker(&study, design), &CURVE, REPLICATES, 13);
        let (closed, _) = calendar.mean_and_variance(CalendarQuantity::ClosedWeeks);
        let (away, variance) = calendar.mean_and_variance(CalendarQuantity::TurnedAway);
        // The two are positively correlated, so this error is too large rather than too small.
        let std_error = (variance / REPLICATES as f64).sqrt();
        assert!(away > 0.0 && (away - 2.0 * closed).abs() < 4.0 * std_error, "design {design}: {away} {closed} {std_error}");
    }
}

#[test]
fn who_waits_in_a_queue_is_not_turned_away() {
    let lost = timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 1", &LATE_ONSET[..2]);
    let queued = timed_study(0.25, "dlt_window_weeks = 3\naccrual_per_week = 1\nqueue = 5", &LATE_ONSET[..2]);
    for design in 0..2 {
        let mean =
            |study: &Study, quantity| run(pending_walker(study, design), &CURVE, 2_000, 17).1.mean_and_variance(quantity).0;
        assert!(mean(&queued, CalendarQuantity::Weeks) < mean(&lost, CalendarQuantity::Weeks));
        assert!(mean(&queued, CalendarQuantity::TurnedAway) < mean(&lost, CalendarQuantity::TurnedAway));
    }
}

/// By hand: regular arrivals in weeks 2, 4, 6, ...; a 3+3 without DLTs on one level of the five has cohorts in weeks 2, 4, 6, its window
/// ends in week 9, and the next cohort is enrolled in weeks 10, 12, 14.
#[test]
fn regular_arrivals_by_hand() {
    let duration = |lines: &str| {
        let study = timed_study(0.25, lines, &CONVENTIONAL[..1]);
        let graph = graph_of(&study, 0);
        let walker = Walker::Calendar(Calendar { rule: TimedRule::Graph(&graph), timing: timing(&study) });
        let (_, calendar) = run(walker, &[0.0; 5], 10, 1);
        let moments = [CalendarQuantity::Weeks, CalendarQuantity::ClosedWeeks, CalendarQuantity::TurnedAway];
        moments.map(|quantity| calendar.mean_and_variance(quantity)).map(|(mean, variance)| {
            assert_eq!(variance, 0.0);
            mean
        })
    };
    let usual = "dlt_window_weeks = 3\naccrual_per_week = 0.5\narrivals = \"regular\"\n";
    // Five levels of 3, and 3 more at the highest: six cohorts, each 8 weeks after the one before; one arrival falls in each window.
    assert_eq!(duration(usual), [6.0 + 5.0 * 8.0 + 3.0, 15.0, 5.0]);
    // Who waits is enrolled when the window ends: the cohort after that of weeks 2, 4 and 6 has weeks 9, 10 and 12.
    let [weeks, _, away] = duration(&format!("{usual}queue = 1\n"));
    assert!(weeks < 49.0 && away == 0.0, "{weeks} {away}");
    // A sentinel patient of 3 weeks: weeks 2, 6, 8 in place of 2, 4, 6.
    let [weeks, ..] = duration(&format!("{usual}sentinel_weeks = 3\n"));
    assert_eq!(weeks, 8.0 + 5.0 * 10.0 + 3.0);
}

#[test]
fn results_do_not_depend_on_threads() {
    let study = timed_study(0.25, TIMINGS[1], &LATE_ONSET);
    let walkers: Vec<Walker<'_>> = (0..LATE_ONSET.len()).map(|design| pending_walker(&study, design)).collect();
    let tallies = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let runs = Replicates { walkers: &walkers, curves: &[(&CURVE).into(), (&TOXIC).into()], seed: 23, replicates: 1_300 };
        format!("{:?}", pool.install(|| runs.tally(&Monitor::default()).expect("not interrupted")))
    };
    assert_eq!(tallies(1), tallies(3));
}

/// A replayed trial is the one of the run, and its patients and decisions add up to how it ended.
#[test]
fn a_replayed_trial_is_that_of_the_run() {
    let study = timed_study(0.25, TIMINGS[0], &[LATE_ONSET[0], LATE_ONSET[1], LATE_ONSET[4], CONVENTIONAL[0], CONVENTIONAL[2]]);
    for design in &study.designs {
        let rule = match &design.plan {
            Plan::LateOnset(rule) => TimedRule::Pending(rule.as_ref()),
            Plan::Rule(rule) => TimedRule::Rule(rule.as_ref()),
            Plan::Benchmark(_) => panic!("no benchmark here"),
        };
        let calendar = Calendar { rule, timing: timing(&study) };
        let run = ends(Walker::Calendar(calendar), &CURVE, 600, 9);
        for replicate in (0..600).step_by(7) {
            let trace = replay(&calendar, &CURVE, 9, replicate as u64);
            assert_eq!(trace.outcome, run[replicate]);
            let counts = &trace.outcome.counts;
            for level in 0..CURVE.len() {
                let there = trace.patients.iter().filter(|patient| patient.level as usize == level);
                assert_eq!(there.clone().count(), counts.patients(level));
                assert_eq!(there.filter(|patient| patient.dlt.is_some()).count(), counts.dlts(level));
            }
            assert!(trace.patients.is_sorted_by(|a, b| a.entered <= b.entered && a.cohort <= b.cohort));
            assert!(trace.patients.iter().all(|p| p.dlt.is_none_or(|week| (p.entered..=p.entered + 3.0).contains(&week))));
            assert!(trace.decisions.is_sorted_by(|a, b| a.week <= b.week));
            let begun = trace.decisions.iter().filter(|decision| matches!(decision.ruling, Ruling::Enrol(..))).count();
            assert_eq!(begun + 1, usize::from(trace.outcome.cohorts));
            assert!(trace.decisions.iter().all(|decision| !decision.grounds.is_empty()));
        }
    }
    let Plan::LateOnset(rule) = &study.designs[0].plan else { panic!("does not look at pending patients") };
    let trace = replay(&Calendar { rule: TimedRule::Pending(rule.as_ref()), timing: timing(&study) }, &CURVE, 9, 0);
    let (words, patients) = (in_words(&study, "Rolling six", &trace).text(), patients_csv(&trace));
    assert!(words.contains("patient 1 is enrolled at level 1, cohort 1") && words.contains("selected"), "{words}");
    assert_eq!(patients.lines().count(), trace.patients.len() + 1);
    assert!(patients.starts_with("patient,cohort,dose_level,enrolled_week,dlt_week,dropout_week\n1,1,1,"), "{patients}");
}
