//! The one table model: every table of every report is a [`Table`], and only this file rounds.
//!
//! Digits follow the standard error: no digit is printed whose unit is smaller than half of the number's Monte Carlo standard
//! error, and never more digits than the [`Kind`] of the number has when it is exact.

/// What the numbers of a column are, which fixes their unit and the digits of an exact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A probability or a share, held in [0, 1] and printed in per cent with one decimal.
    Percent,
    /// A mean number of patients, cohorts or weeks: one decimal.
    Mean,
    /// A mean number of DLTs: two decimals.
    Dlts,
    /// A number of whole things: no decimal.
    Whole,
    /// An index or a probability printed as such: three decimals.
    Index,
}

impl Kind {
    /// What a value is multiplied by before it is printed.
    fn factor(self) -> f64 {
        if self == Self::Percent { 100.0 } else { 1.0 }
    }

    /// Decimals of an exact number, and the fewest that a standard error may leave: below zero, digits before the point.
    fn decimals(self) -> (i32, i32) {
        match self {
            Self::Percent => (1, -1),
            Self::Mean => (1, 0),
            Self::Dlts => (2, 0),
            Self::Index => (3, 1),
            Self::Text | Self::Whole => (0, 0),
        }
    }
}

/// How sure a number is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// No simulation error.
    Exact,
    /// The Monte Carlo standard error, printed beside the number.
    StdError(f64),
    /// An upper bound of the standard error, printed as such.
    AtMost(f64),
    /// The standard error, for the digits, and the limits of the 95 % interval, which are printed beside the number.
    Interval {
        /// The standard error.
        std_error: f64,
        /// The lower limit.
        lower: f64,
        /// The upper limit.
        upper: f64,
    },
}

impl Spread {
    /// The 95 % interval of a value with this spread; `None` when exact. That of an upper bound is wider than it need be.
    #[must_use]
    pub fn limits(self, value: f64) -> Option<(f64, f64)> {
        match self {
            Self::Exact => None,
            Self::StdError(error) | Self::AtMost(error) => Some((value - 1.96 * error, value + 1.96 * error)),
            Self::Interval { lower, upper, .. } => Some((lower, upper)),
        }
    }

    /// The standard error that limits the digits.
    fn std_error(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::StdError(error) | Self::AtMost(error) | Self::Interval { std_error: error, .. } => error,
        }
    }
}

/// What a cell has to say beyond its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    Plain,
    /// It belongs to the selection that is correct.
    Correct,
    /// It belongs to a level whose toxicity is above the acceptable band.
    TooToxic,
    /// It differs from what it is compared with.
    Differs,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, or a number that is printed as somebody wrote it.
    Text(String, Mark),
    /// A number to be rounded.
    Number {
        /// The value, unrounded.
        value: f64,
        /// How sure it is.
        spread: Spread,
        /// What else it says.
        mark: Mark,
    },
    /// There is no such number.
    Absent,
}

impl Cell {
    /// Words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into(), Mark::Plain)
    }

    /// An exact number.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self::Number { value, spread: Spread::Exact, mark: Mark::Plain }
    }

    /// What else the cell says.
    #[must_use]
    pub fn mark(&self) -> Mark {
        match self {
            Self::Text(_, mark) | Self::Number { mark, .. } => *mark,
            Self::Absent => Mark::Plain,
        }
    }

    /// What is printed behind the words of a marked cell, for those who do not see how it is set: a star or a dagger. Numbers have
    /// their sign in the row of the truth.
    #[must_use]
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Text(text, _) if text.is_empty() => "",
            Self::Text(_, Mark::Correct | Mark::Differs) => " *",
            Self::Text(_, Mark::TooToxic) => " †",
            _ => "",
        }
    }

    /// The cell with this mark.
    #[must_use]
    pub fn marked(mut self, new: Mark) -> Self {
        if let Self::Text(_, mark) | Self::Number { mark, .. } = &mut self {
            *mark = new;
        }
        self
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// The second line of its heading: a dose or a unit; may be empty.
    pub detail: String,
    /// The heading above it, shared with its neighbours; may be empty.
    pub group: &'static str,
    /// What its numbers are.
    pub kind: Kind,
    /// Whether they are differences, which carry their sign.
    pub signed: bool,
    /// Whether the column is left empty, to be filled in on paper.
    pub for_paper: bool,
}

impl Column {
    /// A column without a shared heading.
    #[must_use]
    pub fn new(heading: impl Into<String>, detail: impl Into<String>, kind: Kind) -> Self {
        Self { heading: heading.into(), detail: detail.into(), group: "", kind, signed: false, for_paper: false }
    }

    /// A column that is left empty, to be filled in on paper.
    #[must_use]
    pub fn for_paper(heading: impl Into<String>) -> Self {
        Self { for_paper: true, ..Self::new(heading, "", Kind::Text) }
    }

    /// This column below a shared heading.
    #[must_use]
    pub fn below(mut self, group: &'static str) -> Self {
        self.group = group;
        self
    }

    /// This column as one of differences.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signed = true;
        self
    }

    /// A cell of this column as it is printed.
    #[must_use]
    pub fn show(&self, cell: &Cell) -> Shown {
        match cell {
            Cell::Text(text, _) => Shown { number: text.clone(), error: None },
            Cell::Absent => Shown { number: "–".to_owned(), error: None },
            Cell::Number { value, spread, .. } => show(self.kind, self.signed, *value, *spread),
        }
    }
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// One cell a column.
    pub cells: Vec<Cell>,
    /// The design it is about, by its place in the study.
    pub design: Option<usize>,
}

/// Rows that belong together, under a heading.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The heading; empty where the table has one group only.
    pub heading: String,
    /// A row that is printed first and stays there when the others are sorted: the true DLT probabilities.
    pub truth: Option<Vec<Cell>>,
    /// The rows.
    pub rows: Vec<Row>,
    /// A sentence below the rows; may be empty.
    pub note: String,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// A word that is unique in the report.
    pub id: String,
    /// What it shows.
    pub caption: String,
    /// The columns; the first one names the rows.
    pub columns: Vec<Column>,
    /// The rows.
    pub groups: Vec<Group>,
    /// What a reader must know to read it.
    pub notes: Vec<String>,
}

impl Table {
    /// The table without one of its columns, counted from 0.
    #[must_use]
    pub fn without_column(mut self, place: usize) -> Self {
        let rows = self
            .groups
            .iter_mut()
            .flat_map(|group| group.truth.iter_mut().chain(group.rows.iter_mut().map(|row| &mut row.cells)));
        for cells in rows.filter(|cells| place < cells.len()) {
            cells.remove(place);
        }
        if place < self.columns.len() {
            self.columns.remove(place);
        }
        self
    }

    /// The largest standard error of the probabilities in the table, as a sentence, where something in it was simulated.
    #[must_use]
    pub fn largest_error(&self) -> Option<String> {
        let cells = self.groups.iter().flat_map(|group| &group.rows).flat_map(|row| row.cells.iter().zip(&self.columns));
        let errors = cells.filter(|(_, column)| column.kind == Kind::Percent).filter_map(|(cell, _)| match cell {
            Cell::Number { spread: Spread::StdError(error) | Spread::Interval { std_error: error, .. }, .. } => Some(*error),
            _ => None,
        });
        let largest = errors.fold(0.0, f64::max);
        (largest > 0.0)
            .then(|| format!("Largest standard error of a percentage: {} percentage points.", significant(100.0 * largest)))
    }
}

/// A number as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The number.
    pub number: String,
    /// What stands beside it: `± 0.14`, `± ≤ 0.14`, or the limits of its interval in brackets.
    pub error: Option<String>,
}

impl Shown {
    /// Both in one piece.
    #[must_use]
    pub fn joined(&self) -> String {
        self.error.as_ref().map_or_else(|| self.number.clone(), |error| format!("{} {error}", self.number))
    }
}

/// A number of this kind as it is printed.
#[must_use]
pub fn show(kind: Kind, signed: bool, value: f64, spread: Spread) -> Shown {
    let factor = kind.factor();
    let places = decimals(kind, factor * spread.std_error());
    let round = |value: f64, places: i32| rounded(factor * value, places, signed);
    let error = match spread {
        Spread::Exact => None,
        // A quantile of whole numbers that one more or less standard error does not move.
        Spread::AtMost(_) if kind == Kind::Whole => Some("± 0".to_owned()),
        Spread::AtMost(error) => Some(format!("± ≤ {}", significant(factor * error))),
        Spread::StdError(error) if error > 0.0 => Some(format!("± {}", significant(factor * error))),
        Spread::StdError(_) => None,
        Spread::Interval { lower, upper, .. } => Some(format!("({} to {})", round(lower, places), round(upper, places))),
    };
    Shown { number: round(value, places), error }
}

/// The decimals of a number of this kind with this standard error, both in the printed unit.
fn decimals(kind: Kind, std_error: f64) -> i32 {
    let (most, fewest) = kind.decimals();
    (fewest..=most).rev().find(|&places| 10f64.powi(-places) >= std_error / 2.0).unwrap_or(fewest)
}

/// `value` with `places` decimals; below zero, rounded to tens and so on. A value that rounds to zero has no sign.
fn rounded(value: f64, places: i32, signed: bool) -> String {
    let text = match usize::try_from(places) {
        Ok(places) => format!("{:.places$}", value.abs()),
        Err(_) => {
            let unit = 10f64.powi(-places);
            format!("{:.0}", (value.abs() / unit).round() * unit)
        }
    };
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match (is_zero, value < 0.0, signed) {
        (false, true, _) => format!("−{text}"),
        (false, false, true) => format!("+{text}"),
        _ => text,
    }
}

/// A positive number with two significant digits.
fn significant(value: f64) -> String {
    let places = (0..12).find(|&places| value * 10f64.powi(places) >= 9.95).unwrap_or(12);
    rounded(value, places, false)
}

/// A probability as a number of trials in a hundred, in words: `about 30`, `none`; where the standard error leaves more than one
/// number open, the 95 % interval: `between 27 and 33`.
#[must_use]
pub fn in_hundred(probability: f64, spread: Spread) -> String {
    let half = 1.96 * spread.std_error();
    let (lower, upper) = ((probability - half).max(0.0), (probability + half).min(1.0));
    let whole = |probability: f64| rounded(100.0 * probability, 0, false);
    match (whole(lower), whole(upper)) {
        (lower, upper) if 100.0 * half > 1.0 && lower != upper => format!("between {lower} and {upper}"),
        _ if probability <= 0.0 => "none".to_owned(),
        _ if probability >= 1.0 => "all".to_owned(),
        _ if 100.0 * probability < 0.5 => "fewer than 1".to_owned(),
        _ if 100.0 * probability >= 99.5 => "more than 99".to_owned(),
        _ => format!("about {}", whole(probability)),
    }
}

/// A follow-up in windows, as published tables state it: two decimals.
#[must_use]
pub fn hundredths(value: f64) -> String {
    format!("{value:.2}")
}

/// A number as it was written: the shortest decimal that reads back.
#[must_use]
pub fn written(value: f64) -> String {
    format!("{value}")
}

/// Numbers as they were written, with the same number of decimals where two are enough: `0.1`, `1.0`, `3.0`.
#[must_use]
pub fn written_alike(values: &[f64]) -> Vec<String> {
    let texts: Vec<String> = values.iter().map(|&value| written(value)).collect();
    let places = texts.iter().map(|text| text.split_once('.').map_or(0, |(_, fraction)| fraction.len())).max().unwrap_or(0);
    if places > 2 { texts } else { values.iter().map(|value| format!("{value:.places$}")).collect() }
}

/// A count with its thousands set apart: `100,000`.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(value: f64, std_error: f64) -> String {
        show(Kind::Percent, false, value, Spread::StdError(std_error)).joined()
    }

    #[test]
    fn no_digit_is_smaller_than_half_of_its_standard_error() {
        assert_eq!(show(Kind::Percent, false, 0.300_44, Spread::Exact).joined(), "30.0");
        assert_eq!(percent(0.300_44, 0.001_44), "30.0 ± 0.14");
        assert_eq!(percent(0.300_44, 0.002), "30.0 ± 0.20", "half of 0.2 points is 0.1: still printed");
        assert_eq!(percent(0.300_44, 0.002_1), "30 ± 0.21");
        assert_eq!(percent(0.300_44, 0.014_4), "30 ± 1.4");
        assert_eq!(percent(0.334_4, 0.145), "30 ± 14");
        assert_eq!(show(Kind::Mean, false, 15.149, Spread::StdError(0.3)).joined(), "15 ± 0.30");
        assert_eq!(show(Kind::Dlts, false, 3.213, Spread::Exact).joined(), "3.21");
    }

    #[test]
    fn differences_carry_their_sign_and_zero_has_none() {
        let show = |value| show(Kind::Percent, true, value, Spread::Exact).number;
        assert_eq!(show(0.0123), "+1.2");
        assert_eq!(show(-0.0123), "−1.2");
        assert_eq!(show(-0.0001), "0.0");
        let interval = Spread::Interval { std_error: 0.001, lower: -0.001, upper: 0.003 };
        assert_eq!(super::show(Kind::Percent, true, 0.001, interval).joined(), "+0.1 (−0.1 to +0.3)");
    }

    #[test]
    fn a_hundred_trials_in_words() {
        assert_eq!(in_hundred(0.3004, Spread::Exact), "about 30");
        assert_eq!(in_hundred(0.3004, Spread::StdError(0.0014)), "about 30");
        assert_eq!(in_hundred(0.3004, Spread::StdError(0.0144)), "between 27 and 33");
        assert_eq!(in_hundred(0.0, Spread::Exact), "none");
        assert_eq!(in_hundred(0.002, Spread::Exact), "fewer than 1");
        assert_eq!(in_hundred(0.997, Spread::Exact), "more than 99");
    }

    #[test]
    fn numbers_are_written_alike() {
        assert_eq!(written_alike(&[0.1, 1.0, 3.0]), ["0.1", "1.0", "3.0"]);
        assert_eq!(written_alike(&[10.0, 20.0]), ["10", "20"]);
        assert_eq!(written_alike(&[0.005, 100.0]), ["0.005", "100"]);
        assert_eq!(grouped(100_000), "100,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
    }
}
