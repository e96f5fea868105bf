//! Weighted isotonic regression.

use super::lanes::Lanes;

/// The non-decreasing sequences nearest to `values` in weighted least squares, side by side: at each place the largest, over where a
/// run of neighbours begins, of the smallest, over where it ends, of the weighted means of the runs that hold the place (Robertson,
/// Wright and Dykstra, 1988, Order Restricted Statistical Inference, section 1.4). The weights must be positive; one too small to
/// change a sum leaves its place out of account, whatever value it has.
///
/// Pooling adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, 1955) needs fewer means, but no processor foresees which: this
/// runs at every end of a trial.
#[inline(always)]
pub(crate) fn isotonic<const LENGTH: usize, const WIDTH: usize>(
    values: &[Lanes<WIDTH>; LENGTH],
    weights: &[Lanes<WIDTH>; LENGTH],
) -> [Lanes<WIDTH>; LENGTH] {
    let mut nearest = [Lanes::all(f64::NEG_INFINITY); LENGTH];
    for begin in 0..LENGTH {
        let mut means = *values;
        let mut weight = weights[begin];
        let mut sum = weight * values[begin];
        for end in begin + 1..LENGTH {
            weight += weights[end];
            sum += weights[end] * values[end];
            means[end] = sum / weight;
        }
        let mut smallest = Lanes::all(f64::INFINITY);
        for place in (begin..LENGTH).rev() {
            smallest = smallest.min(means[place]);
            nearest[place] = nearest[place].max(smallest);
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LENGTH: usize = 5;

    fn regression(values: [f64; LENGTH], weights: [f64; LENGTH]) -> [f64; LENGTH] {
        isotonic(&values.map(Lanes::<1>::all), &weights.map(Lanes::all)).map(|number| number.lane(0))
    }

    /// Pooling adjacent violators.
    fn pooled(values: [f64; LENGTH], weights: [f64; LENGTH]) -> Vec<f64> {
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        for (value, weight) in values.into_iter().zip(weights) {
            let mut block = (value, weight, 1);
            while let Some(&(left, left_weight, length)) = blocks.last().filter(|left| left.0 > block.0) {
                let weight = left_weight + block.1;
                block = ((left * left_weight + block.0 * block.1) / weight, weight, length + block.2);
                blocks.pop();
            }
            blocks.push(block);
        }
        blocks.into_iter().flat_map(|(value, _, length)| std::iter::repeat_n(value, length)).collect()
    }

    #[test]
    fn violators_are_pooled_backwards_as_far_as_needed() {
        let found = regression([0.4, 0.5, 0.1, 0.6, 0.6], [1.0, 1.0, 2.0, 1.0, 1.0]);
        let mean = (0.4 + 0.5 + 0.2) / 4.0;
        for (value, expected) in found.into_iter().zip([mean, mean, mean, 0.6, 0.6]) {
            assert!((value - expected).abs() < 1e-15, "{found:?}");
        }
    }

    #[test]
    fn places_of_next_to_no_weight_are_left_out_of_account() {
        let with = regression([0.5, 0.3, 0.0, 0.2, 0.9], [1e-300, 2.0, 1e-300, 1.0, 1e-300]);
        let mean = (0.6 + 0.2) / 3.0;
        assert_eq!([with[1], with[3]], [mean, mean]);
    }

    proptest! {
        #[test]
        fn it_is_what_pooling_adjacent_violators_gives(
            values in prop::array::uniform5(prop::sample::select(vec![0.0, 0.1, 0.25, 0.3, 0.5, 0.7])),
            weights in prop::array::uniform5(prop::sample::select(vec![0.5, 1.0, 2.0, 7.0])),
        ) {
            let found = regression(values, weights);
            for (found, expected) in found.into_iter().zip(pooled(values, weights)) {
                prop_assert!((found - expected).abs() < 1e-15, "{values:?} {weights:?} {found} {expected}");
            }
        }

        #[test]
        fn lanes_do_not_meet(
            values in prop::array::uniform5(prop::array::uniform4(0.0..1.0_f64)),
            weights in prop::array::uniform5(prop::array::uniform4(0.1..9.0_f64)),
        ) {
            let lanes = |numbers: [[f64; 4]; LENGTH]| numbers.map(|numbers| Lanes::<4>::of(|lane| numbers[lane]));
            let found = isotonic(&lanes(values), &lanes(weights));
            for lane in 0..4 {
                let alone = regression(values.map(|values| values[lane]), weights.map(|weights| weights[lane]));
                prop_assert_eq!(found.map(|number| number.lane(lane)), alone);
            }
        }
    }
}
