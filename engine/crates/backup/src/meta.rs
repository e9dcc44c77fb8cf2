//! What the system says of an entry, and its node.

use std::collections::HashMap;

use holdfast_format::node::{Node, NodeType};
use holdfast_format::time::Zone;
use rustix::fs::Stat;

/// What one `stat` tells.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// What it is.
    pub kind: NodeType,
    /// Go's `fs.FileMode`.
    pub mode: u32,
    /// Bytes.
    pub size: u64,
    /// File system.
    pub device_id: u64,
    /// Number in it.
    pub inode: u64,
    links: u64,
    uid: u32,
    gid: u32,
    device: u64,
    mtime: (i64, u32),
    atime: (i64, u32),
    ctime: (i64, u32),
}

impl From<Stat> for Meta {
    #[allow(clippy::useless_conversion)] // links have 32 bits on other machines
    fn from(stat: Stat) -> Self {
        Self {
            kind: kind(stat.st_mode),
            mode: go_mode(stat.st_mode),
            size: stat.st_size as u64,
            device_id: stat.st_dev,
            inode: stat.st_ino,
            links: stat.st_nlink.into(),
            uid: stat.st_uid,
            gid: stat.st_gid,
            device: stat.st_rdev,
            mtime: (stat.st_mtime, stat.st_mtime_nsec as u32),
            atime: (stat.st_atime, stat.st_atime_nsec as u32),
            ctime: (stat.st_ctime, stat.st_ctime_nsec as u32),
        }
    }
}

impl Meta {
    /// A regular file whose contents the parent snapshot has, as far as restic's rules tell.
    pub fn same_content(&self, previous: &Node, rules: crate::ChangeRules) -> bool {
        let ignore_ctime = rules.ignore_ctime || rules.ignore_inode;
        previous.kind == NodeType::File
            && self.size == previous.size
            && self.mtime == previous.mtime.instant()
            && (ignore_ctime || self.ctime == previous.ctime.instant())
            && (rules.ignore_inode || self.inode == previous.inode)
    }
}

const TYPE: u32 = 0o170_000;

fn kind(mode: u32) -> NodeType {
    match mode & TYPE {
        0o100_000 => NodeType::File,
        0o040_000 => NodeType::Dir,
        0o120_000 => NodeType::Symlink,
        0o060_000 => NodeType::Dev,
        0o020_000 => NodeType::CharDev,
        0o010_000 => NodeType::Fifo,
        0o140_000 => NodeType::Socket,
        _ => NodeType::Irregular,
    }
}

/// Unix mode bits as Go shows them.
fn go_mode(mode: u32) -> u32 {
    let kind = match kind(mode) {
        NodeType::File => 0,
        NodeType::Dir => 1 << 31,
        NodeType::Symlink => 1 << 27,
        NodeType::Dev => 1 << 26,
        NodeType::CharDev => 1 << 26 | 1 << 21,
        NodeType::Fifo => 1 << 25,
        NodeType::Socket => 1 << 24,
        NodeType::Irregular => 1 << 19,
    };
    let special = [(0o4000, 1 << 23), (0o2000, 1 << 22), (0o1000, 1 << 20)];
    let special = special.iter().filter(|(bit, _)| mode & bit != 0).fold(0, |all, (_, go)| all | go);
    mode & 0o777 | kind | special
}

/// Names of users and groups, asked for once.
#[derive(Default)]
struct Owners {
    users: HashMap<u32, String>,
    groups: HashMap<u32, String>,
}

impl Owners {
    fn user(&mut self, uid: u32) -> &str {
        self.users.entry(uid).or_insert_with(|| {
            let user = nix::unistd::User::from_uid(uid.into()).ok().flatten();
            user.map(|user| user.name).unwrap_or_default()
        })
    }

    fn group(&mut self, gid: u32) -> &str {
        self.groups.entry(gid).or_insert_with(|| {
            let group = nix::unistd::Group::from_gid(gid.into()).ok().flatten();
            group.map(|group| group.name).unwrap_or_default()
        })
    }
}

/// Fills nodes; one a thread.
pub struct Scribe {
    zone: Zone,
    with_atime: bool,
    owners: Owners,
}

impl Scribe {
    /// With the machine's time zone and users.
    pub fn new(with_atime: bool) -> Self {
        Self { zone: Zone::local(), with_atime, owners: Owners::default() }
    }

    /// Makes `node` what `meta` says, without link target, attributes, content and subtree. Allocates nothing when the
    /// node was used before.
    pub fn describe(&mut self, node: &mut Node, name: &[u8], meta: &Meta) {
        node.name.clear();
        node.name.extend_from_slice(name);
        node.kind = meta.kind;
        node.mode = meta.mode;
        node.mtime = self.zone.at(meta.mtime.0, meta.mtime.1);
        node.atime = if self.with_atime { self.zone.at(meta.atime.0, meta.atime.1) } else { node.mtime };
        node.ctime = self.zone.at(meta.ctime.0, meta.ctime.1);
        (node.uid, node.gid) = (meta.uid, meta.gid);
        node.user.replace_range(.., self.owners.user(meta.uid));
        node.group.replace_range(.., self.owners.group(meta.gid));
        (node.inode, node.device_id) = (meta.inode, meta.device_id);
        let linked =
            matches!(meta.kind, NodeType::File | NodeType::Symlink | NodeType::Dev | NodeType::CharDev);
        node.links = if linked { meta.links } else { 0 };
        node.size = if meta.kind == NodeType::File { meta.size } else { 0 };
        node.device = if matches!(meta.kind, NodeType::Dev | NodeType::CharDev) { meta.device } else { 0 };
        node.linktarget.clear();
        node.xattrs.clear();
        node.content = None;
        node.subtree = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_go() {
        assert_eq!(go_mode(0o100_644), 0o644);
        assert_eq!(go_mode(0o104_755), 0o755 | 1 << 23);
        assert_eq!(go_mode(0o041_777), 0o777 | 1 << 31 | 1 << 20);
        assert_eq!(go_mode(0o020_620), 0o620 | 1 << 26 | 1 << 21);
        assert_eq!(go_mode(0o042_755), 0o755 | 1 << 31 | 1 << 22);
    }
}
