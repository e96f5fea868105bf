//! The six figures that carry the argument: scenarios, ends of trials, the trade-off, differences, size, exposure. They come as PDF too,
//! with their values as CSV files, and say what they find in their titles.

mod facts;
mod lanes;
mod titles;

use super::{Job, View};
use crate::report::Section;
use crate::report::data;
use crate::report::figure::{self, ENDS, EndingsClass, EndingsRow, Estimate, Group, TradeOffRow, TradeOffWords, provenance};
use crate::scenario::{Class, Place};
use facts::{Facts, Quantity};

/// The figures with the values that they show, in their order.
pub(super) fn jobs<'a>(view: &'a View<'_>) -> Vec<(Job<'a>, Vec<u8>)> {
    let mut jobs = Vec::new();
    if view.scenarios.is_empty() {
        return jobs;
    }
    let job =
        |section, stem: &str, caption: &str, draw| Job { section, stem: stem.to_owned(), caption: caption.to_owned(), draw };
    jobs.push((
        job(
            Section::Scenarios,
            "scenarios",
            "The assumed DLT probabilities, the target and the acceptable band.",
            Box::new(|| figure::scenarios(&view.setting, &view.scenarios)),
        ),
        scenario_values(view),
    ));
    let Some(facts) = Facts::new(view.study, view.results) else {
        return jobs;
    };
    jobs.push((
        job(
            Section::Selection,
            "endings",
            "How trials end: with a dose that is too low, right, acceptable otherwise or too toxic, or with none.",
            Box::new(move || {
                let (classes, rows, note) = endings(view, facts);
                figure::endings(&titles::endings(facts), ENDINGS_WORDS, &classes, &rows, &note)
            }),
        ),
        ending_values(view, facts),
    ));
    if let Some((words, rows)) = trade_off(view, facts) {
        let values = trade_off_values(facts, &rows);
        jobs.push((
            job(
                Section::Selection,
                "trade-off",
                "How often each design selects the right dose and how often one that is too toxic, on average and at worst.",
                Box::new(move || Ok(vec![figure::trade_off(&words, &rows, &[])?])),
            ),
            values,
        ));
    }
    for (section, stem, caption, drawn) in lanes::all(view, facts) {
        let values = lanes::values(&drawn);
        jobs.push((job(section, stem, caption, Box::new(move || figure::lanes(&drawn))), values));
    }
    jobs
}

/// What the scenarios of a class have in common.
fn class_head(view: &View<'_>, facts: Facts<'_>, class: Class) -> &'static str {
    let every_level_is_over =
        || facts.of_class(class).into_iter().all(|scenario| view.scenarios[scenario].places.iter().all(|&p| p == Place::Over));
    match class {
        Class::Mtd => "One of the doses is right",
        Class::Below => "Every dose is below the acceptable range",
        Class::Gap => "Toxicity jumps past the acceptable range",
        Class::Toxic if every_level_is_over() => "Every dose is too toxic",
        Class::Toxic => "No dose is right",
    }
}

/// Which scenarios a class has.
fn class_scenarios(facts: Facts<'_>, class: Class) -> String {
    match facts.of_class(class).as_slice() {
        [one] => format!("“{}”", facts.scenario(*one).name),
        several => format!("mean of {} scenarios, equal weights", several.len()),
    }
}

/// The classes that a study has, in their order.
fn classes(facts: Facts<'_>) -> Vec<Class> {
    Class::ALL.into_iter().filter(|&class| !facts.of_class(class).is_empty()).collect()
}

/// What the figure of endings shows.
const ENDINGS_WORDS: &str = "Of 100 trials, how many end with a dose that is too low, right, acceptable otherwise or too toxic, and how \
    many with none";

fn endings(view: &View<'_>, facts: Facts<'_>) -> (Vec<EndingsClass>, Vec<EndingsRow>, String) {
    let classes = classes(facts);
    let row = |design: usize| {
        Some(EndingsRow {
            design: view.designs[design].clone(),
            group: facts.group(design)?,
            patients: facts.size(design)?,
            ends: classes.iter().map(|&class| facts.mean_ends(class, design)).collect(),
        })
    };
    let rows: Vec<EndingsRow> = facts.by_group().into_iter().filter_map(row).collect();
    let values = rows.iter().flat_map(|row| row.ends.iter().flatten().flatten());
    let largest = values.clone().filter_map(Estimate::half_width).fold(0.0, f64::max);
    let bars = format!("each number is uncertain by up to ±{:.1}", 100.0 * largest);
    let note = format!(
        "{} Rounded numbers need not add up to 100; below 5 none is written.",
        provenance(&view.setting, values.map(|value| value.std_error.is_some()), &bars)
    );
    let class = |&class: &Class| EndingsClass {
        class,
        head: class_head(view, facts, class).to_owned(),
        scenarios: class_scenarios(facts, class),
    };
    (classes.iter().map(class).collect(), rows, note)
}

/// The word of a group in a file.
fn group_word(group: Group) -> &'static str {
    match group {
        Group::Reference => "reference",
        Group::Same => "same",
        Group::Smaller => "smaller",
        Group::Larger => "larger",
    }
}

/// Axes, dots and small print of the trade-off; nothing without a scenario that has a right dose and one that is too toxic.
fn trade_off(view: &View<'_>, facts: Facts<'_>) -> Option<(TradeOffWords, Vec<TradeOffRow>)> {
    let (all, right): (Vec<usize>, Vec<usize>) = ((0..view.scenarios.len()).collect(), facts.of_class(Class::Mtd));
    let row = |design: usize| {
        let mean = |quantity| facts.mean_of(quantity, Class::Mtd, design).map(|mean| 100.0 * mean.value);
        let [_, most] = facts.extremes(Quantity::TooToxic, &all, design)?;
        let [least, _] = facts.extremes(Quantity::Right, &right, design)?;
        Some(TradeOffRow {
            design: view.designs[design].clone(),
            patients: facts.size(design)?,
            too_toxic: (mean(Quantity::TooToxic)?, 100.0 * most.0),
            right: (mean(Quantity::Right)?, 100.0 * least.0),
        })
    };
    let rows: Vec<TradeOffRow> = facts.by_group().into_iter().filter_map(row).collect();
    if rows.is_empty() {
        return None;
    }
    let of = |row: &TradeOffRow| {
        format!(
            "{} ({:.1} patients) right {:.1}, at least {:.1}, too toxic {:.1}, at most {:.1}",
            row.design.name, row.patients, row.right.0, row.right.1, row.too_toxic.0, row.too_toxic.1
        )
    };
    let simulated = all.iter().flat_map(|&scenario| {
        facts.designs().filter_map(move |design| Some(facts.value(Quantity::Right, scenario, design)?.std_error.is_some()))
    });
    let note = format!(
        "{} The number beside a dot is the mean number of patients, where there is room for it.",
        provenance(&view.setting, simulated, "no intervals are drawn")
    );
    let words = TradeOffWords {
        title: titles::trade_off(facts),
        subtitle: format!(
            "Dots: {} that {} a right dose. Lines end at the worst: too toxic of all scenarios, right of those with a right dose",
            if right.len() == 1 { "the scenario".to_owned() } else { format!("mean of the {} scenarios", right.len()) },
            if right.len() == 1 { "has" } else { "have" }
        ),
        axes: [
            "A dose that is too toxic is selected, of 100 trials".to_owned(),
            "The right dose is selected, of 100 trials".to_owned(),
        ],
        alt: format!("Dot plot, of 100 trials: {}. {note}", rows.iter().map(of).collect::<Vec<_>>().join("; ")),
        note,
    };
    Some((words, rows))
}

/// The file of the scenarios: a row a level.
fn scenario_values(view: &View<'_>) -> Vec<u8> {
    let rows = view.scenarios.iter().flat_map(|scenario| {
        let levels = scenario.toxicity.iter().zip(&scenario.places).enumerate();
        levels.map(move |(level, (toxicity, place))| {
            let place = match place {
                Place::Under => "below",
                Place::Acceptable => "acceptable",
                Place::Over => "above",
            };
            let is_correct = if scenario.correct == level + 1 { "1" } else { "0" };
            [
                scenario.name.clone(),
                scenario.class.word().to_owned(),
                (level + 1).to_string(),
                view.setting.doses.get(level).cloned().unwrap_or_default(),
                data::number(*toxicity),
                place.to_owned(),
                is_correct.to_owned(),
            ]
        })
    });
    data::file(["scenario", "class", "dose_level", "dose", "toxicity", "place", "correct"], rows)
}

/// The file of the endings: a row for each class, design and end.
fn ending_values(view: &View<'_>, facts: Facts<'_>) -> Vec<u8> {
    let (classes, rows, _) = endings(view, facts);
    let rows = classes.iter().enumerate().flat_map(|(place, class)| {
        rows.iter().filter_map(move |row| Some((row, row.ends.get(place).copied().flatten()?))).flat_map(move |(row, ends)| {
            ENDS.map(|end| {
                let Estimate { value, std_error } = ends[end as usize];
                [
                    class.class.word().to_owned(),
                    row.design.name.clone(),
                    group_word(row.group).to_owned(),
                    data::number(row.patients),
                    end.words().to_lowercase(),
                    data::number(value),
                    std_error.map(data::number).unwrap_or_default(),
                ]
            })
        })
    });
    data::file(["class", "design", "group", "patients", "end", "probability", "std_error"], rows)
}

/// The file of the trade-off: a row a design.
fn trade_off_values(facts: Facts<'_>, rows: &[TradeOffRow]) -> Vec<u8> {
    let of = |row: &TradeOffRow| {
        let group = facts.group(row.design.position).map_or("", group_word);
        let numbers = [row.patients, row.right.0, row.right.1, row.too_toxic.0, row.too_toxic.1].map(data::number);
        let mut cells = vec![row.design.name.clone(), group.to_owned()];
        cells.extend(numbers);
        cells
    };
    let header = [
        "design",
        "group",
        "patients",
        "right_mean_percent",
        "right_least_percent",
        "too_toxic_mean_percent",
        "too_toxic_most_percent",
    ];
    data::file(header, rows.iter().map(of))
}
