//! Tuning: every point gives the numbers of a plain run of the study that it stands for, the best and the front are those that a search
//! over the points finds, and nothing depends on threads or interruptions.

#![allow(clippy::unwrap_used, reason = "a study that cannot be read fails the test that needs it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use dosebench::comparison::compare;
use dosebench::design::{Plan, Printable};
use dosebench::engine::Monitor;
use dosebench::keys::Change;
use dosebench::measure::{Metric, Results, Source};
use dosebench::report::decisions::counts_csv;
use dosebench::report::{self, RunInfo};
use dosebench::study::{Aim, Engine, Over, Study, TRIAL_METRICS, Variants};
use dosebench::tuning::{FRONT, Journal, Point, Tuned, ranking, tune};

use super::support::study;

/// Three scenarios, in one of which no dose is correct, and four designs.
const BASE: &str = "
name = 'tuned'
target = 0.25
doses = { levels = [1, 2, 3] }
timing = { dlt_window_weeks = 3, accrual_per_week = 0.5 }
simulation = { replicates = 2000, seed = 5 }
[[scenario]]
name = 'low'
toxicity = [0.25, 0.4, 0.6]
[[scenario]]
name = 'high'
toxicity = [0.05, 0.12, 0.25]
[[scenario]]
name = 'none'
toxicity = [0.45, 0.6, 0.7]
[[design]]
name = 'B'
method = 'boin'
max_patients = 12
[[design]]
name = 'C' # the CRM
method = 'crm'
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1.16 # sqrt(1.34)
max_patients = 9
[[design]]
name = 'T'
method = '3+3'
first_cohort_size = 1
";

/// One that looks at pending patients.
const LATE: &str = "
[[design]]
name = 'R'
method = 'tite-boin'
max_patients = 9
";

fn with(tune: &str) -> Study {
    study(&format!("{BASE}{tune}"))
}

fn tuned(study: &Study) -> Vec<Tuned<'_>> {
    tune(study, &mut Journal::none(), &Monitor::default(), |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn info() -> RunInfo {
    RunInfo { study_file: "study.toml".to_owned(), command: "dosebench tune study.toml".to_owned() }
}

fn files(study: &Study, tuned: &[Tuned<'_>]) -> BTreeMap<PathBuf, Vec<u8>> {
    report::tuning::render(study, tuned, &info()).unwrap().into_iter().collect()
}

/// The results of a plain run.
fn plain(text: &str) -> Results {
    let mut study = study(text);
    if study.simulation.engine == Engine::Auto {
        study = study.simulated(|simulation| simulation.engine = Engine::Exact);
    }
    compare(&study, &Monitor::default(), |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

/// A metric of a design in each of some scenarios, with weights; scenarios without the metric are left out.
fn values(results: &Results, design: usize, metric: Metric, scenarios: &[(usize, f64)]) -> Vec<(f64, f64)> {
    let value = |&(scenario, weight): &(usize, f64)| Some((results.summaries[scenario][design].get(metric)?.value, weight));
    scenarios.iter().filter_map(value).collect()
}

fn mean(values: &[(f64, f64)]) -> f64 {
    values.iter().map(|(value, weight)| value * weight).sum::<f64>() / values.iter().map(|(_, weight)| weight).sum::<f64>()
}

/// The text of the study that a point stands for.
fn text_of(study: &Study, tuned: &Tuned<'_>, point: &Point) -> String {
    let values = tuned.tuning.parameters.iter().zip(&point.values);
    let changes: Vec<Change> = values.filter_map(|(own, value)| Some(value.as_ref()?.change(&own.key))).collect();
    Variants::new(study, tuned.tuning.design).unwrap().rewritten(&changes).unwrap()
}

/// Everything that a user may want to vary: BOIN's interval, cut-off, cohorts and size; the CRM's skeleton by its indifference interval
/// and its prior; the switches of the 3+3; a list of skeletons; a rule that is left out or not.
const EVERYTHING: &str = "
[[tune]]
name = 'intervals'
design = 'B'
parameters.safe_rate = [0.125, 0.15]
parameters.toxic_rate = { from = 0.3, to = 0.4, step = 0.05 }
parameters.elimination_cutoff = [0.9, 0.95]
weights = [1, 2, 3]
objective = { minimise = 'over_selection', over = 'worst' }
limits = [{ metric = 'total_patients', at_most = 10 }, { metric = 'poor_allocation', at_most = 0.8, over = 'worst' }]
[[tune]]
name = 'cohorts and size'
design = 'B'
parameters = { cohort_size = [1, 2, 3], max_patients = { from = 6, to = 12, step = 3 } }
limits = [{ metric = 'overdose_60', at_most = 0.45 }]
[[tune]]
name = 'skeleton'
design = 'C'
scenarios = ['low', 'high']
parameters.skeleton.prior_mtd = [1, 2, 3]
parameters.skeleton.halfwidth = { from = 0.04, to = 0.08, count = 3 }
parameters.prior_sd = [0.6, 1.16]
objective = { maximise = 'correct_selection', over = 'worst' }
[[tune]]
name = 'lists'
design = 'C'
one_at_a_time = true
parameters.skeleton = [[0.1, 0.2, 0.3], [0.15, 0.25, 0.4]]
parameters.too_toxic_cutoff = ['absent', 0.95]
[[tune]]
name = 'switches'
design = 'T'
one_at_a_time = true
parameters.deescalate = [false]
parameters.confirm_top_dose = [false]
parameters.first_cohort_size = [3]
objective = { minimise = 'duration_weeks' }
";

/// Every number of every point is that of a plain run of the study with the change written into it.
#[test]
fn points_are_plain_studies() {
    let study = with(EVERYTHING);
    let found = tuned(&study);
    let counts: Vec<usize> = found.iter().map(|tuned| tuned.points.len()).collect();
    assert_eq!(counts, [1 + 12, 1 + 9, 1 + 18, 1 + 4, 1 + 3]);
    let mut compared = 0;
    for tuned in &found {
        let scenarios: Vec<(usize, f64)> =
            tuned.tuning.scenarios.iter().copied().zip(tuned.tuning.weights.iter().copied()).collect();
        for point in &tuned.points {
            let text = text_of(&study, tuned, point);
            assert!(!text.contains("tune]]") && text.contains("# the CRM"));
            let results = plain(&text);
            let outcome = point.outcome.as_ref().unwrap();
            assert_eq!(outcome.source, Source::Exact);
            for (measure, number) in tuned.measures.iter().zip(&outcome.numbers) {
                let values = values(&results, tuned.tuning.design, measure.metric, &scenarios);
                let expected = match (measure.over, measure.lowest_is_worst) {
                    (Over::Mean, _) => mean(&values),
                    (Over::Worst, true) => values.iter().map(|(value, _)| *value).fold(f64::INFINITY, f64::min),
                    (Over::Worst, false) => values.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max),
                };
                let number = number.unwrap();
                assert!((number.value - expected).abs() < 1e-12, "{measure:?} {} {expected}", number.value);
                assert_eq!(number.std_error, None);
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

/// The best point is the first of those that meet the limits by the objective, and the front is what the definition says, both found by
/// looking at all pairs. Numbers that differ by rounding alone are the same.
#[test]
fn best_and_front_are_found_by_looking_at_all_points() {
    const ROUNDING: f64 = 1e-10;
    let study = with(EVERYTHING);
    for tuned in tuned(&study) {
        let value = |place: usize, metric| tuned.mean(&tuned.points[place], metric).unwrap().value;
        let is_met = |place: usize| {
            tuned.tuning.limits.iter().all(|limit| {
                let measure = tuned.measures.iter().find(|own| own.metric == limit.metric && own.over == limit.over).unwrap();
                let own = tuned.number(&tuned.points[place], *measure).unwrap().value;
                if limit.at_most { own <= limit.bound + ROUNDING } else { own >= limit.bound - ROUNDING }
            })
        };
        let first = usize::from(!tuned.tuning.one_at_a_time);
        let eligible: Vec<usize> = (first..tuned.points.len()).filter(|&place| is_met(place)).collect();
        assert!(!eligible.is_empty(), "{}", tuned.tuning.name);
        let sign = if tuned.tuning.objective.maximise { 1.0 } else { -1.0 };
        let objective = |place: usize| sign * tuned.points[place].score.objective.unwrap().value;
        let best = tuned.best.unwrap();
        assert!(eligible.contains(&best) && eligible.iter().all(|&place| objective(place) <= objective(best) + ROUNDING));
        assert_eq!(ranking(&tuned)[0], best);
        let beats = |a: usize, b: usize| {
            let cost = |place, (metric, more): (Metric, bool)| if more { -value(place, metric) } else { value(place, metric) };
            FRONT.iter().all(|&aim| cost(a, aim) <= cost(b, aim) + ROUNDING)
                && FRONT.iter().any(|&aim| cost(a, aim) < cost(b, aim) - ROUNDING)
        };
        for place in 0..tuned.points.len() {
            let expected = eligible.contains(&place) && !eligible.iter().any(|&other| beats(other, place));
            assert_eq!(tuned.points[place].score.front, expected, "{} {place}", tuned.tuning.name);
            assert_eq!(tuned.points[place].score.within, is_met(place));
            assert!(!tuned.points[place].score.tied, "exact numbers are not tied");
        }
    }
    // Some limits exclude something, else the test shows nothing.
    let found = tuned(&study);
    assert!(found[0].points.iter().any(|point| !point.score.within) && found[1].points.iter().any(|point| !point.score.within));
}

/// The best point, written as a study, runs and gives its numbers; comments stay unless they are about a value that has changed.
#[test]
fn the_best_is_a_study() {
    let study = with(EVERYTHING);
    let found = tuned(&study);
    let files = files(&study, &found);
    for (place, tuned) in found.iter().enumerate() {
        let text = std::str::from_utf8(&files[&PathBuf::from(format!("best-{}.toml", place + 1))]).unwrap();
        let results = plain(text);
        let scenarios: Vec<(usize, f64)> =
            tuned.tuning.scenarios.iter().copied().zip(tuned.tuning.weights.iter().copied()).collect();
        let best = &tuned.points[tuned.best.unwrap()];
        for metric in
            [Metric::CorrectSelection, Metric::Overdose60, Metric::TotalPatients, Metric::TotalDlts, Metric::DurationWeeks]
        {
            let expected = mean(&values(&results, tuned.tuning.design, metric, &scenarios));
            assert!((tuned.mean(best, metric).unwrap().value - expected).abs() < 1e-12, "{metric:?}");
        }
        assert!(text.starts_with("# Found by dosebench") && text.contains("# the CRM") && !text.contains("tune]]"));
    }
    let rewritten = |key: &str, value: &str| {
        let change = Change { key: key.to_owned(), value: Some(value.to_owned()), place: 0..0 };
        Variants::new(&study, 1).unwrap().rewritten(&[change]).unwrap()
    };
    assert!(
        rewritten("prior_sd", "0.6").contains("prior_sd = 0.6\n"),
        "what was said of the value before is not true of this one"
    );
    assert!(rewritten("skeleton.halfwidth", "0.08").contains("halfwidth = 0.08 }\nprior_sd = 1.16 # sqrt(1.34)\n"));
    assert!(rewritten("cohort_size", "2").contains("max_patients = 9\ncohort_size = 2\n"));
}

/// The smallest trial that is right often enough, against a run of each size.
#[test]
fn a_sample_size_is_the_smallest_that_suffices() {
    let study = with(
        "[tune]\ndesign = 'B'\nscenarios = ['low', 'high']\nparameters.max_patients = { from = 6, to = 24, step = 1 }\n\
         objective = { minimise = 'max_patients' }\nlimits = [{ metric = 'correct_selection', at_least = 0.6 }]",
    );
    let found = tuned(&study);
    assert_eq!(found[0].tuning.objective.aim, Aim::Parameter(0));
    let right = |patients: usize| {
        let results = plain(&BASE.replace("max_patients = 12", &format!("max_patients = {patients}")));
        mean(&values(&results, 0, Metric::CorrectSelection, &[(0, 1.0), (1, 1.0)]))
    };
    let smallest = (6..=24).find(|&patients| right(patients) >= 0.6).unwrap();
    assert!(smallest > 6);
    let best = &found[0].points[found[0].best.unwrap()];
    assert_eq!(best.values[0].as_ref().unwrap().text.as_deref(), Some(smallest.to_string().as_str()));
}

/// A refinement never loses what the grid has found, looks at no point twice and stays inside the ranges; on a halved grid around its
/// best nothing is better.
#[test]
fn a_refinement_goes_on_from_the_best() {
    let tuning = "[tune]\ndesign = 'C'\nscenarios = ['low', 'high']\nparameters.skeleton.halfwidth = { from = 0.02, to = 0.1, step = 0.04 }\n\
                  parameters.prior_sd = { from = 0.4, to = 1.6, count = 3 }\nsearch = 'refine'\nrounds = 3";
    let study = with(tuning);
    let found = tuned(&study);
    let tuned = &found[0];
    assert_eq!(tuned.rounds.len(), 4);
    let objectives: Vec<f64> =
        tuned.rounds.iter().map(|best| tuned.points[best.unwrap()].score.objective.unwrap().value).collect();
    assert!(objectives.is_sorted(), "{objectives:?}");
    assert!((1..=4).all(|round| tuned.points.iter().any(|point| point.round == round)));
    let pairs: Vec<(f64, f64)> = tuned.points[1..]
        .iter()
        .map(|point| (point.values[0].as_ref().unwrap().number().unwrap(), point.values[1].as_ref().unwrap().number().unwrap()))
        .collect();
    assert!(pairs.iter().all(|(a, b)| (0.02..=0.1).contains(a) && (0.4..=1.6).contains(b)));
    let mut apart = pairs.clone();
    apart.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    apart.dedup();
    assert_eq!(apart.len(), pairs.len());
    let best = pairs[tuned.best.unwrap() - 1];
    for (a, b) in [(0.005, 0.0), (-0.005, 0.0), (0.0, 0.075), (0.0, -0.075)] {
        let near = |x: f64, y: f64| (x - y).abs() < 1e-9;
        let is_there = pairs.iter().any(|(x, y)| near(*x, best.0 + a) && near(*y, best.1 + b));
        let is_outside = !(0.02..=0.1).contains(&(best.0 + a)) || !(0.4..=1.6).contains(&(best.1 + b));
        // What the last round moved to has not been looked around itself.
        assert!(is_there || is_outside || tuned.rounds[3] != tuned.rounds[2], "{best:?} {a} {b}");
    }
}

/// Simulated points see the same patients: a change without effect is tied with the best, one that matters is not, and the differences
/// carry an error.
#[test]
fn simulated_ties_are_no_order() {
    let tuning = "[tune]\ndesign = 'R'\nscenarios = ['high']\none_at_a_time = true\nparameters.max_patients = [9, 2]";
    let study = with(&format!("{LATE}{tuning}"));
    let found = tuned(&study);
    let points = &found[0].points;
    assert!(points.iter().all(|point| point.outcome.as_ref().unwrap().source == Source::MonteCarlo));
    assert!(points[..2].iter().all(|point| point.score.objective.unwrap().std_error.unwrap() > 0.0));
    // As written, and written out, are the same design; two patients are too few.
    assert_eq!(found[0].best, Some(0));
    assert_eq!(points.iter().map(|point| point.score.tied).collect::<Vec<_>>(), [false, true, false]);
    let exact =
        with("[tune]\ndesign = 'B'\nparameters.max_patients = [3, 12, 13]\nparameters.cohort_size = [3]\nscenarios = ['high']");
    let simulated = study_with_engine("monte-carlo");
    let (exact, simulated) = (tuned(&exact), tuned(&simulated));
    for (own, other) in exact[0].points.iter().zip(&simulated[0].points) {
        let (own, other) = (own.score.objective.unwrap(), other.score.objective.unwrap());
        // 2,000 replicates: five standard errors.
        assert!((own.value - other.value).abs() <= 5.0 * other.std_error.unwrap() + 1e-12, "{own:?} {other:?}");
    }
    let points = &simulated[0].points;
    assert!(!points[1].score.tied, "three patients are clearly fewer than twelve: {:?}", points[1].score);
}

fn study_with_engine(engine: &str) -> Study {
    let text = BASE.replace("replicates = 2000", &format!("engine = '{engine}', replicates = 2000"));
    study(&format!(
        "{text}[tune]\ndesign = 'B'\nparameters.max_patients = [3, 12, 13]\nparameters.cohort_size = [3]\nscenarios = ['high']"
    ))
}

/// A population of one curve, many times, gives what that curve gives.
#[test]
fn a_population_of_one_curve_is_that_curve() {
    let rows = format!("toxicity_1,toxicity_2,toxicity_3\n{}", "0.05,0.12,0.25\n".repeat(20));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("curves.csv"), rows).unwrap();
    let text = |tune: &str| format!("{BASE}[[population]]\nname = 'same'\ngenerator = 'list'\nfile = 'curves.csv'\n{tune}");
    let tuning = |over: &str| format!("[tune]\ndesign = 'B'\n{over}\nparameters.cohort_size = [1, 3]\n");
    let read =
        |text: String| Study::from_text_in(Some(folder.path()), "test.toml", text).unwrap_or_else(|error| panic!("{error}")).0;
    let (many, one) = (read(text(&tuning("population = 'same'"))), read(text(&tuning("scenarios = ['high']"))));
    let (many, one) = (tuned(&many), tuned(&one));
    assert_eq!(many[0].tuning.weights.len(), 20);
    for (many, one) in many[0].points.iter().zip(&one[0].points) {
        for (many, one) in many.outcome.as_ref().unwrap().numbers.iter().zip(&one.outcome.as_ref().unwrap().numbers) {
            assert!((many.unwrap().value - one.unwrap().value).abs() < 1e-12);
        }
    }
}

/// The same bytes on one thread and on several.
#[test]
fn threads_change_nothing() {
    let study = with(EVERYTHING);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| files(&study, &tuned(&study)))
    };
    assert!(on(1) == on(3));
}

/// A tuning that goes on from a journal, its last line torn, ends in the same bytes; points that are in the journal are taken from it.
#[test]
fn a_journal_spares_the_points_that_are_finished() {
    let study = with(
        "[tune]\ndesign = 'B'\nparameters.max_patients = { from = 3, to = 12, step = 1 }\nparameters.cohort_size = [1, 2, 3]",
    );
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::default();
    let mut journal = Journal::open(folder.path(), &study).unwrap();
    assert!(journal.is_empty());
    let whole = files(&study, &tune(&study, &mut journal, &monitor, |_| {}).unwrap());
    drop(journal);
    let path = folder.path().join("tune.journal");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 1 + 31);
    let torn = format!("{}{}", lines[..12].concat(), &lines[12][..20]);
    std::fs::write(&path, &torn).unwrap();
    let mut journal = Journal::open(folder.path(), &study).unwrap();
    assert_eq!(journal.len(), 11);
    assert!(files(&study, &tune(&study, &mut journal, &monitor, |_| {}).unwrap()) == whole);
    drop(journal);
    // Points are noted as they are finished, which is in no order.
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<String>>();
    let again = std::fs::read_to_string(&path).unwrap();
    assert_eq!((again.lines().count(), sorted(&again)), (32, sorted(&text)), "only what was missing was added");
    // A number that nobody could find, to see that the point is not evaluated again.
    let first = lines[1].split_once("\"numbers\":[[").unwrap();
    let forged = format!("{}\"numbers\":[[{}{}", first.0, 7.0f64.to_bits(), &first.1[first.1.find(',').unwrap()..]);
    std::fs::write(&path, text.replacen(lines[1], &forged, 1)).unwrap();
    let mut journal = Journal::open(folder.path(), &study).unwrap();
    let found = tune(&study, &mut journal, &monitor, |_| {}).unwrap();
    assert_eq!(found[0].mean(&found[0].points[0], Metric::CorrectSelection).unwrap().value.to_bits(), 7.0f64.to_bits());
    drop(found);
    // That of another study does not count.
    let other = with("[tune]\ndesign = 'B'\nparameters.max_patients = [3, 6]");
    let journal = Journal::open(folder.path(), &other).unwrap();
    assert!(journal.is_empty() && journal.has_replaced());
    journal.remove().unwrap();
    assert!(!path.exists());
}

/// The points that are finished belong to the decision table that the design names: another one begins anew.
#[test]
fn a_journal_belongs_to_the_files_that_the_study_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.csv");
    let boin = |toxic_rate: &str| {
        let study = study(&BASE.replace("max_patients = 12", &format!("max_patients = 6\ntoxic_rate = {toxic_rate}")));
        let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
        let Printable::Counts(table) = rule.printable() else { panic!("no table of patients by DLTs") };
        String::from_utf8(counts_csv(table, 6)).unwrap()
    };
    let (table, other) = (boin("0.35"), boin("0.45"));
    assert_ne!(table, other);
    let design = "[[design]]\nname = 'F'\nmethod = 'table'\nfile = 'table.csv'\nmax_patients = 6\ncohort_size = 3\n";
    let text = format!("{BASE}{design}[tune]\ndesign = 'F'\nparameters.start_level = [1, 2]\n");
    let journal = |table: &str| {
        std::fs::write(&file, table).unwrap();
        let study = Study::from_text_in(Some(folder.path()), "test.toml", text.clone());
        let study = study.unwrap_or_else(|error| panic!("{error}")).0;
        assert_eq!(study.files.len(), 1);
        let mut journal = Journal::open(folder.path(), &study).unwrap();
        let (known, replaced) = (journal.len(), journal.has_replaced());
        tune(&study, &mut journal, &Monitor::default(), |_| {}).unwrap();
        (known, replaced)
    };
    assert_eq!(journal(&table), (0, false));
    assert_eq!(journal(&table), (3, false));
    assert_eq!(journal(&other), (0, true));
}

/// A best value at the end of what was looked at is pointed out, unless the design takes none beyond.
#[test]
fn a_best_value_at_the_end_of_its_range_is_pointed_out() {
    let said = |tuning: &str| {
        let study = with(tuning);
        let found = tuned(&study);
        String::from_utf8(files(&study, &found)[&PathBuf::from("tune.md")].clone()).unwrap().replace('\\', "")
    };
    let range = "parameters.max_patients = { from = 6, to = 12, step = 3 }";
    let smallest = said(&format!("[tune]\ndesign = 'B'\n{range}\nobjective = {{ minimise = 'max_patients' }}"));
    assert!(smallest.contains(
        "The best value of max_patients, 6, lies at the lower end of its range: a better one may lie beyond; widen the range."
    ));
    let largest = said(&format!("[tune]\ndesign = 'B'\n{range}\nobjective = {{ maximise = 'max_patients' }}"));
    assert!(largest.contains("The best value of max_patients, 12, lies at the upper end of its range"));
    let list = "[tune]\ndesign = 'B'\nparameters.elimination_cutoff";
    let cutoffs = said(&format!("{list} = [0.95, 0.9, 0.85]\nobjective = {{ minimise = 'elimination_cutoff' }}"));
    assert!(cutoffs.contains("The best value of elimination_cutoff, 0.85, lies at the lower end of its list"));
    // There is no cut-off above 1, and nothing to say of a value between others or alone.
    let cutoffs = said(&format!("{list} = [0.95, 1.0]\nobjective = {{ maximise = 'elimination_cutoff' }}"));
    assert!(!cutoffs.contains("lies at the"));
    let limit = "limits = [{ metric = 'total_patients', at_least = 7 }]";
    let inside = said(&format!("[tune]\ndesign = 'B'\n{range}\nobjective = {{ minimise = 'max_patients' }}\n{limit}"));
    assert!(inside.contains("max_patients = 9") && !inside.contains("lies at the"));
}

/// The metrics that can be named are those that trials have, no more and no fewer.
#[test]
fn the_metrics_are_those_of_the_data_files() {
    let mut study = with(LATE);
    study = study.simulated(|simulation| simulation.replicates = 100);
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let characteristics = results.summaries.iter().flatten().flat_map(|summary| &summary.characteristics);
    let mut found: Vec<&str> = characteristics.filter(|own| own.metric.level().is_none()).map(|own| own.metric.key()).collect();
    // The ends of a trial and what goes by toxicity, which only some scenarios have, cannot be asked for.
    let by_toxicity = [
        Metric::RightSelection,
        Metric::OtherAcceptableSelection,
        Metric::TooLowSelection,
        Metric::PatientsTooToxic,
        Metric::PatientsTooToxicQ95,
        Metric::ShareTooToxic,
        Metric::TooToxic60,
        Metric::TooToxic80,
        Metric::PatientsAboveTarget,
    ]
    .map(Metric::key);
    found.retain(|key| !by_toxicity.contains(key));
    found.sort_unstable();
    found.dedup();
    let mut known = TRIAL_METRICS.map(Metric::key).to_vec();
    known.sort_unstable();
    assert_eq!(found, known);
}

/// Combinations that are no design are told, and the others are looked at.
#[test]
fn an_impossible_combination_is_told() {
    let study =
        with("[tune]\ndesign = 'C'\nparameters.initial_scheme = ['absent', [1, 1, 2]]\nparameters.titration = [false, true]");
    let found = tuned(&study);
    let faults: Vec<&String> = found[0].points.iter().filter_map(|point| point.outcome.as_ref().err()).collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("initial_scheme"), "{faults:?}");
    let csv = String::from_utf8(files(&study, &found)[&PathBuf::from("tune.csv")].clone()).unwrap();
    assert_eq!(csv.lines().count(), 1 + 5);
    assert!(csv.contains("initial_scheme`"));
}
