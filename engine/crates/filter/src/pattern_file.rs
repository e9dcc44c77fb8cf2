//! Files of patterns, as `--exclude-file` and its like name them.

use crate::text::{lines, trim};

/// Patterns of a text that `text::decode` gave: a line each, white space at both ends, empty lines and `#` comments left
/// out, `$NAME` and `${NAME}` replaced by what `variable` says (nothing when it is not set), `$$` by a dollar.
pub fn patterns(text: &[u8], variable: &dyn Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let lookup = |name: &[u8]| if name == b"$" { b"$".to_vec() } else { variable(name).unwrap_or_default() };
    lines(text)
        .map(trim)
        .filter(|line| !matches!(line, [] | [b'#', ..]))
        .map(|line| expand(line, &lookup))
        .collect()
}

/// Go's `os.Expand`: a dollar with no name behind it stays, `${}` and an open `${` are dropped.
fn expand(mut line: &[u8], lookup: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(line.len());
    while let Some(dollar) = line.iter().position(|&byte| byte == b'$').filter(|at| at + 1 < line.len()) {
        expanded.extend_from_slice(&line[..dollar]);
        line = &line[dollar + 1..];
        let (name, width) = shell_name(line);
        match name {
            b"" if width == 0 => expanded.push(b'$'),
            b"" => {}
            name => expanded.extend(lookup(name)),
        }
        line = &line[width..];
    }
    expanded.extend_from_slice(line);
    expanded
}

/// The name at the start of a text that is not empty, and the bytes that it takes.
fn shell_name(text: &[u8]) -> (&[u8], usize) {
    match text {
        [b'{', name, b'}', ..] if is_special(*name) => (&text[1..2], 3),
        [b'{', rest @ ..] => match rest.iter().position(|&byte| byte == b'}') {
            Some(length) => (&rest[..length], length + 2),
            None => (b"", 1),
        },
        [first, ..] if is_special(*first) => (&text[..1], 1),
        _ => {
            let length =
                text.iter().take_while(|&&byte| byte == b'_' || byte.is_ascii_alphanumeric()).count();
            (&text[..length], length)
        }
    }
}

fn is_special(byte: u8) -> bool {
    byte.is_ascii_digit() || b"*#$@!?-".contains(&byte)
}
