//! `ls` and `node`.

use holdfast_format::node::Node;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::walk::{Visitor, walk};
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::iterating::{Iterating, Sink};
use crate::keywords::PathText;
use crate::lookup::{Root, clean, join};
use crate::node::PyNode;
use crate::opening::Repository;
use crate::snapshots::Chosen;

/// Hands every entry on.
struct Listing<'a>(&'a Sink<'a>);

impl Visitor for Listing<'_> {
    fn visit(&mut self, path: &[u8], node: &Node, _parent: &Id) -> Result<()> {
        put(self.0, path.to_vec(), node.clone())
    }
}

fn put(sink: &Sink<'_>, path: Vec<u8>, node: Node) -> Result<()> {
    sink.put(|py| Ok(Bound::new(py, PyNode::new(path, node))?.into_any()))
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (snapshot, path = None, /, *, recursive = true, cancel = None))]
    fn ls(
        slf: &Bound<'_, Self>,
        snapshot: Chosen,
        path: Option<PathText>,
        recursive: bool,
        cancel: Option<Stop>,
    ) -> PyResult<Iterating> {
        let path = clean(&path.map_or(vec![], |path| path.0));
        Iterating::start(slf, cancel, move |operation, sink| {
            operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            let tree = match root.node(operation, &path)? {
                None => root.tree,
                Some(Node { subtree: Some(tree), .. }) => tree,
                Some(node) => return put(sink, path, node),
            };
            if recursive {
                return walk(&operation.repository, &tree, &path, &mut Listing(sink), &operation.cancel);
            }
            let nodes = operation.repository.load_tree(&tree)?;
            nodes.into_iter().try_for_each(|node| put(sink, join(&path, &node.name), node))
        })
    }

    #[pyo3(signature = (snapshot, path, /))]
    fn node(&self, py: Python<'_>, snapshot: Chosen, path: PathText) -> PyResult<PyNode> {
        let path = clean(&path.0);
        let node = self.quietly(py, None, |operation| {
            operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            let node = root.node(operation, &path)?;
            node.ok_or_else(|| Error::refused("the root of a snapshot is no entry; list it with ls()"))
        })?;
        Ok(PyNode::new(path, node))
    }
}
