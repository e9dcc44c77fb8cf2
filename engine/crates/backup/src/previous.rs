//! What the parent snapshot has in a folder, as stored: for telling what changed without reading nodes that did not.

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Id, Result, tree};
use memchr::memmem;

use crate::context::Context;

/// A folder of the parent snapshot.
pub struct PreviousTree {
    /// Its name.
    pub id: Id,
    /// As stored.
    pub bytes: Vec<u8>,
    nodes: Vec<(u32, u32)>,
}

impl PreviousTree {
    /// Reads a tree; one that cannot be read is told, and nothing is known of it.
    pub fn load(context: &Context<'_>, id: Id, path: &[u8]) -> Option<Self> {
        let loaded = context.repository.load_blob(BlobType::Tree, &id).and_then(|bytes| Self::new(id, bytes));
        loaded.inspect_err(|error| context.report_tree(path, &id, error)).ok()
    }

    fn new(id: Id, bytes: Vec<u8>) -> Result<Self> {
        let start = bytes.as_ptr() as usize;
        let range = |node: &[u8]| {
            let offset = node.as_ptr() as usize - start;
            (offset as u32, (offset + node.len()) as u32)
        };
        let nodes = tree::slices(&bytes)?.into_iter().map(range).collect();
        Ok(Self { id, bytes, nodes })
    }

    fn node(&self, i: usize) -> Option<&[u8]> {
        let &(start, end) = self.nodes.get(i)?;
        Some(&self.bytes[start as usize..end as usize])
    }

    fn is_before(&self, i: usize, name: &[u8]) -> bool {
        self.node(i).and_then(|node| tree::name_of(node).ok()).is_some_and(|found| *found < *name)
    }

    /// The stored node of a name.
    pub fn find(&self, name: &[u8]) -> Option<&[u8]> {
        Cursor::at(Some(self), name).find(name)
    }
}

/// Goes through a folder of the parent snapshot along with the names that are there now.
pub struct Cursor<'a> {
    tree: Option<&'a PreviousTree>,
    next: usize,
}

impl<'a> Cursor<'a> {
    /// At a name.
    pub fn at(tree: Option<&'a PreviousTree>, name: &[u8]) -> Self {
        let next = tree.map_or(0, |tree| partition(tree.nodes.len(), |i| tree.is_before(i, name)));
        Self { tree, next }
    }

    /// The next node, if it begins with `stem` and nothing else follows in its place.
    pub fn same(&self, stem: &[u8]) -> Option<&'a [u8]> {
        let node = self.tree?.node(self.next)?;
        (node.get(stem.len()) == Some(&b',') && node.starts_with(stem)).then_some(node)
    }

    /// Past the next node.
    pub fn step(&mut self) {
        self.next += 1;
    }

    /// The node of a name that is not less than those asked for before.
    pub fn find(&mut self, name: &[u8]) -> Option<&'a [u8]> {
        let tree = self.tree?;
        while tree.is_before(self.next, name) {
            self.next += 1;
        }
        let node = tree.node(self.next).filter(|node| tree::name_of(node).is_ok_and(|found| found == name));
        self.next += usize::from(node.is_some());
        node
    }
}

fn partition(length: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Whether a node whose stem is unchanged may be stored again as it is: written as we would write it, and every blob known.
pub fn reusable(node: &[u8], stem: usize, known: impl Fn(&Id) -> bool) -> bool {
    match plain_content(&node[stem..]) {
        Some(mut ids) => ids.all(|id| id.is_some_and(|id| known(&id))),
        None => rewritten_same(node, known),
    }
}

/// The blobs of a file that has neither attributes nor anything else behind its stem.
fn plain_content(rest: &[u8]) -> Option<impl Iterator<Item = Option<Id>>> {
    let list = rest.strip_prefix(b",\"content\":[")?.strip_suffix(b"]}")?;
    let mut left = list.split(|&b| b == b',').filter(move |_| !list.is_empty());
    Some(std::iter::from_fn(move || left.next().map(quoted_id)))
}

fn quoted_id(text: &[u8]) -> Option<Id> {
    Id::parse(text.strip_prefix(b"\"")?.strip_suffix(b"\"")?)
}

fn rewritten_same(node: &[u8], known: impl Fn(&Id) -> bool) -> bool {
    let Ok(parsed) = Node::parse(node) else { return false };
    let mut written = Vec::with_capacity(node.len());
    parsed.write(&mut written);
    written == node
        && parsed.error.is_empty()
        && parsed.content.as_deref().unwrap_or_default().iter().all(known)
}

/// Whether two nodes say the same, as restic counts it: times as instants, attributes in any order.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    match (Node::parse(one), Node::parse(other)) {
        (Ok(one), Ok(other)) => canonical(one) == canonical(other),
        _ => false,
    }
}

fn canonical(mut node: Node) -> Vec<u8> {
    for time in [&mut node.mtime, &mut node.atime, &mut node.ctime] {
        time.offset = 0;
    }
    node.xattrs.sort_by(|a, b| a.name.cmp(&b.name));
    for xattr in &mut node.xattrs {
        xattr.value.get_or_insert_default();
    }
    let mut bytes = Vec::new();
    node.write(&mut bytes);
    bytes
}

/// The subtree of a stored folder.
pub fn subtree(node: &[u8]) -> Option<Id> {
    memmem::find(node, b"\"subtree\":")?;
    Node::parse(node).ok().filter(|node| node.kind == NodeType::Dir)?.subtree
}
