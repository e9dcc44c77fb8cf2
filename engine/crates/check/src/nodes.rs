//! What must hold for the entries of a folder. Pure.

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Id, quote};

/// A folder while its entries are looked at in order.
#[derive(Default)]
pub struct Folder {
    /// What is wrong.
    pub faults: Vec<String>,
    /// Trees that it names.
    pub subtrees: Vec<Id>,
    last: Option<Vec<u8>>,
}

impl Folder {
    /// Looks at the next entry; `known` tells whether a data blob is in the index.
    pub fn look(&mut self, node: &Node, known: &dyn Fn(&Id) -> bool) {
        let name = quoted(&node.name);
        match node.kind {
            NodeType::File => self.file(&name, node.content.as_deref(), known),
            NodeType::Dir => self.dir(&name, node.subtree),
            NodeType::Irregular => self.faults.push(format!("node {name} with invalid type \"irregular\"")),
            NodeType::Symlink | NodeType::Dev | NodeType::CharDev | NodeType::Fifo | NodeType::Socket => {}
        }
        self.name(&name, &node.name);
    }

    fn file(&mut self, name: &str, content: Option<&[Id]>, known: &dyn Fn(&Id) -> bool) {
        let Some(content) = content else {
            return self.faults.push(format!("file {name} has nil blob list"));
        };
        for (position, blob) in content.iter().enumerate() {
            if *blob == Id::default() {
                self.faults.push(format!("file {name} blob {position} has null ID"));
            } else if !known(blob) {
                self.faults.push(format!("file {name} blob {blob} not found in index"));
            }
        }
    }

    fn dir(&mut self, name: &str, subtree: Option<Id>) {
        match subtree {
            None => self.faults.push(format!("dir node {name} has no subtree")),
            Some(tree) if tree == Id::default() => {
                self.faults.push(format!("dir node {name} subtree id is null"));
            }
            Some(tree) => self.subtrees.push(tree),
        }
    }

    fn name(&mut self, quoted: &str, name: &[u8]) {
        if name.is_empty() {
            self.faults.push("node with empty name".to_owned());
        } else if matches!(name, b"." | b"..") || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
            self.faults.push(format!("node {quoted} has a name that no file can have"));
        }
        if self.last.as_deref().is_some_and(|last| last >= name) {
            self.faults.push(format!("node {quoted} does not come after the one before it"));
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(name);
    }
}

fn quoted(name: &[u8]) -> String {
    let mut text = Vec::new();
    quote::quote(name, &mut text);
    format!("\"{}\"", String::from_utf8_lossy(&text))
}
