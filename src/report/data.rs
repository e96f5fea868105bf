//! The data files: one number a row, unrounded, as R and pandas read them.

use crate::measure::{Characteristic, Results, Source, Summary, Week};
use crate::study::Study;
use crate::trial::NoDose;

/// `operating_characteristics.csv`.
pub(super) fn operating_characteristics(study: &Study, results: &Results) -> Vec<u8> {
    let header = ["scenario", "design", "engine", "metric", "dose_level", "value", "std_error"];
    let rows = summaries(study, results).flat_map(|(scenario, design, summary)| {
        summary.characteristics.iter().map(move |found| {
            [
                scenario.to_owned(),
                design.to_owned(),
                source_of(summary, found).word().to_owned(),
                found.metric.key().to_owned(),
                optional(found.metric.level()),
                number(found.value),
                found.std_error.map(number).unwrap_or_default(),
            ]
        })
    });
    file(header, rows)
}

/// Where a number came from: durations may be simulated beside exact outcomes.
fn source_of(summary: &Summary, found: &Characteristic) -> Source {
    if found.std_error.is_some() { Source::MonteCarlo } else { summary.source }
}

/// `paired_differences.csv`: design minus the first design of the study.
pub(super) fn paired_differences(study: &Study, results: &Results) -> Vec<u8> {
    let header =
        ["scenario", "design", "reference", "engine", "metric", "difference", "std_error", "lower", "upper", "dose_level"];
    let reference = study.designs.first().map_or("", |design| design.name.as_str());
    let pairs = study.scenarios.iter().zip(&results.differences).flat_map(|(scenario, designs)| {
        study.designs.iter().zip(designs).map(move |(design, found)| (scenario.name.as_str(), design.name.as_str(), found))
    });
    let rows = pairs.flat_map(|(scenario, design, found)| {
        found.iter().map(move |found| {
            let error = |pick: fn((f64, f64, f64)) -> f64| found.error.map(pick).map(number).unwrap_or_default();
            [
                scenario.to_owned(),
                design.to_owned(),
                reference.to_owned(),
                found.source.word().to_owned(),
                found.metric.key().to_owned(),
                number(found.difference),
                error(|(std_error, _, _)| std_error),
                error(|(_, lower, _)| lower),
                error(|(_, _, upper)| upper),
                optional(found.metric.level()),
            ]
        })
    });
    file(header, rows)
}

/// `sample_size.csv`.
pub(super) fn sample_size(study: &Study, results: &Results) -> Vec<u8> {
    distribution(study, results, "patients", |summary| &summary.sample_size, usize::to_string)
}

/// `dlt_count.csv`.
pub(super) fn dlt_count(study: &Study, results: &Results) -> Vec<u8> {
    distribution(study, results, "dlts", |summary| &summary.dlt_count, usize::to_string)
}

/// `stop_reasons.csv`.
pub(super) fn stop_reasons(study: &Study, results: &Results) -> Vec<u8> {
    let rows = summaries(study, results).flat_map(|(scenario, design, summary)| {
        summary.stop_reasons.iter().map(move |ending| {
            let names = [scenario, design, ending.reason.word()].map(str::to_owned);
            names.into_iter().chain([ending.probability, ending.selected(), ending.none].map(number)).collect::<Vec<String>>()
        })
    });
    file(["scenario", "design", "reason", "probability", "selected", "none"], rows)
}

/// `no_selection.csv`: why trials end without a dose.
pub(super) fn no_selection(study: &Study, results: &Results) -> Vec<u8> {
    let rows = summaries(study, results).flat_map(|(scenario, design, summary)| {
        let row = move |&(cause, probability): &(NoDose, f64)| {
            [scenario.to_owned(), design.to_owned(), cause.word().to_owned(), number(probability)]
        };
        summary.no_selection.iter().map(row)
    });
    file(["scenario", "design", "cause", "probability"], rows)
}

/// `calendar.csv`: what is found at the end of each week of the trials; nothing where no trial was simulated in calendar time.
pub(super) fn calendar(study: &Study, results: &Results) -> Option<Vec<u8>> {
    let header = [
        "scenario",
        "design",
        "week",
        "enrolled",
        "enrolled_std_error",
        "enrolled_q05",
        "enrolled_q50",
        "enrolled_q95",
        "on_study",
        "on_study_std_error",
        "ended",
        "ended_std_error",
    ];
    let designs = study.scenarios.iter().zip(&results.weeks).flat_map(|(scenario, designs)| {
        study.designs.iter().zip(designs).map(move |(design, weeks)| (scenario.name.as_str(), design.name.as_str(), weeks))
    });
    let rows = designs.flat_map(|(scenario, design, weeks)| {
        weeks.iter().enumerate().map(move |(week, found)| {
            let [low, median, high] = found.enrolled_quantiles.map(|patients| patients.to_string());
            let Week { enrolled, on_study, ended, .. } = found;
            let names = [scenario.to_owned(), design.to_owned(), week.to_string()];
            let enrolled = [number(enrolled.0), number(enrolled.1), low, median, high];
            let rest = [number(on_study.0), number(on_study.1), number(ended.0), ended.1.map(number).unwrap_or_default()];
            names.into_iter().chain(enrolled).chain(rest).collect::<Vec<String>>()
        })
    });
    let has_weeks = results.weeks.iter().flatten().any(|weeks| !weeks.is_empty());
    has_weeks.then(|| file(header, rows))
}

/// A file of probabilities of the values that `pick` finds, each written as `word` says.
fn distribution<T: 'static>(
    study: &Study,
    results: &Results,
    heading: &'static str,
    pick: fn(&Summary) -> &Vec<(T, f64)>,
    word: fn(&T) -> String,
) -> Vec<u8> {
    let rows = summaries(study, results).flat_map(|(scenario, design, summary)| {
        let row =
            move |(value, probability): &(T, f64)| [scenario.to_owned(), design.to_owned(), word(value), number(*probability)];
        pick(summary).iter().map(row)
    });
    file(["scenario", "design", heading, "probability"], rows)
}

/// Every summary with the names of its scenario and design, in the order of the study.
fn summaries<'a>(study: &'a Study, results: &'a Results) -> impl Iterator<Item = (&'a str, &'a str, &'a Summary)> {
    study.scenarios.iter().zip(&results.summaries).flat_map(|(scenario, summaries)| {
        study.designs.iter().zip(summaries).map(|(design, summary)| (scenario.name.as_str(), design.name.as_str(), summary))
    })
}

/// A number with all the digits it takes to read it back, in the notation that is shorter for its size; R and pandas read both.
pub(super) fn number(value: f64) -> String {
    // Zero has no sign in a file.
    let value = if value == 0.0 { 0.0 } else { value };
    if value == 0.0 || (1e-4..1e15).contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

/// A dose level, where there is one.
fn optional(level: Option<usize>) -> String {
    level.map(|level| level.to_string()).unwrap_or_default()
}

/// A CSV file; all rows have the length of the header.
pub(super) fn file<R>(header: impl IntoIterator<Item = impl AsRef<[u8]>>, rows: impl IntoIterator<Item = R>) -> Vec<u8>
where
    R: IntoIterator<Item = String>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing fails where memory cannot be written or rows differ in length: neither happens here.
    writer.write_record(header).expect("a row in memory");
    for row in rows {
        writer.write_record(row).expect("a row in memory");
    }
    writer.into_inner().expect("a buffer in memory")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_read_back_as_they_were() {
        for value in [0.3, 1.0 / 3.0, 1e-20, 2.0f64.sqrt() * 1e-5, 123_456.789, 15.0, -0.25, 1e300, f64::MIN_POSITIVE] {
            assert_eq!(number(value).parse(), Ok(value));
            assert!(number(value).len() < 26);
        }
        assert_eq!(number(1e-20), "1e-20");
        assert_eq!(number(-0.0), "0");
    }
}
