//! Figures inside the page: the same marks as in their files, with what they look like in the page's style, once for all figures,
//! and the designs they belong to by number.

use crate::report::font;
use std::collections::BTreeMap;

/// The attributes that say how a mark looks, by which style sheets call the same.
const LOOKS: [&str; 6] = ["fill", "stroke", "stroke-width", "font-size", "font-weight", "text-anchor"];

/// Puts figures into the page and collects their looks.
pub(super) struct Figures {
    designs: Vec<String>,
    looks: BTreeMap<String, usize>,
}

impl Figures {
    /// For figures of these designs.
    pub(super) fn of(designs: &[String]) -> Self {
        Self { designs: designs.iter().map(|name| font::one_line(name)).collect(), looks: BTreeMap::new() }
    }

    /// An SVG document as a part of the page. Its title and description are left to the element around it.
    pub(super) fn inline(&mut self, svg: &str) -> String {
        let mut out = String::with_capacity(svg.len() / 2);
        let mut rest = svg.find("<svg").map_or("", |start| &svg[start..]);
        let mut tags = 0;
        while let Some((before, after)) = rest.split_once('<') {
            // Between elements there are line breaks alone.
            out.push_str(before.trim_matches('\n'));
            // In attributes brackets are escaped.
            let Some((tag, after)) = after.split_once('>') else { break };
            rest = after;
            // Right behind the root.
            if tags == 1 && matches!(tag, "title" | "desc") {
                rest = rest.split_once(&format!("</{tag}>")).map_or("", |(_, rest)| rest);
            } else {
                self.write_tag(&mut out, tag);
                tags += 1;
            }
        }
        out
    }

    /// A tag, without its brackets: what it looks like becomes a class, the design that it belongs to a number.
    fn write_tag(&mut self, out: &mut String, tag: &str) {
        let (tag, end) = tag.strip_suffix('/').map_or((tag, ""), |tag| (tag, " /"));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        out.push('<');
        out.push_str(name);
        let mut looks = String::new();
        while let Some((attribute, value, others)) = split_attribute(attributes) {
            attributes = others;
            if LOOKS.contains(&attribute) {
                let unit = if attribute == "font-size" { "px" } else { "" };
                looks.push_str(&format!("{attribute}:{value}{unit};"));
            } else if attribute == "data-series" {
                if let Some(design) = self.designs.iter().position(|design| *design == unescape(value)) {
                    write_attribute(out, "data-design", &design.to_string());
                }
            } else if !matches!(attribute, "xmlns" | "role") {
                write_attribute(out, attribute, value);
            }
        }
        if !looks.is_empty() {
            let next = self.looks.len();
            let number = *self.looks.entry(looks).or_insert(next);
            write_attribute(out, "class", &format!("f{number}"));
        }
        out.push_str(end);
        out.push('>');
    }

    /// The style sheet of all figures so far.
    pub(super) fn style(&self) -> String {
        let rule = |(looks, number): (&String, &usize)| format!(".f{number}{{{}}}\n", looks.trim_end_matches(';'));
        self.looks.iter().map(rule).collect()
    }
}

/// An attribute, in quotes where HTML wants them: a page has tens of thousands.
fn write_attribute(out: &mut String, name: &str, value: &str) {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-');
    let quote = if !value.is_empty() && value.chars().all(is_plain) { "" } else { "\"" };
    out.push_str(&format!(" {name}={quote}{value}{quote}"));
}

/// The first attribute of a tag: its name, its value, and what follows.
fn split_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.trim_start().split_once("=\"")?;
    let (value, rest) = rest.split_once('"')?;
    Some((name, value, rest))
}

/// The characters that the painter escapes.
fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn a_figure_keeps_its_marks_and_loses_what_the_page_says_once() {
        let svg = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 9 9\">\n\
                   <title>Whole</title>\n<desc>All &lt;of&gt; it</desc>\n<rect width=\"9\" height=\"9\" fill=\"#ffffff\"/>\n\
                   <g data-series=\"A &amp; B\"><title>A tip</title>\n\
                   <text x=\"1\" font-size=\"12\" fill=\"#1f242b\">A &gt; B</text>\n<circle r=\"1\" fill=\"#ffffff\"/>\n</g>\n</svg>\n";
        let mut figures = Figures::of(&["Other".to_owned(), "A & B".to_owned()]);
        assert_eq!(
            figures.inline(svg),
            "<svg viewBox=\"0 0 9 9\"><rect width=9 height=9 class=f0 /><g data-design=1><title>A tip</title>\
             <text x=1 class=f1>A &gt; B</text><circle r=1 class=f0 /></g></svg>"
        );
        assert_eq!(figures.style(), ".f0{fill:#ffffff}\n.f1{font-size:12px;fill:#1f242b}\n");
        assert_eq!(figures.inline(svg).matches("f0").count(), 2, "the same looks have the same class in the next figure");
    }

    #[test]
    fn what_is_no_figure_is_nothing() {
        for text in ["", "words", "<?xml?>", "<svg", "<svg x=\"", "<svg><title>"] {
            let inline = Figures::of(&[]).inline(text);
            assert!(inline.len() <= "<svg>".len(), "{inline}");
        }
    }
}
