//! From a decision graph to the formula of its marginals.

use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

use super::{Allocation, Ending, Factor, Formula, LastOutcome, Situation};
use crate::engine::exact::{binomial, ways};
use crate::engine::graph::Graph;
use crate::engine::marginals::{Aspects, Spread};
use crate::trial::{Cohort, Counts, Level, Outcome};

/// The cohort that a leaf counts as, and the probability of its only outcome.
const NOBODY: Cohort = Cohort { level: 0, patients: 0 };
const ONE: Factor = Factor { level: 0, patients: 0, dlts: 0, is_cohort: true };

/// What is found out about a graph before it is arranged.
struct Draft {
    /// Distinct, ascending.
    endings: Vec<Ending>,
    /// For each outcome of a last cohort its probability and its ending; the number of the pattern.
    patterns: BTreeMap<Vec<(Factor, u32)>, u32>,
    situations: Vec<SituationDraft>,
}

/// A [`Situation`] before its product is split.
#[derive(Clone, Copy)]
struct SituationDraft {
    ways: f64,
    cohort: Cohort,
    /// The counts when the cohort had no DLT.
    after: Counts,
    pattern: u32,
}

impl SituationDraft {
    /// What `level` contributes to the probability, before the cohort is evaluated.
    fn factor(&self, level: Level) -> Factor {
        let cohort = if level == usize::from(self.cohort.level) { self.cohort.patients } else { 0 };
        let (patients, dlts) = (self.after.patients(level) as u8, self.after.dlts(level) as u8);
        Factor { level: level as u8, patients: patients - cohort, dlts, is_cohort: false }
    }
}

impl Formula {
    /// Arrange the marginals of `graph`. The arrangement depends on the graph alone, so results do not depend on the threads.
    pub(in crate::engine) fn new(graph: &Graph) -> Self {
        let Draft { endings, patterns, situations: drafts } = Draft::new(graph);
        let of_levels = (0..graph.levels()).flat_map(|level| drafts.iter().map(move |draft| draft.factor(level)));
        let factors = distinct(of_levels.chain(patterns.keys().flatten().map(|&(factor, _)| factor)).chain([ONE]));

        let mut products = Products { drafts: &drafts, factors: &factors, products: Vec::new() };
        let middle = split(&(0..graph.levels()));
        let (lower, upper) = (products.over(0..middle), products.over(middle..graph.levels()));
        let products = products.products;
        let halves = lower.into_par_iter().zip(upper);
        let mut situations: Vec<_> = drafts
            .par_iter()
            .zip(halves)
            .map(|(&SituationDraft { ways, after, pattern, .. }, (lower, upper))| {
                (after, Situation { ways, lower, upper, pattern })
            })
            .collect();
        // Upper levels first, so that neighbours share the upper product, of which there are more.
        situations.par_sort_unstable_by_key(|(after, situation)| {
            let mut patients = *after.all_patients();
            patients.reverse();
            (patients, situation.upper, situation.lower)
        });

        let same = |(one, _): &(Counts, Situation), (other, _): &(Counts, Situation)| one.all_patients() == other.all_patients();
        let spreads = || situations.chunk_by(same).map(|own| Spread::of(&own[0].0, graph.levels()));
        let aspects = Aspects {
            selections: distinct(endings.iter().map(|ending| ending.selected)),
            reasons: distinct(endings.iter().map(|ending| ending.reason)),
            reasons_without_dose: distinct(endings.iter().filter(|ending| ending.selects_none()).map(|ending| ending.reason)),
            sizes: distinct(endings.iter().map(|ending| (ending.patients, ending.cohorts))),
            tallies: distinct(endings.iter().map(|ending| (ending.patients, ending.dlts))),
            spreads: distinct(spreads()),
        };
        let spreads_from = (aspects.len() - aspects.spreads.len()) as u32;
        let allocations = situations.chunk_by(same).zip(spreads()).map(|(own, spread)| Allocation {
            situations: own.len() as u32,
            spread: spreads_from + place(&aspects.spreads, &spread),
            patients: *own[0].0.all_patients(),
        });
        let outcomes = patterns.iter().flat_map(|(outcomes, &pattern)| outcomes.iter().map(move |outcome| (pattern, outcome)));
        Self {
            max_patients: graph.max_patients(),
            levels: graph.levels(),
            allocations: allocations.collect(),
            situations: situations.into_iter().map(|(_, situation)| situation).collect(),
            patterns: patterns.len(),
            outcomes: outcomes
                .map(|(pattern, &(factor, ending))| LastOutcome { pattern, factor: place(&factors, &factor), ending })
                .collect(),
            endings: endings.iter().map(|ending| places(&aspects, ending)).collect(),
            without_dose: without_dose(&aspects, &endings),
            factors: factors.iter().map(|&factor| (factor, factor.orders())).collect(),
            products,
            aspects,
        }
    }
}

/// The products of factors over some of the levels.
struct Products<'a> {
    drafts: &'a [SituationDraft],
    factors: &'a [Factor],
    products: Vec<[u32; 2]>,
}

impl Products<'_> {
    /// Add the distinct products over some levels, and those over parts of them. Returns the number of the value that is the
    /// product of each situation.
    fn over(&mut self, levels: Range<Level>) -> Vec<u32> {
        if levels.len() < 2 {
            let factor = |draft: &SituationDraft| levels.clone().next().map_or(ONE, |level| draft.factor(level));
            return self.drafts.par_iter().map(|draft| place(self.factors, &factor(draft))).collect();
        }
        let middle = split(&levels);
        let (lower, upper) = (self.over(levels.start..middle), self.over(middle..levels.end));
        let pairs = lower.into_par_iter().zip(upper).map(|(lower, upper)| [lower, upper]);
        let pairs: Vec<[u32; 2]> = pairs.collect();
        let known = distinct(pairs.iter().copied());
        let first = (self.factors.len() + self.products.len()) as u32;
        self.products.extend(&known);
        pairs.par_iter().map(|pair| first + place(&known, pair)).collect()
    }
}

/// Where to split a range of levels. More patients are treated at lower levels, so there are fewer of them in the lower part.
fn split(levels: &Range<Level>) -> Level {
    levels.start + levels.len() / 2
}

impl Draft {
    fn new(graph: &Graph) -> Self {
        let nodes = graph.nodes().len();
        let is_last = |node: usize| graph.children(node).iter().all(|&child| child as usize >= nodes);
        let ways = ways(graph, is_last);
        let endings = distinct(graph.leaves().iter().map(Ending::of));
        let mut draft = Self { endings, patterns: BTreeMap::new(), situations: Vec::new() };
        for node in (0..nodes).filter(|&node| is_last(node)) {
            draft.add(graph, ways[node], graph.nodes()[node].cohort, graph.children(node));
        }
        // What is left to leaves are the ways that do not come from last cohorts.
        for leaf in (nodes..graph.situations()).filter(|&leaf| ways[leaf] > 0.0) {
            draft.add(graph, ways[leaf], NOBODY, &[leaf as u32]);
        }
        draft
    }

    /// Add the situation in which `cohort` is enrolled and followed by the leaves `after`.
    fn add(&mut self, graph: &Graph, ways: f64, cohort: Cohort, after: &[u32]) {
        let leaf = |number: u32| &graph.leaves()[number as usize - graph.nodes().len()];
        let Cohort { level, patients } = cohort;
        let outcome = |(dlts, &child)| {
            let factor = Factor { level, patients, dlts, is_cohort: true };
            (factor, place(&self.endings, &Ending::of(leaf(child))))
        };
        let pattern: Vec<(Factor, u32)> = (0..).zip(after).map(outcome).collect();
        let fresh = self.patterns.len() as u32;
        let pattern = *self.patterns.entry(pattern).or_insert(fresh);
        self.situations.push(SituationDraft { ways, cohort, after: leaf(after[0]).counts, pattern });
    }
}

impl Ending {
    fn of(outcome: &Outcome) -> Self {
        let (patients, dlts) = (outcome.counts.total_patients() as u8, outcome.counts.total_dlts() as u8);
        Self { selected: outcome.selected, reason: outcome.reason, patients, cohorts: outcome.cohorts, dlts }
    }

    fn selects_none(self) -> bool {
        self.selected == Outcome::selection(None)
    }
}

impl Factor {
    /// In how many orders the outcome of a cohort comes. Those of all patients of a level are counted in the ways to a situation.
    fn orders(self) -> f64 {
        if self.is_cohort { binomial(self.patients, self.dlts) as f64 } else { 1.0 }
    }
}

/// Where the selection, the reason, the size and the tally of an ending stand among the values of all aspects.
fn places(aspects: &Aspects, ending: &Ending) -> [u32; 4] {
    let reasons_from = aspects.selections.len() as u32;
    let sizes_from = reasons_from + (aspects.reasons.len() + aspects.reasons_without_dose.len()) as u32;
    let tallies_from = sizes_from + aspects.sizes.len() as u32;
    [
        place(&aspects.selections, &ending.selected),
        reasons_from + place(&aspects.reasons, &ending.reason),
        sizes_from + place(&aspects.sizes, &(ending.patients, ending.cohorts)),
        tallies_from + place(&aspects.tallies, &(ending.patients, ending.dlts)),
    ]
}

/// The endings that select no dose, and where the reason of each stands among the values of all aspects.
fn without_dose(aspects: &Aspects, endings: &[Ending]) -> Vec<[u32; 2]> {
    let from = (aspects.selections.len() + aspects.reasons.len()) as u32;
    let own = (0..).zip(endings).filter(|(_, ending)| ending.selects_none());
    own.map(|(number, ending)| [number, from + place(&aspects.reasons_without_dose, &ending.reason)]).collect()
}

/// The distinct values, ascending.
fn distinct<T: Ord + Send>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.par_sort_unstable();
    values.dedup();
    values
}

/// Where `value` stands among `distinct` values.
fn place<T: Ord>(distinct: &[T], value: &T) -> u32 {
    distinct.partition_point(|other| other < value) as u32
}
