//! Text as Go reads it: byte order marks, lines, runes and white space, in bytes that need not be UTF-8.

/// The text of a file: a byte order mark is taken off, UTF-16 with one becomes UTF-8, all else stays as it is.
/// restic does this with named files, not with standard input.
pub fn decode(data: &[u8]) -> Vec<u8> {
    match data {
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        _ => data.to_vec(),
    }
}

fn utf16(data: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, odd) = data.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| unit(pair));
    let runes = char::decode_utf16(units).map(|rune| rune.unwrap_or(char::REPLACEMENT_CHARACTER));
    runes.chain(odd.iter().map(|_| char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
}

/// Lines without their ends (`\n`, `\r\n`); what follows the last end is a line if there is anything.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// The first rune and its width in bytes; U+FFFD of width 1 for a byte that is not UTF-8. Nothing is U+FFFD of width 0.
pub(crate) fn decode_rune(bytes: &[u8]) -> (u32, usize) {
    match bytes.first() {
        None => (u32::from(char::REPLACEMENT_CHARACTER), 0),
        Some(&byte) if byte.is_ascii() => (u32::from(byte), 1),
        Some(_) => {
            let longest = &bytes[..bytes.len().min(4)];
            let valid = longest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
            valid.map_or((u32::from(char::REPLACEMENT_CHARACTER), 1), |rune| {
                (u32::from(rune), rune.len_utf8())
            })
        }
    }
}

/// Without white space (Unicode's) at both ends.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let (rune, width @ 1..) = decode_rune(bytes)
        && is_space(rune)
    {
        bytes = &bytes[width..];
    }
    while let Some(width) = space_at_end(bytes) {
        bytes = &bytes[..bytes.len() - width];
    }
    bytes
}

fn is_space(rune: u32) -> bool {
    char::from_u32(rune).is_some_and(char::is_whitespace)
}

fn space_at_end(bytes: &[u8]) -> Option<usize> {
    let whole = |width: &usize| decode_rune(&bytes[bytes.len() - width..]).1 == *width;
    let width = (1..=bytes.len().min(4)).rev().find(whole)?;
    is_space(decode_rune(&bytes[bytes.len() - width..]).0).then_some(width)
}
