//! Dose-transition pathways (Yap, Billingham, Cheung, Craddock and O'Quigley, 2017, Clinical Cancer Research 23, 7440-7447): everything
//! that the next cohorts can bring, with what the rule says to it.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::design::{Answer, Rule};
use crate::trial::{Arrival, Cohort, Counts, Decision, StopReason};

/// There are more pathways than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {limit} pathways: {found} after {cohorts} cohorts")]
pub struct TooManyPathways {
    /// The bound.
    pub limit: usize,
    /// How many there are when the bound is passed.
    pub found: usize,
    /// After how many cohorts.
    pub cohorts: usize,
}

/// A cohort that may be observed, and what the rule says then.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The branch that it follows, in the layer before; 0 in the first layer, which follows the start.
    pub parent: usize,
    /// The cohort and its DLTs.
    pub arrival: Arrival,
    /// Patients and DLTs of the trial, this cohort included.
    pub counts: Counts,
    /// What the rule says.
    pub answer: Answer,
    /// The branches that follow, in the next layer: none where the trial ends or the pathways do.
    pub children: Range<usize>,
}

impl Branch {
    /// The probability of these DLTs in this cohort under `curve`, the DLT probability of each level.
    #[must_use]
    pub fn probability(&self, curve: &[f64]) -> f64 {
        let Arrival { cohort, dlts } = self.arrival;
        binomial(cohort.patients, dlts, curve[cohort.level as usize])
    }
}

/// All pathways of some cohorts as a tree, in layers: the cohorts that may be observed first, second and so on.
#[derive(Clone, Debug)]
pub struct Pathways {
    /// The cohort with which they begin.
    pub first: Cohort,
    /// One layer a cohort, each in the order of its parents and of the number of DLTs.
    pub layers: Vec<Vec<Branch>>,
}

impl Pathways {
    /// All pathways of the next `cohorts` cohorts of a trial in which `counts` have been observed and `first` is enrolled next. A
    /// pathway ends where the trial does. The layers end with the longest one.
    ///
    /// # Errors
    /// [`TooManyPathways`] when there are more than `limit`.
    pub fn new(rule: &dyn Rule, counts: Counts, first: Cohort, cohorts: usize, limit: usize) -> Result<Self, TooManyPathways> {
        let mut layers: Vec<Vec<Branch>> = Vec::new();
        let mut ended = 0;
        let mut open = vec![(0, counts, first)];
        while layers.len() < cohorts && !open.is_empty() {
            let found = ended + open.iter().map(|(_, _, cohort)| usize::from(cohort.patients) + 1).sum::<usize>();
            if found > limit {
                return Err(TooManyPathways { limit, found, cohorts: layers.len() + 1 });
            }
            let mut layer = Vec::new();
            for (parent, counts, cohort) in open.drain(..) {
                let start = layer.len();
                layer.extend((0..=cohort.patients).map(|dlts| Branch {
                    parent,
                    arrival: Arrival { cohort, dlts },
                    counts: counts.with(cohort.level as usize, cohort.patients, dlts),
                    answer: Answer::Start(cohort),
                    children: 0..0,
                }));
                if let Some(before) = layers.last_mut() {
                    before[parent].children = start..layer.len();
                }
            }
            ask(rule, &mut layer);
            for (index, branch) in layer.iter().enumerate() {
                match branch.answer.next_cohort() {
                    Some(cohort) => open.push((index, branch.counts, cohort)),
                    None => ended += 1,
                }
            }
            layers.push(layer);
        }
        Ok(Self { first, layers })
    }

    /// The pathways, fewest DLTs first: for each the numbers of the branches that it consists of, one a layer.
    pub fn paths(&self) -> impl Iterator<Item = Vec<usize>> {
        let mut open: Vec<Vec<usize>> = (0..self.layers.first().map_or(0, Vec::len)).rev().map(|index| vec![index]).collect();
        std::iter::from_fn(move || {
            loop {
                let path = open.pop()?;
                let branch = &self.layers[path.len() - 1][*path.last()?];
                if branch.children.is_empty() {
                    return Some(path);
                }
                open.extend(branch.children.clone().rev().map(|child| {
                    let mut longer = path.clone();
                    longer.push(child);
                    longer
                }));
            }
        })
    }

    /// The probability of each branch under `curve`, the DLT probability of each level, in layers as the branches are.
    #[must_use]
    pub fn probabilities(&self, curve: &[f64]) -> Vec<Vec<f64>> {
        let mut found: Vec<Vec<f64>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let before = found.last();
            let probability = |branch: &Branch| before.map_or(1.0, |before| before[branch.parent]) * branch.probability(curve);
            let probabilities = layer.iter().map(probability).collect();
            found.push(probabilities);
        }
        found
    }
}

/// Ask the rule about a layer: distinct counts once.
fn ask(rule: &dyn Rule, layer: &mut [Branch]) {
    let mut numbers: BTreeMap<Counts, u32> = BTreeMap::new();
    let mut distinct = Vec::new();
    let mut arrivals = Vec::new();
    let mut asked = Vec::new();
    for (index, branch) in layer.iter_mut().enumerate() {
        match rule.objection(&branch.counts, branch.arrival) {
            Some(objection) => branch.answer = Answer::Silent(objection),
            None => {
                let number = *numbers.entry(branch.counts).or_insert_with(|| {
                    distinct.push(branch.counts);
                    distinct.len() as u32 - 1
                });
                arrivals.push((number, branch.arrival));
                asked.push(index);
            }
        }
    }
    let mut decisions = Vec::with_capacity(arrivals.len());
    rule.decide_batch(&distinct, &arrivals, &mut decisions);
    for (index, decision) in asked.into_iter().zip(decisions) {
        layer[index].answer = Answer::Decided(decision);
    }
}

/// The probability of `dlts` among `patients` when each has a DLT with probability `p`. A cohort is small, so every factor fits.
fn binomial(patients: u8, dlts: u8, p: f64) -> f64 {
    let ways = (1..=dlts).fold(1.0, |ways, i| ways * f64::from(patients + 1 - i) / f64::from(i));
    let power = |base: f64, exponent: u8| (0..exponent).fold(1.0, |product, _| product * base);
    ways * power(p, dlts) * power(1.0 - p, patients - dlts)
}

/// Where streams of pathways meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Junction {
    /// This cohort is enrolled.
    Enrol(Cohort),
    /// The trial has ended and this level is selected, or none.
    Stop(Option<u8>, StopReason),
    /// The rule has no answer.
    Silent,
}

/// The pathways that lead from one junction to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The junction that it comes from, in its stage.
    pub from: usize,
    /// The junction that it leads to, in the next stage.
    pub to: usize,
    /// The numbers of DLTs that lead there, ascending.
    pub dlts: Vec<u8>,
    /// Its probability, where a curve was given.
    pub probability: Option<f64>,
}

/// Pathways with those drawn together that a reader cannot tell apart: situations after the same number of cohorts in which the same
/// cohort is enrolled and every outcome leads to the same decisions, up to the last cohort of the pathways.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The junctions before the first cohort, after it, and so on, with their probabilities where a curve was given.
    pub stages: Vec<Vec<(Junction, Option<f64>)>>,
    /// `streams[s]` leads from stage s to stage s + 1.
    pub streams: Vec<Vec<Stream>>,
}

impl Flow {
    /// The flow of `pathways`, with probabilities under `curve` where there is one.
    #[must_use]
    pub fn new(pathways: &Pathways, curve: Option<&[f64]>) -> Self {
        let probabilities = curve.map(|curve| pathways.probabilities(curve));
        let probability = |layer: usize, index: usize| probabilities.as_ref().map(|all| all[layer][index]);
        // From the last layer back: situations are the same when they enrol the same and their outcomes lead to the same.
        let mut kinds: Vec<Vec<usize>> = vec![Vec::new(); pathways.layers.len()];
        let mut stages = vec![vec![(Junction::Enrol(pathways.first), curve.map(|_| 1.0))]];
        let mut found: Vec<Vec<(Junction, Option<f64>)>> = Vec::new();
        for (depth, layer) in pathways.layers.iter().enumerate().rev() {
            let mut known: BTreeMap<(Junction, Vec<usize>), usize> = BTreeMap::new();
            let mut stage: Vec<(Junction, Option<f64>)> = Vec::new();
            let numbers: Vec<usize> = layer
                .iter()
                .enumerate()
                .map(|(index, branch)| {
                    let junction = junction(&branch.answer);
                    let after = branch.children.clone().map(|child| kinds[depth + 1][child]).collect();
                    let number = *known.entry((junction, after)).or_insert_with(|| {
                        stage.push((junction, curve.map(|_| 0.0)));
                        stage.len() - 1
                    });
                    add(&mut stage[number].1, probability(depth, index));
                    number
                })
                .collect();
            kinds[depth] = numbers;
            found.push(stage);
        }
        stages.extend(found.into_iter().rev());
        let streams = pathways.layers.iter().enumerate().map(|(depth, layer)| {
            let mut streams: Vec<Stream> = Vec::new();
            for (index, branch) in layer.iter().enumerate() {
                let from = if depth == 0 { 0 } else { kinds[depth - 1][branch.parent] };
                let to = kinds[depth][index];
                let place = streams.iter().position(|stream| (stream.from, stream.to) == (from, to)).unwrap_or_else(|| {
                    streams.push(Stream { from, to, dlts: Vec::new(), probability: curve.map(|_| 0.0) });
                    streams.len() - 1
                });
                let stream = &mut streams[place];
                if !stream.dlts.contains(&branch.arrival.dlts) {
                    stream.dlts.push(branch.arrival.dlts);
                }
                add(&mut stream.probability, probability(depth, index));
            }
            streams
        });
        Self { streams: streams.collect(), stages }
    }
}

/// Add to a sum, where there is one.
fn add(sum: &mut Option<f64>, term: Option<f64>) {
    if let (Some(sum), Some(term)) = (sum, term) {
        *sum += term;
    }
}

/// What an answer leads to.
fn junction(answer: &Answer) -> Junction {
    match *answer {
        Answer::Start(cohort) | Answer::Decided(Decision::Enrol(cohort, _)) => Junction::Enrol(cohort),
        Answer::Decided(Decision::Stop(level, reason)) => Junction::Stop(level, reason),
        Answer::Silent(_) => Junction::Silent,
    }
}
