//! How many patients are enrolled and followed at the end of each week, over many trials, as whole numbers.

use super::tally::Stays;

/// Weeks that are looked at, ten years of them; what happens later is left out.
pub(super) const WEEKS: usize = 520;

/// Weeks that are less than this above a whole one count as that one, half a second: they are sums and quotients of decimals.
pub(super) const ROUNDING: f64 = 1.0 / (1u64 << 20) as f64;

/// Enrolment and follow-up of many trials, week by week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enrolment {
    trials: u64,
    /// For each patient, by the order of enrolment, and each week: the trials that enrolled that patient in the course of it.
    enrolled: Vec<Vec<u64>>,
    /// At the end of each week the sum over trials of the patients who are followed, and the sum of the squares of their numbers.
    followed: Vec<(i64, i64)>,
}

/// The first whole week by which something has happened.
fn whole_week(weeks: f64) -> usize {
    // Rounded up by hand: the usual way is a call into a library, thirty times and more a trial.
    let exact = weeks - ROUNDING;
    let whole = exact as usize;
    whole + usize::from(exact > whole as f64)
}

/// The entry of a week, where it is looked at.
fn entry<T: Clone + Default>(list: &mut Vec<T>, week: usize) -> Option<&mut T> {
    if week >= list.len() && week <= WEEKS {
        list.resize(week + 1, T::default());
    }
    list.get_mut(week)
}

impl Enrolment {
    /// Add a trial whose patients were on study in these weeks.
    pub(super) fn add(&mut self, Stays { entered, left: ends }: Stays<'_>) {
        self.trials += 1;
        if self.enrolled.len() < entered.len() {
            self.enrolled.resize(entered.len(), Vec::new());
        }
        // Week by week and not from patient to patient: no processor foresees who leaves before who comes.
        let mut changes = [0_i16; WEEKS + 1];
        for (weeks, &week) in self.enrolled.iter_mut().zip(entered) {
            let week = whole_week(week);
            if let Some(trials) = entry(weeks, week) {
                *trials += 1;
                changes[week] += 1;
            }
        }
        for &week in ends {
            if let Some(change) = changes.get_mut(whole_week(week)) {
                *change -= 1;
            }
        }
        let weeks = ends.last().map_or(0, |&end| whole_week(end).min(WEEKS) + 1);
        if self.followed.len() < weeks {
            self.followed.resize(weeks, (0, 0));
        }
        let mut followed = 0;
        for ((sum, squares), &change) in self.followed.iter_mut().zip(&changes[..weeks]) {
            followed += i64::from(change);
            *sum += followed;
            *squares += followed * followed;
        }
    }

    /// Add the trials of another sum.
    pub(super) fn merge(&mut self, other: Self) {
        self.trials += other.trials;
        if self.enrolled.len() < other.enrolled.len() {
            self.enrolled.resize(other.enrolled.len(), Vec::new());
        }
        for (weeks, other) in self.enrolled.iter_mut().zip(other.enrolled) {
            add_up(weeks, other, |trials, other| *trials += other);
        }
        add_up(&mut self.followed, other.followed, |sums, other| *sums = (sums.0 + other.0, sums.1 + other.1));
    }

    /// The number of trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// What is found at the end of each week from 0 on, until the last in which something happens.
    pub fn weeks(&self) -> impl Iterator<Item = EnrolmentWeek> {
        let last = self.enrolled.iter().map(Vec::len).fold(self.followed.len(), usize::max);
        let mut so_far = EnrolmentWeek { enrolled: vec![0; self.enrolled.len()], ..EnrolmentWeek::default() };
        (0..last).map(move |week| {
            for (trials, weeks) in so_far.enrolled.iter_mut().zip(&self.enrolled) {
                *trials += weeks.get(week).copied().unwrap_or(0);
            }
            so_far.followed = self.followed.get(week).copied().unwrap_or((0, 0));
            so_far.clone()
        })
    }
}

fn add_up<T: Clone + Default>(list: &mut Vec<T>, other: Vec<T>, add: impl Fn(&mut T, T)) {
    if list.len() < other.len() {
        list.resize(other.len(), T::default());
    }
    list.iter_mut().zip(other).for_each(|(own, other)| add(own, other));
}

/// What is found at the end of a week, over all trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnrolmentWeek {
    /// For each patient, by the order of enrolment, the trials that have enrolled that patient.
    pub enrolled: Vec<u64>,
    /// The sum of the patients whose window is not over, and the sum of the squares of their numbers.
    pub followed: (i64, i64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_by_hand() {
        let mut enrolment = Enrolment::default();
        // Windows until 3.5, 4 and 7; and until 3.2.
        enrolment.add(Stays { entered: &[0.5, 1.0, 4.0], left: &[3.5, 4.0, 7.0] });
        let mut other = Enrolment::default();
        other.add(Stays { entered: &[0.2], left: &[3.2] });
        enrolment.merge(other);
        let weeks: Vec<EnrolmentWeek> = enrolment.weeks().collect();
        let followed: Vec<(i64, i64)> = weeks.iter().map(|week| week.followed).collect();
        assert_eq!(followed, [(0, 0), (3, 5), (3, 5), (3, 5), (1, 1), (1, 1), (1, 1), (0, 0)]);
        assert_eq!(weeks[1].enrolled, [2, 1, 0]);
        assert_eq!(weeks[4].enrolled, [2, 1, 1]);
    }
}
