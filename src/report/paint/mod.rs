//! A finished drawing, and the painters that turn it into a file: [`Picture::svg`], [`Picture::png`] and [`Picture::pdf`]. All see
//! the same list of shapes and the same measured text, so the files show the same figure.
//!
//! Coordinates are whole tenths of a pixel (96 to the inch). Curves are smooth at that grain, and whole numbers make the
//! files the same byte for byte wherever they are written.

mod pdf;
mod png;
mod svg;

use super::font::{self, Weight};
use super::palette::Color;

/// How many units make a pixel.
pub const FINE: i32 = 10;

/// A position, x to the right and y down, in tenths of a pixel.
pub type Point = (i32, i32);

/// A drawing that is finished and can be written as SVG, PNG or PDF.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Width in tenths of a pixel.
    pub width: i32,
    /// Height in tenths of a pixel.
    pub height: i32,
    /// What the figure is, for people who cannot see it and for the file's title.
    pub title: String,
    /// What the figure shows, in a sentence or two: the alternative text.
    pub description: String,
    /// The marks, those behind first.
    pub marks: Vec<Mark>,
}

/// One element of a drawing.
#[derive(Clone, Debug)]
pub enum Mark {
    /// Begins a group; [`Mark::End`] ends it.
    Group {
        /// The design whose marks follow (`data-series` in SVG).
        series: Option<String>,
        /// What the marks say, shown by a browser when the mouse rests on them.
        tip: Option<String>,
    },
    /// Begins the group of a panel's grid and axis labels (`data-axes` in SVG); [`Mark::End`] ends it.
    Axes {
        /// Whether the horizontal axis is a scale with labels.
        x: bool,
        /// Whether the vertical axis is one.
        y: bool,
    },
    /// Ends the group that began last.
    End,
    /// A connected line or an area.
    Path {
        /// The corners.
        points: Vec<Point>,
        /// Whether the last corner is connected with the first.
        closed: bool,
        /// How it is drawn.
        ink: Ink,
    },
    /// A rectangle from its upper left to its lower right corner.
    Rectangle {
        /// Upper left.
        from: Point,
        /// Lower right.
        to: Point,
        /// How it is drawn.
        ink: Ink,
    },
    /// A circle.
    Circle {
        /// The centre.
        centre: Point,
        /// The radius in tenths of a pixel.
        radius: i32,
        /// How it is drawn.
        ink: Ink,
    },
    /// A line of text.
    Text(Text),
}

/// How a shape is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Ink {
    /// Its inside is filled.
    Fill(Color),
    /// Its outline is drawn with a line of this width, in tenths of a pixel.
    Stroke(Color, i32),
}

/// Which end of a text its position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The text begins there.
    Left,
    /// The text is centred there.
    Centre,
    /// The text ends there.
    Right,
}

/// A line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The words.
    pub words: String,
    /// The full words where `words` had to be shortened.
    pub full: Option<String>,
    /// The position on the baseline.
    pub at: Point,
    /// Which end of the text is at the position.
    pub align: Align,
    /// The font size in tenths of a pixel.
    pub size: i32,
    /// The weight of the face.
    pub weight: Weight,
    /// The colour.
    pub color: Color,
}

impl Text {
    /// The width in tenths of a pixel.
    pub fn width(&self) -> f64 {
        font::width(&self.words, self.weight, f64::from(self.size))
    }

    /// Where the text begins on its line, in tenths of a pixel.
    pub fn left(&self) -> f64 {
        let x = f64::from(self.at.0);
        match self.align {
            Align::Left => x,
            Align::Centre => x - self.width() / 2.0,
            Align::Right => x - self.width(),
        }
    }
}

/// Why a picture could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PaintError {
    /// The picture needs more pixels than a PNG of this program may have.
    #[error("a picture of {width} x {height} pixels is too large")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The embedded typeface could not be cut down; no text is known that leads to this.
    #[error("the typeface of a PDF could not be cut down")]
    Typeface,
    /// The PNG encoder failed.
    #[error("the PNG could not be encoded")]
    Encoding(#[from] ::png::EncodingError),
}

impl Picture {
    /// The picture as an SVG document; text stays text.
    pub fn svg(&self) -> String {
        svg::paint(self)
    }

    /// The picture as a PDF file of one page of its size: vectors, and text in the embedded typeface.
    ///
    /// # Errors
    /// When the embedded typeface cannot be cut down; no picture is known that leads to this.
    pub fn pdf(&self) -> Result<Vec<u8>, PaintError> {
        pdf::paint(self)
    }

    /// The picture as a PNG file on white, two dots a pixel (192 to the inch).
    ///
    /// # Errors
    /// When the picture is larger than about 60 million dots, or the encoder fails.
    pub fn png(&self) -> Result<Vec<u8>, PaintError> {
        png::paint(self)
    }
}
