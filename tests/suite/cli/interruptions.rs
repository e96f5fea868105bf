//! Ctrl-C: what was finished stays, nothing else is there.

use super::{Desk, SMALL, Told, VARIED};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A study that keeps the machine busy for minutes.
fn long() -> String {
    VARIED.replace("replicates = 500", "engine = 'monte-carlo'\nreplicates = 100_000_000")
}

/// Wait until something is so; minutes are allowed, for machines with other things to do.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{what} did not happen");
}

/// Press Ctrl-C: send SIGINT once the process listens to it.
fn interrupt(child: &Child) {
    let listens = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running process");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("the signals that are caught");
        u64::from_str_radix(caught.trim(), 16).expect("hexadecimal") & 0b10 != 0
    };
    wait_for("a handler of SIGINT", listens);
    std::thread::sleep(Duration::from_millis(200));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
}

#[test]
fn an_interruption_leaves_the_old_report() {
    let desk = Desk::with(&[("small.toml", SMALL), ("long.toml", &long())]);
    desk.run("run small.toml --quiet --out report").well();
    let before = desk.files("report");
    for out in ["report", "new"] {
        let mut command = desk.command(&format!("run long.toml --out {out}"));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        interrupt(&child);
        let told = Told::from(child.wait_with_output().expect("an end"));
        told.ill(130, &["interrupted", "nothing was written"]);
        assert!(desk.files("report") == before, "another report");
        assert_eq!(desk.names(), ["long.toml", "report", "small.toml"]);
    }
}

/// What was finished before the interruption stays; what would have come after it is not begun.
#[test]
fn an_interruption_ends_the_studies_that_follow() {
    let desk = Desk::with(&[("small.toml", SMALL), ("long.toml", &long()), ("last.toml", SMALL)]);
    let mut command = desk.command("run small.toml long.toml last.toml --out all --quiet");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    wait_for("the first report", || desk.path("all/small/manifest.json").is_file());
    interrupt(&child);
    Told::from(child.wait_with_output().expect("an end")).ill(130, &["interrupted"]);
    assert_eq!(desk.files("all").into_keys().filter(|name| name.ends_with("manifest.json")).count(), 1);
    assert!(desk.path("all/small/report.html").is_file());
    assert_eq!(std::fs::read_dir(desk.path("all")).expect("a folder").count(), 1);
}

/// On a terminal, work over a second shows a bar, a long name leaves it on one line, and Ctrl-C ends it all.
#[test]
fn a_terminal_sees_progress() {
    let named = long().replace("'Varied'", &format!("'{}'", "long name ".repeat(15)));
    let desk = Desk::with(&[("long.toml", &named)]);
    let run = format!("stty cols 80; exec {} run long.toml", env!("CARGO_BIN_EXE_dosebench"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &run, "/dev/null"]).current_dir(desk.path(""));
    let Ok(mut child) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!("skipped: there is no `script` to make a terminal");
        return;
    };
    let (mut keyboard, mut screen) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut shown = Vec::new();
    let mut chunk = [0; 4096];
    let mut pressed = false;
    while let Ok(length @ 1..) = screen.read(&mut chunk) {
        shown.extend_from_slice(&chunk[..length]);
        if !pressed && String::from_utf8_lossy(&shown).contains("running replicates") {
            keyboard.write_all(b"\x03").expect("Ctrl-C");
            pressed = true;
        }
    }
    let shown = String::from_utf8_lossy(&shown);
    assert!(pressed && shown.contains("long name") && shown.contains("interrupted"), "{shown}");
    // A bar that takes several lines is redrawn with the cursor moved up.
    assert!(!shown.contains("\u{1b}[2A"), "{shown}");
    assert_eq!(child.wait().expect("an end").code(), Some(130));
    assert_eq!(desk.names(), ["long.toml"]);
}

/// A tuning of so many points that is stopped once it has noted the first of them keeps these and nothing else, goes on from them, and
/// ends in the bytes of one that was not stopped. What the stopped command told.
fn stopped_and_continued(study: &str, points: usize, stop: impl Fn(&mut Child)) -> Told {
    let desk = Desk::with(&[("study.toml", study)]);
    let mut command = desk.command("tune study.toml --out first --quiet");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let journal = desk.path("first/tune.journal");
    // The first line says what the points belong to; one that is torn does not count.
    let finished = || std::fs::read_to_string(&journal).map_or(0, |text| text.matches('\n').count().saturating_sub(1));
    wait_for("the first points", || finished() > 1);
    stop(&mut child);
    let stopped = Told::from(child.wait_with_output().expect("an end"));
    assert_eq!(desk.files("first").into_keys().collect::<Vec<_>>(), ["tune.journal"]);
    let finished = finished();
    assert!((2..points).contains(&finished), "{finished}");
    let told = desk.run("tune study.toml --out first");
    assert_eq!(told.status, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains(&format!("{finished} points are finished already")), "{}", told.stderr);
    desk.run("tune study.toml --out second --threads 1 --quiet").well();
    let without_manifest = |folder: &str| {
        let mut files = desk.files(folder);
        files.retain(|name, _| !name.ends_with("manifest.json"));
        files
    };
    assert!(without_manifest("first") == without_manifest("second"));
    assert!(!journal.exists());
    stopped
}

/// By Ctrl-C, points being simulated one after the other.
#[test]
fn an_interrupted_tuning_goes_on() {
    let tuning = "[tune]\ndesign = 'BOIN'\nparameters.max_patients = { from = 3, to = 12, step = 1 }\nparameters.cohort_size = [1, 2, 3]\n";
    let study = VARIED.replace("replicates = 500", "engine = 'monte-carlo'\nreplicates = 200_000");
    let told = stopped_and_continued(&format!("{study}{tuning}"), 31, |child| interrupt(child));
    told.ill(130, &["interrupted", "finished are kept"]);
}

/// By the end of the process without warning, exact points being evaluated several at a time: those that are finished are noted at once.
#[test]
fn a_killed_tuning_goes_on() {
    let tuning =
        "[tune]\ndesign = 'BOIN'\nparameters.max_patients = { from = 24, to = 43, step = 1 }\nparameters.cohort_size = [1]\n";
    let study = VARIED.replace("replicates = 500", "engine = 'exact'");
    let told = stopped_and_continued(&format!("{study}{tuning}"), 21, |child| child.kill().expect("a running process"));
    assert_eq!(told.status, None, "ended by a signal: {}", told.stderr);
}
