//! Names of users and groups as numbers, for `ownership by name`.
//!
//! Reads the machine's own tables and asks no directory service, as restic (a static program) does.

use std::collections::HashMap;
use std::fs;

/// Who has which number here.
#[derive(Debug, Default)]
pub struct Owners {
    users: HashMap<Vec<u8>, u32>,
    groups: HashMap<Vec<u8>, u32>,
}

impl Owners {
    /// Of this machine. A table that cannot be read knows nobody.
    pub fn of_this_machine() -> Self {
        let read = |path| fs::read(path).unwrap_or_default();
        Self { users: parse(&read("/etc/passwd")), groups: parse(&read("/etc/group")) }
    }

    /// 0 when nobody has the name, as in restic.
    pub fn user(&self, name: &str) -> u32 {
        self.users.get(name.as_bytes()).copied().unwrap_or(0)
    }

    /// 0 when no group has the name, as in restic.
    pub fn group(&self, name: &str) -> u32 {
        self.groups.get(name.as_bytes()).copied().unwrap_or(0)
    }
}

/// `name:password:number:…`, the first line of a name counts.
fn parse(table: &[u8]) -> HashMap<Vec<u8>, u32> {
    let mut numbers = HashMap::new();
    for line in table.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b':');
        let (Some(name), Some(number)) = (fields.next(), fields.nth(1)) else { continue };
        if let Some(number) = std::str::from_utf8(number).ok().and_then(|text| text.parse().ok()) {
            numbers.entry(name.to_vec()).or_insert(number);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_line_by_line() {
        let table = parse(
            b"root:x:0:0:root:/root:/bin/sh\n# note\nbad\nuser:x:1000:1000::/:\nuser:x:7:7::/:\nno:x:z:\n",
        );
        assert_eq!(table.len(), 2);
        assert_eq!(table[&b"user"[..]], 1000);
    }
}
