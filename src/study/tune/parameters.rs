//! What a tuning varies: keys of the design, each with a list of values or a range.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use std::ops::Range;

use super::super::{Study, Variants};
use super::VARIED;
use crate::keys::{Change, Complaint, Entry, Key, Keys, Severity, Table, Within};
use crate::numeric::exact::decimal;

const MOST_PARAMETERS: usize = 12;
const MOST_VALUES: usize = 1_000;

/// A key of the design and the values that it takes.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The key, one of a table inside the design after a point: `skeleton.halfwidth`.
    pub key: String,
    /// Its values, in the order in which they are tried.
    pub values: Vec<Setting>,
    /// The range that they are spread over, where it is one.
    pub range: Option<Steps>,
}

/// A value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// As TOML writes it; `None`: the key is left out.
    pub text: Option<String>,
    /// The bytes of the study that ask for it.
    pub place: Range<usize>,
}

/// Equal steps of a range.
#[derive(Clone, Debug)]
pub struct Steps {
    /// Its lowest value.
    pub from: BigRational,
    /// The end that no value exceeds.
    pub to: BigRational,
    /// From one value to the next.
    pub step: BigRational,
    /// Whether its values are whole numbers.
    pub whole: bool,
}

impl Parameter {
    /// A value as TOML writes it: the decimal nearest to it, of the kind in which the values are written.
    #[must_use]
    pub fn text(&self, value: &BigRational) -> String {
        let is_whole = |setting: &Setting| setting.text.as_deref().is_none_or(|text| text.parse::<i64>().is_ok());
        let whole = self.range.as_ref().map_or_else(|| self.values.iter().all(is_whole), |range| range.whole);
        written(value, whole)
    }
}

/// A number as TOML writes it, without a point where it and its kind are whole.
fn written(value: &BigRational, whole: bool) -> String {
    if whole && value.is_integer() {
        return value.to_integer().to_string();
    }
    let text = format!("{}", value.to_f64().unwrap_or(0.0));
    if text.contains('.') { text } else { format!("{text}.0") }
}

impl Steps {
    /// The values of the range, lowest first.
    fn values(&self) -> impl Iterator<Item = BigRational> {
        std::iter::successors(Some(self.from.clone()), |value| Some(value + &self.step)).take_while(|value| *value <= self.to)
    }
}

impl Setting {
    /// This value of a key as a change of its design.
    #[must_use]
    pub fn change(&self, key: &str) -> Change {
        Change { key: key.to_owned(), value: self.text.clone(), place: self.place.clone() }
    }

    /// The number that the value is, as the decimal that is written.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        let text = self.text.as_deref()?.replace('_', "");
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// What is varied.
pub(super) static PARAMETERS: Key<Table> = Key::entries(
    "parameters",
    "keys of the design, each with a list of values, \"absent\" leaving it out, or with a range",
    &[&FROM.about, &TO.about, &STEP.about, &COUNT.about],
    "The keys of the design that are varied, those of a table inside it included, with their values.",
)
.required()
.group(VARIED)
.fixed();
const FINITE: Within = Within::Closed(-1e9, 1e9);
static FROM: Key<f64> = Key::number("from", FINITE, "The lowest value of a range.").required().group(VARIED).fixed();
static TO: Key<f64> = Key::number("to", FINITE, "The end that no value of the range exceeds.")
    .required()
    .further("above `from`")
    .group(VARIED)
    .fixed();
static STEP: Key<f64> = Key::number("step", Within::OpenClosed(0.0, 1e9), "The distance from one value to the next.")
    .further("either it or `count`")
    .without(&["count"])
    .group(VARIED)
    .fixed();
static COUNT: Key<usize> = Key::whole("count", 2..=MOST_VALUES, "The number of values.")
    .further("either it or `step`")
    .without(&["step"])
    .group(VARIED)
    .fixed();

pub(super) fn read_parameters(keys: &mut Keys<'_>, text: &str) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for entry in keys.entries(&PARAMETERS) {
        let key = entry.key.clone();
        read_parameter(&entry, key, text, &mut parameters);
    }
    if keys.is_table("parameters") && parameters.is_empty() && !keys.has_errors() {
        keys.complain("parameters", "found no parameter; allowed: at least one key of the design with its values", None);
    }
    if parameters.len() > MOST_PARAMETERS {
        let message = format!("found {} parameters; allowed: at most {MOST_PARAMETERS}", parameters.len());
        keys.complain("parameters", message, None);
        parameters.clear();
    }
    parameters
}

/// The parameter of an entry, or those of the entries of the table that it is.
fn read_parameter(entry: &Entry<'_>, key: String, text: &str, parameters: &mut Vec<Parameter>) {
    if entry.has_one_of(&["from", "to", "step", "count"]) {
        if let Some((steps, place)) = read_range(entry) {
            let values =
                steps.values().map(|value| Setting { text: Some(written(&value, steps.whole)), place: place.clone() }).collect();
            parameters.push(Parameter { key, values, range: Some(steps) });
        }
        return;
    }
    if entry.is_table() {
        for below in entry.entries() {
            let key = format!("{key}.{}", below.key);
            read_parameter(&below, key, text, parameters);
        }
        return;
    }
    let Some(list) = entry.list("a list of values, or a range such as { from = 1, to = 3, step = 1 }") else { return };
    if list.is_empty() || list.len() > MOST_VALUES {
        entry.complain(format!("found {} values; allowed: 1 to {MOST_VALUES}", list.len()), None);
        return;
    }
    let value = |(place, words): (Range<usize>, Option<&str>)| Setting {
        text: if words == Some("absent") { None } else { text.get(place.clone()).map(str::to_owned) },
        place,
    };
    parameters.push(Parameter { key, values: list.into_iter().map(value).collect(), range: None });
}

fn read_range(entry: &Entry<'_>) -> Option<(Steps, Range<usize>)> {
    let mut keys = entry.table()?;
    let (from, to) = (keys.get(&FROM), keys.get(&TO));
    let (step, count) = (keys.get(&STEP), keys.get(&COUNT));
    if keys.has("step") == keys.has("count") {
        let message = "a range is { from, to } with either `step`, the distance of its values, or `count`, their number";
        entry.complain(message, None);
    }
    keys.finish();
    let (from, to) = (from?, to?);
    if from >= to {
        entry.complain(format!("found a range from {from} to {to}; allowed: `from` below `to`"), None);
        return None;
    }
    let width = decimal(to) - decimal(from);
    let step = match (step, count) {
        (Some(step), None) => decimal(step),
        (None, Some(count)) => &width / BigRational::from_integer(BigInt::from(count - 1)),
        _ => return None,
    };
    let count = (&width / &step).to_integer() + BigInt::from(1);
    if step > width || count > BigInt::from(MOST_VALUES) {
        let message =
            format!("found a range with {count} value{}; allowed: 2 to {MOST_VALUES}", if step > width { "" } else { "s" });
        entry.complain(message, Some("`step` is the distance from one value to the next".to_owned()));
        return None;
    }
    let whole = entry.has_whole("from") && entry.has_whole("to") && (!entry.has_one_of(&["step"]) || entry.has_whole("step"));
    Some((Steps { from: decimal(from), to: decimal(to), step, whole }, entry.place.clone()))
}

/// What is wrong with single values: each is tried with the first value of every other parameter, or with the design as it is
/// written. What is wrong with a combination of values only is found when its turn comes.
pub(super) fn try_values(
    study: &Study,
    design: usize,
    parameters: &[Parameter],
    one_at_a_time: bool,
    path: &str,
) -> Vec<Complaint> {
    let Some(variants) = Variants::new(study, design) else { return Vec::new() };
    let mut faults: Vec<Complaint> = Vec::new();
    let fixed: Vec<String> = variants.described().into_iter().filter(|(_, about)| !about.is_varied).map(|(key, _)| key).collect();
    let is_fixed = |parameter: &Parameter| fixed.contains(&parameter.key);
    for Parameter { key, values, .. } in parameters.iter().filter(|parameter| is_fixed(parameter)) {
        faults.extend(values.first().map(|value| Complaint {
            severity: Severity::Error,
            span: value.place.clone(),
            key: format!("{path}.{key}"),
            message: format!("`{key}` does not say what the design does; allowed: `method` and the keys of the method"),
            help: None,
        }));
    }
    let first = |parameter: &Parameter| parameter.values.first().map(|value| value.change(&parameter.key));
    for (place, parameter) in parameters.iter().enumerate().filter(|(_, parameter)| !is_fixed(parameter)) {
        for value in &parameter.values {
            let others = parameters.iter().enumerate().filter(|(other, _)| !one_at_a_time && *other != place);
            let mut changes: Vec<Change> = others.filter_map(|(_, other)| first(other)).collect();
            changes.push(value.change(&parameter.key));
            for fault in variants.read(path, &changes).err().unwrap_or_default() {
                if !faults.iter().any(|known| known.key == fault.key && known.message == fault.message) {
                    faults.push(fault);
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(from: f64, to: f64, step: f64, whole: bool) -> Steps {
        Steps { from: decimal(from), to: decimal(to), step: decimal(step), whole }
    }

    #[test]
    fn ranges_are_the_decimals_as_written() {
        let texts = |steps: Steps| -> Vec<String> { steps.values().map(|value| written(&value, steps.whole)).collect() };
        assert_eq!(texts(steps(0.1, 0.3, 0.05, false)), ["0.1", "0.15", "0.2", "0.25", "0.3"]);
        assert_eq!(texts(steps(12.0, 20.0, 3.0, true)), ["12", "15", "18"]);
        assert_eq!(texts(steps(1.0, 2.0, 1.0, false)), ["1.0", "2.0"]);
    }
}
