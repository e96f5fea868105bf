//! What cannot be completed leaves nothing behind, and what was there before as it was.

use super::{Desk, SMALL, Told, VARIED};
use std::process::Command;

#[test]
fn what_is_too_large_for_the_exact_engine_is_refused_with_the_number() {
    let bounded = VARIED.replace("[simulation]", "[simulation]\nmax_situations = 150");
    let desk = Desk::with(&[("large.toml", &bounded)]);
    desk.run("run large.toml --engine exact").ill(1, &["large.toml", "\"3+3\"", "150", "max_situations"]);
    assert_eq!(desk.names(), ["large.toml"]);
    // `auto` falls back to replicates and says so, on standard error too where the summary is not wanted.
    let told = desk.run("run large.toml --quiet");
    assert_eq!((told.status, told.stdout.as_str()), (Some(0), ""), "{told:?}");
    assert!(told.stderr.contains("note: ") && told.stderr.contains("\"3+3\"") && told.stderr.contains("150"), "{told:?}");
}

/// The command fails with status 1, gives the reason, and changes no file. The summary, which is printed before the report is
/// written, is asked for as well: what was computed is not lost.
#[track_caller]
fn refuses(desk: &Desk, out: &str, words: &[&str]) {
    let before = (desk.names(), desk.files(""));
    desk.run(&format!("run small.toml --quiet --out {out}")).ill(1, words);
    let told = desk.run(&format!("run small.toml --out {out}"));
    assert_eq!(told.status, Some(1), "{told:?}");
    assert!(told.stdout.contains("40.5") && !told.stdout.contains("Written to"), "{told:?}");
    assert!((desk.names(), desk.files("")) == before, "{out}: {:?}", desk.names());
}

#[test]
fn where_no_folder_can_be_nothing_is_left() {
    let desk = Desk::with(&[("small.toml", SMALL), ("file", "text"), ("a/plots", "text"), ("b/report.md/c", "text")]);
    refuses(&desk, "file", &["file is not a folder", "Nothing was written"]);
    refuses(&desk, "file/below/it", &["file", "Nothing was written"]);
    refuses(&desk, "a", &["a/plots is not a folder", "Nothing was written"]);
    refuses(&desk, "b", &["b/report.md is a folder", "Nothing was written"]);
    if cfg!(target_os = "linux") {
        refuses(&desk, "/proc/dosebench", &["/proc/dosebench", "Nothing was written"]);
        refuses(&desk, "/proc/self/dosebench/deep", &["/proc/self/dosebench/deep", "Nothing was written"]);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with(&[("small.toml", SMALL), ("closed/old.txt", "old")]);
    let closed = desk.path("closed");
    let allow = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode)).expect("permissions");
    allow(0o555);
    if std::fs::write(closed.join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write everywhere");
    } else {
        refuses(&desk, "closed/report", &["closed/report", "give a folder that you may write to"]);
        refuses(&desk, "closed", &["closed"]);
    }
    allow(0o755);
}

/// A limit on the size of files stops the write in the middle of one.
#[cfg(unix)]
#[test]
fn a_write_that_fails_half_way_leaves_the_old_report() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    desk.run("run small.toml --quiet --out report").well();
    let before = desk.files("");
    let limited = |out: &str| {
        // Two documents are below the limit, the report is above it.
        // Without the trap the system ends a process that goes over the limit, with it the write fails.
        let script = format!("trap '' XFSZ; ulimit -f 280; exec \"$0\" run small.toml --seed 2 --quiet --out {out}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_dosebench")]).current_dir(desk.path(""));
        Told::from(shell.output().expect("a shell"))
    };
    for out in ["report", "new", "a/b/c"] {
        limited(out).ill(1, &["could not write", out, "report.html", "Nothing was written"]);
        assert!(desk.files("") == before, "another report");
        assert_eq!(desk.names(), ["report", "small.toml"]);
    }
}

/// A shell script in a mount namespace of its own, with the binary as `$0`; `None`, with a word why, where that is not allowed.
fn with_mounts(desk: &Desk, script: &str) -> Option<Told> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--mount", "sh", "-c"]).current_dir(desk.path(""));
    let probe = Command::new("unshare").args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("skipped: no file system can be mounted here");
        return None;
    }
    Some(Told::from(unshare.args([script, env!("CARGO_BIN_EXE_dosebench")]).output().expect("a shell")))
}

#[test]
fn a_full_disk_leaves_the_old_report() {
    let desk = Desk::with(&[("small.toml", SMALL), ("disk/.keep", "")]);
    // A disk with room for one report, not for two.
    let script = "mount -t tmpfs -o size=1800k tmpfs disk
        \"$0\" run small.toml --quiet --out disk/report || exit 77
        cp -R disk/report before
        \"$0\" run small.toml --quiet --out disk/report --seed 2; first=$?
        \"$0\" run small.toml --quiet --out disk/another; second=$?
        cp -R disk after
        exit $((first * 10 + second))";
    let Some(told) = with_mounts(&desk, script) else { return };
    assert_eq!(told.status, Some(11), "{told:?}");
    assert_eq!(told.stderr.matches("free some space, or give a folder on another disk").count(), 2, "{}", told.stderr);
    let before = desk.files("before");
    let after = desk.files("after");
    assert_eq!(after.len(), before.len(), "{:?}", after.keys());
    assert!(before.iter().all(|(name, bytes)| after.get(&format!("report/{name}")) == Some(bytes)));
    let entries = std::fs::read_dir(desk.path("after")).expect("a folder").count();
    assert_eq!(entries, 1, "nothing but the old report");
}

#[test]
fn a_disk_that_cannot_be_written_to_is_named() {
    let desk = Desk::with(&[("small.toml", SMALL), ("disk/.keep", "")]);
    let script = "mount -t tmpfs -o ro tmpfs disk; \"$0\" run small.toml --quiet --out disk/report";
    let Some(told) = with_mounts(&desk, script) else { return };
    told.ill(1, &["disk/report", "Read-only file system", "give a folder that you may write to"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_printed_fails_the_run() {
    let desk = Desk::with(&[("small.toml", SMALL)]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = desk.command("run small.toml").stdout(full).output().expect("the binary starts");
    Told::from(output).ill(1, &["standard output"]);
    assert_eq!(desk.names(), ["small.toml"], "a run that fails writes nothing");
}
