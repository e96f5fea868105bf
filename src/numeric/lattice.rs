//! Integrals over the plane by the trapezoid rule, for integrands that are products of powers of tabulated factors.
//!
//! An integrand that is analytic and vanishes in all directions is integrated with an error that falls geometrically with the
//! distance of the nodes (Trefethen and Weideman, 2014, SIAM Review 56, 385-458), so a fixed lattice of nodes serves every
//! integrand of a family, and everything that does not depend on the exponents is tabulated once.
//!
//! The part of the plane where an integrand matters is small. It is found on one node of each eight, on tables of their own, and
//! only the blocks there and next to them are worked out.

use super::exponential::exp_lanes;

/// Nodes of a row that are worked on together.
pub const LANES: usize = 8;
/// One number for each of some neighbouring nodes of a row.
type Block = [f64; LANES];
/// The lane that stands for its block in the search.
const MIDDLE: usize = LANES / 2;
/// An integrand this far below its maximum, on the log scale, is left out (1e-13 of it).
const NEGLIGIBLE: f64 = 30.0;

/// A lattice of nodes with tables of log factors and of functions to be averaged.
#[derive(Clone, Debug)]
pub struct Lattice {
    rows: usize,
    /// Blocks in a row.
    blocks: usize,
    factors: usize,
    functions: usize,
    /// For each row and block, the log of the weight of each node.
    log_weights: Vec<Block>,
    /// For each row, factor and block, the log of the factor.
    log_factors: Vec<Block>,
    /// For each row, function and block, the value of the function.
    values: Vec<Block>,
    /// The middle lanes of `log_weights` and of `log_factors`.
    middles: [Vec<f64>; 2],
    /// For each row, factor of these, and block, the value of the factor; empty where none can be mixed.
    mixable: Vec<usize>,
    mixed_values: Vec<Block>,
}

/// A further factor of an integrand, (1 − weight) + weight × f, with f the value of a factor that can be mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixed {
    /// The place of the factor among those that can be mixed.
    pub place: usize,
    /// The weight, from 0 to 1.
    pub weight: f64,
}

/// Mixed factors that are multiplied before a logarithm is taken: none is below 1e-19 unless its weight is 1, so the product of so many
/// does not vanish.
const AT_ONCE: usize = 12;
/// By how much mixed factors may lower the log of the largest density before everything is worked out in logarithms.
const STEEP: f64 = 500.0;

/// What [`Lattice::integrate`] finds.
#[derive(Clone, Debug)]
pub struct Integral {
    /// The log of the integral.
    pub log: f64,
    /// The share of each row in the integral.
    pub rows: Vec<f64>,
    /// The average of each function, the integrand being the density.
    pub averages: Vec<f64>,
}

impl Lattice {
    /// A lattice of `rows` rows with at least `columns` nodes each; the number is rounded up to a multiple of [`LANES`].
    ///
    /// `log_weight(row, column)` is the log of what a node counts for, `log_factor(factor, row, column)` for each of `factors`
    /// factors the log of its value, finite, and `function(function, row, column)` for each of `functions` functions its value.
    /// Each is asked once for each node.
    #[must_use]
    pub fn new(
        (rows, columns): (usize, usize),
        log_weight: impl Fn(usize, usize) -> f64,
        (factors, log_factor): (usize, impl Fn(usize, usize, usize) -> f64),
        (functions, function): (usize, impl Fn(usize, usize, usize) -> f64),
    ) -> Self {
        let blocks = columns.div_ceil(LANES);
        let table = |entries: usize, value: &dyn Fn(usize, usize, usize) -> f64| -> Vec<Block> {
            let places = (0..rows).flat_map(|row| (0..entries).map(move |entry| (row, entry)));
            let block = |(row, entry): (usize, usize), block: usize| -> Block {
                std::array::from_fn(|lane| value(entry, row, block * LANES + lane))
            };
            places
                .flat_map(|place| (0..blocks).map(move |index| (place, index)))
                .map(|(place, index)| block(place, index))
                .collect()
        };
        let log_weights = table(1, &|_, row, column| log_weight(row, column));
        let log_factors = table(factors, &log_factor);
        let middles = [&log_weights, &log_factors].map(|table| table.iter().map(|block| block[MIDDLE]).collect());
        let values = table(functions, &function);
        Self {
            rows,
            blocks,
            factors,
            functions,
            log_weights,
            log_factors,
            values,
            middles,
            mixable: Vec::new(),
            mixed_values: Vec::new(),
        }
    }

    /// This lattice with factors that can be mixed, at most 1, by their places among the factors.
    #[must_use]
    pub fn with_mixable(mut self, factors: Vec<usize>) -> Self {
        let place = |row: usize, factor: usize| (row * self.factors + factor) * self.blocks;
        let blocks = (0..self.rows)
            .flat_map(|row| factors.iter().map(move |&factor| (row, factor)))
            .flat_map(|(row, factor)| &self.log_factors[place(row, factor)..][..self.blocks]);
        self.mixed_values = blocks.map(|block| block.map(libm::exp)).collect();
        self.mixable = factors;
        self
    }

    /// The integral of the product of the factors, each to its power of `exponents`, and the averages of the functions over it.
    #[must_use]
    pub fn integrate(&self, exponents: &[f64]) -> Integral {
        self.integrate_mixed(exponents, &[])
    }

    /// As [`Lattice::integrate`], the integrand being multiplied by mixed factors.
    #[must_use]
    pub fn integrate_mixed(&self, exponents: &[f64], mixed: &[Mixed]) -> Integral {
        let mut sums = vec![[0.0; LANES]; self.functions];
        let mut rows = vec![0.0; self.rows];
        let highest = self.visit(exponents, mixed, |row, start, densities| {
            let mut mass = [0.0; LANES];
            densities.iter().for_each(|density| add(&mut mass, density));
            rows[row] = total(&mass);
            for (function, sum) in sums.iter_mut().enumerate() {
                let values = &self.values[(row * self.functions + function) * self.blocks + start..][..densities.len()];
                for (density, value) in densities.iter().zip(values) {
                    let product: Block = std::array::from_fn(|lane| density[lane] * value[lane]);
                    add(sum, &product);
                }
            }
        });
        let mass: f64 = rows.iter().sum();
        rows.iter_mut().for_each(|row| *row /= mass);
        Integral { log: highest + libm::log(mass), rows, averages: sums.iter().map(|sum| total(sum) / mass).collect() }
    }

    /// The average of `function(row, column)`, the integrand being the density: for a function that is not in the tables.
    #[must_use]
    pub fn average(&self, exponents: &[f64], function: impl Fn(usize, usize) -> f64) -> f64 {
        let (mut mass, mut sum) = (0.0, 0.0);
        self.visit(exponents, &[], |row, start, densities| {
            for (column, density) in densities.iter().flatten().enumerate() {
                mass += density;
                sum += density * function(row, start * LANES + column);
            }
        });
        sum / mass
    }

    /// Work out the densities where they matter, up to a common factor whose log is returned: for each row that has any, `visit`
    /// is called with the row, its first block that matters, and the densities from there on.
    #[inline]
    fn visit(&self, exponents: &[f64], mixed: &[Mixed], mut visit: impl FnMut(usize, usize, &[Block])) -> f64 {
        let (blocks, factors) = (self.blocks, self.factors);
        let powers: Vec<(usize, f64)> =
            exponents.iter().copied().take(factors).enumerate().filter(|&(_, power)| power != 0.0).collect();
        let [weights, logs] = &self.middles;
        let mut middles = weights.clone();
        for (row, middles) in middles.chunks_exact_mut(blocks).enumerate() {
            for &(factor, power) in &powers {
                let logs = &logs[(row * factors + factor) * blocks..][..blocks];
                middles.iter_mut().zip(logs).for_each(|(middle, log)| *middle += power * log);
            }
        }
        let largest = |middles: &[f64]| {
            middles.iter().fold(f64::NEG_INFINITY, |highest, &middle| if middle > highest { middle } else { highest })
        };
        let highest_unmixed = largest(&middles);
        self.mix_middles(mixed, &mut middles);
        let highest = if mixed.is_empty() { highest_unmixed } else { largest(&middles) };
        let is_steep = highest_unmixed - highest > STEEP;

        let mut densities = vec![[0.0; LANES]; blocks];
        for (row, middles) in middles.chunks_exact(blocks).enumerate() {
            let matters = |&middle: &f64| middle >= highest - NEGLIGIBLE;
            let Some((first, last)) = middles.iter().position(matters).zip(middles.iter().rposition(matters)) else {
                continue;
            };
            let (start, end) = (first.saturating_sub(1), (last + 2).min(blocks));
            let densities = &mut densities[start..end];
            densities.copy_from_slice(&self.log_weights[row * blocks..][start..end]);
            for &(factor, power) in &powers {
                let logs = &self.log_factors[(row * factors + factor) * blocks..][start..end];
                for (density, log) in densities.iter_mut().zip(logs) {
                    let product: Block = std::array::from_fn(|lane| power * log[lane]);
                    add(density, &product);
                }
            }
            if is_steep {
                self.mix_logs(mixed, row, start, densities);
            }
            for density in densities.iter_mut() {
                *density = exp_lanes(density.map(|log| log - highest));
            }
            if !is_steep {
                for &factor in mixed {
                    self.multiply(factor, row, start, densities);
                }
            }
            visit(row, start, densities);
        }
        highest
    }

    /// The values of a factor that can be mixed, in a row from block `start` on.
    fn mixed_row(&self, place: usize, row: usize, start: usize) -> &[Block] {
        let first = (row * self.mixable.len() + place) * self.blocks;
        &self.mixed_values[first + start..first + self.blocks]
    }

    /// Multiply the blocks of a row from `start` on by a mixed factor.
    #[inline]
    fn multiply(&self, Mixed { place, weight }: Mixed, row: usize, start: usize, blocks: &mut [Block]) {
        for (block, values) in blocks.iter_mut().zip(self.mixed_row(place, row, start)) {
            *block = std::array::from_fn(|lane| block[lane] * ((1.0 - weight) + weight * values[lane]));
        }
    }

    /// Add the logs of the mixed factors to the middles.
    fn mix_middles(&self, mixed: &[Mixed], middles: &mut [f64]) {
        for mixed in mixed.chunks(AT_ONCE) {
            for (row, middles) in middles.chunks_exact_mut(self.blocks).enumerate() {
                for (block, middle) in middles.iter_mut().enumerate() {
                    let value = |&Mixed { place, weight }: &Mixed| {
                        let first = (row * self.mixable.len() + place) * self.blocks;
                        (1.0 - weight) + weight * self.mixed_values[first + block][MIDDLE]
                    };
                    *middle += libm::log(mixed.iter().map(value).product());
                }
            }
        }
    }

    /// Add the logs of the mixed factors to the blocks of a row from `start` on.
    fn mix_logs(&self, mixed: &[Mixed], row: usize, start: usize, blocks: &mut [Block]) {
        for mixed in mixed.chunks(AT_ONCE) {
            let mut products = vec![[1.0; LANES]; blocks.len()];
            mixed.iter().for_each(|&factor| self.multiply(factor, row, start, &mut products));
            for (block, product) in blocks.iter_mut().zip(&products) {
                add(block, &product.map(libm::log));
            }
        }
    }
}

/// Add to the sums, lane by lane.
#[inline]
fn add(sums: &mut Block, terms: &Block) {
    *sums = std::array::from_fn(|lane| sums[lane] + terms[lane]);
}

/// The sum of the lanes, always in the same order.
fn total(block: &Block) -> f64 {
    ((block[0] + block[4]) + (block[2] + block[6])) + ((block[1] + block[5]) + (block[3] + block[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_normal_distribution() {
        // exp(-(x² + y² - x y)) has variance 2/3, covariance 1/3 and integral 2π/√3; a factor e^(x/2) to the power 2 adds (2/3, 1/3)
        // to the means and e^(1/3) to the integral.
        let at = |index: usize| (index as f64 - 80.0) * 0.125;
        let lattice = Lattice::new(
            (160, 160),
            |row, column| 2.0 * libm::log(0.125) - at(row) * at(row) - at(column) * at(column) + at(row) * at(column),
            (2, |factor, _, column| if factor == 0 { 0.5 * at(column) } else { 1e6 }),
            (3, |function, row, column| match function {
                0 => at(column),
                1 => at(row),
                _ => at(row) * at(column),
            }),
        );
        let plain = lattice.integrate(&[0.0, 0.0]);
        let integral = libm::log(2.0 * std::f64::consts::PI / 3.0_f64.sqrt());
        assert!((plain.log - integral).abs() < 1e-13);
        assert!(plain.averages[0].abs() < 1e-13 && (plain.averages[2] - 1.0 / 3.0).abs() < 1e-12);
        assert!((plain.rows.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        let shifted = lattice.integrate(&[2.0, 0.0]);
        assert!((shifted.log - integral - 1.0 / 3.0).abs() < 1e-13);
        assert!((shifted.averages[0] - 2.0 / 3.0).abs() < 1e-12 && (shifted.averages[1] - 1.0 / 3.0).abs() < 1e-12);
        assert!((shifted.averages[0] - lattice.average(&[2.0, 0.0], |_, column| at(column))).abs() < 1e-13);
    }

    /// A mixed factor of weight 1 is the factor itself, and one of weight 0 none at all; also where many together are next to nothing.
    #[test]
    fn mixed_factors_of_whole_weight_are_powers() {
        let at = |index: usize| (index as f64 - 80.0) * 0.125;
        for centre in [0.0, 40.0] {
            // The larger factor falls as exp(-x) where x is large.
            let lattice = Lattice::new(
                (3, 160),
                |_, column| -0.5 * at(column) * at(column),
                (2, |factor, row, column| -libm::log1p(libm::exp(at(column) + at(40 * row) * 0.01 + centre * factor as f64))),
                (1, |_, _, column| at(column)),
            )
            .with_mixable(vec![1]);
            for times in [1, 5, 30] {
                let mixed = |weight| vec![Mixed { place: 0, weight }; times];
                let found = lattice.integrate_mixed(&[2.0, 1.0], &mixed(1.0));
                let expected = lattice.integrate(&[2.0, 1.0 + times as f64]);
                assert!((found.log - expected.log).abs() < 1e-11 * expected.log.abs().max(1.0), "{} {}", found.log, expected.log);
                assert!((found.averages[0] - expected.averages[0]).abs() < 1e-11);
                let (absent, none) = (lattice.integrate_mixed(&[2.0, 1.0], &mixed(0.0)), lattice.integrate(&[2.0, 1.0]));
                assert!((absent.averages[0] - none.averages[0]).abs() < 1e-15);
            }
        }
    }
}
