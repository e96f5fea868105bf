//! Which figures a tuning has.

use super::words;
use crate::measure::Metric;
use crate::report::figure::{self, Against, Dot, FigureError, Front};
use crate::report::paint::Picture;
use crate::report::table::Kind;
use crate::report::{Plot, PlotError, Section};
use crate::study::{Aim, Over, Study};
use crate::tuning::{Point, Tuned};

/// The most points that a figure draws beside those of the front; more would only make a black spot.
const DRAWN: usize = 2_000;

/// The front, and the objective against each parameter; `suffix` tells the files of several tunings apart.
pub(super) fn plots(study: &Study, tuned: &Tuned<'_>, suffix: &str) -> Result<Vec<Plot>, PlotError> {
    let drawn: Vec<usize> = drawn(tuned);
    let mut plots = Vec::new();
    let front = front(tuned, &drawn);
    if front.dots.len() > 1 {
        let caption = format!(
            "Every point: expected patients and correct selection, both as means over the {}; dark points overdose more.",
            words::truths(tuned).1
        );
        plots.push(plot("front", suffix, Section::Selection, &caption, figure::front(&front))?);
    }
    let against = against(study, tuned, &drawn);
    if !against.is_empty() && tuned.tuning.parameters.len() <= 12 {
        let caption = "Each point once in every panel. The line joins the best points at each value: what is attainable there.";
        let label = objective_label(tuned);
        let is_percent = objective_kind(tuned) == Kind::Percent;
        let picture = figure::against(&label, is_percent, tuned.tuning.objective.maximise, &against);
        plots.push(plot("parameters", suffix, Section::Designs, caption, picture)?);
    }
    Ok(plots)
}

fn plot(
    name: &str,
    suffix: &str,
    section: Section,
    caption: &str,
    picture: Result<Picture, FigureError>,
) -> Result<Plot, PlotError> {
    let picture = picture?;
    Ok(Plot {
        name: format!("tune{suffix}-{name}"),
        title: picture.title.clone(),
        alt: picture.description.clone(),
        caption: caption.to_owned(),
        section,
        svg: picture.svg(),
        png: picture.png()?,
    })
}

/// The places of the points that are drawn: all, or, where they are very many, the front and every so-many-th of the others.
fn drawn(tuned: &Tuned<'_>) -> Vec<usize> {
    let every = tuned.points.len().div_ceil(DRAWN).max(1);
    let is_drawn = |(place, point): &(usize, &Point)| {
        point.outcome.is_ok() && (place % every == 0 || point.score.front || tuned.best == Some(*place))
    };
    tuned.points.iter().enumerate().filter(is_drawn).map(|(place, _)| place).collect()
}

fn dot(tuned: &Tuned<'_>, place: usize, at: (f64, f64)) -> Dot {
    let point = &tuned.points[place];
    Dot {
        at,
        tip: words::in_short(tuned, point),
        within: point.score.within && tuned.is_candidate(point),
        front: point.score.front,
        best: tuned.best == Some(place),
        base: place == 0,
    }
}

fn front(tuned: &Tuned<'_>, drawn: &[usize]) -> Front {
    let over = words::truths(tuned).1;
    let mut found = Front { dots: Vec::new(), overdosing: Vec::new(), has_limits: !tuned.tuning.limits.is_empty(), over };
    for &place in drawn {
        let mean = |metric| tuned.mean(&tuned.points[place], metric).map(|found| found.value);
        if let (Some(patients), Some(correct), Some(overdosing)) =
            (mean(Metric::TotalPatients), mean(Metric::CorrectSelection), mean(Metric::Overdose60))
        {
            found.dots.push(dot(tuned, place, (patients, correct)));
            found.overdosing.push(overdosing);
        }
    }
    found
}

fn against(study: &Study, tuned: &Tuned<'_>, drawn: &[usize]) -> Vec<Against> {
    let variants = crate::study::Variants::new(study, tuned.tuning.design);
    let panel = |(place, parameter): (usize, &crate::study::Parameter)| {
        let mut found = Against { key: parameter.key.clone(), labels: None, dots: Vec::new() };
        let of = |point: &Point| words::value(variants.as_ref(), tuned, point, place);
        let values: Vec<(usize, String, f64)> = drawn
            .iter()
            .filter_map(|&drawn| {
                let point = &tuned.points[drawn];
                // One at a time, a panel has what changes its own parameter, and the design as it is written.
                let belongs = !tuned.tuning.one_at_a_time || drawn == 0 || point.values[place].is_some();
                belongs.then_some(())?;
                let correct = || tuned.mean(point, Metric::CorrectSelection).map(|found| found.value);
                let height = match tuned.tuning.objective.aim {
                    Aim::Metric(..) => point.score.objective.map(|found| found.value),
                    Aim::Parameter(_) => correct(),
                };
                Some((drawn, of(point), height?))
            })
            .collect();
        let number = |text: &str| text.replace('_', "").parse::<f64>().ok().filter(|number| number.is_finite());
        // A default that the study does not write has no place among numbers.
        let values: Vec<_> = if parameter.values.iter().all(|value| value.number().is_some()) {
            values.into_iter().filter(|(_, text, _)| number(text).is_some()).collect()
        } else {
            let mut labels: Vec<String> = Vec::new();
            for (_, text, _) in &values {
                if !labels.contains(text) {
                    labels.push(text.clone());
                }
            }
            found.labels = Some(labels);
            values
        };
        for (drawn, text, height) in values {
            let x = match &found.labels {
                Some(labels) => labels.iter().position(|label| *label == text).map(|place| place as f64),
                None => number(&text),
            };
            found.dots.extend(x.map(|x| dot(tuned, drawn, (x, height))));
        }
        found
    };
    let panels: Vec<Against> = tuned.tuning.parameters.iter().enumerate().map(panel).collect();
    panels.into_iter().filter(|panel| !panel.dots.is_empty()).collect()
}

/// What is drawn upwards: the objective, or correct selection where the objective is itself a parameter.
fn objective_label(tuned: &Tuned<'_>) -> String {
    let (metric, over) = match tuned.tuning.objective.aim {
        Aim::Metric(metric, over) => (metric, over),
        Aim::Parameter(_) => (Metric::CorrectSelection, Over::Mean),
    };
    let (heading, kind) = words::metric(metric);
    let unit = if kind == Kind::Percent { " (%)" } else { "" };
    format!("{heading}, {}{unit}", if over == Over::Mean { "mean" } else { "worst" })
}

fn objective_kind(tuned: &Tuned<'_>) -> Kind {
    match tuned.tuning.objective.aim {
        Aim::Metric(metric, _) => words::metric(metric).1,
        Aim::Parameter(_) => Kind::Percent,
    }
}
