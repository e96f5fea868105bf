//! Curves side by side.

use std::array;
use std::ops::{AddAssign, Mul, Sub};

/// Curves evaluated together.
pub(in crate::engine) const WIDTH: usize = 8;

/// A number for each of some curves. The compiler makes vector instructions of what is done with it; the alignment is such that
/// these can take it from memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Lanes([f64; WIDTH]);

impl Lanes {
    pub(super) const ZERO: Self = Self::all(0.0);
    pub(super) const ONE: Self = Self::all(1.0);

    /// The same number everywhere.
    #[inline(always)]
    pub(super) const fn all(number: f64) -> Self {
        Self([number; WIDTH])
    }

    /// The number of each lane.
    #[inline(always)]
    pub(super) fn of(number: impl FnMut(usize) -> f64) -> Self {
        Self(array::from_fn(number))
    }

    #[inline(always)]
    pub(super) fn lane(self, lane: usize) -> f64 {
        self.0[lane]
    }
}

impl Mul for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(array::from_fn(|lane| self.0[lane] * other.0[lane]))
    }
}

impl Sub for Lanes {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(array::from_fn(|lane| self.0[lane] - other.0[lane]))
    }
}

impl AddAssign for Lanes {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = Self(array::from_fn(|lane| self.0[lane] + other.0[lane]));
    }
}
