//! What stands first in a report: the headline, at most ten findings, and the rest folded away. The numbers behind every sentence
//! are checked where every number of a report is; here it is what is claimed.

use super::sample::{info, sample, small};
use super::text;
use dosebench::comparison::compare;
use dosebench::engine::Monitor;
use dosebench::measure::Metric;
use dosebench::report::{self, Format};
use dosebench::study::{Engine, Study};
use std::path::Path;

/// The findings of a Markdown report: headline, the list below it, and what is folded away elsewhere.
fn parts(markdown: &str) -> (Option<String>, Vec<String>, Vec<String>) {
    let (_, section) = markdown.split_once("## Findings\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (first, more) = section.split_once("\n### More findings, scenario by scenario\n").unwrap_or((section, ""));
    let items = |text: &str| text.lines().filter_map(|line| line.strip_prefix("- ")).map(str::to_owned).collect();
    (first.lines().find_map(|line| line.strip_prefix("> ")).map(str::to_owned), items(first), items(more))
}

fn of(study: &Study) -> (Option<String>, Vec<String>, Vec<String>) {
    let results = compare(study, &Monitor::default(), |_| {}).unwrap();
    parts(&text(&report::render(study, &results, &info(), &[], &[Format::Markdown]), "report.md"))
}

fn shipped(name: &str) -> Study {
    let path = format!("{}/configs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Study::from_path(Path::new(&path)).unwrap_or_else(|error| panic!("{error}")).0
}

fn read(text: &str) -> Study {
    Study::from_text("test.toml", text).unwrap_or_else(|error| panic!("{error}")).0
}

#[test]
fn the_answer_comes_first_and_the_rest_is_folded_away() {
    let mut study = shipped("imm27m");
    study.simulation.engine = Engine::Exact;
    let (headline, first, more) = of(&study);
    // Mean correct selection 0.5449, worst 0.3479, mean of too toxic selections 0.1038: the means and minima of the eight scenarios.
    let headline = headline.unwrap();
    assert!(
        headline.starts_with(
            "In 100 trials like this, averaged over the 8 scenarios with equal weights, Protocol 3+3 (K1) makes the right selection in \
             about 54, and in about 35 where it does worst (“MTD at level 4”); it selects a dose that is too toxic in about 10."
        ),
        "{headline}"
    );
    assert!(
        headline.contains(
            "5 of 7 other designs are right more often, among them CRM 30 (+16.9 percentage points, with +14.4 patients"
        )
    );
    assert!((5..=10).contains(&first.len()) && more.len() > 10, "{} and {}", first.len(), more.len());
    // Where the protocol's rule wins, and where it does not.
    assert!(first.iter().any(|one| {
        one.contains("patients on average over the scenarios: more than 3+3 S1 and 3+3 D1; fewer than 3+3 (K), BOIN 16")
    }));
    assert!(
        first
            .iter()
            .any(|one| one.contains("DLTs on average") && one.contains("fewer than BOIN 16, BOIN 30, CRM 16 and CRM 30."))
    );
    assert!(first.iter().any(|one| one.starts_with("2 of 7 other designs never treat more than the planned 16 patients")));
    assert!(first.iter().chain(&more).all(|one| !one.contains("whom")));
}

#[test]
fn a_sentence_on_a_hundred_trials_says_how_each_of_them_ends() {
    for name in ["imm27m", "imm27m-population", "minimal"] {
        let mut study = shipped(name);
        study.simulation.engine = Engine::Exact;
        let (headline, first, more) = of(&study);
        let all: Vec<String> = headline.into_iter().chain(first).chain(more).filter(|one| one.starts_with("If ")).collect();
        assert_eq!(all.len(), study.scenarios.len(), "{name}");
        for sentence in all {
            let words: Vec<&str> = sentence.split_once("of 100 trials").unwrap().1.split(' ').collect();
            let counts = words.windows(2).filter(|pair| ["about", "than"].contains(&pair[0]));
            let sum: f64 = counts.filter_map(|pair| pair[1].parse::<f64>().ok()).sum();
            // Each of up to four numbers is rounded.
            assert!((98.0..=102.0).contains(&sum), "{sum}: {sentence}");
        }
    }
}

#[test]
fn nothing_is_said_of_too_toxic_doses_where_there_are_none() {
    let study = read(
        "name = 'Safe'\ntarget = 0.25\n[doses]\nlevels = [1, 2]\n[simulation]\nengine = 'exact'\n\
         [[scenario]]\nname = 'Safe'\ntoxicity = [0.05, 0.1]\n[[scenario]]\nname = 'Fair'\ntoxicity = [0.1, 0.25]\n\
         [[design]]\nname = 'A'\nmethod = '3+3'\n[[design]]\nname = 'B'\nmethod = 'boin'\n",
    );
    let (headline, first, more) = of(&study);
    let all: Vec<String> =
        headline.into_iter().chain(first).chain(more.iter().filter(|one| !one.starts_with("Against ")).cloned()).collect();
    assert!(all.len() > 6);
    assert!(all.iter().all(|one| !one.contains("too toxic")), "{all:#?}");
}

#[test]
fn a_single_design_under_a_single_scenario_has_one_finding() {
    let mut study = shipped("minimal");
    study.simulation.engine = Engine::Exact;
    let (headline, first, more) = of(&study);
    assert!(
        headline
            .unwrap()
            .starts_with("If 20 is the right dose (scenario “MTD at level 2”), then of 100 trials under 3+3 about 40")
    );
    assert!(first.is_empty() && more.is_empty());
}

#[test]
fn populations_and_worst_curves_are_among_the_first_findings() {
    let study = shipped("imm27m-population");
    let (_, first, _) = of(&study);
    let populations: Vec<&String> = first.iter().filter(|one| one.starts_with("Over the 150 curves of “")).collect();
    let worst: Vec<&String> = first.iter().filter(|one| one.contains("your scenarios miss this one")).collect();
    assert_eq!((first.len(), populations.len(), worst.len()), (10, 3, 3), "{first:#?}");
    // The numbers of the sentence, from the values of the curves.
    let results = compare(&study, &Monitor::default(), |_| {}).unwrap();
    let found = &results.curves.populations[0];
    let correct = |design: usize| -> Vec<f64> {
        let mut values: Vec<f64> =
            found.values[design].iter().map(|values| values.get(Metric::CorrectSelection).unwrap()).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let percent = |value: f64| format!("{:.1} %", 100.0 * value);
    let mean = |values: &[f64]| percent(values.iter().sum::<f64>() / values.len() as f64);
    // On eight of 150 curves, the first twentieth, it is at most the eighth value.
    let (planned, crm) = (correct(0), correct(2));
    let expected = [mean(&planned), percent(planned[7]), mean(&crm), percent(crm[7])];
    let correct_at = |design: usize, curve: usize| found.values[design][curve].get(Metric::CorrectSelection);
    let best = (0..150).filter(|&curve| (0..2).all(|other| correct_at(2, curve) > correct_at(other, curve))).count();
    for number in expected.into_iter().chain([format!("CRM 16 on {}", percent(best as f64 / 150.0))]) {
        assert!(populations[0].contains(&number), "{number} in {}", populations[0]);
    }
}

#[test]
fn simulated_designs_are_not_ranked_where_the_run_cannot_tell() {
    // B escalates a little less readily, and C is A: in 400 trials the one cannot be told from A, and the other differs in nothing.
    let study = read(
        "name = 'Alike'\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3]\n[simulation]\nengine = 'monte-carlo'\nreplicates = 400\nseed = 3\n\
         [[scenario]]\nname = 'One'\ntoxicity = [0.1, 0.25, 0.4]\n[[scenario]]\nname = 'Two'\ntoxicity = [0.25, 0.4, 0.5]\n\
         [[design]]\nname = 'A'\nmethod = 'boin'\n[[design]]\nname = 'B'\nmethod = 'boin'\nsafe_rate = 0.14\n\
         [[design]]\nname = 'C'\nmethod = 'boin'\n",
    );
    let (headline, first, _) = of(&study);
    let headline = headline.unwrap();
    assert!(headline.ends_with("On average no other design does so more often, as far as this run can tell."), "{headline}");
    assert!(first[0].contains("right selection") && first[0].ends_with("not to be told apart from B and C."), "{first:#?}");
}

#[test]
fn the_page_folds_the_rest_and_prints_it() {
    let (study, results) = sample();
    let html = text(&report::render(&study, &results, &info(), &[], &[Format::Html]), "report.html");
    let (_, findings) = html.split_once("<section id=\"findings\"").unwrap();
    let (findings, _) = findings.split_once("</section>").unwrap();
    let (before, folded) = findings.split_once("<details>\n<summary>More findings, scenario by scenario</summary>").unwrap();
    assert!(before.contains("<p class=\"headline\">") && folded.contains("<li>If ") && folded.contains("</details>"));
    assert!(html.contains("beforeprint"));
    let (study, results) = small();
    let markdown = text(&report::render(&study, &results, &info(), &[], &[Format::Markdown]), "report.md");
    let (headline, ..) = parts(&markdown);
    assert!(headline.unwrap().starts_with("If 0.5 mg/kg is the right dose"));
}
