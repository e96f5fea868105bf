//! Dose-transition pathways (Yap, Billingham, Cheung, Craddock and O'Quigley, 2017, Clinical Cancer Research 23, 7440-7447): everything
//! that the next cohorts can bring, with what the rule says to it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::exact::probability;
use crate::design::{Answer, Course, Rule, answer};
use crate::scenario::Truth;
use crate::trial::{Arrival, Cohort, Counts, Decision, Fork, StopReason};

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
    /// The cohort and what it brought.
    pub arrival: Arrival,
    /// Whether its moderate toxicities are watched.
    pub watched: bool,
    /// The probability of the side of the coin that it shows, where the decision depends on that.
    pub coin: Option<f64>,
    /// Whether the cohort was observed before the pathways begin, so that only the coin after it is open.
    pub observed: bool,
    /// Patients and DLTs of the trial, this cohort included, and moderate toxicities while they are watched.
    pub counts: Counts,
    /// What the rule says.
    pub answer: Answer,
    /// The branches that follow, in the next layer: none where the trial ends or the pathways do.
    pub children: Range<usize>,
}

impl Branch {
    /// The probability of what this cohort brought, and of its coin where that matters.
    #[must_use]
    pub fn probability<'a>(&self, truth: impl Into<Truth<'a>>) -> f64 {
        let fork = Fork { cohort: self.arrival.cohort, watches_moderate: self.watched, tosses: false };
        let of_patients = if self.observed { 1.0 } else { probability(fork, self.arrival, truth.into(), None) };
        self.coin.map_or(of_patients, |coin| of_patients * coin)
    }
}

/// All pathways of some cohorts as a tree, in layers: the cohorts that may be observed first, second and so on.
#[derive(Clone, Debug)]
pub struct Pathways {
    /// The cohort with which they begin: the last one observed where the coin after that has not been tossed.
    pub first: Cohort,
    /// One layer a cohort, each in the order of its parents and of what they brought: DLTs, moderate toxicities, tails before heads.
    pub layers: Vec<Vec<Branch>>,
}

impl Pathways {
    /// All pathways of the next `cohorts` cohorts of a trial that has come so far under its rule; `None` where it enrols nobody. A
    /// pathway ends where the trial does. The layers end with the longest one. Outcomes that differ in a coin alone are two branches
    /// only where the decision does.
    ///
    /// # Errors
    /// [`TooManyPathways`] when there are more than `limit`.
    pub fn new(rule: &dyn Rule, course: &Course, cohorts: usize, limit: usize) -> Result<Option<Self>, TooManyPathways> {
        let mut layers: Vec<Vec<Branch>> = Vec::new();
        let mut asked = Asked { rule, answers: HashMap::new() };
        let mut ended = 0;
        let start = Open { parent: 0, counts: course.counts, watching: course.watching };
        let (first, mut open, cohorts) = match (&course.answer, course.cohorts.last()) {
            (Answer::Tossed { .. }, Some(&last)) => {
                let mut layer = Vec::new();
                let fork = Fork { cohort: last.cohort, watches_moderate: course.watching, tosses: false };
                start.add(&mut asked, fork, last, course.counts, true, &mut layer);
                let open = open_after(&layer, &mut ended);
                layers.push(layer);
                (last.cohort, open, cohorts + 1)
            }
            (answer, _) => match answer.next_cohort() {
                Some(cohort) => (cohort, vec![(start, cohort)], cohorts),
                None => return Ok(None),
            },
        };
        while layers.len() < cohorts && !open.is_empty() {
            let found = ended + open.iter().map(|(_, cohort)| usize::from(cohort.patients) + 1).sum::<usize>();
            let too_many = |found| TooManyPathways { limit, found, cohorts: layers.len() + 1 };
            if found > limit {
                return Err(too_many(found));
            }
            let mut layer = Vec::new();
            let mut families = Vec::new();
            for (before, cohort) in open.drain(..) {
                let begin = layer.len();
                let fork = Fork { tosses: false, ..rule.fork(before.watching, &before.counts, cohort) };
                for arrival in fork.arrivals() {
                    let counts = fork.remembered(before.counts).after(arrival);
                    before.add(&mut asked, fork, arrival, counts, false, &mut layer);
                }
                families.push((before.parent, begin..layer.len()));
            }
            if ended + layer.len() > limit {
                return Err(too_many(ended + layer.len()));
            }
            if let Some(before) = layers.last_mut() {
                families.into_iter().for_each(|(parent, children)| before[parent].children = children);
            }
            open = open_after(&layer, &mut ended);
            layers.push(layer);
        }
        Ok(Some(Self { first, layers }))
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

    /// The probability of each branch under a truth, in layers as the branches are.
    #[must_use]
    pub fn probabilities<'a>(&self, truth: impl Into<Truth<'a>>) -> Vec<Vec<f64>> {
        let truth = truth.into();
        let mut found: Vec<Vec<f64>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let before = found.last();
            let probability = |branch: &Branch| before.map_or(1.0, |before| before[branch.parent]) * branch.probability(truth);
            let probabilities = layer.iter().map(probability).collect();
            found.push(probabilities);
        }
        found
    }
}

/// A branch after which a cohort is enrolled, or the start.
#[derive(Clone, Copy)]
struct Open {
    /// Its place in its layer.
    parent: usize,
    counts: Counts,
    /// Whether the moderate toxicities of every cohort so far were watched.
    watching: bool,
}

impl Open {
    /// Ask the rule about what the cohort of `fork` brought, and add it to the layer: once, or for tails and for heads.
    fn add(self, asked: &mut Asked<'_>, fork: Fork, arrival: Arrival, counts: Counts, observed: bool, layer: &mut Vec<Branch>) {
        let branch = |heads, coin, answer| {
            let arrival = Arrival { heads, ..arrival };
            let watched = fork.watches_moderate;
            Branch { parent: self.parent, arrival, watched, coin, observed, counts, answer, children: 0..0 }
        };
        match (asked.answer(counts, arrival), asked.rule.coin()) {
            (Answer::Tossed { heads, tails }, Some(coin)) => layer.extend([
                branch(false, Some(1.0 - coin), Answer::Decided(tails)),
                branch(true, Some(coin), Answer::Decided(heads)),
            ]),
            (answer, _) => layer.push(branch(false, None, answer)),
        }
    }
}

/// A rule with what it has been asked: different pathways lead to the same data.
struct Asked<'r> {
    rule: &'r dyn Rule,
    answers: HashMap<(Counts, Arrival), Answer>,
}

impl Asked<'_> {
    fn answer(&mut self, counts: Counts, arrival: Arrival) -> Answer {
        self.answers.entry((counts, arrival)).or_insert_with(|| answer(self.rule, &counts, arrival)).clone()
    }
}

/// The branches of a layer after which a cohort is enrolled, with that cohort; the others are counted as ended.
fn open_after(layer: &[Branch], ended: &mut usize) -> Vec<(Open, Cohort)> {
    let mut open = Vec::new();
    for (parent, branch) in layer.iter().enumerate() {
        match branch.answer.next_cohort() {
            Some(cohort) => open.push((Open { parent, counts: branch.counts, watching: branch.watched }, cohort)),
            None => *ended += 1,
        }
    }
    open
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

/// The pathways that lead from one junction to another: those of the same moderate toxicities, and of the same side of a coin.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The junction that it comes from, in its stage.
    pub from: usize,
    /// The junction that it leads to, in the next stage.
    pub to: usize,
    /// The numbers of DLTs that lead there, ascending.
    pub dlts: Vec<u8>,
    /// The number of moderate toxicities that leads there, where they are watched.
    pub moderate: Option<u8>,
    /// Whether heads or tails leads there, where that matters.
    pub heads: Option<bool>,
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
    /// The flow of `pathways`, with probabilities under a truth where there is one.
    #[must_use]
    pub fn new(pathways: &Pathways, curve: Option<Truth<'_>>) -> Self {
        let probabilities = curve.map(|truth| pathways.probabilities(truth));
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
                let moderate = branch.watched.then_some(branch.arrival.moderate);
                let heads = branch.coin.map(|_| branch.arrival.heads);
                let is_same =
                    |stream: &Stream| (stream.from, stream.to, stream.moderate, stream.heads) == (from, to, moderate, heads);
                let place = streams.iter().position(is_same).unwrap_or_else(|| {
                    streams.push(Stream { from, to, dlts: Vec::new(), moderate, heads, probability: curve.map(|_| 0.0) });
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
        // A branch is one side of its coin.
        Answer::Silent(_) | Answer::Tossed { .. } => Junction::Silent,
    }
}
