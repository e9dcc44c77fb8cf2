//! A folder: `{"nodes":[…]}` and a newline, sorted by raw name.

use crate::error::Result;
use crate::node::Node;

/// What stands before the nodes.
pub const HEAD: &[u8] = b"{\"nodes\":[";
/// What stands after them.
pub const TAIL: &[u8] = b"]}\n";

/// Reads all nodes; unordered or duplicate names are `Damaged`, unknown keys around `nodes` are skipped.
pub fn parse(_bytes: &[u8]) -> Result<Vec<Node>> {
    todo!()
}
/// The raw JSON of each node, in order, without reading it: for comparing a folder with what it was.
/// `Damaged` when the bytes are no tree; nodes themselves are not validated.
pub fn slices(_bytes: &[u8]) -> Result<Vec<&[u8]>> {
    todo!()
}
/// The raw name of a node in the form that `slices` gives.
pub fn name_of(_node: &[u8]) -> Result<Vec<u8>> {
    todo!()
}
/// The tree of nodes that are sorted already, each given as its JSON.
pub fn join<'a>(_nodes: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    todo!()
}
