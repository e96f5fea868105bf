//! Calendar time: how patients arrive, how long they are followed, and when their DLTs occur.

/// Calendar time of a trial, in weeks.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// The DLT window.
    pub dlt_window_weeks: f64,
    /// Patients arriving a week, on average; after a ramp-up, where there is one.
    pub accrual_per_week: f64,
    /// How they arrive.
    pub arrivals: ArrivalPattern,
    /// The least time between the first and the second patient of a cohort (sentinel patient); 0 for none.
    pub sentinel_weeks: f64,
    /// How many of the patients who arrive while enrolment is closed wait for it to open; the others are lost.
    pub queue: usize,
    /// The time from an observation to the decisions that may use it.
    pub decision_weeks: f64,
    /// When in the window a DLT occurs, where one does.
    pub time_to_dlt: TimeToDlt,
    /// The probability that a patient drops out before the end of the window, unless a DLT comes first; at any time of the window,
    /// with equal chances, whatever the dose. Whoever drops out without a DLT is not evaluable: no decision counts this patient, nor
    /// does any number of patients.
    pub dropout_rate: f64,
    /// Whether another patient is enrolled in the cohort for each who drops out. Cohorts are otherwise evaluated with those who are
    /// left, unless the rule counts on whole ones; see [`Timing::replaces`].
    pub replace_dropouts: bool,
    /// The share of all DLTs that occur after the window, where no decision sees them; the toxicity of a level is the probability of
    /// a DLT within it.
    pub late_dlt_share: f64,
    /// The length of the trial that is planned, for comparison; it changes no trial.
    pub planned_weeks: Option<f64>,
}

/// The DLT window where none is said.
pub const USUAL_WINDOW_WEEKS: f64 = 3.0;

/// The patients who arrive in a week where nothing is said of it.
pub const USUAL_ACCRUAL_PER_WEEK: f64 = 0.5;

/// How patients arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrivalPattern {
    /// As a Poisson process, whose rate rises from 0 in a straight line during the ramp-up; a ramp-up of 0 weeks is none.
    Poisson {
        /// The length of the ramp-up.
        ramp_up_weeks: f64,
    },
    /// At equal intervals, the first patient after one of them.
    Regular,
    /// In these weeks, counted from the opening of the trial and not decreasing; later ones at equal intervals.
    Weeks(Vec<f64>),
}

/// When in the window a DLT occurs, where one does.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeToDlt {
    /// At any time, with equal chances.
    Uniform,
    /// By a Weibull distribution that has this share of the DLT probability in the first half of the window, and all of it at the
    /// end.
    Weibull {
        /// That share, between 0 and 1.
        first_half: f64,
    },
    /// By the share of DLTs in each of some equal parts of the window; in a part at any time, with equal chances.
    Table(Vec<f64>),
}

/// A rate of arrivals in words: `1 patient a week`, `0.5 patients a week`.
#[must_use]
pub fn patients_a_week(rate: f64) -> String {
    format!("{rate} {} a week", if rate == 1.0 { "patient" } else { "patients" })
}

impl Default for Timing {
    /// That of a trial with a window of three weeks and a patient every second week, everything else as usual.
    fn default() -> Self {
        Self::new(USUAL_WINDOW_WEEKS, USUAL_ACCRUAL_PER_WEEK)
    }
}

impl Timing {
    /// Calendar time with a window and a rate of accrual, everything else as usual: Poisson arrivals without a ramp-up, no
    /// sentinel patient, no queue, decisions at once, DLTs at any time of the window and none after it, nobody who drops out.
    #[must_use]
    pub fn new(dlt_window_weeks: f64, accrual_per_week: f64) -> Self {
        Self {
            dlt_window_weeks,
            accrual_per_week,
            arrivals: ArrivalPattern::Poisson { ramp_up_weeks: 0.0 },
            sentinel_weeks: 0.0,
            queue: 0,
            decision_weeks: 0.0,
            time_to_dlt: TimeToDlt::Uniform,
            dropout_rate: 0.0,
            replace_dropouts: true,
            late_dlt_share: 0.0,
            planned_weeks: None,
        }
    }

    /// Whether the duration of a trial whose cohorts wait for their last window follows from its patients and cohorts in closed
    /// form: arrivals without memory, and nothing else that takes time. When DLTs occur does not matter to it,
    /// nor what is planned.
    #[must_use]
    pub fn is_closed_form(&self) -> bool {
        let usual = Self::new(self.dlt_window_weeks, self.accrual_per_week);
        *self
            == Self {
                time_to_dlt: self.time_to_dlt.clone(),
                late_dlt_share: self.late_dlt_share,
                planned_weeks: self.planned_weeks,
                ..usual
            }
    }

    /// Whether patients drop out. The patients who are evaluated are then not those of a trial without a calendar.
    #[must_use]
    pub fn has_dropouts(&self) -> bool {
        self.dropout_rate > 0.0
    }

    /// Whether those who drop out are replaced under a rule of which is said whether it counts on whole cohorts, as a 3+3 does.
    #[must_use]
    pub fn replaces(&self, needs_whole_cohorts: bool) -> bool {
        self.replace_dropouts || needs_whole_cohorts
    }

    /// The probability of a DLT after the window, none having occurred within it, at a level of this toxicity: the share of all DLTs
    /// being what it is, as far as there are patients without one.
    #[must_use]
    pub fn late_dlt_probability(&self, toxicity: f64) -> f64 {
        let without = 1.0 - toxicity;
        if without <= 0.0 {
            return 0.0;
        }
        (toxicity * self.late_dlt_share / (1.0 - self.late_dlt_share) / without).min(1.0)
    }

    /// Every key of `[timing]` and what it says in words. Those of [`Timing::default`] are what a study has that does not name the key.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let or_none = |weeks: f64, words: String, none: &str| if weeks > 0.0 { words } else { none.to_owned() };
        let (arrivals, ramp_up) = match &self.arrivals {
            ArrivalPattern::Poisson { ramp_up_weeks } => ("at random, as a Poisson process".to_owned(), *ramp_up_weeks),
            ArrivalPattern::Regular => ("at equal intervals".to_owned(), 0.0),
            ArrivalPattern::Weeks(weeks) => {
                (format!("the first {} in the weeks given, later ones at equal intervals", weeks.len()), 0.0)
            }
        };
        let ramp_up_words = format!("the rate of arrivals rises from 0 in a straight line during the first {ramp_up} weeks");
        let sentinel = self.sentinel_weeks;
        let sentinel_words =
            format!("the second patient of a cohort is enrolled {sentinel} weeks after the first at the earliest");
        let queue = match self.queue {
            0 => "nobody: who arrives while enrolment is closed is turned away".to_owned(),
            queue => format!("up to {queue} of those who arrive while enrolment is closed; the others are turned away"),
        };
        let decision = self.decision_weeks;
        let time_to_dlt = match &self.time_to_dlt {
            TimeToDlt::Uniform => "at any time of the window, with equal chances".to_owned(),
            TimeToDlt::Weibull { first_half } => {
                format!("by a Weibull distribution, {first_half} of the DLT probability in the first half of the window")
            }
            TimeToDlt::Table(shares) => format!("by a table of {} parts of the window", shares.len()),
        };
        let rate = self.dropout_rate;
        let dropouts = if self.has_dropouts() {
            format!(
                "{rate}: the probability that a patient drops out before the end of the window, at any time of it, unless a DLT comes \
                 first; who drops out is not evaluable, and all numbers of patients are of those evaluated"
            )
        } else {
            "none: everybody is followed to the end of the window".to_owned()
        };
        let replaced = if self.replace_dropouts {
            "who drops out is replaced in the cohort, beyond the planned number of patients"
        } else {
            "who drops out is not replaced: cohorts are evaluated with those who are left, one of which nobody is left is enrolled again, \
             and the planned number includes those who drop out; rules that count on whole cohorts, as a 3+3 or a titration, replace \
             them all the same"
        };
        let late = match self.late_dlt_share {
            share if share > 0.0 => format!("{share} of all DLTs occur after the window, where no decision sees them"),
            _ => "none: all DLTs occur within the window".to_owned(),
        };
        vec![
            ("dlt_window_weeks", format!("each patient is followed for {} weeks", self.dlt_window_weeks)),
            ("accrual_per_week", format!("{} on average", patients_a_week(self.accrual_per_week))),
            ("arrivals", arrivals),
            ("ramp_up_weeks", or_none(ramp_up, ramp_up_words, "none: the full rate from the start")),
            ("sentinel_weeks", or_none(sentinel, sentinel_words, "none: the patients of a cohort are enrolled as they arrive")),
            ("queue", queue),
            (
                "decision_weeks",
                or_none(
                    decision,
                    format!("decisions rest on what was observed {decision} weeks before"),
                    "none: decisions at once",
                ),
            ),
            ("time_to_dlt", time_to_dlt),
            ("dropout_rate", dropouts),
            ("replace_dropouts", replaced.to_owned()),
            ("late_dlt_share", late),
            (
                "planned_weeks",
                self.planned_weeks.map_or("none".to_owned(), |weeks| format!("the trial is to take {weeks} weeks")),
            ),
        ]
    }
}
