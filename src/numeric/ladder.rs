//! Rising numbers within bounds: each between its own bounds, each step to the next between common ones. Feasibility, random points,
//! and the smallest of a smooth function over all of them.

use super::draws::Draws;

/// The set of points x with `lower[j] <= x[j] <= upper[j]` and `step.0 <= x[j + 1] - x[j] <= step.1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// The lower bounds.
    pub lower: Vec<f64>,
    /// The upper bounds, as many.
    pub upper: Vec<f64>,
    /// The smallest and the largest step.
    pub step: (f64, f64),
}

/// Bounds that no point satisfies together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conflict {
    /// The number, counted from 0, that would have to be at once at least `least` and at most `most`.
    pub rung: usize,
    /// The sum of the lower bound of the number `least_from` and the smallest steps from there.
    pub least: f64,
    /// See `least`.
    pub least_from: usize,
    /// The sum of the upper bound of the number `most_from` and the largest steps from there.
    pub most: f64,
    /// See `most`.
    pub most_from: usize,
}

/// A bound that a point is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Active {
    /// The lower bound of this number, counted from 0.
    Lower(usize),
    /// Its upper bound.
    Upper(usize),
    /// The smallest step, from this number to the next.
    SmallestStep(usize),
    /// The largest step.
    LargestStep(usize),
}

/// Differences that count as none where it is asked whether a point is at a bound: rounding, and six decimals.
const AT_BOUND: f64 = 1.5e-6;

impl Ladder {
    /// The first conflict, from below; `None` when there is a point.
    #[must_use]
    pub fn conflict(&self) -> Option<Conflict> {
        let (mut least, mut most) = ((f64::NEG_INFINITY, 0), (f64::INFINITY, 0));
        for rung in 0..self.lower.len() {
            least.0 += self.step.0;
            most.0 += self.step.1;
            if self.lower[rung] >= least.0 {
                least = (self.lower[rung], rung);
            }
            if self.upper[rung] <= most.0 {
                most = (self.upper[rung], rung);
            }
            // Sums of decimals may miss each other by rounding.
            if least.0 > most.0 + 1e-12 {
                return Some(Conflict { rung, least: least.0, least_from: least.1, most: most.0, most_from: most.1 });
            }
        }
        None
    }

    /// A random point: each number uniform on what the one before leaves and those after it allow. There must be a point.
    pub fn random(&self, draws: &mut Draws) -> Vec<f64> {
        let last = self.lower.len() - 1;
        let mut allowed: Vec<(f64, f64)> = self.lower.iter().copied().zip(self.upper.iter().copied()).collect();
        for rung in (0..last).rev() {
            let (low, high) = allowed[rung + 1];
            allowed[rung] = (allowed[rung].0.max(low - self.step.1), allowed[rung].1.min(high - self.step.0));
        }
        let mut point: Vec<f64> = Vec::with_capacity(allowed.len());
        for (low, high) in allowed {
            let before = point.last().map_or((f64::NEG_INFINITY, f64::INFINITY), |last| (last + self.step.0, last + self.step.1));
            let (low, high) = (low.max(before.0), high.min(before.1));
            point.push(low + (high - low).max(0.0) * draws.uniform());
        }
        point
    }

    /// The nearest point, exactly, by dynamic programming: the least squared distance of the numbers up to one, as a function of that
    /// number, is convex, and its derivative is made of straight pieces. There must be a point.
    #[must_use]
    pub fn nearest(&self, point: &[f64]) -> Vec<f64> {
        let mut lowest = Vec::with_capacity(point.len());
        let mut distance: Option<Slopes> = None;
        for (rung, &x) in point.iter().enumerate() {
            let bounds = (self.lower[rung], self.upper[rung]);
            let mut own = match distance {
                None => Slopes(vec![(bounds.0, 0.0), (bounds.1, 0.0)]),
                Some(before) => before.after_a_step(self.step).within(bounds),
            };
            own.0.iter_mut().for_each(|(at, slope)| *slope += *at - x);
            lowest.push(own.lowest());
            distance = Some(own);
        }
        // Each number is where its distance is least, as near as the next one allows.
        for rung in (0..lowest.len().saturating_sub(1)).rev() {
            let next = lowest[rung + 1];
            lowest[rung] = lowest[rung].max(next - self.step.1).min(next - self.step.0);
        }
        lowest
    }

    /// The bounds that a point is at.
    #[must_use]
    pub fn active(&self, point: &[f64]) -> Vec<Active> {
        let at = |difference: f64| difference.abs() <= AT_BOUND;
        let mut active = Vec::new();
        for (rung, &x) in point.iter().enumerate() {
            let mut add = |holds: bool, bound: Active| active.extend(holds.then_some(bound));
            add(at(x - self.lower[rung]), Active::Lower(rung));
            add(at(x - self.upper[rung]), Active::Upper(rung));
            if let Some(next) = point.get(rung + 1) {
                add(at(next - x - self.step.0), Active::SmallestStep(rung));
                add(at(next - x - self.step.1), Active::LargestStep(rung));
            }
        }
        active
    }

    /// A local minimum of a function, given by value and gradient, downhill from `start`: the spectral projected gradient method
    /// (Birgin, Martínez and Raydan, 2000) with a search that always goes down. Returns the point and the value.
    pub fn minimum(&self, start: &[f64], function: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> (Vec<f64>, f64) {
        const MOST_STEPS: usize = 500;
        /// The largest change of a number that is not worth a step.
        const STILL: f64 = 1e-10;
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let along = |x: &[f64], direction: &[f64], length: f64| -> Vec<f64> {
            x.iter().zip(direction).map(|(x, direction)| x + length * direction).collect()
        };
        let difference = |a: &[f64], b: &[f64]| along(a, b, -1.0);
        let mut x = self.nearest(start);
        let (mut value, mut gradient) = function(&x);
        let mut length = 1.0;
        for _ in 0..MOST_STEPS {
            let direction = difference(&self.nearest(&along(&x, &gradient, -length)), &x);
            let descent = dot(&gradient, &direction);
            if direction.iter().all(|change| change.abs() < STILL) || descent >= 0.0 {
                break;
            }
            let mut share = 1.0;
            let (next, found) = loop {
                let next = along(&x, &direction, share);
                let found = function(&next);
                if found.0 <= value + 1e-4 * share * descent || share < 1e-12 {
                    break (next, found);
                }
                share /= 2.0;
            };
            if found.0 >= value {
                break;
            }
            let (moved, turned) = (difference(&next, &x), difference(&found.1, &gradient));
            let curvature = dot(&moved, &turned);
            length = if curvature > 0.0 { (dot(&moved, &moved) / curvature).clamp(1e-6, 1e6) } else { 1e3 };
            (x, value, gradient) = (next, found.0, found.1);
        }
        (x, value)
    }
}

/// The derivative of a convex function on an interval: points in order, straight lines between them. Both coordinates never fall.
struct Slopes(Vec<(f64, f64)>);

impl Slopes {
    /// Where the function is least.
    fn lowest(&self) -> f64 {
        let after = self.0.partition_point(|(_, slope)| *slope < 0.0);
        match (after.checked_sub(1).map(|before| self.0[before]), self.0.get(after)) {
            (Some((from, below)), Some(&(to, above))) => from + (to - from) * (below / (below - above)),
            (None, Some(&(at, _))) | (Some((at, _)), None) => at,
            (None, None) => 0.0,
        }
    }

    /// The least value of the function at any number from which a step of this size leads to the argument, as a function of that.
    fn after_a_step(self, step: (f64, f64)) -> Self {
        let lowest = self.lowest();
        let (falling, rising): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|(_, slope)| *slope < 0.0);
        let mut points: Vec<(f64, f64)> = falling.into_iter().map(|(at, slope)| (at + step.0, slope)).collect();
        points.extend([(lowest + step.0, 0.0), (lowest + step.1, 0.0)]);
        points.extend(rising.into_iter().map(|(at, slope)| (at + step.1, slope)));
        Self(points)
    }

    /// The function on the part of its interval that lies within bounds.
    fn within(self, (low, high): (f64, f64)) -> Self {
        let (Some(&first), Some(&last)) = (self.0.first(), self.0.last()) else { return self };
        let high = high.min(last.0);
        // Sums of decimals may miss each other by rounding.
        let low = low.max(first.0).min(high);
        let at = |x: f64| {
            let after = self.0.partition_point(|(at, _)| *at < x);
            match (after.checked_sub(1).map(|before| self.0[before]), self.0.get(after)) {
                (Some((from, below)), Some(&(to, above))) => below + (above - below) * ((x - from) / (to - from)),
                (None, Some(&(_, slope))) | (Some((_, slope)), None) => slope,
                (None, None) => 0.0,
            }
        };
        let mut points = vec![(low, at(low))];
        points.extend(self.0.iter().copied().filter(|(at, _)| low < *at && *at < high));
        points.push((high, at(high)));
        Self(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder() -> Ladder {
        Ladder { lower: vec![0.0, 0.2, 0.0], upper: vec![1.0, 0.3, 0.9], step: (0.05, 0.3) }
    }

    #[test]
    fn random_points_are_inside_and_their_own_nearest() {
        let (ladder, mut draws) = (ladder(), Draws::new([1, 2], [0; 4]));
        for _ in 0..200 {
            let point = ladder.random(&mut draws);
            assert!(point.iter().zip(ladder.lower.iter().zip(&ladder.upper)).all(|(x, (low, high))| low <= x && x <= high));
            assert!(point.windows(2).all(|pair| (0.05 - 1e-15..=0.3 + 1e-15).contains(&(pair[1] - pair[0]))));
            let nearest = ladder.nearest(&point);
            assert!(nearest.iter().zip(&point).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    /// A point z of a convex set is the nearest to y exactly when no point w of the set makes (y - z)(w - z) positive.
    #[test]
    fn the_nearest_point_is_the_projection() {
        let mut draws = Draws::new([1, 3], [0; 4]);
        let wide = Ladder { lower: vec![0.0; 6], upper: vec![0.15, 0.15, 0.3, 0.8, 0.8, 0.8], step: (0.01, 0.3) };
        for ladder in [ladder(), wide] {
            for scale in [0.1, 1.0, 1e3] {
                for _ in 0..200 {
                    let to: Vec<f64> = ladder.lower.iter().map(|_| scale * (2.0 * draws.uniform() - 1.0)).collect();
                    let nearest = ladder.nearest(&to);
                    assert!(is_inside(&ladder, &nearest), "{nearest:?}");
                    for _ in 0..20 {
                        let other = ladder.random(&mut draws);
                        let product: f64 = (0..to.len()).map(|j| (to[j] - nearest[j]) * (other[j] - nearest[j])).sum();
                        assert!(product < 1e-12 * scale.max(1.0), "{product}");
                    }
                }
            }
        }
    }

    fn is_inside(ladder: &Ladder, point: &[f64]) -> bool {
        let bounds = ladder.lower.iter().zip(&ladder.upper);
        point.iter().zip(bounds).all(|(x, (low, high))| (low - 1e-12..=high + 1e-12).contains(x))
            && point.windows(2).all(|pair| (ladder.step.0 - 1e-12..=ladder.step.1 + 1e-12).contains(&(pair[1] - pair[0])))
    }

    /// The minimum of x1 x2 - x3 over the ladder, by hand: x1 and x2 as small as the steps allow x3 to be large.
    #[test]
    fn a_minimum_at_the_bounds() {
        let mut draws = Draws::new([1, 4], [0; 4]);
        for _ in 0..20 {
            let start = ladder().random(&mut draws);
            let (found, value) = ladder().minimum(&start, |x| (x[0] * x[1] - x[2], vec![x[1], x[0], -1.0]));
            // x2 = 0.3 makes x3 = 0.6 possible; x1 may then be 0.
            assert!(found.iter().zip([0.0, 0.3, 0.6]).all(|(a, b)| (a - b).abs() < 1e-9) && (value + 0.6).abs() < 1e-9);
        }
    }

    #[test]
    fn conflicts_name_both_ends() {
        assert_eq!(ladder().conflict(), None);
        let steep = Ladder { lower: vec![0.1, 0.0, 0.0], upper: vec![1.0, 1.0, 0.4], step: (0.2, 1.0) };
        let conflict = steep.conflict().unwrap();
        assert_eq!((conflict.rung, conflict.least_from, conflict.most, conflict.most_from), (2, 0, 0.4, 2));
        assert!((conflict.least - 0.5).abs() < 1e-15);
    }
}
