//! BOIN in words.

use super::{Boin, Rates};
use crate::design::interval::IntervalSettings;
use crate::design::rule::decision_table::Call;
use crate::design::rule::selection::Selects;
use crate::design::rule::wording::{Claim, counted};
use crate::numeric::binomial::to_f64;
use crate::numeric::exact::decimal;
use crate::trial::Conduct;

/// The rule's lines of the design synopsis.
pub(super) fn synopsis(boin: &Boin) -> Vec<(String, String)> {
    let [_, safe, toxic] = boin.rates.exact();
    let line = |name: &str, value: String| (name.to_owned(), value);
    let mut lines = vec![
        line("Target, too low, too high", format!("{}, {}, {}", boin.rates.target, to_f64(&safe), to_f64(&toxic))),
        line("Escalate", format!("when the DLT proportion at the current level is at most {:.6}", boin.lambda_e)),
        line("De-escalate", format!("when it is above {:.6}; stay otherwise", boin.lambda_d)),
    ];
    if boin.rates.stay_at_1_of_3 {
        lines.push(line("1 DLT in 3", "stays, unless it eliminates".to_owned()));
    }
    lines
}

/// The rule in the words of a protocol.
pub(super) fn sentences(boin: &Boin) -> String {
    let [_, safe, toxic] = boin.rates.exact();
    format!(
        "The dose is escalated by one level when the proportion with a DLT is at most {:.3}, and de-escalated by one level when it is \
         above {:.3}; otherwise the next cohort is treated at the current level. These boundaries follow from a DLT probability of {} \
         as too low and one of {} as too high.",
        boin.lambda_e,
        boin.lambda_d,
        to_f64(&safe),
        to_f64(&toxic)
    )
}

/// What the sentences claim, and the exception for 1 DLT in 3 patients.
pub(super) fn claim(rates: &Rates) -> Claim {
    let [target, safe, toxic] = rates.exact();
    let data = (to_f64(&safe), to_f64(&target), to_f64(&toxic), rates.stay_at_1_of_3);
    Claim::calls(data, |&(safe, target, toxic, stays_at_1_of_3), patients, dlts| {
        let (y, n) = (dlts as f64, patients as f64);
        // A whole number of DLTs at a boundary comes out of the logarithms with a rounding error.
        if y <= n * equally_likely(safe, target) + 1e-9 {
            Call::Escalate
        } else if y <= n * equally_likely(target, toxic) + 1e-9 || (stays_at_1_of_3 && patients == 3 && dlts == 1) {
            Call::Stay
        } else {
            Call::Deescalate
        }
    })
}

/// The proportion of DLTs that is as likely at a DLT probability of `lower` as at one of `upper`.
fn equally_likely(lower: f64, upper: f64) -> f64 {
    let without = libm::log((1.0 - lower) / (1.0 - upper));
    without / (libm::log(upper / lower) + without)
}

/// Settings outside the form of the design that regulators have looked at.
pub(super) fn cautions(rates: &Rates, settings: &IntervalSettings, conduct: &Conduct) -> Vec<(&'static str, String)> {
    const OUTSIDE: &str = "outside the form to which the FDA's fit-for-purpose determination of BOIN (December 2021) applies:";
    let [target, safe, toxic] = rates.exact();
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
    let overridden = rates.stay_at_1_of_3;
    outside(overridden, "stay_at_1_of_3", "1 DLT in 3 patients stays, where the boundaries may say otherwise".to_owned());
    let cutoff = settings.elimination_cutoff;
    outside(cutoff != 0.95, "elimination_cutoff", format!("levels are eliminated above {cutoff}, where that form has 0.95"));
    let patients = settings.elimination_min_patients;
    let found = format!("levels are eliminated from {} on, where that form has 3", counted(patients, "patient"));
    outside(patients != 3, "elimination_min_patients", found);
    outside(settings.extra_safe_offset.is_some(), "extra_safe_offset", "a further stopping rule at the lowest level".to_owned());
    outside(settings.highest_estimate.is_some(), "bound_mtd", "a further restriction on the recommended level".to_owned());
    outside(settings.selects == Selects::Next, "selection", "the level is not selected by isotonic regression".to_owned());
    cautions
}
