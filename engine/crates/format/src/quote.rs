//! Names as restic stores them: Go's `strconv.Quote` without the outer quotes, so that any bytes fit into JSON.

use std::fmt::Arguments;
use std::io::Write;

use crate::error::{Error, Result};
use crate::json::first_character;

mod printable;

use printable::is_printable;

/// Control characters that are quoted with a letter.
const LETTERS: [(char, u8); 7] = [
    ('\x07', b'a'),
    ('\x08', b'b'),
    ('\t', b't'),
    ('\n', b'n'),
    ('\x0b', b'v'),
    ('\x0c', b'f'),
    ('\r', b'r'),
];

/// Appends the quoted form (not yet JSON-escaped).
pub fn quote(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(byte) = rest.first() {
        let character = first_character(rest).and_then(|text| text.chars().next());
        match character {
            Some(character) => quote_character(character, out),
            None => write(out, format_args!("\\x{byte:02x}")),
        }
        rest = &rest[character.map_or(1, char::len_utf8)..];
    }
}

fn quote_character(character: char, out: &mut Vec<u8>) {
    if matches!(character, '"' | '\\') {
        out.extend_from_slice(&[b'\\', character as u8]);
    } else if is_printable(character) {
        push(character, out);
    } else if let Some((_, letter)) = LETTERS.iter().find(|(control, _)| *control == character) {
        out.extend_from_slice(&[b'\\', *letter]);
    } else {
        match u32::from(character) {
            code @ (..0x20 | 0x7f) => write(out, format_args!("\\x{code:02x}")),
            code @ ..0x1_0000 => write(out, format_args!("\\u{code:04x}")),
            code => write(out, format_args!("\\U{code:08x}")),
        }
    }
}

fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn write(out: &mut Vec<u8>, text: Arguments<'_>) {
    let _ = out.write_fmt(text); // a Vec takes everything
}

/// The raw bytes again.
pub fn unquote(text: &[u8]) -> Result<Vec<u8>> {
    let mut raw = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'\\', b'"', b'\n', rest) {
        raw.extend_from_slice(&rest[..at]);
        rest = escape(&rest[at..], &mut raw).ok_or_else(|| damaged(text))?;
    }
    raw.extend_from_slice(rest);
    Ok(raw)
}

/// Appends what an escape stands for; gives what follows it. A bare quote or line break is none.
fn escape<'a>(text: &'a [u8], raw: &mut Vec<u8>) -> Option<&'a [u8]> {
    let [b'\\', rest @ ..] = text else {
        return None;
    };
    let (mark, after) = rest.split_first()?;
    match mark {
        b'x' => byte(after, 2, 16, raw),
        b'0'..=b'7' => byte(rest, 3, 8, raw),
        b'u' => character(after, 4, raw),
        b'U' => character(after, 8, raw),
        _ => {
            raw.push(single(*mark)?);
            Some(after)
        }
    }
}

/// What one character after the backslash stands for.
fn single(mark: u8) -> Option<u8> {
    match mark {
        b'"' | b'\\' => Some(mark),
        _ => LETTERS.iter().find(|(_, letter)| *letter == mark).map(|(control, _)| *control as u8),
    }
}

fn byte<'a>(text: &'a [u8], digits: usize, radix: u32, raw: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (value, rest) = number(text, digits, radix)?;
    raw.push(u8::try_from(value).ok()?);
    Some(rest)
}

fn character<'a>(text: &'a [u8], digits: usize, raw: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (value, rest) = number(text, digits, 16)?;
    push(char::from_u32(value)?, raw);
    Some(rest)
}

/// A number of as many digits, and what follows it.
fn number(text: &[u8], digits: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let value = number.iter().try_fold(0_u32, |value, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        value.checked_mul(radix)?.checked_add(digit)
    })?;
    Some((value, rest))
}

fn damaged(text: &[u8]) -> Error {
    Error::damaged(format!("the name \"{}\"", text.escape_ascii()), "it is not quoted as Go quotes")
}
