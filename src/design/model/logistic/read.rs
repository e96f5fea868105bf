//! The keys of the prior of a two-parameter logistic model in a study file.

use super::{Posterior, Prior};
use crate::keys::{Keys, Within};

/// Read `prior_mean`, `prior_sd` and `prior_correlation`.
pub(in crate::design) fn read_prior(keys: &mut Keys<'_>) -> Option<Prior> {
    let pair = |keys: &mut Keys<'_>, key, (low, high)| -> Option<[f64; 2]> {
        keys.require(key);
        keys.numbers(key, Within::Closed(low, high), Some((2, "parameter")))?.try_into().ok()
    };
    let mean = pair(keys, "prior_mean", Posterior::MEAN);
    let sd = pair(keys, "prior_sd", Posterior::SD);
    let (low, high) = Posterior::CORRELATION;
    let correlation = keys.number("prior_correlation", Within::Closed(low, high));
    if keys.has("prior_correlation") && correlation.is_none() {
        return None;
    }
    Some(Prior { mean: mean?, sd: sd?, correlation: correlation.unwrap_or(0.0) })
}
