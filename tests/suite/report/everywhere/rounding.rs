//! The rounding of the reports, written a second time: no digit smaller than half of the standard error, and no more digits than the
//! kind of the number has.

/// A kind of number: the factor with which it is printed, its decimals when exact, and the fewest that an error leaves.
pub(super) type Kind = (f64, i32, i32);
pub(super) const PERCENT: Kind = (100.0, 1, -1);
pub(super) const MEAN: Kind = (1.0, 1, 0);
pub(super) const DLTS: Kind = (1.0, 2, 0);
pub(super) const WHOLE: Kind = (1.0, 0, 0);
pub(super) const INDEX: Kind = (1.0, 3, 1);

/// A number with these decimals; below zero, in tens.
pub(super) fn rounded(value: f64, places: i32, signed: bool) -> String {
    let size = value.abs();
    let digits = match usize::try_from(places) {
        Ok(places) => format!("{size:.places$}"),
        Err(_) => format!("{:.0}", 10.0 * (size / 10.0).round()),
    };
    let is_zero = !digits.contains(|digit: char| ('1'..='9').contains(&digit));
    let sign = if is_zero {
        ""
    } else if value < 0.0 {
        "−"
    } else if signed {
        "+"
    } else {
        ""
    };
    format!("{sign}{digits}")
}

/// The decimals of a number with this error, in the unit in which it is printed.
pub(super) fn places((_, most, fewest): Kind, error: f64) -> i32 {
    let mut places = most;
    while places > fewest && 10f64.powi(-places) < error / 2.0 {
        places -= 1;
    }
    places
}

/// An error with two significant digits.
pub(super) fn error_words(error: f64) -> String {
    let (_, exponent) =
        format!("{error:.1e}").split_once('e').map(|(digits, exponent)| (digits.to_owned(), exponent.to_owned())).unwrap();
    let places = usize::try_from(1 - exponent.parse::<i32>().unwrap()).unwrap_or(0);
    format!("{error:.places$}")
}

/// How sure a number is.
#[derive(Clone, Copy)]
pub(super) enum Sure {
    Exact,
    Error(f64),
    AtMost(f64),
    Interval(f64, f64, f64),
}

impl Sure {
    /// The standard error, or its bound.
    pub(super) fn error(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::Error(error) | Self::AtMost(error) | Self::Interval(error, ..) => error,
        }
    }
}

/// A count with its thousands set apart.
pub(super) fn grouped(count: f64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// A number as a cell prints it.
pub(super) fn cell(kind: Kind, signed: bool, value: f64, sure: Sure) -> String {
    let factor = kind.0;
    let with = |error: f64, beside: String| {
        let number = rounded(factor * value, places(kind, factor * error), signed);
        if beside.is_empty() { number } else { format!("{number} {beside}") }
    };
    match sure {
        Sure::Exact => with(0.0, String::new()),
        Sure::Error(0.0) => with(0.0, String::new()),
        Sure::Error(error) => with(error, format!("± {}", error_words(factor * error))),
        Sure::AtMost(error) if kind == WHOLE => with(error, "± 0".to_owned()),
        Sure::AtMost(error) => with(error, format!("± ≤ {}", error_words(factor * error))),
        Sure::Interval(error, lower, upper) => {
            let end = |end: f64| rounded(factor * end, places(kind, factor * error), signed);
            with(error, format!("({} to {})", end(lower), end(upper)))
        }
    }
}
