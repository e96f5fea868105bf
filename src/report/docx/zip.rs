//! The container of a document: a ZIP archive (APPNOTE.TXT 6.3), without times, so that the same parts give the same bytes.

use miniz_oxide::deflate::compress_to_vec;

/// 1 January 1980, 00:00, in the format of MS-DOS: the earliest time that there is.
const TIME: [u8; 4] = [0, 0, 0x21, 0];
/// The version of the format that a reader must know: 2.0.
const VERSION: u16 = 20;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// How the bytes of a part are kept.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// How hard the compression tries, of ten.
const LEVEL: u8 = 6;

/// The archive of these parts, each with its path and its bytes. Text is compressed; a PNG is already.
pub(super) fn archive(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (path, bytes) in parts {
        let (method, data) =
            if path.ends_with(".png") { (STORED, bytes.clone()) } else { (DEFLATED, compress_to_vec(bytes, LEVEL)) };
        let mut entry = Vec::new();
        for number in [VERSION, FLAGS, method] {
            entry.extend(number.to_le_bytes());
        }
        entry.extend(TIME);
        for number in [crc32fast::hash(bytes), size(data.len()), size(bytes.len())] {
            entry.extend(number.to_le_bytes());
        }
        entry.extend((path.len() as u16).to_le_bytes());
        // No extra field.
        entry.extend([0; 2]);

        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(size(archive.len()).to_le_bytes());
        directory.extend(path.as_bytes());

        archive.extend(b"PK\x03\x04");
        archive.extend(&entry);
        archive.extend(path.as_bytes());
        archive.extend(&data);
    }
    let (count, start, length) = (parts.len() as u16, size(archive.len()), size(directory.len()));
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
    archive.extend([0; 2]);
    archive
}

/// A size as the format holds it. A report has a few megabytes.
fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
