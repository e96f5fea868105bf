//! What a CRM works out from the data so far, in numbers and in words, for people.

use super::{Crm, Estimate, Exceedance, Extras, Posterior, TooToxic};
use crate::design::assess::{Assessment, LevelAssessment, NORMAL_QUANTILE, percent};
use crate::design::{CONFIDENCE, Method};
use crate::trial::Counts;

/// The estimates with the 90 % intervals of dfcrm, pₖ(E(θ | data) ± z SD(θ | data)), and the exact posterior probabilities of a
/// toxicity above the target.
pub(super) fn assess(crm: &Crm, counts: &Counts) -> Assessment {
    debug_assert!((CONFIDENCE - 0.9).abs() < 1e-12, "the quantile is that of 90 %");
    let settings = &crm.settings;
    let curve = &settings.curve;
    let (patients, dlts) = (counts.all_patients().map(u32::from), counts.all_dlts().map(u32::from));
    let posterior = |extras| {
        Posterior::new(curve, settings.prior_sd, counts.total_patients().max(1), extras)
            .map(|posterior| posterior.summarise(&patients, &dlts))
    };
    let view = crm.view(counts);
    // The prior standard deviation was accepted when the design was made, so there is a posterior.
    let spread = posterior(Extras::default()).map(|summary| {
        let half = NORMAL_QUANTILE * summary.variance.max(0.0).sqrt();
        // Toxicity falls as θ rises.
        curve.toxicity(summary.mean + half).zip(curve.toxicity(summary.mean - half)).collect::<Vec<_>>()
    });
    let level = |level: usize| {
        let exceedance = Exceedance { level, rate: settings.target };
        LevelAssessment {
            estimate: Some(view.toxicity[level]),
            interval: spread.as_ref().map(|spread| spread[level]),
            exceedance: posterior(Extras { mean_toxicity: false, exceedance: Some(exceedance) })
                .map(|summary| summary.exceedance.clamp(0.0, 1.0)),
            excluded: false,
        }
    };
    let basis = match settings.estimate {
        Estimate::PlugIn => {
            "curve at the posterior mean of θ; 90 % interval from a normal approximation to θ; Pr(toxicity > target) from the exact \
             posterior distribution"
        }
        Estimate::PosteriorMean => {
            "posterior mean of the DLT probability; 90 % interval from a normal approximation to θ; Pr(toxicity > target) from the \
             exact posterior distribution"
        }
    };
    Assessment { basis, levels: (0..curve.levels()).map(level).collect() }
}

/// What the recommendation, or the end for toxicity, rests on.
pub(super) fn grounds(crm: &Crm, counts: &Counts, too_toxic: bool) -> String {
    let view = crm.view(counts);
    match crm.settings.too_toxic {
        Some(TooToxic { cutoff, rate }) if too_toxic => {
            let summary = crm.posterior.summarise(&counts.all_patients().map(u32::from), &counts.all_dlts().map(u32::from));
            format!("Pr(toxicity of level 1 > {rate}) = {:.4}, above {cutoff}", summary.exceedance)
        }
        _ => {
            let level = crm.nearest(&view, |_| true).unwrap_or(0);
            let target = percent(crm.settings.target);
            format!("the estimate for level {} is {}, nearest the target of {target}", level + 1, percent(view.toxicity[level]))
        }
    }
}
