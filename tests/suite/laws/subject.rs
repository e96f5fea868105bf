//! A rule that is held to laws, and what a law finds.

use crate::support::edges;
use dosebench::design::Protocol;
use dosebench::design::wording::{Claim, Evidence, LevelNames, Seen, Wording};
use dosebench::engine::{Graph, Monitor, compile};
use dosebench::trial::{Arrival, Counts, Decision};

/// A law that does not hold, and where.
#[derive(Debug)]
pub(crate) struct Violation {
    /// The name of the law.
    pub(crate) law: &'static str,
    /// Where it does not hold.
    pub(crate) what: String,
}

/// What a law says of a rule.
pub(crate) type Held<T = ()> = Result<T, Violation>;

/// That something holds, or what does not.
pub(crate) fn require(law: &'static str, holds: bool, what: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(Violation { law, what: what() }) }
}

/// A rule with its graph, and what it decides in every situation that it can reach.
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    pub(crate) rule: &'a dyn Protocol,
    pub(crate) graph: Graph,
    pub(crate) edges: Vec<(Counts, Arrival, u32)>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) wording: Wording,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(name: &'a str, rule: &'a dyn Protocol) -> Self {
        let graph = compile(rule, 20_000_000, &Monitor::default()).unwrap();
        let edges = edges(&graph);
        let counts: Vec<Counts> = edges.iter().map(|(counts, _, _)| *counts).collect();
        let arrivals: Vec<(u32, Arrival)> = (0..).zip(&edges).map(|(index, (_, arrival, _))| (index, *arrival)).collect();
        let mut decisions = Vec::new();
        rule.decide_batch(&counts, &arrivals, &mut decisions);
        assert_eq!(decisions.len(), edges.len(), "{name}");
        Self { name, rule, graph, edges, decisions, wording: rule.wording(&LevelNames::new(&[], "")) }
    }

    /// Every situation with its decision.
    pub(crate) fn decided(&self) -> impl Iterator<Item = (&Counts, Arrival, Decision)> {
        self.edges.iter().zip(&self.decisions).map(|((counts, arrival, _), decision)| (counts, *arrival, *decision))
    }

    /// Whether the words decide a situation without a recommendation: a fixed scheme, which no other rule interrupts.
    pub(crate) fn is_scripted(&self, counts: &Counts, arrival: Arrival) -> bool {
        let nothing = Evidence::default();
        let seen = Seen::new(counts, arrival, &nothing);
        self.wording.pieces().any(|piece| matches!(&piece.claim, Claim::Decides(claim) if claim(&seen).is_some()))
    }
}
