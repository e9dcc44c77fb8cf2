//! JSON exactly as Go's `encoding/json` writes it: `<`, `>`, `&`, U+2028 and U+2029 escaped, no spaces.

use std::str;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::id::Id;

mod object;

pub(crate) use object::Object;

/// Appends a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD, as in Go.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.iter().position(|b| !PLAIN[usize::from(*b)]) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + escape(&rest[at..], out)..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Text of bytes that may not be UTF-8 (names of attributes, users, groups; paths of a snapshot): one U+FFFD for each byte that
/// is not, as in Go. `String::from_utf8_lossy` gives one for several.
pub fn lossy(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

/// Bytes that stand for themselves.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        plain[byte] = !matches!(byte as u8, b'"' | b'\\' | b'<' | b'>' | b'&');
        byte += 1;
    }
    plain
};

/// Whether a text needs no escape, be it quoted before or not.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|b| PLAIN[usize::from(*b)] && *b != 0x7f)
}

/// Appends the first character of a text that does not begin with a plain byte; gives how many bytes it has.
fn escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    match text[0] {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        8 => out.extend_from_slice(b"\\b"),
        12 => out.extend_from_slice(b"\\f"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        byte if byte < 0x80 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        _ => return escape_wide(text, out),
    }
    1
}

fn escape_wide(text: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(character) = first_character(text) else {
        out.extend_from_slice(b"\\ufffd");
        return 1;
    };
    match character {
        "\u{2028}" => out.extend_from_slice(b"\\u2028"),
        "\u{2029}" => out.extend_from_slice(b"\\u2029"),
        _ => out.extend_from_slice(character.as_bytes()),
    }
    character.len()
}

/// The first character of bytes that may be UTF-8.
pub(crate) fn first_character(text: &[u8]) -> Option<&str> {
    let length = match text.first()? {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    str::from_utf8(text.get(..length)?).ok()
}

/// Appends `[…]`.
pub(crate) fn list<T>(items: &[T], out: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

pub(crate) fn number(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

pub(crate) fn id(value: &Id, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'"'; 66];
    for (pair, byte) in text[1..65].chunks_exact_mut(2).zip(value.0) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    out.extend_from_slice(&text);
}

pub(crate) fn base64(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(STANDARD.encode(value).as_bytes());
    out.push(b'"');
}
