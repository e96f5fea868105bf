//! What must hold of every curve that any generator of a population draws, whatever its numbers.

#![allow(clippy::unwrap_used, reason = "a curve that cannot be drawn fails the test that needs it")]

use dosebench::scenario::{Family, Generator, Limits, NoCurve, Quantity, Recipe, Target};
use dosebench::trial::Level;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// So many random generators, targets, doses and seeds.
const CASES: u32 = 400;

/// Three curves of each.
const CURVES: u64 = 3;

fn family() -> impl Strategy<Value = Family> {
    prop::sample::select(Family::WORDS.map(|(_, family, _)| family).to_vec())
}

/// A toxicity between two bounds: a number, a range, or the median of a distribution.
fn toxicity(low: f64, high: f64) -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (low..high).prop_map(Quantity::Fixed),
        (low..high, low..high).prop_map(|(one, other)| Quantity::Uniform(one.min(other), one.max(other))),
        (low..high, 0.1..1.5f64).prop_map(|(median, sd)| Quantity::LogitNormal(median, sd)),
    ]
}

fn slope() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (0.02..0.3f64).prop_map(Quantity::Fixed),
        (0.02..0.2f64, 0.1..1.0f64).prop_map(|(median, sd)| Quantity::LogNormal(median, sd))
    ]
}

/// Every generator there is, for so many levels with doses from 1 on.
fn generator(levels: usize) -> impl Strategy<Value = Generator> {
    prop_oneof![
        (family(), toxicity(0.01, 0.15), toxicity(0.3, 0.7)).prop_map(move |(family, lower, upper)| {
            // An Emax curve rises more slowly than the dose: its anchors are far apart.
            Generator::Anchors { family, lower: (1.0, lower), upper: (40.0 + levels as f64, upper) }
        }),
        (family(), slope()).prop_map(|(family, slope)| Generator::Slope { family, slope }),
        (0.1..0.8f64, 0.0..0.5f64, 0.0..0.2f64).prop_map(|(step, step_sd, mtd_sd)| Generator::Paoletti { step, step_sd, mtd_sd }),
        Just(Generator::Clertant),
        prop::collection::vec(0.3..5.0f64, levels + 1).prop_map(|concentration| Generator::Dirichlet { concentration }),
        (1.0..6.0f64, -2.0..1.0f64, -0.5..1.0f64, 0.0..1.5f64, -1.0..=1.0f64).prop_map(
            |(reference_dose, log_alpha, log_beta, sd, correlation)| Generator::Prior {
                reference_dose,
                mean: [log_alpha, log_beta],
                sd: [sd, sd / 2.0],
                correlation
            }
        ),
    ]
}

/// A generator, the doses, the target, the seed, and the number of the first curve.
fn case() -> impl Strategy<Value = (Generator, Vec<f64>, f64, u64, u64)> {
    (1..=12usize).prop_flat_map(|levels| {
        let doses = prop::collection::vec(0.1..2.0f64, levels).prop_map(|steps| {
            let mut dose = 0.5;
            let next = |step: f64| {
                dose += step;
                dose
            };
            steps.into_iter().map(next).collect::<Vec<f64>>()
        });
        (generator(levels), doses, 0.1..0.5f64, any::<u64>(), 1..1_000_000u64)
    })
}

/// What a study may write of a curve: six decimals, none falling, all of them probabilities.
fn is_sound(curve: &[f64], levels: usize) -> bool {
    let has_six_decimals = |p: &f64| ((p * 1e6).round() / 1e6).to_bits() == p.to_bits();
    curve.len() == levels
        && curve.is_sorted()
        && curve.iter().all(|p| (0.0..=1.0).contains(p))
        && curve.iter().all(has_six_decimals)
}

/// A curve with its correct level, or why there is none.
type Drawn = Result<(Vec<f64>, Option<Level>), NoCurve>;

/// Draw some curves by number, with these correct levels to choose from.
fn drawn(
    (generator, doses, target, seed, first): &(Generator, Vec<f64>, f64, u64, u64),
    mtds: Option<Vec<Option<Level>>>,
) -> Vec<Drawn> {
    let target = Target::new(*target, None);
    let recipe = Recipe { generator: generator.clone(), doses, target: &target, mtds, limits: Limits::default(), seed: *seed };
    (*first..first + CURVES).map(|number| recipe.curve(number)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    /// Curves rise and are probabilities; their correct level is the target's; the same number gives the same curve, whatever was drawn
    /// before it; other numbers and other seeds give other curves, where anything is random.
    #[test]
    fn curves_rise_and_are_reproducible_by_number(case in case()) {
        let found = drawn(&case, None);
        let (target, levels) = (Target::new(case.2, None), case.1.len());
        for (number, curve) in (case.4..).zip(&found) {
            let Ok((curve, correct)) = curve else { continue };
            prop_assert!(is_sound(curve, levels), "{curve:?}");
            prop_assert_eq!(*correct, target.correct_level(curve));
            let alone = (case.0.clone(), case.1.clone(), case.2, case.3, number);
            prop_assert_eq!(&drawn(&alone, None)[0], &Ok((curve.clone(), *correct)));
        }
        if let (Generator::Clertant | Generator::Dirichlet { .. }, [Ok(one), Ok(other), ..]) = (&case.0, &found[..]) {
            prop_assert_ne!(&one.0, &other.0);
            let reseeded = (case.0.clone(), case.1.clone(), case.2, case.3 ^ 1, case.4);
            let reseeded = drawn(&reseeded, None).remove(0).unwrap();
            prop_assert_ne!(&reseeded.0, &one.0);
        }
    }

    /// Asked for a correct level that the generator is known to have, every curve has it.
    #[test]
    fn the_correct_level_asked_for_is_that_of_every_curve(case in case(), which in 0..12usize) {
        let levels = case.1.len();
        // Those that make curves around an MTD have every level; the others those of their own curves.
        let wanted = match &drawn(&case, None)[0] {
            _ if case.0.has_mtd() => Some(which % levels),
            Ok((_, correct)) => *correct,
            Err(_) => return Ok(()),
        };
        for curve in drawn(&case, Some(vec![wanted])) {
            // A level may be out of reach, as one that a family has no curve of this slope at. Then the generator gives up and says why.
            match curve {
                Ok((curve, correct)) => {
                    prop_assert_eq!(correct, wanted);
                    prop_assert_eq!(Target::new(case.2, None).correct_level(&curve), wanted);
                    prop_assert!(is_sound(&curve, levels), "{curve:?}");
                }
                Err(fault) => prop_assert_eq!(fault.wanted, Some(wanted), "{}", fault),
            }
        }
    }
}

/// The cases above draw curves with few exceptions: without this, generators that never have a curve would pass.
#[test]
fn nearly_all_cases_have_curves() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut curves, mut faults) = (0, 0);
    for _ in 0..200 {
        let case = case().new_tree(&mut runner).unwrap().current();
        let found = drawn(&case, None);
        curves += found.iter().filter(|curve| curve.is_ok()).count();
        faults += found.iter().filter(|curve| curve.is_err()).count();
    }
    assert!(curves > 20 * faults, "{curves} curves, {faults} faults");
}
