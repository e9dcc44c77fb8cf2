//! A node as it is stored, before its name is unquoted and its two forms of a link's target are one.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Node, NodeType, Xattr};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::quote;
use crate::read::{self, or_default};
use crate::time::Timestamp;

/// Reads one node's JSON.
pub fn parse(json: &[u8]) -> Result<Node> {
    let node: NodeJson<'_> =
        serde_json::from_slice(json).map_err(|e| Error::damaged("a node of a tree", e.to_string()))?;
    node.into_node()
}

/// Fields that are left out are empty.
#[derive(Deserialize)]
struct NodeJson<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: NodeType,
    #[serde(default)]
    mode: u32,
    #[serde(default = "missing")]
    mtime: Timestamp,
    #[serde(default = "missing")]
    atime: Timestamp,
    #[serde(default = "missing")]
    ctime: Timestamp,
    #[serde(default)]
    uid: u32,
    #[serde(default)]
    gid: u32,
    #[serde(default)]
    user: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    inode: u64,
    #[serde(default)]
    device_id: u64,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    links: u64,
    #[serde(default)]
    linktarget: String,
    #[serde(default, deserialize_with = "read::base64")]
    linktarget_raw: Option<Vec<u8>>,
    #[serde(default, deserialize_with = "or_default")]
    extended_attributes: Vec<Xattr>,
    generic_attributes: Option<&'a RawValue>,
    #[serde(default)]
    device: u64,
    content: Option<Vec<Id>>,
    subtree: Option<Id>,
    #[serde(default)]
    error: String,
}

fn missing() -> Timestamp {
    Timestamp::MISSING
}

impl NodeJson<'_> {
    fn into_node(self) -> Result<Node> {
        Ok(Node {
            name: quote::unquote(self.name.as_bytes())?,
            kind: self.kind,
            mode: self.mode,
            mtime: self.mtime,
            atime: self.atime,
            ctime: self.ctime,
            uid: self.uid,
            gid: self.gid,
            user: self.user,
            group: self.group,
            inode: self.inode,
            device_id: self.device_id,
            size: self.size,
            links: self.links,
            linktarget: self.linktarget_raw.unwrap_or_else(|| self.linktarget.into_bytes()),
            xattrs: self.extended_attributes,
            generic_attributes: self.generic_attributes.map(ToOwned::to_owned),
            device: self.device,
            content: self.content,
            subtree: self.subtree,
            error: self.error,
        })
    }
}
