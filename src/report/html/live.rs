//! The panel in which a reader tries curves: what it needs travels in the page as JSON, the leaves of each design as compressed
//! columns of numbers.

use super::base64;
use crate::design::Plan;
use crate::engine::{Leaf, NoLeaves};
use crate::measure::Results;
use crate::report::palette;
use crate::report::table::grouped;
use crate::report::tables::doses;
use crate::scenario::Place;
use crate::study::Study;
use crate::trial::shown;
use minijinja::{Value, context};
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde::Serialize;
use std::borrow::Cow;

/// What the script of the page reads.
#[derive(Serialize)]
struct Live<'a> {
    target: f64,
    acceptable: (f64, f64),
    /// The doses as numbers, and as people read them.
    doses: &'a [f64],
    dose_names: Vec<String>,
    /// Curves to start from.
    scenarios: Vec<Scenario<'a>>,
    designs: Vec<Design<'a>>,
    /// Designs that decide alike share their leaves.
    leaves: Vec<Columns>,
    colors: Colors,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: String,
    toxicity: Cow<'a, [f64]>,
    /// The correct level from 1; 0 when no dose is correct.
    correct: usize,
}

#[derive(Serialize)]
struct Design<'a> {
    /// Its place in the study.
    place: usize,
    name: &'a str,
    #[serde(flatten)]
    law: Law<'a>,
}

/// From what the results of a design under a curve follow.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Law<'a> {
    /// The leaves with this number.
    Leaves(usize),
    /// The benchmark's distances from the target, as ranks.
    Ranks(&'a [u16]),
}

/// Leaves as columns of bytes: the patients of each level, the highest first; so the DLTs; the selected level from 1, 0 for none; the
/// eight bytes of the weights, the most significant first. One after the other, compressed (zlib), in base 64.
#[derive(Serialize)]
struct Columns {
    count: usize,
    data: String,
}

/// The colours of dose levels: for so many levels of one place relative to the acceptable band, one each.
#[derive(Serialize)]
struct Colors {
    none: String,
    under: Vec<Vec<String>>,
    acceptable: Vec<Vec<String>>,
    over: Vec<Vec<String>>,
}

/// The panel for the template: its data, and the designs that it does not have. Nothing where it would have none.
pub(super) fn live(study: &Study, results: &Results) -> Option<Value> {
    let levels = study.doses.levels.len();
    let (mut designs, mut absent) = (Vec::new(), Vec::new());
    let mut distinct: Vec<&Vec<Leaf>> = Vec::new();
    for (place, (design, leaves)) in study.designs.iter().zip(&results.leaves).enumerate() {
        let law = match (&design.plan, leaves) {
            (Plan::Benchmark(benchmark), _) => Law::Ranks(benchmark.ranks()),
            (_, Ok(leaves)) => {
                let known = distinct.iter().position(|known| *known == leaves);
                Law::Leaves(known.unwrap_or_else(|| {
                    distinct.push(leaves);
                    distinct.len() - 1
                }))
            }
            (plan, Err(reason)) => {
                absent.push(format!("{}: {}", design.name, because(plan, *reason)));
                continue;
            }
        };
        designs.push(Design { place, name: &design.name, law });
    }
    if designs.is_empty() {
        return None;
    }
    let scenarios = study.scenarios.iter().map(|found| Scenario {
        name: found.name.clone(),
        toxicity: Cow::Borrowed(&found.toxicity),
        correct: shown(found.correct),
    });
    // Without scenarios, the reader starts from the mean curve of a population.
    let populations = study.populations.iter().filter(|_| study.scenarios.is_empty()).map(|population| {
        let toxicity = population.mean_curve();
        let correct = shown(study.target.correct_level(&toxicity));
        Scenario { name: format!("Mean curve of {}", population.name), toxicity: Cow::Owned(toxicity), correct }
    });
    let worst = results.curves.worst.iter().map(|found| {
        let curve = &found.by_mtd[found.worst];
        let name = format!("Worst curve: {}", study.worst_cases[found.case].name);
        Scenario { name, toxicity: Cow::Borrowed(&curve.toxicity), correct: shown(curve.mtd) }
    });
    let data = Live {
        target: study.target.value,
        acceptable: study.target.acceptable,
        doses: &study.doses.levels,
        dose_names: doses(study),
        scenarios: scenarios.chain(populations).chain(worst).collect(),
        designs,
        leaves: distinct.into_iter().map(|leaves| columns(leaves, levels)).collect(),
        colors: Colors {
            none: palette::NONE.hex(),
            under: shades(Place::Under, levels),
            acceptable: shades(Place::Acceptable, levels),
            over: shades(Place::Over, levels),
        },
    };
    // Structures of numbers and texts: there is nothing that JSON could not hold. A script ends at the first `</script`, whatever
    // stands around it.
    let json = serde_json::to_string(&data).expect("numbers and texts").replace('<', "\\u003c");
    Some(context! { data => Value::from_safe_string(json), absent })
}

/// Why a design is not in the panel.
fn because(plan: &Plan, reason: NoLeaves) -> String {
    match (plan, reason) {
        (Plan::LateOnset(_), _) => "it looks at patients who are still being followed, so its trials are simulated".to_owned(),
        (_, NoLeaves::NoGraph) => "it has too many situations for an exact evaluation".to_owned(),
        (_, NoLeaves::WatchesModerate) => "it watches moderate toxicities, for which the panel has no controls".to_owned(),
        (_, NoLeaves::TooMany(most)) => format!("its trials end in more than {} ways, too many for a page", grouped(most as u64)),
    }
}

fn columns(leaves: &[Leaf], levels: usize) -> Columns {
    let mut bytes = Vec::with_capacity(leaves.len() * (2 * levels + 9));
    for level in (0..levels).rev() {
        bytes.extend(leaves.iter().map(|leaf| leaf.counts.all_patients()[level]));
    }
    for level in (0..levels).rev() {
        bytes.extend(leaves.iter().map(|leaf| leaf.counts.all_dlts()[level]));
    }
    // A rule selects one level or none.
    bytes.extend(leaves.iter().map(|leaf| leaf.selected.trailing_zeros() as u8));
    for byte in 0..8 {
        bytes.extend(leaves.iter().map(|leaf| leaf.weight.to_be_bytes()[byte]));
    }
    Columns { count: leaves.len(), data: base64(&compress_to_vec_zlib(&bytes, 9)) }
}

/// The colours of one, two, three and so on levels of a place.
fn shades(place: Place, levels: usize) -> Vec<Vec<String>> {
    (1..=levels).map(|count| palette::level_colors(&vec![place; count]).into_iter().map(palette::Color::hex).collect()).collect()
}
