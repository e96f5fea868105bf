//! A+B designs against the formulas of Lin and Shih (2001), published figures and a count of their paths; titration in front of them.

use crate::enumerate::{enumerate, probabilities};
use crate::support::design_study;
use dosebench::design::algorithm::a_plus_b::{APlusB, Numbers, Start};
use dosebench::design::algorithm::three_plus_three::NUMBERS;
use dosebench::design::{Plan, Rule};
use dosebench::study::Study;
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Move, Outcome, StopReason, Titration};
use proptest::prelude::*;

const fn numbers(a: usize, b: usize, c: usize, d: usize, e: usize) -> Numbers {
    Numbers { a, b, c, d, e }
}

/// Designs of the literature and others: 3+3, 2+4, 3+1, 4+2, 1+2, 5+3, one that never finds the first group too toxic.
const DESIGNS: [Numbers; 8] = [
    NUMBERS,
    numbers(2, 4, 1, 1, 1),
    numbers(3, 1, 1, 1, 1),
    numbers(4, 2, 1, 2, 2),
    numbers(1, 2, 1, 1, 1),
    numbers(5, 3, 1, 3, 3),
    numbers(6, 6, 2, 3, 4),
    numbers(3, 3, 2, 3, 3),
];

/// Binomial probability, by products alone.
fn binomial(n: usize, k: usize, p: f64) -> f64 {
    let ways = (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64);
    ways * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
}

/// The probabilities of Lin and Shih (2001, section 2) at one level.
struct AtLevel {
    /// P0: fewer than C of A.
    fine: f64,
    /// Q0: C to D of A, then at most E of A + B.
    fine_after_all: f64,
    /// Q1: fewer than C of A, and on coming back more than E of A + B.
    too_toxic_on_return: f64,
    /// Q2: fewer than C of A, and on coming back at most E of A + B.
    fine_on_return: f64,
}

impl AtLevel {
    fn new(Numbers { a, b, c, d, e }: Numbers, p: f64) -> Self {
        let added = |first: usize, few: bool| -> f64 {
            (0..=b).filter(|more| (first + more <= e) == few).map(|more| binomial(b, more, p)).sum()
        };
        let first = |range: std::ops::Range<usize>, then: &dyn Fn(usize) -> f64| -> f64 {
            range.map(|dlts| binomial(a, dlts, p) * then(dlts)).sum()
        };
        Self {
            fine: first(0..c, &|_| 1.0),
            fine_after_all: first(c..d + 1, &|dlts| added(dlts, true)),
            too_toxic_on_return: first(0..c, &|dlts| added(dlts, false)),
            fine_on_return: first(0..c, &|dlts| added(dlts, true)),
        }
    }

    /// P0 + Q0: the level is left upwards.
    fn left(&self) -> f64 {
        self.fine + self.fine_after_all
    }
}

/// P(MTD = none, 1, 2, ...) by the closed formulas; a top level that is fine is selected.
fn closed(numbers: Numbers, deescalate: bool, curve: &[f64]) -> Vec<f64> {
    let levels: Vec<AtLevel> = curve.iter().map(|&p| AtLevel::new(numbers, p)).collect();
    let climbed = |end: usize| levels[..end].iter().map(AtLevel::left).product::<f64>();
    // The first level found too toxic is `first`, and those above `below` fail when they are completed.
    let toxic = |first: usize| 1.0 - levels[first].left();
    let came_down_to = |below: usize| -> f64 {
        (below..levels.len())
            .map(|first| levels[below..first].iter().map(|level| level.too_toxic_on_return).product::<f64>() * toxic(first))
            .sum()
    };
    let mut selected = Vec::new();
    if !deescalate {
        selected.extend((0..levels.len()).map(|first| climbed(first) * toxic(first)));
    } else {
        selected.push(came_down_to(0));
        selected.extend((1..levels.len()).map(|above| {
            let here = &levels[above - 1];
            climbed(above - 1) * (here.fine_after_all + here.fine_on_return) * came_down_to(above)
        }));
    }
    selected.push(climbed(levels.len()));
    selected
}

/// P(none, level 1, 2, ... selected) by enumeration of the rule.
fn selection(rule: &dyn Rule, curve: &[f64]) -> Vec<f64> {
    let distribution = probabilities(&enumerate(rule), curve);
    let selects = |shown: usize| distribution.iter().map(|(outcome, p)| outcome.selects(shown) * p).sum();
    (0..=curve.len()).map(selects).collect()
}

fn plain(numbers: Numbers, levels: usize, deescalate: bool) -> APlusB {
    APlusB { levels, numbers, deescalate, confirm_top_dose: false, start: Start::Group }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_selection_is_that_of_the_closed_formulas(curve in proptest::collection::vec(0.0..1.0f64, 1..5)) {
        for (numbers, deescalate) in DESIGNS.into_iter().flat_map(|numbers| [(numbers, false), (numbers, true)]) {
            let found = selection(&plain(numbers, curve.len(), deescalate), &curve);
            let expected = closed(numbers, deescalate, &curve);
            prop_assert!((expected.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (level, (found, expected)) in found.iter().zip(&expected).enumerate() {
                prop_assert!((found - expected).abs() < 1e-12, "{numbers:?} {deescalate} {level}: {found} {expected}");
            }
        }
    }
}

/// Figures of AplusB (Wheeler, Sweeting and Mander, 2016), quoted to two digits in the tests of the R package escalation. The
/// third of the second row is 0.3247, printed there as 0.33.
#[test]
fn published_figures_of_aplusb() {
    let rule = |deescalate| plain(NUMBERS, 5, deescalate);
    let near = |found: f64, printed: f64| (found - printed).abs() <= 0.005;
    let found = selection(&rule(true), &[0.1, 0.2, 0.3, 0.4, 0.5]);
    assert!(found.iter().zip([0.10, 0.28, 0.33, 0.20, 0.06, 0.02]).all(|(found, printed)| near(*found, printed)), "{found:?}");
    let curve = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
    let found = selection(&plain(NUMBERS, 8, false), &curve);
    let printed = [0.09, 0.26, 0.33, 0.22, 0.08, 0.02, 0.0, 0.0, 0.0];
    for (level, (found, printed)) in found.iter().zip(printed).enumerate() {
        assert!(near(*found, printed) || (level == 2 && near(*found, 0.32)), "level {level}: {found}");
    }
}

/// Without de-escalation a level is left upwards in u ways and found too toxic in t, so there are t (1 + u + ... ) + u^K paths.
#[test]
fn the_number_of_paths_is_that_of_the_levels() {
    for numbers in DESIGNS {
        let Numbers { a, b, c, d, e } = numbers;
        let after = |dlts: usize| (e - dlts).min(b) + 1;
        let up = (c + (c..=d).map(after).sum::<usize>()) as u128;
        let toxic = (a - d + (c..=d).map(|dlts| b + 1 - after(dlts)).sum::<usize>()) as u128;
        for levels in 1..=4 {
            let paths: u128 = enumerate(&plain(numbers, levels, false)).values().map(|ways| ways.paths).sum();
            let expected = (0..levels as u32).map(|below| up.pow(below) * toxic).sum::<u128>() + up.pow(levels as u32);
            assert_eq!(paths, expected, "{numbers:?}, {levels} levels");
        }
    }
}

/// The trial never outgrows its bound and reaches it, and both methods read the same rule from their keys.
#[test]
fn the_largest_trial_has_the_patients_of_the_rule() {
    for numbers in DESIGNS {
        for (deescalate, confirm_top_dose) in [(false, false), (false, true), (true, false), (true, true)] {
            let rule = APlusB { levels: 3, numbers, deescalate, confirm_top_dose, start: Start::Group };
            let largest = enumerate(&rule).keys().map(|outcome| outcome.counts.total_patients()).max();
            assert_eq!(largest, Some(rule.max_patients()), "{rule:?}");
        }
    }
    let of = |keys: &str| design_study(&format!("target = 0.25\nlevels = 4\n{keys}"));
    let (three, general) = (of("method = \"3+3\""), of("method = \"a+b\"\na = 3\nb = 3\nc = 1\nd = 1\ne = 1"));
    let outcomes = |study: &Study| {
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        (rule.synopsis(), enumerate(rule.as_ref()).into_iter().map(|(outcome, ways)| (outcome, ways.paths)).collect::<Vec<_>>())
    };
    assert_eq!(outcomes(&three), outcomes(&general));
}

/// Numbers that are no design are told, each at its key.
#[test]
fn impossible_numbers_are_refused() {
    let faults = |keys: &str| {
        let text = format!("name = \"t\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3, 4, 5]\n[[design]]\nname = \"d\"\n{keys}\n");
        let error = Study::from_text("t.toml", text.as_str()).err().map(|error| error.to_string()).unwrap_or_default();
        ["a", "b", "c", "d", "e", "titration", "cohort_size"]
            .into_iter()
            .filter(|key| error.contains(&format!("design[1].{key}: ")))
            .collect::<Vec<_>>()
    };
    let a_plus_b = |a: &str| format!("method = \"a+b\"\n{a}");
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 1\nd = 1\ne = 1")), [""; 0]);
    assert_eq!(faults(&a_plus_b("a = 0\nb = 3\nc = 1\nd = 1\ne = 1")), ["a"]);
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 2\nd = 1\ne = 1")), ["d"]);
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 1\nd = 4\ne = 4")), ["d"]);
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 1\nd = 2\ne = 1")), ["e"]);
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 1\nd = 1\ne = 6")), ["e"]);
    assert_eq!(faults(&a_plus_b("a = 30\nb = 30\nc = 1\nd = 1\ne = 6")), ["b"]);
    assert_eq!(faults(&a_plus_b("a = 3\nb = 3\nc = 1\nd = 1\ne = 1\ncohort_size = 3")), ["cohort_size"]);
    assert_eq!(faults("method = \"3+3\"\ndeescalate = false\ntitration = { step = 2 }"), ["titration"]);
    assert_eq!(faults(&a_plus_b("b = 3\nc = 1\nd = 1")), ["a", "e"]);
}

fn decide(rule: &APlusB, patients: &[u8], dlts: &[u8], level: u8, cohort: u8, cohort_dlts: u8) -> Decision {
    let counts = Counts::from_slices(patients, dlts).expect("consistent");
    let arrival = Arrival::new(Cohort { level, patients: cohort }, cohort_dlts);
    assert_eq!(rule.objection(&counts, arrival), None, "{counts:?}");
    rule.decide(&counts, arrival)
}

fn enrol(level: u8, patients: u8, reason: Move) -> Decision {
    Decision::Enrol(Cohort { level, patients }, reason)
}

#[test]
fn titration_climbs_and_the_3p3_goes_on_from_there() {
    let rule = APlusB {
        levels: 5,
        numbers: NUMBERS,
        deescalate: true,
        confirm_top_dose: true,
        start: Start::Titration(Titration::PLAIN),
    };
    assert_eq!(rule.first_cohort(), Cohort { level: 0, patients: 1 });
    assert_eq!(decide(&rule, &[1, 1], &[0, 0], 1, 1, 0), enrol(2, 1, Move::Escalate));
    assert_eq!(decide(&rule, &[1, 1, 1], &[0, 0, 1], 2, 1, 1), enrol(2, 2, Move::Expand), "filled up to three");
    assert_eq!(decide(&rule, &[1, 1, 3], &[0, 0, 1], 2, 2, 0), enrol(2, 3, Move::Expand), "1 of 3");
    assert_eq!(decide(&rule, &[1, 1, 6], &[0, 0, 1], 2, 3, 0), enrol(3, 3, Move::Escalate), "cohorts of three from there");
    assert_eq!(decide(&rule, &[1, 1, 3], &[0, 0, 2], 2, 2, 1), enrol(1, 2, Move::Deescalate), "the level below is completed");
    assert_eq!(decide(&rule, &[1, 3, 3], &[0, 0, 2], 1, 2, 0), enrol(1, 3, Move::Expand), "and then to six");
    assert_eq!(decide(&rule, &[1, 6, 3], &[0, 1, 2], 1, 3, 1), Decision::Stop(Some(1), StopReason::MtdDeclared));
    assert_eq!(decide(&rule, &[1, 3, 3], &[0, 2, 2], 1, 2, 2), enrol(0, 2, Move::Deescalate));
    assert_eq!(decide(&rule, &[1, 1, 1, 1, 1], &[0; 5], 4, 1, 0), enrol(4, 2, Move::Expand), "the top level is filled up");
    assert_eq!(decide(&rule, &[1, 1, 1, 1, 3], &[0; 5], 4, 2, 0), enrol(4, 3, Move::Expand), "and confirmed");

    let simple = APlusB { deescalate: false, confirm_top_dose: false, ..rule };
    assert_eq!(decide(&simple, &[1, 1, 3], &[0, 0, 2], 2, 2, 1), Decision::Stop(Some(1), StopReason::MtdDeclared));
    assert_eq!(decide(&simple, &[1, 1, 1, 1, 3], &[0; 5], 4, 2, 0), Decision::Stop(Some(4), StopReason::MtdDeclared));

    let by_two = APlusB { start: Start::Titration(Titration { step: 2, moderate: None }), ..rule };
    assert_eq!(decide(&by_two, &[1], &[0], 0, 1, 0), enrol(2, 1, Move::Escalate));
    assert_eq!(decide(&by_two, &[1, 0, 1], &[0; 3], 2, 1, 0), enrol(4, 1, Move::Escalate));
    assert_eq!(decide(&by_two, &[1, 0, 1, 0, 3], &[0, 0, 0, 0, 2], 4, 2, 1), enrol(3, 3, Move::Deescalate), "passed over");
    assert_eq!(decide(&by_two, &[1, 0, 1, 3, 3], &[0, 0, 0, 0, 2], 3, 3, 0), enrol(3, 3, Move::Expand));
    assert_eq!(decide(&APlusB { levels: 4, ..by_two }, &[1, 0, 1], &[0; 3], 2, 1, 0), enrol(3, 1, Move::Escalate), "the top");
}

/// Every trial with titration ends with a level that has what its variant asks for.
#[test]
fn titrated_trials_end_as_their_variant_says() {
    for (step, deescalate, confirm_top_dose) in
        [(1, false, false), (1, false, true), (1, true, false), (1, true, true), (2, true, true), (3, true, false)]
    {
        let start = Start::Titration(Titration { step, moderate: None });
        let rule = APlusB { levels: 6, numbers: NUMBERS, deescalate, confirm_top_dose, start };
        for Outcome { counts, selected, reason, .. } in enumerate(&rule).into_keys() {
            let level = (selected.trailing_zeros() as usize).checked_sub(1);
            assert_eq!(level.is_none(), reason == StopReason::TooToxic);
            let Some(level) = level else { continue };
            let (patients, dlts) = (counts.patients(level), counts.dlts(level));
            assert!(patients > 0 && dlts <= 1, "{rule:?} {counts:?}");
            let full = if level == 5 { confirm_top_dose } else { deescalate };
            assert!(patients == 6 || !full, "{rule:?} {counts:?}");
        }
    }
}
