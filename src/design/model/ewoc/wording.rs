//! EWOC in the words of a protocol.

use super::{Beta, Ewoc, EwocSelection, EwocSettings, Rounding};
use crate::design::rule::wording::{Claim, MethodWording, Piece, Seen, enough_patients, selects_next};
use crate::trial::{Conduct, Level};

/// The method's words.
pub(super) fn wording(ewoc: &Ewoc, conduct: &Conduct) -> MethodWording {
    MethodWording {
        decisions: decisions(ewoc, conduct),
        precise: Vec::new(),
        too_toxic: Vec::new(),
        selection: selection(ewoc, conduct.min_patients_selected),
        open: vec![
            "Who runs the model between cohorts, with which program and version, and who may decide for a lower level than recommended."
                .to_owned(),
            "When the trial stops because even the lowest level is too toxic. The model takes it to be safe, and this rule has no such stop."
                .to_owned(),
        ],
        references: vec!["Tighiouart and Rogatko (2010), Statistical Science 25, 217-226: the rising feasibility bound"],
    }
}

fn decisions(ewoc: &Ewoc, conduct: &Conduct) -> Vec<Piece> {
    let EwocSettings { doses, target, rho_prior, gamma_prior, rounding, .. } = &ewoc.settings;
    let (lowest, highest) = (doses.first().copied().unwrap_or(0.0), doses.last().copied().unwrap_or(0.0));
    let beta = |prior: &Beta| format!("Beta({}, {})", prior.a, prior.b);
    let rounding = match rounding {
        Rounding::Down => "The highest dose level that is not above that dose is recommended for the next cohort.",
        Rounding::Nearest => "The dose level nearest that dose is recommended for the next cohort.",
    };
    let first = conduct.first_cohort_size.min(conduct.max_patients);
    let after = (first..conduct.max_patients).step_by(conduct.cohort_size.max(1));
    let rows = std::iter::once(["Patients treated".to_owned(), "Feasibility bound".to_owned()].to_vec())
        .chain(after.map(|patients| vec![patients.to_string(), format!("{:.2}", ewoc.settings.bound(patients))]))
        .collect();
    vec![
        Piece::said(format!(
            "The logit of the DLT probability is a straight line in the dose. Its parameters are ρ, the DLT probability of the lowest dose \
             {lowest}, and the MTD, the dose with a DLT probability of {target}. Before the trial ρ/{target} is {} and the MTD is {} on the \
             range from {lowest} to {highest}. After each cohort their posterior distribution is worked out from all patients of the trial.",
            beta(rho_prior),
            beta(gamma_prior)
        )),
        Piece::said(
            "The recommended dose is the one that exceeds the MTD with a posterior probability equal to the feasibility bound. The bound \
             depends on the number of patients treated.",
        ),
        Piece::grid(rows, Claim::Nothing),
        Piece::recommends(rounding, bounds(&ewoc.settings), |bounds, seen| Some(recommended(bounds, seen))),
    ]
}

fn selection(ewoc: &Ewoc, min_patients: usize) -> Vec<Piece> {
    let enough = enough_patients(min_patients);
    let words = match ewoc.settings.selection {
        EwocSelection::Tried => format!(
            "The recommended dose level is the highest one at which patients have been treated and that is not above the level \
             recommended by the rule above; none if there is no such level.{enough}"
        ),
        EwocSelection::Next => {
            format!("The recommended dose level is the one at which the next cohort would have been treated.{enough}")
        }
    };
    if ewoc.settings.selection == EwocSelection::Next {
        return vec![selects_next(words, min_patients)];
    }
    let piece = Piece::selects(words, (bounds(&ewoc.settings), min_patients.max(1)), |(bounds, fewest), seen, _| {
        let highest = recommended(bounds, seen);
        (0..=highest).filter(|&level| seen.counts.patients(level) >= *fewest).max()
    });
    vec![piece.about("selection")]
}

/// The feasibility bound after one cohort, by how much it rises, and patients in a cohort.
type Bounds = (f64, f64, usize);

fn bounds(settings: &EwocSettings) -> Bounds {
    (settings.feasibility_bound, settings.bound_increment, settings.cohort_size.max(1))
}

/// The highest level whose dose, as it is rounded, exceeds the MTD with a probability of at most the bound, as the words have it; the
/// lowest always can be given.
fn recommended(&(first, increment, cohort): &Bounds, seen: &Seen<'_>) -> Level {
    let treated = seen.counts.total_patients();
    let further = (1..).take_while(|cohorts| cohorts * cohort < treated).count();
    let bound = (first + further as f64 * increment).min(0.5);
    (1..seen.evidence.too_high.len()).filter(|&level| seen.evidence.too_high[level] <= bound).max().unwrap_or(0)
}
