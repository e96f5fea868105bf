//! Kinds of truth, which no number averages over: what the right answer is differs between them.

use super::{Place, Target};
use crate::trial::Level;

/// What kind of truth a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One of the doses is right.
    Mtd,
    /// Every level is below the acceptable band; the correct one, usually the highest, is right.
    Below,
    /// Some levels are below the band, the others above it; the correct one, usually the highest below the gap, is right.
    Gap,
    /// No dose is right.
    Toxic,
}

impl Class {
    /// All classes, in their order.
    pub const ALL: [Self; 4] = [Self::Mtd, Self::Below, Self::Gap, Self::Toxic];

    /// The class of a curve with this correct level.
    #[must_use]
    pub fn of(toxicity: &[f64], correct: Option<Level>, target: &Target) -> Self {
        let is_some = |place: Place| toxicity.iter().any(|&toxicity| target.place(toxicity) == place);
        let is_over_from_the_first = toxicity.first().is_some_and(|&lowest| target.place(lowest) == Place::Over);
        if correct.is_none() {
            Self::Toxic
        } else if is_some(Place::Acceptable) || is_over_from_the_first {
            Self::Mtd
        } else if is_some(Place::Over) {
            Self::Gap
        } else {
            Self::Below
        }
    }

    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mtd => "mtd",
            Self::Below => "below",
            Self::Gap => "gap",
            Self::Toxic => "toxic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_holds_gives_the_class() {
        let target = Target::new(0.25, None);
        let class = |toxicity: &[f64]| Class::of(toxicity, target.correct_level(toxicity), &target);
        let named = |toxicity: &[f64], mtd: usize| Class::of(toxicity, mtd.checked_sub(1), &target);
        assert_eq!(class(&[0.05, 0.15]), Class::Mtd, "the ends of the band are inside it");
        assert_eq!(class(&[0.35, 0.6]), Class::Mtd);
        assert_eq!(class(&[0.05, 0.14]), Class::Below);
        assert_eq!(class(&[0.05, 0.36]), Class::Gap);
        assert_eq!(class(&[0.36, 0.5]), Class::Toxic);
        assert_eq!(class(&[0.36, 0.25]), Class::Toxic, "whatever comes after a first level above the band");
        assert_eq!(named(&[0.36, 0.5], 1), Class::Mtd, "a level that the study names");
        assert_eq!(named(&[0.1, 0.25], 0), Class::Toxic, "none, where the study says so");
        assert_eq!(named(&[0.05, 0.14], 1), Class::Below, "otherwise a named level changes what is right, not the class");
        assert_eq!(named(&[0.05, 0.36], 2), Class::Gap);
    }
}
