//! Random variates drawn one after the other from a Philox stream. All functions are those of the `libm` crate, so the variates of
//! a key and a counter are the same on every processor.

use super::philox::PhiloxStream;
use rand::Rng;
use std::f64::consts::PI;

/// A stream of variates.
#[derive(Clone, Debug)]
pub struct Draws(PhiloxStream);

impl Draws {
    /// The variates of a key, from the block after `counter` on.
    #[must_use]
    pub fn new(key: [u64; 2], counter: [u64; 4]) -> Self {
        Self(PhiloxStream::new(key, counter))
    }

    /// Uniform on (0, 1), neither end included.
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// One of the whole numbers 0 to `number` − 1, each as likely; `number` is at least 1.
    pub fn below(&mut self, number: usize) -> usize {
        ((self.uniform() * number as f64) as usize).min(number - 1)
    }

    /// Standard normal (Box and Muller, 1958; the second variate of the pair is not used).
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.uniform(), self.uniform());
        (-2.0 * libm::log(radius)).sqrt() * libm::cos(2.0 * PI * angle)
    }

    /// Gamma with this `shape`, above 0, and scale 1 (Marsaglia and Tsang, 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * libm::pow(self.uniform(), 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x) * (1.0 + c * x) * (1.0 + c * x);
            if v > 0.0 && libm::log(self.uniform()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 200,000 variates within four standard errors of those of the distribution.
    #[test]
    fn moments() {
        let check = |mean: f64, variance: f64, kurtosis: f64, draw: &dyn Fn(&mut Draws) -> f64| {
            const NUMBER: usize = 200_000;
            let mut draws = Draws::new([1, 99], [0; 4]);
            let drawn: Vec<f64> = (0..NUMBER).map(|_| draw(&mut draws)).collect();
            let found = drawn.iter().sum::<f64>() / NUMBER as f64;
            let spread = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / NUMBER as f64;
            let error = |variance: f64| 4.0 * (variance / NUMBER as f64).sqrt();
            assert!((found - mean).abs() < error(variance), "mean {found}, expected {mean}");
            let of_square = (kurtosis - 1.0) * variance * variance;
            assert!((spread - variance).abs() < error(of_square), "variance {spread}, expected {variance}");
        };
        check(0.5, 1.0 / 12.0, 1.8, &Draws::uniform);
        check(0.0, 1.0, 3.0, &Draws::normal);
        for shape in [0.5, 1.0, 2.5] {
            check(shape, shape, 3.0 + 6.0 / shape, &|draws| draws.gamma(shape));
        }
    }
}
