//! JSON exactly as Go's `encoding/json` writes it: `<`, `>`, `&`, U+2028 and U+2029 escaped, no spaces.

/// Appends a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD, as in Go.
pub fn string(_text: &[u8], _out: &mut Vec<u8>) {
    todo!()
}
