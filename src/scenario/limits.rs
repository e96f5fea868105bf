//! Which toxicity curves a search may look at: limits under which the MTD is well defined.

use super::Target;
use crate::numeric::ladder::{Active, Conflict, Ladder};
use crate::trial::Level;

/// Limits on a curve with a given MTD.
#[derive(Clone, Debug)]
pub struct CurveLimits {
    /// The target and the acceptable band.
    pub target: Target,
    /// The smallest toxicity of each level.
    pub lower: Vec<f64>,
    /// The largest toxicity of each level.
    pub upper: Vec<f64>,
    /// The largest distance of the MTD's toxicity from the target.
    pub mtd_within: f64,
    /// The smallest distance of the other levels' toxicities from the target; where no level is correct, of all of them from the upper
    /// end of the acceptable band.
    pub gap: f64,
    /// The smallest and the largest difference between neighbouring levels.
    pub step: (f64, f64),
}

impl CurveLimits {
    /// The curves whose MTD is `mtd`; `None` is none.
    #[must_use]
    pub fn ladder(&self, mtd: Option<Level>) -> Ladder {
        let bounds = (0..self.lower.len()).map(|level| {
            let (low, high) = self.around_target(mtd, level);
            (low.max(self.lower[level]), high.min(self.upper[level]))
        });
        let (lower, upper) = bounds.unzip();
        Ladder { lower, upper, step: self.step }
    }

    /// What the place of the MTD asks of a level.
    fn around_target(&self, mtd: Option<Level>, level: Level) -> (f64, f64) {
        let target = self.target.value;
        let Some(mtd) = mtd else { return (self.target.acceptable.1 + self.gap, 1.0) };
        if level < mtd {
            (0.0, target - self.gap)
        } else if level > mtd {
            (target + self.gap, 1.0)
        } else {
            // A level above the band is no MTD.
            (target - self.mtd_within, self.target.acceptable.1.min(target + self.mtd_within))
        }
    }

    /// The key of the study file that a lower bound of a level comes from.
    fn lower_key(&self, mtd: Option<Level>, level: Level) -> &'static str {
        if self.around_target(mtd, level).0 > self.lower[level] { self.target_key(mtd, level) } else { "lower" }
    }

    /// As [`CurveLimits::lower_key`], of an upper bound.
    fn upper_key(&self, mtd: Option<Level>, level: Level) -> &'static str {
        if self.around_target(mtd, level).1 < self.upper[level] { self.target_key(mtd, level) } else { "upper" }
    }

    fn target_key(&self, mtd: Option<Level>, level: Level) -> &'static str {
        if mtd == Some(level) { "mtd_within" } else { "gap" }
    }

    /// The limits that a curve with this MTD is at, in words for people: `L1 lower, L2 gap`.
    #[must_use]
    pub fn active_words(&self, mtd: Option<Level>, curve: &[f64]) -> String {
        let word = |active: Active| match active {
            Active::Lower(level) => format!("L{} {} (least)", level + 1, self.lower_key(mtd, level)),
            Active::Upper(level) => format!("L{} {} (most)", level + 1, self.upper_key(mtd, level)),
            Active::SmallestStep(level) => format!("L{}–L{} min_step", level + 1, level + 2),
            Active::LargestStep(level) => format!("L{}–L{} max_step", level + 1, level + 2),
        };
        let words: Vec<String> = self.ladder(mtd).active(curve).into_iter().map(word).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }

    /// The keys of the study file that leave no curve with this MTD.
    #[must_use]
    pub fn conflict_keys(&self, mtd: Option<Level>, conflict: &Conflict) -> Vec<&'static str> {
        let steps = |from: usize, key| (conflict.rung != from).then_some(key);
        let bounds = [self.lower_key(mtd, conflict.least_from), self.upper_key(mtd, conflict.most_from)];
        let steps = [steps(conflict.least_from, "min_step"), steps(conflict.most_from, "max_step")];
        bounds.into_iter().chain(steps.into_iter().flatten()).collect()
    }

    /// Why there is no curve with this MTD, in words for people.
    #[must_use]
    pub fn conflict_words(&self, mtd: Option<Level>, conflict: &Conflict) -> String {
        let Conflict { rung, least, least_from, most, most_from } = *conflict;
        let through = |from: usize, key: &str| match rung - from {
            0 => String::new(),
            steps => format!(" and {steps} times `{key}`"),
        };
        let of = |level: usize| if level == rung { "its".to_owned() } else { format!("level {}'s", level + 1) };
        let mtd_words = mtd.map_or("none".to_owned(), |mtd| format!("level {}", mtd + 1));
        format!(
            "no curve satisfies them with the MTD at {mtd_words}: level {} would have to be at least {} (by {} `{}`{}) and at most {} (by {} `{}`{})",
            rung + 1,
            short(least),
            of(least_from),
            self.lower_key(mtd, least_from),
            through(least_from, "min_step"),
            short(most),
            of(most_from),
            self.upper_key(mtd, most_from),
            through(most_from, "max_step"),
        )
    }
}

/// A sum of decimals without the last digits of its rounding.
fn short(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}
