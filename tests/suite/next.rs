//! The next dose of a running trial: against the decision graph, reference estimates, the rest of the trial, bad input.

use crate::support::{Golden, design_study, graph_of, list, study};
use dosebench::comparison::RunningTrial;
use dosebench::design::model::crm::{Crm, CrmSelection, CrmSettings, Curve, Estimate, Model, Prior, Rules};
use dosebench::design::{Answer, Course, Plan, Rule, Voice, follow, follow_patients};
use dosebench::engine::{Exact, Graph, Monitor, RemainderError, compile, compile_from};
use dosebench::numeric::beta::quantile;
use dosebench::report::next::Position;
use dosebench::study::{Study, evaluable, patients_from_text, read_outcomes};
use dosebench::trial::{Arrival, Cohort, Counts, Decision, Outcome, shown};
use expect_test::expect;
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

fn shipped() -> impl Iterator<Item = (String, Study)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("studies").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")).map(|file| {
        let study = Study::from_path(&file).unwrap_or_else(|error| panic!("{error}")).0;
        (file.display().to_string(), study)
    })
}

fn words(cohorts: &[Arrival]) -> String {
    let word = |arrival: &Arrival| {
        let [patients, dlts, moderate] = [arrival.cohort.patients, arrival.dlts, arrival.moderate].map(usize::from);
        let level = arrival.cohort.level + 1;
        format!("{level}{}{}{}", "T".repeat(dlts), "M".repeat(moderate), "N".repeat(patients - dlts - moderate))
    };
    cohorts.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Walk every edge of the graph with outcomes that lead there: the answer of `next` is the node or leaf that the edge leads to.
fn walk(name: &str, rule: &dyn Rule, graph: &Graph) -> usize {
    let mut courses: Vec<Option<Course>> = vec![None; graph.nodes().len()];
    courses[0] = Some(Course::new(rule));
    let mut edges = 0;
    for (node, situation) in graph.nodes().iter().enumerate() {
        let course = courses[node].take().unwrap_or_else(|| panic!("{name}: nothing leads to situation {node}"));
        assert_eq!(course.answer.next_cohort(), Some(situation.cohort));
        for (arrival, child) in graph.outcomes(node) {
            let mut course = course.clone();
            course.add(rule, arrival);
            let child = child as usize;
            match course.answer {
                Answer::Decided(Decision::Enrol(cohort, _)) => assert_eq!(cohort, graph.nodes()[child].cohort, "{name}"),
                Answer::Decided(Decision::Stop(selected, reason)) => {
                    let leaf = &graph.leaves()[child - graph.nodes().len()];
                    assert_eq!(Outcome::selection(selected.map(usize::from)), leaf.selected, "{name}");
                    assert_eq!((course.counts, reason), (leaf.counts, leaf.reason), "{name}");
                    assert_eq!(course.cohorts.len(), usize::from(leaf.cohorts), "{name}");
                }
                _ => panic!("{name}: {:?} after {}", course.answer, words(&course.cohorts)),
            }
            assert!(course.deviations.is_empty(), "{name}: {:?}", course.deviations);
            edges += 1;
            // The same from the words on, now and then.
            if edges % 997 == 1 {
                let again = follow(rule, &read_outcomes(&words(&course.cohorts), rule.levels()).expect("outcomes"));
                assert_eq!((again.answer, again.counts), (course.answer.clone(), course.counts), "{name}");
            }
            if child < courses.len() && courses[child].is_none() {
                courses[child] = Some(course);
            }
        }
    }
    edges
}

#[test]
fn every_situation_of_every_shipped_study() {
    let mut edges = 0;
    for (file, study) in shipped() {
        for design in &study.designs {
            let Plan::Rule(rule) = &design.plan else { continue };
            let name = format!("{file}: {}", design.name);
            // Nobody writes down what a coin showed: the cohort that follows tells.
            if rule.coin().is_some() {
                continue;
            }
            // A design that is too large for a graph has situations beyond counting.
            let Ok(graph) = compile(&**rule, study.simulation.max_situations, &Monitor::default()) else { continue };
            edges += walk(&name, &**rule, &graph);
        }
    }
    assert!(edges > 10_000, "{edges}");
}

#[test]
fn estimates_of_the_crm_and_their_intervals() {
    let golden = Golden::read("next_crm_intervals.csv");
    let mut worst = [0.0_f64; 4];
    for row in &golden.rows {
        let number = |column: &str| golden.get(row, column).parse::<f64>().expect("a number");
        let bytes = |column: &str| list(golden.get(row, column)).into_iter().map(|count| count as u8).collect::<Vec<_>>();
        let model = match golden.get(row, "model") {
            "empiric" => Model::Empiric,
            _ => Model::Logistic { intercept: number("intcpt") },
        };
        let settings = CrmSettings {
            curve: Curve::new(model, &list(golden.get(row, "skeleton"))).expect("a curve"),
            prior: Prior::Normal { sd: number("scale") },
            estimate: Estimate::PlugIn,
            rules: Rules { target: number("target"), selection: CrmSelection::Tried, too_toxic: None, precision: None },
        };
        let counts = Counts::from_slices(&bytes("n"), &bytes("tox")).expect("counts");
        let levels = settings.curve.levels();
        let crm = Crm::new(settings, counts.total_patients().max(1)).expect("a CRM");
        let found = crm.assess(&counts, levels);
        for (level, known) in found.levels.iter().enumerate() {
            let (lower, upper) = known.interval.expect("an interval");
            let values = [known.estimate.expect("an estimate"), lower, upper, known.exceedance.expect("a probability")];
            let columns = ["ptox_ref", "ptoxL_def", "ptoxU_def", "prob_gt_target_ref"];
            for ((value, column), worst) in values.iter().zip(columns).zip(&mut worst) {
                *worst = worst.max((value - list(golden.get(row, column))[level]).abs());
            }
        }
    }
    assert!(worst.iter().all(|&worst| worst < 1e-9), "{worst:?}");
}

#[test]
fn quantiles_of_beta_distributions() {
    let golden = Golden::read("next_beta_quantiles.csv");
    for row in &golden.rows {
        let number = |column: &str| golden.get(row, column).parse::<f64>().expect("a number");
        let (a, b) = (number("y") + 0.05, number("n") - number("y") + 0.05);
        for (probability, column) in [(0.025, "q025"), (0.975, "q975")] {
            let found = quantile(a, b, probability);
            assert!((found - number(column)).abs() < 1e-11, "{row:?}: {found}");
        }
    }
}

/// What the first cohort can bring, and the rest of the trial after each: together the trial.
#[test]
fn the_rest_of_the_trial_adds_up_to_the_trial() {
    let curve = [0.05, 0.12, 0.25, 0.42, 0.55];
    for keys in [
        "method = \"3+3\"",
        "method = \"boin\"\nfirst_cohort_size = 1\nmax_patients = 16",
        "method = \"boin\"\ntitration = true\nmax_patients = 18\nstop_at_patients = 9",
        "method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\nmax_patients = 18",
    ] {
        let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
        let (_, rule) = study.rule("design").expect("a rule");
        // Selection of none and each level, then further patients and DLTs per level, cohorts.
        let expect = |graph: &Graph, weight: f64, sums: &mut [f64]| {
            for (leaf, probability) in graph.leaves().iter().zip(Exact::new(graph).probabilities(&curve)) {
                let probability = weight * probability;
                (0..=5).for_each(|shown| sums[shown] += probability * leaf.selects(shown));
                (0..5).for_each(|level| sums[6 + level] += probability * leaf.counts.patients(level) as f64);
                (0..5).for_each(|level| sums[11 + level] += probability * leaf.counts.dlts(level) as f64);
                sums[16] += probability * f64::from(leaf.cohorts);
            }
        };
        let mut whole = [0.0; 17];
        expect(&graph_of(&study, 0), 1.0, &mut whole);
        let mut parts = [0.0; 17];
        let first = rule.first_cohort();
        let (level, patients) = (first.level as usize, first.patients);
        for dlts in 0..=patients {
            let ways = if dlts == 0 || dlts == patients { 1.0 } else { 3.0 };
            let p: f64 = curve[level];
            let weight = ways * p.powi(dlts.into()) * (1.0 - p).powi((patients - dlts).into());
            let course = follow(rule, &[Arrival::new(first, dlts)]);
            parts[6 + level] += weight * f64::from(patients);
            parts[11 + level] += weight * f64::from(dlts);
            parts[16] += weight;
            match course.answer {
                Answer::Decided(Decision::Stop(selected, _)) => parts[shown(selected.map(usize::from))] += weight,
                _ => {
                    let graph = compile_from(rule, &course, 1_000_000, &Monitor::default()).expect("a graph").expect("a rest");
                    expect(&graph, weight, &mut parts);
                }
            }
        }
        for (whole, part) in whole.iter().zip(parts) {
            assert!((whole - part).abs() < 1e-12, "{keys}: {whole} {part}");
        }
    }
}

fn answer_to(keys: &str, outcomes: &str) -> (Answer, Vec<String>) {
    let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
    let (_, rule) = study.rule("design").expect("a rule");
    let course = follow(rule, &read_outcomes(outcomes, 5).expect("outcomes"));
    (course.answer, course.deviations.iter().map(ToString::to_string).collect())
}

#[test]
fn the_3_plus_3_says_where_it_has_no_answer() {
    let objection = |keys: &str, outcomes: &str| match answer_to(keys, outcomes).0 {
        Answer::Silent(objection) => objection,
        answer => panic!("{outcomes}: {answer:?}"),
    };
    let (k, s, k1) = ("method = \"3+3\"", "method = \"3+3\"\ndeescalate = false", "method = \"3+3\"\nfirst_cohort_size = 1");
    assert_eq!(objection(k, "1NNNN"), "level 1 has 4 patients and 0 DLTs, and the rule judges a level at 3 or 6 patients");
    assert_eq!(objection(k, "1NNT 1NNNT"), "level 1 has 7 patients and 2 DLTs, and the rule judges a level at 3 or 6 patients");
    assert_eq!(objection(k, "1TT"), "level 1 has 2 patients and 2 DLTs, and the rule judges a level at 3 or 6 patients");
    assert_eq!(objection(k1, "1N 2N"), "level 2 has 1 patient and 0 DLTs, and the rule judges a level at 3 or 6 patients");
    assert_eq!(objection(s, "1NNN 3TTT"), "the rule goes down from level 3, but level 2 has 0 patients and 0 DLTs");
    assert_eq!(objection(k, "1NNN 2NNN 1NNN"), "the rule goes up from level 1, but level 2 has 3 patients and 0 DLTs");
    assert_eq!(objection(k, "1NNT 1NNT 2TTN"), "the rule goes down from level 2, but level 1 has 6 patients and 2 DLTs");
    assert_eq!(
        objection(s, "1NNN 2TTN 1NNN 2NNN 1N"),
        "level 1 has 7 patients and 0 DLTs, and the rule judges a level at 3 or 6 patients"
    );
}

#[test]
fn departures_are_allowed_and_said() {
    let enrol = |level, patients, (answer, deviations): (Answer, Vec<String>)| {
        assert_eq!(answer.next_cohort(), Some(Cohort { level, patients }), "{answer:?}");
        deviations
    };
    let k = "method = \"3+3\"";
    // A level that was skipped, a group that has two patients so far.
    assert_eq!(enrol(3, 3, answer_to(k, "1NNN 3NNN")), ["Cohort 2 was 3 patients at level 3; the rule gave level 2."]);
    assert_eq!(enrol(0, 1, answer_to(k, "1NT")), ["Cohort 1 was 2 patients at level 1; the rule gave 3 patients."]);
    assert_eq!(
        enrol(1, 3, answer_to(k, "1NNN 3TTN")),
        ["Cohort 2 was 3 patients at level 3; the rule gave level 2."],
        "down to a level without patients"
    );
    let boin = "method = \"boin\"";
    assert_eq!(
        enrol(1, 3, answer_to(boin, "1NN 2NNNNTTN")),
        [
            "Cohort 1 was 2 patients at level 1; the rule gave 3 patients.",
            "Cohort 2 was 7 patients at level 2; the rule gave 3 patients."
        ]
    );
    let (answer, deviations) = answer_to(boin, "1TTT 1NNN");
    assert_eq!(deviations, ["Cohort 2 was 3 patients at level 1, after the rule had stopped the trial (too_toxic)."]);
    assert_eq!(answer.next_cohort(), Some(Cohort { level: 0, patients: 3 }));
    let (answer, deviations) = answer_to("method = \"boin\"\nmax_patients = 6", "1NNN 2NNN 2NNN");
    assert_eq!(answer.word(), "max_patients");
    assert_eq!(deviations, ["Cohort 3 was 3 patients at level 2, after the rule had stopped the trial (max_patients)."]);
}

/// After departures a 3+3 may want more patients than a trial under it can have.
#[test]
fn a_cohort_for_which_there_are_not_enough_patients_is_not_given() {
    let study = design_study("target = 0.25\nlevels = 3\nmethod = \"3+3\"");
    let (_, rule) = study.rule("design").expect("a rule");
    let course = follow(rule, &read_outcomes("1NNN 2NNN 3NNNNNNNNN 2NTT", 3).expect("outcomes"));
    let reason = "18 patients have been treated; a trial under this rule has at most 18";
    assert_eq!(course.answer, Answer::Silent(reason.to_owned()));
    let course = follow(rule, &read_outcomes("1NNN 2NNN 3NNNNNNN 2NTT", 3).expect("outcomes"));
    let reason = "16 patients have been treated and the rule gives 3 more; a trial under this rule has at most 18";
    assert_eq!(course.answer, Answer::Silent(reason.to_owned()));
}

#[test]
fn what_would_need_an_answer_later_is_not_worked_out() {
    let study = design_study("target = 0.25\nlevels = 5\nmethod = \"3+3\"\ndeescalate = false");
    let (_, rule) = study.rule("design").expect("a rule");
    let course = follow(rule, &read_outcomes("1NNN 3NNT", 5).expect("outcomes"));
    let found = compile_from(rule, &course, 1_000_000, &Monitor::default()).map(|_| ());
    let objection = "the rule goes down from level 3, but level 2 has 0 patients and 0 DLTs".to_owned();
    assert_eq!(found, Err(RemainderError::Silent(objection)));
}

static EVERY_RULE: LazyLock<Vec<Study>> = LazyLock::new(|| {
    let conduct = "cohort_size = 3\nmax_patients = 24\nstop_at_patients = 9\n";
    [
        "method = \"3+3\"".to_owned(),
        "method = \"3+3\"\ndeescalate = false\nconfirm_top_dose = false".to_owned(),
        "method = \"3+3\"\nfirst_cohort_size = 1".to_owned(),
        "method = \"3+3\"\nfirst_cohort_size = 1\ndeescalate = false".to_owned(),
        format!("method = \"boin\"\n{conduct}"),
        "method = \"boin\"\ntitration = true\nextra_safe_offset = 0.05\nstop_at_level_patients = { \"1\" = 6 }".to_owned(),
        format!("method = \"boin\"\n{conduct}stop_at_patients_when = \"reached\"\nstay_at_1_of_3 = true"),
        format!(
            "method = \"crm\"\nskeleton = [0.05, 0.12, 0.25, 0.4, 0.55]\nprior_sd = 1.16\ntoo_toxic_cutoff = 0.9\n{conduct}\
             stop_at_patients_when = \"any\"\nno_skipping_down = \"current\""
        ),
        "method = \"crm\"\nskeleton = [0.05, 0.12, 0.25, 0.4, 0.55]\nprior_sd = 1.16\nestimate = \"posterior-mean\"\nselection = \"next\""
            .to_owned(),
    ]
    .iter()
    .map(|keys| design_study(&format!("target = 0.25\nlevels = 5\n{keys}")))
    .collect()
});

fn any_outcomes() -> impl Strategy<Value = Vec<Arrival>> {
    let cohort = (0..5_u8, 1..=7_u8, 0..=7_u8)
        .prop_map(|(level, patients, dlts)| Arrival::new(Cohort { level, patients }, dlts.min(patients)));
    // Mostly cohorts of three, where rules have answers; up to 35 cohorts, more than any rule plans for.
    let three = (0..5_u8, 0..=3_u8).prop_map(|(level, dlts)| Arrival::new(Cohort { level, patients: 3 }, dlts));
    prop::collection::vec(prop_oneof![3 => three, 1 => cohort], 0..=35)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_outcomes_break_it(outcomes in any_outcomes(), design in 0..9_usize) {
        let study = &EVERY_RULE[design];
        let (design, rule) = study.rule("design").expect("a rule");
        let course = follow(rule, &outcomes);
        prop_assert_eq!(course.cohorts.len(), outcomes.len());
        let trial = RunningTrial::new(study, rule, course.clone());
        let position = Position { study, design: &design.name, trial: &trial, not_evaluable: &[] };
        prop_assert!(position.page().text().lines().count() > 8);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&position.json()).is_ok());
        if let Some(next) = course.answer.next_cohort() {
            prop_assert!(course.counts.total_patients() + usize::from(next.patients) <= rule.max_patients().max(30));
            // Whatever the departures, the rest of the trial has an answer or says that it has none.
            let rest = compile_from(rule, &course, 1_000_000, &Monitor::default());
            prop_assert!(!matches!(rest, Err(RemainderError::Compile(_))));
        }
    }
}

#[test]
fn patients_are_put_into_the_cohorts_that_the_rule_planned() {
    let study = design_study("target = 0.25\nlevels = 5\nmethod = \"boin\"\nfirst_cohort_size = 1");
    let (_, rule) = study.rule("design").expect("a rule");
    let text = "\u{feff}patient, level,dlt,evaluable\nA,1,0,1\nB,2,no,yes\nC,2,,0\nD,2,FALSE,true\nE,2,1,1\nF,1,0,1\nG,1,0,1\n";
    let patients = patients_from_text("patients.csv", text, 5).expect("patients");
    assert_eq!(patients[2].dlt, None, "C is not evaluable, and nothing is known of a DLT");
    let course = follow_patients(rule, &evaluable(&patients));
    assert_eq!(words(&course.cohorts), "1N 2TNN 1NN");
    assert_eq!(
        course.deviations.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["Cohort 3 was 2 patients at level 1; the rule gave 3 patients."]
    );
}

/// A DLT is no moderate toxicity as well, and without the column nothing is moderate.
#[test]
fn moderate_toxicities_of_patients_are_read() {
    let patients = |text: &str| -> Vec<(u8, u8)> {
        let patients = patients_from_text("p.csv", text, 5).expect("patients");
        evaluable(&patients).iter().map(|patient| (patient.dlts, patient.moderate)).collect()
    };
    assert_eq!(patients("patient,level,dlt,moderate\n1,1,0,1\n2,1,1,yes\n3,2,0,0\n"), [(0, 1), (1, 0), (0, 0)]);
    assert_eq!(patients("patient,level,dlt\n1,1,0\n"), [(0, 0)]);
}

#[test]
fn faults_of_a_file_of_patients_are_told_together() {
    let message = |text: &str| patients_from_text("p.csv", text, 5).map(|_| ()).expect_err("faults").to_string();
    expect![[r#"
        p.csv:2:level: found "6"; allowed: a level from 1 to 5
        p.csv:3:patient: "A" is there twice
        p.csv:3:dlt: found "maybe"; allowed: 0, 1, yes, no, true, false
        p.csv:4:dlt: found nothing; allowed: 0, 1, yes, no, true, false; leave out patients whose outcome is not known yet
        p.csv:5:evaluable: found "x"; allowed: 0, 1, yes, no, true, false
        p.csv:6:patient: found 3 columns; the first line has 4"#]]
    .assert_eq(&message("patient,level,dlt,evaluable\nA,6,0,1\nA,1,maybe,1\nB,1,,1\nC,1,0,x\nD,1,0\n"));
    expect![[r#"
        p.csv:1: unknown column "evaluabel"; the columns are patient, level, dlt, evaluable, moderate; did you mean evaluable?
        p.csv:1: there is no column dlt; the first line is patient,level,dlt,evaluable"#]]
    .assert_eq(&message("patient,level,evaluabel\nA,1,0\n"));
    assert!(message("").contains("there is no column patient"));
}

const STUDY: &str = "name = \"Small\"\ntarget = 0.25\n[doses]\nlevels = [10, 20, 40]\nunit = \"mg\"\n[[scenario]]\nname = \"MTD 2\"\n\
    toxicity = [0.1, 0.25, 0.5]\n[[design]]\nname = \"BOIN\"\nmethod = \"boin\"\nmax_patients = 12\n[[design]]\nname = \"3+3\"\n\
    method = \"3+3\"\n[[design]]\nname = \"Bench\"\nmethod = \"benchmark\"\n";

#[test]
fn what_is_printed() {
    let study = study(STUDY);
    let (design, rule) = study.rule("BOIN").expect("a rule");
    let course = follow(rule, &read_outcomes("1NNN 2NTT 1NN", 3).expect("outcomes"));
    let lost = ["007".to_owned()];
    let trial = RunningTrial::new(&study, rule, course);
    let position = Position { study: &study, design: &design.name, trial: &trial, not_evaluable: &lost };
    expect![[r#"
        BOIN: 3 cohorts, 8 patients, 2 DLTs so far.
        Escalate to level 2, 3 patients: 0 of 5 patients at level 1 had a DLT, at most 19.7 %.
        At most 4 of 12 patients may still be enrolled.
        Not evaluable and not counted: 007.

        Departures from the rule
        ------------------------
        - Cohort 3 was 2 patients at level 1; the rule gave 3 patients.

                                          90 % interval
        Level   Patients  DLTs  Estimate  from    to  Pr(> target)
        (mg)                           %     %     %             %
        ──────────────────────────────────────────────────────────
        1 (10)         5     0       1.0   0.0   5.6          17.8
        2 (20)         3     2      66.1  22.5  97.1          94.9
        3 (40)         0     0       –     –     –             –

        Isotonic estimate; 90 % interval from Beta(y + 0.05, n - y + 0.05), a level on its own; Pr(toxicity
        > target) under a uniform prior.

        The rest of the trial given these data, exact:
                  Selected level          To come
        Scenario  none     1      2    3  patients  DLTs
                     %     %      %    %
        ────────────────────────────────────────────────
        MTD 2      0.0  62.0  38.0*  0.0       4.0  0.85

        * the selection that is correct under the scenario.
    "#]]
    .assert_eq(&position.page().text());
}

/// Run the program on a small study and return its exit status, what it printed and what it complained about.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("study.toml"), STUDY).expect("a study");
    std::fs::write(folder.path().join("patients.csv"), "patient,level,dlt\n1,1,no\n2,1,no\n3,1,perhaps\n").expect("patients");
    let output = Command::new(env!("CARGO_BIN_EXE_dosebench"))
        .current_dir(folder.path())
        .args(arguments)
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn exit_status_and_messages() {
    let (status, out, _) = run(&["next", "study.toml", "--design", "BOIN", "--outcomes", "1NNN 2NNN", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(status, Some(0));
    let keys = ["design", "decision", "dose_level", "patients", "selected_level", "reason"].map(|key| object[key].clone());
    assert_eq!(serde_json::json!(keys), serde_json::json!(["BOIN", "enrol", 3, 3, null, "escalate"]));

    let (status, out, _) = run(&["next", "study.toml", "--design", "3+3", "--outcomes", "1NNNN", "--format", "json"]);
    let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((status, &object["decision"], object["reason"].as_str()), (Some(1), &serde_json::Value::Null, Some("no_answer")));

    for (arguments, message) in [
        (&["next", "study.toml", "--design", "BION", "--outcomes", ""][..], "no design named \"BION\" (did you mean \"BOIN\"?)"),
        (&["next", "study.toml", "--design", "Bench", "--outcomes", ""], "is the benchmark"),
        (&["next", "study.toml", "--design", "BOIN", "--outcomes", "1NXN"], "\n  1NXN\n    ^"),
        (&["next", "study.toml", "--design", "BOIN", "--outcomes", "1NP0.5"], "this one waits"),
        (&["next", "study.toml", "--design", "BOIN", "--patients", "patients.csv"], "patients.csv:4:dlt: found \"perhaps\""),
        (&["next", "study.toml", "--design", "BOIN", "--patients", "none.csv"], "cannot read none.csv"),
        (&["next", "study.toml", "--design", "BOIN"], "--outcomes"),
        (&["next", "study.toml", "--design", "BOIN", "--outcomes", "1N", "--patients", "patients.csv"], "cannot be used with"),
        (&["paths", "study.toml", "--design", "BOIN", "--cohorts", "2", "--scenario", "MTD2"], "did you mean \"MTD 2\"?"),
        (&["paths", "study.toml", "--design", "BOIN", "--cohorts", "0"], "--cohorts"),
    ] {
        let (status, out, error) = run(arguments);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
    for (arguments, message) in [
        (
            &["paths", "study.toml", "--design", "3+3", "--cohorts", "2", "--outcomes", "1NNNN"][..],
            "has no answer to these outcomes",
        ),
        (
            &["paths", "study.toml", "--design", "BOIN", "--cohorts", "2", "--outcomes", "1TTT"],
            "no pathways after these outcomes",
        ),
        (
            &["paths", "study.toml", "--design", "BOIN", "--cohorts", "2", "--out", "none/paths.txt"],
            "cannot write none/paths.txt",
        ),
    ] {
        let (status, out, error) = run(arguments);
        assert_eq!((status, out.as_str()), (Some(1), ""), "{arguments:?}: {error}");
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
}

/// Designs that look at pending patients are asked with their follow-up; by hand for the rolling six, and at a cut-off of the published
/// table for TITE-BOIN: of 6 patients at a target of 0.2 with 1 DLT and 2 pending.
#[test]
fn pending_patients_have_a_next_dose() {
    let study = "name = \"test\"\ntarget = 0.2\n[doses]\nlevels = [1, 2, 3]\n[timing]\ndlt_window_weeks = 3\naccrual_per_week = 1\n\
                 [[design]]\nname = \"R6\"\nmethod = \"rolling-six\"\n[[design]]\nname = \"TITE-BOIN\"\nmethod = \"tite-boin\"\n\
                 max_patients = 9\n[[design]]\nname = \"TITE-CRM\"\nmethod = \"tite-crm\"\nskeleton = [0.1, 0.2, 0.3]\nprior_sd = 1\n\
                 weights = \"adaptive\"\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("study.toml"), study).expect("a study");
    let run = |design: &str, outcomes: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_dosebench"))
            .current_dir(folder.path())
            .args(["next", "study.toml", "--design", design, "--outcomes", outcomes, "--format", "json"])
            .output()
            .expect("the program runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let null = serde_json::Value::Null;
    for (design, outcomes, expected) in [
        ("R6", "", serde_json::json!(["enrol", 1, 1, null, "start"])),
        ("R6", "1N 1N 1P0.5", serde_json::json!(["enrol", 1, 1, null, "stay"])),
        ("R6", "1N 1N 1N", serde_json::json!(["enrol", 2, 1, null, "escalate"])),
        ("R6", "1N 1N 1N 1T 1N 1P0.9", serde_json::json!(["suspend", null, null, null, "six_enrolled"])),
        ("R6", "1T 1T", serde_json::json!(["stop", null, null, 0, "too_toxic"])),
        ("TITE-BOIN", "1NNN 2NP0.4P0.2", serde_json::json!(["suspend", null, null, null, "most_pending"])),
        ("TITE-BOIN", "1NNN 2NNT 2NP0.9P0.95", serde_json::json!(["stop", null, null, null, "max_patients"])),
        ("TITE-BOIN", "1NNN 2NNT 2NNN", serde_json::json!(["stop", null, null, 2, "max_patients"])),
        ("TITE-CRM", "1P0.1P0.2P0.3", serde_json::json!(["enrol", 2, 3, null, "escalate"])),
    ] {
        let (status, out, error) = run(design, outcomes);
        assert_eq!(status, Some(0), "{design} {outcomes}: {error}");
        let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        let keys = ["decision", "dose_level", "patients", "selected_level", "reason"].map(|key| object[key].clone());
        assert_eq!(serde_json::json!(keys), expected, "{design} {outcomes}: {out}");
        assert_ne!(object["explanation"], null);
    }
    for (design, outcomes, message) in [
        ("R6", "1NP", "a pending patient is P and the share of the window followed"),
        ("TITE-BOIN", "1NNN 1NNN 1NNN 1N", "has at most 9 patients"),
        ("TITE-CRM", "1NNT", "as in T0.5"),
    ] {
        let (status, out, error) = run(design, outcomes);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{design} {outcomes}");
        assert!(error.contains(message), "{error}");
    }
}
