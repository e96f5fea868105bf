//! EWOC against independent quadrature; see tests/golden/README-blrm.md.

use crate::support::{Golden, list};
use dosebench::design::Method;
use dosebench::design::model::ewoc::{Beta, Ewoc, EwocSelection, EwocSettings, Posterior, Rounding};
use dosebench::trial::{Arrival, Cohort, Counts};

#[test]
fn quantiles_and_levels_agree_with_independent_quadrature() {
    let golden = Golden::read("ewoc.csv");
    for row in &golden.rows {
        let cell = |column: &str| list(golden.get(row, column));
        let id = golden.get(row, "id");
        let bytes = |column: &str| cell(column).into_iter().map(|count| count as u8).collect::<Vec<u8>>();
        let counts = Counts::from_slices(&bytes("n"), &bytes("tox")).expect("counts");
        let (doses, target) = (cell("z_grid"), cell("theta")[0]);
        let beta = |a: &str, b: &str| Beta { a: cell(a)[0], b: cell(b)[0] };
        let (rho_prior, gamma_prior) = (beta("v1_a", "v1_b"), beta("v2_a", "v2_b"));
        let patients = counts.total_patients();
        let posterior = Posterior::new(&doses, target, [rho_prior, gamma_prior], patients, &doses).expect("a posterior");
        let near = |what: &str, found: f64, column: &str| {
            let expected = cell(column)[0];
            assert!((found - expected).abs() < 1e-9, "{id}, {what}: {found} {expected}, off by {:e}", found - expected);
        };
        let [rho, gamma] = posterior.means(&counts);
        near("mean of gamma", gamma, "mean_gamma");
        near("mean of rho", rho, "mean_rho0");
        for percent in [25, 30, 35, 40, 45, 50] {
            near("quantile", posterior.quantile(&counts, f64::from(percent) / 100.0), &format!("q{percent}"));
        }
        for (rounding, column) in [(Rounding::Down, "idx_down_q25"), (Rounding::Nearest, "idx_nearest_q25")] {
            let settings = EwocSettings {
                doses: doses.clone(),
                target,
                rho_prior,
                gamma_prior,
                feasibility_bound: 0.25,
                bound_increment: 0.0,
                rounding,
                selection: EwocSelection::Tried,
                cohort_size: 1,
            };
            let ewoc = Ewoc::new(settings, patients).expect("a design");
            let arrival = Arrival::new(Cohort { level: 0, patients: 1 }, 0);
            let level = ewoc.recommend(ewoc.view(&counts), &counts, arrival);
            assert_eq!(level + 1, cell(column)[0] as usize, "{id}, {column}");
        }
    }
}
