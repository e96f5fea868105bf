//! The figure of the worst curves.

use super::{Job, View, drawn};
use crate::measure::WorstResults;
use crate::report::Section;
use crate::report::figure::{self, WorstPanel};
use crate::report::tables::{worst_in_short, worst_scenario};

/// The worst curves beside the chosen scenarios, where some were searched for.
pub(super) fn job<'a>(view: &'a View<'a>) -> Option<Job<'a>> {
    let (study, found) = (view.study, &view.results.curves.worst);
    let panel = |found: &WorstResults| WorstPanel {
        curve: drawn(study, &worst_scenario(study, found)),
        design: study.worst_cases[found.case].design,
        said: worst_in_short(study, found),
    };
    (!found.is_empty()).then(|| Job {
        section: if study.scenarios.is_empty() { Section::Populations } else { Section::Scenarios },
        stem: "worst-curves".to_owned(),
        caption: "For each search the curve at which the design does worst, in front of the scenarios. Missed: it is worse than under any \
                  of them."
            .to_owned(),
        draw: Box::new(move || {
            let panels: Vec<WorstPanel> = found.iter().map(panel).collect();
            Ok(vec![figure::worst_curves(&view.setting, &view.scenarios, &panels)?])
        }),
    })
}
