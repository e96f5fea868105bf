//! What designs are compared in, and how well a number is known.

use crate::measure::Metric;
use crate::scenario::Class;
use crate::study::Relevance;

/// What is known of how a design fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// The right answer is given.
    Right,
    /// A dose within the acceptable range is selected that is not right.
    OtherAcceptable,
    /// A dose within the acceptable range is selected, right or not.
    Acceptable,
    /// A dose above the acceptable range is selected.
    TooToxic,
    /// A dose below the acceptable range is selected that is not right.
    TooLow,
    /// No dose is selected.
    None,
    /// Patients.
    Patients,
    /// Patients at doses that are too toxic.
    Exposed,
    /// DLTs.
    Dlts,
    /// Weeks.
    Weeks,
}

/// A number, with its standard error unless it is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) value: f64,
    pub(super) std_error: Option<f64>,
}

/// How a difference stands to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// More, by more than the threshold.
    More,
    /// Less, by more than the threshold.
    Less,
    /// The threshold at most.
    Same,
    /// It cannot be told.
    Open,
}

impl Quantity {
    /// The metric that it is read from; the level stands in brackets.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Self::Right => "right_selection",
            Self::OtherAcceptable => "other_acceptable_selection",
            Self::Acceptable => "acceptable_selection",
            Self::TooToxic => "over_selection",
            Self::TooLow => "too_low_selection",
            Self::None => "selection[0]",
            Self::Patients => "total_patients",
            Self::Exposed => "patients_too_toxic",
            Self::Dlts => "total_dlts",
            Self::Weeks => "duration_weeks",
        }
    }

    /// The metric as it stands in a summary.
    pub(super) fn measured(self) -> Metric {
        match self {
            Self::Right => Metric::RightSelection,
            Self::OtherAcceptable => Metric::OtherAcceptableSelection,
            Self::Acceptable => Metric::AcceptableSelection,
            Self::TooToxic => Metric::OverSelection,
            Self::TooLow => Metric::TooLowSelection,
            Self::None => Metric::Selection(None),
            Self::Patients => Metric::TotalPatients,
            Self::Exposed => Metric::PatientsTooToxic,
            Self::Dlts => Metric::TotalDlts,
            Self::Weeks => Metric::DurationWeeks,
        }
    }

    /// The difference that is just not relevant.
    pub(super) fn threshold(self, relevance: &Relevance) -> f64 {
        match self {
            Self::TooToxic => relevance.too_toxic,
            Self::Patients => relevance.patients,
            Self::Exposed => relevance.exposed,
            Self::Dlts => relevance.dlts,
            Self::Weeks => relevance.weeks,
            Self::Right | Self::OtherAcceptable | Self::Acceptable | Self::TooLow | Self::None => relevance.right,
        }
    }

    /// Whether it is a probability.
    pub(super) fn is_probability(self) -> bool {
        !matches!(self, Self::Patients | Self::Exposed | Self::Dlts | Self::Weeks)
    }

    /// Whether more of it is better under a class of scenarios.
    pub(super) fn is_good(self, class: Class) -> bool {
        self == Self::Right || self == Self::None && class == Class::Toxic
    }

    /// How trials end that designs are compared in under a class.
    pub(super) fn ends(class: Class) -> &'static [Self] {
        match class {
            Class::Mtd => &[Self::Right, Self::TooToxic, Self::None],
            Class::Toxic => &[Self::None],
            Class::Below => &[Self::Right],
            Class::Gap => &[Self::Right, Self::TooToxic],
        }
    }
}

/// Half the width of a 95 % interval in standard errors.
pub(super) const INTERVAL: f64 = 1.959_963_984_540_054;

impl Known {
    pub(super) fn exact(value: f64) -> Self {
        Self { value, std_error: None }
    }

    /// The difference the other way round.
    pub(super) fn reversed(self) -> Self {
        Self { value: -self.value, ..self }
    }

    /// The ends of its 95 % interval; both the value where it is exact.
    pub(super) fn interval(self) -> (f64, f64) {
        let half = INTERVAL * self.std_error.unwrap_or(0.0);
        (self.value - half, self.value + half)
    }

    /// How it stands, being a difference, to a threshold.
    pub(super) fn judged(self, threshold: f64) -> Judgement {
        let (low, high) = self.interval();
        if low > threshold {
            Judgement::More
        } else if high < -threshold {
            Judgement::Less
        } else if low >= -threshold && high <= threshold {
            Judgement::Same
        } else {
            Judgement::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_relevant_only_beyond_its_threshold() {
        let exact = |value| Known::exact(value).judged(0.05);
        assert_eq!([exact(0.05), exact(-0.05), exact(0.0)], [Judgement::Same; 3]);
        assert_eq!((exact(0.050_001), exact(-0.050_001)), (Judgement::More, Judgement::Less));
        let simulated = |value| Known { value, std_error: Some(0.01) }.judged(0.05);
        assert_eq!(simulated(0.07), Judgement::More);
        assert_eq!(simulated(-0.07), Judgement::Less);
        assert_eq!((simulated(0.0), simulated(0.03)), (Judgement::Same, Judgement::Same));
        assert_eq!((simulated(0.06), simulated(0.04), simulated(-0.06)), (Judgement::Open, Judgement::Open, Judgement::Open));
        let none = Known::exact(0.01).judged(0.0);
        assert_eq!((none, Known::exact(0.0).judged(0.0)), (Judgement::More, Judgement::Same), "at a threshold of 0");
    }
}
