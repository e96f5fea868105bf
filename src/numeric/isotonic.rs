//! Weighted isotonic regression.

/// A run of neighbours that share one value.
#[derive(Clone, Copy)]
struct Block {
    value: f64,
    weight: f64,
    end: usize,
}

/// Replace the first `length` of `values` by the non-decreasing sequence nearest to them in weighted least squares, by pooling
/// adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, 1955). The weights must be positive; equal neighbours are not
/// pooled, which does not change the result. No memory is allocated: this runs at every end of a trial.
#[inline]
pub fn isotonic<const N: usize>(values: &mut [f64; N], weights: &[f64; N], length: usize) {
    let mut blocks = [Block { value: 0.0, weight: 0.0, end: 0 }; N];
    let mut count = 0;
    for (index, (&value, &weight)) in values.iter().zip(weights).take(length).enumerate() {
        let mut block = Block { value, weight, end: index + 1 };
        while count > 0 && blocks[count - 1].value > block.value {
            count -= 1;
            let left = blocks[count];
            let weight = left.weight + block.weight;
            block.value = (left.value * left.weight + block.value * block.weight) / weight;
            block.weight = weight;
        }
        blocks[count] = block;
        count += 1;
    }
    let mut start = 0;
    for block in &blocks[..count] {
        values[start..block.end].fill(block.value);
        start = block.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled_backwards_as_far_as_needed() {
        let mut values = [0.4, 0.5, 0.1, 0.6];
        isotonic(&mut values, &[1.0, 1.0, 2.0, 1.0], 4);
        let pooled = (0.4 + 0.5 + 0.2) / 4.0;
        for (value, expected) in values.iter().zip([pooled, pooled, pooled, 0.6]) {
            assert!((value - expected).abs() < 1e-15, "{values:?}");
        }
    }

    #[test]
    fn entries_past_the_length_are_left_alone() {
        let mut values = [0.3, 0.2, 0.1];
        isotonic(&mut values, &[1.0; 3], 2);
        assert_eq!(values, [0.25, 0.25, 0.1]);
        isotonic(&mut values, &[1.0; 3], 0);
        assert_eq!(values, [0.25, 0.25, 0.1]);
    }
}
