//! Rules that look at pending patients, against reference data. Where the data come from: tests/golden/README-calendar.md.

use crate::support::{Golden, boin, list, usual_boin};
use dosebench::design::decision_table::Call;
use dosebench::design::interval::boin::{Boin, Rates};
use dosebench::design::interval::i3plus3::I3Plus3;
use dosebench::design::interval::keyboard::{EndKeys, Keyboard};
use dosebench::design::interval::mtpi2::Mtpi2;
use dosebench::design::interval::{self, Interval, IntervalRule};
use dosebench::design::late_onset::pod_tpi::{Decisions, DltsToCome, PodTpi};
use dosebench::design::late_onset::rolling_six::{self, RollingSix};
use dosebench::design::late_onset::tite_boin::{TiteBoin, Variant};
use dosebench::design::late_onset::tite_keyboard::EffectiveSampleSize;
use dosebench::design::model::crm::tite::TiteCrm;
use dosebench::design::model::crm::{
    Crm, CrmSelection, CrmSettings, Curve, Estimate, Extras, Model, Precision, Prior, Rules, WeightedPosterior, nearest,
};
use dosebench::design::model::weights::Weights;
use dosebench::design::pending::follow_up::{FollowUpCall, FollowUpRow};
use dosebench::design::pending::{PendingMethod, PendingProtocol, PendingRule, PendingVoice, TimeToEvent};
use dosebench::design::{Conducted, Method};
use dosebench::trial::{
    Arrival, Cohort, Conduct, Counts, LevelSituation, Move, Pending, Ruling, Situation, StopReason, Suspension,
};

fn number<T: std::str::FromStr>(golden: &Golden, row: &csv::StringRecord, column: &str) -> T {
    let text = golden.get(row, column);
    text.parse().unwrap_or_else(|_| panic!("{column}: {text:?}"))
}

fn at(golden: &Golden, row: &csv::StringRecord, [patients, dlts, pending]: [&str; 3]) -> LevelSituation {
    let whole = |column| number(golden, row, column);
    LevelSituation { patients: whole(patients), dlts: whole(dlts), pending: whole(pending), followed: 0.0 }
}

#[test]
fn rolling_six_decides_as_the_published_grid() {
    let golden = Golden::read("rolling_six_table.csv");
    let table = RollingSix { levels: 3 }.follow_up_table().expect("a table");
    for row in &golden.rows {
        let at = at(&golden, row, ["n_enrolled", "n_dlt", "n_pending"]);
        let expected = match golden.get(row, "decision") {
            "ESCALATE" => Ok(Call::Escalate),
            "STAY" => Ok(Call::Stay),
            "DEESCALATE" => Ok(Call::Deescalate),
            "SUSPEND" => Err(Suspension::SixEnrolled),
            other => panic!("{other:?}"),
        };
        assert_eq!(rolling_six::call(at), expected, "{at:?}");
        let tabled = expected.map_or_else(FollowUpCall::Suspend, FollowUpCall::Call);
        let row = FollowUpRow { patients: at.patients, dlts: at.dlts, pending: at.pending, decision: tabled };
        assert!(table.contains(&row), "{row:?}");
    }
    assert_eq!((golden.rows.len(), table.len()), (83, 83));
}

/// A situation at a level of three, with so many patients, DLTs and pending ones per level.
fn situation<'a>(patients: [u8; 3], dlts: [u8; 3], pending: &'a [Pending], current: u8) -> Situation<'a> {
    let counts = Counts::from_slices(&patients, &dlts).expect("counts");
    let latest = Arrival::new(Cohort { level: current, patients: 1 }, 0);
    Situation { counts, pending, dlt_times: &[], latest, of_latest: 0, in_cohorts: counts.total_patients() }
}

#[test]
fn rolling_six_goes_down_fills_up_and_ends() {
    let rule = RollingSix { levels: 3 };
    let one = |level| Cohort { level, patients: 1 };
    let decide = |patients, dlts, pending: &[Pending], current| rule.decide(&situation(patients, dlts, pending, current));
    let pending = |level| [Pending { level, followed: 0.5 }];
    assert_eq!(decide([3, 0, 0], [0, 0, 0], &[], 0), Ruling::Enrol(one(1), Move::Escalate));
    assert_eq!(decide([3, 3, 0], [0, 2, 0], &pending(1), 1), Ruling::Enrol(one(0), Move::Deescalate));
    assert_eq!(decide([3, 3, 0], [0, 2, 0], &[], 0), Ruling::Enrol(one(0), Move::Expand), "level 2 is not given again");
    assert_eq!(decide([6, 3, 0], [1, 2, 0], &[], 0), Ruling::Close(StopReason::MtdDeclared));
    assert_eq!(decide([6, 3, 0], [1, 2, 0], &pending(0), 0), Ruling::Suspend(Suspension::SixEnrolled));
    assert_eq!(decide([6, 3, 0], [0, 2, 0], &[], 1), Ruling::Close(StopReason::MtdDeclared), "six are there already");
    assert_eq!(decide([2, 0, 0], [2, 0, 0], &[], 0), Ruling::Close(StopReason::TooToxic));
    assert_eq!(decide([3, 3, 3], [0, 0, 0], &[], 2), Ruling::Close(StopReason::MtdDeclared), "the highest level");
    let select = |patients: [u8; 3], dlts: [u8; 3]| {
        let counts = Counts::from_slices(&patients, &dlts).expect("counts");
        rule.select(&counts, Arrival::new(one(0), 0), StopReason::MtdDeclared)
    };
    assert_eq!(select([6, 3, 0], [1, 2, 0]), (Some(0), StopReason::MtdDeclared));
    assert_eq!(select([3, 6, 2], [0, 1, 2]), (Some(1), StopReason::MtdDeclared));
    assert_eq!(select([6, 2, 0], [2, 2, 0]), (None, StopReason::TooToxic));
}

/// The follow-ups to try: around both cut-offs, and the ends of what is possible.
fn follow_ups(cutoffs: [f64; 2], pending: usize) -> Vec<f64> {
    let around = cutoffs.iter().flat_map(|cutoff| [cutoff - 1e-6, cutoff + 1e-6]);
    let possible = |followed: &f64| (0.0..pending as f64).contains(followed);
    around.chain([0.0, pending as f64 * 0.5, pending as f64 * 0.999]).filter(possible).collect()
}

#[test]
fn tite_boin_decides_as_the_table_of_follow_up_times() {
    let golden = Golden::read("tite_boin_stft.csv");
    let mut designs: Vec<([f64; 3], Interval<Boin>, [TiteBoin; 2])> = Vec::new();
    // The cut-offs of the 2020 rule are given without pending patients; each pending one adds 1 to both.
    let mut without_pending = [0.0; 2];
    for row in &golden.rows {
        let [target, safe, toxic] = ["target", "p_saf", "p_tox"].map(|column| number(&golden, row, column));
        if designs.last().is_none_or(|(rates, ..)| *rates != [target, safe, toxic]) {
            let rates = Rates { safe_rate: Some(safe), toxic_rate: Some(toxic), ..Rates::new(target) };
            let rules = [Variant::Imputation, Variant::Ess].map(|variant| TiteBoin::new(variant, 5, target));
            designs.push(([target, safe, toxic], boin(5, rates, interval::IntervalSettings::new(target)), rules));
        }
        let (_, boin, [rule, ess]) = designs.last().expect("a design");
        let mut at = at(&golden, row, ["n", "y", "pending"]);
        let eliminates = boin.elimination().bound(at.patients).is_some_and(|bound| at.dlts >= bound as usize);
        assert_eq!(eliminates, golden.get(row, "eliminate") == "1", "{at:?}");

        let cutoffs = ["stft_escalate_if_ge", "stft_deescalate_if_le"].map(|column| number::<f64>(&golden, row, column));
        let (escalate, deescalate) = rule.cutoffs(boin, at);
        for (found, expected) in [escalate, deescalate].into_iter().zip(cutoffs) {
            assert!((found - expected).abs() < 1e-10 * expected.abs().max(1.0), "{at:?}: {found}, {expected}");
        }
        if at.pending == 0 {
            without_pending = ["ess_variant_stft_escalate_if_ge", "ess_variant_stft_deescalate_if_le"]
                .map(|column| number(&golden, row, column));
        }
        let (escalate, deescalate) = ess.cutoffs(boin, at);
        for (found, expected) in [escalate, deescalate].into_iter().zip(without_pending.map(|cutoff| cutoff + at.pending as f64))
        {
            assert!((found - expected).abs() < 1e-10 * expected.abs().max(1.0), "{at:?}: {found}, {expected}");
        }

        let complete = boin.decision_table().expect("a table").call(at.patients, at.dlts);
        for followed in follow_ups(cutoffs, at.pending).into_iter().chain((at.pending == 0).then_some(0.0)) {
            at.followed = followed;
            let expected = match golden.get(row, "decision") {
                "E" => Ok(Call::Escalate),
                "S" => Ok(Call::Stay),
                "D" if eliminates => Ok(Call::Eliminate),
                "D" => Ok(Call::Deescalate),
                "SUSPEND" => Err(Suspension::MostPending),
                "DEPENDS" if followed >= cutoffs[0] => Ok(Call::Escalate),
                // De-escalation also needs a DLT proportion of at least the target.
                "DEPENDS" if followed <= cutoffs[1] && at.dlts as f64 > target * at.patients as f64 - 1e-9 => {
                    Ok(Call::Deescalate)
                }
                "DEPENDS" => Ok(Call::Stay),
                other => panic!("{other:?}"),
            };
            // With nobody pending the design is BOIN, whose table the rule then uses.
            let found = if at.pending == 0 { Ok(complete) } else { rule.call(boin, at) };
            assert_eq!(found, expected, "target {target}, {at:?}");
        }
    }
    assert_eq!((golden.rows.len(), designs.len()), (6600, 5));
}

#[test]
fn tite_boin_waits_at_the_lowest_level() {
    let boin = usual_boin(3, 0.25);
    let mut conduct = Conduct::new(3, 0.25);
    (conduct.cohort_size, conduct.max_patients) = (3, 30);
    let pending = TiteBoin::new(Variant::Imputation, 3, 0.25);
    let rule = TimeToEvent { complete: Conducted { conduct, method: boin }, pending };
    let one_pending = [Pending { level: 0, followed: 0.2 }];
    let decide = |pending: &[Pending]| rule.decide(&situation([6, 0, 0], [3, 0, 0], pending, 0));
    assert_eq!(decide(&one_pending), Ruling::Suspend(Suspension::ToxicLowestLevel));
    assert_eq!(decide(&[]), Ruling::Enrol(Cohort { level: 0, patients: 3 }, Move::Stay));
    let eliminated = rule.decide(&situation([6, 0, 0], [4, 0, 0], &one_pending, 0));
    assert_eq!(eliminated, Ruling::Close(StopReason::TooToxic));
    let above = [Pending { level: 1, followed: 0.2 }];
    let elsewhere = rule.decide(&situation([3, 3, 0], [0, 2, 0], &above, 1));
    assert_eq!(elsewhere, Ruling::Enrol(Cohort { level: 0, patients: 3 }, Move::Deescalate));
}

fn keyboard(target: f64) -> Interval<Keyboard> {
    Interval::new(Keyboard::new(target, [0.05, 0.05], EndKeys::Rescaled, 30), 5, 30, interval::IntervalSettings::new(target))
}

#[test]
fn tite_keyboard_has_the_cut_offs_of_the_effective_sample_size() {
    let golden = Golden::read("tite_keyboard_ess.csv");
    for row in &golden.rows {
        let [target, below, above] = ["target", "eps1", "eps2"].map(|column| number(&golden, row, column));
        let dlts = number(&golden, row, "y");
        let (escalate, deescalate) = EffectiveSampleSize::new(5, target, [below, above], 30).cutoffs(dlts);
        let expected: f64 = number(&golden, row, "ess_escalate_above");
        assert!((escalate - expected).abs() < 1e-10 * expected.max(1.0), "{target} {dlts}: {escalate}, {expected}");
        match golden.get(row, "ess_deescalate_below") {
            "NA" => assert_eq!(deescalate, 0.0),
            text => {
                let expected: f64 = text.parse().expect("a number");
                assert!((deescalate - expected).abs() < 1e-10 * expected, "{target} {dlts}: {deescalate}, {expected}");
            }
        }
    }
    assert_eq!(golden.rows.len(), 65);
}

/// Whole numbers as the authors' table writes them, out of those up to `most`: `3`, `< 2`, `> 1`, `1 ~ 2`, `5; 6`.
fn whole_numbers(text: &str, most: usize) -> Vec<usize> {
    let number = |text: &str| text.trim().parse::<usize>().unwrap_or_else(|_| panic!("{text:?}"));
    if let Some(bound) = text.strip_prefix('<') {
        return (0..number(bound)).collect();
    }
    if let Some(bound) = text.strip_prefix('>') {
        return (number(bound) + 1..=most).collect();
    }
    match text.split_once('~') {
        Some((first, last)) => (number(first)..=number(last)).collect(),
        None => text.split(';').map(number).collect(),
    }
}

#[test]
fn tite_keyboard_decides_as_the_authors_table() {
    let golden = Golden::read("tite_keyboard_table.csv");
    let mut cells = 0;
    for row in &golden.rows {
        let target = number(&golden, row, "target");
        let (complete, design) = (keyboard(target), EffectiveSampleSize::new(5, target, [0.05, 0.05], 30));
        let patients: usize = number(&golden, row, "n_patients");
        let [escalate, deescalate] = ["escalate", "deescalate"].map(|column| golden.get(row, column));
        // Cut-offs are printed with two decimals.
        let cutoff = |text: &str| text.split_once(['>', '<']).map(|(_, bound)| bound.trim().parse::<f64>().expect("a cut-off"));
        for dlts in whole_numbers(golden.get(row, "n_dlt"), patients) {
            for pending in
                whole_numbers(golden.get(row, "n_pending"), patients - dlts).into_iter().filter(|c| c + dlts <= patients)
            {
                for tenth in 0..10 {
                    let followed = if pending == 0 { 0.0 } else { pending as f64 * f64::from(tenth) / 10.0 };
                    let effective = (patients - pending) as f64 + followed;
                    let is_close = |text: &str| cutoff(text).is_some_and(|bound| (bound - effective).abs() < 0.011);
                    if is_close(escalate) || is_close(deescalate) {
                        continue;
                    }
                    let expected = match (escalate, deescalate) {
                        ("Suspend", _) => Err(Suspension::FewEvaluated),
                        (_, "Yes & Eliminate") => Ok(Call::Eliminate),
                        ("Yes", _) => Ok(Call::Escalate),
                        (_, "Yes") => Ok(Call::Deescalate),
                        _ if cutoff(escalate).is_some_and(|bound| effective > bound) => Ok(Call::Escalate),
                        _ if cutoff(deescalate).is_some_and(|bound| effective < bound) => Ok(Call::Deescalate),
                        _ => Ok(Call::Stay),
                    };
                    let at = LevelSituation { patients, dlts, pending, followed };
                    // With nobody pending the design is the keyboard, whose table the rule then uses.
                    let found =
                        if pending == 0 { Ok(complete.decisions().call(patients, dlts)) } else { design.call(&complete, at) };
                    assert_eq!(found, expected, "{row:?} {at:?}");
                    cells += 1;
                }
            }
        }
    }
    assert!(cells > 5_000, "{cells}");
}

#[test]
fn tite_crm_weights_estimates_and_levels_as_dfcrm() {
    let golden = Golden::read("titecrm.csv");
    let mut near_ties = 0;
    for row in &golden.rows {
        let numbers = |column: &str| list(golden.get(row, column));
        let (levels, tox, expected_weights) = (numbers("level"), numbers("tox"), numbers("weights"));
        let weights: Vec<f64> = if golden.get(row, "scheme") == "weights" {
            expected_weights.clone()
        } else {
            let scheme = if golden.get(row, "scheme") == "linear" { Weights::Linear } else { Weights::Adaptive };
            let window: f64 = number(&golden, row, "obswin");
            let followed: Vec<f64> = numbers("followup").into_iter().map(|weeks| (weeks / window).min(1.0)).collect();
            let mut dlt_times: Vec<f64> = followed.iter().zip(&tox).filter(|(_, tox)| **tox == 1.0).map(|(f, _)| *f).collect();
            dlt_times.sort_by(f64::total_cmp);
            let weight = |(followed, tox): (&f64, &f64)| if *tox == 1.0 { 1.0 } else { scheme.weight(*followed, &dlt_times) };
            followed.iter().zip(&tox).map(weight).collect()
        };
        let id = golden.get(row, "id");
        for (found, expected) in weights.iter().zip(&expected_weights) {
            assert!((found - expected).abs() < 1e-13, "row {id}: weight {found}, {expected}");
        }

        let model = if golden.get(row, "model") == "empiric" { Model::Empiric } else { Model::Logistic { intercept: 3.0 } };
        let skeleton = numbers("skeleton");
        let curve = Curve::new(model, &skeleton).expect("a curve");
        let prior = Prior::Normal { sd: number(&golden, row, "scale") };
        let posterior = WeightedPosterior::new(&curve, prior, levels.len(), &Extras::default()).expect("a posterior");
        let (mut patients, mut dlts, mut pending) = (vec![0; skeleton.len()], vec![0; skeleton.len()], Vec::new());
        for ((&level, &tox), &weight) in levels.iter().zip(&tox).zip(&weights) {
            let level = level as usize - 1;
            if weight < 1.0 {
                pending.push((level, weight));
            } else {
                patients[level] += 1;
                dlts[level] += tox as u32;
            }
        }
        let summary = posterior.summarise(&patients, &dlts, &pending);
        let (mean, variance): (f64, f64) = (number(&golden, row, "est_ref"), number(&golden, row, "var_ref"));
        assert!((summary.mean - mean).abs() < 1e-9, "row {id}: {} {mean}", summary.mean);
        assert!((summary.variance - variance).abs() < 1e-9, "row {id}: {} {variance}", summary.variance);
        if number::<f64>(&golden, row, "gap") < 1e-9 {
            near_ties += 1;
            continue;
        }
        let toxicity: Vec<f64> = curve.toxicity(summary.mean).collect();
        let level = nearest(toxicity.into_iter().enumerate(), number(&golden, row, "target"));
        assert_eq!(level.map(|level| level + 1), Some(number(&golden, row, "mtd_ref")), "row {id}");
    }
    assert_eq!((golden.rows.len(), near_ties), (700, 0));
}

/// Seven DLTs in thirty patients at a level are known well enough, seven in ten are not.
#[test]
fn pending_patients_count_for_precision_as_far_as_they_have_been_followed() {
    let curve = Curve::new(Model::Empiric, &[0.1, 0.25, 0.4]).expect("a curve");
    let precision = Some(Precision { lower: 0.1, upper: 0.4, credibility: 0.9, any: false });
    let rules = Rules { target: 0.25, selection: CrmSelection::Tried, too_toxic: None, precision };
    let settings = CrmSettings { curve, prior: Prior::Normal { sd: 1.0 }, estimate: Estimate::PlugIn, rules };
    let crm = Crm::new(settings, 30).expect("a design");
    let tite = TiteCrm::new(Weights::Linear, &crm, 30).expect("a design");
    for (followed, is_precise) in [(1.0, true), (0.0, false)] {
        let pending = [Pending { level: 1, followed }; 20];
        let situation = situation([0, 30, 0], [0, 7, 0], &pending, 1);
        assert_eq!(tite.is_precise(&crm, &situation, 1), is_precise);
        assert!(!tite.is_precise(&crm, &situation, 2), "only the level due next is asked about");
    }
}

/// The probabilities of the decisions by a rule for complete data that eliminates nothing.
fn decisions_by<R: IntervalRule>(rule: R, target: f64, dlts: usize, without: usize, to_come: &DltsToCome) -> Decisions {
    let settings = interval::IntervalSettings { elimination_cutoff: 1.0, ..interval::IntervalSettings::new(target) };
    Decisions::new(Interval::new(rule, 5, 30, settings).decisions(), dlts, without, to_come)
}

#[test]
fn pod_tpi_has_the_probabilities_of_the_decisions() {
    let golden = Golden::read("pod_tpi.csv");
    for row in &golden.rows {
        let (target, margins) = (number(&golden, row, "target"), [0.05, 0.05]);
        let [dlts, without] = ["n_dlt", "n_nodlt"].map(|column| number::<usize>(&golden, row, column));
        let followed = list(golden.get(row, "rho_pending"));
        let to_come = DltsToCome::new(dlts, without, followed.iter().copied());
        let expected = list(golden.get(row, "PrSdlt_joint"));
        assert_eq!(to_come.probabilities().count(), expected.len());
        for (found, expected) in to_come.probabilities().zip(expected) {
            assert!((found - expected).abs() < 1e-13, "{row:?}: {found}");
        }
        let found = match golden.get(row, "rule") {
            "mTPI-2" => decisions_by(Mtpi2::new(target, margins, 30), target, dlts, without, &to_come),
            "i3+3" => decisions_by(I3Plus3::new(target, margins), target, dlts, without, &to_come),
            other => panic!("{other}"),
        };
        for (found, column) in [(found.escalate, "PrE_joint"), (found.stay, "PrS_joint"), (found.deescalate, "PrD_joint")] {
            assert!((found - number::<f64>(&golden, row, column)).abs() < 1e-13, "{row:?}: {column} {found}");
        }
    }
    assert_eq!(golden.rows.len(), 300);
}

#[test]
fn pod_tpi_suspends_and_goes_on() {
    let complete = |levels| {
        let method = Interval::new(Mtpi2::new(0.25, [0.05, 0.05], 30), levels, 30, interval::IntervalSettings::new(0.25));
        Conducted { conduct: Conduct::new(levels, 0.25), method }
    };
    let pending = PodTpi { levels: 3, min_escalation: 1.0, max_deescalation: 0.15 };
    let rule = TimeToEvent { complete: complete(3), pending };
    let bold = TimeToEvent { complete: complete(3), pending: PodTpi { min_escalation: 0.5, max_deescalation: 1.0, ..pending } };
    let decide = |rule: &dyn PendingRule, patients, dlts, pending: &[Pending], current| {
        rule.decide(&situation(patients, dlts, pending, current))
    };
    let followed =
        |level, shares: &[f64]| -> Vec<Pending> { shares.iter().map(|&followed| Pending { level, followed }).collect() };
    let three = |level| Cohort { level, patients: 3 };
    // Nobody evaluated; two of three without a DLT, where one more would de-escalate; and followed nearly to the end.
    let none = decide(&rule, [3, 0, 0], [0; 3], &followed(0, &[0.9, 0.9, 0.9]), 0);
    assert_eq!(none, Ruling::Suspend(Suspension::NoneEvaluated));
    for (rule, shares, expected) in
        [(&rule, 0.2, Ruling::Suspend(Suspension::UncertainEscalation)), (&bold, 0.2, Ruling::Enrol(three(2), Move::Escalate))]
    {
        assert_eq!(decide(rule, [3, 3, 0], [0; 3], &followed(1, &[shares]), 1), expected);
    }
    // 1 in 6 escalates, 2 in 6 de-escalate; staying is likeliest with 4 in 15 or so. At the lowest level nothing goes down.
    let risky = decide(&rule, [3, 9, 0], [0, 2, 0], &followed(1, &[0.5, 0.5]), 1);
    assert!(matches!(risky, Ruling::Suspend(_)), "{risky:?}");
    let lowest = decide(&rule, [9, 0, 0], [2, 0, 0], &followed(0, &[0.99, 0.99]), 0);
    assert_eq!(lowest, Ruling::Enrol(three(0), Move::Stay));
    // The three evaluated all had a DLT: the level is closed, or at the lowest accrual suspended, until the others are known.
    let twelve = [0.1; 12];
    assert_eq!(decide(&rule, [3, 15, 0], [0, 3, 0], &followed(1, &twelve), 1), Ruling::Enrol(three(0), Move::Deescalate));
    assert_eq!(decide(&rule, [15, 0, 0], [3, 0, 0], &followed(0, &twelve), 0), Ruling::Suspend(Suspension::ToxicLowestLevel));
    assert_eq!(decide(&rule, [4, 0, 0], [4, 0, 0], &followed(1, &[]), 0), Ruling::Close(StopReason::TooToxic));
    // From below, a closed level is not escalated to.
    let from_below = decide(&rule, [6, 15, 0], [0, 3, 0], &followed(1, &twelve), 0);
    assert_eq!(from_below, Ruling::Enrol(three(0), Move::Stay));
}

#[test]
fn the_printed_table_of_tite_boin_is_the_reference() {
    let golden = Golden::read("tite_boin_stft.csv");
    let mut compared = 0;
    let mut tables: Vec<([f64; 3], Vec<FollowUpRow>)> = Vec::new();
    for row in &golden.rows {
        let rates = ["target", "p_saf", "p_tox"].map(|column| number(&golden, row, column));
        if tables.last().is_none_or(|(other, _)| *other != rates) {
            let [target, safe, toxic] = rates;
            let its_rates = Rates { safe_rate: Some(safe), toxic_rate: Some(toxic), ..Rates::new(target) };
            let boin = boin(5, its_rates, interval::IntervalSettings::new(target));
            tables.push((rates, TiteBoin::new(Variant::Imputation, 5, target).follow_up_table(&boin, 18).expect("a table")));
        }
        let (_, table) = tables.last().expect("a table");
        let at = at(&golden, row, ["n", "y", "pending"]);
        let here = |row: &&FollowUpRow| (row.patients, row.dlts, row.pending) == (at.patients, at.dlts, at.pending);
        let decision = table.iter().find(here).expect("a row").decision;
        let is_near = |bound: Option<f64>, column| {
            bound.is_none_or(|bound: f64| (bound - number::<f64>(&golden, row, column)).abs() < 1e-10 * bound.abs().max(1.0))
        };
        let is_same = match (golden.get(row, "decision"), decision) {
            ("E", FollowUpCall::Call(Call::Escalate)) | ("S", FollowUpCall::Call(Call::Stay)) => true,
            ("D", FollowUpCall::Call(Call::Deescalate | Call::Eliminate)) => true,
            // The reference knows nothing of the target that a de-escalation needs besides.
            ("DEPENDS", FollowUpCall::Call(Call::Stay)) => (at.dlts as f64) < rates[0] * at.patients as f64,
            ("DEPENDS", FollowUpCall::ByFollowUp { escalate_from, deescalate_to }) => {
                is_near(escalate_from, "stft_escalate_if_ge") && is_near(deescalate_to, "stft_deescalate_if_le")
            }
            ("SUSPEND", FollowUpCall::Suspend(Suspension::MostPending)) => true,
            _ => false,
        };
        assert!(is_same, "{row:?}: {decision:?}");
        compared += 1;
    }
    assert_eq!(compared, 6600);
}
