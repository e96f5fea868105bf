//! The non-parametric optimal benchmark (O'Quigley, Paoletti and Maccario, 2002).
//!
//! A design sees each patient at one dose level. The benchmark sees each patient's *complete* response: a patient of tolerance
//! u would have a DLT at every level whose toxicity is above u. With n patients, Nₖ of whom would have a DLT at level k, it
//! selects the level whose proportion Nₖ/n is nearest the target φ:
//!
//! > select the k that minimises |Nₖ/n − φ|
//!
//! No trial can be conducted so; it says how hard a scenario is for n patients. It is a reference and not a strict bound: it
//! knows no stopping, so it cannot select none, and a design whose prior favours the right level can be ahead of it.
//!
//! **Ties.** Nₖ is a whole number, so levels tie often: neighbours with the same Nₖ, or one as far below the target as another
//! is above it. The paper does not say what happens then. Here a tie is split equally, and it is decided exactly, on the
//! target's decimal as written.
//!
//! # Parameters
//! `dosebench keys benchmark` lists them.
//!
//! Reference: O'Quigley J, Paoletti X, Maccario J (2002). Non-parametric optimal design in dose finding studies.
//! Biostatistics 3(1), 51-56, doi:10.1093/biostatistics/3.1.51.

use super::conduct_keys::MAX_PATIENTS_KEY;
use super::read::refuse_conduct;
use super::{Context, MethodEntry, Plan};
use crate::keys::Keys;
use crate::numeric::exact::{decimal, ratio};
use crate::trial::{Level, MAX_LEVELS, MAX_PATIENTS, Outcome};
use num_rational::BigRational;
use num_traits::Signed;
use std::cmp::Ordering;

/// The entry in the list of methods.
pub const ENTRY: MethodEntry = MethodEntry {
    key: "benchmark",
    title: "Optimal benchmark",
    sentence: "A reference, not a rule: what could be selected if each patient's outcome at every level were known.",
    reference: "O'Quigley, Paoletti and Maccario (2002), Biostatistics 3, 51-56",
    example: "method = \"benchmark\"\nmax_patients = 30",
    situations: 0,
    exceptions: &[],
    conduct: None,
    keys: &[&[&MAX_PATIENTS_KEY.about]],
    read,
};

/// Read the keys of a benchmark: `max_patients` (30).
fn read(keys: &mut Keys<'_>, context: Context) -> Option<Plan> {
    let reason = "does not apply to the benchmark: it sees every patient at every level, nothing is conducted";
    refuse_conduct(keys, &["max_patients"], reason, "remove it; the only key of the benchmark is `max_patients`");
    let max_patients = keys.get(&MAX_PATIENTS_KEY);
    Some(Plan::Benchmark(Benchmark::new(context.levels, max_patients, &decimal(context.target))))
}

/// The benchmark for one number of patients and one target.
#[derive(Clone, Debug)]
pub struct Benchmark {
    levels: usize,
    max_patients: usize,
    /// For N = 0 to n patients with a DLT: the rank of |N/n − φ| among all these distances, equal distances having equal ranks.
    distance: Vec<u16>,
}

impl Benchmark {
    /// The benchmark for `levels` dose levels (at most [`MAX_LEVELS`]), `max_patients` patients (at most [`MAX_PATIENTS`]) and
    /// the exact `target` DLT probability; what is larger is cut to the limit.
    #[must_use]
    pub fn new(levels: usize, max_patients: usize, target: &BigRational) -> Self {
        let max_patients = max_patients.min(MAX_PATIENTS);
        let exact: Vec<BigRational> = (0..=max_patients).map(|dlts| (ratio(dlts, max_patients) - target).abs()).collect();
        let mut ranked = exact.clone();
        ranked.sort();
        ranked.dedup();
        let distance = exact.iter().map(|distance| ranked.partition_point(|other| other < distance) as u16).collect();
        Self { levels: levels.min(MAX_LEVELS), max_patients, distance }
    }

    /// The number of dose levels.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// The number of patients n whose complete responses are seen.
    #[must_use]
    pub fn max_patients(&self) -> usize {
        self.max_patients
    }

    /// For N = 0 to n patients with a DLT: the rank of |N/n − φ| among all these distances, equal distances having equal ranks.
    #[must_use]
    pub fn ranks(&self) -> &[u16] {
        &self.distance
    }

    /// The levels selected when `responses[k]` of the n patients would have a DLT at level k: all that are nearest the target,
    /// as bits in the convention of [`Outcome::selected`]. Bit 0, none, is never set.
    ///
    /// # Panics
    ///
    /// When a response is above n, or when there are more than [`MAX_LEVELS`] of them.
    #[inline]
    #[must_use]
    pub fn choose(&self, responses: &[usize]) -> u16 {
        assert!(responses.len() <= MAX_LEVELS);
        let mut nearest = u16::MAX;
        let mut selected = 0;
        for (level, &dlts) in responses.iter().enumerate() {
            let distance = self.distance[dlts];
            if distance < nearest {
                nearest = distance;
                selected = 0;
            }
            if distance == nearest {
                selected |= Outcome::selection(Some(level));
            }
        }
        selected
    }

    /// The exact probability of each set of selected levels that can occur, ascending by bits, when `toxicity[k]` in [0, 1] is
    /// the true DLT probability of level k. The curve may fall as well as rise; entries past the number of levels are not
    /// looked at.
    ///
    /// With the levels in the order of their toxicities p₁ ≤ p₂ ≤ ..., the responses N₁ ≤ N₂ ≤ ... are a Markov chain: of the
    /// n − Nₖ patients without a DLT at one level, Bin(n − Nₖ, (pₖ₊₁ − pₖ)/(1 − pₖ)) have one at the next. As N rises, its
    /// distance to the target falls first and rises afterwards. So the nearest levels are always neighbours in this order, and
    /// once a level is farther away than its predecessor, no later one can be nearest. It is therefore enough to carry the
    /// probability of (where the run of nearest levels started, N at its last level); the work is of the order of
    /// levels² × n², and every sum is one of positive terms.
    #[must_use]
    pub fn distribution(&self, toxicity: &[f64]) -> Vec<(u16, f64)> {
        let n = self.max_patients;
        let mut order: Vec<Level> = (0..self.levels.min(toxicity.len())).collect();
        order.sort_by(|&a, &b| toxicity[a].total_cmp(&toxicity[b]));

        // runs[start][dlts]: the levels from `start` up to the present one are nearest so far, all having this distance.
        let mut runs = vec![vec![0.0; n + 1]; order.len()];
        let mut selected = Vec::new();
        let mut previous = 0.0;
        for (present, &level) in order.iter().enumerate() {
            let further = binomial(n, conditional(previous, toxicity[level]));
            previous = toxicity[level];
            if present == 0 {
                runs[0].copy_from_slice(&further[n]);
                continue;
            }
            for start in 0..present {
                let before = std::mem::replace(&mut runs[start], vec![0.0; n + 1]);
                let mut ended = 0.0;
                for (dlts, &probability) in before.iter().enumerate().filter(|&(_, &probability)| probability > 0.0) {
                    for (more, &share) in further[n - dlts].iter().enumerate() {
                        let probability = probability * share;
                        match self.distance[dlts + more].cmp(&self.distance[dlts]) {
                            Ordering::Less => runs[present][dlts + more] += probability,
                            Ordering::Equal => runs[start][dlts + more] += probability,
                            Ordering::Greater => ended += probability,
                        }
                    }
                }
                selected.push((bits(&order[start..present]), ended));
            }
        }
        selected.extend(runs.iter().enumerate().map(|(start, run)| (bits(&order[start..]), run.iter().sum())));
        selected.retain(|&(_, probability)| probability > 0.0);
        selected.sort_by_key(|&(levels, _)| levels);
        selected
    }

    /// The rule in short, for the design synopsis of a report: (name of the item, its value).
    #[must_use]
    pub fn synopsis(&self) -> Vec<(String, String)> {
        vec![
            (
                "Rule".to_owned(),
                "selects the level whose observed DLT proportion of all patients' complete responses is nearest the target; \
                 ties split equally; it is a reference, not a strict bound: it cannot select none"
                    .to_owned(),
            ),
            ("Patients".to_owned(), format!("{}", self.max_patients)),
        ]
    }
}

/// The bits of several levels, in the convention of [`Outcome::selected`].
fn bits(levels: &[Level]) -> u16 {
    levels.iter().fold(0, |bits, &level| bits | Outcome::selection(Some(level)))
}

/// The probability of a DLT at toxicity `next` for a patient without one at toxicity `previous`, the lower of the two.
fn conditional(previous: f64, next: f64) -> f64 {
    if previous < 1.0 { (next - previous) / (1.0 - previous) } else { 0.0 }
}

/// Binomial probabilities: entry `[m][x]` is that of x events among m, for every m up to `n`, each with probability `event`.
///
/// By Pascal's rule, adding one patient at a time: positive terms only, so the relative error is below 2 m rounding errors.
fn binomial(n: usize, event: f64) -> Vec<Vec<f64>> {
    let mut rows = Vec::with_capacity(n + 1);
    let mut row = vec![1.0];
    for _ in 0..n {
        let mut longer = vec![0.0; row.len() + 1];
        for (x, &probability) in row.iter().enumerate() {
            longer[x] += probability * (1.0 - event);
            longer[x + 1] += probability * event;
        }
        rows.push(std::mem::replace(&mut row, longer));
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_decided_on_the_decimal_of_the_target() {
        let benchmark = Benchmark::new(3, 30, &decimal(0.25));
        assert_eq!(benchmark.choose(&[7, 8, 20]), 0b0110, "7 and 8 of 30 are equally far from 0.25");
        assert_eq!(benchmark.choose(&[6, 8, 8]), 0b1100);
        assert_eq!(benchmark.choose(&[0, 0, 30]), 0b0110);
        assert_eq!(benchmark.choose(&[30, 30, 30]), 0b1110);
        let tenths = Benchmark::new(2, 10, &decimal(0.3));
        assert_eq!(tenths.choose(&[2, 4]), 0b0110, "0.4 - 0.3 and 0.3 - 0.2 differ as binary fractions");
        let below_a_third = Benchmark::new(2, 18, &decimal(0.333));
        assert_eq!(below_a_third.choose(&[5, 7]), 0b0010, "0.333 is nearer 5/18");
        assert_eq!(Benchmark::new(2, 18, &ratio(1, 3)).choose(&[5, 7]), 0b0110);
    }

    /// Expected values: mpmath 1.4.1 with 40 digits, the probabilities taken as the binary fractions they are.
    #[test]
    fn binomial_probabilities_are_accurate() {
        for (x, n, event, expected) in [
            (75, 250, 0.3, 0.054990266654279495),
            (200, 250, 0.3, 6.438368465761062e-60),
            (250, 250, 0.3, 1.9068374811679485e-131),
            (0, 250, 1e-3, 0.7787033741169901),
            (12, 30, 0.05, 8.387780131745208e-9),
        ] {
            let relative = binomial(n, event)[n][x] / expected - 1.0;
            assert!(relative.abs() < 1e-13, "{x} of {n} at {event}: {relative:e}");
        }
    }
}
