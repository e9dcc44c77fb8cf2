//! Where the nodes of a tree begin and end. Only brackets and strings are looked at.

/// A place in a document.
pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes that were read: where it stopped.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The whole document: an object whose first `nodes` is a list of objects.
    pub fn tree(&mut self) -> Option<Vec<&'a [u8]>> {
        let mut nodes = None;
        self.token(b'{')?;
        loop {
            let key = self.string()?;
            self.token(b':')?;
            if key == b"\"nodes\"" && nodes.is_none() {
                nodes = Some(self.nodes()?);
            } else {
                self.value()?;
            }
            if !self.another(b'}')? {
                break;
            }
        }
        self.space();
        nodes.filter(|_| self.at == self.bytes.len())
    }

    fn nodes(&mut self) -> Option<Vec<&'a [u8]>> {
        let mut nodes = Vec::new();
        self.token(b'[')?;
        self.space();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(nodes);
        }
        loop {
            self.space();
            nodes.push(self.nested().filter(|node| node[0] == b'{')?);
            if !self.another(b']')? {
                return Some(nodes);
            }
        }
    }

    /// Whether a comma follows, rather than the end.
    fn another(&mut self, end: u8) -> Option<bool> {
        self.space();
        let next = self.peek()?;
        self.at += 1;
        (next == b',' || next == end).then_some(next == b',')
    }

    /// Any value.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.space();
        match self.peek()? {
            b'{' | b'[' => self.nested(),
            b'"' => self.string(),
            _ => self.word(),
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    /// An object or a list, up to the bracket that closes it.
    fn nested(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.bracket_or_quote()? {
                b'"' => _ = self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                _ => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
            }
            if depth == 0 {
                return Some(&self.bytes[start..self.at]);
            }
        }
    }

    fn bracket_or_quote(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))?;
        self.at += length;
        Some(rest[length])
    }

    /// A string, its quotes included.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.space();
        let start = self.at;
        self.token(b'"')?;
        loop {
            let rest = &self.bytes[self.at..];
            let length = memchr::memchr2(b'"', b'\\', rest)?;
            if rest[length] == b'"' {
                self.at += length + 1;
                return Some(&self.bytes[start..self.at]);
            }
            rest.get(length + 1)?; // what is escaped
            self.at += length + 2;
        }
    }

    fn token(&mut self, expected: u8) -> Option<()> {
        self.space();
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}
