//! The only file that knows plotters. It gives the figures coordinates, axes, grids and series; what plotters draws is
//! recorded in a [`Picture`], which the painters write. Plotters computes in whole units, so the sheet is ten times
//! finer than a pixel; its font handling and its own image writers are not used.

use super::FigureError;
use crate::report::font::{self, Weight};
use crate::report::paint::{Align, FINE, Ink, Mark, Picture, Point, Text};
use crate::report::palette::{Color, GRID, MUTED};
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::Color as _;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};
use std::cell::RefCell;
use std::convert::Infallible;
use std::ops::Range;
use std::rc::Rc;

/// The font size of axis labels, in pixels.
const LABEL_SIZE: f64 = 12.0;
/// The room for labels below and to the left of a panel, in pixels.
const LABEL_ROOM: f64 = 44.0;
/// While a figure is laid out from top to bottom its height is not known yet; plotters is told this many pixels.
const ENDLESS: u32 = 1_000_000;

/// From pixels to the unit of a picture.
pub(super) fn fine(pixels: f64) -> i32 {
    (pixels * f64::from(FINE)).round() as i32
}

/// A point given in pixels, in the unit of a picture.
pub(super) fn fine_point(x: f64, y: f64) -> Point {
    (fine(x), fine(y))
}

/// A rectangle on the sheet in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// One axis of a panel.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// The ends of the axis; not equal.
    pub(super) range: (f64, f64),
    /// Where grid lines are, and what is written there.
    pub(super) ticks: Vec<(f64, String)>,
    /// Whether grid lines are drawn.
    pub(super) grid: bool,
    /// Whether the labels are written.
    pub(super) labelled: bool,
}

/// To plotters an axis is a linear coordinate with its own key points and labels.
impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.range.0) / (self.range.1 - self.range.0);
        (f64::from(start) + share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Plotters asks first for light lines between the main ones: there are none.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.iter().map(|(value, _)| *value).collect() }
    }

    fn range(&self) -> Range<f64> {
        self.range.0..self.range.1
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(at, _)| self.labelled && at == value);
        tick.map_or(String::new(), |(_, label)| label.clone())
    }
}

/// A drawing in the making.
pub(super) struct Sheet {
    picture: Rc<RefCell<Picture>>,
}

impl Sheet {
    /// An empty sheet, `width` pixels wide.
    pub(super) fn new(width: f64, title: String, description: String) -> Sheet {
        let picture = Picture { width: fine(width), height: 0, title, description, marks: Vec::new() };
        Sheet { picture: Rc::new(RefCell::new(picture)) }
    }

    /// The finished drawing, cut at `height` pixels.
    pub(super) fn finish(self, height: f64) -> Picture {
        let mut picture = self.picture.take();
        picture.height = fine(height.ceil());
        picture
    }

    /// Adds a mark on top.
    pub(super) fn add(&self, mark: Mark) {
        self.picture.borrow_mut().marks.push(mark);
    }

    /// A panel with axes; its data rectangle is `area`, the axis labels lie outside of it.
    pub(super) fn panel(&self, area: Area, x: Axis, y: Axis) -> Result<Panel, FigureError> {
        let root = Recorder(self.picture.clone()).into_drawing_area();
        let below = if x.labelled { LABEL_ROOM } else { 0.0 };
        let beside = if y.labelled { LABEL_ROOM } else { 0.0 };
        let (width, height) = (area.right - area.left + beside, area.bottom - area.top + below);
        let frame = root.shrink((fine(area.left - beside), fine(area.top)), (fine(width), fine(height)));
        let grid = (x.grid, y.grid);
        let scales = (x.grid && x.labelled, y.grid && y.labelled);
        let chart =
            ChartBuilder::on(&frame).x_label_area_size(fine(below)).y_label_area_size(fine(beside)).build_cartesian_2d(x, y)?;
        Ok(Panel { picture: self.picture.clone(), chart, grid, scales })
    }
}

/// A rectangle of the sheet with coordinates.
pub(super) struct Panel {
    picture: Rc<RefCell<Picture>>,
    chart: ChartContext<'static, Recorder, Cartesian2d<Axis, Axis>>,
    /// Whether there are grid lines at the ticks of x and of y.
    grid: (bool, bool),
    /// Whether x and y are scales that are written here.
    scales: (bool, bool),
}

impl Panel {
    /// Draws the grid and the axis labels, on top of what is there already.
    pub(super) fn grid(&mut self) -> Result<(), FigureError> {
        let label = ("sans-serif", LABEL_SIZE * f64::from(FINE)).into_font().color(&rgb(MUTED));
        let mut mesh = self.chart.configure_mesh();
        // Without an axis line no tick is drawn; its length still sets how far the labels are from the panel.
        mesh.set_all_tick_mark_size(fine(3.5)).axis_style(TRANSPARENT).label_style(label);
        mesh.bold_line_style(stroke(GRID, 1.0)).light_line_style(TRANSPARENT);
        if !self.grid.0 {
            mesh.disable_x_mesh();
        }
        if !self.grid.1 {
            mesh.disable_y_mesh();
        }
        self.picture.borrow_mut().marks.push(Mark::Axes { x: self.scales.0, y: self.scales.1 });
        let drawn = mesh.draw();
        self.picture.borrow_mut().marks.push(Mark::End);
        Ok(drawn?)
    }

    /// Where a point of the panel lies on the sheet.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        self.chart.backend_coord(&(x, y))
    }

    /// The rectangle between two points of the panel, on the sheet in pixels.
    pub(super) fn area(&self, from: (f64, f64), to: (f64, f64)) -> Area {
        let ((left, top), (right, bottom)) = (self.at(from.0, from.1), self.at(to.0, to.1));
        let [left, top, right, bottom] = [left, top, right, bottom].map(|fine| f64::from(fine) / f64::from(FINE));
        Area { left, top, right, bottom }
    }

    /// A connected line, `width` in pixels.
    pub(super) fn line(&mut self, points: Vec<(f64, f64)>, color: Color, width: f64) -> Result<(), FigureError> {
        self.chart.draw_series(LineSeries::new(points, stroke(color, width)))?;
        Ok(())
    }

    /// A filled rectangle between two corners.
    pub(super) fn block(&mut self, from: (f64, f64), to: (f64, f64), color: Color) -> Result<(), FigureError> {
        self.chart.draw_series(std::iter::once(Rectangle::new([from, to], rgb(color).filled())))?;
        Ok(())
    }
}

fn rgb(color: Color) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

/// A line of a width in pixels.
fn stroke(color: Color, width: f64) -> ShapeStyle {
    ShapeStyle { color: rgb(color).to_rgba(), filled: false, stroke_width: fine(width) as u32 }
}

/// Records what plotters draws. Nothing can go wrong in it.
struct Recorder(Rc<RefCell<Picture>>);

impl Recorder {
    fn record(&mut self, color: BackendColor, mark: impl FnOnce(Color) -> Mark) -> Result<(), DrawingErrorKind<Infallible>> {
        if color.alpha > 0.0 {
            let (red, green, blue) = color.rgb;
            self.0.borrow_mut().marks.push(mark(Color(red, green, blue)));
        }
        Ok(())
    }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.0.borrow().width as u32, ENDLESS)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(at, (at.0 + 1, at.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, filled: bool) -> Drawn {
        let (from, to) = ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)));
        self.record(style.color(), |color| Mark::Rectangle { from, to, ink: ink(color, style, filled) })
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points = path.into_iter().collect();
        self.record(style.color(), |color| Mark::Path { points, closed: false, ink: ink(color, style, false) })
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, filled: bool) -> Drawn {
        self.record(style.color(), |color| Mark::Circle { centre, radius: radius as i32, ink: ink(color, style, filled) })
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Drawn {
        let points = corners.into_iter().collect();
        self.record(style.color(), |color| Mark::Path { points, closed: true, ink: Ink::Fill(color) })
    }

    fn draw_text<T: BackendTextStyle>(&mut self, words: &str, style: &T, at: BackendCoord) -> Drawn {
        if words.is_empty() {
            return Ok(());
        }
        let align = match style.anchor().h_pos {
            HPos::Left => Align::Left,
            HPos::Center => Align::Centre,
            HPos::Right => Align::Right,
        };
        let drop = match style.anchor().v_pos {
            VPos::Top => font::CAP_HEIGHT,
            VPos::Center => font::CAP_HEIGHT / 2.0,
            VPos::Bottom => -font::DESCENT,
        };
        let at = (at.0, at.1 + (drop * style.size()).round() as i32);
        let size = style.size().round() as i32;
        self.record(style.color(), |color| {
            Mark::Text(Text { words: words.to_string(), full: None, at, align, size, weight: Weight::Regular, color })
        })
    }

    /// Measured with the embedded font, so that plotters needs no font of its own.
    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        words: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = font::width(words, Weight::Regular, style.size());
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }
}

fn ink<S: BackendStyle>(color: Color, style: &S, filled: bool) -> Ink {
    if filled { Ink::Fill(color) } else { Ink::Stroke(color, style.stroke_width() as i32) }
}
