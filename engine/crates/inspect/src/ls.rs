//! Entries of a snapshot in restic's order: a folder, what is in it, the next entry.

use holdfast_backend::Cancel;
use holdfast_format::node::Node;
use holdfast_format::{Id, Result};
use holdfast_repo::Repository;
use holdfast_repo::walk::{self, Visitor};

/// Which entries are listed.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Absolute paths; none is everything.
    pub folders: Vec<Vec<u8>>,
    /// What is in folders below `folders`, too.
    pub recursive: bool,
}

/// What is told, in order.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// An entry.
    Entry(&'a [u8], &'a Node),
    /// A folder that only leads to what is listed.
    OnTheWay(&'a [u8], &'a Node),
    /// Everything that is listed of a folder was told. Comes after each `OnTheWay` and each `Entry` that is a folder.
    Leave(&'a [u8]),
}

/// Tells what is in scope of a tree. An error of `tell`, or a folder that cannot be read, ends it.
pub fn ls(
    repository: &Repository,
    tree: &Id,
    scope: &Scope,
    tell: &mut dyn FnMut(Event<'_>) -> Result<()>,
    cancel: &Cancel,
) -> Result<()> {
    walk::walk(repository, tree, b"/", &mut Listing { scope, tell }, cancel)
}

struct Listing<'a> {
    scope: &'a Scope,
    tell: &'a mut dyn FnMut(Event<'_>) -> Result<()>,
}

impl Scope {
    fn contains(&self, path: &[u8]) -> bool {
        self.folders.is_empty() || self.folders.iter().any(|folder| is_below(path, trim(folder)))
    }

    fn leads(&self, path: &[u8]) -> bool {
        self.folders.is_empty() || self.folders.iter().any(|folder| is_below(trim(folder), path))
    }

    fn enters(&self, path: &[u8]) -> bool {
        self.leads(path) || self.recursive && self.contains(path)
    }
}

fn trim(mut folder: &[u8]) -> &[u8] {
    while let [shorter @ .., b'/'] = folder {
        folder = shorter;
    }
    folder
}

/// Whether a path is a folder or lies in it.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| matches!(rest, [] | [b'/', ..]))
}

impl Visitor for Listing<'_> {
    fn enters(&self, path: &[u8], _node: &Node) -> bool {
        self.scope.enters(path)
    }

    fn visit(&mut self, path: &[u8], node: &Node, _parent: &Id) -> Result<()> {
        if self.scope.contains(path) {
            (self.tell)(Event::Entry(path, node))?;
        } else if self.scope.leads(path) {
            (self.tell)(Event::OnTheWay(path, node))?;
        }
        let is_left_unentered =
            node.subtree.is_some() && self.scope.contains(path) && !self.scope.enters(path);
        if is_left_unentered { (self.tell)(Event::Leave(path)) } else { Ok(()) }
    }

    fn leave(&mut self, path: &[u8]) -> Result<()> {
        if path == b"/" { Ok(()) } else { (self.tell)(Event::Leave(path)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(recursive: bool) -> Scope {
        Scope { folders: vec![b"/a/b/".to_vec()], recursive }
    }

    #[test]
    fn a_folder_has_itself_and_its_entries() {
        let scope = scope(false);
        assert!(scope.contains(b"/a/b") && scope.contains(b"/a/b/c"));
        assert!(!scope.contains(b"/a") && !scope.contains(b"/a/bc"));
    }

    #[test]
    fn only_what_leads_there_is_entered() {
        assert!(scope(false).enters(b"/a") && scope(false).enters(b"/a/b"));
        assert!(!scope(false).enters(b"/a/b/c") && !scope(false).enters(b"/ab"));
        assert!(scope(true).enters(b"/a/b/c"));
        assert!(Scope::default().enters(b"/x/y"));
    }
}
