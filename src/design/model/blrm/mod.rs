//! # Bayesian logistic regression model with overdose control (BLRM)
//!
//! ## What it does
//!
//! After each cohort the posterior distribution of a two-parameter logistic dose-toxicity curve is worked out from all patients so
//! far, and from it, for each level, the probabilities that its DLT probability lies below, in and above a target interval. A level
//! whose probability of overdosing is above a limit is not given. Among the others the one with the largest probability of the
//! target interval, or the highest, is recommended, at most so many times the current dose. The trial stops without a dose when no
//! level is left, and may declare its MTD early.
//!
//! ## Model
//!
//! logit pₖ = log α + β log(dₖ/d*), doses dₖ of the study, reference dose d*. (log α, log β) is normal with the means, standard
//! deviations and correlation given; α/(1 + α) is the DLT probability at d*. With the target interval [a, b):
//!
//! - Pr(underdosing) = Pr(pₖ < a), Pr(target) = Pr(a ≤ pₖ < b), Pr(overdosing) = Pr(pₖ ≥ b); single points carry no mass
//! - admissible: Pr(overdosing) ≤ limit. It rises with the dose, so the admissible levels are the lowest ones, or none
//! - next dose: at most the escalation factor times the current dose, compared exactly on the decimals as written; the conduct
//!   rules come on top
//! - choice `target`: the largest Pr(target), the lower level on a tie; `highest`: the highest level left
//! - too toxic: stop and select none when no level is admissible, after any cohort, the last one included
//! - MTD declared: the next cohort would go to the level just treated, which has `declare_min_patients` patients, and either its
//!   Pr(target) is above `declare_probability` or the trial has `declare_total_patients` patients. That level is then selected
//!
//! ## Parameters
//!
//! `dosebench keys blrm` lists them. With `min_patients_selected` only levels with that many patients are selected or declared.
//!
//! ## Where it differs from the paper and the R packages
//!
//! - The paper divides (0, 1) into four intervals, (0, 0.20], (0.20, 0.35], (0.35, 0.60] and (0.60, 1]; the two upper ones are one
//!   here. The interval [0.16, 0.33) is the one in general use today.
//! - Some write the prior with a covariance: correlation = covariance / (sd · sd). The paper's example has means 2.15 and 0.52,
//!   standard deviations 0.84 and 0.80 and correlation 0.2.
//! - A level is excluded when its probability of overdosing is strictly above the limit, as in OncoBayes2 and crmPack; some codes
//!   exclude it at the limit.
//! - crmPack's `NextBestNCRM` gives the highest level left when no Pr(target) is above 0.05; here the largest one is taken still.
//! - The escalation factor refers to the dose just given, as crmPack's `IncrementsRelative`, not to the highest ever given.
//! - The publications declare the MTD each in its own way; the rule above is the common form of later protocols.
//! - Probabilities are integrated to about 1e-10. MCMC software has errors of up to 0.004 in published means; `bcrm`'s exact method
//!   is wrong by up to 0.066 for this model.
//! - The paper has neither coherence nor a limit of one level; the conduct rules have both unless switched off.
//!
//! ## Laws it does not keep
//!
//! - A curve that is nowhere higher can select lower. A less toxic level sends more trials on to one above that is too toxic,
//!   whose DLTs then count against it through the model.
//!
//! ## References
//!
//! - Neuenschwander, Branson and Gsponer (2008), Statistics in Medicine 27, 2420-2439: the method.
//! - Babb, Rogatko and Zacks (1998), Statistics in Medicine 17, 1103-1120: overdose control.
//! - Neuenschwander, Matano, Tang, Roychoudhury, Wandel and Bailey (2015), in Statistical Methods in Drug Combination Studies,
//!   Chapman & Hall/CRC: declaring the MTD.

mod read;
pub mod tite;
mod wording;

use super::logistic::{AtMost, Posterior, Prior, Summary, Wanted};
use crate::design::rule::assess::{Assessment, LevelAssessment, percent};
use crate::design::rule::wording::{Evidence, LevelNames, MethodWording};
use crate::design::rule::{CONFIDENCE, ConductKeys, Law, Method, MethodEntry, Voice};
use crate::numeric::exact::decimal;
use crate::trial::{Arrival, Conduct, Counts, Level, MAX_LEVELS};

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "blrm",
    title: "BLRM",
    sentence: "Recommends by a two-parameter logistic model the level most probably on target among those that are not probably overdoses.",
    reference: "Neuenschwander, Branson and Gsponer (2008), Statistics in Medicine 27, 2420-2439",
    example: "method = \"blrm\"\nprior_mean = [-0.7, 0]\nprior_sd = [2, 1]\nreference_dose = 3",
    situations: 7_500,
    exceptions: &[(
        Law::LowerCurve,
        "A less toxic level sends more trials on to one above that is too toxic, whose DLTs then count \
             against it through the model.",
    )],
    conduct: Some(&ConductKeys::OF_MODELS),
    keys: &read::KEYS,
    read: read::read,
};

/// Which admissible level is recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one with the largest probability of the target interval.
    Target,
    /// The highest.
    Highest,
}

/// Which level is selected at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlrmSelection {
    /// The one chosen among the admissible levels with patients.
    Tried,
    /// The level that the rules would give next.
    Next,
}

/// When the MTD is declared before all planned patients are treated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Declaration {
    /// Patients at the level, at least.
    pub min_patients: usize,
    /// The probability of the target interval that must be exceeded.
    pub probability: f64,
    /// Patients in the trial that do instead, if any number does.
    pub total_patients: Option<usize>,
}

/// What defines a BLRM.
#[derive(Clone, Debug)]
pub struct BlrmSettings {
    /// The doses, increasing.
    pub doses: Vec<f64>,
    /// The dose at which α/(1 + α) is the DLT probability.
    pub reference_dose: f64,
    /// The prior of (log α, log β).
    pub prior: Prior,
    /// The target DLT probability of the study, for people: no decision uses it.
    pub target: f64,
    /// The ends of the target interval.
    pub target_interval: [f64; 2],
    /// The largest admissible probability of overdosing.
    pub overdose_limit: f64,
    /// The largest ratio of the next dose to the current one.
    pub escalation_factor: f64,
    /// Which admissible level is recommended.
    pub choice: Choice,
    /// Which level is selected.
    pub selection: BlrmSelection,
    /// When the MTD is declared early, if ever.
    pub declaration: Option<Declaration>,
}

impl BlrmSettings {
    /// The posterior distribution of the interval probabilities, for trials of up to `max_patients` patients.
    fn posterior(&self, max_patients: usize, pending: bool) -> Option<Posterior> {
        let events = |level| self.target_interval.map(|rate| AtMost { level, rate });
        let wanted = Wanted { events: (0..self.doses.len()).flat_map(events).collect(), pending, ..Wanted::default() };
        Posterior::new(&self.labels(), self.prior, max_patients, wanted)
    }

    /// log(dₖ/d*) per level.
    fn labels(&self) -> Vec<f64> {
        self.doses.iter().map(|dose| libm::log(dose / self.reference_dose)).collect()
    }

    /// The highest level that the escalation factor allows after `current`.
    fn highest_after(&self, current: Level) -> Level {
        let bound = decimal(self.escalation_factor) * decimal(self.doses[current]);
        self.doses.iter().rposition(|&dose| decimal(dose) <= bound).unwrap_or(current).max(current)
    }
}

/// The Bayesian logistic regression model with overdose control (Neuenschwander, Branson and Gsponer, 2008).
#[derive(Clone, Debug)]
pub struct Blrm {
    settings: BlrmSettings,
    posterior: Posterior,
    /// The highest level that the escalation factor allows, for each current level.
    highest_after: Vec<Level>,
}

/// The posterior interval probabilities of each level.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Pr(underdosing).
    under: [f64; MAX_LEVELS],
    /// Pr(overdosing).
    over: [f64; MAX_LEVELS],
}

impl View {
    /// From the probabilities of the ends of the target interval, level by level.
    fn new(summary: &Summary) -> Self {
        let mut view = Self { under: [0.0; MAX_LEVELS], over: [0.0; MAX_LEVELS] };
        for (level, ends) in summary.events.chunks_exact(2).enumerate() {
            view.under[level] = ends[0];
            view.over[level] = 1.0 - ends[1];
        }
        view
    }

    /// Pr(target).
    fn target(&self, level: Level) -> f64 {
        1.0 - self.under[level] - self.over[level]
    }
}

impl Blrm {
    /// A BLRM for trials of up to `max_patients` patients. `None` when the prior is out of range (see [`Posterior::new`]), or the
    /// doses, the reference dose or the interval are not positive and increasing.
    #[must_use]
    pub fn new(settings: BlrmSettings, max_patients: usize) -> Option<Self> {
        if settings.doses.len() > MAX_LEVELS || settings.target_interval[0] >= settings.target_interval[1] {
            return None;
        }
        let posterior = settings.posterior(max_patients, false)?;
        let highest_after = (0..settings.doses.len()).map(|level| settings.highest_after(level)).collect();
        Some(Self { settings, posterior, highest_after })
    }

    /// Pr(underdosing), Pr(target) and Pr(overdosing) given `counts`, per level.
    #[must_use]
    pub fn intervals(&self, counts: &Counts) -> Vec<[f64; 3]> {
        let view = self.view(counts);
        (0..self.settings.doses.len()).map(|level| [view.under[level], view.target(level), view.over[level]]).collect()
    }

    /// The probabilities as the words of the method are told them.
    fn evidence_of(&self, view: &View) -> Evidence {
        let levels = self.settings.doses.len();
        Evidence { too_low: view.under[..levels].to_vec(), too_high: view.over[..levels].to_vec(), ..Evidence::default() }
    }

    /// Whether overdose control admits a level.
    fn is_admissible(&self, view: &View, level: Level) -> bool {
        view.over[level] <= self.settings.overdose_limit
    }

    /// What a recommendation of `level` rests on, or with `too_toxic` the end of the trial.
    fn grounds_of(&self, view: &View, level: Level, too_toxic: bool) -> String {
        let limit = self.settings.overdose_limit;
        let shares = [view.under[level], view.target(level), view.over[level]].map(percent);
        let is_over = if too_toxic { "above" } else { "the limit being" };
        format!(
            "level {}: Pr(underdosing) {}, Pr(target) {}, Pr(overdosing) {}, {is_over} {limit}",
            level + 1,
            shares[0],
            shares[1],
            shares[2]
        )
    }

    /// The level chosen among the admissible ones that `is_candidate` admits, too.
    fn choose(&self, view: &View, is_candidate: impl Fn(Level) -> bool) -> Option<Level> {
        let mut candidates =
            (0..self.settings.doses.len()).filter(|&level| self.is_admissible(view, level) && is_candidate(level));
        match self.settings.choice {
            Choice::Highest => candidates.last(),
            Choice::Target => {
                let first = candidates.next()?;
                Some(candidates.fold(first, |best, level| if view.target(level) > view.target(best) { level } else { best }))
            }
        }
    }
}

impl Method for Blrm {
    type View = View;

    fn view(&self, counts: &Counts) -> View {
        View::new(&self.posterior.of(counts))
    }

    fn too_toxic(&self, view: View, _counts: &Counts, _arrival: Arrival) -> bool {
        !(0..self.settings.doses.len()).any(|level| self.is_admissible(&view, level))
    }

    fn recommend(&self, view: View, _counts: &Counts, arrival: Arrival) -> Level {
        // Without an admissible level the trial ends.
        self.choose(&view, |level| level <= self.highest_after[arrival.level()]).unwrap_or(0)
    }

    fn declares_mtd(&self, view: View, counts: &Counts, current: Level, next: Level) -> bool {
        self.settings.declaration.is_some_and(|Declaration { min_patients, probability, total_patients }| {
            let enough = total_patients.is_some_and(|total| counts.total_patients() >= total);
            next == current && counts.patients(current) >= min_patients && (enough || view.target(current) > probability)
        })
    }

    fn select(&self, view: View, counts: &Counts, next: Level, min_patients: usize) -> Option<Level> {
        match self.settings.selection {
            BlrmSelection::Tried => self.choose(&view, |level| counts.patients(level) >= min_patients.max(1)),
            BlrmSelection::Next => (counts.patients(next) >= min_patients).then_some(next),
        }
    }
}

impl Voice for Blrm {
    fn grounds(&self, counts: &Counts, arrival: Arrival, too_toxic: bool) -> String {
        let view = self.view(counts);
        let level = if too_toxic { 0 } else { self.recommend(view, counts, arrival) };
        self.grounds_of(&view, level, too_toxic)
    }

    fn assess(&self, counts: &Counts, levels: usize) -> Assessment {
        let settings = &self.settings;
        let wanted = Wanted {
            mean_toxicity: true,
            events: (0..levels).map(|level| AtMost { level, rate: settings.target }).collect(),
            ..Wanted::default()
        };
        let view = self.view(counts);
        let patients = counts.total_patients().max(1);
        // The prior was accepted when the design was made, so there is a posterior.
        let Some(posterior) = Posterior::new(&settings.labels(), settings.prior, patients, wanted) else {
            return Assessment::observed(counts, levels);
        };
        let summary = posterior.of(counts);
        let tail = 0.5 * (1.0 - CONFIDENCE);
        let assessed = |level: Level| LevelAssessment {
            estimate: Some(summary.mean_toxicity[level]),
            interval: Some((posterior.quantile(counts, level, tail), posterior.quantile(counts, level, 1.0 - tail))),
            exceedance: Some(1.0 - summary.events[level]),
            intervals: Some([view.under[level], view.target(level), view.over[level]]),
            excluded: !self.is_admissible(&view, level),
        };
        Assessment {
            basis: "posterior mean of the DLT probability, its 90 % credible interval, and posterior probabilities, all by integration; \
                    levels above the overdose limit are excluded",
            levels: (0..levels).map(assessed).collect(),
        }
    }

    fn synopsis(&self) -> Vec<(String, String)> {
        let BlrmSettings { prior, target_interval: [low, high], reference_dose, overdose_limit, escalation_factor, .. } =
            &self.settings;
        let choice = match self.settings.choice {
            Choice::Target => "the admissible level with the largest probability of the target interval",
            Choice::Highest => "the highest admissible level",
        };
        let selection = match self.settings.selection {
            BlrmSelection::Tried => "by the same choice among the admissible levels with patients",
            BlrmSelection::Next => "the level that the rules would give next",
        };
        let mut lines = vec![
            ("Model", format!("logistic, logit of the DLT probability log α + β log(dose / {reference_dose})")),
            ("Prior", prior_words(prior)),
            ("Target interval", format!("DLT probability from {low} to {high}; above, overdosing")),
            ("Overdose control", format!("a level is admissible when Pr(overdosing | data) is at most {overdose_limit}")),
            ("Escalation", format!("at most to {escalation_factor} times the current dose")),
            ("Recommendation", choice.to_owned()),
            ("Selection", selection.to_owned()),
            ("Too toxic", "no dose is selected when no level is admissible".to_owned()),
        ];
        if let Some(declaration) = self.settings.declaration {
            lines.push(("MTD declared", wording::declaration_words(declaration)));
        }
        lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn wording(&self, conduct: &Conduct, names: &LevelNames) -> MethodWording {
        wording::wording(self, conduct, names)
    }

    fn evidence(&self, counts: &Counts) -> Evidence {
        self.evidence_of(&self.view(counts))
    }

    fn cautions(&self, conduct: &Conduct) -> Vec<(&'static str, String)> {
        wording::cautions(self, conduct)
    }
}

/// The prior in words.
fn prior_words(prior: &Prior) -> String {
    let Prior { mean, sd, correlation } = prior;
    format!(
        "log α and log β normal with means {} and {}, standard deviations {} and {}, correlation {correlation}",
        mean[0], mean[1], sd[0], sd[1]
    )
}
