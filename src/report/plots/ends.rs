//! The figure of how trials end: for the one page, of the designs that its sentences name.

use super::{Design, View};
use crate::argument::{Argument, Group, argue};
use crate::measure::{Metric, Source};
use crate::report::Section;
use crate::report::figure::{Ends, EndsGroup, ends};
use crate::scenario::Class;

impl View<'_> {
    /// The jobs: nothing where no dose is right under any scenario.
    pub(super) fn ends_job(&self) -> Option<super::Job<'_>> {
        let argument = argue(self.study, self.results)?;
        if self.study.of_class(Class::Mtd).is_empty() {
            return None;
        }
        let groups = self.ends_groups(&argument);
        let title = "How trials end if one of the doses is right";
        Some(super::Job {
            section: Section::Ends,
            stem: "ends".to_owned(),
            caption: "Of 100 trials, means over the scenarios in which one of the doses is right.".to_owned(),
            draw: Box::new(move || Ok(vec![ends(&self.setting, title, &groups)?])),
        })
    }

    /// The reference and the designs that are not little different, by size.
    fn ends_groups(&self, argument: &Argument) -> Vec<EndsGroup> {
        let sentences: Vec<&str> = argument
            .sentences
            .iter()
            .filter(|sentence| sentence.is_in("summary"))
            .map(|sentence| sentence.in_lay_words())
            .collect();
        let is_named = |name: &str| sentences.iter().any(|sentence| sentence.contains(name));
        let groups = [
            ("About as many patients as the protocol's rule", Group::Same),
            ("Fewer patients", Group::Smaller),
            ("More patients", Group::Larger),
        ];
        let mut found = Vec::new();
        for (heading, group) in groups {
            let own = argument
                .designs
                .iter()
                .enumerate()
                .filter(|(index, design)| design.group == group && (*index == 0 || is_named(&design.name)));
            let rows: Vec<Ends> = own.filter_map(|(_, design)| self.ends_of(&design.name)).collect();
            if !rows.is_empty() {
                found.push(EndsGroup { heading: heading.to_owned(), rows });
            }
        }
        found
    }

    /// How the trials of a design end, on average over class `mtd`.
    fn ends_of(&self, name: &str) -> Option<Ends> {
        let position = self.study.designs.iter().position(|design| design.name == name)?;
        let places = self.study.of_class(Class::Mtd);
        let summary = |place: usize| self.results.summaries.get(place).and_then(|row| row.get(position));
        let mean = |metric: Metric| {
            self.study.weighted_mean(&places, |place| {
                summary(place).and_then(|summary| summary.get(metric)).map_or(0.0, |found| found.value)
            })
        };
        let shares = [
            mean(Metric::TooLowSelection),
            mean(Metric::RightSelection),
            mean(Metric::OtherAcceptableSelection),
            mean(Metric::OverSelection),
            mean(Metric::Selection(None)),
        ];
        let is_simulated = places.iter().any(|&place| summary(place).is_some_and(|summary| summary.source == Source::MonteCarlo));
        Some(Ends { design: Design { name: name.to_owned(), position }, shares, is_simulated })
    }
}
