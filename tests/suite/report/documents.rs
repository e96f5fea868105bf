//! The word-processor document and the LaTeX tables, the `[report]` table of a study, and formats one by one.

use super::printed::{of_latex, part_of};
use super::sample::{changed, info, picture, sample, with_levels};
use super::{bytes, text};
use dosebench::report::{self, Format, Plot};
use dosebench::study::{Front, SECTIONS, Study};
use roxmltree::Document;
use std::path::Path;

/// The smallest PNG: one dot.
const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0,
    0x3a, 0x7e, 0x9b, 0x55,
];

fn plot() -> Plot {
    Plot { png: DOT.to_vec(), ..picture() }
}

fn docx(plots: &[Plot]) -> Vec<u8> {
    let (study, results) = sample();
    report::render(&study, &results, &info(), plots, &[Format::Docx]).remove(0).1
}

#[test]
fn the_document_is_a_package_whose_parts_belong_together() {
    let package = docx(&[plot(), plot()]);
    assert_eq!(package, docx(&[plot(), plot()]), "the same bytes every time");
    let types = String::from_utf8(part_of(&package, "[Content_Types].xml")).unwrap();
    let types = Document::parse(&types).unwrap();
    for part in types.descendants().filter_map(|node| node.attribute("PartName")) {
        let xml = String::from_utf8(part_of(&package, part.trim_start_matches('/'))).unwrap();
        Document::parse(&xml).unwrap_or_else(|error| panic!("{part}: {error}"));
    }
    let links = String::from_utf8(part_of(&package, "word/_rels/document.xml.rels")).unwrap();
    let links = Document::parse(&links).unwrap();
    let mut ids = Vec::new();
    for link in links.root_element().children() {
        ids.push(link.attribute("Id").unwrap().to_owned());
        part_of(&package, &format!("word/{}", link.attribute("Target").unwrap()));
    }
    let xml = String::from_utf8(part_of(&package, "word/document.xml")).unwrap();
    let body = Document::parse(&xml).unwrap();
    let refers = body.descendants().flat_map(|node| node.attributes()).filter(|found| {
        matches!(found.name(), "embed" | "id")
            && found.namespace().is_some_and(|space| space.ends_with("officeDocument/2006/relationships"))
    });
    let refers: Vec<&str> = refers.map(|found| found.value()).collect();
    assert!(refers.iter().all(|id| ids.iter().any(|known| known == id)), "{refers:?}");
    assert_eq!(part_of(&package, "word/media/figure2.png"), DOT);
    let alternative: Vec<&str> = body
        .descendants()
        .filter(|node| node.tag_name().name() == "docPr")
        .map(|node| node.attribute("descr").unwrap())
        .collect();
    assert_eq!(alternative, [picture().alt.as_str(); 2]);
}

#[test]
fn the_contents_have_a_number_for_the_page_of_every_section() {
    let package = docx(&[]);
    let xml = String::from_utf8(part_of(&package, "word/document.xml")).unwrap();
    let body = Document::parse(&xml).unwrap();
    let name = |node: roxmltree::Node<'_, '_>| node.attributes().find(|found| found.name() == "name").unwrap().value().to_owned();
    let bookmarks: Vec<String> = body.descendants().filter(|node| node.tag_name().name() == "bookmarkStart").map(name).collect();
    let fields = body.descendants().filter(|node| node.tag_name().name() == "instrText").filter_map(|node| node.text());
    let pages: Vec<&str> = fields.filter_map(|field| field.trim().strip_prefix("PAGEREF ")?.strip_suffix(" \\h")).collect();
    assert_eq!(pages, bookmarks);
    assert!(pages.len() > 10 && pages.contains(&"section_findings"));
}

#[test]
fn figures_fill_pages_by_themselves_or_in_pairs() {
    // A PNG as far as its header goes.
    let sized = |width: u32, height: u32| {
        let mut png = DOT.to_vec();
        png[16..24].copy_from_slice(&[width.to_be_bytes(), height.to_be_bytes()].concat());
        Plot { png, ..picture() }
    };
    let package = docx(&[sized(1280, 974), sized(1280, 2048), sized(1280, 400), sized(100, 50)]);
    let xml = String::from_utf8(part_of(&package, "word/document.xml")).unwrap();
    let body = Document::parse(&xml).unwrap();
    let centimetres =
        |node: roxmltree::Node<'_, '_>, side: &str| node.attribute(side).unwrap().parse::<f64>().unwrap() / 360_000.0;
    let extents = body.descendants().filter(|node| node.tag_name().name() == "extent");
    let found: Vec<(f64, f64)> = extents.map(|node| (centimetres(node, "cx"), centimetres(node, "cy"))).collect();
    let expected =
        [(10.0 * 1280.0 / 974.0, 10.0), (21.8 * 1280.0 / 2048.0, 21.8), (16.0, 5.0), (100.0 / 192.0 * 2.54, 50.0 / 192.0 * 2.54)];
    for ((width, height), expected) in found.iter().zip(expected) {
        assert!(
            (width - expected.0).abs() < 0.001 && (height - expected.1).abs() < 0.001,
            "{width} by {height} for {expected:?}"
        );
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn every_table_fits_its_page_and_every_style_is_there() {
    for (study, results) in [sample(), with_levels(12)] {
        let package = report::render(&study, &results, &info(), &[plot()], &[Format::Docx]).remove(0).1;
        let xml = String::from_utf8(part_of(&package, "word/document.xml")).unwrap();
        let body = Document::parse(&xml).unwrap();
        let value = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.attributes().find(|found| found.name() == name).map(|found| found.value().to_owned())
        };
        let styles = String::from_utf8(part_of(&package, "word/styles.xml")).unwrap();
        for node in body.descendants().filter(|node| matches!(node.tag_name().name(), "pStyle" | "tblStyle" | "rStyle")) {
            let style = value(node, "val").unwrap();
            assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
        }
        // A page lies as the section says that ends after it.
        let mut waiting = Vec::new();
        let mut tables = 0;
        for node in body.descendants() {
            match node.tag_name().name() {
                "tblGrid" => waiting
                    .push(node.children().map(|column| value(column, "w").unwrap().parse::<usize>().unwrap()).sum::<usize>()),
                "pgSz" => {
                    // 2.5 cm on either side.
                    let room = value(node, "w").unwrap().parse::<usize>().unwrap() - 2 * 1417;
                    tables += waiting.len();
                    assert!(waiting.drain(..).all(|width| width <= room), "a table is wider than {room}");
                }
                _ => {}
            }
        }
        assert!(tables > 8 && waiting.is_empty());
    }
}

#[test]
fn names_cannot_break_out_of_a_document_or_a_table() {
    let (study, results) = sample();
    let hostile = "<b>&amp;\u{1}\u{fffe}\"' \\input{x} $x$ a & b # % _ ^ ~ {[*]} -- '' \\\\ ]]> 剂量";
    let study = changed(study, |study| {
        study.name = hostile.to_owned();
        study.designs[0].name = hostile.to_owned();
        study.scenarios[0].name = hostile.to_owned();
        study.doses.unit = hostile.to_owned();
        study.text = format!("# {hostile}\n");
        study.report = Front { title: Some(hostile.to_owned()), author: Some(hostile.to_owned()), ..Front::default() };
    });
    let files = report::render(&study, &results, &info(), &[], &[Format::Docx, Format::Latex]);
    for part in ["word/document.xml", "docProps/core.xml", "word/footer1.xml"] {
        let xml = String::from_utf8(part_of(&files[0].1, part)).unwrap();
        let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{part}: {error}"));
        assert!(document.descendants().all(|node| node.tag_name().name() != "b" || node.tag_name().namespace().is_some()));
    }
    // The reader of the tests takes every command apart that the program writes, and stumbles over any other.
    let tables = of_latex(&text(&files, "tables.tex"));
    let printed = tables
        .iter()
        .flat_map(|table| &table.rows)
        .flat_map(|(_, cells)| cells)
        .any(|cell| cell.contains("\\input{x} $x$ a & b # % _ ^ ~ {[*]} -- '' \\\\ ]]> 剂量"));
    assert!(printed, "the name reads back as it was");
}

#[test]
fn a_study_chooses_its_title_block_and_its_sections() {
    let base = "name = 'Small'\ntarget = 0.25\n[doses]\nlevels = [1, 2]\n";
    let read = |report: &str| {
        Study::from_text("test.toml", format!("{base}{report}").as_str()).map(|(study, _)| study.into_contents().report)
    };
    assert_eq!(read("").unwrap(), Front::default());
    let front =
        read("[report]\ntitle = 'T'\nauthor = 'A'\nsponsor = 'S'\nprotocol = 'P-1'\nsections = ['size', 'findings']\n").unwrap();
    assert_eq!(front.sections, Some(vec!["size", "findings"]));
    let complaint = |text: &str| read(text).err().unwrap().to_string();
    let unknown = complaint("[report]\nsections = ['size', 'findngs']\n");
    assert!(unknown.contains("report.sections[2]") && unknown.contains("did you mean \"findings\"?"), "{unknown}");
    assert!(complaint("[report]\nsections = []\n").contains("at least one"), "no section is no report");
    assert!(complaint("[report]\ntitel = 'T'\n").contains("did you mean `title`?"));

    let (study, results) = sample();
    let name = study.name.clone();
    let study = changed(study, |study| {
        study.report = front;
    });
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    let markdown = text(&files, "report.md");
    let headings: Vec<&str> = markdown.lines().filter(|line| line.starts_with('#')).collect();
    let more = "### More findings, scenario by scenario";
    assert_eq!(headings, ["# T", "## Findings", more, "## Notices", "## Size and length"], "in the order of the report");
    let html = text(&files, "report.html");
    let document = String::from_utf8(part_of(bytes(&files, "report.docx"), "word/document.xml")).unwrap();
    for line in [format!("Study: {name}"), "Protocol: P-1".to_owned(), "Sponsor: S".to_owned(), "Author: A".to_owned()] {
        assert!(markdown.contains(&line) && html.contains(&line) && document.contains(&line), "{line}");
    }
}

#[test]
fn the_sections_are_those_that_a_study_can_choose_and_the_checklist_points_to_them() {
    let (study, results) = sample();
    let markdown = text(&report::render(&study, &results, &info(), &[], &Format::ALL), "report.md");
    let html = text(&report::render(&study, &results, &info(), &[], &Format::ALL), "report.html");
    let ids: Vec<&str> = html.split("<section id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let known: Vec<&str> = SECTIONS.into_iter().filter(|id| ids.contains(id)).collect();
    let others = ids.iter().filter(|id| !known.contains(id));
    assert!(others.into_iter().all(|id| matches!(*id, "notices" | "live")), "{ids:?}");
    assert_eq!(ids.iter().copied().filter(|id| known.contains(id)).collect::<Vec<_>>(), known, "in their order");
    let titles: Vec<&str> = markdown.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let (_, checklist) = markdown.split_once("## Checklist").unwrap();
    let places = checklist.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")).skip(1);
    let places: Vec<&str> =
        places.filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | ")).map(|(_, place)| place).collect();
    assert!(places.len() > 10);
    for place in places.iter().filter(|place| **place != "not in this report").flat_map(|place| place.split("; ")) {
        assert!(titles.contains(&place), "{place}");
    }
    assert!(places.contains(&"not in this report"), "this study has no calendar time");
}

#[test]
fn a_format_is_the_same_alone_and_among_others() {
    let (study, results) = sample();
    let all = report::render(&study, &results, &info(), &[plot()], &Format::ALL);
    let mut seen = 0;
    for format in Format::ALL {
        for (path, alone) in report::render(&study, &results, &info(), &[plot()], &[format]) {
            assert_eq!(bytes(&all, &path.display().to_string()), alone, "{}", path.display());
            seen += usize::from(!path.starts_with("plots"));
        }
    }
    assert_eq!(seen + 2, all.len());
    assert!(all.iter().all(|(path, _)| path != Path::new("manifest.json")));
}

#[test]
fn the_synopsis_names_the_section_of_the_protocol_where_the_study_does() {
    let base = "name = 'S'\ntarget = 0.25\n[doses]\nlevels = [1, 2]\n[[design]]\nname = 'A'\nmethod = '3+3'\n";
    let read = |key: &str| Study::from_text("test.toml", format!("{base}{key}").as_str()).map(|(study, _)| study);
    let source = |key: &str| read(key).unwrap().designs[0].source.clone();
    assert_eq!(source(""), None);
    assert_eq!(source("source = 'protocol section 5.2'\n").as_deref(), Some("protocol section 5.2"));
    let complaint = read("source = 5.2\n").err().unwrap().to_string();
    assert!(complaint.contains("text, in quotation marks"), "{complaint}");
    let (study, results) = sample();
    let synopsis = |study: &Study| text(&report::render(study, &results, &info(), &[], &[Format::Markdown]), "report.md");
    assert!(!synopsis(&study).contains("Source in the protocol"));
    let study = changed(study, |study| {
        study.designs[0].source = Some("protocol section 5.2".to_owned());
    });
    assert!(synopsis(&study).contains("| Source in the protocol | protocol section 5.2 |"));
}

#[test]
fn pathways_leave_room_for_a_signature_on_paper() {
    let (study, results) = sample();
    let files = report::render(&study, &results, &info(), &[], &[Format::Html, Format::Markdown, Format::Latex]);
    let html = text(&files, "report.html");
    assert!(html.contains("class=\"paper\">Agree</th>") && html.contains("class=\"paper\">Comment</th>"));
    assert!(text(&files, "report.md").contains("| Agree | Comment |\n"));
    assert!(text(&files, "tables.tex").contains("p{1.5cm}p{1.5cm}@{}}"));
}
