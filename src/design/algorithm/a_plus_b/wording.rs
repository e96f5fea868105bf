//! The A+B designs in the words of a protocol: a list of decisions, the first that fits being taken; and their synopsis.

use super::{APlusB, Numbers, Start};
use crate::design::algorithm::three_plus_three;
use crate::design::rule::titration;
use crate::design::rule::wording::{Claim, LevelNames, Part, Piece, Plain, Wording, counted};
use crate::trial::{Cohort, Counts, Decision, Level, Move, StopReason};

/// What the words look at: the level just treated.
struct Seen {
    level: Level,
    patients: usize,
    dlts: usize,
    /// Patients at the level below.
    below: usize,
    /// Whether this level has been found too toxic.
    too_toxic: bool,
    /// Whether the level above has been found too toxic.
    came_down: bool,
}

/// A decision where the words fit, made from `data`.
fn when<D: Plain>(rule: APlusB, words: String, data: D, decide: fn(&D, &Seen) -> Option<Decision>) -> Piece {
    let APlusB { levels, numbers: Numbers { a, b, d, e, .. }, .. } = rule;
    Piece::decides(words, ([levels, a, b, d, e], data, decide), |(numbers, data, decide), seen| {
        decide(data, &Seen::new(*numbers, seen.counts, seen.current()))
    })
}

impl Seen {
    /// The level just treated, in a design of so many levels with these A, B, D and E.
    fn new([levels, a, b, d, e]: [usize; 5], counts: &Counts, level: Level) -> Self {
        let is_too_toxic = |level: Level| {
            let (patients, dlts) = (counts.patients(level), counts.dlts(level));
            patients >= a && dlts > if patients == a + b { e } else { d }
        };
        Self {
            level,
            patients: counts.patients(level),
            dlts: counts.dlts(level),
            below: level.checked_sub(1).map_or(0, |below| counts.patients(below)),
            too_toxic: is_too_toxic(level),
            came_down: level + 1 < levels && is_too_toxic(level + 1),
        }
    }
}

fn enrol(level: Level, patients: usize, reason: Move) -> Option<Decision> {
    Some(Decision::Enrol(Cohort { level: level as u8, patients: patients as u8 }, reason))
}

fn declare(level: Level) -> Option<Decision> {
    Some(Decision::Stop(Some(level as u8), StopReason::MtdDeclared))
}

/// `3 patients are`, `1 patient is`.
fn are(patients: usize) -> String {
    format!("{} {}", counted(patients, "patient"), if patients == 1 { "is" } else { "are" })
}

/// `3 more patients are`, `1 more patient is`.
fn more_are(patients: usize) -> String {
    format!("{} {}", counted(patients, "more patient"), if patients == 1 { "is" } else { "are" })
}

/// Fewer DLTs than `bound`, which is at least one: `no DLT`, `at most 2 DLTs`.
fn fewer_than(bound: usize) -> String {
    if bound == 1 { "no DLT".to_owned() } else { format!("at most {}", counted(bound - 1, "DLT")) }
}

/// `1 DLT`, `1 or 2 DLTs`, `1 to 3 DLTs`.
fn between(low: usize, high: usize) -> String {
    match high - low {
        0 => counted(low, "DLT"),
        1 => format!("{low} or {high} DLTs"),
        _ => format!("{low} to {high} DLTs"),
    }
}

/// The rule's words.
pub(super) fn wording(rule: APlusB, names: &LevelNames) -> Wording {
    let parts = vec![
        Part::new("Start and cohorts", start(rule, names)),
        Part::new("Decision after each cohort", decisions(rule, names)),
        Part::new("Stopping rules, in the order in which they are looked at", stops(rule, names)).numbered(),
        Part::new("Recommended dose level", selection(rule, names)),
    ];
    Wording { parts, open: open(rule, names), references: Vec::new() }
}

fn start(rule: APlusB, names: &LevelNames) -> Vec<Piece> {
    let APlusB { levels, numbers: Numbers { a, b, .. }, start, .. } = rule;
    let full = a + b;
    let evaluated =
        "The next dose level is decided when every patient of a cohort has been evaluated for dose-limiting toxicity (DLT).";
    let completing =
        format!("Later cohorts complete a level to {a} patients, or to {full}. No level has more than {full} patients.");
    let mut pieces = match start {
        Start::Group => {
            let first = if a == 1 { "The first patient is".to_owned() } else { format!("The first {a} patients are") };
            let cohorts = if a == b {
                format!("{} each", counted(a, "patient"))
            } else {
                format!("{a} patients at a level that has none, and of {b} at one that has {a}")
            };
            vec![
                Piece::claimed(
                    format!("{first} treated at {}.", names.of(0)),
                    Claim::First(Cohort { level: 0, patients: a as u8 }),
                ),
                Piece::said(format!(
                    "Later cohorts are of {cohorts}, all at one dose level. No level has more than {full} patients."
                )),
            ]
        }
        Start::OnePatient => {
            let mut pieces = one_patient(rule, names);
            pieces.push(Piece::said(completing));
            pieces
        }
        Start::Titration(titration) => {
            let mut pieces = titration::wording(titration, levels, a, usize::MAX, names);
            pieces.push(Piece::said(completing));
            pieces
        }
    };
    pieces.push(Piece::said(evaluated));
    pieces
}

/// The first patient, who is treated alone.
fn one_patient(rule: APlusB, names: &LevelNames) -> Vec<Piece> {
    let APlusB { levels, numbers: Numbers { a, .. }, confirm_top_dose, .. } = rule;
    let (more, lowest) = (a - 1, names.of(0));
    let first = Claim::First(Cohort { level: 0, patients: 1 });
    let mut pieces = vec![Piece::claimed(format!("The first patient is treated at {lowest}."), first)];
    let (words, then) = if levels > 1 {
        (format!("{} treated at {}", are(a), names.of(1)), enrol(1, a, Move::Escalate))
    } else if confirm_top_dose {
        (format!("{} treated at {lowest}", more_are(more)), enrol(0, more, Move::Expand))
    } else {
        (format!("the trial ends and {lowest} is recommended"), declare(0))
    };
    pieces.push(when(rule, format!("If that patient has no DLT, {words}."), then, |then, seen| {
        then.filter(|_| is_single(seen) && seen.dlts == 0)
    }));
    let words = format!(
        "If that patient has a DLT, {} treated at {lowest}; the first DLT counts, and the rules for {a} patients below apply.",
        more_are(more)
    );
    pieces.push(when(rule, words, more, |&more, seen| {
        (is_single(seen) && seen.dlts == 1).then(|| enrol(0, more, Move::Expand)).flatten()
    }));
    pieces
}

/// Whether the first patient is alone.
fn is_single(seen: &Seen) -> bool {
    seen.level == 0 && seen.patients == 1
}

/// The decisions that go on with the trial.
fn decisions(rule: APlusB, names: &LevelNames) -> Vec<Piece> {
    let APlusB { levels, numbers: Numbers { a, b, c, d, e }, deescalate, confirm_top_dose, .. } = rule;
    let (full, top) = (a + b, levels - 1);
    let name = names.of(top);
    let (group, next, added) = (counted(a, "patient"), are(a), more_are(b));
    let mut pieces = Vec::new();
    if levels > 1 {
        let words =
            format!("With {} in {group} at a level below {name}, {next} treated at the next higher level.", fewer_than(c));
        pieces.push(when(rule, words, (a, c, top), |&(a, c, top), seen| {
            let fits = seen.patients == a && seen.dlts < c && seen.level < top && !seen.came_down;
            fits.then(|| enrol(seen.level + 1, a, Move::Escalate)).flatten()
        }));
    }
    let words = format!("With {} in {group}, {added} treated at the same level.", between(c, d));
    pieces.push(when(rule, words, (a, b, c, d), |&(a, b, c, d), seen| {
        (seen.patients == a && (c..=d).contains(&seen.dlts)).then(|| enrol(seen.level, b, Move::Expand)).flatten()
    }));
    if levels > 1 {
        let words = format!(
            "With at most {} in {full} patients at a level below {name}, {next} treated at the next higher level, unless that level \
             has been found too toxic.",
            counted(e, "DLT")
        );
        pieces.push(when(rule, words, (full, e, top, a), |&(full, e, top, a), seen| {
            let fits = seen.patients == full && seen.dlts <= e && seen.level < top && !seen.came_down;
            fits.then(|| enrol(seen.level + 1, a, Move::Escalate)).flatten()
        }));
    }
    if confirm_top_dose {
        let words = format!("With {} in {group} at {name}, {added} treated there.", fewer_than(c));
        let confirm = when(rule, words, (a, b, c, top), |&(a, b, c, top), seen| {
            let fits = seen.patients == a && seen.dlts < c && seen.level == top;
            fits.then(|| enrol(top, b, Move::Expand)).flatten()
        });
        pieces.push(confirm.about("confirm_top_dose"));
    }
    let too_toxic = match (d == a, d == e) {
        (true, _) => format!("{} or more of its {full}", e + 1),
        (_, true) => format!("{} or more of its {a} or {full}", d + 1),
        _ => format!("{} or more of its {a}, or {} or more of its {full},", d + 1, e + 1),
    };
    pieces.push(Piece::said(format!("A level is too toxic when {too_toxic} patients have a DLT.")));
    if deescalate && levels > 1 {
        let words = format!("When a level is too toxic and the level below has {group}, {added} treated at the level below.");
        let down = when(rule, words, (a, b), |&(a, b), seen| {
            let fits = seen.too_toxic && seen.level > 0 && seen.below == a;
            fits.then(|| enrol(seen.level - 1, b, Move::Deescalate)).flatten()
        });
        pieces.push(down.about("deescalate"));
        pieces.extend(back_to_few(rule, names).map(|piece| piece.about("deescalate")));
    }
    pieces
}

/// What happens on coming back to a level with fewer than A patients.
fn back_to_few(rule: APlusB, names: &LevelNames) -> Option<Piece> {
    let Numbers { a, b, d, .. } = rule.numbers;
    let (lowest, second) = (names.of(0), names.of(1));
    let (back, completed) = match rule.start {
        Start::Group => return None,
        Start::OnePatient => {
            let words =
                format!("When {second} is too toxic and {lowest} has one patient, {} treated at {lowest}.", more_are(a - 1));
            (words, format!("these {a} patients"))
        }
        Start::Titration(titration) => {
            let passed_over =
                if titration.step == 1 { String::new() } else { format!(" Where that has none, {} treated there.", are(a)) };
            let words = format!(
                "When a level is too toxic and the level below has one patient, {} treated at the level below.{passed_over}",
                more_are(a - 1)
            );
            (words, format!("the {a} patients that it then has"))
        }
    };
    let words = format!("{back} With at most {} in {completed}, {} treated there.", counted(d, "DLT"), more_are(b));
    Some(when(rule, words, (a, b, d), |&(a, b, d), seen| {
        if seen.too_toxic && seen.level > 0 && seen.below < a {
            enrol(seen.level - 1, a - seen.below, Move::Deescalate)
        } else if seen.came_down && seen.patients == a && seen.dlts <= d {
            enrol(seen.level, b, Move::Expand)
        } else {
            None
        }
    }))
}

/// The decisions that end the trial.
fn stops(rule: APlusB, names: &LevelNames) -> Vec<Piece> {
    let APlusB { levels, numbers: Numbers { a, c, e, .. }, deescalate, confirm_top_dose, .. } = rule;
    let (full, top) = (rule.numbers.full(), levels - 1);
    let name = names.of(top);
    let (few, at_most) = (fewer_than(c), format!("at most {}", counted(e, "DLT")));
    let words = format!("The trial stops, and no dose level is recommended, when {} is too toxic.", names.of(0));
    let mut pieces = vec![when(rule, words, (), |(), seen| {
        (seen.too_toxic && seen.level == 0).then_some(Decision::Stop(None, StopReason::TooToxic))
    })];
    if levels > 1 && deescalate {
        let words = format!(
            "The trial stops when a level is too toxic and the level below has {full} patients: the level below is recommended."
        );
        pieces.push(when(rule, words, full, |&full, seen| {
            let fits = seen.too_toxic && seen.level > 0 && seen.below == full;
            fits.then(|| declare(seen.level - 1)).flatten()
        }));
        let words = format!(
            "The trial stops when a level has {at_most} in {full} patients and the level above is too toxic: it is recommended."
        );
        pieces.push(when(rule, words, (full, e), |&(full, e), seen| {
            (seen.patients == full && seen.dlts <= e && seen.came_down).then(|| declare(seen.level)).flatten()
        }));
    } else if levels > 1 {
        let words = "The trial stops when a level is too toxic: the level below is recommended, whatever its number of patients.";
        pieces.push(when(rule, words.to_owned(), (), |(), seen| {
            (seen.too_toxic && seen.level > 0).then(|| declare(seen.level - 1)).flatten()
        }));
    }
    let words = if confirm_top_dose {
        format!("The trial stops when {name} has {at_most} in {full} patients: it is recommended.")
    } else {
        format!(
            "The trial stops when {name} has {few} in {}, or at most {e} in {full}: it is recommended.",
            counted(a, "patient")
        )
    };
    let data = ((full, e), (a, c), top, confirm_top_dose);
    pieces.push(when(rule, words, data, |&((full, e), (a, c), top, confirm_top_dose), seen| {
        let is_fine = seen.patients == full && seen.dlts <= e || seen.patients == a && seen.dlts < c && !confirm_top_dose;
        (is_fine && seen.level == top).then(|| declare(top)).flatten()
    }));
    pieces
}

fn selection(rule: APlusB, names: &LevelNames) -> Vec<Piece> {
    let Numbers { a, c, e, .. } = rule.numbers;
    let highest = format!("the highest level with at most {} in {} patients", counted(e, "DLT"), rule.numbers.full());
    let which = match (rule.deescalate, rule.confirm_top_dose) {
        (true, true) => highest,
        (true, false) => format!("{highest}; for {} {} in {a} is enough", names.of(rule.levels - 1), fewer_than(c)),
        (false, _) => "the highest level below the first one found too toxic".to_owned(),
    };
    vec![Piece::said(format!("The recommended dose level, the MTD, is {which}."))]
}

fn open(rule: APlusB, names: &LevelNames) -> Vec<String> {
    let APlusB { levels, numbers: Numbers { a, c, .. }, start, deescalate, confirm_top_dose } = rule;
    let full = rule.numbers.full();
    let (lowest, top) = (names.of(0), names.of(levels - 1));
    let mut open = Vec::new();
    if levels > 1 {
        open.push(format!(
            "Whether a level is completed to {full} patients before it is recommended when the one above is too toxic. Here it {}.",
            if deescalate { "is" } else { "is not" }
        ));
    }
    let group = counted(a, "patient");
    let top_dose = if confirm_top_dose { format!("needs {full}") } else { format!("may be recommended with {a}") };
    open.push(format!(
        "Whether {top} may be recommended with {} in {group}, or needs {full}. Here it {top_dose}.",
        fewer_than(c)
    ));
    let back = if deescalate {
        format!("the level is completed to {group}, then to {full}")
    } else {
        "it is recommended with that one patient".to_owned()
    };
    match start {
        Start::OnePatient if levels > 1 => {
            let second = names.of(1);
            open.push(format!(
                "What happens on coming back to {lowest} with its one patient because {second} is too toxic. Here {back}."
            ));
            open.push(format!(
                "Whether a moderate toxicity of the first patient, short of a DLT, also calls for more patients at {lowest}. Here it does not."
            ));
        }
        Start::Titration(titration) => {
            if levels > 1 {
                open.push(format!(
                    "What happens on coming back to a level with its one patient because the one above is too toxic. Here {back}."
                ));
            }
            open.extend(titration::open(titration));
        }
        Start::Group | Start::OnePatient => {}
    }
    open.push("Whether a level once left because of DLTs may be escalated to again. Here it may not.".to_owned());
    open
}

/// The rule in short.
pub(super) fn synopsis(rule: &APlusB) -> Vec<(String, String)> {
    let APlusB { levels, numbers, start, deescalate, confirm_top_dose } = *rule;
    let Numbers { a, b, c, d, e } = numbers;
    let full = numbers.full();
    let line = |name: &str, value: String| (name.to_owned(), value);
    let mut lines = vec![if numbers == three_plus_three::NUMBERS {
        line("3+3 variant", rule.variant())
    } else {
        line("A+B design", format!("{a}+{b}, C = {c}, D = {d}, E = {e}; variant {}", rule.variant()))
    }];
    let more = a.saturating_sub(1);
    match start {
        Start::Group => {}
        Start::OnePatient => lines.push(line(
            "First cohort",
            format!("1 patient at level 1; no DLT: level 2; a DLT: {more} more at level 1, the first DLT counts"),
        )),
        Start::Titration(titration) => lines.push(titration.synopsis(a)),
    }
    let fine = if c == 1 { "0 DLTs".to_owned() } else { fewer_than(c) };
    let at_most = format!("at most {}", counted(e, "DLT"));
    let after_group = match d + 1 {
        bound if bound > a => String::new(),
        bound => format!("; {bound} or more: the level is too toxic"),
    };
    lines.push(line(
        &format!("After {}", counted(a, "patient")),
        format!("{fine}: escalate; {}: {b} more at the level{after_group}", between(c, d)),
    ));
    lines
        .push(line(&format!("After {full} patients"), format!("{at_most}: escalate; {} or more: the level is too toxic", e + 1)));
    let too_toxic = if deescalate {
        format!(
            "level 1: stop, no dose; otherwise the level below is selected when it has {full} patients, else completed to {full} and \
             selected with {at_most} in {full}"
        )
    } else {
        "level 1: stop, no dose; otherwise the level below is selected, whatever its number of patients".to_owned()
    };
    lines.push(line("A level that is too toxic", too_toxic));
    let otherwise = if deescalate { "make it too toxic" } else { "select the level below" };
    let top = if confirm_top_dose {
        format!("needs {full} patients to be selected; {} or more DLTs {otherwise}", e + 1)
    } else {
        format!("selected with {fine} in {a} or at most {e} in {full}")
    };
    lines.push(line("Top level", format!("{top} (protocols often leave this open)")));
    lines.extend(coming_back(rule));
    lines.push(line("Maximum patients", format!("{} by the rule itself", full * levels)));
    lines
}

/// The line of the synopsis about levels with one patient, where there are any.
fn coming_back(rule: &APlusB) -> Option<(String, String)> {
    let Numbers { a, b, d, e, .. } = rule.numbers;
    let too_many = match rule.start {
        Start::Group => return None,
        Start::OnePatient if rule.levels == 1 => {
            let only =
                if rule.confirm_top_dose { format!("{} more, then {b} more", a - 1) } else { "the level is selected".to_owned() };
            return Some(("One level, no DLT in the first patient".to_owned(), only));
        }
        Start::OnePatient => "stop, no dose",
        Start::Titration(_) => "it is too toxic",
    };
    let (which, level) = if rule.start == Start::OnePatient { (" at level 1", "level 1") } else { ("", "the level") };
    let back = if rule.deescalate {
        let at_most = format!("at most {}", counted(e, "DLT"));
        format!(
            "{level} is completed to {a}; {} or more DLTs: {too_many}; otherwise to {}, and selected with {at_most}",
            d + 1,
            rule.numbers.full()
        )
    } else {
        format!("{level} is selected with its one patient")
    };
    Some((format!("Coming back to one patient{which}"), format!("{back} (protocols often leave this open)")))
}
