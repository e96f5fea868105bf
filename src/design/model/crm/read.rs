//! The keys of a CRM in a study file, and those that its relatives share.

use super::{Crm, CrmSelection, CrmSettings, Curve, Estimate, Model, Precision, Prior, Rules, TooToxic, skeleton};
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Keys, Within};

/// Read a `[[design]]` block with `method = "crm"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    Some(Plan::Rule(Box::new(read_conducted(keys, context)?)))
}

/// Read the design with its conduct rules.
pub(super) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Crm>> {
    let conduct = read_conduct(keys, context, true);
    let curve = read_curve(keys, context);
    let sd = read_prior_sd(keys);
    let estimate = read_estimate(keys);
    let rules = read_rules(keys, context);
    let settings = CrmSettings { curve: curve?, prior: Prior::Normal { sd: sd? }, estimate, rules };
    let method = Crm::new(settings, conduct.max_patients)?;
    Some(Conducted { conduct, method })
}

/// The standard deviation of a normal prior.
pub(in crate::design) fn read_prior_sd(keys: &mut Keys<'_>) -> Option<f64> {
    keys.require("prior_sd");
    let (lowest, highest) = Prior::SD;
    keys.number("prior_sd", Within::Closed(lowest, highest.min(100.0)))
}

/// How DLT probabilities are estimated.
pub(in crate::design) fn read_estimate(keys: &mut Keys<'_>) -> Estimate {
    let estimates = [("plug-in", Estimate::PlugIn), ("posterior-mean", Estimate::PosteriorMean)];
    keys.choice("estimate", &estimates).unwrap_or(Estimate::PlugIn)
}

/// Which level is selected.
pub(in crate::design) fn read_selection(keys: &mut Keys<'_>) -> CrmSelection {
    let selections = [("tried", CrmSelection::Tried), ("model", CrmSelection::Model), ("next", CrmSelection::Next)];
    keys.choice("selection", &selections).unwrap_or(CrmSelection::Tried)
}

/// What is done with the estimates, by methods that have posterior distributions.
pub(in crate::design) fn read_rules(keys: &mut Keys<'_>, context: Context) -> Rules {
    let selection = read_selection(keys);
    let too_toxic = read_too_toxic(keys, context);
    let precision = read_precision(keys);
    Rules { target: context.target, selection, too_toxic, precision }
}

/// The model; `None` when it is not known which.
fn read_model(keys: &mut Keys<'_>) -> Option<Model> {
    const DEFAULT: Model = Model::Logistic { intercept: 3.0 };
    let intercept = keys.number("intercept", Within::Closed(-10.0, 10.0));
    let model = keys.choice("model", &[("empiric", Model::Empiric), ("logistic", DEFAULT)]);
    let model = if keys.has("model") { model } else { Some(Model::Empiric) };
    match (model, intercept) {
        (Some(Model::Empiric), _) if keys.has("intercept") => {
            keys.complain("intercept", "only the logistic model has an intercept", Some("model = \"logistic\"".to_owned()));
            None
        }
        (Some(Model::Logistic { .. }), Some(intercept)) => Some(Model::Logistic { intercept }),
        (Some(Model::Logistic { .. }), None) if keys.has("intercept") => None,
        _ => model,
    }
}

/// The model, and the skeleton under it as numbers or by indifference intervals.
pub(in crate::design) fn read_curve(keys: &mut Keys<'_>, context: Context) -> Option<Curve> {
    let model = read_model(keys);
    keys.require("skeleton");
    let skeleton = if keys.is_table("skeleton") {
        let mut table = keys.table("skeleton")?;
        let skeleton = read_indifference_intervals(&mut table, context, model);
        table.finish();
        skeleton?
    } else {
        keys.numbers("skeleton", Within::Open(0.0, 1.0), Some((context.levels, "dose level")))?
    };
    if !skeleton.is_sorted_by(|a, b| a < b) {
        keys.complain("skeleton", "the skeleton must increase strictly from level to level", None);
        return None;
    }
    let curve = Curve::new(model?, &skeleton);
    if let (None, Some(Model::Logistic { intercept })) = (&curve, model) {
        let highest = Model::Logistic { intercept }.toxicity(0.0);
        let message = format!(
            "under the logistic model with intercept {intercept} every skeleton value must lie below expit(intercept) = {highest:.6}"
        );
        keys.complain("skeleton", message, Some("a larger intercept, or a lower skeleton".to_owned()));
    }
    curve
}

/// `{ prior_mtd, halfwidth }`.
fn read_indifference_intervals(table: &mut Keys<'_>, context: Context, model: Option<Model>) -> Option<Vec<f64>> {
    table.require("prior_mtd");
    let prior_mtd = table.whole("prior_mtd", 1..=context.levels);
    table.require("halfwidth");
    let halfwidth = table.number("halfwidth", Within::Open(0.0, context.target.min(1.0 - context.target)));
    match skeleton(model?, context.levels, prior_mtd? - 1, context.target, halfwidth?) {
        Ok(skeleton) => Some(skeleton),
        Err(error) => {
            table.complain("halfwidth", error.to_string(), Some("a smaller halfwidth".to_owned()));
            None
        }
    }
}

/// The stopping rule for toxicity.
fn read_too_toxic(keys: &mut Keys<'_>, context: Context) -> Option<TooToxic> {
    let cutoff = keys.number("too_toxic_cutoff", Within::Open(0.0, 1.0));
    let rate = keys.number("too_toxic_rate", Within::Open(0.0, 1.0));
    if keys.has("too_toxic_rate") && !keys.has("too_toxic_cutoff") {
        let message = "the rate has no effect without a cutoff for its posterior probability";
        keys.complain("too_toxic_rate", message, Some("too_toxic_cutoff = 0.95".to_owned()));
    }
    Some(TooToxic { cutoff: cutoff?, rate: rate.unwrap_or(context.target) })
}

/// The stopping rule for precision.
fn read_precision(keys: &mut Keys<'_>) -> Option<Precision> {
    let mut table = keys.table("stop_when_precise")?;
    let mut limit = |key| {
        table.require(key);
        table.number(key, Within::Open(0.0, 1.0))
    };
    let (lower, upper) = (limit("lower"), limit("upper"));
    let credibility = table.number("credibility", Within::Open(0.0, 1.0));
    let any = table.choice("when", &[("recommended", false), ("any", true)]);
    let in_order = lower.zip(upper).filter(|(lower, upper)| lower < upper);
    if let (Some(lower), Some(upper), None) = (lower, upper, in_order) {
        table.complain("upper", format!("found {upper}; allowed: above `lower`, which is {lower}"), None);
    }
    table.finish();
    let (lower, upper) = in_order?;
    Some(Precision { lower, upper, credibility: credibility.unwrap_or(0.9), any: any.unwrap_or(false) })
}
