//! Dose-transition pathways: published and computed ones, probabilities, the formats of `paths`.

use crate::support::{Golden, design_study, graph_of, study};
use dosebench::comparison::pathway_grounds;
use dosebench::design::{Answer, Course, follow};
use dosebench::engine::{Exact, Flow, Junction, Pathways, TooManyPathways};
use dosebench::report::{figure, pathways};
use dosebench::study::{Study, read_outcomes};
use dosebench::trial::{Counts, Decision, Outcome};
use expect_test::expect;
use std::collections::{BTreeMap, BTreeSet};

fn of(study: &Study, outcomes: &str, cohorts: usize) -> Pathways {
    let (_, rule) = study.rule("design").expect("a rule");
    let course = follow(rule, &read_outcomes(outcomes, rule.levels()).expect("outcomes"));
    assert!(course.deviations.is_empty());
    Pathways::new(rule, &course, cohorts, 100_000).expect("few pathways").expect("a next cohort")
}

/// A pathway as it is written: the levels, the DLTs, and the next level after the last cohort.
type Written = (Vec<String>, Vec<String>, String);

/// The pathways as `paths --format csv` writes them.
fn written(study: &Study, found: &Pathways) -> Vec<Written> {
    let (_, rule) = study.rule("design").expect("a rule");
    let text = pathways::csv(found, &pathway_grounds(rule, found), None);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    assert_eq!(header[..7], ["path", "cohort", "dose_level", "patients", "dlts", "next_level", "selected_level"]);
    let mut found: BTreeMap<usize, Written> = BTreeMap::new();
    for row in reader.records().map(|row| row.expect("a row")) {
        let path = found.entry(row[0].parse().expect("a number")).or_default();
        path.0.push(row[2].to_owned());
        path.1.push(row[4].to_owned());
        assert_eq!(row[1], path.0.len().to_string());
        row[5].clone_into(&mut path.2);
    }
    found.into_values().collect()
}

const VIOLA: &str = "target = 0.2\nlevels = 7\nmethod = \"crm\"\nskeleton = [0.03, 0.07, 0.12, 0.20, 0.30, 0.40, 0.52]\n\
    prior_sd = 0.8660254037844386\nstart_level = 3\nmax_patients = 21\nno_skipping = \"highest-tried\"\ncoherent = \"level\"\n\
    stop_at_patients = 12\nstop_at_patients_when = \"recommended\"\ntoo_toxic_cutoff = 0.72\ntoo_toxic_rate = 0.30";

#[test]
fn the_128_published_pathways_of_viola() {
    let study = design_study(VIOLA);
    let golden = Golden::read("crm_viola_pathways.csv");
    assert_eq!(golden.rows.len(), 128);
    // The trial calls its levels -2 to 4.
    let level = |label: &str| label.parse::<i32>().map_or_else(|_| "0".to_owned(), |level| (level + 3).to_string());
    let mut checked = 0;
    for (table, outcomes) in [("cohorts1-4", ""), ("", "3NNN 4NNN")] {
        let found = written(&study, &of(&study, outcomes, 3));
        let mut seen = BTreeSet::new();
        for row in golden.rows.iter().filter(|row| (golden.get(row, "table") == "cohorts1-4") == (table == "cohorts1-4")) {
            let mut expected = (Vec::new(), Vec::new(), String::new());
            for (now, dlts, next) in [("dose_1", "dlt_1", "dose_2"), ("dose_2", "dlt_2", "dose_3"), ("dose_3", "dlt_3", "dose_4")]
            {
                expected.0.push(level(golden.get(row, now)));
                expected.1.push(golden.get(row, dlts).to_owned());
                expected.2 = level(golden.get(row, next));
                if golden.get(row, next) == "STOP" {
                    break;
                }
            }
            assert!(found.contains(&expected), "{expected:?}");
            seen.insert(expected);
            checked += 1;
        }
        assert_eq!(seen.len(), found.len(), "no pathway that was not published");
    }
    assert_eq!(checked, 128);
}

#[test]
fn pathways_of_dfcrm_and_dtpcrm() {
    let golden = Golden::read("crm_pathways.csv");
    let mut known: BTreeMap<(String, String), BTreeSet<Written>> = BTreeMap::new();
    for row in &golden.rows {
        let get = |column: &str| golden.get(row, column).to_owned();
        let path = (vec![get("D1"), get("D2"), get("D3")], vec![get("T1"), get("T2"), get("T3")], get("D4"));
        known.entry((get("setup"), get("rule"))).or_default().insert(path);
    }
    assert_eq!(known.len(), 6);
    for ((setup, rule), expected) in known {
        let (levels, keys) = match setup.as_str() {
            "S1" => ("target = 0.25\nlevels = 5", "skeleton = { prior_mtd = 3, halfwidth = 0.05 }"),
            _ => {
                ("target = 0.2\nlevels = 6", "model = \"logistic\"\nskeleton = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7]\nstart_level = 2")
            }
        };
        let conduct = match rule.as_str() {
            "crmsim" => "",
            "dtpcrm" => "no_skipping = \"highest-tried\"\nno_skipping_down = \"lowest-tried\"\ncoherent = \"level\"",
            _ => "no_skipping = \"off\"\ncoherent = \"off\"",
        };
        let study = design_study(&format!("{levels}\nmethod = \"crm\"\n{keys}\nprior_sd = 1.1575836902790226\n{conduct}"));
        let found: BTreeSet<_> = written(&study, &of(&study, "", 3)).into_iter().collect();
        assert_eq!(found, expected, "{setup} {rule}");
    }
}

#[test]
fn pathways_to_the_end_are_the_decision_graph() {
    for keys in [
        "method = \"3+3\"",
        "method = \"3+3\"\nfirst_cohort_size = 1\ndeescalate = false",
        "method = \"boin\"\nmax_patients = 15",
        "method = \"boin\"\ntitration = true\nmax_patients = 11",
    ] {
        let study = design_study(&format!("target = 0.25\nlevels = 3\n{keys}"));
        let curve = [0.1, 0.25, 0.45];
        let found = of(&study, "", 20);
        let probabilities = found.probabilities(&curve);
        let mut outcomes: BTreeMap<(Counts, u16), f64> = BTreeMap::new();
        for (layer, probabilities) in found.layers.iter().zip(&probabilities) {
            for (branch, probability) in layer.iter().zip(probabilities) {
                if let Answer::Decided(Decision::Stop(selected, _)) = branch.answer {
                    *outcomes.entry((branch.counts, Outcome::selection(selected.map(usize::from)))).or_default() += probability;
                }
            }
        }
        let graph = graph_of(&study, 0);
        let exact = Exact::new(&graph).probabilities(&curve);
        let mut expected: BTreeMap<(Counts, u16), f64> = BTreeMap::new();
        for (leaf, probability) in graph.leaves().iter().zip(exact) {
            *expected.entry((leaf.counts, leaf.selected)).or_default() += probability;
        }
        assert!(outcomes.keys().eq(expected.keys()), "{keys}");
        assert!(outcomes.values().zip(expected.values()).all(|(a, b)| (a - b).abs() < 1e-14), "{keys}");
    }
}

#[test]
fn the_flow_keeps_every_pathway() {
    let study = design_study("target = 0.25\nlevels = 5\nmethod = \"boin\"\nfirst_cohort_size = 1");
    let curve = [0.05, 0.12, 0.25, 0.42, 0.55];
    let found = of(&study, "", 4);
    let flow = Flow::new(&found, Some((&curve).into()));
    for (stage, junctions) in flow.stages.iter().enumerate().skip(1) {
        let ended: f64 = flow.stages[1..stage]
            .iter()
            .flatten()
            .filter(|(junction, _)| matches!(junction, Junction::Stop(..)))
            .map(|(_, probability)| probability.expect("a curve"))
            .sum();
        let here: f64 = junctions.iter().map(|(_, probability)| probability.expect("a curve")).sum();
        assert!((here + ended - 1.0).abs() < 1e-14, "stage {stage}");
    }
    // Walking the flow gives the same sequence of levels as each pathway.
    for path in found.paths() {
        let mut junction = 0;
        for (stage, &index) in path.iter().enumerate() {
            let branch = &found.layers[stage][index];
            assert_eq!(flow.stages[stage][junction].0, Junction::Enrol(branch.arrival.cohort));
            let stream = flow.streams[stage]
                .iter()
                .find(|stream| stream.from == junction && stream.dlts.contains(&branch.arrival.dlts))
                .expect("a stream");
            junction = stream.to;
        }
    }
    assert!(flow.stages[3].len() < found.layers[2].len() / 2, "situations are merged");
}

#[test]
fn too_many_pathways_are_refused() {
    let study = design_study("target = 0.25\nlevels = 5\nmethod = \"boin\"\nmax_patients = 60");
    let (_, rule) = study.rule("design").expect("a rule");
    let error = Pathways::new(rule, &Course::new(rule), 20, 100_000).map(|_| ());
    assert!(matches!(error, Err(TooManyPathways { limit: 100_000, found, .. }) if found > 100_000), "{error:?}");
}

const STUDY: &str = "name = \"Small\"\ntarget = 0.25\n[doses]\nlevels = [10, 20]\nunit = \"mg\"\n[[scenario]]\nname = \"S\"\n\
    toxicity = [0.1, 0.5]\n[[design]]\nname = \"design\"\nmethod = \"3+3\"\nfirst_cohort_size = 1\n";

#[test]
fn the_tree() {
    let study = study(STUDY);
    let (_, rule) = study.rule("design").expect("a rule");
    let found = of(&study, "", 2);
    let scenario = study.scenario("S").expect("a scenario");
    expect![[r#"
        A title

        Level 1, 1 patient
        ├─ 90.0 %  0 DLTs: escalate to level 2, 3 patients (0 of 1 patient at level 1 had a DLT)
        │  ├─ 11.2 %  0 DLTs: expand at level 2, 3 patients (0 of 3 patients at level 2 had a DLT)
        │  ├─ 33.8 %  1 DLT: expand at level 2, 3 patients (1 of 3 patients at level 2 had a DLT)
        │  ├─ 33.8 %  2 DLTs: de-escalate to level 1, 2 patients (2 of 3 patients at level 2 had a DLT)
        │  └─ 11.2 %  3 DLTs: de-escalate to level 1, 2 patients (3 of 3 patients at level 2 had a DLT)
        └─ 10.0 %  1 DLT: expand at level 1, 2 patients (1 of 1 patient at level 1 had a DLT)
           ├─ 8.1 %  0 DLTs: expand at level 1, 3 patients (1 of 3 patients at level 1 had a DLT)
           ├─ 1.8 %  1 DLT: stop, no dose selected; too toxic (2 of 3 patients at level 1 had a DLT)
           └─ 0.1 %  2 DLTs: stop, no dose selected; too toxic (3 of 3 patients at level 1 had a DLT)
    "#]]
    .assert_eq(&pathways::tree("A title".to_owned(), &found, &pathway_grounds(rule, &found), Some(scenario)).text());
}

#[test]
fn the_csv() {
    let study = study(STUDY);
    let (_, rule) = study.rule("design").expect("a rule");
    let found = of(&study, "1T", 1);
    let scenario = study.scenario("S").expect("a scenario");
    expect![[r#"
        path,cohort,dose_level,patients,dlts,next_level,selected_level,reason,grounds,probability,moderate,coin
        1,1,1,2,0,1,,expand,1 of 3 patients at level 1 had a DLT,0.81,,
        2,1,1,2,1,0,0,too_toxic,2 of 3 patients at level 1 had a DLT,0.18000000000000002,,
        3,1,1,2,2,0,0,too_toxic,3 of 3 patients at level 1 had a DLT,0.010000000000000002,,
    "#]]
    .assert_eq(&pathways::csv(&found, &pathway_grounds(rule, &found), Some(scenario)));
}

#[test]
fn the_graph_for_graphviz() {
    let study = study(STUDY);
    let flow = Flow::new(&of(&study, "1T", 1), None);
    expect![[r#"
        digraph pathways {
          label="A \"title\"";
          rankdir=LR;
          node [fontname="Helvetica", shape=box, style=rounded];
          edge [fontname="Helvetica"];
          s0_0 [label="level 1, 2 patients"];
          s1_0 [label="next: level 1"];
          s1_1 [label="stop: no dose selected", peripheries=2];
          s0_0 -> s1_0 [label="0 DLTs"];
          s0_0 -> s1_1 [label="1–2 DLTs"];
        }
    "#]]
    .assert_eq(&pathways::dot("A \"title\"", &flow));
}

#[test]
fn the_flow_diagram_shows_every_junction_inside_the_picture() {
    let boin = design_study("target = 0.25\nlevels = 5\nmethod = \"boin\"\nfirst_cohort_size = 1");
    let coin = design_study("target = 0.25\nlevels = 5\nmethod = \"biased-coin\"\nstart_level = 2");
    let doses: Vec<String> = (1..=5).map(|dose| dose.to_string()).collect();
    let curve = Some([0.05, 0.12, 0.25, 0.42, 0.55]);
    let cases = [(&boin, 1, None), (&boin, 3, curve), (&boin, 6, None), (&coin, 3, curve), (&coin, 2, None)];
    for (study, cohorts, curve) in cases {
        let flow = Flow::new(&of(study, "", cohorts), curve.as_ref().map(Into::into));
        let labels = figure::PathwayLabels {
            design: "BOIN <30>",
            outcomes: "",
            treated: 0,
            scenario: curve.map(|_| "S"),
            doses: &doses,
            unit: "mg",
        };
        let picture = figure::pathways(&labels, &flow);
        let svg = picture.svg();
        let document = roxmltree::Document::parse(&svg).expect("an SVG document");
        let size =
            |name: &str| document.root_element().attribute(name).and_then(|text| text.parse::<f64>().ok()).expect("a size");
        let (width, height) = (size("width"), size("height"));
        for text in document.descendants().filter(|node| node.has_tag_name("text")) {
            let place = |name: &str| text.attribute(name).and_then(|text| text.parse::<f64>().ok()).expect("a place");
            assert!((0.0..width).contains(&place("x")) && (0.0..height).contains(&place("y")), "{text:?}");
        }
        let words: Vec<&str> = document.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect();
        let patients = words.iter().filter(|words| words.starts_with("n = ")).count();
        let enrolled = flow.stages[..cohorts].iter().flatten().filter(|(junction, _)| matches!(junction, Junction::Enrol(_)));
        assert_eq!(patients, enrolled.count());
        assert_eq!(svg, figure::pathways(&labels, &flow).svg());
    }
}
