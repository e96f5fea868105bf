//! Two neighbouring levels: whether the upper one is too toxic, for all their data at once.

use crate::numeric::beta::lower_tail;
use crate::numeric::binomial::{distribution, mean_distribution};
use crate::numeric::ordered_betas::{AllBelow, both_above, both_below};

/// Patients at a level, and the DLTs among them.
pub type Sample = [usize; 2];

/// What two neighbouring levels are judged by: the target and the prior distribution of every level's toxicity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judge {
    /// The target DLT probability.
    pub target: f64,
    /// The parameters of the beta distribution that the toxicity of every level has before there are data.
    pub prior: [f64; 2],
}

impl Judge {
    /// The parameters of a level's posterior distribution.
    pub(super) fn posterior(&self, [patients, dlts]: Sample) -> [f64; 2] {
        [self.prior[0] + dlts as f64, self.prior[1] + (patients - dlts) as f64]
    }

    /// Pr(toxicity of a level > target), given its data, or with `above` false, Pr(toxicity < target).
    pub(super) fn tail(&self, sample: Sample, above: bool) -> f64 {
        let [a, b] = self.posterior(sample);
        if above { lower_tail(b, a, 1.0 - self.target) } else { lower_tail(a, b, self.target) }
    }

    /// The product of the odds of two neighbouring levels, the lower first: of a toxicity above the target against one below it, given
    /// the data of both and that the lower level is the less toxic one.
    #[must_use]
    pub fn odds(&self, lower: Sample, upper: Sample) -> f64 {
        let posteriors = [lower, upper].map(|sample| self.posterior(sample));
        let below = both_below(posteriors[0], posteriors[1], self.target);
        let above = both_above(posteriors[0], posteriors[1], self.target);
        odds(below, self.tail(lower, false) * self.tail(upper, true), above)
    }

    /// Whether the data of two levels say as much for as against a toxicity above the target, each being what the other would be with
    /// patients who had a DLT and patients who had none exchanged: with a target of 1/2 and a symmetric prior distribution.
    #[must_use]
    pub fn is_even(&self, lower: Sample, upper: Sample) -> bool {
        self.target == 0.5 && self.prior[0] == self.prior[1] && lower[0] == upper[0] && lower[1] + upper[1] == lower[0]
    }
}

/// The product of the odds from the probabilities, given the order, that the target is above both toxicities, between them, and below
/// both. However small they are, they are not all 0.
fn odds(below: f64, between: f64, above: f64) -> f64 {
    (above / below) * ((between + above) / (below + between))
}

/// For all data of two neighbouring levels with together at most so many patients, whether the upper level is too toxic.
#[derive(Clone, Debug)]
pub struct Pairs {
    most: usize,
    /// Where the cut-offs of a pair of sizes begin.
    begins: Vec<u32>,
    /// For each number of DLTs at the lower level, from how many at the upper one that is too toxic, and below how many it is not.
    cutoffs: Vec<[u8; 2]>,
    /// For each pair of sizes the largest odds of an outcome with which the upper level is not too toxic, and the smallest with which it
    /// is.
    gaps: Vec<[f64; 2]>,
}

impl Pairs {
    /// The cut-offs for levels with together at most `most` patients, which fit a byte.
    #[must_use]
    pub fn new(judge: Judge, most: usize) -> Self {
        let Judge { target, prior: [a, b] } = judge;
        let below = AllBelow::new([a, b], target, most);
        let above = AllBelow::new([b, a], 1.0 - target, most);
        let samples = |patients: usize| (0..=patients).map(move |dlts| [patients, dlts]);
        let of_all = |of: &dyn Fn(Sample) -> f64| -> Vec<Vec<f64>> {
            (0..=most).map(|patients| samples(patients).map(of).collect()).collect()
        };
        let below_target = of_all(&|sample| judge.tail(sample, false));
        let above_target = of_all(&|sample| judge.tail(sample, true));
        let at_target: Vec<Vec<f64>> = (0..=most).map(|patients| distribution(patients, target)).collect();
        let safe: Vec<Vec<f64>> = (0..=most).map(|patients| mean_distribution(patients, 0.0, target)).collect();
        let toxic: Vec<Vec<f64>> =
            (0..=most).map(|patients| mean_distribution(patients, target, (2.0 * target).min(1.0))).collect();

        let mut pairs = Self { most, begins: Vec::new(), cutoffs: Vec::new(), gaps: Vec::new() };
        let (mut both_below, mut both_above) = (Vec::new(), Vec::new());
        let (mut order, mut outcomes): (Vec<u64>, Vec<Outcome>) = (Vec::new(), Vec::new());
        for n in 0..=most {
            for m in 0..=most - n {
                below.write(n, m, &mut both_below);
                above.write(m, n, &mut both_above);
                order.clear();
                outcomes.clear();
                for y in 0..=n {
                    for z in 0..=m {
                        let below = both_below[y * (m + 1) + z];
                        let above = both_above[(m - z) * (n + 1) + n - y];
                        let odds = odds(below, below_target[n][y] * above_target[m][z], above);
                        let gain = safe[n][y] * at_target[m][z] - at_target[n][y] * toxic[m][z];
                        order.push(odds.to_bits() & !PLACE | outcomes.len() as u64);
                        outcomes.push(Outcome { odds, dlts: [y as u8, z as u8], gain });
                    }
                }
                order.sort_unstable();
                let outcomes = order.iter().map(|key| outcomes[(key & PLACE) as usize]);
                pairs.add(judge, n, m, &outcomes.collect::<Vec<_>>());
            }
        }
        pairs
    }

    /// Add the cut-offs for `n` patients at the lower and `m` at the upper level, from the outcomes in the order of their odds.
    fn add(&mut self, judge: Judge, n: usize, m: usize, outcomes: &[Outcome]) {
        let last = last_safe(outcomes);
        let begin = self.cutoffs.len();
        self.begins.push(begin as u32);
        self.cutoffs.resize(begin + n + 1, [m as u8 + 1; 2]);
        for &Outcome { dlts: [y, z], .. } in &outcomes[last + 1..] {
            let cutoff = &mut self.cutoffs[begin + usize::from(y)];
            *cutoff = [cutoff[0].min(z); 2];
        }
        for (y, cutoff) in self.cutoffs[begin..].iter_mut().enumerate() {
            if let Some(z) = n.checked_sub(y).filter(|&z| judge.is_even([n, y], [m, z])) {
                *cutoff = [cutoff[0].max(z as u8 + 1), cutoff[1].min(z as u8)];
            }
        }
        self.gaps.push([outcomes[last].odds, outcomes.get(last + 1).map_or(f64::INFINITY, |next| next.odds)]);
    }

    /// The cut-offs for the DLTs at the upper level.
    #[inline]
    fn cutoffs(&self, [n, y]: Sample, m: usize) -> Option<[u8; 2]> {
        let begin = *self.begins.get(self.place(n, m)?)?;
        self.cutoffs.get(begin as usize + y).copied()
    }

    /// Where a pair of sizes stands, if it does.
    #[inline]
    fn place(&self, n: usize, m: usize) -> Option<usize> {
        // Those with fewer patients at the lower level come before: most + 1 with none, and each time one less.
        (n + m <= self.most).then(|| n * (2 * self.most + 3 - n) / 2 + m)
    }

    /// Whether the upper level is too toxic, the data of the lower one given.
    #[inline]
    #[must_use]
    pub fn is_too_toxic(&self, lower: Sample, [patients, dlts]: Sample) -> bool {
        self.cutoffs(lower, patients).is_some_and(|[too_toxic_from, _]| dlts >= usize::from(too_toxic_from))
    }

    /// Whether the upper level is not too toxic, the data of the lower one given.
    #[inline]
    #[must_use]
    pub fn is_safe(&self, lower: Sample, [patients, dlts]: Sample) -> bool {
        self.cutoffs(lower, patients).is_some_and(|[_, safe_below]| dlts < usize::from(safe_below))
    }

    /// The roundest number that separates the products of the odds with which the upper level is not too toxic from those with which it
    /// is, for these numbers of patients at the lower and at the upper level; infinite where they are too many.
    #[must_use]
    pub fn threshold(&self, lower: usize, upper: usize) -> f64 {
        self.gap(lower, upper).map_or(f64::INFINITY, |[low, high]| roundest(low, high))
    }

    /// The largest product of the odds with which the upper level is not too toxic, γ, and the smallest with which it is.
    #[must_use]
    pub fn gap(&self, lower: usize, upper: usize) -> Option<[f64; 2]> {
        self.gaps.get(self.place(lower, upper)?).copied()
    }
}

/// The number with the fewest digits between two, neither of them nearer than odds are exact; the lower one where there is none.
fn roundest(low: f64, high: f64) -> f64 {
    let (least, most) = (low * (1.0 + MARGIN), high * (1.0 - MARGIN));
    let with_digits = |digits: usize| {
        let text = format!("{least:.digits$e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let whole: u64 = mantissa.replace('.', "").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()? - digits as i32;
        let candidates = (whole..=whole + 1).filter_map(|whole| format!("{whole}e{exponent}").parse::<f64>().ok());
        candidates.into_iter().find(|&number| least < number && number < most)
    };
    (0..16).find_map(with_digits).unwrap_or(low)
}

/// What odds are exact to, and more, as a part of themselves.
const MARGIN: f64 = 1e-9;

/// The place of an outcome among those of its pair of sizes, of which there are at most 126 times 126, is kept in the last bits of its
/// odds, where these are beyond their accuracy. Such numbers are sorted far faster than the outcomes: bits of positive floats are in
/// the order of the floats.
const PLACE: u64 = (1 << 14) - 1;

/// One of the outcomes that two levels can have.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    /// The product of the odds.
    odds: f64,
    /// DLTs at the lower and at the upper level.
    dlts: [u8; 2],
    /// By how much the errors become fewer when the outcome counts as safe: its probability when the upper level has the target
    /// toxicity and the lower one less, minus that when the lower level has the target toxicity and the upper one more.
    gain: f64,
}

/// The place of the last outcome that counts as safe, of outcomes in the order of their odds: that with the fewest errors, the first of
/// several; never the last of all. Sums are compared by what is between them: some differ by less than they are rounded.
///
/// The first outcome counts as safe, since without a DLT safe levels are more probable.
fn last_safe(outcomes: &[Outcome]) -> usize {
    let (mut best, mut gain) = (0, 0.0);
    for (place, outcome) in outcomes.iter().enumerate().take(outcomes.len().saturating_sub(1)).skip(1) {
        gain += outcome.gain;
        if gain > 0.0 {
            (best, gain) = (place, 0.0);
        }
    }
    best
}
