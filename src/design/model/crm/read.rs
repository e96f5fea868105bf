//! The keys of a CRM in a study file, and those that its relatives share.

use super::{Crm, CrmSelection, CrmSettings, Curve, Estimate, Model, Precision, Prior, Rules, TooToxic, skeleton};
use crate::design::rule::conduct_keys::{LEVELS, TOO_TOXIC_CUTOFF, TOO_TOXIC_RATE, group};
use crate::design::rule::read::read_too_toxic;
use crate::design::rule::{Conducted, Context, Plan, read_conduct};
use crate::keys::{Description, Key, Keys, Step, Table, Within, Worded};
use crate::trial::MAX_LEVELS;

/// The keys of the CRM.
pub(in crate::design) static KEYS: [&[&Description]; 3] = [CURVE_KEYS, &[&PRIOR_SD.about, &ESTIMATE.about], RULES_KEYS];

/// The keys of a dose-toxicity curve with one parameter.
pub(in crate::design) static CURVE_KEYS: &[&Description] = &[&CURVE_MODEL.about, &INTERCEPT.about, &SKELETON.about];

/// The keys of what is done with the estimates.
pub(in crate::design) static RULES_KEYS: &[&Description] =
    &[&SELECTION.about, &TOO_TOXIC_CUTOFF.about, &TOO_TOXIC_RATE.about, &STOP_WHEN_PRECISE.about];

/// How a model is made, given an intercept.
type ModelWith = fn(f64) -> Model;
static MODELS: [Worded<ModelWith>; 2] = [
    ("empiric", |_| Model::Empiric, "The DLT probability is a power of the skeleton."),
    (
        "logistic",
        |intercept| Model::Logistic { intercept },
        "The DLT probability is logistic, with a fixed intercept and an unknown slope.",
    ),
];
static CURVE_MODEL: Key<ModelWith, ModelWith> =
    Key::word("model", &MODELS, "The family of dose-toxicity curves, of which one parameter is unknown.")
        .or_word("empiric")
        .group(group::MODEL);

static INTERCEPT: Key<f64, f64> =
    Key::number("intercept", Within::Closed(-10.0, 10.0), "The fixed intercept of the logistic model, on the logit scale.")
        .or(3.0)
        .further("above the logit of every skeleton value")
        .with(&["model = \"logistic\""])
        .group(group::MODEL);

/// One DLT probability for each level.
const SKELETON_NUMBERS: Key<Vec<f64>> =
    Key::numbers("skeleton", Within::Open(0.0, 1.0), "The DLT probabilities of the levels as they are guessed before the trial.")
        .one_for_each("dose level", LEVELS)
        .further("strictly increasing")
        .required()
        .group(group::MODEL)
        .moved(Step::Logits(0.5, 1.25));

/// A skeleton as numbers.
pub(in crate::design) static NUMBERED_SKELETON: Key<Vec<f64>> = SKELETON_NUMBERS;
static SKELETON: Key<Vec<f64>> = SKELETON_NUMBERS.forms(&[&SKELETON_BY_INTERVALS.about]);
static SKELETON_BY_INTERVALS: Key<Table> = Key::table(
    "skeleton",
    &[&PRIOR_MTD.about, &HALFWIDTH.about],
    "The skeleton whose indifference intervals around the target all have one half-width (Lee and Cheung, 2009).",
);
static PRIOR_MTD: Key<usize> =
    Key::whole("prior_mtd", 1..=MAX_LEVELS, "The level that is guessed to be the MTD before the trial.")
        .up_to(LEVELS)
        .unit("level")
        .required()
        .group(group::MODEL)
        .moved(Step::By(1.0));
/// What a half-width must leave on both sides of the target.
const ROOM: &str = "the smaller of target and 1 - target";
static HALFWIDTH: Key<f64> =
    Key::number("halfwidth", Within::Open(0.0, 0.5), "The half-width of the indifference intervals, as a DLT probability.")
        .up_to(ROOM)
        .required()
        .group(group::MODEL)
        .moved(Step::By(0.02));

/// The standard deviation of a normal prior.
pub(in crate::design) static PRIOR_SD: Key<f64> = Key::number(
    "prior_sd",
    Within::Closed(Prior::SD.0, Prior::SD.1.min(100.0)),
    "The standard deviation, not the variance, of the normal prior of the model's parameter.",
)
.required()
.group(group::PRIOR)
.moved(Step::Times(1.5));

static ESTIMATES: [Worded<Estimate>; 2] = [
    ("plug-in", Estimate::PlugIn, "The curve at the posterior mean of its parameters."),
    ("posterior-mean", Estimate::PosteriorMean, "The posterior means of the DLT probabilities."),
];
const ESTIMATE_WORD: Key<Estimate> =
    Key::word("estimate", &ESTIMATES, "How the DLT probabilities are estimated from the posterior distribution.")
        .group(group::MODEL);
/// The estimate of models with one parameter.
pub(in crate::design) static ESTIMATE: Key<Estimate, Estimate> = ESTIMATE_WORD.or_word("plug-in");
/// The estimate of models with two parameters.
pub(in crate::design) static MEAN_ESTIMATE: Key<Estimate, Estimate> = ESTIMATE_WORD.or_word("posterior-mean");

static SELECTIONS: [Worded<CrmSelection>; 3] = [
    ("tried", CrmSelection::Tried, "The level nearest the target among those with patients."),
    ("model", CrmSelection::Model, "The level nearest the target, whether anybody was treated there or not."),
    ("next", CrmSelection::Next, "The level that the rules would give next."),
];
/// Which level is selected.
pub(in crate::design) static SELECTION: Key<CrmSelection, CrmSelection> =
    Key::word("selection", &SELECTIONS, "Which level is selected at the end.").or_word("tried").group(group::SELECTION);

static STOP_WHEN_PRECISE: Key<Table> = Key::table(
    "stop_when_precise",
    &[&LOWER.about, &UPPER.about, &CREDIBILITY.about, &WHEN.about],
    "The limits within which a posterior interval of a DLT probability must lie for the trial to stop early and select.",
)
.group(group::STOPPING);
static LOWER: Key<f64> =
    Key::number("lower", Within::Open(0.0, 1.0), "The lower limit, a DLT probability.").required().group(group::STOPPING);
static UPPER: Key<f64> = Key::number("upper", Within::Open(0.0, 1.0), "The upper limit, a DLT probability.")
    .further("above `lower`")
    .required()
    .group(group::STOPPING);
static CREDIBILITY: Key<f64, f64> =
    Key::number("credibility", Within::Open(0.0, 1.0), "The posterior probability of the central interval.")
        .or(0.9)
        .group(group::STOPPING);
static WHENS: [Worded<bool>; 2] = [
    ("recommended", false, "The interval of the level due next must lie within the limits."),
    ("any", true, "The interval of some level must lie within the limits."),
];
static WHEN: Key<bool, bool> =
    Key::word("when", &WHENS, "The level whose interval is looked at.").or_word("recommended").group(group::STOPPING);

/// Read a `[[design]]` block with `method = "crm"`.
pub(super) fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    Some(Plan::Rule(Box::new(read_conducted(keys, context)?)))
}

/// Read the design with its conduct rules.
pub(super) fn read_conducted(keys: &mut Keys<'_>, context: Context) -> Option<Conducted<Crm>> {
    let conduct = read_conduct(keys, context);
    let curve = read_curve(keys, context);
    let sd = keys.get(&PRIOR_SD);
    let estimate = keys.get(&ESTIMATE);
    let rules = read_rules(keys, context);
    let settings = CrmSettings { curve: curve?, prior: Prior::Normal { sd: sd? }, estimate, rules };
    let method = Crm::new(settings, conduct.max_patients)?;
    Some(Conducted { conduct, method })
}

/// What is done with the estimates, by methods that have posterior distributions.
pub(in crate::design) fn read_rules(keys: &mut Keys<'_>, context: Context) -> Rules {
    let selection = keys.get(&SELECTION);
    let too_toxic = read_too_toxic(keys, context.target).map(|(cutoff, rate)| TooToxic { cutoff, rate });
    let precision = read_precision(keys);
    Rules { target: context.target, selection, too_toxic, precision }
}

/// The model; `None` when it is not known which.
fn read_model(keys: &mut Keys<'_>) -> Option<Model> {
    let intercept = keys.sound(&INTERCEPT);
    let model = keys.sound(&CURVE_MODEL)?;
    if keys.has("intercept") && model(0.0) == Model::Empiric {
        keys.complain("intercept", "only the logistic model has an intercept", Some("model = \"logistic\"".to_owned()));
        return None;
    }
    Some(model(intercept?))
}

/// The model, and the skeleton under it as numbers or by indifference intervals.
pub(in crate::design) fn read_curve(keys: &mut Keys<'_>, context: Context) -> Option<Curve> {
    let model = read_model(keys);
    let skeleton = if let Some(mut table) = keys.table_form(&SKELETON_BY_INTERVALS) {
        let skeleton = read_indifference_intervals(&mut table, context, model);
        table.finish();
        skeleton?
    } else {
        keys.get(&SKELETON)?
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
    table.know(ROOM, context.target.min(1.0 - context.target));
    let (prior_mtd, halfwidth) = (table.get(&PRIOR_MTD), table.get(&HALFWIDTH));
    match skeleton(model?, context.levels, prior_mtd? - 1, context.target, halfwidth?) {
        Ok(skeleton) => Some(skeleton),
        Err(error) => {
            table.complain("halfwidth", error.to_string(), Some("a smaller halfwidth".to_owned()));
            None
        }
    }
}

/// The stopping rule for precision.
fn read_precision(keys: &mut Keys<'_>) -> Option<Precision> {
    let mut table = keys.table(&STOP_WHEN_PRECISE)?;
    let (lower, upper) = (table.get(&LOWER), table.get(&UPPER));
    let (credibility, any) = (table.get(&CREDIBILITY), table.get(&WHEN));
    let in_order = lower.zip(upper).filter(|(lower, upper)| lower < upper);
    if let (Some(lower), Some(upper), None) = (lower, upper, in_order) {
        table.complain("upper", format!("found {upper}; allowed: above `lower`, which is {lower}"), None);
    }
    table.finish();
    let (lower, upper) = in_order?;
    Some(Precision { lower, upper, credibility, any })
}
