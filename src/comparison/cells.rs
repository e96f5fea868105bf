//! What every design of a study can see at a level, and does then.

use crate::design::Plan;
use crate::engine::{DesignCells, Graph, MOST_SITUATIONS, Monitor, compile};
use crate::study::Study;

/// By design, its cells; `None` where it has no table. Graphs that are too large to be walked are not compiled to the end.
#[must_use]
pub fn decision_cells(study: &Study) -> Vec<Option<DesignCells>> {
    let bound = study.simulation.max_situations.min(MOST_SITUATIONS);
    let graph = |plan: &Plan| match plan {
        Plan::Rule(rule) => compile(rule.as_ref(), bound, &Monitor::default()).ok(),
        Plan::LateOnset(_) | Plan::Benchmark(_) => None,
    };
    study.designs.iter().map(|design| of_design(&design.plan, graph(&design.plan).as_ref())).collect()
}

/// By design, its cells, by graphs that are there already: a design without one has too large a graph.
pub(super) fn of_graphs(study: &Study, graphs: &[Option<Graph>]) -> Vec<Option<DesignCells>> {
    study.designs.iter().zip(graphs).map(|(design, graph)| of_design(&design.plan, graph.as_ref())).collect()
}

fn of_design(plan: &Plan, graph: Option<&Graph>) -> Option<DesignCells> {
    match plan {
        Plan::Rule(rule) => DesignCells::new(rule.as_ref(), graph),
        Plan::LateOnset(_) | Plan::Benchmark(_) => None,
    }
}
