//! A folder that is being saved: its entries arrive in any order, from any thread, and whoever brings the last one stores it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use holdfast_format::tree;
use parking_lot::Mutex;

use crate::context::Context;
use crate::meta::Meta;
use crate::previous::{self, PreviousTree};

/// Finished nodes, one behind the other.
#[derive(Default)]
pub struct Part {
    /// JSON.
    pub bytes: Vec<u8>,
    ends: Vec<(u32, u32)>,
}

impl Part {
    /// What was appended to `bytes` since the last call is the node of `slot`.
    pub fn end(&mut self, slot: u32) {
        self.ends.push((slot, self.bytes.len() as u32));
    }

    fn nodes(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |&(slot, end)| {
            (slot, &self.bytes[std::mem::replace(&mut start, end as usize)..end as usize])
        })
    }
}

/// See the module.
pub struct Folder {
    /// The folder it lies in, and its place there; `None` for the root of the snapshot.
    pub parent: Option<(Arc<Folder>, u32)>,
    /// In the snapshot.
    pub name: Vec<u8>,
    /// Where it is.
    pub path: Vec<u8>,
    /// Path in the snapshot.
    pub shown: Vec<u8>,
    /// `None` for the root of the snapshot.
    pub meta: Option<Meta>,
    /// It only leads to targets: attributes that may not be read are no error.
    pub lenient: bool,
    /// Changes of attributes show in the ctime here.
    pub trusted: bool,
    /// When it was opened.
    pub started: Instant,
    remaining: AtomicUsize,
    parts: Mutex<Vec<Part>>,
    previous: OnceLock<Previous>,
}

/// What the parent snapshot has in the place of a folder.
#[derive(Default)]
pub struct Previous {
    /// Its node (not of the root).
    pub node: Option<Vec<u8>>,
    /// What is in it.
    pub tree: Option<PreviousTree>,
}

impl Folder {
    /// A folder with so many entries, none of them saved. An empty one has one place, to which nothing comes.
    pub fn new(
        parent: Option<(Arc<Self>, u32)>,
        name: Vec<u8>,
        path: Vec<u8>,
        meta: Option<Meta>,
        entries: usize,
    ) -> Self {
        let shown = parent.as_ref().map_or(b"/".to_vec(), |(parent, _)| parent.shown_entry(&name));
        Self {
            parent,
            name,
            path,
            shown,
            meta,
            lenient: false,
            trusted: false,
            started: Instant::now(),
            remaining: AtomicUsize::new(entries.max(1)),
            parts: Mutex::default(),
            previous: OnceLock::new(),
        }
    }

    /// Path of an entry in the snapshot.
    pub fn shown_entry(&self, name: &[u8]) -> Vec<u8> {
        let slash: &[u8] = if self.shown == b"/" { b"" } else { b"/" };
        [&self.shown, slash, name].concat()
    }

    /// Path of an entry.
    pub fn entry(&self, name: &[u8]) -> Vec<u8> {
        let slash: &[u8] = if self.path == b"/" { b"" } else { b"/" };
        match &self.path[..] {
            b"." => name.to_vec(),
            path => [path, slash, name].concat(),
        }
    }

    /// Takes nodes.
    pub fn put(&self, part: Part) {
        if !part.ends.is_empty() {
            self.parts.lock().push(part);
        }
    }

    /// So many entries are saved, or will never be; true for the one who brought the last. Who brings none is never that one:
    /// others may have brought all of them meanwhile.
    pub fn settle(&self, entries: usize) -> bool {
        entries > 0 && self.remaining.fetch_sub(entries, Ordering::AcqRel) == entries
    }

    /// The tree of all nodes. Gives them back to the allocator.
    pub fn take_tree(&self) -> Vec<u8> {
        let parts = std::mem::take(&mut *self.parts.lock());
        let mut nodes: Vec<(u32, &[u8])> = parts.iter().flat_map(Part::nodes).collect();
        nodes.sort_unstable_by_key(|&(slot, _)| slot);
        tree::join(nodes.into_iter().map(|(_, node)| node))
    }

    /// What the parent snapshot has here; read when first asked for.
    pub fn previous(&self, context: &Context<'_>) -> &Previous {
        self.previous.get_or_init(|| match &self.parent {
            None => Previous { node: None, tree: root_tree(context) },
            Some((parent, _)) => {
                let found = parent.previous(context).tree.as_ref().and_then(|tree| tree.find(&self.name));
                let subtree = found.and_then(previous::subtree);
                let tree = subtree.and_then(|id| PreviousTree::load(context, id, &self.path));
                Previous { node: found.map(<[u8]>::to_vec), tree }
            }
        })
    }
}

fn root_tree(context: &Context<'_>) -> Option<PreviousTree> {
    let (_, snapshot) = context.options.parent.as_ref()?;
    PreviousTree::load(context, snapshot.tree, b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(entries: usize) -> Folder {
        Folder::new(None, Vec::new(), Vec::new(), None, entries)
    }

    #[test]
    fn who_brings_no_entry_never_completes_a_folder() {
        let folder = folder(2);
        assert!(!folder.settle(0));
        assert!(!folder.settle(1));
        assert!(folder.settle(1));
        assert!(!folder.settle(0), "it would be stored twice, and its parent too early");
    }

    #[test]
    fn an_empty_folder_is_complete_once() {
        let folder = folder(0);
        assert!(!folder.settle(0));
        assert!(folder.settle(1));
    }
}
