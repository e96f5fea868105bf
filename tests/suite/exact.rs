//! Exact operating characteristics of whole designs against independent exact programs (origin: tests/golden/README.md).

use crate::support::{Golden, design_study, graph_of, list};
use dosebench::engine::Exact;
use dosebench::trial::Outcome;

/// Outcomes with their exact probabilities.
fn outcomes(study_text: &str, curve: &[f64]) -> Vec<(Outcome, f64)> {
    let study = design_study(study_text);
    let graph = graph_of(&study, 0);
    let probabilities = Exact::new(&graph).probabilities(curve);
    graph.leaves().iter().copied().zip(probabilities).collect()
}

/// The expectation of a quantity.
fn mean(outcomes: &[(Outcome, f64)], quantity: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(|(outcome, probability)| probability * quantity(outcome)).sum()
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: found {found}, expected {expected}, off by {:e}", found - expected);
}

fn indicator(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

#[test]
fn crm_operating_characteristics() {
    let golden = Golden::read("crm_exact_oc.csv");
    assert_eq!(golden.rows.len(), 130);
    for row in &golden.rows {
        let get = |column: &str| golden.get(row, column);
        let id = format!("{} {}", get("design"), get("curve"));
        let curve = list(get("p_true"));
        let levels = curve.len();
        let (rules, selection) = match (get("rule"), get("final")) {
            ("crmsim", "raw") => ("", "model"),
            ("unrestricted", "raw") => ("no_skipping = \"off\"\ncoherent = \"off\"", "model"),
            ("dtpcrm", "rule") => {
                ("no_skipping = \"highest-tried\"\nno_skipping_down = \"lowest-tried\"\ncoherent = \"level\"", "next")
            }
            other => panic!("unknown rule {other:?}"),
        };
        let safety = match get("safety_cutoff") {
            "" => String::new(),
            cutoff => format!("too_toxic_cutoff = {cutoff}\ntoo_toxic_rate = {}", get("safety_phi")),
        };
        let text = format!(
            "target = {}\nlevels = {levels}\nmethod = \"crm\"\nmodel = \"{}\"\nskeleton = [{}]\nprior_sd = {}\nmax_patients = {}\n\
             cohort_size = {}\nstart_level = {}\nselection = \"{selection}\"\n{rules}\n{safety}",
            get("target"),
            get("model"),
            get("skeleton").replace(';', ", "),
            get("prior_sd"),
            get("N"),
            get("cohort"),
            get("start"),
        );
        let outcomes = outcomes(&text, &curve);
        let check = |what: &str, found: f64, expected: f64| close(&format!("{id} {what}"), found, expected, 1e-9);
        let number = |column: &str| get(column).parse::<f64>().expect("a number");
        check("none", mean(&outcomes, |o| o.selects(0)), number("sel_none"));
        let (selection, patients, dlts) = (list(get("sel")), list(get("exp_n")), list(get("exp_tox")));
        for level in 0..levels {
            check("selection", mean(&outcomes, |o| o.selects(level + 1)), selection[level]);
            check("patients", mean(&outcomes, |o| o.counts.patients(level) as f64), patients[level]);
            check("DLTs", mean(&outcomes, |o| o.counts.dlts(level) as f64), dlts[level]);
        }
        check("total", mean(&outcomes, |o| o.counts.total_patients() as f64), number("exp_n_total"));
        // These follow the reference's own definitions: the planned number of patients, levels more toxic than the MTD.
        let planned = number("N");
        let mtd = number("true_mtd") as usize - 1;
        let treated_where = |o: &Outcome, within: &dyn Fn(f64) -> bool| -> f64 {
            (0..levels).filter(|&level| within(curve[level])).map(|level| o.counts.patients(level) as f64).sum()
        };
        let over = |o: &Outcome| treated_where(o, &|p| p > curve[mtd]);
        let under = |o: &Outcome| treated_where(o, &|p| p < curve[mtd]);
        check("over60", mean(&outcomes, |o| indicator(over(o) > 0.6 * planned + 1e-9)), number("over60"));
        check("over80", mean(&outcomes, |o| indicator(over(o) > 0.8 * planned + 1e-9)), number("over80"));
        check("under60", mean(&outcomes, |o| indicator(under(o) > 0.6 * planned + 1e-9)), number("under60"));
        let at_mtd = |o: &Outcome| o.counts.patients(mtd) as f64;
        check(
            "poor allocation",
            mean(&outcomes, |o| indicator(at_mtd(o) < planned / levels as f64 - 1e-9)),
            number("poor_alloc"),
        );
        let many = planned * number("target");
        check("high toxicity", mean(&outcomes, |o| indicator(o.counts.total_dlts() as f64 > many + 1e-9)), number("high_tox"));
    }
}

/// The design of Braun's example (Norris's `precautionary` enumerates its 22,041 paths): cohorts of two, no skipping above the
/// highest level tried, coherence by level, stop at ten patients at a level or six at the lowest.
#[test]
fn crm_with_stopping_rules() {
    let golden = Golden::read("crm_exact_braun.csv");
    assert_eq!(golden.rows.len(), 6);
    for row in &golden.rows {
        let get = |column: &str| golden.get(row, column);
        let curve = list(get("p_true"));
        let text = format!(
            "target = {}\nlevels = 6\nmethod = \"crm\"\nskeleton = [{}]\nprior_sd = {}\nmax_patients = {}\ncohort_size = {}\n\
             no_skipping = \"highest-tried\"\ncoherent = \"level\"\nstop_at_patients = 10\nstop_at_patients_when = \"any\"\n\
             stop_at_level_patients = {{ \"1\" = 6 }}\nselection = \"next\"",
            get("target"),
            list(get("skeleton")).iter().map(f64::to_string).collect::<Vec<_>>().join(", "),
            get("prior_sd"),
            get("maxN"),
            get("cohort"),
        );
        let study = design_study(&text);
        let graph = graph_of(&study, 0);
        assert_eq!(graph.nodes().len(), 3192, "enrolling situations");
        assert_eq!(graph.leaves().len(), 3202, "leaves");
        let probabilities = Exact::new(&graph).probabilities(&curve);
        let outcomes: Vec<(Outcome, f64)> = graph.leaves().iter().copied().zip(probabilities).collect();
        let (selection, patients, dlts) = (list(get("sel")), list(get("exp_n")), list(get("exp_tox")));
        for level in 0..6 {
            close("selection", mean(&outcomes, |o| o.selects(level + 1)), selection[level], 1e-9);
            close("patients", mean(&outcomes, |o| o.counts.patients(level) as f64), patients[level], 1e-9);
            close("DLTs", mean(&outcomes, |o| o.counts.dlts(level) as f64), dlts[level], 1e-9);
        }
    }
}
