//! The keys of the prior of a two-parameter logistic model in a study file.

use super::{Posterior, Prior};
use crate::design::rule::conduct_keys::group;
use crate::keys::{Description, Key, Keys, Step, Within};

/// The keys of the prior.
pub(in crate::design) static PRIOR_KEYS: &[&Description] = &[&PRIOR_MEAN.about, &PRIOR_SD.about, &PRIOR_CORRELATION.about];

static PRIOR_MEAN: Key<[f64; 2]> = Key::pair(
    "prior_mean",
    Within::Closed(Posterior::MEAN.0, Posterior::MEAN.1),
    "parameter",
    "The prior means of the intercept and of the logarithm of the slope.",
)
.required()
.group(group::PRIOR)
.moved(Step::Deviations(0.5, "prior_sd"));
static PRIOR_SD: Key<[f64; 2]> = Key::pair(
    "prior_sd",
    Within::Closed(Posterior::SD.0, Posterior::SD.1),
    "parameter",
    "The prior standard deviations, not variances, of the intercept and of the logarithm of the slope.",
)
.required()
.group(group::PRIOR)
.moved(Step::Times(1.5));
static PRIOR_CORRELATION: Key<f64, f64> = Key::number(
    "prior_correlation",
    Within::Closed(Posterior::CORRELATION.0, Posterior::CORRELATION.1),
    "The prior correlation of the intercept and the logarithm of the slope.",
)
.or(0.0)
.group(group::PRIOR);

/// Read the prior.
pub(in crate::design) fn read_prior(keys: &mut Keys<'_>) -> Option<Prior> {
    let (mean, sd) = (keys.get(&PRIOR_MEAN), keys.get(&PRIOR_SD));
    let correlation = keys.sound(&PRIOR_CORRELATION)?;
    Some(Prior { mean: mean?, sd: sd?, correlation })
}
