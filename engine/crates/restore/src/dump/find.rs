//! What a path of a snapshot names, for dumping it.

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, Id, Result};
use holdfast_repo::Repository;

/// What is to be dumped.
#[derive(Clone, Debug)]
pub enum Found {
    /// A file.
    File(Box<Node>),
    /// A folder, with the path at which it lies (`/` for the root).
    Folder(Vec<u8>, Id),
}

/// Looks a path up below a tree; `Refused` says what is in the way of it, in restic's words.
pub fn find(repository: &Repository, tree: &Id, path: &[u8]) -> Result<Found> {
    let mut found = Found::Folder(b"/".to_vec(), *tree);
    let mut here = Vec::new();
    for name in names(path) {
        let Found::Folder(_, tree) = &found else {
            return Err(Error::refused(format!("{} should be a dir, but is a \"file\"", quoted(&here))));
        };
        here.push(b'/');
        here.extend_from_slice(name);
        let node = repository.load_tree(tree)?.into_iter().find(|node| node.name == name);
        found = kind(&here, node)?;
    }
    Ok(found)
}

/// Components of a cleaned path.
fn names(path: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names
}

fn kind(path: &[u8], node: Option<Node>) -> Result<Found> {
    match node {
        None => Err(Error::refused(format!("path {} not found in snapshot", quoted(path)))),
        Some(Node { kind: NodeType::Dir, subtree: Some(tree), .. }) => Ok(Found::Folder(path.to_vec(), tree)),
        Some(node) if node.kind == NodeType::File => Ok(Found::File(Box::new(node))),
        Some(node) => {
            let what = format!("{} should be a file, but is a {:?}", quoted(path), node.kind.name());
            Err(Error::refused(what))
        }
    }
}

fn quoted(path: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(path))
}
