//! A progress bar on standard error, for work over a second, and only on a terminal.

use dosebench::comparison::Stage;
use dosebench::engine::Monitor;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long work must last before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the bar is brought up to date.
const TICK: Duration = Duration::from_millis(100);

/// A bar that follows a monitor from a thread of its own until it is dropped.
pub(super) struct Progress {
    label: Arc<Mutex<String>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Follow `monitor`; does nothing when `quiet` or when standard error is not a terminal.
    pub(super) fn follow(monitor: &Arc<Monitor>, study: &str, quiet: bool) -> Self {
        let label = Arc::new(Mutex::new(String::new()));
        let over = Arc::new(AtomicBool::new(false));
        let thread = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let (monitor, label, over, study) = (Arc::clone(monitor), Arc::clone(&label), Arc::clone(&over), study.to_owned());
            std::thread::spawn(move || show(&monitor, &label, &over, &study))
        });
        Self { label, over, thread }
    }

    /// Say which stage the work is in.
    pub(super) fn stage(&self, stage: Stage) {
        let text = match stage {
            Stage::Compile => "compiling decision graphs",
            Stage::Exact => "evaluating exactly",
            Stage::Replicates => "running replicates",
            Stage::Pairs => "pairing replicates",
            Stage::Curves => "populations and worst curves",
        };
        self.say(text);
    }

    /// Say what is being done.
    pub(super) fn say(&self, text: &str) {
        if let Ok(mut label) = self.label.lock() {
            text.clone_into(&mut label);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // The thread only draws; had it failed there would be nothing to repair.
            let _ = thread.join();
        }
    }
}

/// Draw the bar until the work is over.
fn show(monitor: &Monitor, label: &Mutex<String>, over: &AtomicBool, study: &str) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if over.load(Ordering::Relaxed) {
            return;
        }
        std::thread::park_timeout(TICK);
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_elapsed(began.elapsed());
    if let Ok(style) = ProgressStyle::with_template("{prefix}  {msg}  {wide_bar} {percent:>3} %  {elapsed}") {
        bar.set_style(style);
    }
    bar.set_prefix(shortened(study));
    while !over.load(Ordering::Relaxed) {
        let (done, total) = monitor.progress();
        bar.set_length(total.max(1));
        bar.set_position(done);
        if let Ok(label) = label.lock() {
            bar.set_message(label.clone());
        }
        std::thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
}

/// A name that leaves room for the bar on its line.
fn shortened(name: &str) -> String {
    const LONGEST: usize = 26;
    if name.chars().count() <= LONGEST { name.to_owned() } else { name.chars().take(LONGEST - 1).chain(['…']).collect() }
}
