//! Up-and-down designs in the words of a protocol.

use super::{Step, TooToxic, UpAndDown, group};
use crate::design::rule::decision_table::wording::nearest_by_regression;
use crate::design::rule::selection::SLIGHT_PRIOR;
use crate::design::rule::selection::Selects;
use crate::design::rule::wording::{Claim, LevelNames, MethodWording, Piece, counted, enough_patients};
use crate::trial::{Arrival, Conduct, Counts, Level, StopReason};

/// The method's lines of the synopsis.
pub(super) fn synopsis(design: &UpAndDown) -> Vec<(String, String)> {
    let line = |name: &str, value: String| (name.to_owned(), value);
    let target = design.selection.target;
    let mut lines = match design.step {
        Step::BiasedCoin { heads, tosses_after_dlt } => {
            let tossed = |direction| {
                if heads < 1.0 {
                    format!("one level {direction} with probability {heads:.6}, otherwise the level stays")
                } else {
                    format!("one level {direction}")
                }
            };
            let (down, up) = if tosses_after_dlt {
                (tossed("down"), "one level up".to_owned())
            } else {
                ("one level down".to_owned(), tossed("up"))
            };
            vec![line("Target", target.to_string()), line("After a DLT", down), line("After no DLT", up)]
        }
        Step::Group { escalate_if_at_most, deescalate_if_at_least } => vec![
            line("Target", target.to_string()),
            line("Escalate", format!("with at most {escalate_if_at_most} DLTs in the last cohort")),
            line("De-escalate", format!("with at least {deescalate_if_at_least} DLTs in the last cohort; stay otherwise")),
        ],
    };
    if let Some(TooToxic { cutoff, rate, .. }) = &design.too_toxic {
        let rule = format!("without a dose when Pr(toxicity of level 1 > {rate} | data) > {cutoff}, under a uniform prior");
        lines.push(line("Stop for toxicity", rule));
    }
    let selected = match design.selects {
        Selects::Isotonic => "the level whose isotonic estimate is closest to the target, among those tried",
        Selects::Next => "the level that the rules would give next",
    };
    lines.push(line("Select", selected.to_owned()));
    lines
}

/// The method's words.
pub(super) fn wording<'a>(design: &'a UpAndDown, conduct: &Conduct, names: &LevelNames) -> MethodWording<'a> {
    let mut open = vec![
        "Whether the next dose may be held back for what earlier patients had: this rule looks at the last cohort only."
            .to_owned(),
    ];
    if design.step.coin().is_some() {
        open.push("Who tosses the coin, when, and how the result is kept from those who treat the patients.".to_owned());
    }
    if design.too_toxic.is_none() {
        open.push(
            "When the trial stops because even the lowest level is too toxic. This rule has no such stop: it treats all planned patients."
                .to_owned(),
        );
    }
    let isotonic = design.selects == Selects::Isotonic;
    let reference = "Ayer et al. (1955), Annals of Mathematical Statistics 26, 641-647: isotonic regression";
    MethodWording {
        decisions: decisions(design, conduct, names),
        too_toxic: too_toxic(design, names),
        precise: Vec::new(),
        selection: vec![selection(design, conduct.min_patients_selected)],
        open,
        references: if isotonic { vec![reference] } else { Vec::new() },
    }
}

/// How the next level is recommended.
fn decisions<'a>(design: &UpAndDown, conduct: &Conduct, names: &LevelNames) -> Vec<Piece<'a>> {
    let top = design.selection.levels - 1;
    let up = move |current: Level| (current + 1).min(top);
    let down = |current: Level| current.saturating_sub(1);
    let mut pieces = vec![Piece::said(format!("The target DLT probability is {}.", design.selection.target))];
    match design.step {
        Step::BiasedCoin { heads, tosses_after_dlt } => {
            let certain = heads >= 1.0;
            let tossed = |moved: &str| {
                if certain {
                    format!("{moved}.")
                } else {
                    format!(
                        "a coin is tossed that shows heads with probability {heads:.6}: at heads {moved}, at tails the next patient is \
                         treated at the same level."
                    )
                }
            };
            let (go_down, go_up) =
                ("the next patient is treated one level lower", "the next patient is treated one level higher");
            let (after_dlt, after_none) =
                if tosses_after_dlt { (tossed(go_down), format!("{go_up}.")) } else { (format!("{go_down}."), tossed(go_up)) };
            let moves = move |arrival: Arrival, waits: bool| certain || !waits || arrival.heads;
            let dlt = move |_: &Counts, arrival: Arrival| {
                let current = arrival.level();
                (arrival.dlts > 0).then(|| if moves(arrival, tosses_after_dlt) { down(current) } else { current })
            };
            let none = move |_: &Counts, arrival: Arrival| {
                let current = arrival.level();
                (arrival.dlts == 0).then(|| if moves(arrival, !tosses_after_dlt) { up(current) } else { current })
            };
            let recommends = |words: String, claim| Piece::claimed(words, Claim::Recommends(claim));
            pieces.push(recommends(format!("After a patient with a DLT {after_dlt}"), Box::new(dlt)));
            pieces.push(recommends(format!("After a patient without a DLT {after_none}"), Box::new(none)));
        }
        Step::Group { escalate_if_at_most, deescalate_if_at_least } => {
            let size = conduct.cohort_size;
            let centre = group::centre(size, escalate_if_at_most, deescalate_if_at_least);
            let higher = move |_: &Counts, arrival: Arrival| (arrival.dlts <= escalate_if_at_most).then(|| up(arrival.level()));
            let lower =
                move |_: &Counts, arrival: Arrival| (arrival.dlts >= deescalate_if_at_least).then(|| down(arrival.level()));
            let same = |_: &Counts, arrival: Arrival| Some(arrival.level());
            let recommends = |words: String, claim| Piece::claimed(words, Claim::Recommends(claim));
            let with = |dlts: u8| if dlts == 1 { "1 DLT".to_owned() } else { format!("{dlts} DLTs") };
            let escalate = format!(
                "After a cohort with {}{} the next one is treated one level higher.",
                if escalate_if_at_most == 0 { "" } else { "at most " },
                with(escalate_if_at_most)
            );
            let deescalate =
                format!("After a cohort with {} or more the next one is treated one level lower.", with(deescalate_if_at_least));
            pieces.push(recommends(escalate, Box::new(higher)).about("escalate_if_at_most"));
            pieces.push(recommends(deescalate, Box::new(lower)).about("deescalate_if_at_least"));
            if escalate_if_at_most + 1 < deescalate_if_at_least {
                pieces.push(recommends("Otherwise it is treated at the same level.".to_owned(), Box::new(same)));
            }
            pieces.push(Piece::said(format!(
                "A step up and a step down are equally likely at a DLT probability of {centre:.3}, around which the levels are visited."
            )));
        }
    }
    pieces.push(Piece::said(format!(
        "There is no step below {} or above {}: the next dose level is then the same. What earlier cohorts had does not matter.",
        names.of(0),
        names.of(top)
    )));
    pieces
}

/// When the lowest level is too toxic.
fn too_toxic<'a>(design: &'a UpAndDown, names: &LevelNames) -> Vec<Piece<'a>> {
    let Some(rule) = &design.too_toxic else { return Vec::new() };
    let words = format!(
        "The trial stops, and no dose level is recommended, when a patient at {} has had a DLT and the probability that its toxicity \
         exceeds {} is above {}, given its data and a uniform prior. This is looked at after every cohort, the last one included.",
        names.of(0),
        rule.rate,
        rule.cutoff
    );
    vec![Piece::stops(words, StopReason::TooToxic, |counts, _, _| rule.holds(counts)).about("too_toxic_cutoff")]
}

/// How a level is selected at the end.
fn selection<'a>(design: &UpAndDown, min_patients: usize) -> Piece<'a> {
    let target = design.selection.target;
    let levels = design.selection.levels;
    let piece = match design.selects {
        Selects::Next => {
            let enough = enough_patients(min_patients);
            let words =
                format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}");
            let claim = move |counts: &Counts, next: Level| (counts.patients(next) >= min_patients).then_some(next);
            Piece::claimed(words, Claim::Selects(Box::new(claim)))
        }
        Selects::Isotonic => {
            let fewest = min_patients.max(1);
            let mut words = format!(
                "The recommended dose level is chosen among the levels with at least {}. {}",
                counted(fewest, "patient"),
                design.selection.words()
            );
            if min_patients > 1 {
                words += " A level with fewer patients takes part in the estimation.";
            }
            let select = move |counts: &Counts, _: Level| {
                nearest_by_regression(counts, levels, target, SLIGHT_PRIOR, |level, _| counts.patients(level) >= fewest)
            };
            Piece::claimed(words, Claim::Selects(Box::new(select)))
        }
    };
    piece.about("selection")
}
