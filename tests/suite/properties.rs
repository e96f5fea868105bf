//! What must always hold, whatever the study.

use crate::support::{design_study, graph_of, study};
use dosebench::comparison::compare;
use dosebench::engine::{Exact, Monitor, Weights, leaf_weights};
use proptest::prelude::*;

/// A toxicity curve of five levels, certain outcomes and falls included.
fn curve() -> impl Strategy<Value = Vec<f64>> {
    let toxicity = prop_oneof![4 => 0.0..1.0f64, 1 => Just(0.0), 1 => Just(1.0)];
    proptest::collection::vec(toxicity, 5)
}

/// The keys of some design of modest size.
fn design() -> impl Strategy<Value = String> {
    let three_plus_three =
        (any::<bool>(), any::<bool>(), prop_oneof![Just(1), Just(3)]).prop_map(|(deescalate, confirm, first)| {
            format!("method = \"3+3\"\ndeescalate = {deescalate}\nconfirm_top_dose = {confirm}\nfirst_cohort_size = {first}")
        });
    let conduct = (1..=5usize, 1..=4usize, 1..=4usize, 4..=15usize, 0..=4usize, 0..=3usize).prop_map(
        |(start, cohort, first, patients, coherence, stop)| {
            let coherent = ["off", "last-cohort", "level", "last-cohort", "level"][coherence];
            let stop = ["", "stop_at_patients = 6", "stop_at_patients = 5\nstop_at_patients_when = \"any\"", "stop_at_patients = 4\nstop_at_patients_when = \"reached\""][stop];
            let first = first.min(patients);
            format!(
                "start_level = {start}\ncohort_size = {cohort}\nfirst_cohort_size = {first}\nmax_patients = {patients}\ncoherent = \"{coherent}\"\n{stop}"
            )
        },
    );
    let method = prop_oneof![
        Just("method = \"boin\""),
        Just("method = \"boin\"\ntitration = true"),
        Just("method = \"boin\"\nextra_safe_offset = 0.05\nbound_mtd = true"),
        Just("method = \"keyboard\"\nend_keys = \"full\""),
        Just("method = \"mtpi\"\nsafety = \"never-escalate\"\nelimination_cutoff = 0.8"),
        Just("method = \"mtpi2\"\nextra_safe_offset = 0.05"),
        Just("method = \"tpi\"\nelimination_min_patients = 1"),
        Just("method = \"i3+3\""),
        Just("method = \"ccd\"\nupper_boundary = \"strict\""),
        Just("method = \"crm\"\nskeleton = { prior_mtd = 3, halfwidth = 0.05 }\nprior_sd = 1.16"),
        Just(
            "method = \"crm\"\nskeleton = { prior_mtd = 2, halfwidth = 0.08 }\nprior_sd = 0.8\ntoo_toxic_cutoff = 0.85\nselection = \"next\""
        ),
    ];
    prop_oneof![1 => three_plus_three, 3 => (method, conduct).prop_map(|(method, conduct)| format!("{method}\n{conduct}"))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn leaves_have_all_the_probability_and_all_the_sequences(keys in design(), curve in curve()) {
        let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
        let graph = graph_of(&study, 0);
        let probabilities = Exact::new(&graph).probabilities(&curve);
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let Weights::Integer(weights) = leaf_weights(&graph) else { panic!("small trials have whole weights") };
        let planned = graph.max_patients();
        let total: u128 = graph.leaves().iter().zip(weights).map(|(leaf, w)| w << (planned - leaf.counts.total_patients())).sum();
        prop_assert_eq!(total, 1u128 << planned);
    }

    /// A trial ends within its bounds: patients, levels, a selected level that somebody was treated at.
    #[test]
    fn trials_end_within_their_bounds(keys in design()) {
        let study = design_study(&format!("target = 0.25\nlevels = 5\n{keys}"));
        let graph = graph_of(&study, 0);
        for leaf in graph.leaves() {
            prop_assert!(leaf.counts.total_patients() <= graph.max_patients());
            prop_assert!(leaf.selected.count_ones() == 1 && leaf.selected < 1 << 6);
        }
        for node in graph.nodes() {
            prop_assert!((node.cohort.level as usize) < 5 && node.cohort.patients >= 1);
        }
    }

    #[test]
    fn a_more_toxic_first_level_never_makes_variant_s_select_none_less_often(curve in curve(), more in 0.0..1.0f64) {
        let study = design_study("target = 0.25\nlevels = 5\nmethod = \"3+3\"\ndeescalate = false\nconfirm_top_dose = false");
        let graph = graph_of(&study, 0);
        let exact = Exact::new(&graph);
        let none = |curve: &[f64]| -> f64 {
            graph.leaves().iter().zip(exact.probabilities(curve)).map(|(leaf, p)| p * leaf.selects(0)).sum()
        };
        let mut worse = curve.clone();
        worse[0] += more * (1.0 - worse[0]);
        prop_assert!(none(&worse) >= none(&curve) - 1e-13);
    }
}

/// Naming scenarios otherwise, turning their order round, or adding a design changes no number, exact or simulated.
#[test]
fn names_order_and_company_change_no_number() {
    let designs = |extra: bool| {
        let mut text =
            "[[design]]\nname = \"3+3\"\nmethod = \"3+3\"\n[[design]]\nname = \"BOIN\"\nmethod = \"boin\"\nmax_patients = 12\n"
                .to_owned();
        if extra {
            text += "[[design]]\nname = \"CRM\"\nmethod = \"crm\"\nskeleton = [0.1, 0.2, 0.3]\nprior_sd = 1\nmax_patients = 20\n";
        }
        text
    };
    let scenario = |name: &str, toxicity: &str| format!("[[scenario]]\nname = \"{name}\"\ntoxicity = {toxicity}\n");
    let head = |engine: &str| {
        format!(
            "name = \"t\"\ntarget = 0.3\n[doses]\nlevels = [1, 2, 3]\n[simulation]\nengine = \"{engine}\"\nreplicates = 3000\n"
        )
    };
    let run = |text: String| compare(&study(&text), &Monitor::default(), |_| {}).expect("results");
    for engine in ["auto", "monte-carlo"] {
        let (a, b) = ("[0.1, 0.3, 0.5]", "[0.3, 0.4, 0.6]");
        let plain = run(head(engine) + &scenario("a", a) + &scenario("b", b) + &designs(false));
        let other = run(head(engine) + &scenario("x", b) + &scenario("y", a) + &designs(true));
        for (scenario, turned) in [(0, 1), (1, 0)] {
            for design in 0..2 {
                let (one, two) = (&plain.summaries[scenario][design], &other.summaries[turned][design]);
                assert_eq!(format!("{one:?}"), format!("{two:?}"), "{engine}");
                let (one, two) = (&plain.differences[scenario][design], &other.differences[turned][design]);
                assert_eq!(one, two, "{engine}");
            }
        }
    }
}
