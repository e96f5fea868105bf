//! Every other design against the first one, the planned rule: where it is better, at what price, and where the planned rule wins.

use super::{has_too_toxic, in_list, listed, over_scenarios, rules, values};
use crate::measure::{Difference, Metric, Results, Source};
use crate::report::table::{Kind, Spread, in_hundred, show};
use crate::report::tables::{differences_in, mean_and_worst};
use crate::scenario::Scenario;
use crate::study::Study;

/// The most designs that the headline describes, that another sentence does, and that one names.
const MOST_IN_HEADLINE: usize = 2;
const MOST_DESCRIBED: usize = 3;
const MOST_NAMED: usize = 5;

/// What a design may cost or save, and how its price is called.
const PRICES: [(Metric, Kind, &str); 3] = [
    (Metric::TotalPatients, Kind::Mean, "patients"),
    (Metric::TotalDlts, Kind::Dlts, "DLTs"),
    (Metric::OverSelection, Kind::Percent, "points of too toxic selections"),
];

/// The first design of a study and the others that could be chosen instead.
pub(super) struct Comparisons<'a> {
    study: &'a Study,
    results: &'a Results,
    /// The places of the others.
    others: Vec<usize>,
}

/// How a number stands to that of the first design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Higher,
    Lower,
    Same,
    /// The run cannot tell.
    Open,
}

impl Standing {
    /// An exact difference is none when it prints as zero, a simulated one is open when its interval holds zero.
    fn new(kind: Kind, difference: f64, limits: Option<(f64, f64)>) -> Self {
        let is_zero = !show(kind, false, difference, Spread::Exact).number.contains(|digit| matches!(digit, '1'..='9'));
        match limits {
            Some((lower, upper)) if lower <= 0.0 && upper >= 0.0 => Self::Open,
            None if is_zero => Self::Same,
            _ if difference > 0.0 => Self::Higher,
            _ => Self::Lower,
        }
    }

    fn of(difference: &Difference) -> Self {
        Self::new(Kind::Percent, difference.difference, difference.error.map(|(_, lower, upper)| (lower, upper)))
    }
}

impl<'a> Comparisons<'a> {
    /// `None` where the first design is the benchmark, or there is no other that could be chosen.
    pub(super) fn new(study: &'a Study, results: &'a Results) -> Option<Self> {
        let rules = rules(study);
        let (&first, others) = rules.split_first()?;
        let is_compared = |place: &usize| !differences_in(results, *place, Metric::CorrectSelection).is_empty();
        let others: Vec<usize> = others.iter().copied().filter(is_compared).collect();
        (first == 0 && !others.is_empty()).then_some(Self { study, results, others })
    }

    fn name(&self, place: usize) -> &str {
        &self.study.designs[place].name
    }

    fn names(&self, places: &[usize]) -> String {
        let names: Vec<String> = places.iter().map(|&place| in_list(self.name(place))).collect();
        listed(&names, MOST_NAMED)
    }

    /// Words that are said where there is anything to average over.
    fn on_average(&self, word: &'static str) -> &'static str {
        if self.study.scenarios.len() > 1 { word } else { "" }
    }

    /// The difference of a design from the first one, averaged over the scenarios.
    fn mean(&self, place: usize, metric: Metric) -> Option<(f64, Spread)> {
        let [mean, _] = mean_and_worst(&differences_in(self.results, place, metric), true)?;
        Some(mean)
    }

    fn standing(&self, place: usize, metric: Metric, kind: Kind) -> Option<Standing> {
        let (value, spread) = self.mean(place, metric)?;
        let of = |designs: &'a Vec<Vec<Difference>>| designs.get(place)?.iter().find(|found| found.metric == metric);
        let is_simulated = self.results.differences.iter().filter_map(of).any(|difference| difference.error.is_some());
        // Replicates that all agree have no spread, but prove nothing.
        Some(Standing::new(kind, value, spread.limits(value).or(is_simulated.then_some((value, value)))))
    }

    /// What a design changes in its price: `with +14.4 patients and +3.64 DLTs`; empty where nothing is known to change.
    fn price(&self, place: usize) -> String {
        let part = |(metric, kind, words): (Metric, Kind, &str)| {
            let changes = matches!(self.standing(place, metric, kind)?, Standing::Higher | Standing::Lower);
            let (value, spread) = self.mean(place, metric)?;
            changes.then(|| format!("{} {words}", amount(kind, value, spread)))
        };
        let parts: Vec<String> = PRICES.into_iter().filter_map(part).collect();
        if parts.is_empty() { String::new() } else { format!("with {}", listed(&parts, parts.len())) }
    }

    /// `CRM 30 (+16.9 percentage points, with +14.4 patients and +3.64 DLTs)`.
    fn described(&self, place: usize) -> Option<String> {
        let (value, spread) = self.mean(place, Metric::CorrectSelection)?;
        let change = match self.standing(place, Metric::CorrectSelection, Kind::Percent)? {
            Standing::Higher | Standing::Lower => format!("{} percentage points", amount(Kind::Percent, value, spread)),
            Standing::Same => "right as often".to_owned(),
            Standing::Open => "no more and no less often right, as far as this run can tell".to_owned(),
        };
        let parts: Vec<String> = [change, self.price(place)].into_iter().filter(|part| !part.is_empty()).collect();
        Some(format!("{} ({})", self.name(place), parts.join(", ")))
    }

    /// Which designs are right more often than the first one, and at what price.
    pub(super) fn better(&self) -> String {
        let gain = |&place: &usize| {
            let standing = self.standing(place, Metric::CorrectSelection, Kind::Percent)?;
            let (gain, _) = self.mean(place, Metric::CorrectSelection)?;
            (standing == Standing::Higher).then_some((place, gain))
        };
        let mut better: Vec<(usize, f64)> = self.others.iter().filter_map(gain).collect();
        better.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let average = self.on_average("On average ");
        if better.is_empty() {
            let no = if average.is_empty() { "No" } else { "no" };
            return format!("{average}{no} other design does so more often{}.", self.caveat());
        }
        let described: Vec<String> =
            better.iter().take(MOST_IN_HEADLINE).filter_map(|&(place, _)| self.described(place)).collect();
        let list = listed(&described, described.len());
        if self.others.len() == 1 {
            let the = if average.is_empty() { "The" } else { "the" };
            return format!("{average}{the} other design is right more often: {list}.");
        }
        format!(
            "{average}{} of {} other designs {} right more often{} {list}.",
            better.len(),
            self.others.len(),
            if better.len() == 1 { "is" } else { "are" },
            if better.len() > described.len() { ", among them" } else { ":" },
        )
    }

    /// Said of a statement about what is not, which a run may not be able to tell.
    fn caveat(&self) -> &'static str {
        let simulated = self.results.summaries.iter().flatten().any(|summary| summary.source == Source::MonteCarlo);
        if simulated { ", as far as this run can tell" } else { "" }
    }

    /// Where the first design stands among the others in right selections, patients, DLTs and selections of a too toxic dose, over
    /// the scenarios: one sentence each.
    pub(super) fn standings(&self) -> Vec<String> {
        let mean = |metric: Metric| {
            let [mean, _] = mean_and_worst(&values(&over_scenarios(self.study, self.results, 0, metric)), true)?;
            Some(mean)
        };
        let of_hundred = |(value, spread): (f64, Spread)| in_hundred(value, spread);
        let number = |kind: Kind, (value, spread): (f64, Spread)| show(kind, false, value, spread).number;
        let first = self.name(0);
        // A share of trials is no average of trials.
        let (share, average) = if self.study.scenarios.len() > 1 {
            (" on average over the scenarios", " on average over the scenarios")
        } else {
            ("", " on average")
        };
        let often = ["more often than", "less often than", "as often as"];
        let mut sentences = Vec::new();
        if let Some(own) = mean(Metric::CorrectSelection) {
            let own = format!("{first} makes the right selection in {} of 100 trials{share}", of_hundred(own));
            sentences.extend(self.stands(Metric::CorrectSelection, Kind::Percent, &own, often));
        }
        if let Some(own) = mean(Metric::TotalPatients) {
            let own = format!("{first} treats {} patients{average}", number(Kind::Mean, own));
            sentences.extend(self.stands(Metric::TotalPatients, Kind::Mean, &own, ["more than", "fewer than", "as many as"]));
        }
        if let Some(own) = mean(Metric::TotalDlts) {
            let own = format!("{first} has {} DLTs{average}", number(Kind::Dlts, own));
            sentences.extend(self.stands(Metric::TotalDlts, Kind::Dlts, &own, ["more than", "fewer than", "as many as"]));
        }
        if let Some(own) =
            mean(Metric::OverSelection).filter(|_| self.study.scenarios.iter().any(|one| has_too_toxic(self.study, one)))
        {
            let own = format!("{first} selects a dose that is too toxic in {} of 100 trials{share}", of_hundred(own));
            sentences.extend(self.stands(Metric::OverSelection, Kind::Percent, &own, often));
        }
        sentences
    }

    /// A sentence on how the first design stands to the others in a metric; `words` are for more, less and the same of it.
    fn stands(&self, metric: Metric, kind: Kind, own: &str, words: [&str; 3]) -> Option<String> {
        let [more, less, same] = words;
        // The differences are those of the others from the first one.
        let kinds = [
            (Standing::Lower, more),
            (Standing::Higher, less),
            (Standing::Same, same),
            (Standing::Open, "not to be told apart from"),
        ];
        let clause = |(standing, words): (Standing, &str)| {
            let is = |place: &usize| self.standing(*place, metric, kind) == Some(standing);
            let places: Vec<usize> = self.others.iter().copied().filter(is).collect();
            let all = places.len() == self.others.len() && places.len() > 2;
            let names = if all { format!("all {} other designs", places.len()) } else { self.names(&places) };
            (!places.is_empty()).then(|| format!("{words} {names}"))
        };
        let clauses: Vec<String> = kinds.into_iter().filter_map(clause).collect();
        (!clauses.is_empty()).then(|| format!("{own}: {}.", clauses.join("; ")))
    }

    /// What the designs change that never treat more patients than the protocol plans; `None` where these are all, or none.
    pub(super) fn within_plan(&self) -> Option<String> {
        let planned = self.study.planned_patients?;
        let is_within = |place: &usize| {
            self.results.summaries.iter().all(|summaries| {
                let sizes = summaries.get(*place).map_or(&[][..], |summary| &summary.sample_size);
                sizes.last().is_some_and(|(most, _)| *most <= planned)
            })
        };
        let within: Vec<usize> = self.others.iter().copied().filter(is_within).collect();
        if within.is_empty() || within.len() == self.others.len() {
            return None;
        }
        let described: Vec<String> = within.iter().take(MOST_DESCRIBED).filter_map(|&place| self.described(place)).collect();
        let rest = within.len() - described.len();
        let more = if rest == 0 { String::new() } else { format!(", and {rest} others") };
        Some(format!(
            "{} of {} other designs never {} more than the planned {planned} patients; right selections{} against {}: {}{more}.",
            within.len(),
            self.others.len(),
            if within.len() == 1 { "treats" } else { "treat" },
            self.on_average(", on average over the scenarios,"),
            self.name(0),
            described.join("; ")
        ))
    }

    /// In which scenarios no other design is better than the first one in right selections, and in selections of a too toxic dose.
    pub(super) fn unbeaten(&self) -> Vec<String> {
        // Under a single scenario the standings say it.
        if self.study.scenarios.len() < 2 {
            return Vec::new();
        }
        let all = |_: &Scenario| true;
        let toxic = |scenario: &Scenario| has_too_toxic(self.study, scenario);
        let correct = self.unbeaten_in(Metric::CorrectSelection, Standing::Higher, &all);
        let over = self.unbeaten_in(Metric::OverSelection, Standing::Lower, &toxic);
        let first = self.name(0);
        let sentence = |found: Option<(Vec<String>, usize)>, words: &str, which: &str| {
            let (names, total) = found?;
            let (scenarios, number) = (if total == 1 { "scenario" } else { "scenarios" }, names.len());
            Some(if names.is_empty() {
                format!("In every scenario{which} some other design {words} than {first}.")
            } else {
                let list = listed(&names, MOST_NAMED);
                format!(
                    "No other design {words} than {first} in {number} of {total} {scenarios}{which} ({list}){}.",
                    self.caveat()
                )
            })
        };
        let correct = sentence(correct, "selects the correct dose more often", "");
        let over = sentence(over, "selects a dose that is too toxic less often", " in which a level is too toxic");
        correct.into_iter().chain(over).collect()
    }

    /// The scenarios of those that `which` holds for in which no other design is better, in quotation marks, and how many it holds
    /// for; `None` where it holds for none.
    fn unbeaten_in(&self, metric: Metric, better: Standing, which: &dyn Fn(&Scenario) -> bool) -> Option<(Vec<String>, usize)> {
        let scenarios = self.study.scenarios.iter().zip(&self.results.differences).filter(|(scenario, _)| which(scenario));
        let is_unbeaten = |designs: &Vec<Vec<Difference>>| {
            let of = |&place: &usize| designs.get(place)?.iter().find(|found| found.metric == metric);
            let found: Vec<&Difference> = self.others.iter().filter_map(of).collect();
            !found.is_empty() && found.into_iter().all(|difference| Standing::of(difference) != better)
        };
        let all: Vec<(String, bool)> =
            scenarios.map(|(scenario, designs)| (format!("“{}”", scenario.name), is_unbeaten(designs))).collect();
        let total = all.len();
        (total > 0).then(|| (all.into_iter().filter(|(_, unbeaten)| *unbeaten).map(|(name, _)| name).collect(), total))
    }

    /// How every other design compares with the first one, scenario by scenario: one sentence each.
    pub(super) fn each(&self) -> Vec<String> {
        self.others.iter().filter_map(|&place| self.one(place)).collect()
    }

    /// How one design compares with the first one: in how many scenarios it is right more or less often, by how much, and what it costs.
    fn one(&self, place: usize) -> Option<String> {
        let correct = self.counted(place, Metric::CorrectSelection)?;
        let (mean, worst) = self.mean_and_worst(place, Metric::CorrectSelection, Kind::Percent, true)?;
        let mut sentence = format!(
            "Against {}, {} selects the correct dose {correct} (on average {mean} percentage points, at worst {worst})",
            self.name(0),
            self.name(place)
        );
        if let Some(over) = self.counted(place, Metric::OverSelection)
            && let Some((mean, worst)) = self.mean_and_worst(place, Metric::OverSelection, Kind::Percent, false)
        {
            sentence.push_str(&format!(", a dose that is too toxic {over} (on average {mean}, at worst {worst})"));
        }
        let patients = self.mean_and_worst(place, Metric::TotalPatients, Kind::Mean, false);
        let dlts = self.mean_and_worst(place, Metric::TotalDlts, Kind::Dlts, false);
        if let (Some((patients, most_patients)), Some((dlts, most_dlts))) = (patients, dlts) {
            sentence.push_str(&format!(
                ". Patients: {patients} on average, {most_patients} where it adds most. \
                 DLTs: {dlts} on average, {most_dlts} where it adds most"
            ));
        }
        sentence.push('.');
        Some(sentence)
    }

    /// Mean and worst of a difference over the scenarios, as printed.
    fn mean_and_worst(&self, place: usize, metric: Metric, kind: Kind, lowest_is_worst: bool) -> Option<(String, String)> {
        let [mean, worst] = mean_and_worst(&differences_in(self.results, place, metric), lowest_is_worst)?;
        let words = |(value, spread): (f64, Spread)| amount(kind, value, spread);
        Some((words(mean), words(worst)))
    }

    /// In how many scenarios a probability is higher or lower than the first design's: `more often in 4, less often in 1 of 5
    /// scenarios`.
    fn counted(&self, place: usize, metric: Metric) -> Option<String> {
        let of = |designs: &'a Vec<Vec<Difference>>| designs.get(place)?.iter().find(|difference| difference.metric == metric);
        let found: Vec<Standing> = self.results.differences.iter().filter_map(of).map(Standing::of).collect();
        let words = [
            (Standing::Higher, "more often"),
            (Standing::Lower, "less often"),
            (Standing::Same, "equally often"),
            (Standing::Open, "no more and no less often, as far as this run can tell,"),
        ];
        let part = |(standing, words): (Standing, &str)| {
            let count = found.iter().filter(|one| **one == standing).count();
            (count > 0).then(|| format!("{words} in {count}"))
        };
        let parts: Vec<String> = words.into_iter().filter_map(part).collect();
        let total = found.len();
        (total > 0).then(|| format!("{} of {total} {}", parts.join(", "), if total == 1 { "scenario" } else { "scenarios" }))
    }
}

/// A difference as printed: simulated, its 95 % interval.
fn amount(kind: Kind, value: f64, spread: Spread) -> String {
    let Some((lower, upper)) = spread.limits(value) else { return show(kind, true, value, spread).number };
    let [lower, upper] = [lower, upper].map(|end| show(kind, true, end, spread).number);
    if lower == upper { lower } else { format!("between {lower} and {upper}") }
}
