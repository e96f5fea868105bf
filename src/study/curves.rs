//! Toxicity curves of a family, as scenarios and populations write them.

use crate::design::conduct_keys::LEVELS;
use crate::keys::{Description, Key, Keys, Table, Within};
use crate::scenario::{Family, Generator, Quantity};
use crate::trial::MAX_LEVELS;

const TOXICITY: Within = Within::Open(0.0, 1.0);
const SLOPE: Within = Within::OpenClosed(0.0, 10.0);
const SD: Within = Within::OpenClosed(0.0, 10.0);
const CURVE: &str = "curve";

/// A family of curves.
pub(super) static FAMILY: Key<Family> =
    Key::word("family", &Family::WORDS, "The family of the curve.").required().group(CURVE).fixed();

/// The MTD of a curve with a slope there.
pub(super) static MTD: Key<usize> = Key::whole("mtd", 1..=MAX_LEVELS, "The level with the target toxicity, where the slope is.")
    .up_to(LEVELS)
    .unit("level")
    .with(&["slope"])
    .group(CURVE)
    .fixed();

/// The keys of a quantity that is a number, or random.
pub(super) struct QuantityKeys {
    /// The number.
    pub(super) number: Key<f64>,
    /// The range of a uniform distribution.
    range: Option<&'static Key<[f64; 2]>>,
    /// Median and standard deviation of a distribution that is normal after a transformation, which makes this of them.
    normal: Option<&'static Normal>,
}

/// A distribution that is normal after a transformation.
struct Normal {
    table: Key<Table>,
    median: Key<f64>,
    sd: Key<f64>,
    make: fn(f64, f64) -> Quantity,
}

/// The keys of a family's curve.
pub(super) struct FamilyKeys {
    /// The anchor at the lower dose.
    pub(super) lower: Key<Table>,
    /// The anchor at the higher dose.
    pub(super) upper: Key<Table>,
    /// The toxicity of an anchor.
    toxicity: QuantityKeys,
    /// The slope at the MTD.
    pub(super) slope: QuantityKeys,
}

static DOSE: Key<f64> =
    Key::number("dose", Within::Open(0.0, f64::INFINITY), "The dose, in the unit of the doses.").required().group(CURVE).fixed();
const TOXICITY_AT_DOSE: Key<f64> =
    Key::number("toxicity", TOXICITY, "The DLT probability at this dose.").required().group(CURVE).fixed();
const SLOPE_AT_MTD: Key<f64> =
    Key::number("slope", SLOPE, "How much the DLT probability rises at the MTD for each doubling of the dose.")
        .without(&["lower", "upper"])
        .group(CURVE)
        .fixed();

const fn lower(fields: &'static [&'static Description]) -> Key<Table> {
    Key::table("lower", fields, "The anchor at the lower dose, through which the curve goes.")
        .further("required without `slope`")
        .without(&["slope"])
        .group(CURVE)
        .fixed()
}

const fn upper(fields: &'static [&'static Description]) -> Key<Table> {
    Key::table("upper", fields, "The anchor at the higher dose, through which the curve goes.")
        .further("required without `slope`; a higher dose and a higher toxicity than those of `lower`")
        .without(&["slope"])
        .group(CURVE)
        .fixed()
}

/// The keys of one curve.
pub(super) static FIXED: FamilyKeys = FamilyKeys {
    lower: lower(&[&DOSE.about, &FIXED.toxicity.number.about]),
    upper: upper(&[&DOSE.about, &FIXED.toxicity.number.about]),
    toxicity: QuantityKeys { number: TOXICITY_AT_DOSE, range: None, normal: None },
    slope: QuantityKeys { number: SLOPE_AT_MTD, range: None, normal: None },
};

/// The generators that draw curves of families.
const OF_FAMILIES: &[&str] = &[
    "generator = \"logistic\"",
    "generator = \"log-logistic\"",
    "generator = \"power\"",
    "generator = \"emax\"",
    "generator = \"weibull\"",
];

/// The keys of random curves.
pub(super) static RANDOM: FamilyKeys = FamilyKeys {
    lower: lower(&[&DOSE.about, &RANDOM.toxicity.number.about]).with(OF_FAMILIES),
    upper: upper(&[&DOSE.about, &RANDOM.toxicity.number.about]).with(OF_FAMILIES),
    toxicity: QuantityKeys {
        number: TOXICITY_AT_DOSE.forms(&[&TOXICITY_RANGE.about, &LOGIT_NORMAL.table.about]),
        range: Some(&TOXICITY_RANGE),
        normal: Some(&LOGIT_NORMAL),
    },
    slope: QuantityKeys {
        number: SLOPE_AT_MTD.forms(&[&SLOPE_RANGE.about, &LOG_NORMAL.table.about]).with(OF_FAMILIES),
        range: Some(&SLOPE_RANGE),
        normal: Some(&LOG_NORMAL),
    },
};
static TOXICITY_RANGE: Key<[f64; 2]> =
    Key::pair("toxicity", TOXICITY, "end of the range", "The range of a uniform distribution.")
        .further("the lower end first")
        .group(CURVE)
        .fixed();
static SLOPE_RANGE: Key<[f64; 2]> = Key::pair("slope", SLOPE, "end of the range", "The range of a uniform distribution.")
    .further("the lower end first")
    .group(CURVE)
    .fixed();
const NORMAL_SD: Key<f64> =
    Key::number("sd", SD, "Its standard deviation after the transformation.").required().group(CURVE).fixed();
static LOGIT_NORMAL: Normal = Normal {
    table: Key::table(
        "toxicity",
        &[&LOGIT_NORMAL.median.about, &LOGIT_NORMAL.sd.about],
        "A distribution that is normal on the logit scale.",
    )
    .group(CURVE)
    .fixed(),
    median: Key::number("median", TOXICITY, "Its median.").required().group(CURVE).fixed(),
    sd: NORMAL_SD,
    make: Quantity::LogitNormal,
};
static LOG_NORMAL: Normal = Normal {
    table: Key::table(
        "slope",
        &[&LOG_NORMAL.median.about, &LOG_NORMAL.sd.about],
        "A distribution that is normal on the logarithmic scale.",
    )
    .group(CURVE)
    .fixed(),
    median: Key::number("median", SLOPE, "Its median.").required().group(CURVE).fixed(),
    sd: NORMAL_SD,
    make: Quantity::LogNormal,
};

/// Read a curve of a family by two anchors, `lower` and `upper`, or by the `slope` at the MTD.
pub(super) fn read_family(keys: &mut Keys<'_>, family: Family, known: &FamilyKeys) -> Option<Generator> {
    let slope = read_quantity(keys, &known.slope);
    if keys.has("slope") {
        for anchor in ["lower", "upper"] {
            keys.refuse(anchor, "an anchor beside a slope at the MTD; allowed: two anchors, or a slope", None);
        }
        return Some(Generator::Slope { family, slope: slope? });
    }
    for anchor in ["lower", "upper"] {
        keys.require(anchor);
    }
    let lower = keys.table(&known.lower).and_then(|anchor| read_anchor(anchor, &known.toxicity));
    let upper = keys.table(&known.upper).and_then(|anchor| read_anchor(anchor, &known.toxicity));
    let (lower, upper) = (lower?, upper?);
    if lower.0 >= upper.0 {
        let message = format!("found the dose {} after {}; allowed: a higher dose than that of `lower`", upper.0, lower.0);
        keys.complain("upper", message, None);
        return None;
    }
    if largest(upper.1) <= smallest(lower.1) {
        let message = format!(
            "found a toxicity of at most {}, where that of `lower` is at least {}; allowed: a higher toxicity",
            largest(upper.1),
            smallest(lower.1)
        );
        keys.complain("upper", message, None);
        return None;
    }
    Some(Generator::Anchors { family, lower, upper })
}

/// `{ dose, toxicity }`.
fn read_anchor(mut keys: Keys<'_>, known: &QuantityKeys) -> Option<(f64, Quantity)> {
    let dose = keys.get(&DOSE);
    let toxicity = read_quantity(&mut keys, known);
    keys.finish();
    Some((dose?, toxicity?))
}

/// A number; where it may be random also `[low, high]` (uniform) or `{ median, sd }` (normal after a transformation).
fn read_quantity(keys: &mut Keys<'_>, known: &QuantityKeys) -> Option<Quantity> {
    let key = known.number.about.name;
    if let Some(range) = known.range
        && keys.count(key).is_some()
    {
        let [low, high] = keys.get(range)?;
        if low >= high {
            keys.complain(key, format!("found [{low}, {high}]; allowed: the lower end of the range first"), None);
            return None;
        }
        return Some(Quantity::Uniform(low, high));
    }
    if let Some(normal) = known.normal
        && let Some(mut table) = keys.table_form(&normal.table)
    {
        let (median, sd) = (table.get(&normal.median), table.get(&normal.sd));
        table.finish();
        return Some((normal.make)(median?, sd?));
    }
    keys.get(&known.number).map(Quantity::Fixed)
}

/// What is said, and of which key, where a family has no curve with its slope or through its anchors.
pub(super) fn no_such_curve(keys: &Keys<'_>) -> (&'static str, String) {
    let (key, words) =
        if keys.has("slope") { ("slope", "with this `slope` at the MTD") } else { ("upper", "through both `lower` and `upper`") };
    let message = format!(
        "no curve of this family goes {words}; an Emax curve rises more slowly than the dose, and its maximum is at most 1"
    );
    (key, message)
}

fn smallest(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Fixed(number) | Quantity::Uniform(number, _) => number,
        Quantity::LogitNormal(..) | Quantity::LogNormal(..) => 0.0,
    }
}

fn largest(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::Fixed(number) | Quantity::Uniform(_, number) => number,
        Quantity::LogitNormal(..) | Quantity::LogNormal(..) => 1.0,
    }
}
