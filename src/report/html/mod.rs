//! `report.html`: one file that needs no other, no network and no server.

mod inline;
mod live;
mod table;

use super::document::{Block, Document, Part};
use super::paint::{Ink, Mark};
use super::width::Widths;
use super::{figure, tables};
use crate::measure::Results;
use crate::study::Study;
use inline::Figures;
use minijinja::{Environment, Value, context};

const PAGE: &str = include_str!("page.html");
const LIVE: &str = include_str!("live.html");
const STYLE: &str = include_str!("style.css");
const SCRIPTS: [&str; 3] = [include_str!("live.js"), include_str!("typed.js"), include_str!("script.js")];
const REGULAR: &[u8] = include_bytes!("../font/Inter-Regular-sub.woff2");
const SEMIBOLD: &[u8] = include_bytes!("../font/Inter-SemiBold-sub.woff2");

/// The characters that a line of a table has on a page in portrait; the parts with a wider one are printed in landscape.
const PORTRAIT: usize = 112;

/// The part behind which the panel for curves of the reader's own stands; the first one where it is not there.
const BEFORE_LIVE: &str = "scenarios";

/// The document as a page; with the results of a run, the reader can try other curves.
pub(super) fn render(document: &Document<'_>, study: &Study, results: Option<&Results>) -> String {
    let mut environment = Environment::new();
    // The name's ending turns on escaping. The templates are part of the program and rendered by every test of a report: neither
    // reading nor rendering them can fail on what a study holds.
    environment.add_template("page.html", PAGE).expect("the template is well formed");
    environment.add_template("live.html", LIVE).expect("the template is well formed");
    let page = environment.get_template("page.html").expect("it was just added");
    let mut figures = Figures::of(&document.designs);
    let parts: Vec<Value> = document.parts.iter().map(|found| part(found, &mut figures)).collect();
    let mut ids = document.parts.iter().map(|part| part.id);
    let live_behind = ids.clone().find(|id| *id == BEFORE_LIVE).or(ids.next());
    let style = format!("{STYLE}{}{}", markers(document.designs.len()), figures.style());
    let rendered = page.render(context! {
        title => document.title.as_str(),
        subtitle => document.subtitle.as_str(),
        details => document.details.clone(),
        origin => document.origin.as_str(),
        one_page => document.is_one_page(),
        designs => document.designs.clone(),
        doses => tables::doses(study),
        live => results.and_then(|results| live::live(study, results)),
        live_behind => live_behind,
        parts,
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(SCRIPTS.concat()),
        regular => Value::from_safe_string(base64(REGULAR)),
        semibold => Value::from_safe_string(base64(SEMIBOLD)),
    });
    rendered.expect("the template uses only what it is given")
}

/// The style of every design's marker, as it stands beside the design's name.
fn markers(designs: usize) -> String {
    let marker = |design: usize| {
        let (shape, ink) = match figure::marker(design, 6.0) {
            Mark::Path { points, ink, .. } => {
                let corners: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
                (format!("polygon points='{}'", corners.join(" ")), ink)
            }
            Mark::Circle { radius, ink, .. } => (format!("circle r='{radius}'"), ink),
            // Markers are disks and paths.
            _ => return String::new(),
        };
        let (Ink::Fill(color) | Ink::Stroke(color, _)) = ink;
        let color = color.hex().replace('#', "%23");
        format!(
            "[data-design=\"{design}\"]{{--mark:url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
             viewBox='-80 -80 160 160'%3E%3C{shape} fill='{color}'/%3E%3C/svg%3E\")}}\n"
        )
    };
    (0..designs).map(marker).collect()
}

/// A part for the template.
fn part(part: &Part<'_>, figures: &mut Figures) -> Value {
    let blocks: Vec<Value> = part.blocks.iter().map(|found| block(found, figures)).collect();
    let is_wide = |block: &Block<'_>| matches!(block, Block::Table(found) if Widths::new(found, 1).least() > PORTRAIT);
    context! { id => part.id, title => part.title, wide => part.blocks.iter().any(is_wide), blocks }
}

/// A block for the template: what is HTML already is marked as such, everything else will be escaped.
fn block(block: &Block<'_>, figures: &mut Figures) -> Value {
    match block {
        Block::Headline(text) => context! { kind => "headline", text => text.as_str() },
        Block::Folded { title, blocks } => {
            let blocks: Vec<Value> = blocks.iter().map(|inner| self::block(inner, figures)).collect();
            context! { kind => "folded", title => *title, blocks }
        }
        Block::Paragraph(text) => context! { kind => "paragraph", text => text.as_str() },
        Block::Titled { lead, text } => context! { kind => "titled", lead => lead.as_str(), text => text.as_str() },
        Block::Glossary { lead, words } => context! { kind => "glossary", lead => lead.as_str(), words => words.clone() },
        Block::List { numbered, items } => context! { kind => "list", numbered => *numbered, items => items.clone() },
        Block::Table(found) => context! { kind => "table", html => Value::from_safe_string(table::table(found)) },
        Block::Source { title, text } => context! { kind => "source", title => title.as_str(), text => *text },
        Block::Plot(picture) => context! {
            kind => "picture",
            id => format!("figure-{}", picture.name),
            title => picture.title.as_str(),
            alt => picture.alt.as_str(),
            half => picture.is_half_a_page(),
            caption => picture.caption.as_str(),
            svg => Value::from_safe_string(figures.inline(&picture.svg)),
        },
    }
}

/// Text as HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Bytes in base 64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, place| bits << 8 | u32::from(chunk.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_the_standard() {
        let expected = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in expected {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
