//! # Escalation with overdose control (EWOC)
//!
//! ## What it does
//!
//! After each cohort the posterior distribution of the MTD is worked out from all patients so far. The next dose is the one that
//! exceeds the MTD with a probability of at most the feasibility bound, rounded to a dose level. The bound may rise during the
//! trial. The trial starts at the lowest level unless said otherwise, and selects by the same rule at the end.
//!
//! ## Model
//!
//! Doses of the study standardised, z = (d - d₁)/(d_K - d₁). ρ₀ is the DLT probability at the lowest dose, between 0 and the
//! target φ; γ is the standardised MTD, between 0 and 1:
//!
//! - logit p(z) = logit ρ₀ + (logit φ - logit ρ₀) z/γ, so p(0) = ρ₀ and p(γ) = φ
//! - prior: ρ₀/φ and γ have independent beta distributions, uniform by default
//! - feasibility bound after m cohorts: α = min(0.5, `feasibility_bound` + (m - 1) `bound_increment`); cohorts are counted by the
//!   patients treated, as if each had its planned size
//! - next dose: the α quantile q of γ given the data. `down`: the highest level with z ≤ q, which is Pr(γ ≤ z | data) ≤ α; `nearest`:
//!   the level nearest q, the upper one on a tie
//! - selection `tried`: the highest level with patients at or below the one recommended; `next`: the level the rules would give next
//!
//! ## Parameters
//!
//! `dosebench keys ewoc` lists them. With `min_patients_selected` only levels with that many patients are selected; none if there is none.
//!
//! ## Where it differs from the paper and the R package
//!
//! - The paper doses continuously and keeps the bound at 0.25; `bound_increment = 0` does. Here doses are the levels of the study.
//! - The rising bound counts cohorts. The R package `ewoc` 0.3.0 raises it for each patient or each cohort as it is called, and for
//!   discrete doses rounded down puts the upper end of the range one unit above the highest dose.
//! - The model takes the lowest dose to be safe, ρ₀ < φ, so that it has no stop for toxicity, as in the paper.
//! - The quantities are integrated to about 1e-9, for most counts 1e-11; `ewoc` samples, with errors of up to 2e-3.
//!
//! ## Laws it does not keep
//!
//! - One more DLT can lead higher. A DLT at the lowest level is put down to ρ₀, its own toxicity, which makes the curve flatter
//!   and the MTD higher, so that one DLT fewer there can select lower.
//! - Without a DLT the trial need not climb to the top. The MTD lies below the highest dose for certain, so that a dose rounded
//!   down is never the highest.
//! - A curve that is nowhere higher can select lower. A DLT at the lowest level is put down to ρ₀, its own toxicity, which makes
//!   the curve flatter and the MTD higher, so that one DLT fewer there can select lower.
//!
//! ## References
//!
//! - Babb, Rogatko and Zacks (1998), Statistics in Medicine 17, 1103-1120: the method.
//! - Tighiouart and Rogatko (2010), Statistical Science 25, 217-226: the rising feasibility bound.

mod posterior;
mod read;
mod wording;

pub use posterior::{Beta, Posterior};

use crate::design::rule::assess::{Assessment, LevelAssessment, percent};
use crate::design::rule::wording::{Evidence, LevelNames, MethodWording};
use crate::design::rule::{ConductKeys, Law, Method, MethodEntry, Voice};
use crate::trial::{Arrival, Conduct, Counts, Level, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "ewoc",
    title: "EWOC",
    sentence: "Recommends the dose that exceeds the MTD with a probability of at most the feasibility bound.",
    reference: "Babb, Rogatko and Zacks (1998), Statistics in Medicine 17, 1103-1120",
    example: "method = \"ewoc\"\nfeasibility_bound = 0.25",
    situations: 15_000,
    exceptions: &[
        (
            Law::MoreDlts,
            "A DLT at the lowest level is put down to ρ₀, its own toxicity, which makes the curve flatter and the \
             MTD higher, so that one DLT fewer there can select lower.",
        ),
        (Law::Climbs, "The MTD lies below the highest dose for certain, so that a dose rounded down is never the highest."),
        (
            Law::LowerCurve,
            "A DLT at the lowest level is put down to ρ₀, its own toxicity, which makes the curve flatter and the \
             MTD higher, so that one DLT fewer there can select lower.",
        ),
    ],
    conduct: Some(&ConductKeys::OF_MODELS),
    keys: &[read::KEYS],
    read: read::read,
};

/// How the recommended dose becomes a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// The highest level at or below it.
    Down,
    /// The nearest level.
    Nearest,
}

/// Which level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EwocSelection {
    /// The highest level with patients at or below the one recommended.
    Tried,
    /// The level that the rules would give next.
    Next,
}

/// What defines an EWOC design.
#[derive(Clone, Debug)]
pub struct EwocSettings {
    /// The doses, increasing.
    pub doses: Vec<f64>,
    /// The target DLT probability φ.
    pub target: f64,
    /// The prior of ρ₀/φ.
    pub rho_prior: Beta,
    /// The prior of γ.
    pub gamma_prior: Beta,
    /// The feasibility bound after the first cohort.
    pub feasibility_bound: f64,
    /// By how much it rises with each further cohort.
    pub bound_increment: f64,
    /// How the recommended dose becomes a level.
    pub rounding: Rounding,
    /// Which level is selected.
    pub selection: EwocSelection,
    /// The planned size of a cohort, by which cohorts are counted, smaller ones as if they had been completed.
    pub cohort_size: usize,
}

impl EwocSettings {
    /// The standardised dose of each level.
    fn standardised(&self) -> Vec<f64> {
        let (first, last) = (self.doses.first().copied().unwrap_or(0.0), self.doses.last().copied().unwrap_or(1.0));
        // A single level is the lowest dose.
        self.doses.iter().map(|dose| if last > first { (dose - first) / (last - first) } else { 0.0 }).collect()
    }

    /// The standardised dose from which on each level but the lowest is recommended.
    fn thresholds(&self) -> Vec<f64> {
        let doses = self.standardised();
        match self.rounding {
            Rounding::Down => doses.iter().skip(1).copied().collect(),
            Rounding::Nearest => doses.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect(),
        }
    }

    /// The feasibility bound when so many patients have been treated.
    fn bound(&self, patients: usize) -> f64 {
        let further = patients.div_ceil(self.cohort_size.max(1)).saturating_sub(1);
        (self.feasibility_bound + further as f64 * self.bound_increment).min(0.5)
    }
}

/// Escalation with overdose control (Babb, Rogatko and Zacks, 1998).
#[derive(Clone, Debug)]
pub struct Ewoc {
    settings: EwocSettings,
    posterior: Posterior,
}

/// What EWOC works out from counts: for each level but the lowest, the probability that the MTD is at most its threshold.
#[derive(Clone, Copy, Debug)]
pub struct View {
    below: [f64; MAX_LEVELS],
}

impl Ewoc {
    /// An EWOC design for trials of up to `max_patients` patients. `None` when a prior is out of range; see [`Posterior::new`].
    #[must_use]
    pub fn new(settings: EwocSettings, max_patients: usize) -> Option<Self> {
        if !(1..=MAX_LEVELS).contains(&settings.doses.len()) {
            return None;
        }
        let priors = [settings.rho_prior, settings.gamma_prior];
        let posterior = Posterior::new(&settings.standardised(), settings.target, priors, max_patients, &settings.thresholds())?;
        Some(Self { settings, posterior })
    }

    /// The level whose dose is the quantile of the MTD at the feasibility bound, rounded.
    fn level(&self, view: &View, counts: &Counts) -> Level {
        let bound = self.settings.bound(counts.total_patients());
        view.below[..self.settings.doses.len() - 1].iter().take_while(|&&below| below <= bound).count()
    }
}

impl Method for Ewoc {
    type View = View;

    fn view(&self, counts: &Counts) -> View {
        let mut view = View { below: [0.0; MAX_LEVELS] };
        view.below.iter_mut().zip(self.posterior.at_most(counts)).for_each(|(own, below)| *own = below);
        view
    }

    fn too_toxic(&self, _view: View, _counts: &Counts, _arrival: Arrival) -> bool {
        false
    }

    fn recommend(&self, view: View, counts: &Counts, _arrival: Arrival) -> Level {
        self.level(&view, counts)
    }

    fn select(&self, view: View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level> {
        match self.settings.selection {
            EwocSelection::Tried => {
                (0..=self.level(&view, counts)).rev().find(|&level| counts.patients(level) >= min_patients.max(1))
            }
            EwocSelection::Next => (counts.patients(next) >= min_patients).then_some(next),
        }
    }
}

impl Voice for Ewoc {
    fn grounds(&self, counts: &Counts, _arrival: Arrival, _too_toxic: bool) -> String {
        let bound = self.settings.bound(counts.total_patients());
        let quantile = self.posterior.quantile(counts, bound);
        let (first, last) =
            (self.settings.doses.first().copied().unwrap_or(0.0), self.settings.doses.last().copied().unwrap_or(0.0));
        let level = self.level(&self.view(counts), counts) + 1;
        format!(
            "the dose that exceeds the MTD with probability {} is {:.4}, which is rounded to level {level}",
            percent(bound),
            first + quantile * (last - first)
        )
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        let settings = &self.settings;
        let doses = settings.standardised();
        let priors = [settings.rho_prior, settings.gamma_prior];
        // The priors were accepted when the design was made, so there is a posterior.
        let Some(posterior) = Posterior::new(&doses, settings.target, priors, counts.total_patients().max(1), &doses) else {
            return Assessment::observed(counts, levels);
        };
        let (toxicity, exceedance) = (posterior.mean_toxicity(counts), posterior.at_most(counts));
        let level = |level: Level| LevelAssessment {
            estimate: Some(toxicity[level]),
            exceedance: Some(exceedance[level].clamp(0.0, 1.0)),
            ..LevelAssessment::default()
        };
        Assessment {
            basis: "posterior mean of the DLT probability; Pr(toxicity > target) is the posterior probability that the MTD is below \
                    the dose",
            levels: (0..levels).map(level).collect(),
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let EwocSettings { rho_prior, gamma_prior, feasibility_bound, bound_increment, rounding, selection, target, .. } =
            &self.settings;
        let beta = |prior: &Beta| format!("Beta({}, {})", prior.a, prior.b);
        let rounding = match rounding {
            Rounding::Down => "rounded down to a level",
            Rounding::Nearest => "rounded to the nearest level",
        };
        let selection = match selection {
            EwocSelection::Tried => "the highest level with patients at or below the one recommended",
            EwocSelection::Next => "the level that the rules would give next",
        };
        let lines = [
            ("Model", "logistic in the dose, with the toxicity ρ₀ of the lowest dose and the MTD γ as parameters".to_owned()),
            ("Prior", format!("ρ₀/{target} {}, γ {} on the range of the doses", beta(rho_prior), beta(gamma_prior))),
            ("Feasibility bound", format!("{feasibility_bound}, higher by {bound_increment} with each cohort, up to 0.5")),
            ("Recommendation", format!("the dose that exceeds the MTD with the probability of the bound, {rounding}")),
            ("Selection", selection.to_owned()),
        ];
        lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn wording(&self, conduct: &Conduct, _names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct)
    }

    /// Of the lowest level, which can always be given, the probability counts as 0.
    fn evidence(&self, counts: &Counts) -> Evidence {
        let view = self.view(counts);
        let above = view.below[..self.settings.doses.len() - 1].iter().copied();
        Evidence { too_high: std::iter::once(0.0).chain(above).collect(), ..Evidence::default() }
    }
}
