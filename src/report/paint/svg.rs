//! The SVG painter.

use super::{Align, FINE, Ink, Mark, Picture, Point};
use crate::report::font::Weight;
use std::fmt::{self, Write};

/// Writes a length or a position: tenths of a pixel as a decimal, without a needless zero.
struct Px(i32);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, whole, tenths) = (if self.0 < 0 { "-" } else { "" }, self.0.abs() / FINE, self.0.abs() % FINE);
        if tenths == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenths}") }
    }
}

/// Writes text so that XML reads it back; characters that XML 1.0 does not allow are left out.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {}
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Ink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ink::Fill(color) => write!(f, "fill=\"{}\"", color.hex()),
            Ink::Stroke(color, width) => write!(f, "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", color.hex(), Px(*width)),
        }
    }
}

/// The picture as an SVG document.
pub(super) fn paint(picture: &Picture) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, so the result carries nothing.
    let _ = write_document(&mut out, picture);
    out
}

fn write_document(out: &mut String, picture: &Picture) -> fmt::Result {
    let (width, height) = (Px(picture.width), Px(picture.height));
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Inter, system-ui, sans-serif\" stroke-linejoin=\"round\">"
    )?;
    writeln!(out, "<title>{}</title>\n<desc>{}</desc>", Escaped(&picture.title), Escaped(&picture.description))?;
    writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>")?;
    for mark in &picture.marks {
        write_mark(out, mark)?;
    }
    out.push_str("</svg>\n");
    Ok(())
}

fn write_mark(out: &mut String, mark: &Mark) -> fmt::Result {
    match mark {
        Mark::Group { series, tip } => {
            out.push_str("<g");
            if let Some(series) = series {
                write!(out, " data-series=\"{}\"", Escaped(series))?;
            }
            out.push('>');
            if let Some(tip) = tip {
                write!(out, "<title>{}</title>", Escaped(tip))?;
            }
            out.push('\n');
            Ok(())
        }
        Mark::Axes { x, y } => {
            let axes = match (x, y) {
                (true, true) => "x y",
                (true, false) => "x",
                (false, true) => "y",
                (false, false) => "",
            };
            writeln!(out, "<g data-axes=\"{axes}\">")
        }
        Mark::End => writeln!(out, "</g>"),
        Mark::Path { points, closed, ink } => {
            out.push_str("<path d=\"");
            write_corners(out, points)?;
            writeln!(out, "{}\" {ink}/>", if *closed { "z" } else { "" })
        }
        Mark::Rectangle { from, to, ink } => {
            let (width, height) = (Px(to.0 - from.0), Px(to.1 - from.1));
            writeln!(out, "<rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" {ink}/>", Px(from.0), Px(from.1))
        }
        Mark::Circle { centre, radius, ink } => {
            writeln!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {ink}/>", Px(centre.0), Px(centre.1), Px(*radius))
        }
        Mark::Text(text) => {
            write!(out, "<text x=\"{}\" y=\"{}\" font-size=\"{}\"", Px(text.at.0), Px(text.at.1), Px(text.size))?;
            if text.weight == Weight::SemiBold {
                out.push_str(" font-weight=\"600\"");
            }
            match text.align {
                Align::Left => {}
                Align::Centre => out.push_str(" text-anchor=\"middle\""),
                Align::Right => out.push_str(" text-anchor=\"end\""),
            }
            write!(out, " fill=\"{}\">", text.color.hex())?;
            if let Some(full) = &text.full {
                write!(out, "<title>{}</title>", Escaped(full))?;
            }
            writeln!(out, "{}</text>", Escaped(&text.words))
        }
    }
}

/// The corners as moves along the path: absolute first, then lines, horizontal and vertical ones in their short form.
fn write_corners(out: &mut String, points: &[Point]) -> fmt::Result {
    let mut last: Option<Point> = None;
    for &(x, y) in points {
        match last {
            None => write!(out, "M{} {}", Px(x), Px(y))?,
            Some(before) if before == (x, y) => {}
            Some((_, same)) if same == y => write!(out, "H{}", Px(x))?,
            Some((same, _)) if same == x => write!(out, "V{}", Px(y))?,
            Some(_) => write!(out, "L{} {}", Px(x), Px(y))?,
        }
        last = Some((x, y));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_decimals() {
        let written: Vec<String> = [0, 5, 10, 123, -4, -120].iter().map(|&tenths| Px(tenths).to_string()).collect();
        assert_eq!(written, ["0", "0.5", "1", "12.3", "-0.4", "-12"]);
    }

    #[test]
    fn escapes_are_right_and_forbidden_characters_are_gone() {
        assert_eq!(Escaped("<a & \"b\">\u{0}\u{b}\n剂").to_string(), "&lt;a &amp; &quot;b&quot;&gt; 剂");
    }
}
