//! BOIN in the words of a protocol.

use super::{Boin, ELIMINATION_MIN_PATIENTS};
use crate::design::rule::decision_table::Call;
use crate::design::rule::decision_table::wording::{Tabulated, too_toxic};
use crate::design::rule::selection::{Safety, Selects};
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::Conduct;

/// The method's words.
pub(super) fn wording(boin: &Boin, conduct: &Conduct, names: &LevelNames) -> MethodWording {
    let settings = &boin.settings;
    let [target, safe, toxic] = settings.rates();
    let before = format!(
        "The target DLT probability is {}. The number of patients with a DLT among all patients treated so far at the current level \
         is looked up in the table below. The dose is escalated by one level when the proportion with a DLT is at most {:.3}, and \
         de-escalated by one level when it is above {:.3}; otherwise the next cohort is treated at the current level. These \
         boundaries follow from a DLT probability of {} as too low and one of {} as too high.",
        settings.target,
        boin.lambda_e,
        boin.lambda_d,
        to_f64(&safe),
        to_f64(&toxic)
    );
    let data = (to_f64(&safe), to_f64(&target), to_f64(&toxic), settings.stay_at_1_of_3);
    let calls = Claim::calls(data, |&(safe, target, toxic, stays_at_1_of_3), patients, dlts| {
        let (y, n) = (dlts as f64, patients as f64);
        // A whole number of DLTs at a boundary comes out of the logarithms with a rounding error.
        if y <= n * equally_likely(safe, target) + 1e-9 {
            Call::Escalate
        } else if y <= n * equally_likely(target, toxic) + 1e-9 || (stays_at_1_of_3 && patients == 3 && dlts == 1) {
            Call::Stay
        } else {
            Call::Deescalate
        }
    });
    let mut after = Vec::new();
    if settings.stay_at_1_of_3 {
        after.push(Piece::said(
            "1 DLT in 3 patients keeps the level, whatever the boundaries say, unless it eliminates the level.".to_owned(),
        ));
    }
    let eliminated = format!(
        "A level is eliminated, together with all levels above it, when it has 3 patients or more and the probability that its \
         toxicity exceeds {} is above {}, given its data and a uniform prior.",
        settings.target, settings.elimination_cutoff
    );
    after.push(too_toxic(eliminated, settings.target, settings.elimination_cutoff, ELIMINATION_MIN_PATIENTS));
    let lowered = |offset| to_f64(&(decimal(settings.elimination_cutoff) - decimal(offset)));
    let tabulated = Tabulated {
        table: &boin.table,
        elimination_key: "elimination_cutoff",
        extra_safe: settings.extra_safe_offset.map(|offset| (lowered(offset), "extra_safe_offset")),
        min_patients: ELIMINATION_MIN_PATIENTS,
        safety: Safety::Eliminate,
        selects: Selects::Isotonic,
        selection: &boin.selection,
        highest_estimate: format!("{:.3}", boin.lambda_d),
        before: Piece::claimed(before, calls),
        after,
    };
    tabulated.wording(conduct, names)
}

/// The proportion of DLTs that is as likely at a DLT probability of `lower` as at one of `upper`.
fn equally_likely(lower: f64, upper: f64) -> f64 {
    let without = libm::log((1.0 - lower) / (1.0 - upper));
    without / (libm::log(upper / lower) + without)
}

/// Settings outside the form of the design that regulators have looked at.
pub(super) fn cautions(boin: &Boin, conduct: &Conduct) -> Vec<(&'static str, String)> {
    const OUTSIDE: &str = "outside the form to which the FDA's fit-for-purpose determination of BOIN (December 2021) applies:";
    let settings = &boin.settings;
    let [target, safe, toxic] = settings.rates();
    let mut cautions = Vec::new();
    let mut outside = |is_outside: bool, key, found: String| {
        if is_outside {
            cautions.push((key, format!("{OUTSIDE} {found}")));
        }
    };
    let rate = |rate, factor, word: &str| {
        let usual = decimal(factor) * &target;
        (rate != usual, format!("{word} is {}, where that form has {}, {factor} times the target", to_f64(&rate), to_f64(&usual)))
    };
    let (is_other, found) = rate(safe, 0.6, "the DLT probability that is too low");
    outside(is_other, "safe_rate", found);
    let (is_other, found) = rate(toxic, 1.4, "the DLT probability that is too high");
    outside(is_other, "toxic_rate", found);
    outside(conduct.titration.is_some(), "titration", "single patients climb the levels first".to_owned());
    let overridden = settings.stay_at_1_of_3;
    outside(overridden, "stay_at_1_of_3", "1 DLT in 3 patients stays, where the boundaries may say otherwise".to_owned());
    let cutoff = settings.elimination_cutoff;
    outside(cutoff != 0.95, "elimination_cutoff", format!("levels are eliminated above {cutoff}, where that form has 0.95"));
    outside(settings.extra_safe_offset.is_some(), "extra_safe_offset", "a further stopping rule at the lowest level".to_owned());
    outside(settings.bound_mtd, "bound_mtd", "a further restriction on the recommended level".to_owned());
    cautions
}
