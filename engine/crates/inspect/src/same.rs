//! When two nodes are the same but for their contents. Pure.

use std::collections::BTreeMap;

use holdfast_format::node::{Node, Xattr};
use holdfast_format::time::Timestamp;
use serde_json::value::RawValue;

/// Everything is equal but the contents; times are compared as instants, attributes in any order.
pub fn same_metadata(a: &Node, b: &Node) -> bool {
    let times = |node: &Node| [&node.mtime, &node.atime, &node.ctime].map(Timestamp::instant);
    let numbers = |node: &Node| {
        [node.uid.into(), node.gid.into(), node.inode, node.device_id, node.size, node.links, node.device]
    };
    (&a.name, a.kind, a.mode, a.subtree) == (&b.name, b.kind, b.mode, b.subtree)
        && times(a) == times(b)
        && numbers(a) == numbers(b)
        && (&a.user, &a.group, &a.linktarget, &a.error) == (&b.user, &b.group, &b.linktarget, &b.error)
        && same_xattrs(&a.xattrs, &b.xattrs)
        && attributes(a) == attributes(b)
}

fn same_xattrs(a: &[Xattr], b: &[Xattr]) -> bool {
    let by_name = |xattrs: &'_ [Xattr]| -> BTreeMap<String, Vec<u8>> {
        xattrs.iter().map(|xattr| (xattr.name.clone(), xattr.value.clone().unwrap_or_default())).collect()
    };
    a == b || a.len() == b.len() && by_name(a) == by_name(b)
}

fn attributes(node: &Node) -> Option<&str> {
    node.generic_attributes.as_deref().map(RawValue::get)
}
