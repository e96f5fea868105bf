//! A face of the embedded typeface in a PDF: its outlines, cut down to what a picture shows, its widths, and what its glyphs mean.

use super::super::{Mark, PaintError, Picture};
use super::EFFORT;
use crate::numeric::digest::sha256;
use crate::report::font::{self, Weight};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

/// How many objects a face takes.
pub(super) const OBJECTS: i32 = 5;

/// Glyphs are numbered as the file numbers them, from 0 on.
const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// One face with the characters that a picture shows in it.
pub(super) struct Face {
    weight: Weight,
    /// The characters that the face has, and their glyphs in the subset.
    glyphs: BTreeMap<char, u16>,
    remapper: GlyphRemapper,
}

impl Face {
    /// The face of a weight, as far as the picture shows it.
    pub(super) fn of(picture: &Picture, weight: Weight) -> Self {
        let texts = picture.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text) if text.weight == weight => Some(text.words.chars()),
            _ => None,
        });
        let mut glyphs: BTreeMap<char, u16> =
            texts.flatten().filter_map(|character| Some((character, font::glyph(character, weight)?))).collect();
        let mut remapper = GlyphRemapper::new();
        glyphs.values_mut().for_each(|glyph| *glyph = remapper.remap(*glyph));
        Self { weight, glyphs, remapper }
    }

    /// What the page calls it.
    pub(super) fn name(&self) -> Name<'static> {
        match self.weight {
            Weight::Regular => Name(b"R"),
            Weight::SemiBold => Name(b"S"),
        }
    }

    /// The glyph of a character in the subset; nothing where the face lacks it.
    pub(super) fn glyph(&self, character: char) -> Option<u16> {
        self.glyphs.get(&character).copied()
    }

    /// The name of the subset, with the six letters that tell it from another.
    fn subset_name(&self) -> String {
        let shown: String = self.glyphs.keys().collect();
        let tag: String = sha256(shown.as_bytes()).bytes().take(6).map(|digit| char::from(b'A' + digit % 26)).collect();
        match self.weight {
            Weight::Regular => format!("{tag}+Inter-Regular"),
            Weight::SemiBold => format!("{tag}+Inter-SemiBold"),
        }
    }

    /// Write the objects of the face, the first of which is `first`.
    pub(super) fn write(&self, pdf: &mut Pdf, first: Ref) -> Result<(), PaintError> {
        let object = |place: i32| Ref::new(first.get() + place);
        let (cid, descriptor, file, meanings) = (object(1), object(2), object(3), object(4));
        let name = self.subset_name();
        let name = Name(name.as_bytes());
        pdf.type0_font(first).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(cid).to_unicode(meanings);
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type0).base_font(name).system_info(IDENTITY).font_descriptor(descriptor).default_width(0.0);
        let mut by_glyph: Vec<(u16, char)> = self.glyphs.iter().map(|(&character, &glyph)| (glyph, character)).collect();
        by_glyph.sort_unstable();
        let mut widths = font.widths();
        for &(glyph, character) in &by_glyph {
            widths.same(glyph, glyph, (1000.0 * font::advance(character, self.weight)) as f32);
        }
        widths.finish();
        font.finish();
        pdf.font_descriptor(descriptor)
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(-800.0, -300.0, 2600.0, 1100.0))
            .italic_angle(0.0)
            .ascent(969.0)
            .descent(-242.0)
            .cap_height(1000.0 * font::CAP_HEIGHT as f32)
            .stem_v(if self.weight == Weight::SemiBold { 130.0 } else { 90.0 })
            .font_file3(file);
        let subset = subsetter::subset(font::file(self.weight), 0, &self.remapper).map_err(|_| PaintError::Typeface)?;
        let outlines = compress_to_vec_zlib(outlines(&subset).ok_or(PaintError::Typeface)?, EFFORT);
        let mut stream = pdf.stream(file, &outlines);
        stream.filter(Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        stream.finish();
        let mut map = UnicodeCmap::new(Name(b"Adobe-Identity-UCS"), IDENTITY);
        by_glyph.iter().for_each(|&(glyph, character)| map.pair(glyph, character));
        let map = compress_to_vec_zlib(map.finish().as_slice(), EFFORT);
        pdf.stream(meanings, &map).filter(Filter::FlateDecode);
        Ok(())
    }
}

/// The outlines of an OpenType font, its table `CFF `: that is what a PDF embeds.
fn outlines(font: &[u8]) -> Option<&[u8]> {
    let number = |at: usize, bytes: usize| -> Option<usize> {
        Some(font.get(at..at + bytes)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    };
    let entries = (0..number(4, 2)?).map(|table| 12 + 16 * table);
    let entry = entries.into_iter().find(|&at| font.get(at..at + 4) == Some(b"CFF ".as_slice()))?;
    let start = number(entry + 8, 4)?;
    font.get(start..start + number(entry + 12, 4)?)
}
