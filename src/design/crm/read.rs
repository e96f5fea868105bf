//! The keys of a CRM in a study file.

use super::{Crm, Curve, Estimate, Model, Posterior, Selection, Settings, TooToxic, skeleton};
use crate::design::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Keys, Within};

/// Read a `[[design]]` block with `method = "crm"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let conduct = read_conduct(keys, context, true);
    let model = read_model(keys);
    let curve = read_curve(keys, context, model);
    keys.require("prior_sd");
    let (lowest, highest) = Posterior::PRIOR_SD;
    let prior_sd = keys.number("prior_sd", Within::Closed(lowest, highest.min(100.0)));
    let estimate = keys.choice("estimate", &[("plug-in", Estimate::PlugIn), ("posterior-mean", Estimate::PosteriorMean)]);
    let selection =
        keys.choice("selection", &[("tried", Selection::Tried), ("model", Selection::Model), ("next", Selection::Next)]);
    let too_toxic = read_too_toxic(keys, context);
    let settings = Settings {
        curve: curve?,
        prior_sd: prior_sd?,
        target: context.target,
        estimate: estimate.unwrap_or(Estimate::PlugIn),
        selection: selection.unwrap_or(Selection::Tried),
        too_toxic,
    };
    let method = Crm::new(settings, conduct.max_patients)?;
    Some(Plan::Rule(Box::new(Conducted { conduct, method })))
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

/// The skeleton, as numbers or by indifference intervals, under the model.
fn read_curve(keys: &mut Keys<'_>, context: Context, model: Option<Model>) -> Option<Curve> {
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
