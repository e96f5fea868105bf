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
}

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

impl Timing {
    /// Calendar time with a window and a rate of accrual, everything else as usual: Poisson arrivals without a ramp-up, no
    /// sentinel patient, no queue, decisions at once, DLTs at any time of the window.
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
        }
    }

    /// Whether the duration of a trial whose cohorts wait for their last window follows from its patients and cohorts in closed
    /// form: arrivals without memory, and nothing else that takes time. When DLTs occur does not matter to it.
    #[must_use]
    pub fn is_closed_form(&self) -> bool {
        let usual = Self::new(self.dlt_window_weeks, self.accrual_per_week);
        *self == Self { time_to_dlt: self.time_to_dlt.clone(), ..usual }
    }

    /// The settings beside window and accrual that are not as usual, in words.
    #[must_use]
    pub fn synopsis(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.arrivals {
            ArrivalPattern::Poisson { ramp_up_weeks } if *ramp_up_weeks > 0.0 => {
                lines.push(format!("the rate of arrivals rises from 0 during the first {ramp_up_weeks} weeks"));
            }
            ArrivalPattern::Poisson { .. } => {}
            ArrivalPattern::Regular => lines.push("patients arrive at equal intervals".to_owned()),
            ArrivalPattern::Weeks(weeks) => {
                lines
                    .push(format!("the first {} patients arrive in the weeks given, later ones at equal intervals", weeks.len()));
            }
        }
        if self.sentinel_weeks > 0.0 {
            lines.push(format!(
                "the second patient of a cohort is enrolled {} weeks after the first at the earliest",
                self.sentinel_weeks
            ));
        }
        if self.queue > 0 {
            lines.push(format!("up to {} patients who arrive while enrolment is closed wait", self.queue));
        }
        if self.decision_weeks > 0.0 {
            lines.push(format!("decisions may use what was observed {} weeks before", self.decision_weeks));
        }
        match &self.time_to_dlt {
            TimeToDlt::Uniform => {}
            TimeToDlt::Weibull { first_half } => {
                lines.push(format!(
                    "DLTs occur by a Weibull distribution, {first_half} of their probability in the first half of the window"
                ));
            }
            TimeToDlt::Table(shares) => lines.push(format!("DLTs occur by a table of {} parts of the window", shares.len())),
        }
        lines
    }
}
