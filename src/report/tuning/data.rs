//! `tune.csv`: every point, one a row.

use super::words;
use crate::report::data::{file, number};
use crate::study::{Over, Study, Variants};
use crate::tuning::{Estimate, Measure, Point, Tuned};

/// Every point in the order of the search, the design as it is written first. Numbers are unrounded; a standard error is
/// empty where the number is exact, and that of a gain or of a difference from the best is of pairs on the same patients.
pub(super) fn points(study: &Study, tuned: &Tuned<'_>) -> Vec<u8> {
    let variants = Variants::new(study, tuned.tuning.design);
    let parameters = &tuned.tuning.parameters;
    let flag = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    let mut header: Vec<String> = ["point", "round"].map(str::to_owned).to_vec();
    header.extend(parameters.iter().map(|parameter| parameter.key.clone()));
    let verdicts = [
        "engine",
        "objective",
        "objective_std_error",
        "gain",
        "gain_std_error",
        "from_best",
        "from_best_std_error",
        "within_limits",
        "close_to_a_limit",
        "front",
        "best",
        "tied",
    ];
    header.extend(verdicts.map(str::to_owned));
    for measure in &tuned.measures {
        let name = name(*measure);
        header.extend([name.clone(), format!("{name}_std_error")]);
    }
    header.push("fault".to_owned());
    let row = |(place, point): (usize, &Point)| {
        let mut cells = vec![place.to_string(), point.round.to_string()];
        cells.extend((0..parameters.len()).map(|place| words::value(variants.as_ref(), tuned, point, place)));
        let score = &point.score;
        cells.push(point.outcome.as_ref().map_or_else(|_| String::new(), |found| found.source.word().to_owned()));
        for estimate in [score.objective, score.gain, score.from_best] {
            cells.extend(pair(estimate));
        }
        cells.extend([score.within, score.close, score.front, tuned.best == Some(place), score.tied].map(flag));
        cells.extend(tuned.measures.iter().flat_map(|measure| pair(tuned.number(point, *measure))));
        cells.push(point.outcome.as_ref().err().cloned().unwrap_or_default());
        cells
    };
    file(header, tuned.points.iter().enumerate().map(row))
}

/// The name of a column: the metric, for its worst value with the direction.
fn name(measure: Measure) -> String {
    match (measure.over, measure.lowest_is_worst) {
        (Over::Mean, _) => measure.metric.key().to_owned(),
        (Over::Worst, true) => format!("{}_lowest", measure.metric.key()),
        (Over::Worst, false) => format!("{}_highest", measure.metric.key()),
    }
}

fn pair(estimate: Option<Estimate>) -> [String; 2] {
    let error = estimate.and_then(|own| own.std_error);
    [estimate.map(|own| number(own.value)).unwrap_or_default(), error.map(number).unwrap_or_default()]
}
