//! The decision tables of mTPI, mTPI-2, Keyboard, TPI, i3+3 and CCD against independent implementations, cell by cell.

use crate::support::Golden;
use dosebench::design::decision_table::Call;
use dosebench::design::interval::ccd::{Ccd, UpperBoundary, usual_margin};
use dosebench::design::interval::i3plus3::I3Plus3;
use dosebench::design::interval::keyboard::{EndKeys, Keyboard};
use dosebench::design::interval::mtpi::Mtpi;
use dosebench::design::interval::mtpi2::Mtpi2;
use dosebench::design::interval::tpi::Tpi;
use dosebench::design::interval::{Interval, IntervalRule, IntervalSettings};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;

/// The decisions of one reference table: `decisions[patients - 1][dlts]`.
struct Decisions {
    column: String,
    target: f64,
    margins: [f64; 2],
    /// E, S, D, U (eliminated), T (a tie of S and D), - (not in the package's table); 0 and 1 in the column `unsafe95`.
    decisions: Vec<Vec<char>>,
}

fn reference() -> Vec<Decisions> {
    let golden = Golden::read("interval_decisions.csv");
    let number = |row, column| golden.get(row, column).parse::<f64>().expect("a number");
    let decisions = |row| {
        let words: Vec<Vec<char>> = golden.get(row, "decisions").split(' ').map(|word| word.chars().collect()).collect();
        assert!(words.len() == 30 && words.iter().zip(2..).all(|(word, length)| word.len() == length));
        Decisions {
            column: golden.get(row, "column").to_owned(),
            target: number(row, "target"),
            margins: [number(row, "margin_below"), number(row, "margin_above")],
            decisions: words,
        }
    };
    golden.rows.iter().map(decisions).collect()
}

/// A cell in which a table differs: what it is about, and what was found and expected.
type Difference = (String, usize, usize, char, char);

impl Decisions {
    /// The cells that `found(patients, dlts)` does not give.
    fn differences(&self, found: impl Fn(usize, usize) -> char) -> Vec<Difference> {
        let [below, above] = self.margins;
        let place = format!("{} {below} {above}", self.target);
        let cells = (1..=30).flat_map(|patients| (0..=patients).map(move |dlts| (patients, dlts)));
        let compared = cells.map(|(patients, dlts)| (patients, dlts, found(patients, dlts), self.decisions[patients - 1][dlts]));
        let different = compared.filter(|&(_, _, found, expected)| expected != '-' && found != expected);
        different.map(|(patients, dlts, found, expected)| (place.clone(), patients, dlts, found, expected)).collect()
    }
}

fn letter(call: Call) -> char {
    match call {
        Call::Escalate => 'E',
        Call::Stay => 'S',
        Call::Deescalate => 'D',
        Call::Eliminate => 'U',
    }
}

/// The reference tables of a column.
fn tables(column: &str) -> Vec<Decisions> {
    let tables: Vec<Decisions> = reference().into_iter().filter(|table| table.column == column).collect();
    // IntervalDesign's scripts have margins of 0.05 only, PhIdesign equal ones.
    let expected = match column {
        "IntervalDesign_mtpi" => 7,
        "IntervalDesign_kb" => 6,
        "PhIdesign_kb" => 8,
        _ => 11,
    };
    assert_eq!(tables.len(), expected, "{column}");
    tables
}

/// All tables of a column against a rule, levels that are too toxic aside; the cells that differ.
fn compare<R: IntervalRule>(column: &str, rule: impl Fn(&Decisions) -> R) -> Vec<Difference> {
    let differences = |table: &Decisions| {
        let rule = rule(table);
        table.differences(|patients, dlts| letter(rule.call(patients, dlts)))
    };
    tables(column).iter().flat_map(differences).collect()
}

/// As [`compare`], with elimination of levels that have `min_patients` patients.
fn compare_eliminating<R: IntervalRule>(column: &str, min_patients: usize, rule: impl Fn(&Decisions) -> R) -> Vec<Difference> {
    let differences = |table: &Decisions| {
        let settings = IntervalSettings { elimination_min_patients: min_patients, ..IntervalSettings::new(table.target) };
        let design = Interval::new(rule(table), 5, 30, settings);
        table.differences(|patients, dlts| letter(design.decisions().call(patients, dlts)))
    };
    tables(column).iter().flat_map(differences).collect()
}

fn mtpi(table: &Decisions) -> Mtpi {
    Mtpi::new(table.target, table.margins, 30)
}

fn mtpi2(table: &Decisions) -> Mtpi2 {
    Mtpi2::new(table.target, table.margins, 30)
}

fn keyboard(end_keys: EndKeys) -> impl Fn(&Decisions) -> Keyboard {
    move |table| Keyboard::new(table.target, table.margins, end_keys, 30)
}

fn i3plus3(table: &Decisions) -> I3Plus3 {
    I3Plus3::new(table.target, table.margins)
}

fn ccd(upper_boundary: UpperBoundary) -> impl Fn(&Decisions) -> Ccd {
    move |table| Ccd::new(table.target, usual_margin(table.target), upper_boundary)
}

/// Every cell of the tables that were computed in exact arithmetic. The one exact tie is decided for the more cautious side.
#[test]
fn decisions_are_those_of_exact_arithmetic() {
    let tie = |place: &str| (place.to_owned(), 2, 1, 'D', 'T');
    let expected = vec![tie("0.25 0.05 0.05")];
    assert_eq!(compare("mtpi", mtpi), expected);
    assert_eq!(compare("mtpi2", mtpi2), []);
    assert_eq!(compare("mtpi2", keyboard(EndKeys::Rescaled)), []);
    assert_eq!(compare("keyboard_fullkeys", keyboard(EndKeys::Full)), []);
    assert_eq!(compare("i3p3", i3plus3), []);
    assert_eq!(compare("ccd_inclusive", ccd(UpperBoundary::Inclusive)), []);
    assert_eq!(compare("ccd_strict_upper", ccd(UpperBoundary::Strict)), []);
    assert_eq!(compare("esc_tpi_k1_1_k2_1.5", |table| Tpi::new(table.target, 1.0, 1.5)), []);
}

/// A level is too toxic exactly where the exact probability says so.
#[test]
fn levels_are_eliminated_where_exact_arithmetic_says_so() {
    for table in tables("unsafe95") {
        let settings = IntervalSettings { elimination_min_patients: 1, ..IntervalSettings::new(table.target) };
        let design = Interval::new(i3plus3(&table), 5, 30, settings);
        let is_eliminated = |patients, dlts| design.decisions().call(patients, dlts) == Call::Eliminate;
        let differences = table.differences(|patients, dlts| if is_eliminated(patients, dlts) { '1' } else { '0' });
        assert_eq!(differences, []);
    }
}

/// Cells of a table in which the first letter is found here and the second in a package.
fn cells(place: &str, cells: &[(usize, usize)], letters: (char, char)) -> Vec<Difference> {
    cells.iter().map(|&(patients, dlts)| (place.to_owned(), patients, dlts, letters.0, letters.1)).collect()
}

/// Every cell of the tables of R packages and scripts, the float-sensitive ones and a boundary that starts too late excepted:
/// these are known one by one.
#[test]
fn decisions_are_those_of_packages() {
    // Decisions without elimination.
    assert_eq!(compare("esc_mtpi", mtpi), []);
    assert_eq!(compare("esc_mtpi2", mtpi2), []);
    assert_eq!(compare("PhIdesign_kb", keyboard(EndKeys::Full)), []);
    // As floats, 0.2 - 0.05 is above 3/20 and 0.4 - 0.05 above 7/20.
    let rounded = [cells("0.2 0.05 0.05", &[(20, 3)], ('S', 'E')), cells("0.4 0.05 0.05", &[(20, 7)], ('S', 'E'))].concat();
    assert_eq!(sorted(compare("PhIdesign_i3p3", i3plus3)), rounded);
    // With elimination from 1 patient or from 3 on.
    assert_eq!(compare_eliminating("Keyboard_pkg", 1, keyboard(EndKeys::Rescaled)), []);
    assert_eq!(compare_eliminating("FIND_mtpi2", 3, mtpi2), []);
    assert_eq!(sorted(compare_eliminating("FIND_i3p3", 3, i3plus3)), rounded);
    // The scripts look for the number of DLTs that eliminates from 3 on, and miss 2 DLTs.
    let missed = |place: &str, patients: &[usize]| {
        cells(place, &patients.iter().map(|&patients| (patients, 2)).collect::<Vec<_>>(), ('U', 'D'))
    };
    let late = [missed("0.15 0.05 0.05", &[3, 4, 5]), missed("0.2 0.05 0.05", &[3])].concat();
    assert_eq!(sorted(compare_eliminating("IntervalDesign_kb", 3, keyboard(EndKeys::Full))), late);
    let late = [missed("0.1 0.05 0.05", &[3, 4, 5, 6, 7]), late].concat();
    assert_eq!(sorted(compare_eliminating("IntervalDesign_mtpi", 3, mtpi)), late);
    // As floats, 0.3 - 0.1 is below 1/5; the margins are those of the other designs, without effect on the CCD.
    let fifth = |place: &str| cells(place, &[(5, 1), (10, 2), (15, 3), (20, 4), (30, 6)], ('E', 'S'));
    let late = [late, missed("0.2 0.04 0.05", &[3])].concat();
    let expected = [late, fifth("0.3 0.05 0.05"), fifth("0.3 0.1 0.1")].concat();
    assert_eq!(sorted(compare_eliminating("IntervalDesign_ccd", 3, ccd(UpperBoundary::Strict))), sorted(expected));
}

fn sorted(mut differences: Vec<Difference>) -> Vec<Difference> {
    differences.sort();
    differences
}

/// Cuts the toxicities into all pieces there are and compares fractions: the largest unit probability mass, or with `full` the
/// strongest full key; of equal ones the most cautious.
fn largest_piece(target: &BigRational, margins: [&BigRational; 2], full: bool, patients: usize, dlts: usize) -> Call {
    let (zero, one) = (BigRational::zero(), BigRational::one());
    let (below, above) = (target - margins[0], target + margins[1]);
    let length = &above - &below;
    let mut pieces = vec![(Call::Stay, below.clone(), above.clone())];
    let mut end = below;
    while end > zero {
        let start = (&end - &length).max(zero.clone());
        pieces.push((Call::Escalate, start.clone(), end));
        end = start;
    }
    let mut start = above;
    while start < one {
        let end = (&start + &length).min(one.clone());
        pieces.push((Call::Deescalate, start, end.clone()));
        start = end;
    }
    pieces.retain(|(_, start, end)| !full || end - start == length);
    // Pr(p > x) = Pr(X <= dlts), X binomial with one trial more.
    let upper = |x: &BigRational| -> BigRational {
        let mut ways = one.clone();
        let mut sum = zero.clone();
        for k in 0..=dlts {
            sum += &ways * num_traits::pow(x.clone(), k) * num_traits::pow(&one - x, patients + 1 - k);
            ways = ways * BigRational::from_integer((patients + 1 - k).into()) / BigRational::from_integer((k + 1).into());
        }
        sum
    };
    let masses = pieces.iter().map(|(call, start, end)| ((upper(start) - upper(end)) / (end - start), *call));
    masses.max().expect("a piece").1
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The rules that look at neighbouring keys only decide as if they looked at all of them.
    #[test]
    fn few_pieces_decide_as_all_do(
        (target, below, above) in (2_usize..=95).prop_flat_map(|target| (Just(target), 1..target, 1..100 - target)),
        patients in 1_usize..=20,
    ) {
        let fraction = |percent: usize| BigRational::new(percent.into(), 100.into());
        let float = |percent: usize| percent as f64 / 100.0;
        let margins = [float(below), float(above)];
        let rescaled = Keyboard::new(float(target), margins, EndKeys::Rescaled, 20);
        let full = Keyboard::new(float(target), margins, EndKeys::Full, 20);
        for dlts in 0..=patients {
            for (keys, is_full) in [(&rescaled, false), (&full, true)] {
                let expected = largest_piece(&fraction(target), [&fraction(below), &fraction(above)], is_full, patients, dlts);
                prop_assert_eq!(keys.call(patients, dlts), expected, "{} of {}, full keys only: {}", dlts, patients, is_full);
            }
        }
    }

    /// More DLTs never lead to a less cautious call, nor do fewer patients with as many DLTs.
    #[test]
    fn more_dlts_are_never_called_less_cautiously(
        (target, below, above) in (2_usize..=95).prop_flat_map(|target| (Just(target), 1..target, 1..100 - target)),
        k1 in 0.1..4.0,
        k2 in 0.1..4.0,
    ) {
        let (target, margins) = (target as f64 / 100.0, [below as f64 / 100.0, above as f64 / 100.0]);
        let rules: [(&str, &dyn IntervalRule); 6] = [
            ("mTPI", &Mtpi::new(target, margins, 40)),
            ("mTPI-2", &Mtpi2::new(target, margins, 40)),
            ("full keys", &Keyboard::new(target, margins, EndKeys::Full, 40)),
            ("TPI", &Tpi::new(target, k1, k2)),
            ("i3+3", &I3Plus3::new(target, margins)),
            ("CCD", &Ccd::new(target, margins[0].min(1.0 - target - 0.001), UpperBoundary::Strict)),
        ];
        for (name, rule) in rules {
            for patients in 1..=40 {
                prop_assert!((0..=patients).map(|dlts| rule.call(patients, dlts)).is_sorted(), "{} {}", name, patients);
            }
        }
    }
}
