//! What a design can see at a level, and what it does then: read off the list of a 3+3, and off the decision graph of a design that has a
//! table of patients by DLTs.

use super::Graph;
use crate::design::decision_list::{Below, Listed, Place, Then};
use crate::design::decision_table::{Call, DecisionTable};
use crate::design::{Printable, Protocol};
use crate::trial::{Counts, Level, StopReason};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The largest decision graph that is walked for cells. Of a design with a larger one every count is shown that its table has.
pub const MOST_SITUATIONS: usize = 200_000;

/// Where a level lies: what a rule does depends on whether there is one below and one above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// There is none below.
    Lowest,
    /// There are neighbours on both sides.
    Middle,
    /// There is none above.
    Highest,
    /// There is no other.
    Only,
}

impl Rank {
    /// All, as they stand in a table.
    pub const ALL: [Self; 4] = [Self::Lowest, Self::Middle, Self::Highest, Self::Only];

    /// Where `level` of `levels` lies.
    fn of(level: Level, levels: usize) -> Self {
        match (level == 0, level + 1 >= levels) {
            (true, true) => Self::Only,
            (true, false) => Self::Lowest,
            (false, false) => Self::Middle,
            (false, true) => Self::Highest,
        }
    }
}

/// What a design does, seen from the level of the cohort; in the order in which two stand in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// To the level above.
    Escalate,
    /// At the level.
    Stay,
    /// So many more at the level, which complete a group.
    More(u8),
    /// To the level below.
    Deescalate,
    /// De-escalate and never return.
    Eliminate,
    /// Stop and select.
    Select,
    /// Stop and select the level below.
    SelectBelow,
    /// Stop without a dose.
    SelectNone,
}

impl Sign {
    /// The decision on the level, whatever follows it: a group that is completed stays, a level that is too toxic is given up.
    fn on_level(self) -> Self {
        match self {
            Self::More(_) => Self::Stay,
            Self::SelectBelow => Self::Eliminate,
            other => other,
        }
    }

    /// A decision of a 3+3, which never returns to a level that is too toxic.
    fn listed(then: Then) -> Self {
        match then {
            Then::Escalate(_) => Self::Escalate,
            Then::Expand(patients) => Self::More(patients),
            Then::Deescalate(_) => Self::Eliminate,
            Then::Select => Self::Select,
            Then::SelectBelow => Self::SelectBelow,
            Then::SelectNone => Self::SelectNone,
        }
    }

    /// A call at a level of this rank that nothing else bears upon.
    fn called(call: Call, rank: Rank) -> Self {
        let (has_below, has_above) = (matches!(rank, Rank::Middle | Rank::Highest), matches!(rank, Rank::Lowest | Rank::Middle));
        match call {
            Call::Escalate if has_above => Self::Escalate,
            Call::Deescalate if has_below => Self::Deescalate,
            Call::Eliminate if has_below => Self::Eliminate,
            Call::Eliminate => Self::SelectNone,
            Call::Escalate | Call::Stay | Call::Deescalate => Self::Stay,
        }
    }
}

/// When the further one of several decisions is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The level above is too toxic.
    AboveTooToxic,
    /// The level below has one of these numbers of patients, ascending.
    BelowHas(Vec<u8>),
}

/// What a design does with so many DLTs among so many patients at a level of some rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The decisions, one or several.
    pub signs: Vec<Sign>,
    /// Where there are several, when each but the first is made, as far as it can be said.
    pub when: Vec<Option<Condition>>,
    /// Whether the trial always ends here because it has its last patient.
    pub is_last: bool,
}

impl Seen {
    /// The decision on the level that other designs are compared with: the first one of several, none where the last patient ends the
    /// trial.
    #[must_use]
    pub fn on_level(&self) -> Option<Sign> {
        self.signs.first().filter(|_| !self.is_last).map(|sign| sign.on_level())
    }
}

/// The counts that a design can see, by rank of the level, patients and DLTs there.
pub type Cells = BTreeMap<(Rank, usize, usize), Seen>;

/// The cells of one design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesignCells {
    /// What it sees and does then.
    pub cells: Cells,
    /// Whether these are exactly the counts that can occur; where the decision graph is too large to be walked there may be more.
    pub is_exact: bool,
    /// The most patients of a trial, where the rule decides by a table of patients by DLTs; `None` where it decides by a list.
    pub of_counts: Option<usize>,
}

impl DesignCells {
    /// The cells of a rule: by its list, by its decision graph where there is one that is not too large to be walked, else all that its
    /// table has. None of a rule without a table.
    #[must_use]
    pub fn new(rule: &dyn Protocol, graph: Option<&Graph>) -> Option<Self> {
        match rule.printable() {
            Printable::GivenPath => None,
            Printable::List(list) => Some(Self { cells: of_list(&list), is_exact: true, of_counts: None }),
            Printable::Counts(table) => {
                let graph = graph.filter(|graph| graph.situations() <= MOST_SITUATIONS);
                let of_table = || of_table(table, rule.levels(), rule.max_patients());
                let cells = graph.map_or_else(of_table, |graph| of_graph(table, graph));
                Some(Self { cells, is_exact: graph.is_some(), of_counts: Some(rule.max_patients()) })
            }
        }
    }
}

/// A decision in a list, with whether a level above is too toxic and how many patients the level below has.
type Case = (Sign, bool, Below);

/// The cells of a list.
fn of_list(list: &[Listed]) -> Cells {
    let mut cases: BTreeMap<(Rank, usize, usize), Vec<Case>> = BTreeMap::new();
    for line in list {
        let ranks: &[Rank] = match (line.place, line.below) {
            (Place::Top, Below::NoLevel) => &[Rank::Only],
            (Place::Top, _) => &[Rank::Highest],
            (_, Below::NoLevel) => &[Rank::Lowest],
            (_, Below::Whatever) => &[Rank::Lowest, Rank::Middle],
            (_, Below::Level | Below::Patients(_)) => &[Rank::Middle],
        };
        let case = (Sign::listed(line.then), line.place == Place::AfterDeescalation, line.below);
        for &rank in ranks {
            cases.entry((rank, line.patients.into(), line.dlts.into())).or_default().push(case);
        }
    }
    cases
        .into_iter()
        .map(|(place, cases)| {
            let signs: BTreeSet<Sign> = cases.iter().map(|(sign, ..)| *sign).collect();
            let when = signs.iter().skip(1).map(|&sign| condition(sign, &cases)).collect();
            (place, Seen { signs: signs.into_iter().collect(), when, is_last: false })
        })
        .collect()
}

/// What tells the cases of a decision from the others, where one thing does.
fn condition(sign: Sign, cases: &[Case]) -> Option<Condition> {
    let (own, others): (Vec<Case>, Vec<Case>) = cases.iter().copied().partition(|(other, ..)| *other == sign);
    if own.iter().all(|(_, above, _)| *above) && !others.iter().any(|(_, above, _)| *above) {
        return Some(Condition::AboveTooToxic);
    }
    let below = |cases: &[Case]| cases.iter().map(|(.., below)| *below).collect::<BTreeSet<Below>>();
    let (own, others) = (below(&own), below(&others));
    let patients = |below: &Below| if let Below::Patients(patients) = below { Some(*patients) } else { None };
    let numbers: Option<Vec<u8>> = own.iter().map(patients).collect();
    let is_told = own.is_disjoint(&others) && others.iter().all(|below| matches!(below, Below::Patients(_)));
    numbers.filter(|_| is_told).map(Condition::BelowHas)
}

/// The decisions at a count: those of the rule; those that stay because the level above is eliminated; those at the last patient.
type Found = [BTreeSet<Sign>; 3];

/// The cells of a rule with a table, by its graph. Two things that every such rule does are left to a note, unless nothing else is done:
/// a trial ends with its last patient, and nothing escalates to an eliminated level.
fn of_graph(table: &DecisionTable, graph: &Graph) -> Cells {
    let nodes = graph.nodes();
    let mut before = vec![Counts::default(); nodes.len()];
    let mut found: BTreeMap<(Rank, usize, usize), Found> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let level = usize::from(node.cohort.level);
        let rank = Rank::of(level, graph.levels());
        for (arrival, child) in graph.outcomes(index) {
            let after = before[index].after(arrival);
            let (patients, dlts) = (after.patients(level), after.dlts(level));
            let (sign, why) = match nodes.get(child as usize) {
                Some(next) => {
                    before[child as usize] = if next.watches_moderate { after } else { after.without_moderate() };
                    moved(table, &after, level, usize::from(next.cohort.level))
                }
                None => {
                    let leaf = graph.leaves().get(child as usize - nodes.len());
                    let sign = if leaf.is_some_and(|leaf| leaf.selects(0) > 0.0) { Sign::SelectNone } else { Sign::Select };
                    (sign, if leaf.is_some_and(|leaf| leaf.reason == StopReason::MaxPatients) { 2 } else { 0 })
                }
            };
            found.entry((rank, patients, dlts)).or_default()[why].insert(sign);
        }
    }
    let seen = |mut found: Found| {
        let place = found.iter().position(|signs| !signs.is_empty()).unwrap_or(0);
        let signs = std::mem::take(&mut found[place]);
        let when = signs.iter().skip(1).map(|_| None).collect();
        Seen { signs: signs.into_iter().collect(), when, is_last: place == 2 }
    };
    found.into_iter().map(|(place, signs)| (place, seen(signs))).collect()
}

/// What a move from `level` to `next` is, and whether a note says so.
fn moved(table: &DecisionTable, counts: &Counts, level: Level, next: Level) -> (Sign, usize) {
    let call = |level| table.call(counts.patients(level), counts.dlts(level));
    match next.cmp(&level) {
        Ordering::Greater => (Sign::Escalate, 0),
        Ordering::Less if call(level) == Call::Eliminate => (Sign::Eliminate, 0),
        Ordering::Less => (Sign::Deescalate, 0),
        Ordering::Equal => {
            // Above the highest level there are no patients, so that nothing is eliminated there.
            let above = level + 1;
            let has_above = counts.all_patients().get(above).is_some_and(|&patients| patients > 0);
            let is_barred = call(level) == Call::Escalate && has_above && call(above) == Call::Eliminate;
            (Sign::Stay, usize::from(is_barred))
        }
    }
}

/// The cells of a rule with a table, all that the table has.
fn of_table(table: &DecisionTable, levels: usize, most: usize) -> Cells {
    let ranks: BTreeSet<Rank> = (0..levels).map(|level| Rank::of(level, levels)).collect();
    let counts = || (1..=most).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
    let cell = |rank, (patients, dlts)| {
        let signs = vec![Sign::called(table.call(patients, dlts), rank)];
        ((rank, patients, dlts), Seen { signs, when: Vec::new(), is_last: false })
    };
    ranks.into_iter().flat_map(|rank| counts().map(move |place| cell(rank, place))).collect()
}
