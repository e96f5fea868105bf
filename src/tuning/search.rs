//! Which points a search looks at, round by round.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::Tuned;
use crate::numeric::exact::decimal;
use crate::study::{Parameter, Setting, Steps};

/// The values of a point, one for each parameter.
pub(super) type Values = Vec<Option<Setting>>;

/// The points of a round that were not looked at before: 0, the design as it is written; 1, the grid, or each value alone; then, around
/// the best point so far, the points one step away in any of the ranges, whose steps are halved from round to round.
pub(super) fn round(tuned: &Tuned<'_>, round: usize) -> Vec<Values> {
    let parameters = &tuned.tuning.parameters;
    let candidates: Vec<Values> = match round {
        0 => vec![vec![None; parameters.len()]],
        1 if tuned.tuning.one_at_a_time => one_at_a_time(parameters),
        1 => product(parameters.iter().map(|parameter| parameter.values.clone()).collect()),
        _ => tuned.best.map(|best| neighbours(parameters, &tuned.points[best].values, round - 1)).unwrap_or_default(),
    };
    let mut seen: BTreeSet<String> = tuned.points.iter().map(|point| name(parameters, &point.values)).collect();
    candidates.into_iter().filter(|values| seen.insert(name(parameters, values))).collect()
}

/// The changes of a point in short: what tells it from the others.
pub(super) fn name(parameters: &[Parameter], values: &Values) -> String {
    let changes = parameters.iter().zip(values).filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)));
    let words = changes.map(|(parameter, value)| format!("{} = {}", parameter.key, value.text.as_deref().unwrap_or("absent")));
    words.collect::<Vec<_>>().join(", ")
}

fn one_at_a_time(parameters: &[Parameter]) -> Vec<Values> {
    let single = |(place, parameter): (usize, &Parameter)| -> Vec<Values> {
        let with = |value: &Setting| {
            let mut values = vec![None; parameters.len()];
            values[place] = Some(value.clone());
            values
        };
        parameter.values.iter().map(with).collect()
    };
    parameters.iter().enumerate().flat_map(single).collect()
}

/// Every combination; the last parameter varies fastest.
fn product(choices: Vec<Vec<Setting>>) -> Vec<Values> {
    let mut points: Vec<Values> = vec![Vec::new()];
    for values in choices {
        let longer = |point: Values| {
            let with = |value: &Setting| point.iter().cloned().chain([Some(value.clone())]).collect();
            values.iter().map(with).collect::<Vec<Values>>()
        };
        points = points.into_iter().flat_map(longer).collect();
    }
    points
}

/// The points around `best`: each range one step of this refinement down, up, or neither; lists as they are.
fn neighbours(parameters: &[Parameter], best: &Values, refinement: usize) -> Vec<Values> {
    let around = |(parameter, value): (&Parameter, &Option<Setting>)| -> Option<Vec<Setting>> {
        let value = value.as_ref()?;
        let Some((range, number)) = parameter.range.as_ref().zip(value.number()) else { return Some(vec![value.clone()]) };
        let (number, step) = (decimal(number), step(range, refinement));
        let inside = |number: &BigRational| range.from <= *number && *number <= range.to;
        let numbers = [&number - &step, number.clone(), &number + &step].into_iter().filter(inside);
        Some(numbers.map(|number| Setting { text: Some(parameter.text(&number)), place: value.place.clone() }).collect())
    };
    parameters.iter().zip(best).map(around).collect::<Option<_>>().map(product).unwrap_or_default()
}

/// The step of a range in a refinement: halved each time, but at least 1 where its values are whole numbers.
fn step(range: &Steps, refinement: usize) -> BigRational {
    let halved = &range.step / BigRational::from_integer(BigInt::one() << refinement);
    if range.whole { halved.floor().max(BigRational::one()) } else { halved }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &Values) -> Vec<&str> {
        values.iter().map(|value| value.as_ref().and_then(|value| value.text.as_deref()).unwrap_or("-")).collect()
    }

    fn setting(text: &str) -> Option<Setting> {
        Some(Setting { text: Some(text.to_owned()), place: 0..0 })
    }

    #[test]
    fn a_refinement_halves_the_steps_inside_the_range() {
        let steps = |from: f64, to, step, whole| Some(Steps { from: decimal(from), to: decimal(to), step: decimal(step), whole });
        let parameters = [
            Parameter { key: "a".to_owned(), values: vec![], range: steps(0.1, 0.3, 0.1, false) },
            Parameter { key: "b".to_owned(), values: vec![], range: steps(10.0, 20.0, 3.0, true) },
            Parameter { key: "c".to_owned(), values: vec![], range: None },
        ];
        let best = vec![setting("0.1"), setting("13"), setting("true")];
        let found = neighbours(&parameters, &best, 1);
        let expected = [["0.1", "12"], ["0.1", "13"], ["0.1", "14"], ["0.15", "12"], ["0.15", "13"], ["0.15", "14"]];
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), expected.map(|[a, b]| vec![a, b, "true"]));
        assert_eq!(text(&neighbours(&parameters, &best, 2)[3]), ["0.125", "12", "true"]);
    }
}
