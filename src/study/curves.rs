//! Toxicity curves of a family, as scenarios and populations write them.

use crate::keys::{Keys, Within};
use crate::scenario::{Family, Generator, Quantity};

/// What the numbers of a quantity mean, which decides the transformation under which it may be normal.
#[derive(Clone, Copy)]
enum Meaning {
    Toxicity,
    Slope,
}

const TOXICITY: Within = Within::Open(0.0, 1.0);
const SLOPE: Within = Within::OpenClosed(0.0, 10.0);

/// Read a curve of a family by two anchors, `lower` and `upper`, or by the `slope` at the MTD. Where `fixed`, every quantity is a
/// number.
pub(super) fn read_family(keys: &mut Keys<'_>, family: Family, fixed: bool) -> Option<Generator> {
    let slope = read_quantity(keys, "slope", Meaning::Slope, fixed);
    if keys.has("slope") {
        for anchor in ["lower", "upper"] {
            keys.refuse(anchor, "an anchor beside a slope at the MTD; allowed: two anchors, or a slope", None);
        }
        return Some(Generator::Slope { family, slope: slope? });
    }
    for anchor in ["lower", "upper"] {
        keys.require(anchor);
    }
    let lower = keys.table("lower").and_then(|anchor| read_anchor(anchor, fixed));
    let upper = keys.table("upper").and_then(|anchor| read_anchor(anchor, fixed));
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
fn read_anchor(mut keys: Keys<'_>, fixed: bool) -> Option<(f64, Quantity)> {
    keys.require("dose");
    keys.require("toxicity");
    let dose = keys.number("dose", Within::Open(0.0, f64::INFINITY));
    let toxicity = read_quantity(&mut keys, "toxicity", Meaning::Toxicity, fixed);
    keys.finish();
    Some((dose?, toxicity?))
}

/// A number; unless `fixed`, also `[low, high]` (uniform) or `{ median, sd }` (normal after a transformation).
fn read_quantity(keys: &mut Keys<'_>, key: &'static str, meaning: Meaning, fixed: bool) -> Option<Quantity> {
    let within = match meaning {
        Meaning::Toxicity => TOXICITY,
        Meaning::Slope => SLOPE,
    };
    if !fixed && keys.count(key).is_some() {
        let [low, high] = keys.numbers(key, within, Some((2, "end of the range")))?.try_into().ok()?;
        if low >= high {
            keys.complain(key, format!("found [{low}, {high}]; allowed: the lower end of the range first"), None);
            return None;
        }
        return Some(Quantity::Uniform(low, high));
    }
    if !fixed && keys.is_table(key) {
        let mut table = keys.table(key)?;
        table.require("median");
        table.require("sd");
        let median = table.number("median", within);
        let sd = table.number("sd", Within::OpenClosed(0.0, 10.0));
        table.finish();
        return Some(match meaning {
            Meaning::Toxicity => Quantity::LogitNormal(median?, sd?),
            Meaning::Slope => Quantity::LogNormal(median?, sd?),
        });
    }
    keys.number(key, within).map(Quantity::Fixed)
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
