//! PDF files of figures: read as a reader of PDF does, as far as these need it.

use super::{EXAMPLE, SMALL};
use crate::figures::Study;
use dosebench::report::font::Weight;
use dosebench::report::paint::{Align, Mark, Picture, Text};
use dosebench::report::palette::Color;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use std::collections::BTreeMap;

/// The place of some bytes in others.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The objects of a file by number: what stands before a stream, and the stream.
fn objects(file: &[u8]) -> BTreeMap<usize, (String, Vec<u8>)> {
    let mut objects = BTreeMap::new();
    let latin = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect::<String>();
    let mut rest = file;
    while let Some(start) = find(rest, b" 0 obj") {
        let digits = rest[..start].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = latin(&rest[start - digits..start]).parse().unwrap();
        rest = &rest[start + 6..];
        let end = find(rest, b"endobj").unwrap();
        let (head, stream) = match find(&rest[..end], b"stream\n") {
            None => (&rest[..end], Vec::new()),
            Some(at) => {
                let head = latin(&rest[..at]);
                let length =
                    head.split("/Length ").nth(1).unwrap().split(['\n', ' ', '/']).next().unwrap().parse::<usize>().unwrap();
                (&rest[..at], rest[at + 7..at + 7 + length].to_vec())
            }
        };
        let head = latin(head);
        let stream = if head.contains("/FlateDecode") { decompress_to_vec_zlib(&stream).unwrap() } else { stream };
        objects.insert(number, (head, stream));
        rest = &rest[find(rest, b"endobj").unwrap() + 6..];
    }
    objects
}

/// The reference behind a key.
fn reference(head: &str, key: &str) -> usize {
    head.split(key).nth(1).unwrap().trim_start_matches(['[', ' ']).split(' ').next().unwrap().parse().unwrap()
}

/// The characters of a face by glyph.
fn meanings(map: &[u8]) -> BTreeMap<u16, char> {
    let text = String::from_utf8_lossy(map).into_owned();
    let pairs = text.lines().filter(|line| line.starts_with('<') && line.matches('<').count() == 2);
    let hex = |part: &str| u32::from_str_radix(part.trim_matches(['<', '>']), 16).unwrap();
    pairs
        .filter_map(|line| line.split_once(' '))
        .map(|(glyph, character)| (hex(glyph) as u16, char::from_u32(hex(character)).unwrap()))
        // The range of all glyphs looks like a pair.
        .filter(|(glyph, _)| *glyph > 0)
        .collect()
}

/// The bytes of a string that begins at `at`, after its opening sign, and where it ends.
fn string(content: &[u8], at: usize) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    let mut place = at;
    if content[at - 1] == b'<' {
        let end = at + content[at..].iter().position(|&byte| byte == b'>').unwrap();
        let digits: Vec<u8> = content[at..end].iter().map(|&byte| char::from(byte).to_digit(16).unwrap() as u8).collect();
        return (digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect(), end);
    }
    let mut depth = 0;
    loop {
        match content[place] {
            b'\\' => {
                place += 1;
                match content[place] {
                    b'n' => bytes.push(b'\n'),
                    b'r' => bytes.push(b'\r'),
                    b't' => bytes.push(b'\t'),
                    b'b' => bytes.push(8),
                    b'f' => bytes.push(12),
                    digit @ b'0'..=b'7' => {
                        let octal = content[place..place + 3].iter().map(|&byte| u32::from(byte - b'0'));
                        bytes.push(octal.fold(0, |number, digit| 8 * number + digit) as u8);
                        assert!(digit < b'4');
                        place += 2;
                    }
                    other => bytes.push(other),
                }
            }
            b'(' => {
                depth += 1;
                bytes.push(b'(');
            }
            b')' if depth == 0 => return (bytes, place),
            b')' => {
                depth -= 1;
                bytes.push(b')');
            }
            byte => bytes.push(byte),
        }
        place += 1;
    }
}

/// The lines of text of a file, in their order.
fn lines(file: &[u8]) -> Vec<String> {
    let objects = objects(file);
    let page = objects.values().find(|(head, _)| head.contains("/Type /Page\n")).unwrap();
    let faces: BTreeMap<&str, BTreeMap<u16, char>> = ["/R", "/S"]
        .map(|name| {
            let font = &objects[&reference(&page.0, &format!("{name} "))].0;
            (name, meanings(&objects[&reference(font, "/ToUnicode ")].1))
        })
        .into();
    let content = &objects[&reference(&page.0, "/Contents ")].1;
    let mut lines = Vec::new();
    let mut face = "/R";
    let mut at = 0;
    while at < content.len() {
        let rest = &content[at..];
        if rest.starts_with(b"/R ") {
            face = "/R";
        } else if rest.starts_with(b"/S ") {
            face = "/S";
        }
        if (rest[0] == b'(' || rest[0] == b'<' && rest.get(1) != Some(&b'<')) && (at == 0 || content[at - 1] != b'<') {
            let (bytes, end) = string(content, at + 1);
            let after = &content[end + 1..(end + 5).min(content.len())];
            // What is not shown is the text of a mark.
            if after.starts_with(b" Tj") {
                let glyphs = bytes.chunks(2).map(|pair| u16::from(pair[0]) << 8 | u16::from(pair[1]));
                lines.push(glyphs.map(|glyph| faces[face][&glyph]).collect());
            }
            at = end;
        }
        at += 1;
    }
    lines
}

#[test]
fn text_can_be_copied_and_is_that_of_the_drawing() {
    for (name, picture) in Study::imm27m(true).draw().iter().step_by(3) {
        let words: Vec<String> = picture
            .marks
            .iter()
            .filter_map(|mark| if let Mark::Text(text) = mark { Some(text.words.clone()) } else { None })
            .filter(|words| !words.is_empty())
            .collect();
        assert_eq!(lines(&picture.pdf().unwrap()), words, "{name}");
    }
    let endings = lines(EXAMPLE.figures["endings"].pdf.as_ref().unwrap());
    for words in ["With about as many patients, CRM 16 and BOIN 16 select the right dose in", "53", "Of 100 trials", "3+3 D1"] {
        assert!(endings.iter().any(|line| line == words), "{words}: {endings:?}");
    }
}

#[test]
fn the_page_has_its_size_title_and_alternative_text_and_no_time() {
    for drawn in [&*EXAMPLE, &*SMALL] {
        for (name, plot) in &drawn.figures {
            let file = plot.pdf.as_ref().unwrap();
            assert!(file.starts_with(b"%PDF-1.7") && file.ends_with(b"%%EOF"), "{name}");
            let objects = objects(file);
            let heads: String = objects.values().map(|(head, _)| head.as_str()).collect();
            // 640 pixels are 480 points, 169 mm.
            assert!(heads.contains("/MediaBox [0 0 480 "), "{name}");
            for key in ["/Title ", "/Alt ", "/StructTreeRoot ", "/Marked true", "/Lang ", "/DisplayDocTitle true"] {
                assert!(heads.contains(key), "{name}: {key}");
            }
            for key in ["CreationDate", "ModDate", "/ID", "/Image"] {
                assert!(find(file, key.as_bytes()).is_none(), "{name}: {key}");
            }
            assert_eq!(heads.matches("/FontFile3 ").count(), 2, "{name}");
            assert!(heads.contains("+Inter-Regular") && heads.contains("+Inter-SemiBold"), "{name}");
            assert!(file.len() < 100_000, "{name}: {} bytes", file.len());
        }
    }
}

#[test]
fn the_same_picture_gives_the_same_file_and_another_another() {
    let pictures = Study::imm27m(false).draw();
    let again = Study::imm27m(false).draw();
    for ((name, one), (_, other)) in pictures.iter().zip(&again).step_by(7) {
        assert_eq!(one.pdf().unwrap(), other.pdf().unwrap(), "{name}");
    }
    assert_ne!(pictures[0].1.pdf().unwrap(), pictures[1].1.pdf().unwrap());
}

#[test]
fn what_the_typeface_lacks_is_drawn_as_boxes_and_named() {
    let text = |words: &str| {
        let color = Color(0, 0, 0);
        let (align, weight) = (Align::Left, Weight::Regular);
        Mark::Text(Text { words: words.to_owned(), full: None, at: (10, 200), align, size: 120, weight, color })
    };
    let picture = |words: &str| Picture {
        width: 1000,
        height: 400,
        title: "剂".to_owned(),
        description: String::new(),
        marks: vec![
            text(words),
            Mark::Path { points: Vec::new(), closed: true, ink: dosebench::report::paint::Ink::Fill(Color(0, 0, 0)) },
        ],
    };
    let file = picture("a剂b").pdf().unwrap();
    assert_eq!(lines(&file), ["a", "b"]);
    let content = &objects(&file)[&4].1;
    assert!(find(content, b"/ActualText").is_some() && find(content, b"/Span").is_some());
    for words in ["", "剂量", "()\\"] {
        let shown: String = lines(&picture(words).pdf().unwrap()).concat();
        assert_eq!(shown, words.replace("剂量", ""));
    }
}

#[test]
fn widths_are_those_that_were_measured() {
    let file = EXAMPLE.figures["size"].pdf.as_ref().unwrap();
    let objects = objects(file);
    let font =
        objects.values().find(|(head, _)| head.contains("/Subtype /CIDFontType0\n") && head.contains("Inter-Regular")).unwrap();
    let widths = font.0.split("/W [").nth(1).unwrap().split(']').next().unwrap();
    let numbers: Vec<f64> = widths.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let whole = objects.values().find(|(head, _)| head.contains("/Subtype /Type0\n") && head.contains("Inter-Regular")).unwrap();
    let meanings = meanings(&objects[&reference(&whole.0, "/ToUnicode ")].1);
    assert!(numbers.len() / 3 == meanings.len() && meanings.len() > 30);
    for entry in numbers.chunks(3) {
        let advance = dosebench::report::font::advance(meanings[&(entry[0] as u16)], Weight::Regular);
        assert!((entry[2] - 1000.0 * advance).abs() < 0.01, "{entry:?}");
    }
}
