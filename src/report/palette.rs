//! Colours and markers. A design has the same colour and the same marker in every figure, decided by its place in the
//! study; a dose level is coloured by where its toxicity lies relative to the acceptable band.
//!
//! The design colours are those of Okabe and Ito (2008), "Color universal design", without the yellow that is lost on
//! white paper, completed from the muted scheme of Tol (2021); they stay apart for the common colour deficiencies, and
//! the marker's shape tells designs apart in grey.

use crate::scenario::Place;

/// An opaque colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    /// As it is written in SVG and CSS, such as `#0072b2`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This colour at `share` = 0, `other` at 1, linear in between.
    fn towards(self, other: Color, share: f64) -> Color {
        let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Color(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// A tint of it, for areas behind lines.
    pub fn light(self) -> Color {
        self.towards(WHITE, 0.72)
    }

    /// Black or white, whichever can be read on this colour.
    pub fn readable_ink(self) -> Color {
        let brightness = 299 * u32::from(self.0) + 587 * u32::from(self.1) + 114 * u32::from(self.2);
        if brightness > 140_000 { INK } else { WHITE }
    }
}

/// Text and the outline of the correct level.
pub const INK: Color = Color(0x1f, 0x24, 0x2b);
/// Secondary text: axis labels, notes.
pub const MUTED: Color = Color(0x5b, 0x63, 0x6e);
/// Grid lines.
pub const GRID: Color = Color(0xe1, 0xe4, 0xe8);
/// Every other row of a dot plot.
pub const STRIPE: Color = Color(0xf5, 0xf6, 0xf8);
/// Curves that are there for comparison only.
pub const CONTEXT: Color = Color(0xcd, 0xd2, 0xd8);
/// The acceptable band behind a toxicity curve.
pub const BAND: Color = Color(0xdf, 0xf0, 0xed);
/// The target and the acceptable level.
pub const TARGET: Color = Color(0x0b, 0x6e, 0x63);
/// No dose selected.
pub const NONE: Color = Color(0xdc, 0xde, 0xe2);
/// The paper.
pub const WHITE: Color = Color(0xff, 0xff, 0xff);

/// The shape of a design's marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Circle,
    /// A square on its side.
    Square,
    /// A triangle that points up.
    TriangleUp,
    /// A square on its corner.
    Diamond,
    /// A triangle that points down.
    TriangleDown,
    /// An upright cross.
    Plus,
    /// A diagonal cross.
    Cross,
    /// A star of five points.
    Star,
}

const DESIGNS: [Color; 10] = [
    Color(0x2b, 0x2f, 0x36),
    Color(0x00, 0x72, 0xb2),
    Color(0xe6, 0x9f, 0x00),
    Color(0x00, 0x9e, 0x73),
    Color(0xcc, 0x79, 0xa7),
    Color(0x56, 0xb4, 0xe9),
    Color(0xd5, 0x5e, 0x00),
    Color(0x88, 0x22, 0x55),
    Color(0x99, 0x99, 0x33),
    Color(0x33, 0x22, 0x88),
];

const MARKERS: [Marker; 8] = [
    Marker::Circle,
    Marker::Square,
    Marker::TriangleUp,
    Marker::Diamond,
    Marker::TriangleDown,
    Marker::Plus,
    Marker::Cross,
    Marker::Star,
];

/// The colour and marker of the design at `position` (from 0) in the study; the pairs repeat after forty.
pub fn design(position: usize) -> (Color, Marker) {
    (DESIGNS[position % DESIGNS.len()], MARKERS[position % MARKERS.len()])
}

/// The lightest and the darkest shade of a place: pale blue, deep green, orange to red. The three differ in lightness, and
/// blue against orange is the pair that every colour deficiency keeps apart.
fn ramp(place: Place) -> (Color, Color) {
    match place {
        Place::Under => (Color(0xd9, 0xe8, 0xf6), Color(0x8f, 0xbd, 0xe3)),
        Place::Acceptable => (Color(0x2f, 0x9c, 0x8e), Color(0x0b, 0x5c, 0x54)),
        Place::Over => (Color(0xf8, 0xc2, 0x82), Color(0xc6, 0x4a, 0x1a)),
    }
}

/// The middle shade of a place, for legends.
pub fn place_color(place: Place) -> Color {
    let (light, dark) = ramp(place);
    light.towards(dark, 0.5)
}

/// The shade of a probability of correct selection in a heat map: from nearly white to dark blue.
pub fn correct_shade(probability: f64) -> Color {
    Color(0xf2, 0xf6, 0xfb).towards(Color(0x0a, 0x3d, 0x7c), probability.clamp(0.0, 1.0))
}

/// The shade of a probability of selecting a too toxic dose in a heat map: from nearly white to dark red-brown.
pub fn over_shade(probability: f64) -> Color {
    Color(0xfd, 0xf5, 0xec).towards(Color(0x9c, 0x2f, 0x08), probability.clamp(0.0, 1.0))
}

/// A colour for each dose level, lowest first: the levels of one place form a ramp, so that neighbours can be told apart.
pub fn level_colors(places: &[Place]) -> Vec<Color> {
    places
        .iter()
        .enumerate()
        .map(|(level, &place)| {
            let same = places.iter().filter(|&&other| other == place).count();
            let before = places[..level].iter().filter(|&&other| other == place).count();
            let (light, dark) = ramp(place);
            if same == 1 { place_color(place) } else { light.towards(dark, before as f64 / (same - 1) as f64) }
        })
        .collect()
}
