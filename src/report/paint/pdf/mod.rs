//! The PDF painter: one page of the size of the picture, vectors and text, the embedded typeface cut down to the characters in use.
//!
//! The page is tagged as one figure with its alternative text, so that it can be put into a document that people read with their ears.
//! There is no date and no random number in the file: the same picture gives the same bytes.

mod face;

use super::{FINE, Ink, Mark, PaintError, Picture, Point, Text};
use crate::report::font::{self, Weight};
use crate::report::palette::{Color, WHITE};
use face::Face;
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{LineJoinStyle, StructRole};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

/// Points of 1/72 inch per pixel: there are 96 pixels to the inch, as in the other files.
const POINTS: f32 = 72.0 / 96.0;
/// How far the handles of a curve are from its ends, where four of them make a circle of radius 1.
const HANDLE: f32 = 0.552_284_8;
/// How hard streams are compressed, from 0 to 10.
pub(super) const EFFORT: u8 = 8;

/// The objects of the file but those of the faces, which come after them.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const DOCUMENT: Ref = Ref::new(6);
const FIGURE: Ref = Ref::new(7);
const PARENTS: Ref = Ref::new(8);
const FIRST_OF_FACES: i32 = 9;

/// The picture as a PDF file.
pub(super) fn paint(picture: &Picture) -> Result<Vec<u8>, PaintError> {
    let faces = [Weight::Regular, Weight::SemiBold].map(|weight| Face::of(picture, weight));
    let sheet = Rect::new(0.0, 0.0, points(picture.width), points(picture.height));

    let mut pdf = Pdf::new();
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr("en-GB"));
    catalog.mark_info().marked(true);
    catalog.viewer_preferences().display_doc_title(true);
    let mut tree = catalog.struct_tree_root();
    tree.child(DOCUMENT);
    tree.parent_tree().nums().insert(0, PARENTS);
    tree.finish();
    catalog.finish();
    pdf.document_info(INFO)
        .title(TextStr(&picture.title))
        .subject(TextStr(&picture.description))
        .creator(TextStr(concat!("dosebench ", env!("CARGO_PKG_VERSION"))));
    pdf.struct_element(DOCUMENT).kind(StructRole::Document).child(FIGURE);
    let mut figure = pdf.struct_element(FIGURE);
    figure.kind(StructRole::Figure).parent(DOCUMENT).page(PAGE).alt(TextStr(&picture.description));
    figure.children().marked_content_id(0);
    figure.attributes().push().layout().bbox(sheet);
    figure.finish();
    pdf.indirect(PARENTS).array().item(FIGURE);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let mut page = pdf.page(PAGE);
    page.parent(PAGES).media_box(sheet).contents(CONTENT).struct_parents(0);
    let mut resources = page.resources();
    let mut fonts = resources.fonts();
    for (place, face) in faces.iter().enumerate() {
        fonts.pair(face.name(), face_object(place));
    }
    fonts.finish();
    resources.finish();
    page.finish();
    for (place, face) in faces.iter().enumerate() {
        face.write(&mut pdf, face_object(place))?;
    }
    let content = compress_to_vec_zlib(&drawn(picture, &faces), EFFORT);
    pdf.stream(CONTENT, &content).filter(Filter::FlateDecode);
    Ok(pdf.finish())
}

/// Tenths of a pixel in points.
fn points(tenths: i32) -> f32 {
    tenths as f32 * POINTS / FINE as f32
}

/// The first of the objects of a face.
fn face_object(place: usize) -> Ref {
    Ref::new(FIRST_OF_FACES + place as i32 * face::OBJECTS)
}

/// What the page shows.
fn drawn(picture: &Picture, faces: &[Face; 2]) -> Vec<u8> {
    let mut content = Content::new();
    content.begin_marked_content_with_properties(Name(b"Figure")).properties().identify(0);
    // From here on, tenths of a pixel, downwards.
    content.transform([points(1), 0.0, 0.0, -points(1), 0.0, points(picture.height)]);
    content.set_line_join(LineJoinStyle::RoundJoin);
    let paper = Mark::Rectangle { from: (0, 0), to: (picture.width, picture.height), ink: Ink::Fill(WHITE) };
    for mark in std::iter::once(&paper).chain(&picture.marks) {
        draw(&mut content, mark, faces);
    }
    content.end_marked_content();
    content.finish().into_vec()
}

fn draw(content: &mut Content, mark: &Mark, faces: &[Face; 2]) {
    match mark {
        Mark::Group { .. } | Mark::Axes { .. } | Mark::End => {}
        Mark::Path { points, closed, ink } => {
            begin(content, *ink);
            for (index, &(x, y)) in points.iter().enumerate() {
                if index == 0 {
                    content.move_to(x as f32, y as f32);
                } else {
                    content.line_to(x as f32, y as f32);
                }
            }
            // A path without a point is nothing to close.
            if *closed && !points.is_empty() {
                content.close_path();
            }
            end(content, *ink);
        }
        Mark::Rectangle { from, to, ink } => {
            begin(content, *ink);
            content.rect(from.0 as f32, from.1 as f32, (to.0 - from.0) as f32, (to.1 - from.1) as f32);
            end(content, *ink);
        }
        Mark::Circle { centre, radius, ink } => {
            begin(content, *ink);
            circle(content, *centre, *radius as f32);
            end(content, *ink);
        }
        Mark::Text(text) => write(content, text, &faces[usize::from(text.weight == Weight::SemiBold)]),
    }
}

fn begin(content: &mut Content, ink: Ink) {
    let parts = |Color(red, green, blue): Color| [red, green, blue].map(|part| f32::from(part) / 255.0);
    match ink {
        Ink::Fill(color) => {
            let [red, green, blue] = parts(color);
            content.set_fill_rgb(red, green, blue);
        }
        Ink::Stroke(color, width) => {
            let [red, green, blue] = parts(color);
            content.set_stroke_rgb(red, green, blue);
            content.set_line_width(width as f32);
        }
    }
}

fn end(content: &mut Content, ink: Ink) {
    match ink {
        Ink::Fill(_) => content.fill_nonzero(),
        Ink::Stroke(..) => content.stroke(),
    };
}

fn circle(content: &mut Content, (x, y): Point, radius: f32) {
    let (x, y, handle) = (x as f32, y as f32, HANDLE * radius);
    content.move_to(x + radius, y);
    content.cubic_to(x + radius, y + handle, x + handle, y + radius, x, y + radius);
    content.cubic_to(x - handle, y + radius, x - radius, y + handle, x - radius, y);
    content.cubic_to(x - radius, y - handle, x - handle, y - radius, x, y - radius);
    content.cubic_to(x + handle, y - radius, x + radius, y - handle, x + radius, y);
    content.close_path();
}

/// A line of text. Characters that the face lacks are drawn as boxes, as in the PNG, and named for who copies the text.
fn write(content: &mut Content, text: &Text, face: &Face) {
    let left = text.left();
    let lacks = text.words.chars().any(|character| !font::has_glyph(character, text.weight));
    if lacks {
        content.begin_marked_content_with_properties(Name(b"Span")).properties().actual_text(TextStr(&text.words));
    }
    begin(content, Ink::Fill(text.color));
    content.begin_text().set_font(face.name(), text.size as f32);
    let (mut x, mut run, mut from) = (left, Vec::new(), left);
    let mut boxes = Vec::new();
    for character in text.words.chars() {
        let advance = font::advance(character, text.weight) * f64::from(text.size);
        match face.glyph(character) {
            Some(glyph) => run.extend(glyph.to_be_bytes()),
            None => {
                show(content, &run, from, text);
                run.clear();
                from = x + advance;
                boxes.push((x, advance));
            }
        }
        x += advance;
    }
    show(content, &run, from, text);
    content.end_text();
    for (x, advance) in boxes {
        let ink = Ink::Stroke(text.color, text.size / 12);
        let height = text.size as f32 * font::CAP_HEIGHT as f32;
        begin(content, ink);
        content.rect((x + 0.14 * advance) as f32, text.at.1 as f32 - height, (0.72 * advance) as f32, height);
        end(content, ink);
    }
    if lacks {
        content.end_marked_content();
    }
}

/// Glyphs from `left` on, on the line of the text, upright on a page whose y axis points down.
fn show(content: &mut Content, glyphs: &[u8], left: f64, text: &Text) {
    if !glyphs.is_empty() {
        // A tenth of the picture's unit is finer than any printer.
        content.set_text_matrix([1.0, 0.0, 0.0, -1.0, ((10.0 * left).round() / 10.0) as f32, text.at.1 as f32]);
        content.show(Str(glyphs));
    }
}
