//! Up-and-down designs in the words of a protocol.

use super::{Step, TooToxic, UpAndDown, group};
use crate::design::rule::decision_table::wording::{is_exceeded, nearest_by_regression};
use crate::design::rule::selection::SLIGHT_PRIOR;
use crate::design::rule::selection::Selects;
use crate::design::rule::wording::{LevelNames, MethodWording, Piece, Seen, counted, enough_patients, selects_next};
use crate::trial::{Conduct, Level, StopReason};

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
pub(super) fn wording(design: &UpAndDown, conduct: &Conduct, names: &LevelNames) -> MethodWording {
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
fn decisions(design: &UpAndDown, conduct: &Conduct, names: &LevelNames) -> Vec<Piece> {
    let top = design.selection.levels - 1;
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
            // Whether the step needs heads.
            let (down_needs, up_needs) = (!certain && tosses_after_dlt, !certain && !tosses_after_dlt);
            let words = format!("After a patient with a DLT {after_dlt}");
            pieces.push(Piece::recommends(words, down_needs, |&needs_heads, seen| {
                let moves = !needs_heads || seen.arrival.heads;
                (seen.arrival.dlts > 0).then(|| if moves { down(seen) } else { seen.current() })
            }));
            let words = format!("After a patient without a DLT {after_none}");
            pieces.push(Piece::recommends(words, (up_needs, top), |&(needs_heads, top), seen| {
                let moves = !needs_heads || seen.arrival.heads;
                (seen.arrival.dlts == 0).then(|| if moves { up(seen, top) } else { seen.current() })
            }));
        }
        Step::Group { escalate_if_at_most, deescalate_if_at_least } => {
            let size = conduct.cohort_size;
            let centre = group::centre(size, escalate_if_at_most, deescalate_if_at_least);
            let with = |dlts: u8| if dlts == 1 { "1 DLT".to_owned() } else { format!("{dlts} DLTs") };
            let escalate = format!(
                "After a cohort with {}{} the next one is treated one level higher.",
                if escalate_if_at_most == 0 { "" } else { "at most " },
                with(escalate_if_at_most)
            );
            let deescalate =
                format!("After a cohort with {} or more the next one is treated one level lower.", with(deescalate_if_at_least));
            let higher = Piece::recommends(escalate, (escalate_if_at_most, top), |&(most, top), seen| {
                (seen.arrival.dlts <= most).then(|| up(seen, top))
            });
            let lower = Piece::recommends(deescalate, deescalate_if_at_least, |&fewest, seen| {
                (seen.arrival.dlts >= fewest).then(|| down(seen))
            });
            pieces.extend([higher.about("escalate_if_at_most"), lower.about("deescalate_if_at_least")]);
            if escalate_if_at_most + 1 < deescalate_if_at_least {
                let words = "Otherwise it is treated at the same level.";
                pieces.push(Piece::recommends(words, (), |(), seen| Some(seen.current())));
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

/// One level up from the level just treated, where there is one.
fn up(seen: &Seen<'_>, top: Level) -> Level {
    (seen.current() + 1).min(top)
}

/// One level down from it, where there is one.
fn down(seen: &Seen<'_>) -> Level {
    seen.current().saturating_sub(1)
}

/// When the lowest level is too toxic.
fn too_toxic(design: &UpAndDown, names: &LevelNames) -> Vec<Piece> {
    let Some(rule) = &design.too_toxic else { return Vec::new() };
    let words = format!(
        "The trial stops, and no dose level is recommended, when a patient at {} has had a DLT and the probability that its toxicity \
         exceeds {} is above {}, given its data and a uniform prior. This is looked at after every cohort, the last one included.",
        names.of(0),
        rule.rate,
        rule.cutoff
    );
    let piece = Piece::stops(words, StopReason::TooToxic, (rule.rate, rule.cutoff), |&(rate, cutoff), seen, _| {
        let (patients, dlts) = (seen.counts.patients(0), seen.counts.dlts(0));
        dlts > 0 && is_exceeded(rate, cutoff, patients, dlts)
    });
    vec![piece.about("too_toxic_cutoff")]
}

/// How a level is selected at the end.
fn selection(design: &UpAndDown, min_patients: usize) -> Piece {
    let target = design.selection.target;
    let levels = design.selection.levels;
    let piece = match design.selects {
        Selects::Next => {
            let enough = enough_patients(min_patients);
            let words =
                format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}");
            selects_next(words, min_patients)
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
            Piece::selects(words, (levels, target, fewest), |&(levels, target, fewest), seen, _| {
                nearest_by_regression(seen.counts, levels, target, SLIGHT_PRIOR, |level, _| seen.counts.patients(level) >= fewest)
            })
        }
    };
    piece.about("selection")
}
