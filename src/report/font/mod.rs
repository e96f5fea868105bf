//! The embedded typeface: Inter (The Inter Project Authors, SIL Open Font License 1.1, see COPYRIGHT.txt), cut down to
//! Latin, Greek, sub- and superscripts and mathematical signs. It measures labels for all painters, is drawn by the PNG
//! painter and embedded by the PDF painter, so that figures do not depend on what is installed.

use ab_glyph::{Font, FontRef, OutlineCurve};
use std::sync::LazyLock;

/// The regular face for web pages (WOFF2).
pub const REGULAR_WOFF2: &[u8] = include_bytes!("Inter-Regular-sub.woff2");
/// The semi-bold face for web pages (WOFF2).
pub const SEMI_BOLD_WOFF2: &[u8] = include_bytes!("Inter-SemiBold-sub.woff2");

/// Height of a capital letter or digit, in parts of the font size.
pub const CAP_HEIGHT: f64 = 0.727;
/// How far letters reach below the baseline, in parts of the font size.
pub const DESCENT: f64 = 0.21;

/// The weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    SemiBold,
}

// Parsing cannot fail: the two files are part of the program, and a test reads them.
static REGULAR: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(file(Weight::Regular)).expect("the embedded font is valid"));
static SEMI_BOLD: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(file(Weight::SemiBold)).expect("the embedded font is valid"));

/// The face as an OpenType file.
pub(super) fn file(weight: Weight) -> &'static [u8] {
    match weight {
        Weight::Regular => include_bytes!("Inter-Regular-sub.otf"),
        Weight::SemiBold => include_bytes!("Inter-SemiBold-sub.otf"),
    }
}

fn face(weight: Weight) -> &'static FontRef<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::SemiBold => &SEMI_BOLD,
    }
}

/// Whether the embedded font can draw this character.
pub fn has_glyph(character: char, weight: Weight) -> bool {
    glyph(character, weight).is_some()
}

/// The number of a character's glyph in the embedded font; nothing where the font lacks it.
pub(super) fn glyph(character: char, weight: Weight) -> Option<u16> {
    Some(face(weight).glyph_id(character).0).filter(|&id| id != 0)
}

/// The advance of one character, in parts of the font size. A character that the font lacks is as wide as in the fonts
/// that a browser would take instead: a full square from Hangul and Chinese on, less before.
pub fn advance(character: char, weight: Weight) -> f64 {
    let font = face(weight);
    if has_glyph(character, weight) {
        f64::from(font.h_advance_unscaled(font.glyph_id(character))) / units(font)
    } else if character >= '\u{1100}' {
        1.0
    } else {
        0.62
    }
}

/// The width of a line of text in the unit of `size`.
pub fn width(text: &str, weight: Weight, size: f64) -> f64 {
    text.chars().map(|character| advance(character, weight)).sum::<f64>() * size
}

/// The outline of one character with the factor that scales it to a font size of 1 (its y axis points up); nothing for a
/// blank or a character that the font lacks.
pub(super) fn outline(character: char, weight: Weight) -> Option<(Vec<OutlineCurve>, f32)> {
    let font = face(weight);
    let id = font.glyph_id(character);
    (id.0 != 0).then(|| font.outline(id)).flatten().map(|outline| (outline.curves, 1.0 / units(font) as f32))
}

fn units(font: &FontRef) -> f64 {
    f64::from(font.units_per_em().unwrap_or(2048.0))
}

/// The text on one line: line breaks and control characters become single blanks, and the marks that turn the writing
/// direction are dropped.
pub fn one_line(text: &str) -> String {
    let visible =
        |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let plain: String = text.chars().filter(visible).map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text, or its beginning and end around an ellipsis when it is wider than `room`: names often differ at their end.
pub fn fit(text: &str, weight: Weight, size: f64, room: f64) -> String {
    let text = one_line(text);
    if width(&text, weight, size) <= room {
        return text;
    }
    let characters: Vec<char> = text.chars().collect();
    for kept in (0..characters.len()).rev() {
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let head: String = characters[..head].iter().collect();
        let tail: String = characters[characters.len() - tail..].iter().collect();
        let short = format!("{}…{}", head.trim_end(), tail.trim_start());
        if width(&short, weight, size) <= room {
            return short;
        }
    }
    String::new()
}

/// The text on at most `lines` lines no wider than `room`, broken at blanks or behind hyphens where there are any; the last line
/// is shortened as by [`fit`].
pub fn wrap(text: &str, weight: Weight, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut rest = one_line(text);
    let mut done = Vec::new();
    while done.len() + 1 < lines && width(&rest, weight, size) > room {
        let mut used = 0.0;
        let end = rest
            .char_indices()
            .find(|&(_, c)| {
                used += advance(c, weight) * size;
                used > room
            })
            .map_or(rest.len(), |(at, _)| at);
        // A word that alone is wider than half the line is broken anywhere, unless all that follows the gap fits one line.
        let blank = if rest[end..].starts_with(' ') { Some(end) } else { rest[..end].rfind(' ') };
        let hyphen = rest[..end].rfind('-').map(|place| place + 1);
        let is_good = |&gap: &usize| 2 * gap >= end || width(rest[gap..].trim_start(), weight, size) <= room;
        let end = blank.filter(is_good).or(hyphen.filter(is_good)).unwrap_or(end);
        if end == 0 {
            break;
        }
        let tail = rest.split_off(end);
        done.push(rest.trim_end().to_string());
        rest = tail.trim_start().to_string();
    }
    done.push(fit(&rest, weight, size, room));
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_beginning_and_its_end() {
        let name = "BOIN with a safety run-in of three patients and at most thirty patients (cohort 3)";
        let short = fit(name, Weight::Regular, 13.0, 150.0);
        assert!(short.starts_with("BOIN") && short.ends_with("3)") && short.contains('…'), "{short}");
        assert!(width(&short, Weight::Regular, 13.0) <= 150.0);
    }

    #[test]
    fn wrapped_lines_fit_with_and_without_blanks() {
        for name in
            ["first-in-human escalation in small steps", "剂量递增试验设计比较研究方案", "", "x", "<script>alert(1)</script>"]
        {
            let lines = wrap(name, Weight::SemiBold, 13.0, 90.0, 2);
            assert!(lines.len() <= 2);
            assert!(lines.iter().all(|line| width(line, Weight::SemiBold, 13.0) <= 90.0), "{lines:?}");
        }
    }

    #[test]
    fn a_short_first_word_is_no_reason_to_break_the_second() {
        let lines = wrap("CRM, likelihood", Weight::SemiBold, 13.0, 90.0, 2);
        assert_eq!(lines, ["CRM,", "likelihood"]);
    }

    #[test]
    fn a_word_is_broken_behind_its_hyphen() {
        let lines = wrap("TITE-keyboard", Weight::SemiBold, 13.0, 80.0, 2);
        assert_eq!(lines, ["TITE-", "keyboard"]);
    }

    #[test]
    fn one_line_drops_what_cannot_be_printed() {
        assert_eq!(one_line(" a\n\tb\u{7}\u{202e}c "), "a b c");
    }
}
