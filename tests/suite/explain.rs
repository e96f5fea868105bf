//! A rule in words: what the words claim is what the rule decides, in every situation that a design can reach; and how they read.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

use crate::engine::DESIGNS;
use crate::laws::subject::Subject;
use crate::laws::words::{words, words_while_pending};
use crate::support::{design_study, edges, graph_of, study};
use dosebench::design::wording::{Claim, Seen, Words};
use dosebench::design::{Plan, Printable, Protocol};
use dosebench::lint::lint;
use dosebench::report::decisions::counts_csv;
use dosebench::report::explain::{explain, level_names};
use dosebench::study::Study;
use dosebench::trial::{Arrival, Counts};
use expect_test::expect_file;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The words of a rule claim what it decides, in every situation; the pieces that decide anywhere.
pub(crate) fn pieces_at_work(name: &str, rule: &dyn Protocol) -> BTreeSet<usize> {
    words(&Subject::new(name, rule)).unwrap_or_else(|violation| panic!("{violation:?}"))
}

fn shipped() -> Vec<(String, Study)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let name = |file: &Path| file.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(file), Study::from_path(file).unwrap_or_else(|error| panic!("{error}")).0)).collect()
}

#[test]
fn the_words_of_every_shipped_design_are_its_rule() {
    for (file, study) in shipped() {
        for design in &study.designs {
            let Plan::Rule(rule) = &design.plan else { continue };
            pieces_at_work(&format!("{file}, {}", design.name), rule.as_ref());
        }
    }
}

/// Rules that the list of designs lacks.
const FURTHER: [&str; 31] = [
    "method = \"boin\"\nstay_at_1_of_3 = true\nbound_mtd = true\nmax_patients = 18",
    "method = \"boin\"\ntitration = true\nmax_patients = 6",
    "method = \"boin\"\ncohort_size = 2\nextra_safe_offset = 0.3\nmin_patients_selected = 4\nmax_patients = 17",
    "method = \"boin\"\nno_skipping_down = \"lowest-tried\"\nstart_level = 3\ncoherent = \"last-cohort\"\nmax_patients = 15",
    "method = \"boin\"\nfirst_cohort_size = 30\nmax_patients = 10",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nselection = \"next\"\nmin_patients_selected = 6\nmax_patients = 18\nstop_at_patients = 9",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 3\nstart_level = 5\nno_skipping_down = \"lowest-tried\"\ncoherent = \"level\"\nmax_patients = 15",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nstop_at_patients = 6\nstop_at_patients_when = \"reached\"\ntoo_toxic_cutoff = 0.8\ntoo_toxic_rate = 0.3\nmin_patients_selected = 3",
    "method = \"boin\"\ntitration = { step = 3 }\ncohort_size = 2\ncoherent = \"last-cohort\"\nno_skipping = \"current\"",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ntitration = true\nmax_patients = 15",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ntitration = { step = 2 }\nstop_at_patients = 4\nstop_at_patients_when = \"reached\"\nmax_patients = 15",
    "method = \"crm-two-parameter\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_mean = [0, 0]\nprior_sd = [2, 1]\nmax_patients = 15\nestimate = \"plug-in\"\nselection = \"next\"",
    "method = \"crm-two-parameter\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_mean = [-1, 0.2]\nprior_sd = [1.5, 0.7]\nprior_correlation = -0.3\nmax_patients = 15\ntoo_toxic_cutoff = 0.8\ntoo_toxic_rate = 0.3\nmin_patients_selected = 3",
    "method = \"blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 15\ndeclare_min_patients = 6\ndeclare_total_patients = 12\nmin_patients_selected = 7",
    "method = \"blrm\"\nprior_mean = [-1.5, 0]\nprior_sd = [1, 0.7]\nreference_dose = 2\nmax_patients = 15\nchoice = \"highest\"\nselection = \"next\"\nno_skipping = \"off\"\ncoherent = \"off\"\nescalation_factor = 3\ndeclare_min_patients = 6",
    "method = \"ewoc\"\nrounding = \"nearest\"\nmax_patients = 12\ngamma_prior = [1, 2]",
    "method = \"3+3\"\nfirst_cohort_size = 1\ndeescalate = false",
    "method = \"3+3\"\nfirst_cohort_size = 1\nconfirm_top_dose = false",
    "method = \"3+3\"\ntitration = true",
    "method = \"3+3\"\ntitration = true\ndeescalate = false\nconfirm_top_dose = false",
    "method = \"3+3\"\ntitration = { step = 2 }\nconfirm_top_dose = false",
    "method = \"3+3\"\ntitration = { moderate = 2 }",
    "method = \"boin\"\ntitration = { moderate = 2 }\nmax_patients = 15",
    "method = \"boin\"\ntitration = { moderate = 1 }\nmax_patients = 5\ncohort_size = 2",
    "method = \"crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ntitration = { step = 2, moderate = 2 }\nmax_patients = 15",
    "method = \"a+b\"\na = 2\nb = 4\nc = 1\nd = 1\ne = 1",
    "method = \"a+b\"\na = 3\nb = 2\nc = 1\nd = 2\ne = 2\nconfirm_top_dose = false",
    "method = \"a+b\"\na = 4\nb = 4\nc = 2\nd = 2\ne = 3\ndeescalate = false",
    "method = \"a+b\"\na = 1\nb = 1\nc = 1\nd = 1\ne = 1",
    "method = \"a+b\"\na = 2\nb = 1\nc = 2\nd = 2\ne = 2\ndeescalate = false\nconfirm_top_dose = false",
    "method = \"a+b\"\na = 3\nb = 5\nc = 1\nd = 1\ne = 2\ntitration = true",
];

/// Every conduct rule and every variant, with one level, two and five. With five levels no piece of the 3+3 is idle.
#[test]
fn the_words_of_every_kind_of_design_are_its_rule() {
    for levels in [1, 2, 5] {
        for keys in DESIGNS.iter().map(|(_, keys)| *keys).chain(FURTHER) {
            let text = format!("target = 0.25\nlevels = {levels}\n{keys}");
            // What is written for five levels is cut to fewer where it names them.
            let text = match levels {
                5 => text,
                1 => text.replace("[0.05, 0.1, 0.2, 0.3, 0.4]", "[0.2]").replace("prior_mtd = 3", "prior_mtd = 1"),
                _ => text.replace("[0.05, 0.1, 0.2, 0.3, 0.4]", "[0.1, 0.25]").replace("prior_mtd = 3", "prior_mtd = 2"),
            };
            let text = if levels == 5 {
                text
            } else {
                text.replace("start_level = 3", "start_level = 1")
                    .replace("start_level = 5", "start_level = 1")
                    .replace("initial_scheme = [1, 1, 2, 2, 2, 2, 3]", "initial_scheme = [1, 1]")
                    .replace("initial_scheme = [1, 2, 3, 4, 5]", "initial_scheme = [1, 1]")
            };
            let study = design_study(&text);
            let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
            let at_work = pieces_at_work(&text, rule.as_ref());
            let names = level_names(&study);
            for (place, piece) in rule.wording(&names).pieces().enumerate() {
                let is_idle = matches!(piece.claim, Claim::Decides(_)) && !at_work.contains(&place);
                assert!(!is_idle || levels < 5, "{text}: never at work: {:?}", piece.words);
            }
        }
    }
}

/// Designs that look at pending patients.
const PENDING: [&str; 16] = [
    "method = \"boin\"\nbackfill = { max_per_level = 9 }",
    "method = \"keyboard\"\ncohort_size = 2\nmax_patients = 16\nstop_at_patients = 9\nbackfill = { max_per_level = 6 }",
    "method = \"rolling-six\"",
    "method = \"tite-boin\"",
    "method = \"tite-boin\"\ncohort_size = 1\nextra_safe_offset = 0.2\nstart_level = 3\nstop_at_patients = 9",
    "method = \"tite-boin\"\nvariant = \"ess\"\ncohort_size = 2\ncoherent = \"level\"\nstop_at_patients = 6\nstop_at_patients_when = \"reached\"",
    "method = \"tite-keyboard\"",
    "method = \"tite-keyboard\"\ncohort_size = 1\nmargin_below = 0.1\nselection = \"next\"\nstop_at_level_patients = { \"3\" = 9 }",
    "method = \"pod-tpi\"",
    "method = \"pod-tpi\"\nrule = \"i3+3\"\ncohort_size = 1\nmin_escalation_probability = 0.6\nmax_deescalation_probability = 0.3\nstart_level = 3",
    "method = \"tite-crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ncohort_size = 1\ntoo_toxic_cutoff = 0.8",
    "method = \"tite-crm\"\nweights = \"adaptive\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\nselection = \"next\"\n\
     stop_when_precise = { lower = 0.1, upper = 0.45, credibility = 0.7 }",
    "method = \"tite-blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 15",
    "method = \"tite-blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 18\ndeclare_min_patients = 6\n\
     min_patients_selected = 3\nchoice = \"highest\"",
    "method = \"tite-crm\"\nskeleton = [0.05, 0.1, 0.2, 0.3, 0.4]\nprior_sd = 1.16\ncohort_size = 1\ninitial_scheme = [1, 1, 2, 3, 3, 3, 4]",
    "method = \"tite-blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3\nmax_patients = 12\ninitial_scheme = [1, 2, 2, 2, 2, 3]",
];

/// What the words claim is what the rule says, in every situation of some hundred trials at a fast and at a slow accrual; and each way to
/// suspend accrual is met.
#[test]
fn the_words_about_pending_patients_are_the_rule() {
    for keys in PENDING {
        let text = format!(
            "name = \"test\"\ntarget = 0.25\n[doses]\nlevels = [1, 2, 3, 4, 5]\n[timing]\ndlt_window_weeks = 3\n[[design]]\nname = \"a\"\n{keys}\n"
        );
        let study = study(&text.replace("dlt_window_weeks = 3", "dlt_window_weeks = 3\naccrual_per_week = 1"));
        let Plan::LateOnset(rule) = &study.designs[0].plan else { panic!("{keys}: does not look at pending patients") };
        let wording = rule.wording(&level_names(&study));
        let met = words_while_pending(keys, rule.as_ref(), &level_names(&study), 100);
        let met = met.unwrap_or_else(|violation| panic!("{violation:?}"));
        assert!(met.pending > 300, "{keys}: {}", met.pending);
        assert_eq!(met.suspensions, rule.suspensions().iter().copied().collect(), "{keys}");
        for piece in wording.pieces() {
            if let Words::Sentences(words) = &piece.words {
                assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
            }
        }
    }
}

/// Tables in the form of a file: BOIN's, that one with two rows out of order, one that eliminates nothing, one that only stays.
fn tables() -> [(&'static str, String); 4] {
    let boin = design_study("target = 0.25\nlevels = 5\nmethod = \"boin\"");
    let Plan::Rule(rule) = &boin.designs[0].plan else { panic!("not a rule") };
    let Printable::Counts(table) = rule.printable() else { panic!("no table") };
    let ordered = String::from_utf8(counts_csv(table, rule.max_patients())).unwrap();
    let cells = |change: &dyn Fn(&str, &str) -> Option<&'static str>| {
        let changed = ordered.lines().map(|line| {
            let (cell, call) = line.rsplit_once(',').unwrap();
            format!("{cell},{}\n", change(cell, call).unwrap_or(call))
        });
        changed.collect::<String>()
    };
    let disordered = cells(&|cell, _| match cell {
        "3,0" | "3,2" => Some("D"),
        "3,1" | "6,0" => Some("S"),
        "6,1" => Some("E"),
        _ => None,
    });
    let lenient = cells(&|_, call| (call == "DU").then_some("D"));
    let idle = cells(&|cell, _| (cell != "patients,dlts").then_some("S"));
    [("in order", ordered.clone()), ("out of order", disordered), ("without elimination", lenient), ("only staying", idle)]
}

/// Designs given as tables: their words are their rule, and they can be linted.
#[test]
fn the_words_of_every_table_are_its_rule() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.csv");
    for (name, table) in tables() {
        std::fs::write(&file, table).unwrap();
        for keys in [
            "",
            "titration = true\nextra_safe_cutoff = 0.9",
            "highest_estimate = 0.3\nmin_patients_selected = 4\nmax_patients = 17\ncohort_size = 2\nstart_level = 1",
        ] {
            for levels in ["[1]", "[1, 2]", "[1, 2, 3, 4, 5]"] {
                let text = format!(
                    "name = \"test\"\ntarget = 0.25\ndoses.levels = {levels}\n[[design]]\nname = \"{name}\"\nmethod = \"table\"\n\
                     file = \"calls.csv\"\n{keys}\n"
                );
                let read = Study::from_text_in(Some(folder.path()), "test.toml", text);
                let (study, warnings) = read.unwrap_or_else(|error| panic!("{error}"));
                let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
                pieces_at_work(&format!("{name}, {levels}, {keys}"), rule.as_ref());
                let found = lint(&study, &warnings);
                let never_stops = found.iter().any(|complaint| complaint.key.ends_with(".file"));
                assert_eq!(never_stops, name == "without elimination" || name == "only staying", "{name}, {keys}: {found:?}");
                if name == "out of order" && keys.starts_with("titration") && levels.len() > 6 {
                    let explained = explain(&study, &study.designs[0]).text();
                    assert!(explained.lines().all(|line| line.chars().count() <= 100), "{explained}");
                    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explained");
                    expect_file![snapshots.join("table-out-of-order.txt")].assert_eq(&explained);
                }
            }
        }
    }
}

/// A claim that is wrong is found: the test above can fail.
#[test]
fn a_rule_with_another_number_is_told_from_the_words() {
    let study = |keys: &str| design_study(&format!("target = 0.25\nlevels = 3\nmethod = \"boin\"\nmax_patients = 12\n{keys}"));
    let (right, wrong) = (study(""), study("elimination_cutoff = 0.9"));
    let (Plan::Rule(rule), Plan::Rule(other)) = (&right.designs[0].plan, &wrong.designs[0].plan) else { panic!("not rules") };
    let names = level_names(&right);
    let wording = other.wording(&names);
    let differ = |(counts, arrival, _): &(Counts, Arrival, u32)| {
        wording.decide(&Seen::new(counts, *arrival, &other.evidence(counts)), None).map(|(decision, _)| decision)
            != Some(rule.decide(counts, *arrival))
    };
    assert!(edges(&graph_of(&right, 0)).iter().any(differ));
}

/// Snapshots of every shipped design, as text, and of one as Markdown; `UPDATE_EXPECT=1` rewrites them.
#[test]
fn explanations_read_well() {
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explained");
    for (file, study) in shipped() {
        for (place, design) in study.designs.iter().enumerate() {
            let text = explain(&study, design).text();
            for line in text.lines() {
                assert!(line.chars().count() <= 100, "{}: a line of {} characters: {line}", design.name, line.chars().count());
            }
            expect_file![snapshots.join(format!("{file}-{}.txt", place + 1))].assert_eq(&text);
            if place == 4 {
                expect_file![snapshots.join(format!("{file}-{}.md", place + 1))].assert_eq(&explain(&study, design).markdown());
            }
        }
    }
}

/// Names from the study do no harm in Markdown, whole sentences end with a full stop, and doses carry their unit.
#[test]
fn what_a_study_names_arrives_in_the_words() {
    let text = "name = \"A | *B*\"\ntarget = 0.3\n[doses]\nlevels = [1, 2.5]\nunit = \"mg\"\n[[design]]\nname = \"<CRM>\"\nmethod = \"crm\"\n\
                skeleton = [0.1, 0.3]\nprior_sd = 1\nstop_at_level_patients = { \"2\" = 6 }\n";
    let study = study(text);
    let explained = explain(&study, &study.designs[0]).markdown();
    assert!(explained.starts_with("# A \\| \\*B\\*: &lt;CRM&gt;\n"), "{explained}");
    assert!(explained.contains("The first 3 patients are treated at dose level 1 (1.0 mg)."), "{explained}");
    assert!(explained.contains("6 patients or more have been treated at dose level 2 (2.5 mg)"), "{explained}");
    let names = level_names(&study);
    let Plan::Rule(rule) = &study.designs[0].plan else { panic!("not a rule") };
    for piece in rule.wording(&names).pieces() {
        if let Words::Sentences(words) = &piece.words {
            assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{words}");
        }
    }
}
