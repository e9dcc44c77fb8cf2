//! Go's `filepath.Match` for one path component.
//!
//! A pattern is cut at its stars; what is between them is found at the first place where it fits, and never looked for
//! again. Names are compared rune by rune where `?` and classes are concerned; a byte that is not UTF-8 is a rune of its own.

use crate::text::decode_rune;

/// Whether `name` fits `pattern` (`*`, `?`, `[a-z]`, `[^a]`, `\x`); `None` when the pattern itself is wrong.
pub fn matches(pattern: &[u8], name: &[u8]) -> Option<bool> {
    Some(Glob::parse(pattern)?.matches(name))
}

/// A pattern that was read.
#[derive(Clone, Debug)]
pub struct Glob(Vec<Chunk>);

/// What stands between two stars.
#[derive(Clone, Debug)]
struct Chunk {
    after_star: bool,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Literal(Vec<u8>),
    Tokens(Vec<Token>),
}

/// Takes at least one byte of the name.
#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    Rune,
    Class { negated: bool, ranges: Vec<(u32, u32)> },
}

impl Glob {
    /// Reads a pattern; `None` when it is wrong: a class that is empty or open, or nothing behind a backslash.
    pub fn parse(mut pattern: &[u8]) -> Option<Self> {
        let mut chunks = Vec::new();
        while !pattern.is_empty() {
            let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
            pattern = &pattern[stars..];
            let mut tokens = Vec::new();
            while !matches!(pattern.first(), None | Some(b'*')) {
                tokens.push(token(&mut pattern)?);
            }
            chunks.push(Chunk { after_star: stars > 0, body: Body::new(tokens) });
        }
        Some(Self(chunks))
    }

    /// Whether the whole name fits; stars and `?` never take a slash.
    pub fn matches(&self, mut name: &[u8]) -> bool {
        for (position, chunk) in self.0.iter().enumerate() {
            let last = position + 1 == self.0.len();
            if chunk.after_star && chunk.body.is_empty() {
                return !name.contains(&b'/');
            }
            match chunk.find(name, last) {
                Some(rest) => name = rest,
                None => return false,
            }
        }
        name.is_empty()
    }
}

impl Chunk {
    /// What is left of the name behind the first place where the chunk fits; the last chunk must leave nothing.
    fn find<'a>(&self, name: &'a [u8], last: bool) -> Option<&'a [u8]> {
        let fits = |from: usize| self.body.strip(&name[from..]).filter(|rest| !last || rest.is_empty());
        if !self.after_star {
            return fits(0);
        }
        let reach = name.iter().position(|&byte| byte == b'/').unwrap_or(name.len());
        match &self.body {
            Body::Literal(bytes) if last => {
                name.len().checked_sub(bytes.len()).filter(|&at| at <= reach).and_then(fits)
            }
            _ => (0..=reach).find_map(fits),
        }
    }
}

impl Body {
    fn new(tokens: Vec<Token>) -> Self {
        let byte = |token: &Token| if let Token::Byte(byte) = token { Some(*byte) } else { None };
        match tokens.iter().map(byte).collect() {
            Some(bytes) => Self::Literal(bytes),
            None => Self::Tokens(tokens),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Literal(bytes) if bytes.is_empty())
    }

    fn strip<'a>(&self, name: &'a [u8]) -> Option<&'a [u8]> {
        match self {
            Self::Literal(bytes) => name.strip_prefix(bytes.as_slice()),
            Self::Tokens(tokens) => tokens.iter().try_fold(name, |rest, token| token.strip(rest)),
        }
    }
}

impl Token {
    fn strip<'a>(&self, name: &'a [u8]) -> Option<&'a [u8]> {
        let first = *name.first()?;
        let (fits, width) = match self {
            Self::Byte(byte) => (*byte == first, 1),
            Self::Rune => (first != b'/', decode_rune(name).1),
            Self::Class { negated, ranges } => {
                let (rune, width) = decode_rune(name);
                (ranges.iter().any(|&(low, high)| low <= rune && rune <= high) != *negated, width)
            }
        };
        fits.then(|| &name[width..])
    }
}

fn token(pattern: &mut &[u8]) -> Option<Token> {
    let (&first, rest) = pattern.split_first()?;
    *pattern = rest;
    match first {
        b'?' => Some(Token::Rune),
        b'[' => class(pattern),
        b'\\' => {
            let (&escaped, rest) = pattern.split_first()?;
            *pattern = rest;
            Some(Token::Byte(escaped))
        }
        byte => Some(Token::Byte(byte)),
    }
}

/// Reads a class behind its opening bracket.
fn class(pattern: &mut &[u8]) -> Option<Token> {
    let negated = skip(pattern, b'^');
    let mut ranges = Vec::new();
    while ranges.is_empty() || !skip(pattern, b']') {
        let low = class_rune(pattern)?;
        let high = if skip(pattern, b'-') { class_rune(pattern)? } else { low };
        ranges.push((low, high));
    }
    Some(Token::Class { negated, ranges })
}

/// One end of a range; a class that ends here, a bare `-` and bytes that are not UTF-8 are wrong.
fn class_rune(pattern: &mut &[u8]) -> Option<u32> {
    if matches!(pattern.first()?, b'-' | b']') {
        return None;
    }
    skip(pattern, b'\\');
    pattern.first()?;
    let (rune, width) = decode_rune(pattern);
    let invalid = width == 1 && rune == u32::from(char::REPLACEMENT_CHARACTER);
    *pattern = &pattern[width..];
    (!invalid).then_some(rune)
}

fn skip(pattern: &mut &[u8], byte: u8) -> bool {
    let found = pattern.first() == Some(&byte);
    *pattern = &pattern[usize::from(found)..];
    found
}
