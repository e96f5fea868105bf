//! What a run writes: the same bytes for the same study and seed, tables that other programs read, a manifest that is true.

use super::{Desk, SMALL, VARIED};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

type Files = BTreeMap<String, Vec<u8>>;

/// A JSON file of a report.
fn json(files: &Files, name: &str) -> Value {
    serde_json::from_slice(&files[name]).expect("JSON")
}

/// The columns and rows of a data file.
fn table(files: &Files, name: &str) -> (String, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_reader(&files[name][..]);
    let columns = reader.headers().expect("a header").iter().collect::<Vec<_>>().join(",");
    (columns, reader.records().map(|row| row.expect("as many cells as columns")).collect())
}

/// The manifest without the machine and the time.
fn lasting(files: &Files) -> Value {
    let mut manifest = json(files, "manifest.json");
    let fields = manifest.as_object_mut().expect("an object");
    assert!(fields.remove("machine").is_some() && fields.remove("wall_seconds").is_some());
    manifest
}

/// All files but the manifest.
fn reports(mut files: Files) -> Files {
    files.remove("manifest.json").expect("a manifest");
    files
}

#[test]
fn the_same_bytes_on_any_number_of_threads_and_each_time() {
    let desk = Desk::with(&[("varied.toml", VARIED)]);
    for engine in ["auto", "monte-carlo"] {
        let run = |options: &str, out: &str| {
            desk.run(&format!("run varied.toml --engine {engine} --quiet --out {engine}/{out} {options}")).well();
            desk.files(&format!("{engine}/{out}"))
        };
        let one = run("--threads 1", "1");
        for (options, out) in [("--threads 1", "again"), ("--threads 2", "2"), ("--threads 7", "7"), ("", "default")] {
            let other = run(options, out);
            assert_eq!(lasting(&one), lasting(&other), "{engine} {out}");
            let differing: Vec<_> =
                one.iter().filter(|(name, bytes)| other.get(*name) != Some(bytes)).map(|(name, _)| name).collect();
            assert!(differing.iter().all(|name| *name == "manifest.json"), "{engine} {out}: {differing:?}");
            assert_eq!(one.len(), other.len());
        }
        assert_eq!(json(&desk.files(&format!("{engine}/7")), "manifest.json")["machine"]["threads"], 7);
    }
}

#[test]
fn engine_seed_and_replicates_of_the_command_line_come_first() {
    let desk = Desk::with(&[("varied.toml", VARIED)]);
    let run = |options: &str| {
        desk.run(&format!("run varied.toml --quiet --out report {options}")).well();
        desk.files("report")
    };
    let engines = |files: &Files| -> BTreeSet<String> {
        table(files, "operating_characteristics.csv").1.iter().map(|row| row[2].to_owned()).collect()
    };
    let exact = run("--engine exact");
    assert_eq!(engines(&exact), ["exact".to_owned()].into());
    let auto = run("--engine auto");
    let oc = "operating_characteristics.csv";
    let same = |one: &Files, other: &Files, why: &str| assert!(one[oc] == other[oc], "{why}");
    same(&auto, &exact, "all of these designs are small");
    same(&run(""), &exact, "`auto` is the default");
    same(&run("--seed 8"), &exact, "exact numbers have no seed");

    let simulated = run("--engine monte-carlo");
    assert_eq!(engines(&simulated), ["monte-carlo".to_owned()].into());
    same(&run("--engine monte-carlo --seed 7 --replicates 500"), &simulated, "the study's own");
    let other_seed = run("--engine monte-carlo --seed 8");
    assert!(other_seed[oc] != simulated[oc], "another seed, other numbers");
    let manifest = json(&other_seed, "manifest.json");
    assert_eq!(
        (&manifest["seed"], &manifest["engine"], &manifest["replicates"]),
        (&8.into(), &"monte-carlo".into(), &500.into())
    );
    assert_eq!(manifest["command"], "dosebench run varied.toml --engine monte-carlo --seed 8");

    // Four times the replicates, half the error: the target's selection probability is nowhere near 0 or 1.
    let error = |files: &Files| {
        let is_it = |row: &&csv::StringRecord| &row[1] == "BOIN" && &row[3] == "correct_selection";
        let row = table(files, oc).1.into_iter().find(|row| is_it(&row)).expect("a row");
        row[6].parse::<f64>().expect("a number")
    };
    let ratio = error(&simulated) / error(&run("--engine monte-carlo --replicates 2000"));
    assert!((1.8..2.2).contains(&ratio), "{ratio}");
    run("--engine monte-carlo --replicates 2");
}

#[test]
fn data_files_have_their_columns_and_their_sums() {
    let desk = Desk::with(&[("varied.toml", VARIED)]);
    for engine in ["exact", "monte-carlo"] {
        desk.run(&format!("run varied.toml --engine {engine} --quiet --out {engine}")).well();
        let files = desk.files(engine);
        for (name, columns) in [
            ("operating_characteristics.csv", "scenario,design,engine,metric,dose_level,value,std_error"),
            ("sample_size.csv", "scenario,design,patients,probability"),
            ("dlt_count.csv", "scenario,design,dlts,probability"),
            ("stop_reasons.csv", "scenario,design,reason,probability,selected,none"),
            ("no_selection.csv", "scenario,design,cause,probability"),
            ("paired_differences.csv", "scenario,design,reference,engine,metric,difference,std_error,lower,upper,dose_level"),
        ] {
            assert_eq!(table(&files, name).0, columns, "{name}");
        }

        let (_, rows) = table(&files, "operating_characteristics.csv");
        let keys: BTreeSet<_> = rows.iter().map(|row| [&row[0], &row[1], &row[3], &row[4]].map(str::to_owned)).collect();
        assert_eq!(keys.len(), rows.len(), "one row a scenario, design, metric and level");
        let mut selections: BTreeMap<[&str; 2], f64> = BTreeMap::new();
        for row in &rows {
            let value: f64 = row[5].parse().expect("a number");
            assert!(value.is_finite());
            assert_eq!(row[6].is_empty(), engine == "exact", "an error beside each simulated number and no other: {row:?}");
            if &row[3] == "selection" {
                *selections.entry([&row[0], &row[1]]).or_default() += value;
            }
        }
        // The benchmark has no rows where no dose is correct.
        assert_eq!(selections.len(), 7, "{selections:?}");
        assert!(selections.values().all(|sum| (sum - 1.0).abs() < 1e-12), "{selections:?}");
        for name in ["sample_size.csv", "dlt_count.csv", "stop_reasons.csv"] {
            let mut sums: BTreeMap<[String; 2], f64> = BTreeMap::new();
            for row in table(&files, name).1 {
                *sums.entry([row[0].to_owned(), row[1].to_owned()]).or_default() += row[3].parse::<f64>().expect("a number");
            }
            assert_eq!(sums.len(), 6, "all but the benchmark: {name}");
            assert!(sums.values().all(|sum| (sum - 1.0).abs() < 1e-12), "{name}: {sums:?}");
        }
        for row in table(&files, "paired_differences.csv").1 {
            assert_eq!(&row[2], "3+3");
            assert_ne!(&row[1], "3+3", "the reference is not compared with itself");
            assert_eq!([&row[6], &row[7], &row[8]].map(str::is_empty), [engine == "exact"; 3], "{row:?}");
        }
    }
}

#[test]
fn numbers_are_written_in_full_and_alike_in_both_forms() {
    let desk = Desk::with(&[("varied.toml", VARIED)]);
    desk.run("run varied.toml --engine monte-carlo --quiet --out report").well();
    let files = desk.files("report");
    let results = json(&files, "results.json");
    let mut in_json = Vec::new();
    for found in results["results"].as_array().expect("a list") {
        for number in found["operating_characteristics"].as_array().expect("a list") {
            let name = |value: &Value| value.as_str().expect("text").to_owned();
            let level = number["dose_level"].as_u64().map(|level| level.to_string()).unwrap_or_default();
            let key = [name(&found["scenario"]), name(&found["design"]), name(&number["metric"]), level];
            in_json.push((key, [number["value"].as_f64(), number["std_error"].as_f64()]));
        }
    }
    let rows = table(&files, "operating_characteristics.csv").1;
    assert_eq!(in_json.len(), rows.len());
    for (row, (key, numbers)) in rows.iter().zip(&in_json) {
        assert_eq!(&[&row[0], &row[1], &row[3], &row[4]].map(str::to_owned), key);
        for (text, number) in [&row[5], &row[6]].into_iter().zip(numbers) {
            let (written, read): (f64, f64) = (text.parse().expect("a number"), number.expect("a number"));
            // Both are written in full; the JSON reader used here may err in the last bit.
            assert!((written - read).abs() <= f64::EPSILON * written.abs(), "{key:?}: {text} and {read}");
        }
    }
    // Means over 500 replicates end after a few decimals; errors seldom do.
    let digits = |text: &str| text.split('e').next().unwrap_or("").chars().filter(char::is_ascii_digit).collect::<String>();
    let lengths = rows.iter().filter(|row| row[6].parse() != Ok(0.0)).map(|row| digits(&row[6]).trim_start_matches('0').len());
    let (long, all) = lengths.fold((0, 0), |(long, all), length| (long + usize::from(length >= 12), all + 1));
    assert!(long * 10 > all * 9, "{long} of {all} errors have 12 digits or more");
}

#[test]
fn the_manifest_tells_the_truth() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    desk.run("run small.toml --quiet --out report").well();
    let mut files = desk.files("report");
    let manifest = json(&files, "manifest.json");
    files.remove("manifest.json");
    let sha256 = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["study"]["file"], "small.toml");
    assert_eq!(manifest["study"]["sha256"], sha256(SMALL.as_bytes()));
    let outputs = manifest["outputs"].as_array().expect("a list");
    assert_eq!(outputs.len(), files.len(), "every output is listed");
    for output in outputs {
        let bytes = &files[output["path"].as_str().expect("text")];
        assert_eq!((&output["bytes"], &output["sha256"]), (&bytes.len().into(), &sha256(bytes).into()), "{output}");
    }
    for step in manifest["wall_seconds"].as_array().expect("a list") {
        assert!(step["step"].is_string() && step["seconds"].as_f64().is_some_and(|seconds| seconds >= 0.0));
    }
    assert!(manifest["machine"]["operating_system"].is_string() && manifest["machine"]["processor"].is_string());
}

#[test]
fn the_page_fetches_nothing() {
    let desk = Desk::with(&[("varied.toml", VARIED)]);
    desk.run("run varied.toml --quiet --out report").well();
    let page = String::from_utf8(desk.files("report").remove("report.html").expect("the page")).expect("UTF-8");
    let page = page.to_lowercase();
    for fetch in
        ["<script src", "<link", "<iframe", "@import", "url(http", "url('http", "url(\"http", "src=\"http", "src=\"/", "fetch("]
    {
        assert!(!page.contains(fetch), "{fetch}");
    }
    // Pictures are inside the page, not beside it.
    assert!(!page.contains("src=\"plots"));
}

#[test]
fn a_second_run_replaces_its_own_files_and_no_others() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    desk.run("run small.toml --quiet --out report").well();
    let first = desk.files("report");
    for (name, text) in [("notes.txt", "mine"), ("plots/mine.png", "mine"), ("report.md", "spoilt")] {
        std::fs::write(desk.path("report").join(name), text).expect("a file");
    }
    desk.run("run small.toml --quiet --out report").well();
    let mut second = desk.files("report");
    assert_eq!(second.remove("notes.txt").as_deref(), Some(&b"mine"[..]));
    assert_eq!(second.remove("plots/mine.png").as_deref(), Some(&b"mine"[..]));
    assert!(reports(second) == reports(first), "another report");
    assert_eq!(desk.names(), ["report", "small.toml"], "nothing is left beside the report");
}

/// Names that mean something to CSV, HTML, Markdown or a terminal arrive as they are, and do nothing.
#[test]
fn names_are_only_names() {
    let scenario = r#"a, "b"; 'c' | d\e <script>alert(1)</script> & `f`"#;
    let design = "剂量递增 — Überprüfung 🧪";
    let long = "x".repeat(200);
    let text = SMALL
        .replace("'MTD at level 2'", &format!("'''{scenario}'''"))
        .replace("'Small'", &format!("'{long}'"))
        .replace("name = '3+3'", &format!("name = '{design}'"));
    let desk = Desk::with(&[("names, \"odd\" 名.toml", &text)]);
    let mut command = desk.command("run --out report");
    let told = super::Told::from(command.arg("names, \"odd\" 名.toml").output().expect("the binary starts")).well();
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 100), "{}", told.stdout);
    assert!(told.stdout.contains(design) && told.stdout.contains(scenario), "{}", told.stdout);
    let files = desk.files("report");
    for name in ["operating_characteristics.csv", "sample_size.csv", "dlt_count.csv", "stop_reasons.csv"] {
        let rows = table(&files, name).1;
        assert!(!rows.is_empty() && rows.iter().all(|row| &row[0] == scenario && &row[1] == design), "{name}");
    }
    let results = json(&files, "results.json");
    assert_eq!((&results["study"]["name"], &results["scenarios"][0]["name"]), (&long.as_str().into(), &scenario.into()));
    assert_eq!(results["study"]["file"], "names, \"odd\" 名.toml");
    for (name, bytes) in &files {
        if name.ends_with(".html") || name.ends_with(".svg") {
            assert!(!String::from_utf8_lossy(bytes).contains("<script>alert"), "{name}");
        }
    }

    for (name, found) in
        [("\"two\\nlines\"", "two\\nlines"), ("\"\\u001b[2J\"", "u{1b}[2J"), (&*format!("'{long}x'"), "200 characters")]
    {
        let desk = Desk::with(&[("named.toml", &SMALL.replace("'Small'", name))]);
        let told = desk.run("run named.toml").ill(2, &["named.toml:1:8", "name", found]);
        assert!(!told.stderr.contains('\u{1b}'), "nothing that a terminal obeys");
    }
}

/// `tune` writes its points, a report, figures and the best as a study, beside what `run` writes; `run` leaves [tune] alone.
#[test]
fn a_tuning_writes_the_best_as_a_study() {
    let tuning = "[tune]\ndesign = 'BOIN'\nparameters.max_patients = [6, 9]\nparameters.cohort_size = [1, 3]\n";
    let desk = Desk::with(&[("study.toml", &format!("{VARIED}{tuning}")), ("plain.toml", VARIED)]);
    let told = desk.run("tune study.toml").well();
    assert!(told.stdout.contains("Best of 4 points") && told.stdout.contains("Written to reports/study/tune"), "{}", told.stdout);
    let names: Vec<String> = desk.files("reports/study/tune").into_keys().collect();
    let expected = [
        "best.toml",
        "manifest.json",
        "plots/tune-front.png",
        "plots/tune-front.svg",
        "plots/tune-parameters.png",
        "plots/tune-parameters.svg",
        "tune.csv",
        "tune.html",
        "tune.md",
    ];
    assert_eq!(names, expected);
    desk.run("run reports/study/tune/best.toml --engine exact --quiet --out best").well();
    desk.run("run study.toml --engine exact --quiet --out with").well();
    desk.run("run plain.toml --engine exact --quiet --out without").well();
    let read = |path: &str| std::fs::read(desk.path(path)).expect("a file");
    assert!(read("with/operating_characteristics.csv") == read("without/operating_characteristics.csv"));
    desk.run("tune plain.toml").ill(2, &["plain.toml", "found no [tune]"]);
}
