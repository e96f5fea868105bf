//! The labels of axes, read back from the SVG files.

use super::{EXAMPLE, SMALL};
use crate::figures::Study;
use dosebench::report::figure::*;
use roxmltree::{Document, Node};

/// The labels of the scales of a figure, each with what the scale is called in a complaint.
fn scales(svg: &str) -> Vec<(&'static str, Vec<String>)> {
    let document = Document::parse(svg).unwrap();
    let mut scales = Vec::new();
    for group in document.descendants().filter(|node| node.attribute("data-axes").is_some()) {
        let axes = group.attribute("data-axes").unwrap();
        // Labels of the horizontal axis are centred below it, those of the vertical axis end beside it.
        let labels = |anchor: &str| -> Vec<String> {
            let is_label = |node: &Node<'_, '_>| node.attribute("text-anchor") == Some(anchor);
            group.children().filter(is_label).map(|node| node.text().unwrap().to_owned()).collect()
        };
        for (axis, name, anchor) in [("x", "across", "middle"), ("y", "up", "end")] {
            if axes.contains(axis) {
                scales.push((name, labels(anchor)));
            }
        }
    }
    scales
}

/// What is wrong with the labels of a scale.
fn complaint(labels: &[String]) -> Option<String> {
    let values: Result<Vec<f64>, _> =
        labels.iter().map(|label| label.replace('−', "-").replace(',', "").parse::<f64>()).collect();
    let Ok(mut values) = values else { return Some("no numbers".to_owned()) };
    values.sort_by(f64::total_cmp);
    if values.len() < 4 {
        return Some("fewer than four".to_owned());
    }
    let step = (values[values.len() - 1] - values[0]) / (values.len() - 1) as f64;
    if values.windows(2).any(|pair| (pair[1] - pair[0] - step).abs() > 1e-9 * step.max(1.0)) {
        return Some(format!("steps differ from {step}"));
    }
    let mantissa = step / 10.0_f64.powf((step.log10() + 1e-9).floor());
    if ![1.0, 2.0, 5.0].iter().any(|nice| (mantissa - nice).abs() < 1e-6) {
        return Some(format!("a step of {step}"));
    }
    let (first, last) = (values[0], values[values.len() - 1]);
    (first < 0.0 && last > 0.0 && (first + last).abs() > 1e-9).then(|| "ends that differ".to_owned())
}

#[test]
fn every_scale_of_every_figure_has_four_round_labels() {
    let pictures = [Study::imm27m(false), Study::imm27m(true)].map(|study| study.draw()).into_iter().flatten();
    let drawn = pictures.map(|(name, picture)| (name, picture.svg()));
    let carried = [&*EXAMPLE, &*SMALL].into_iter().flat_map(|drawn| drawn.figures.iter());
    let carried = carried.map(|(name, plot)| (name.clone(), plot.svg.clone()));
    let mut checked = 0;
    let mut complaints = Vec::new();
    for (name, svg) in drawn.chain(carried) {
        for (axis, labels) in scales(&svg) {
            checked += 1;
            complaints.extend(complaint(&labels).map(|complaint| format!("{name}, {axis}: {complaint}: {labels:?}")));
        }
    }
    complaints.dedup();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(checked > 200, "{checked}");
}

/// A figure with differences from `low` to `high` in one column and their sizes in the other.
fn lanes_of(low: f64, high: f64) -> Lanes {
    let column = |scale: LaneScale| LaneColumn {
        head: "Differences".to_owned(),
        axis: "points".to_owned(),
        scale,
        absent: "none",
        line: None,
    };
    let point = |value: f64| Some(LanePoint { value, span: None, median: None });
    Lanes {
        title: "T".to_owned(),
        subtitle: String::new(),
        designs: (0..2).map(|position| Design { name: format!("D{position}"), position }).collect(),
        columns: vec![column(LaneScale::Difference { threshold: 0.001 }), column(LaneScale::Amount)],
        blocks: vec![LaneBlock {
            head: "H".to_owned(),
            rows: vec![LaneRow {
                name: "S".to_owned(),
                is_mean: false,
                points: vec![vec![point(low), point(high)], vec![point(low.abs()), point(high.abs())]],
            }],
        }],
        note: String::new(),
        alt: String::new(),
    }
}

#[test]
fn axes_of_differences_show_zero_both_sides_and_all_that_is_drawn() {
    let sizes: Vec<f64> = (0..40).map(|step| 0.01 * 9_000.0_f64.powf(f64::from(step) / 39.0)).collect();
    let pairs = sizes.iter().flat_map(|&size| [(-size, size), (-size, 0.0), (0.0, size), (-0.01, size), (-size, 0.01)]);
    for (low, high) in pairs {
        let pictures = lanes(&lanes_of(low, high)).unwrap();
        let scales = scales(&pictures[0].svg());
        assert_eq!(scales.len(), 2);
        for (_, labels) in &scales {
            assert_eq!(complaint(labels), None, "{low} to {high}: {labels:?}");
        }
        let values: Vec<f64> = scales[0].1.iter().map(|label| label.replace('−', "-").parse().unwrap()).collect();
        let (first, last) = values.iter().fold((0.0_f64, 0.0_f64), |(least, most), &value| (least.min(value), most.max(value)));
        assert!(values.contains(&0.0), "{low} to {high}: {values:?}");
        assert!(
            first <= low && last >= high && (first < 0.0) == (low < 0.0) && (last > 0.0) == (high > 0.0),
            "{low} to {high}: {values:?}"
        );
    }
}

#[test]
fn the_older_figures_of_differences_keep_to_it() {
    let setting = Setting { doses: vec!["1".into()], unit: String::new(), target: 0.25, acceptable: (0.15, 0.35), replicates: 1 };
    let reference = Design { name: "R".to_owned(), position: 0 };
    let names = ["A".to_owned(), "B".to_owned()];
    for step in 0..40 {
        let size = 1e-4 * 9_000.0_f64.powf(f64::from(step) / 39.0);
        for ends in [[-size, size], [-size, 0.0], [0.0, size], [-size, 1e-4]] {
            let compared = |position| Comparison {
                design: Design { name: format!("D{position}"), position },
                differences: ends.map(|value| Some(Difference { value, interval: None })).to_vec(),
                mean: None,
            };
            for designs in [1, 2, 3, 8] {
                let comparisons: Vec<Comparison> = (1..=designs).map(compared).collect();
                let pictures = differences(&setting, Metric::CorrectSelection, &reference, &names, &comparisons).unwrap();
                for (_, labels) in scales(&pictures[0].svg()) {
                    assert_eq!(complaint(&labels), None, "{ends:?}: {labels:?}");
                }
            }
        }
    }
}

#[test]
fn a_wrong_axis_is_noticed() {
    let labels = |values: &[&str]| complaint(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
    assert!(labels(&["−50", "0"]).is_some());
    assert!(labels(&["0", "15", "30", "45"]).is_some());
    assert!(labels(&["0", "1", "2", "4"]).is_some());
    assert!(labels(&["−20", "−10", "0", "10"]).is_some());
    assert!(labels(&["0", "0.05", "0.1", "0.15"]).is_none());
}
