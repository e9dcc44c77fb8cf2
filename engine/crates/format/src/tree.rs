//! A folder: `{"nodes":[…]}` and a newline, sorted by raw name.

use std::borrow::Cow;
use std::str;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::node::Node;
use crate::quote::unquote;

mod scan;

use scan::Scanner;

/// What stands before the nodes.
pub const HEAD: &[u8] = b"{\"nodes\":[";
/// What stands after them.
pub const TAIL: &[u8] = b"]}\n";

/// Reads all nodes; unordered or duplicate names are `Damaged`, unknown keys around `nodes` are skipped.
pub fn parse(bytes: &[u8]) -> Result<Vec<Node>> {
    let nodes: Vec<Node> = slices(bytes)?.into_iter().map(Node::parse).collect::<Result<_>>()?;
    match nodes.windows(2).find(|pair| pair[0].name >= pair[1].name) {
        Some(pair) => Err(unordered(&pair[0].name, &pair[1].name)),
        None => Ok(nodes),
    }
}

/// The raw JSON of each node, in order, without reading it: for comparing a folder with what it was.
/// `Damaged` when the bytes are no tree; nodes themselves are not validated.
pub fn slices(bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let mut scanner = Scanner::new(bytes);
    scanner.tree().ok_or_else(|| damaged(format!("the JSON cannot be read around byte {}", scanner.at())))
}

/// The raw name of a node in the form that `slices` gives.
pub fn name_of(node: &[u8]) -> Result<Vec<u8>> {
    if let Some(name) = plain_name(node) {
        return Ok(name.to_vec());
    }
    let Named { name } =
        serde_json::from_slice(node).map_err(|e| Error::damaged("a node of a tree", e.to_string()))?;
    unquote(name.as_bytes())
}

/// The name when it comes first and nothing in it is escaped: nearly always.
fn plain_name(node: &[u8]) -> Option<&[u8]> {
    let rest = node.strip_prefix(br#"{"name":""#)?;
    let end = memchr::memchr2(b'"', b'\\', rest).filter(|end| rest[*end] == b'"')?;
    let name = &rest[..end];
    let sound = str::from_utf8(name).is_ok() && name.iter().all(|b| *b >= 0x20);
    sound.then_some(name)
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// The tree of nodes that are sorted already, each given as its JSON.
pub fn join<'a>(nodes: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut tree = HEAD.to_vec();
    for node in nodes {
        if tree.len() > HEAD.len() {
            tree.push(b',');
        }
        tree.extend_from_slice(node);
    }
    tree.extend_from_slice(TAIL);
    tree
}

fn unordered(before: &[u8], after: &[u8]) -> Error {
    let (before, after) = (before.escape_ascii(), after.escape_ascii());
    damaged(format!("its names are not in order: \"{after}\" follows \"{before}\""))
}

fn damaged(why: impl Into<String>) -> Error {
    Error::damaged("a tree", why)
}
