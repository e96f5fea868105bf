//! The BLRM: its decisions against independent ones; see tests/golden/README-blrm.md.

use crate::logistic::{prior, whole};
use crate::support::{Golden, design_study, graph_of, list};
use dosebench::design::Method;
use dosebench::design::model::blrm::{Blrm, BlrmSelection, BlrmSettings, Choice, Declaration};
use dosebench::trial::{Arrival, Cohort, Counts, MAX_LEVELS};
use std::collections::BTreeMap;

/// The settings of a row, for as many of its doses as there may be.
fn settings(golden: &Golden, row: &csv::StringRecord) -> BlrmSettings {
    let mut doses = list(golden.get(row, "doses"));
    doses.truncate(MAX_LEVELS);
    BlrmSettings {
        doses,
        reference_dose: list(golden.get(row, "dref"))[0],
        prior: prior(golden, row),
        target: 0.3,
        target_interval: [0.16, 0.33],
        overdose_limit: 0.25,
        escalation_factor: 2.0,
        choice: Choice::Target,
        selection: BlrmSelection::Tried,
        declaration: Some(Declaration { min_patients: 6, probability: 0.5, total_patients: None }),
    }
}

#[test]
fn decisions_agree_with_independent_ones() {
    let golden = Golden::read("blrm.csv");
    // The rows of a setting differ in their counts only.
    let mut rules = BTreeMap::new();
    let mut compared = 0;
    for row in &golden.rows {
        let number = |column: &str| golden.get(row, column).parse::<usize>().expect("a number");
        let (patients, dlts) = (whole(golden.get(row, "n")), whole(golden.get(row, "tox")));
        let total = patients.iter().sum::<u32>() as usize;
        // Without data the file allows the first dose only, and a trial asks nothing. Some rows have more doses than a study may.
        let highest = number("next_highest_16_33").max(number("next_ncrm_20_35"));
        if total == 0 || highest > MAX_LEVELS || patients.iter().skip(MAX_LEVELS).any(|&n| n > 0) {
            continue;
        }
        let bytes = |all: &[u32]| all.iter().take(MAX_LEVELS).map(|&count| count as u8).collect::<Vec<u8>>();
        let counts = Counts::from_slices(&bytes(&patients), &bytes(&dlts)).expect("counts");
        let current = number("last_dose_idx") - 1;
        let [target, highest, ncrm, ncrm_highest] = rules.entry(golden.get(row, "setting").to_owned()).or_insert_with(|| {
            let target = settings(&golden, row);
            let highest = BlrmSettings { choice: Choice::Highest, ..target.clone() };
            let ncrm = BlrmSettings { target_interval: [0.2, 0.35], ..target.clone() };
            let ncrm_highest = BlrmSettings { choice: Choice::Highest, ..ncrm.clone() };
            [target, highest, ncrm, ncrm_highest].map(|settings| Blrm::new(settings, 60).expect("a BLRM"))
        });
        let decide = |blrm: &Blrm| {
            let view = blrm.view(&counts);
            let arrival = Arrival::new(Cohort { level: current as u8, patients: 3 }, 0);
            let next = if blrm.too_toxic(view, &counts, arrival) { 0 } else { blrm.recommend(view, &counts, arrival) + 1 };
            (next, blrm.intervals(&counts), next > 0 && blrm.declares_mtd(view, &counts, current, next - 1))
        };
        let id = golden.get(row, "id");
        let (next, intervals, declared) = decide(target);
        assert_eq!(next, number("next_maxtarget_16_33"), "{id}");
        let admissible = intervals.iter().take_while(|[_, _, over]| *over <= 0.25).count();
        assert_eq!(admissible, number("ewoc33_max_idx").min(MAX_LEVELS), "{id}");
        assert_eq!(declared && total >= 12, number("mtd_declared") == 1, "{id}");
        assert_eq!(decide(highest).0, number("next_highest_16_33"), "{id}");
        // crmPack gives the highest level left where no level has more than 0.05 in the target interval.
        let (next, intervals, _) = decide(ncrm);
        let (next_highest, ..) = decide(ncrm_highest);
        let is_small = intervals.iter().take(next_highest).all(|[_, target, _]| *target <= 0.05);
        assert_eq!(if is_small { next_highest } else { next }, number("next_ncrm_20_35"), "{id}");
        compared += 1;
    }
    assert!(compared > 200, "{compared}");
}

/// The largest probability of overdosing among the enrolled situations respects the limit, and no dose is more than the factor
/// times the one before, whatever happens.
#[test]
fn no_cohort_is_given_an_inadmissible_level_or_too_large_a_step() {
    let keys = "method = \"blrm\"\nprior_mean = [-1.5, 0]\nprior_sd = [1.5, 0.8]\nreference_dose = 3\nno_skipping = \"off\"\n\
                coherent = \"off\"\nescalation_factor = 1.5\nmax_patients = 18";
    let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
    let graph = graph_of(&study, 0);
    let nodes = graph.nodes();
    for (node, found) in nodes.iter().enumerate() {
        for &child in graph.children(node) {
            if let Some(next) = nodes.get(child as usize) {
                let (dose, before) = (f64::from(next.cohort.level) + 1.0, f64::from(found.cohort.level) + 1.0);
                assert!(dose <= before.max(1.5 * before), "{before} then {dose}");
            }
        }
    }
    assert!(nodes.iter().all(|node| node.cohort.level == 0), "level 2 is twice level 1");
}
