//! One object, field by field, in the order of the calls: what Go does from the order of a struct.

use super::{base64, id, list, number, string};
use crate::id::Id;
use crate::time::Timestamp;

/// An object that is being written.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Object<'a> {
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out }
    }

    /// Goes on with an object that has fields already.
    pub fn resume(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub fn end(self) {
        self.out.push(b'}');
    }

    /// Appends the name of a field; the value follows.
    pub fn field(&mut self, name: &str) -> &mut Vec<u8> {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub fn string(&mut self, name: &str, value: &str) {
        string(value.as_bytes(), self.field(name));
    }

    /// What came out of `lossy`: U+FFFD stands for a byte that is not UTF-8, and so is escaped.
    pub fn lossy_string(&mut self, name: &str, value: &str) {
        let parts: Vec<&[u8]> = value.split(char::REPLACEMENT_CHARACTER).map(str::as_bytes).collect();
        string(&parts.join(&0xff), self.field(name));
    }

    /// Left out when empty, as Go's `omitempty`.
    pub fn some_string(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.string(name, value);
        }
    }

    pub fn null(&mut self, name: &str) {
        self.field(name).extend_from_slice(b"null");
    }

    pub fn bool(&mut self, name: &str, value: bool) {
        self.field(name).extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub fn number(&mut self, name: &str, value: u64) {
        number(value, self.field(name));
    }

    /// Left out when 0, as Go's `omitempty`.
    pub fn some_number(&mut self, name: &str, value: u64) {
        if value != 0 {
            self.number(name, value);
        }
    }

    pub fn time(&mut self, name: &str, value: &Timestamp) {
        let out = self.field(name);
        out.push(b'"');
        value.write(out);
        out.push(b'"');
    }

    pub fn id(&mut self, name: &str, value: &Id) {
        id(value, self.field(name));
    }

    pub fn some_id(&mut self, name: &str, value: Option<&Id>) {
        if let Some(value) = value {
            self.id(name, value);
        }
    }

    pub fn base64(&mut self, name: &str, value: &[u8]) {
        base64(value, self.field(name));
    }

    pub fn strings(&mut self, name: &str, values: &[String]) {
        list(values, self.field(name), |value, out| string(value.as_bytes(), out));
    }

    /// Left out when empty, as Go's `omitempty`.
    pub fn some_strings(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.strings(name, values);
        }
    }
}
