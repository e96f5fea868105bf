//! The sine integral.

use std::f64::consts::FRAC_PI_2;

/// Si(x) = ∫₀ˣ sin(t)/t dt, to about 1e-15.
///
/// The power series near 0; elsewhere Si(x) = π/2 + Im E₁(ix) with the continued fraction of the exponential integral,
/// evaluated by the method of Lentz (Press et al., Numerical Recipes, 2007, section 6.8.2). Si(±∞) = ±π/2; not a number gives
/// not a number.
#[must_use]
pub fn sine_integral(x: f64) -> f64 {
    let t = x.abs();
    if t <= 2.0 {
        return power_series(x);
    }
    // Past 1e20 the oscillation is below the last place of π/2.
    let size = if t < 1e20 { FRAC_PI_2 + exponential_integral(t).1 } else { t.signum() * FRAC_PI_2 };
    size * x.signum()
}

/// Σ (-1)^k x^(2k+1) / ((2k+1) (2k+1)!)
fn power_series(x: f64) -> f64 {
    let mut power = x;
    let mut sum = x;
    for k in 1..=12 {
        let odd = f64::from(2 * k + 1);
        power *= -x * x / (odd * (odd - 1.0));
        sum += power / odd;
    }
    sum
}

/// E₁(it) for t above 2, as real and imaginary part.
fn exponential_integral(t: f64) -> (f64, f64) {
    let mut b = (1.0, t);
    let mut c = (1e300, 0.0);
    let mut d = inverse(b);
    let mut fraction = d;
    // Near t = 2 about 60 terms are needed, fewer further out.
    for i in 1..200 {
        let a = -f64::from(i * i);
        b.0 += 2.0;
        d = inverse((a * d.0 + b.0, a * d.1 + b.1));
        let of_c = inverse(c);
        c = (b.0 + a * of_c.0, b.1 + a * of_c.1);
        let factor = product(c, d);
        fraction = product(fraction, factor);
        if (factor.0 - 1.0).abs() + factor.1.abs() < 1e-16 {
            break;
        }
    }
    let (sin, cos) = libm::sincos(t);
    product((cos, -sin), fraction)
}

/// The product of two complex numbers.
fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// One over a complex number.
fn inverse(a: (f64, f64)) -> (f64, f64) {
    if a.0.abs() >= a.1.abs() {
        let ratio = a.1 / a.0;
        let size = a.0 + a.1 * ratio;
        (1.0 / size, -ratio / size)
    } else {
        let ratio = a.0 / a.1;
        let size = a.0 * ratio + a.1;
        (ratio / size, -1.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        // Abramowitz and Stegun (1964), tables 5.1 and 5.3, and 20-digit values of the same integrals.
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.493_107_418_043_066_7),
            (1.0, 0.946_083_070_367_183),
            (2.0, 1.605_412_976_802_694_8),
            (std::f64::consts::PI, 1.851_937_051_982_466_2),
            (5.0, 1.549_931_244_944_674),
            (10.0, 1.658_347_594_218_874),
            (100.0, 1.562_225_466_889_056_3),
        ] {
            assert!((sine_integral(x) - expected).abs() < 2e-15, "{x}: {}", sine_integral(x));
            assert!((sine_integral(-x) + expected).abs() < 2e-15, "-{x}");
        }
        assert_eq!(sine_integral(f64::INFINITY), FRAC_PI_2);
        assert_eq!(sine_integral(f64::NEG_INFINITY), -FRAC_PI_2);
        assert!(sine_integral(f64::NAN).is_nan());
    }

    #[test]
    fn series_and_fraction_meet() {
        let below = sine_integral(2.0);
        let above = sine_integral(2.0 + 1e-12);
        assert!((above - below - 1e-12 * libm::sin(2.0) / 2.0).abs() < 1e-15);
    }
}
