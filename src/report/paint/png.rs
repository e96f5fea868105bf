//! The PNG painter: tiny-skia fills and strokes, glyphs are drawn from their outlines in the embedded font.

use super::{FINE, Ink, Mark, PaintError, Picture, Point, Text};
use crate::report::font;
use crate::report::palette::Color;
use ab_glyph::OutlineCurve;
use std::cmp::Reverse;
use std::collections::HashMap;
use tiny_skia::{FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Dots of the file per pixel of the drawing.
const DOTS: u32 = 2;
/// Dots per metre that stand for 192 per inch, so that a word processor shows the figure in its intended size.
const DOTS_PER_METRE: u32 = 7559;
/// The largest number of dots that is drawn; four bytes of memory each.
const MOST_DOTS: u64 = 60_000_000;

/// The picture as a PNG file.
pub(super) fn paint(picture: &Picture) -> Result<Vec<u8>, PaintError> {
    let dots = |tenths: i32| (tenths.max(1) as u32 * DOTS).div_ceil(FINE as u32);
    let (width, height) = (dots(picture.width), dots(picture.height));
    let too_large = PaintError::TooLarge { width, height };
    if u64::from(width) * u64::from(height) > MOST_DOTS {
        return Err(too_large);
    }
    let mut canvas = Canvas { pixmap: Pixmap::new(width, height).ok_or(too_large)? };
    canvas.pixmap.fill(tiny_skia::Color::WHITE);
    for mark in &picture.marks {
        canvas.draw(mark);
    }
    encode(&canvas.pixmap)
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, PaintError> {
    // The paper is opaque, so the fourth byte of every dot is 255 and left out.
    let (dots, _) = pixmap.data().as_chunks::<4>();
    let colours: Vec<[u8; 3]> = dots.iter().map(|&[red, green, blue, _]| [red, green, blue]).collect();
    let (palette, places) = indexed(&colours);
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, pixmap.width(), pixmap.height());
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_palette(palette.concat());
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_compression(::png::Compression::Balanced);
    encoder.set_filter(::png::Filter::NoFilter);
    encoder.set_pixel_dims(Some(::png::PixelDimensions { xppu: DOTS_PER_METRE, yppu: DOTS_PER_METRE, unit: ::png::Unit::Meter }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&places)?;
    writer.finish()?;
    Ok(file)
}

/// A palette of at most 256 colours, and the place in it of each of these: half the size of the file. A figure has few colours and
/// many blends of them at the edges of its shapes; the rarest blends become the nearest colour of the palette.
fn indexed(colours: &[[u8; 3]]) -> (Vec<[u8; 3]>, Vec<u8>) {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for run in colours.chunk_by(|a, b| a == b) {
        *counts.entry(run[0]).or_default() += run.len();
    }
    let mut ranked: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    ranked.sort_unstable_by_key(|&(colour, count)| (Reverse(count), colour));
    let palette: Vec<[u8; 3]> = ranked.iter().take(256).map(|&(colour, _)| colour).collect();
    let distance = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).map(|(&a, b)| u32::from(a.abs_diff(b)).pow(2)).sum::<u32>();
    let nearest = |colour| (0..palette.len()).min_by_key(|&place| distance(palette[place], colour)).unwrap_or(0) as u8;
    let place: HashMap<[u8; 3], u8> = ranked.iter().map(|&(colour, _)| (colour, nearest(colour))).collect();
    let mut places = Vec::with_capacity(colours.len());
    for run in colours.chunk_by(|a, b| a == b) {
        places.extend(std::iter::repeat_n(place[&run[0]], run.len()));
    }
    (palette, places)
}

struct Canvas {
    pixmap: Pixmap,
}

/// From tenths of a pixel to dots.
fn scale() -> Transform {
    let factor = DOTS as f32 / FINE as f32;
    Transform::from_scale(factor, factor)
}

fn paint_of(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(color.0, color.1, color.2, 255);
    paint
}

impl Canvas {
    fn draw(&mut self, mark: &Mark) {
        match mark {
            Mark::Group { .. } | Mark::Axes { .. } | Mark::End => {}
            Mark::Path { points, closed, ink } => self.shape(polygon(points, *closed), *ink),
            Mark::Rectangle { from, to, ink } => {
                let rect = Rect::from_ltrb(from.0 as f32, from.1 as f32, to.0 as f32, to.1 as f32);
                self.shape(rect.map(PathBuilder::from_rect), *ink);
            }
            Mark::Circle { centre, radius, ink } => {
                self.shape(PathBuilder::from_circle(centre.0 as f32, centre.1 as f32, *radius as f32), *ink);
            }
            Mark::Text(text) => self.text(text),
        }
    }

    /// Draws a shape; one without any extent has no path and leaves no trace.
    fn shape(&mut self, path: Option<Path>, ink: Ink) {
        let Some(path) = path else { return };
        match ink {
            Ink::Fill(color) => self.pixmap.fill_path(&path, &paint_of(color), FillRule::Winding, scale(), None),
            Ink::Stroke(color, width) => {
                let stroke = Stroke { width: width as f32, line_join: LineJoin::Round, ..Stroke::default() };
                self.pixmap.stroke_path(&path, &paint_of(color), &stroke, scale(), None);
            }
        }
    }

    fn text(&mut self, text: &Text) {
        let size = text.size as f32;
        let baseline = text.at.1 as f32;
        let mut glyphs = PathBuilder::new();
        let mut left = text.left();
        for character in text.words.chars() {
            let advance = font::advance(character, text.weight) * f64::from(text.size);
            if let Some((curves, unit)) = font::outline(character, text.weight) {
                trace(&mut glyphs, &curves, |x, y| (left as f32 + x * unit * size, baseline - y * unit * size));
            } else if !font::has_glyph(character, text.weight) {
                let (width, height) = (advance as f32, size * font::CAP_HEIGHT as f32);
                let hollow = Rect::from_ltrb(left as f32 + 0.14 * width, baseline - height, left as f32 + 0.86 * width, baseline);
                self.shape(hollow.map(PathBuilder::from_rect), Ink::Stroke(text.color, text.size / 12));
            }
            left += advance;
        }
        self.shape(glyphs.finish(), Ink::Fill(text.color));
    }
}

fn polygon(points: &[Point], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        if index == 0 {
            path.move_to(x as f32, y as f32);
        } else {
            path.line_to(x as f32, y as f32);
        }
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// Adds the outline of a glyph: its curves follow each other, and a contour ends where the next curve begins elsewhere.
fn trace(path: &mut PathBuilder, curves: &[OutlineCurve], place: impl Fn(f32, f32) -> (f32, f32)) {
    let at = |point: ab_glyph::Point| place(point.x, point.y);
    let mut end = None;
    for curve in curves {
        let (from, to) = match curve {
            OutlineCurve::Line(from, to) | OutlineCurve::Quad(from, _, to) | OutlineCurve::Cubic(from, _, _, to) => (*from, *to),
        };
        if end != Some(from) {
            if end.is_some() {
                path.close();
            }
            let (x, y) = at(from);
            path.move_to(x, y);
        }
        let (x, y) = at(to);
        match curve {
            OutlineCurve::Line(..) => path.line_to(x, y),
            OutlineCurve::Quad(_, control, _) => {
                let (cx, cy) = at(*control);
                path.quad_to(cx, cy, x, y);
            }
            OutlineCurve::Cubic(_, first, second, _) => {
                let ((ax, ay), (bx, by)) = (at(*first), at(*second));
                path.cubic_to(ax, ay, bx, by, x, y);
            }
        }
        end = Some(to);
    }
    if end.is_some() {
        path.close();
    }
}
