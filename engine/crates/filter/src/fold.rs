//! Go's `strings.ToLower`, in which `--iexclude` and its like compare.

use std::borrow::Cow;

/// Lower case, rune by rune. As in Go, bytes that are not UTF-8 become U+FFFD, so two names that differ only in such bytes
/// are one name when case is ignored. 55 letters of scripts that Unicode 16 and 17 brought are folded here and not in
/// restic 0.19.1, whose tables are older.
pub fn to_lower(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.is_ascii() {
        return Cow::Owned(lower_runes(text));
    }
    if text.iter().any(u8::is_ascii_uppercase) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

fn lower_runes(text: &[u8]) -> Vec<u8> {
    let mut lower = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        lower.extend(chunk.valid().chars().map(lower_rune));
        lower.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    lower.into_bytes()
}

/// One rune for one rune, as Go has it (`İ` is `i`).
fn lower_rune(rune: char) -> char {
    rune.to_lowercase().next().unwrap_or(rune)
}
