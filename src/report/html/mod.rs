//! `report.html`: one file that needs no other, no network and no server.

mod table;

use super::document::{Block, Document, Part};
use minijinja::{Environment, Value, context};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const REGULAR: &[u8] = include_bytes!("../font/Inter-Regular-sub.woff2");
const SEMIBOLD: &[u8] = include_bytes!("../font/Inter-SemiBold-sub.woff2");

/// The document as a page.
pub(super) fn render(document: &Document<'_>) -> String {
    let mut environment = Environment::new();
    // The name's ending turns on escaping. The template is part of the program and rendered by every test of a report: neither
    // reading nor rendering it can fail on what a study holds.
    environment.add_template("page.html", PAGE).expect("the template is well formed");
    let page = environment.get_template("page.html").expect("it was just added");
    let rendered = page.render(context! {
        title => document.title.as_str(),
        subtitle => document.subtitle.as_str(),
        origin => document.origin.as_str(),
        designs => document.designs.clone(),
        parts => document.parts.iter().map(part).collect::<Vec<Value>>(),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        regular => Value::from_safe_string(base64(REGULAR)),
        semibold => Value::from_safe_string(base64(SEMIBOLD)),
    });
    rendered.expect("the template uses only what it is given")
}

/// A part for the template.
fn part(part: &Part<'_>) -> Value {
    context! { id => part.id, title => part.title, blocks => part.blocks.iter().map(block).collect::<Vec<Value>>() }
}

/// A block for the template: what is HTML already is marked as such, everything else will be escaped.
fn block(block: &Block<'_>) -> Value {
    match block {
        Block::Paragraph(text) => context! { kind => "paragraph", text => text.as_str() },
        Block::List { numbered, items } => context! { kind => "list", numbered => *numbered, items => items.clone() },
        Block::Table(found) => context! { kind => "table", html => Value::from_safe_string(table::table(found)) },
        Block::Source { title, text } => context! { kind => "source", title => title.as_str(), text => *text },
        Block::Plot(picture) => context! {
            kind => "picture",
            id => format!("figure-{}", picture.name),
            title => picture.title.as_str(),
            alt => picture.alt.as_str(),
            caption => picture.caption.as_str(),
            svg => Value::from_safe_string(inline(&picture.svg).to_owned()),
        },
    }
}

/// An SVG document without what stands before its root, which a page must not hold.
fn inline(svg: &str) -> &str {
    svg.find("<svg").map_or("", |start| &svg[start..])
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
