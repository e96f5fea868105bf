//! Operating characteristics that others published, for the designs that a study can express. Each table was simulated or worked
//! out elsewhere; here every number is exact, so that a published one may differ by its own simulation error and its rounding only.

use crate::support::{Golden, design_study, graph_of, list, study};
use dosebench::comparison::compare;
use dosebench::engine::{Distribution, Exact, Monitor};
use dosebench::measure::Metric;
use dosebench::scenario::Target;
use dosebench::trial::{Outcome, shown};

/// A published number.
struct Published {
    scenario: String,
    design: String,
    metric: String,
    level: Option<usize>,
    value: f64,
    /// Half a unit of the last digit that was printed.
    half_unit: f64,
    target: f64,
    toxicity: Vec<f64>,
    /// The level whose toxicity is closest to the target, counted from 1.
    closest: usize,
}

/// The numbers of one table, with the curves they belong to.
fn table(name: &str) -> Vec<Published> {
    let (scenarios, numbers) = (Golden::read("published_scenarios.csv"), Golden::read("published_oc.csv"));
    let rows = numbers.rows.iter().filter(|row| numbers.get(row, "table") == name);
    let published = |row| {
        let get = |column| numbers.get(row, column);
        let key = |other: &&csv::StringRecord| ["set", "scenario"].iter().all(|part| scenarios.get(other, part) == get(part));
        let scene = scenarios.rows.iter().find(key).expect("the scenario of a number");
        Published {
            scenario: get("scenario").to_owned(),
            design: get("design").to_owned(),
            metric: get("metric").to_owned(),
            level: get("level").parse().ok(),
            value: get("value").parse().expect("a number"),
            half_unit: get("half_unit").parse().expect("a number"),
            target: scenarios.get(scene, "target").parse().expect("a number"),
            toxicity: list(scenarios.get(scene, "toxicity")),
            closest: scenarios.get(scene, "closest_level").parse().expect("a level"),
        }
    };
    let table: Vec<_> = rows.map(published).collect();
    assert!(!table.is_empty(), "no table {name}");
    table
}

impl Published {
    /// What is averaged over trials to give this number.
    fn quantity(&self, outcome: &Outcome) -> f64 {
        let counts = &outcome.counts;
        let patients = |levels: std::ops::Range<usize>| levels.map(|level| counts.patients(level) as f64).sum();
        let selected = |levels: std::ops::RangeInclusive<usize>| levels.map(|shown| outcome.selects(shown)).sum();
        match (self.metric.as_str(), self.level) {
            ("selection", Some(level)) => outcome.selects(level),
            ("correct_selection", None) => outcome.selects(self.closest),
            ("selection_above", None) => selected(self.closest + 1..=self.toxicity.len()),
            ("patients", Some(level)) => patients(level - 1..level),
            ("patients_below", None) => patients(0..self.closest - 1),
            ("patients_at", None) => patients(self.closest - 1..self.closest),
            ("patients_above", None) => patients(self.closest..self.toxicity.len()),
            ("total_patients", None) => counts.total_patients() as f64,
            ("total_dlts", None) => counts.total_dlts() as f64,
            ("twelve_at_selected", None) => (1..=self.toxicity.len())
                .filter(|&level| counts.patients(level - 1) >= 12)
                .map(|level| outcome.selects(level))
                .sum(),
            other => panic!("no metric {other:?}"),
        }
    }

    /// The exact mean and standard deviation over trials of a design, described by the keys of its block.
    fn exact(&self, keys: &str) -> (f64, f64) {
        let text = format!("target = {}\nlevels = {}\n{keys}", self.target, self.toxicity.len());
        let graph = graph_of(&design_study(&text), 0);
        let exact = Exact::new(&graph);
        let distribution = Distribution::exact(&exact, &self.toxicity);
        let mean = |of: &dyn Fn(f64) -> f64| -> f64 {
            distribution.probabilities().map(|(outcome, probability)| probability * of(self.quantity(outcome))).sum()
        };
        let average = mean(&|value| value);
        (average, mean(&|value| (value - average).powi(2)).sqrt())
    }

    /// Compare with the exact number: `errors` standard errors of `trials` simulated trials, and the rounding, are allowed.
    #[track_caller]
    fn check_simulated(&self, keys: &str, trials: f64, errors: f64) {
        let (exact, deviation) = self.exact(keys);
        let allowed = errors * deviation / trials.sqrt() + self.half_unit;
        assert!((self.value - exact).abs() <= allowed, "{}: exact {exact}, allowed {allowed}", self.words());
    }

    /// Compare with the exact number: `allowed` and the rounding are allowed.
    #[track_caller]
    fn check(&self, keys: &str, allowed: f64) {
        let (exact, _) = self.exact(keys);
        // Halves may have been rounded to either side.
        assert!((self.value - exact).abs() <= allowed + self.half_unit + 1e-9, "{}: exact {exact}", self.words());
    }

    fn words(&self) -> String {
        let Self { scenario, design, metric, level, value, .. } = self;
        format!("{scenario} {design} {metric} {level:?} {value}")
    }
}

/// Every curve of the collection for which the level closest to the target was worked out: equality.
#[test]
fn correct_levels_of_published_scenarios() {
    let scenarios = Golden::read("published_scenarios.csv");
    let mut compared = 0;
    for row in scenarios.rows.iter().filter(|row| scenarios.get(row, "basis") == "derived") {
        let target: f64 = scenarios.get(row, "target").parse().expect("a number");
        let correct = Target::new(target, None).correct_level(&list(scenarios.get(row, "toxicity")));
        // Of two levels that are equally close, "3|4", the lower one is correct.
        let closest = scenarios.get(row, "closest_level").split('|').next();
        assert_eq!(closest, Some(shown(correct).to_string().as_str()), "{row:?}");
        compared += 1;
    }
    assert_eq!(compared, 81);
}

/// Wheeler, Sweeting and Mander (2016), AplusB: exact 3+3 with two printed digits, hence equality but for the rounding.
///
/// One number cannot be met: without de-escalation, dose 3 is selected with probability 0.3247, printed 0.33. Three independent
/// exact programs and `escalation` agree on 0.3247 and all other numbers of that list are met, so that it is a slip in the source
/// (0.33 is dose 3's number in the list with de-escalation).
#[test]
fn aplusb() {
    for published in table("aplusb") {
        let keys = match published.design.as_str() {
            "3+3 D" => "method = \"3+3\"\nconfirm_top_dose = false",
            _ => "method = \"3+3\"\ndeescalate = false\nconfirm_top_dose = false",
        };
        let slip = published.design == "3+3 S" && published.level == Some(2);
        if slip {
            let (exact, _) = published.exact(keys);
            assert!((exact - 0.3247).abs() < 5e-5 && published.value == 0.33, "{exact}");
        } else {
            published.check(keys, 0.0);
        }
    }
}

/// Jia, Ivanova and Lee (2017), Table 3, the 3+3 rows. How many trials were simulated and how the 3+3 ends a cohort is not told in
/// the table: selection and DLT proportion are met to 0.03 beside the rounding. Their DLT proportion is the mean of each trial's own
/// (0.37 in the first scenario), not DLTs over patients (0.32).
///
/// Their mean numbers of patients, 9, 11, 14 and 18, are not compared: complete cohorts give 9.4, 12.2, 15.1 and 18.2. A 3+3 that
/// does not complete a cohort after the second DLT at a dose gives 8.4, 11.2, 14.2 and 17.4, with the printed DLT proportions to both
/// digits and the same selection probabilities; so the table seems to count patients one by one, which designs here never do.
#[test]
fn jia_2017() {
    for published in table("jia2017_t3") {
        if published.metric == "selection" {
            published.check("method = \"3+3\"", 0.03);
            continue;
        }
        let text = format!(
            "name = 'Jia'\ntarget = 0.25\ndoses.levels = [1, 2, 3, 4, 5]\nsimulation.engine = 'exact'\n\
             [[scenario]]\nname = 's'\ntoxicity = {:?}\n[[design]]\nname = 'K'\nmethod = '3+3'\n",
            published.toxicity
        );
        let results = compare(&study(&text), &Monitor::default(), |_| {}).expect("results");
        let rate = |metric| results.summaries[0][0].get(metric).expect("a rate").value;
        assert!((rate(Metric::DltRateTrialMean) - published.value).abs() <= 0.03 + published.half_unit, "{}", published.words());
        if published.scenario == "S1" {
            assert!((rate(Metric::DltRate) - published.value).abs() > 0.07, "the other definition is not theirs");
        }
    }
}

/// trialdesign.org's BOIN application: 1,000 trials each, which R's BOIN 2.7.2 repeats to the digit with the same seed. Three
/// standard errors of 1,000 trials.
///
/// Design D has a toxic rate of its own, given only by its boundary 0.329: a toxic rate of 0.359 has that boundary, and any from 0.350
/// to 0.367 the same table up to 30 patients. Its offset is not told: 0.05 is R's default, with 0.02 or 0.10 the stops of scenario 5
/// would be 17 or 7 standard errors away.
#[test]
fn trialdesign_org() {
    let designs = [
        ("BOIN A", ""),
        ("BOIN B", "stop_at_patients = 6\nextra_safe_offset = 0.05"),
        ("BOIN C", "stop_at_patients = 9\nextra_safe_offset = 0.05"),
        ("BOIN D", "stop_at_patients = 6\nextra_safe_offset = 0.05\ntoxic_rate = 0.359"),
    ];
    for (design, keys) in designs {
        let table_name = design.replace("BOIN ", "tdorg_");
        for mut published in table(&table_name) {
            published.target = if design == "BOIN D" { 0.30 } else { published.target };
            published.check_simulated(&format!("method = \"boin\"\n{keys}"), 1000.0, 3.0);
        }
    }
}

/// BOIN as Zhao and others (2024) ran it beside BF-BOIN.
const ZHAO: &str = "method = \"boin\"\nstop_at_patients = 9\nstay_at_1_of_3 = true";

/// Zhao, Yuan, Korn and Freidlin (2024), Table 4, the rows of BOIN without backfilling, which stays with 1 DLT in 3.
///
/// A repetition with 20,000 trials: 3.5 standard errors. The published rows: three standard errors of 5,000 trials; their number was
/// not told where the table was read. With the usual rule for 1 DLT in 3 the patients below the correct level would be off by 7 to
/// 14 standard errors of as few as 1,000 trials.
///
/// One number cannot be met: 8.7 patients at level 1 in scenario 1, exactly 8.89. With the 6.2 above they do not add up to the 15.1
/// of the same row; 8.9 do.
#[test]
fn zhao_2024() {
    for published in table("zhao2024_rerun") {
        published.check_simulated(ZHAO, 20_000.0, 3.5);
    }
    let rows = table("zhao2024_t4");
    assert_eq!(rows.len(), 27);
    for published in &rows {
        match (published.scenario.as_str(), published.metric.as_str()) {
            ("S1", "patients_at") => assert_eq!((published.value, (published.exact(ZHAO).0 * 10.0).round()), (8.7, 89.0)),
            _ => published.check_simulated(ZHAO, 5000.0, 3.0),
        }
        if published.metric == "patients_below" {
            let (usual, deviation) = published.exact("method = \"boin\"\nstop_at_patients = 9");
            assert!(usual - published.value > 7.0 * deviation / 1000_f64.sqrt(), "{}: {usual}", published.words());
        }
    }
}

/// The curves of Abbas and others (2020), not all of them monotone, under R's BOIN 2.7.2 with start at level 2 and the extra-safe
/// rule: 10,000 trials with a seed of 6 (a repetition, not published). Three standard errors.
#[test]
fn abbas_2020() {
    for published in table("abbas2020_rerun") {
        published.check_simulated("method = \"boin\"\nstart_level = 2\nextra_safe_offset = 0.05", 10_000.0, 3.0);
    }
}

/// VIOLA (Yap and others, 2017): exact enumeration of the trial's CRM over decisions of R's dfcrm, to all printed digits.
///
/// Under scenario 3, where every level is too toxic, two of its numbers differ by up to 0.0005: it judges the first level by a normal
/// approximation of the posterior, this program by the posterior itself. With 4, 3 and 3 DLTs in 9, 6 and 6 patients at the lowest
/// three levels, the approximation says 0.7215 and the posterior 0.7159, on either side of the cutoff 0.72. An enumeration with
/// the approximation gives the printed 0.7028 and 0.2914, with the posterior 0.7023 and 0.2919 as here.
#[test]
fn viola() {
    for published in table("viola_exact") {
        let down = if published.design == "skips down" { "off" } else { "lowest-tried" };
        let keys = format!(
            "method = \"crm\"\nskeleton = [0.03, 0.07, 0.12, 0.20, 0.30, 0.40, 0.52]\nprior_sd = 0.8660254037844386\n\
             start_level = 3\nmax_patients = 21\nselection = \"next\"\n\
             no_skipping = \"highest-tried\"\nno_skipping_down = \"{down}\"\ncoherent = \"level\"\n\
             too_toxic_cutoff = 0.72\ntoo_toxic_rate = 0.30\nstop_at_patients = 12\nstop_at_patients_when = \"recommended\""
        );
        let approximated = published.scenario == "S3" && published.metric == "selection" && published.level <= Some(1);
        published.check(&keys, if approximated { 0.000_45 } else { 0.0 });
    }
}
