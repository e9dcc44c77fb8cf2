//! The walk through the snapshot: what is selected goes into the batch, which is restored whenever it is full.

use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Id, Result};
use holdfast_repo::trees::{self, Loaded, Trees};

use crate::batch::Batch;
use crate::entry::{Entry, Metadata, Place, What, is_name};
use crate::folder::{Folder, Folders, Made};
use crate::leave::Unexpected;
use crate::remove;
use crate::run::Run;
use crate::selection::Selected;

/// Hard links of the snapshot by inode and device: the first name, and the digest of its blobs' ids.
type Links = HashMap<(u64, u64), (Arc<Place>, Id)>;

/// The walk, and what it collected.
pub struct Collector<'a> {
    run: &'a Run<'a>,
    folders: Folders<'a>,
    batch: Batch,
    links: Links,
    /// Selected files so far.
    files: u64,
    warned: HashSet<String>,
}

impl<'a> Collector<'a> {
    pub fn new(run: &'a Run<'a>) -> Self {
        let folders = run.folders();
        Self { run, folders, batch: Batch::default(), links: Links::new(), files: 0, warned: HashSet::new() }
    }

    /// Walks and restores everything; gives the numbers of the files whose contents were restored.
    pub fn restore(mut self, tree: Id) -> Result<Vec<u64>> {
        let run = self.run;
        trees::walk(run.repository, run.threads, |trees| {
            let made = if run.target.is_some() { Made::Before } else { Made::Now };
            trees.push([(tree, Folder::target(made))]);
            while let Some(loaded) = trees.pop() {
                run.check()?;
                self.enter(trees, loaded)?;
            }
            self.batch.restore(run, None)
        })?;
        Ok(self.batch.restored)
    }

    fn enter(&mut self, trees: &Trees<'_, Arc<Folder>>, loaded: Loaded<Arc<Folder>>) -> Result<()> {
        let folder = loaded.note;
        if folder.selected {
            self.ensure(&folder, &folder.path());
        }
        self.batch.folders.push(Arc::clone(&folder));
        match loaded.nodes {
            Ok(nodes) => self.visit(trees, &folder, nodes),
            Err(error) if crate::run::ends_it(&error) => Err(error),
            Err(error) => {
                self.run.error(&folder.path(), error);
                Ok(())
            }
        }
    }

    fn visit(
        &mut self,
        trees: &Trees<'_, Arc<Folder>>,
        folder: &Arc<Folder>,
        nodes: Vec<Node>,
    ) -> Result<()> {
        self.note_unexpected(folder, &nodes);
        let mut below = Vec::new();
        for node in nodes {
            below.extend(self.visit_node(folder, node));
            if self.batch.is_full() {
                self.batch.restore(self.run, Some(folder))?;
            }
        }
        trees.push(below);
        Ok(())
    }

    /// Gives a folder that is to be entered.
    fn visit_node(&mut self, folder: &Arc<Folder>, mut node: Node) -> Option<(Id, Arc<Folder>)> {
        if !is_name(&node.name) {
            self.run.no_removal.store(true, Ordering::Relaxed);
            let why = format!("damaged: {:?} is no name of an entry", node.name.escape_ascii().to_string());
            self.run.error(&folder.path(), why);
            return None;
        }
        let selected = self.judge(folder, &node);
        match node.kind {
            NodeType::Socket => None,
            NodeType::Dir => self.visit_folder(folder, &mut node, selected),
            _ => {
                if selected.itself {
                    self.add(folder, node);
                }
                None
            }
        }
    }

    fn judge(&self, folder: &Folder, node: &Node) -> Selected {
        let is_dir = node.kind == NodeType::Dir;
        let selection = &self.run.options.selection;
        let path = if selection.is_all() { Vec::new() } else { folder.path_of(&node.name) };
        selection.judge(&path, is_dir)
    }

    fn visit_folder(
        &mut self,
        folder: &Arc<Folder>,
        node: &mut Node,
        selected: Selected,
    ) -> Option<(Id, Arc<Folder>)> {
        let Some(subtree) = node.subtree else {
            self.run.error(&folder.path_of(&node.name), "damaged: a folder without a tree");
            return None;
        };
        let metadata = self.metadata(node);
        let below = Folder::below(folder, &node.name, metadata, selected.itself);
        if selected.itself {
            self.run.counters.expect(0);
        }
        if selected.children {
            return Some((subtree, below));
        }
        if selected.itself {
            self.ensure(&below, &below.path());
            self.batch.folders.push(below);
        }
        None
    }

    /// Whether the folder is there; else the failure is told as one of `path`.
    fn ensure(&mut self, folder: &Arc<Folder>, path: &[u8]) -> bool {
        let made = self.folders.ensure(folder, self.run.options.dry_run);
        let made = made.map_err(|error| {
            let folder = self.run.on_disk(&folder.path());
            self.run.error(path, crate::metadata::explain(("make the folder", error), folder));
        });
        made.is_ok()
    }

    fn add(&mut self, folder: &Arc<Folder>, mut node: Node) {
        if !self.ensure(folder, &folder.path_of(&node.name)) {
            return;
        }
        let metadata = self.metadata(&mut node);
        let Some(what) = self.what(folder, &mut node) else {
            return self.run.error(&folder.path_of(&node.name), "entries of this kind cannot be restored");
        };
        let (folder, name) = (Arc::clone(folder), node.name.into_boxed_slice());
        self.batch.entries.push(Entry { folder, name, metadata, what });
    }

    fn what(&mut self, folder: &Arc<Folder>, node: &mut Node) -> Option<What> {
        Some(match node.kind {
            NodeType::File => self.file(folder, node),
            NodeType::Symlink => What::Symlink(take(&mut node.linktarget).into_boxed_slice()),
            NodeType::Dev => What::Block(node.device),
            NodeType::CharDev => What::Char(node.device),
            NodeType::Fifo => What::Fifo,
            NodeType::Dir | NodeType::Socket | NodeType::Irregular => return None,
        })
    }

    fn file(&mut self, folder: &Arc<Folder>, node: &mut Node) -> What {
        let content = node.content.take().unwrap_or_default();
        if let Some(first) = self.first_name(folder, node, &content) {
            return What::Link(first);
        }
        let from = self.batch.blobs.len() as u32;
        self.batch.blobs.extend(content);
        self.files += 1;
        What::File { size: node.size, blobs: from..self.batch.blobs.len() as u32, number: self.files - 1 }
    }

    /// The other name of a file that has several. Two files that share inode and device but not contents (of different
    /// machines, or changed during the backup) are two files.
    fn first_name(&mut self, folder: &Arc<Folder>, node: &Node, content: &[Id]) -> Option<Arc<Place>> {
        if node.links < 2 {
            return None;
        }
        let digest = Id::of(&content.iter().flat_map(|id| id.0).collect::<Vec<u8>>());
        let place = || Place { folder: Arc::clone(folder), name: node.name.as_slice().into() };
        match self.links.entry((node.inode, node.device_id)) {
            std::collections::hash_map::Entry::Occupied(known) => {
                let (first, contents) = known.get();
                (*contents == digest).then(|| Arc::clone(first))
            }
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert((Arc::new(place()), digest));
                None
            }
        }
    }

    fn metadata(&mut self, node: &mut Node) -> Metadata {
        self.warn_of_attributes(node);
        let mut metadata = Metadata::of(node);
        if let Some(owners) = &self.run.owners {
            (metadata.uid, metadata.gid) = (owners.user(&node.user), owners.group(&node.group));
        }
        metadata
    }

    /// Windows' attributes mean nothing here; what nobody knows is told once.
    fn warn_of_attributes(&mut self, node: &Node) {
        let Some(attributes) = &node.generic_attributes else { return };
        let all: serde_json::Map<_, _> = serde_json::from_str(attributes.get()).unwrap_or_default();
        for (name, _) in all.into_iter().filter(|(name, _)| !name.starts_with("windows.")) {
            if self.warned.insert(name.clone()) {
                self.run.watcher.warning(&format!("attribute {name} is not known here and is not restored"));
            }
        }
    }

    /// Notes what is in the target and not in the snapshot, as far as it is selected.
    fn note_unexpected(&mut self, folder: &Arc<Folder>, nodes: &[Node]) {
        if !self.run.options.delete || folder.is_new() {
            return;
        }
        let Ok(names) = self.folders.open(folder).and_then(|open| remove::names(open, b".")) else { return };
        let expected: HashSet<&[u8]> = nodes.iter().map(|node| node.name.as_slice()).collect();
        let selection = &self.run.options.selection;
        let selected = |name: &Vec<u8>| selection.judge(&folder.path_of(name), false).itself;
        let names: Vec<_> =
            names.into_iter().filter(|name| !expected.contains(name.as_slice()) && selected(name)).collect();
        if !names.is_empty() {
            self.batch.unexpected.push(Unexpected { folder: Arc::clone(folder), names });
        }
    }
}
