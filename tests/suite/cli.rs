//! The command line driven as a person drives it: the binary is started in a folder of its own, and what it says, returns and
//! leaves there is looked at.

mod failures;
// Where a process listens to a signal is asked of /proc.
#[cfg(target_os = "linux")]
mod interruptions;
mod outputs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The shortest study there is: one scenario, one design, exact.
const SMALL: &str = "\
name = 'Small'
target = 0.25
[doses]
levels = [10, 20, 40]
[[scenario]]
name = 'MTD at level 2'
toxicity = [0.10, 0.25, 0.45]
[[design]]
name = '3+3'
method = '3+3'
";

/// Every kind of design and scenario that has rows of its own.
const VARIED: &str = "\
name = 'Varied'
target = 0.25
[doses]
levels = [1, 2, 3]
unit = 'mg'
[timing]
dlt_window_weeks = 3
accrual_per_week = 0.5
[simulation]
replicates = 500
seed = 7
[[scenario]]
name = 'MTD at level 2'
toxicity = [0.10, 0.25, 0.45]
[[scenario]]
name = 'all too toxic'
toxicity = [0.4, 0.5, 0.6]
[[design]]
name = '3+3'
method = '3+3'
first_cohort_size = 1
[[design]]
name = 'BOIN'
method = 'boin'
max_patients = 12
[[design]]
name = 'CRM'
method = 'crm'
skeleton = { prior_mtd = 2, halfwidth = 0.05 }
prior_sd = 1.16
max_patients = 9
[[design]]
name = 'optimal'
method = 'benchmark'
max_patients = 12
";

/// The files that every run writes beside its plots.
const FILES: [&str; 19] = [
    "appendix.docx",
    "appendix.html",
    "appendix.md",
    "appendix.tex",
    "dlt_count.csv",
    "manifest.json",
    "no_selection.csv",
    "operating_characteristics.csv",
    "paired_differences.csv",
    "report.docx",
    "report.html",
    "report.md",
    "results.json",
    "sample_size.csv",
    "stop_reasons.csv",
    "summary.docx",
    "summary.html",
    "summary.md",
    "tables.tex",
];

/// A folder to work in.
struct Desk(TempDir);

impl Desk {
    /// A folder with these studies in it.
    fn with(studies: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in studies {
            let path = desk.path(name);
            std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command `dosebench` with arguments separated by spaces, to be started in this folder.
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dosebench"));
        command.current_dir(self.0.path()).args(arguments.split_whitespace());
        command
    }

    /// Start it and wait for its end.
    fn run(&self, arguments: &str) -> Told {
        Told::from(self.command(arguments).output().expect("the binary starts"))
    }

    /// Every file below a folder and its bytes; nothing when there is no such folder.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(folder), "", &mut files);
        files
    }

    /// The names in the folder, hidden ones included.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = format!("{prefix}{}", path.file_name().and_then(|name| name.to_str()).expect("text"));
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}

/// What a command returned and said.
#[derive(Debug)]
struct Told {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Told {
    /// The command must have ended well, without a word on standard error.
    #[track_caller]
    fn well(self) -> Self {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self
    }

    /// The command must have ended with this status, printed no result, and said all of this on standard error.
    #[track_caller]
    fn ill(self, status: i32, words: &[&str]) -> Self {
        assert_eq!((self.status, self.stdout.as_str()), (Some(status), ""), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {}", self.stderr);
        }
        self
    }
}

#[test]
fn a_run_prints_a_summary_and_writes_the_files_of_the_contract() {
    let desk = Desk::with(&[("studies/small.toml", SMALL)]);
    let told = desk.run("run studies/small.toml").well();
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 100), "{}", told.stdout);
    for word in ["Small", "MTD at level 2", "3+3", "exact", "40.5", "Written to reports/small"] {
        assert!(told.stdout.contains(word), "no {word:?} in {}", told.stdout);
    }
    // By default below the working directory, named after the study file.
    assert_eq!(desk.names(), ["reports", "studies"]);
    let (plots, others): (Vec<String>, Vec<String>) =
        desk.files("reports/small").into_keys().partition(|name| name.starts_with("plots/"));
    assert_eq!(others, FILES);
    let painted_as = |suffix| plots.iter().filter_map(|name| name.strip_suffix(suffix)).collect::<Vec<_>>();
    assert_eq!(painted_as(".png"), painted_as(".svg"));
    // The figures that carry the argument are PDF too, with the values that they show, one file for all pages of a figure.
    let (pdf, values) = (painted_as(".pdf"), painted_as(".csv"));
    assert!(["scenarios", "endings"].iter().all(|name| pdf.contains(name) && values.contains(name)), "{plots:?}");
    assert!(pdf.iter().all(|name| painted_as(".png").contains(name)), "{plots:?}");
    assert!(values.iter().all(|name| pdf.iter().any(|page| page.starts_with(name))), "{plots:?}");
    assert_eq!(painted_as(".png").len() * 2 + pdf.len() + values.len(), plots.len(), "{plots:?}");
}

#[test]
fn quiet_says_nothing_and_out_says_where() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    let told = desk.run("run small.toml --quiet --out some/new/place").well();
    assert_eq!(told.stdout, "");
    assert_eq!(desk.names(), ["small.toml", "some"]);
    assert!(FILES.iter().all(|name| desk.path("some/new/place").join(name).is_file()));
}

#[test]
fn formats_and_plots_can_be_chosen() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    let run = |options: &str, out: &str| {
        desk.run(&format!("run small.toml --quiet --out {out} {options}")).well();
        desk.files(out)
    };
    let all = run("", "all");
    let some = run("--format csv,md --format json", "some");
    let names: Vec<&str> = some.keys().map(String::as_str).filter(|name| !name.starts_with("plots/")).collect();
    let others = [".docx", ".html", ".tex"];
    let is_other = |name: &str| others.iter().any(|ending| name.ends_with(ending));
    assert_eq!(names, FILES.iter().copied().filter(|name| !is_other(name)).collect::<Vec<_>>());
    assert!(
        some.iter().all(|(name, bytes)| name == "manifest.json" || all[name] == *bytes),
        "formats change no byte of each other"
    );
    assert!(some.keys().any(|name| name.starts_with("plots/")), "Markdown shows them");

    let data = run("--format csv,json,latex", "data");
    assert!(data.keys().all(|name| !name.starts_with("plots/")), "nothing shows them");
    assert_eq!((&data["tables.tex"], &data["appendix.tex"]), (&all["tables.tex"], &all["appendix.tex"]));

    let plain = run("--no-plots", "plain");
    assert_eq!(plain.keys().map(String::as_str).collect::<Vec<_>>(), FILES);
    let html = String::from_utf8_lossy(&plain["report.html"]);
    assert!(!html.contains("<figure") && html.contains("dosebench run small.toml --no-plots"));
    assert!(!String::from_utf8_lossy(&some["report.md"]).contains("--format"), "it changes nothing in the report");
    for name in ["results.json", "operating_characteristics.csv"] {
        assert_eq!(plain[name], all[name], "{name}");
    }
}

#[test]
fn a_study_that_fails_does_not_stop_the_others() {
    let faulty = SMALL.replace("0.45", "1.45");
    let too_large = SMALL.replace("[doses]", "simulation = { engine = 'exact', max_situations = 10 }\n[doses]");
    let desk = Desk::with(&[("first.toml", SMALL), ("large.toml", &too_large), ("faulty.toml", &faulty), ("last.toml", SMALL)]);
    let told = desk.run("run first.toml large.toml last.toml --out all");
    assert_eq!(told.status, Some(1), "{told:?}");
    assert_eq!(desk.files("all/first").into_keys().collect::<Vec<_>>(), desk.files("all/last").into_keys().collect::<Vec<_>>());
    assert!(desk.path("all/last/manifest.json").is_file() && !desk.path("all/large").exists());

    let told = desk.run("run first.toml faulty.toml large.toml missing.toml last.toml");
    assert_eq!(told.status, Some(2), "the worst of 0, 2, 1, 2 and 0: {told:?}");
    assert!(told.stderr.contains("faulty.toml:7:") && told.stderr.contains("missing.toml"), "{}", told.stderr);
    let written: Vec<String> = desk.files("reports").into_keys().filter(|name| name.ends_with("manifest.json")).collect();
    assert_eq!(written, ["first/manifest.json", "last/manifest.json"]);
}

#[test]
fn studies_that_would_share_a_folder_are_refused() {
    let desk = Desk::with(&[("one/study.toml", SMALL), ("two/study.toml", SMALL)]);
    for arguments in ["run one/study.toml two/study.toml", "run one/study.toml two/study.toml --out all"] {
        desk.run(arguments).ill(2, &["one/study.toml", "two/study.toml", "same folder"]);
    }
    assert_eq!(desk.names(), ["one", "two"]);
}

#[test]
fn the_command_line_is_checked_before_anything_else() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    for (arguments, words) in [
        ("frobnicate", &["frobnicate"][..]),
        ("", &["Usage"]),
        ("run", &["STUDY"]),
        ("check", &["STUDY"]),
        ("run small.toml --frobnicate", &["--frobnicate"]),
        ("run small.toml --engine fast", &["'fast'", "--engine", "auto", "exact", "monte-carlo"]),
        ("run small.toml --replicates 0", &["'0'", "--replicates", "2..=100000000"]),
        ("run small.toml --replicates 100000001", &["--replicates", "2..=100000000"]),
        ("run small.toml --replicates many", &["'many'", "--replicates"]),
        ("run small.toml --replicates -5", &["'-5'", "--replicates"]),
        ("run small.toml --seed -1", &["'-1'", "--seed"]),
        ("run small.toml --seed 9223372036854775808", &["--seed"]),
        ("run small.toml --seed 1.5", &["--seed"]),
        ("run small.toml --threads 0", &["'0'", "--threads", "1..=1024"]),
        ("run small.toml --threads 1025", &["--threads", "1..=1024"]),
        ("run small.toml --out", &["--out"]),
        ("run small.toml --format pdf", &["'pdf'", "--format", "html", "docx", "md", "latex", "csv", "json"]),
        ("run small.toml --format html,,md", &["--format"]),
    ] {
        desk.run(arguments).ill(2, words);
    }
    let nowhere = Told::from(desk.command("run small.toml --out").arg("").output().expect("the binary starts"));
    nowhere.ill(2, &["--out"]);
    assert_eq!(desk.names(), ["small.toml"], "nothing is written");
}

#[test]
fn help_and_version_are_results() {
    let desk = Desk::with(&[]);
    assert_eq!(desk.run("--version").well().stdout, concat!("dosebench ", env!("CARGO_PKG_VERSION"), "\n"));
    for arguments in ["--help", "help", "run --help", "help run", "check --help"] {
        let help = desk.run(arguments).well().stdout;
        assert!(help.contains("Usage: dosebench") && help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
    assert_eq!(desk.names(), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_as_a_study_is_the_callers_fault() {
    let faulty = SMALL.replace("target = 0.25", "target = 25\ntraget = 0.25");
    let desk = Desk::with(&[("faulty.toml", &faulty), ("folder/small.toml", SMALL), ("empty.toml", "")]);
    std::fs::write(desk.path("binary.toml"), b"name = 'x'\n\xff\xfe\0\0").expect("a file");
    for command in ["run", "check"] {
        // Both problems in one go, each with its place.
        desk.run(&format!("{command} faulty.toml")).ill(2, &["faulty.toml:2:10", "faulty.toml:3:1", "traget", "target"]);
        desk.run(&format!("{command} missing.toml")).ill(2, &["error: cannot read missing.toml"]);
        desk.run(&format!("{command} folder")).ill(2, &["error: cannot read folder"]);
        desk.run(&format!("{command} empty.toml")).ill(2, &["empty.toml:1:1", "name", "target", "doses"]);
        desk.run(&format!("{command} binary.toml")).ill(2, &["error: binary.toml", "line 2"]);
    }
    assert_eq!(desk.names(), ["binary.toml", "empty.toml", "faulty.toml", "folder"]);
}

#[test]
fn a_study_without_scenario_or_design_can_be_checked_but_not_run() {
    let (head, design) = SMALL.split_once("[[scenario]]").expect("a scenario");
    let (scenario, design) = design.split_once("[[design]]").expect("a design");
    let no_scenario = format!("{head}[[design]]{design}");
    let no_design = format!("{head}[[scenario]]{scenario}");
    let desk = Desk::with(&[("s.toml", &no_scenario), ("d.toml", &no_design), ("neither.toml", head)]);
    desk.run("check s.toml").well();
    // Its scenario is of one kind, and of the others there is none.
    assert_eq!(desk.run("check d.toml").status, Some(0));
    desk.run("check neither.toml").well();
    desk.run("run s.toml").ill(2, &["s.toml:1:1", "scenario"]);
    desk.run("run d.toml").ill(2, &["d.toml:1:1", "design"]);
    desk.run("run neither.toml").ill(2, &["scenario", "design"]);
    assert_eq!(desk.names(), ["d.toml", "neither.toml", "s.toml"]);
}

#[test]
fn a_check_counts_warns_and_writes_nothing() {
    let odd = SMALL.replace("0.45", "0.2");
    let desk = Desk::with(&[("varied.toml", VARIED), ("odd.toml", &odd)]);
    let told = desk.run("check varied.toml");
    assert_eq!(told.status, Some(0), "what is odd is no fault");
    for word in ["every dose is below the acceptable range", "`CRM` can never end without a dose"] {
        assert!(told.stderr.contains(word), "no {word:?} in {}", told.stderr);
    }
    let lines: Vec<&str> = told.stdout.lines().collect();
    let (count, notes) = lines.split_last().expect("a line");
    assert_eq!(*count, "varied.toml: a study of 3 dose levels, 2 scenarios and 4 designs; 2 warnings");
    // What a method is known for is said, and is no fault of the study.
    assert!(notes.len() == 2 && notes.iter().all(|line| line.starts_with("note: ")), "{}", told.stdout);
    let told = desk.run("check odd.toml");
    assert_eq!(told.status, Some(0), "a decreasing curve is allowed");
    assert!(told.stderr.contains("not monotone in the dose") && told.stderr.contains("odd.toml:7:"), "{}", told.stderr);
    assert_eq!(told.stdout, "odd.toml: a study of 3 dose levels, 1 scenario and 1 design; 3 warnings\n");
    assert_eq!(desk.names(), ["odd.toml", "varied.toml"]);
}

/// A reader that has seen enough (`| head -1`) is no failure: the report is there.
#[test]
fn a_reader_may_go_away() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    let mut child = desk
        .command("run small.toml")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    Told::from(child.wait_with_output().expect("an end")).well();
    assert!(desk.path("reports/small/manifest.json").is_file());
}
