//! `report.docx`: the report for a word processor (Office Open XML, ISO/IEC 29500, transitional).
//!
//! Tables are real ones with headings that are repeated on every page, captions are numbered by fields, headings and lists have the
//! styles that Word knows, figures have their alternative text, and two of them a page where they can be read at that size. All pages
//! are in portrait: a table that is too wide goes on below itself, with its other columns.

mod table;
mod zip;

use super::Plot;
use super::document::{Block, Document, Part, Shape};

const CONTENT_TYPES: &str = include_str!("content_types.xml");
const PACKAGE_RELS: &str = include_str!("package_rels.xml");
const STYLES: &str = include_str!("styles.xml");
const NUMBERING: &str = include_str!("numbering.xml");
const SETTINGS: &str = include_str!("settings.xml");

const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const WORD: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
                    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
                    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
                    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
                    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Twentieths of a point: the sides of A4, and the margins of 2.5 cm.
const A4: (usize, usize) = (11_906, 16_838);
const MARGIN: usize = 1_417;
/// The margins of a single page, of 1.6 cm.
const SMALL_MARGIN: usize = 907;
/// English metric units in a centimetre.
const CENTIMETRE: u64 = 360_000;
/// The largest figure, which has a page to itself.
const LARGEST: (u64, u64) = (16 * CENTIMETRE, 218 * CENTIMETRE / 10);
/// The height of a figure of which two fit a page with their captions.
const HALF_PAGE: u64 = 10 * CENTIMETRE;
/// The height of the figure of a single page.
const LOW: u64 = 7 * CENTIMETRE;
/// Paragraphs close together.
const TIGHT: &str = "<w:spacing w:before=\"0\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/>";
/// English metric units of a dot, at 192 dots an inch.
const DOT: u64 = 914_400 / 192;

/// The document as a file.
pub(super) fn render(document: &Document<'_>) -> Vec<u8> {
    let margin = if document.shape == Shape::Report { MARGIN } else { SMALL_MARGIN };
    let mut writer = Writer { xml: String::new(), margin, tight: false, small: "", tables: 0, figures: Vec::new() };
    writer.document(document);
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), CONTENT_TYPES.as_bytes().to_vec()),
        ("_rels/.rels".to_owned(), PACKAGE_RELS.as_bytes().to_vec()),
        ("docProps/core.xml".to_owned(), core(document).into_bytes()),
        (
            "word/document.xml".to_owned(),
            format!("{PROLOG}<w:document {WORD}><w:body>{}</w:body></w:document>", writer.xml).into_bytes(),
        ),
        ("word/_rels/document.xml.rels".to_owned(), writer.relationships().into_bytes()),
        ("word/styles.xml".to_owned(), STYLES.as_bytes().to_vec()),
        ("word/numbering.xml".to_owned(), NUMBERING.as_bytes().to_vec()),
        ("word/settings.xml".to_owned(), SETTINGS.as_bytes().to_vec()),
        ("word/footer1.xml".to_owned(), footer(document).into_bytes()),
    ];
    let images = writer.figures.iter().enumerate();
    parts.extend(images.map(|(place, plot)| (format!("word/media/figure{}.png", place + 1), plot.png.clone())));
    zip::archive(&parts)
}

/// Title, author and language. No time: the same results give the same bytes.
fn core(document: &Document<'_>) -> String {
    let author = document.details.iter().find(|(item, _)| *item == "Author").map_or("dosebench", |(_, author)| author);
    format!(
        "{PROLOG}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator><dc:language>en-GB</dc:language>\
         </cp:coreProperties>",
        escape(&document.title),
        escape(author)
    )
}

/// The foot of every page: what it was made from, and the number of the page.
fn footer(document: &Document<'_>) -> String {
    let field = |name: &str| format!("<w:fldSimple w:instr=\" {name} \">{}</w:fldSimple>", run("", "1"));
    let pages = format!("{}{}{}{}", run("", " · page "), field("PAGE"), run("", " of "), field("NUMPAGES"));
    format!("{PROLOG}<w:ftr {WORD}>{}</w:ftr>", paragraph("Footer", "", &format!("{}{pages}", run("", &document.origin))))
}

/// The properties of pages with these margins.
fn section(margin: usize) -> String {
    let (width, height) = A4;
    format!(
        "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId4\"/><w:pgSz w:w=\"{width}\" w:h=\"{height}\"/>\
         <w:pgMar w:top=\"{margin}\" w:right=\"{margin}\" w:bottom=\"{margin}\" w:left=\"{margin}\" w:header=\"708\" w:footer=\"708\" \
         w:gutter=\"0\"/></w:sectPr>"
    )
}

/// The body, as far as it is written.
struct Writer<'d> {
    xml: String,
    /// The margins of its pages, in twentieths of a point.
    margin: usize,
    /// Whether everything must fit few pages.
    tight: bool,
    /// The style of lists and of paragraphs with a lead, where it is not that of words.
    small: &'static str,
    tables: usize,
    figures: Vec<&'d Plot>,
}

impl<'d> Writer<'d> {
    fn document(&mut self, document: &'d Document<'d>) {
        let style = if document.is_one_page() { "Heading1" } else { "Title" };
        self.add(paragraph(style, if document.is_one_page() { TIGHT } else { "" }, &run("", &document.title)));
        if document.is_one_page() {
            self.tight = true;
            for part in &document.parts {
                self.blocks(&part.blocks.iter().flat_map(unfolded).collect::<Vec<_>>());
            }
            self.add(section(self.margin));
            return;
        }
        self.add(paragraph("Subtitle", "", &run("", &document.subtitle)));
        for (item, value) in &document.details {
            self.add(paragraph("Origin", "", &run("", &format!("{item}: {value}"))));
        }
        self.add(paragraph("Origin", "", &run("", &document.origin)));
        if document.shape == Shape::Short {
            self.tight = true;
            self.small = "TableText";
        } else {
            self.contents(document);
        }
        for (number, part) in document.parts.iter().enumerate() {
            self.part(part, number);
        }
        self.add(section(self.margin));
    }

    /// The spacing of a paragraph of words, where it is not that of its style.
    fn spacing(&self) -> &'static str {
        if self.tight { TIGHT } else { "" }
    }

    fn add(&mut self, xml: impl AsRef<str>) {
        self.xml.push_str(xml.as_ref());
    }

    /// The contents: a link to each part, and the number of its page. That is a field, which a word processor works out when it opens
    /// the document; Word takes the whole from a field of contents as well, but LibreOffice leaves the numbers in such a one as they are.
    fn contents(&mut self, document: &Document<'_>) {
        self.add(paragraph("ContentsHeading", "", &run("", "Contents")));
        for part in &document.parts {
            let anchor = anchor(part.id);
            let page = format!(
                "<w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType=\"begin\" w:dirty=\"true\"/></w:r>\
                 <w:r><w:instrText xml:space=\"preserve\"> PAGEREF {anchor} \\h </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>{}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>",
                run("", "–")
            );
            let title = run(LINK, part.title);
            self.add(paragraph(
                "TOC1",
                "",
                &format!("<w:hyperlink w:anchor=\"{anchor}\" w:history=\"1\">{title}{page}</w:hyperlink>"),
            ));
        }
    }

    fn part(&mut self, part: &'d Part<'d>, number: usize) {
        let bookmark = format!("<w:bookmarkStart w:id=\"{number}\" w:name=\"{}\"/>", anchor(part.id));
        let heading = run("", part.title);
        self.add(paragraph("Heading1", "", &format!("{bookmark}{heading}<w:bookmarkEnd w:id=\"{number}\"/>")));
        self.blocks(&part.blocks.iter().flat_map(unfolded).collect::<Vec<_>>());
    }

    /// Blocks in a row.
    fn blocks(&mut self, blocks: &[&'d Block<'d>]) {
        for &block in blocks {
            match block {
                Block::Headline(text) => self.add(paragraph("Headline", "", &run("", text))),
                Block::Folded { title, .. } => self.add(paragraph("Heading2", "", &run("", title))),
                Block::Paragraph(text) => self.add(paragraph("", self.spacing(), &run("", text))),
                Block::Titled { lead, text } => {
                    let words = format!("{}{}", run("<w:b/>", &format!("{lead} ")), run("", text));
                    self.add(paragraph(self.small, self.spacing(), &words));
                }
                Block::Glossary { lead, words } => {
                    let words = words.iter().map(|(word, meaning)| {
                        format!("{}{}", run("<w:i/>", &format!(" {word}")), run("", &format!(": {meaning}.")))
                    });
                    let words = format!("{}{}", run("<w:b/>", lead), words.collect::<String>());
                    self.add(paragraph(self.small, self.spacing(), &words));
                }
                Block::List { numbered, items } => {
                    let list = if *numbered { 2 } else { 1 };
                    let place = format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/></w:numPr>{}", self.spacing());
                    for item in items {
                        let style = if self.small.is_empty() { "ListParagraph" } else { self.small };
                        self.add(paragraph(style, &place, &run("", item)));
                    }
                }
                Block::Table(found) => {
                    self.tables += 1;
                    let caption = format!("{}{}", numbered_field("Table", self.tables), run("", &format!(". {}", found.caption)));
                    self.add(paragraph("Caption", "<w:keepNext/>", &caption));
                    let tables = table::tables(found, A4.0 - 2 * self.margin);
                    // A table in blocks or in panels runs over pages: what a reader must know to read it comes first.
                    let is_first = found.groups.len() > 1 || tables.len() > 1;
                    let keep = if is_first { "<w:keepNext/>" } else { "" };
                    let note = |note: &String| paragraph("TableNote", keep, &run("", note));
                    let notes: String = found.notes.iter().chain(&found.largest_error()).map(note).collect();
                    let further = paragraph("TableNote", "<w:keepNext/>", &run("", "The same table, further columns:"));
                    let tables = tables.join(&further);
                    self.add(if is_first { notes + &tables } else { tables + &notes });
                }
                Block::Plot(plot) => self.figure(plot),
                Block::Source { title, text } => {
                    self.add(paragraph("Heading2", "", &run("", title)));
                    for line in text.lines() {
                        self.add(paragraph("SourceText", "", &run("", line)));
                    }
                }
            }
        }
    }

    /// A figure and its caption; its alternative text alone where the picture has no size.
    fn figure(&mut self, plot: &'d Plot) {
        let Some(dots) = plot.dots() else {
            self.add(paragraph("", "", &run("", &plot.alt)));
            return;
        };
        self.figures.push(plot);
        let number = self.figures.len();
        let (mut width, mut height) = extent(dots, plot.is_half_a_page());
        if self.tight && height > LOW {
            (width, height) = (width * LOW / height, LOW);
        }
        let size = format!("cx=\"{width}\" cy=\"{height}\"");
        let (name, alt) = (escape(&plot.title), escape(&plot.alt));
        let picture = format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent {size}/>\
             <wp:docPr id=\"{number}\" name=\"Figure {number}\" title=\"{name}\" descr=\"{alt}\"/><wp:cNvGraphicFramePr>\
             <a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr><a:graphic>\
             <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic><pic:nvPicPr>\
             <pic:cNvPr id=\"{number}\" name=\"figure{number}.png\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip r:embed=\"rIdFigure{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
             <a:off x=\"0\" y=\"0\"/><a:ext {size}/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>\
             </a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        );
        self.add(paragraph("Figure", "", &picture));
        let caption = run("", &format!(". {}. {}", plot.title, plot.caption));
        self.add(paragraph("Caption", "", &format!("{}{caption}", numbered_field("Figure", number))));
    }

    /// What the document refers to.
    fn relationships(&self) -> String {
        let fixed =
            [("styles", "styles.xml"), ("numbering", "numbering.xml"), ("settings", "settings.xml"), ("footer", "footer1.xml")];
        let mut xml = format!("{PROLOG}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
        for (place, (kind, target)) in fixed.into_iter().enumerate() {
            xml.push_str(&format!("<Relationship Id=\"rId{}\" Type=\"{RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>", place + 1));
        }
        for number in 1..=self.figures.len() {
            xml.push_str(&format!(
                "<Relationship Id=\"rIdFigure{number}\" Type=\"{RELATIONSHIPS}/image\" Target=\"media/figure{number}.png\"/>"
            ));
        }
        xml.push_str("</Relationships>");
        xml
    }
}

/// A block, and behind one that can be folded away what it holds: paper cannot be unfolded.
fn unfolded<'d>(block: &'d Block<'d>) -> Vec<&'d Block<'d>> {
    let inner = if let Block::Folded { blocks, .. } = block { &blocks[..] } else { &[] };
    std::iter::once(block).chain(inner.iter().flat_map(unfolded)).collect()
}

/// The size in which a figure of so many dots is shown: as large as intended, or as half a page or a whole one allows.
fn extent((width, height): (u64, u64), is_half: bool) -> (u64, u64) {
    let (width, height) = (width * DOT, height * DOT);
    let most = (LARGEST.0, if is_half { HALF_PAGE } else { LARGEST.1 });
    let scaled = |side: u64| (side * most.0.min(width) / width).min(side * most.1.min(height) / height);
    (scaled(width), scaled(height))
}

/// The properties of the text of a link.
const LINK: &str = "<w:rStyle w:val=\"Hyperlink\"/>";
/// `Table 3`, its number a field that counts.
fn numbered_field(word: &str, number: usize) -> String {
    let count = run("", &number.to_string());
    format!("{}<w:fldSimple w:instr=\" SEQ {word} \\* ARABIC \">{count}</w:fldSimple>", run("", &format!("{word} ")))
}

/// The name of the bookmark of a section.
fn anchor(id: &str) -> String {
    format!("section_{}", id.replace('-', "_"))
}

/// A paragraph of a style, with further properties, around what is already XML. A section ends with its last paragraph.
fn paragraph(style: &str, properties: &str, content: &str) -> String {
    let style = if style.is_empty() { String::new() } else { format!("<w:pStyle w:val=\"{style}\"/>") };
    let all =
        if style.is_empty() && properties.is_empty() { String::new() } else { format!("<w:pPr>{style}{properties}</w:pPr>") };
    format!("<w:p>{all}{content}</w:p>")
}

/// Text with properties.
fn run(properties: &str, text: &str) -> String {
    let properties = if properties.is_empty() { String::new() } else { format!("<w:rPr>{properties}</w:rPr>") };
    format!("<w:r>{properties}<w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}

/// Text as XML. What XML cannot hold is replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}
