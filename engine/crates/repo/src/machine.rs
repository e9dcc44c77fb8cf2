//! Who and where we are, as restic writes it into locks, keys and snapshots.

use std::fs;

/// The user of this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Login name, empty when nobody knows it.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

/// The name of this machine.
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The user of this process: from `/etc/passwd`, else `USER` and the numbers of the process.
pub fn user() -> User {
    let uid = rustix::process::getuid().as_raw();
    let known = fs::read_to_string("/etc/passwd").ok().and_then(|text| find(&text, uid));
    known.unwrap_or_else(|| User {
        name: std::env::var("USER").unwrap_or_default(),
        uid,
        gid: rustix::process::getgid().as_raw(),
    })
}

/// The first line of a user.
fn find(passwd: &str, uid: u32) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let (number, gid) = (fields.nth(1)?.parse::<u32>().ok()?, fields.next()?.parse().ok()?);
        (number == uid).then(|| User { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_looked_up_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nanna:x:1000:1001::/home/anna:/bin/sh\n";
        let anna = User { name: "anna".into(), uid: 1000, gid: 1001 };
        assert_eq!(find(passwd, 1000), Some(anna));
        assert_eq!(find(passwd, 7), None);
    }
}
