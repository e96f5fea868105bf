//! Tunings in words.

use super::{cautions, design_name};
use crate::design::wording::counted;
use crate::measure::{Metric, Source};
use crate::report::table::{Kind, Spread, grouped, show, written};
use crate::report::terminal;
use crate::study::{Aim, Limit, Over, Study, Variants};
use crate::tuning::{Estimate, Measure, Point, Tuned, is_met};

/// The heading of a metric, and what its numbers are.
pub(super) fn metric(metric: Metric) -> (&'static str, Kind) {
    match metric {
        Metric::CorrectSelection => ("Correct selection", Kind::Percent),
        Metric::AcceptableSelection => ("Acceptable selection", Kind::Percent),
        Metric::OverSelection => ("Too toxic selected", Kind::Percent),
        Metric::UnderSelection => ("Too low selected", Kind::Percent),
        Metric::AccuracyIndex => ("Accuracy index", Kind::Index),
        Metric::TotalPatients => ("Patients", Kind::Mean),
        Metric::TotalDlts => ("DLTs", Kind::Dlts),
        Metric::ShareAtMtd => ("Patients at the correct dose", Kind::Percent),
        Metric::ShareAboveMtd => ("Patients above the correct dose", Kind::Percent),
        Metric::PoorAllocation => ("Poor allocation", Kind::Percent),
        Metric::Overdose60 => ("Trials with > 60 % overdosed", Kind::Percent),
        Metric::Overdose80 => ("Trials with > 80 % overdosed", Kind::Percent),
        Metric::Cohorts => ("Cohorts", Kind::Mean),
        Metric::DurationWeeks => ("Weeks", Kind::Mean),
        Metric::DltRate | Metric::DltRateTrialMean => (metric.key(), Kind::Percent),
        Metric::TotalPatientsQuantile(_) => (metric.key(), Kind::Whole),
        _ => (metric.key(), Kind::Mean),
    }
}

/// How a number is printed.
pub(super) fn spread(estimate: Estimate) -> Spread {
    estimate.std_error.map_or(Spread::Exact, Spread::StdError)
}

/// A number of a metric with its unit.
pub(super) fn said(key: Metric, estimate: Estimate) -> String {
    let (_, kind) = metric(key);
    let number = show(kind, false, estimate.value, spread(estimate)).joined();
    if kind == Kind::Percent { format!("{number} %") } else { number }
}

/// A bound of a limit as it is written, in the unit of its metric.
fn bound(limit: &Limit) -> String {
    let (_, kind) = metric(limit.metric);
    match kind {
        Kind::Percent => format!("{} %", show(kind, false, limit.bound, Spread::Exact).number),
        _ => written(limit.bound),
    }
}

/// What the points are evaluated under, one and several.
pub(super) fn truths(tuned: &Tuned<'_>) -> (&'static str, &'static str) {
    if tuned.tuning.population.is_some() { ("curve", "curves") } else { ("scenario", "scenarios") }
}

fn over_words(tuned: &Tuned<'_>, over: Over) -> String {
    let (one, several) = truths(tuned);
    match over {
        Over::Mean => format!("mean over the {several}"),
        Over::Worst => format!("worst {one}"),
    }
}

/// What is looked for.
pub(super) fn objective(tuned: &Tuned<'_>) -> String {
    let verb = if tuned.tuning.objective.maximise { "largest" } else { "smallest" };
    match tuned.tuning.objective.aim {
        Aim::Metric(metric, over) => format!("{verb} {}, {}", metric.key(), over_words(tuned, over)),
        Aim::Parameter(place) => format!("{verb} {}", tuned.tuning.parameters[place].key),
    }
}

/// A limit.
pub(super) fn limit(tuned: &Tuned<'_>, limit: &Limit) -> String {
    let word = if limit.at_most { "at most" } else { "at least" };
    format!("{} {word} {} ({})", limit.metric.key(), bound(limit), over_words(tuned, limit.over))
}

/// The value of a parameter at a point, as TOML writes it; what the design has where the point leaves it alone.
pub(super) fn value(variants: Option<&Variants<'_>>, tuned: &Tuned<'_>, point: &Point, place: usize) -> String {
    match &point.values[place] {
        Some(value) => value.text.clone().unwrap_or_else(|| "absent".to_owned()),
        None => {
            let key = &tuned.tuning.parameters[place].key;
            variants.and_then(|variants| variants.written(key)).map_or_else(|| "default".to_owned(), str::to_owned)
        }
    }
}

/// The changes of a point, one a line, each with what the design has.
pub(super) fn changed(study: &Study, tuned: &Tuned<'_>, point: &Point) -> Vec<String> {
    let variants = Variants::new(study, tuned.tuning.design);
    let changes =
        tuned.tuning.parameters.iter().zip(&point.values).filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)));
    let line = |(parameter, value): (&crate::study::Parameter, &crate::study::Setting)| {
        let was = variants.as_ref().and_then(|variants| variants.written(&parameter.key));
        let was = was.map_or_else(|| "not written before".to_owned(), |was| format!("was {was}"));
        format!("{} = {} ({was})", parameter.key, value.text.as_deref().unwrap_or("absent"))
    };
    changes.map(line).collect()
}

/// The changes of a point on one line.
pub(super) fn in_short(tuned: &Tuned<'_>, point: &Point) -> String {
    let changes =
        tuned.tuning.parameters.iter().zip(&point.values).filter_map(|(parameter, value)| Some((parameter, value.as_ref()?)));
    let words: Vec<String> =
        changes.map(|(parameter, value)| format!("{} = {}", parameter.key, value.text.as_deref().unwrap_or("absent"))).collect();
    if words.is_empty() { "as written".to_owned() } else { words.join(", ") }
}

/// What was found, one sentence each.
pub(super) fn findings(study: &Study, tuned: &Tuned<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let candidates: Vec<&Point> = tuned.points.iter().filter(|point| tuned.is_candidate(point)).collect();
    let within = candidates.iter().filter(|point| point.score.within).count();
    let among = match tuned.tuning.limits.len() {
        0 => format!("Best of {} points", grouped(candidates.len() as u64)),
        _ => format!(
            "Best of the {} among {} points that meet the limits",
            grouped(within as u64),
            grouped(candidates.len() as u64)
        ),
    };
    match tuned.best {
        Some(best) => findings.extend(of_best(tuned, best, &among)),
        None => {
            findings.push(format!("None of the {} points meets the limits.", grouped(candidates.len() as u64)));
            for limit in &tuned.tuning.limits {
                findings.push(of_limit(tuned, &candidates, limit));
            }
        }
    }
    findings.extend(cautions::gain(tuned));
    findings.extend(cautions::ties(tuned));
    findings.extend(cautions::ends(study, tuned));
    let front = tuned.points.iter().filter(|point| point.score.front).count();
    if front > 1 {
        findings.push(format!("{} are on the Pareto front of correct selection, overdosing and size.", counted(front, "point")));
    }
    let faults: Vec<&String> = tuned.points.iter().filter_map(|point| point.outcome.as_ref().err()).collect();
    if let Some(first) = faults.first() {
        findings.push(format!("{} of values are no design; the first complaint: {first}.", counted(faults.len(), "combination")));
    }
    findings.push(sources(tuned));
    findings
}

fn of_best(tuned: &Tuned<'_>, best: usize, among: &str) -> Vec<String> {
    let point = &tuned.points[best];
    let mut findings = Vec::new();
    let mut sentence = format!("{among}: {}", in_short(tuned, point));
    if let (Some(own), &Aim::Metric(key, over)) = (point.score.objective, &tuned.tuning.objective.aim) {
        sentence.push_str(&format!("; {} {} ({})", key.key(), said(key, own), over_words(tuned, over)));
        let base = tuned.points.first().and_then(|point| point.score.objective);
        if let Some(base) = base.filter(|_| best > 0) {
            sentence.push_str(&format!(", against {} of the design as it is written", said(key, base)));
        }
    }
    findings.push(format!("{sentence}."));
    if best == 0 {
        findings.push("No change is better than the design as it is written.".to_owned());
    }
    let means = [Metric::CorrectSelection, Metric::Overdose60, Metric::TotalPatients, Metric::TotalDlts, Metric::DurationWeeks];
    let numbers = |point: &Point| -> Vec<String> {
        let number = |&key: &Metric| Some(format!("{} {}", key.key(), said(key, tuned.mean(point, key)?)));
        means.iter().filter_map(number).collect()
    };
    findings.push(format!("Its means over the {}: {}.", truths(tuned).1, numbers(point).join(", ")));
    if let Some(base) = tuned.points.first().filter(|base| best > 0 && base.outcome.is_ok()) {
        findings.push(format!("Those of the design as it is written: {}.", numbers(base).join(", ")));
    }
    for limit in &tuned.tuning.limits {
        let lowest_is_worst = limit.over == Over::Worst && !limit.at_most;
        let measure = Measure { metric: limit.metric, over: limit.over, lowest_is_worst };
        if let Some(own) = tuned.number(point, measure) {
            findings.push(format!("It has {}: {}.", self::limit(tuned, limit), said(limit.metric, own)));
        }
    }
    if point.score.close {
        findings.push(
            "A limit is less than two standard errors away from it: more replicates may show that it is not met.".to_owned(),
        );
    }
    findings
}

/// How close the points come to a limit.
fn of_limit(tuned: &Tuned<'_>, candidates: &[&Point], limit: &Limit) -> String {
    let lowest_is_worst = limit.over == Over::Worst && !limit.at_most;
    let measure = Measure { metric: limit.metric, over: limit.over, lowest_is_worst };
    let numbers: Vec<Estimate> = candidates.iter().filter_map(|point| tuned.number(point, measure)).collect();
    let better = |a: &Estimate, b: &Estimate| if limit.at_most { a.value < b.value } else { a.value > b.value };
    let met = numbers.iter().filter(|own| is_met(limit, own.value)).count();
    let best = numbers.iter().copied().reduce(|best, own| if better(&own, &best) { own } else { best });
    let best = best
        .map_or_else(|| "no point has the metric".to_owned(), |best| format!("the best value is {}", said(limit.metric, best)));
    format!("{}: met by {} of them; {best}.", self::limit(tuned, limit), grouped(met as u64))
}

/// Where the numbers come from.
fn sources(tuned: &Tuned<'_>) -> String {
    let found = || tuned.points.iter().filter_map(|point| point.outcome.as_ref().ok());
    let simulated = found().filter(|found| found.source == Source::MonteCarlo).count();
    let replicates = grouped(tuned.replicates as u64);
    let (one, _) = truths(tuned);
    match simulated {
        0 => "All numbers are exact: there is no simulation error.".to_owned(),
        _ if simulated == found().count() => format!(
            "All numbers are estimates from {replicates} simulated trials a {one}, on the same patients for every point, so that \
             differences have a smaller error than the numbers themselves."
        ),
        _ => format!(
            "The numbers of {} are estimates from {replicates} simulated trials a {one}, the others exact.",
            counted(simulated, "point")
        ),
    }
}

/// What `tune` prints: per tuning its findings and the best points.
#[must_use]
pub fn summary(study: &Study, tuned: &[Tuned<'_>]) -> String {
    let mut text = terminal::wrapped(&study.name);
    for found in tuned {
        text.push('\n');
        text.push_str(&terminal::wrapped(&format!(
            "{} (design {}): {}",
            found.tuning.name,
            design_name(study, found),
            objective(found)
        )));
        for finding in findings(study, found) {
            text.push_str(&terminal::wrapped(&finding));
        }
        let mut table = super::tables::points(study, found);
        if let Some(group) = table.groups.first_mut() {
            group.rows.truncate(10);
        }
        table.notes.clear();
        text.push_str(&terminal::table(&table));
    }
    text
}

/// The scenarios of a tuning with their weights.
pub(super) fn scenarios(study: &Study, tuned: &Tuned<'_>) -> String {
    if let Some(population) = tuned.tuning.population.and_then(|place| study.populations.get(place)) {
        let curves = grouped(population.scenarios.len() as u64);
        let weights = if population.is_weighted() { "its weights" } else { "equal weights" };
        return format!("the {curves} curves of population {}, with {weights}: {}", population.name, population.origin);
    }
    let pairs: Vec<(&str, f64)> = tuned
        .tuning
        .scenarios
        .iter()
        .zip(&tuned.tuning.weights)
        .filter_map(|(&place, &weight)| Some((study.scenarios.get(place)?.name.as_str(), weight)))
        .collect();
    let equal = pairs.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let words: Vec<String> = pairs
        .iter()
        .map(|(name, weight)| {
            if equal {
                (*name).to_owned()
            } else {
                format!("{name} ({})", show(Kind::Index, false, *weight, Spread::Exact).number)
            }
        })
        .collect();
    let weights = if equal { "equal weights" } else { "weights in brackets" };
    format!("{}; {weights}", words.join("; "))
}
