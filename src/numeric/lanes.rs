//! Numbers side by side.

use std::array;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Some numbers with which the same is done. The compiler makes vector instructions of it; the alignment is such that these can take
/// four of them from memory at once. What is done is done to each on its own, so the width of the instructions changes no result.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(crate) struct Lanes<const WIDTH: usize>([f64; WIDTH]);

impl<const WIDTH: usize> Lanes<WIDTH> {
    pub(crate) const ZERO: Self = Self::all(0.0);
    pub(crate) const ONE: Self = Self::all(1.0);

    /// The same number everywhere.
    #[inline(always)]
    pub(crate) const fn all(number: f64) -> Self {
        Self([number; WIDTH])
    }

    /// The number of each lane.
    #[inline(always)]
    pub(crate) fn of(number: impl FnMut(usize) -> f64) -> Self {
        Self(array::from_fn(number))
    }

    #[inline(always)]
    pub(crate) fn lane(self, lane: usize) -> f64 {
        self.0[lane]
    }

    /// The smaller of two numbers, neither of them NaN.
    #[inline(always)]
    pub(crate) fn min(self, other: Self) -> Self {
        self.with(other, |one, other| if one < other { one } else { other })
    }

    /// The larger of two numbers, neither of them NaN.
    #[inline(always)]
    pub(crate) fn max(self, other: Self) -> Self {
        self.with(other, |one, other| if one > other { one } else { other })
    }

    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self::of(|lane| self.0[lane].abs())
    }

    /// One number where this is less than `other`, another elsewhere.
    #[inline(always)]
    pub(crate) fn if_less(self, other: Self, then: Self, otherwise: Self) -> Self {
        Self::of(|lane| if self.0[lane] < other.0[lane] { then.0[lane] } else { otherwise.0[lane] })
    }

    /// What becomes of two numbers.
    #[inline(always)]
    fn with(self, other: Self, both: impl Fn(f64, f64) -> f64) -> Self {
        Self::of(|lane| both(self.0[lane], other.0[lane]))
    }
}

impl<const WIDTH: usize> Add for Lanes<WIDTH> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, Add::add)
    }
}

impl<const WIDTH: usize> AddAssign for Lanes<WIDTH> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<const WIDTH: usize> Sub for Lanes<WIDTH> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, Sub::sub)
    }
}

impl<const WIDTH: usize> Mul for Lanes<WIDTH> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(other, Mul::mul)
    }
}

impl<const WIDTH: usize> Div for Lanes<WIDTH> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.with(other, Div::div)
    }
}
