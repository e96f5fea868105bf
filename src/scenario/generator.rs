//! Random toxicity curves, by the generators of the literature.

use super::family::{Family, logistic};
use crate::numeric::draws::Draws;
use crate::numeric::normal;
use crate::trial::Level;

/// A number, or the distribution that it is drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Always this number.
    Fixed(f64),
    /// Uniform between the two.
    Uniform(f64, f64),
    /// Its logit is normal: the median of the number, in (0, 1), and the standard deviation of the logit.
    LogitNormal(f64, f64),
    /// Its logarithm is normal: the median of the number, above 0, and the standard deviation of the logarithm.
    LogNormal(f64, f64),
}

impl Quantity {
    fn words(self) -> String {
        match self {
            Self::Fixed(number) => number.to_string(),
            Self::Uniform(low, high) => format!("{low} to {high}"),
            Self::LogitNormal(median, sd) => format!("of median {median} (logit normal, standard deviation {sd})"),
            Self::LogNormal(median, sd) => format!("of median {median} (log normal, standard deviation {sd})"),
        }
    }

    fn draw(self, draws: &mut Draws) -> f64 {
        match self {
            Self::Fixed(number) => number,
            Self::Uniform(low, high) => low + (high - low) * draws.uniform(),
            Self::LogitNormal(median, sd) => logistic(libm::log(median) - libm::log1p(-median) + sd * draws.normal()),
            Self::LogNormal(median, sd) => median * libm::exp(sd * draws.normal()),
        }
    }
}

/// How random curves come about.
#[derive(Clone, Debug, PartialEq)]
pub enum Generator {
    /// Curves of a family through two points, each a dose with the toxicity there.
    Anchors {
        /// The family.
        family: Family,
        /// The point at the lower dose.
        lower: (f64, Quantity),
        /// The point at the higher dose.
        upper: (f64, Quantity),
    },
    /// Curves of a family that have the target toxicity at the MTD, with the slope there, as [`Family::with_slope`] takes it.
    Slope {
        /// The family.
        family: Family,
        /// The slope at the MTD.
        slope: Quantity,
    },
    /// Paoletti, O'Quigley and Maccario (2004), Controlled Clinical Trials 25; the class of Liu and Yuan (2015). On the probit
    /// scale the MTD is normal around the target; each further level is a squared normal step away, the first ones after a
    /// reflection at the target that keeps the MTD the nearest level.
    Paoletti {
        /// The mean of a step before it is squared: 0.23, 0.38, 0.53 and 0.71 give mean least distances to the target of 0.05,
        /// 0.07, 0.10 and 0.15 at five levels and a target of 0.30.
        step: f64,
        /// The standard deviation of a step before it is squared.
        step_sd: f64,
        /// The standard deviation of the MTD on the probit scale.
        mtd_sd: f64,
    },
    /// Clertant and O'Quigley (2017), Journal of the Royal Statistical Society C 66, the pseudo-uniform class. An upper bound B =
    /// φ + (1 − φ) M with M ~ Beta(max(K − j, 1/2), 1), φ being the target and j the MTD of K levels; then K uniform toxicities on
    /// (0, B), sorted, given that level j is the nearest to the target.
    Clertant,
    /// A Dirichlet distribution on the increments: from 0 to level 1, from level to level, and from the highest level to 1. With all
    /// concentrations 1 the toxicities are independent uniform numbers, sorted.
    Dirichlet {
        /// The concentration of each increment, one more than there are levels.
        concentration: Vec<f64>,
    },
    /// The prior of a two-parameter logistic model: logit p = log α + β ln(d / d*), (log α, log β) being bivariate normal.
    Prior {
        /// The reference dose d*.
        reference_dose: f64,
        /// The means of log α and log β.
        mean: [f64; 2],
        /// Their standard deviations.
        sd: [f64; 2],
        /// Their correlation.
        correlation: f64,
    },
}

impl Generator {
    /// Whether it makes curves around a given MTD, which then always is a level.
    #[must_use]
    pub fn has_mtd(&self) -> bool {
        matches!(self, Self::Slope { .. } | Self::Paoletti { .. } | Self::Clertant)
    }

    /// How curves come about, as the end of a sentence that begins with their number.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Anchors { family, lower, upper } => {
                let anchor = |(dose, toxicity): &(f64, Quantity)| format!("toxicity {} at dose {dose}", toxicity.words());
                format!(" of the {} family, {}, {}", family.word(), anchor(lower), anchor(upper))
            }
            Self::Slope { family, slope } => {
                format!(
                    " of the {} family, at the target at the MTD and rising there by {} per doubling of the dose",
                    family.word(),
                    slope.words()
                )
            }
            Self::Paoletti { step, step_sd, mtd_sd } => format!(
                " by the method of Paoletti, O\u{2019}Quigley and Maccario (2004), mean step {step}, standard deviation {step_sd}, of the MTD {mtd_sd}"
            ),
            Self::Clertant => ", pseudo-uniform (Clertant and O\u{2019}Quigley, 2017)".to_owned(),
            Self::Dirichlet { concentration } => match &concentration[..] {
                [first, others @ ..] if others.iter().all(|other| other == first) => {
                    format!(" with Dirichlet increments of concentration {first}")
                }
                all => format!(" with Dirichlet increments of concentrations {all:?}"),
            },
            Self::Prior { reference_dose, mean, sd, correlation } => format!(
                " of a logistic model, log alpha and log beta normal with means {mean:?}, standard deviations {sd:?}, correlation {correlation}, \
                 reference dose {reference_dose}"
            ),
        }
    }

    /// Draw the toxicities of `doses`, lowest first. `mtd` matters where [`Generator::has_mtd`]. `None` where what was drawn is no
    /// curve and something else must be drawn.
    pub(super) fn draw(&self, doses: &[f64], target: f64, mtd: Level, draws: &mut Draws) -> Option<Vec<f64>> {
        let levels = doses.len();
        match self {
            Self::Anchors { family, lower, upper } => {
                let mut point = |(dose, toxicity): (f64, Quantity)| (dose, toxicity.draw(draws));
                let curve = family.through(point(*lower), point(*upper))?;
                Some(doses.iter().map(|&dose| curve.toxicity(dose)).collect())
            }
            Self::Slope { family, slope } => {
                let curve = family.with_slope(doses[mtd], target, slope.draw(draws))?;
                Some(doses.iter().map(|&dose| curve.toxicity(dose)).collect())
            }
            Self::Paoletti { step, step_sd, mtd_sd } => {
                let centre = normal::quantile(target);
                let at_mtd = centre + mtd_sd * draws.normal();
                let reflected = 2.0 * target - normal::cdf(at_mtd);
                if !(0.0 < reflected && reflected < 1.0) {
                    return None;
                }
                let reflected = normal::quantile(reflected);
                let mut squared = || {
                    let step = step + step_sd * draws.normal();
                    step * step
                };
                let mut probits = vec![at_mtd; levels];
                let mut last = at_mtd.min(reflected);
                for level in (0..mtd).rev() {
                    last -= squared();
                    probits[level] = last;
                }
                let mut last = at_mtd.max(reflected);
                for probit in &mut probits[mtd + 1..] {
                    last += squared();
                    *probit = last;
                }
                Some(probits.into_iter().map(normal::cdf).collect())
            }
            Self::Clertant => Some(clertant(levels, target, mtd, draws)),
            Self::Dirichlet { concentration } => {
                let increments: Vec<f64> = concentration.iter().map(|&concentration| draws.gamma(concentration)).collect();
                let total: f64 = increments.iter().sum();
                let mut sum = 0.0;
                let cumulative = increments[..levels].iter().map(|increment| {
                    sum += increment;
                    sum / total
                });
                // Tiny concentrations may leave nothing at all.
                (total > 0.0).then(|| cumulative.collect())
            }
            Self::Prior { reference_dose, mean, sd, correlation } => {
                let (first, second) = (draws.normal(), draws.normal());
                let log_alpha = mean[0] + sd[0] * first;
                let across = (1.0 - correlation * correlation).sqrt();
                let beta = libm::exp(mean[1] + sd[1] * (correlation * first + across * second));
                Some(doses.iter().map(|dose| logistic(log_alpha + beta * libm::log(dose / reference_dose))).collect())
            }
        }
    }
}

/// A curve of Clertant and O'Quigley's class, without trying: given that the MTD is at distance δ from the target φ, the levels below
/// it are uniform on (0, φ − δ) and those above it on (φ + δ, B), so the density of its toxicity is proportional to (φ − δ)^(j − 1)
/// (B − φ − δ)^(K − j), j being the MTD counted from 1. It is drawn by rejection in one dimension.
fn clertant(levels: usize, target: f64, mtd: Level, draws: &mut Draws) -> Vec<f64> {
    let (below, above) = (mtd, levels - 1 - mtd);
    let largest = libm::pow(draws.uniform(), 1.0 / (above as f64).max(0.5));
    let room = (1.0 - target) * largest;
    // How far the MTD can be below the target and above it, with room for the other levels.
    let under = if above > 0 { target.min(room) } else { target };
    let over = if below > 0 { target.min(room) } else { room };
    let (toxicity, distance) = loop {
        let offset = (under + over) * draws.uniform() - under;
        let distance = offset.abs();
        let share = |of: f64, power| (0..power).fold(1.0, |product, _| product * (1.0 - distance / of).max(0.0));
        if draws.uniform() < share(target, below) * share(room, above) {
            break (target + offset, distance);
        }
    };
    let mut curve: Vec<f64> = (0..below).map(|_| (target - distance) * draws.uniform()).collect();
    curve.push(toxicity);
    curve.extend((0..above).map(|_| target + distance + (room - distance) * draws.uniform()));
    curve.sort_by(f64::total_cmp);
    curve
}
