//! One thread that saves: takes what lies on the desk, and stores the folders that become complete by it.

use std::sync::Arc;

use holdfast_format::node::{Node, NodeType, Xattr};
use holdfast_format::snapshot::Summary;
use holdfast_format::{BlobType, Id, Result};
use holdfast_kernels::rabin::Rabin;
use holdfast_repo::{Added, BlobWriter, Index, Writer};

use crate::context::Context;
use crate::desk::{Alarm, Desk, Work};
use crate::folder::{Folder, Part};
use crate::meta::Scribe;
use crate::path;
use crate::small::Slab;
use crate::tally::{self, Change, Done, Stored};
use crate::xattr::{self, words};

/// Where blobs go.
#[derive(Clone)]
pub struct Store {
    /// Stores what is new.
    pub writer: Arc<Writer>,
    /// What was there at the start.
    pub index: Arc<Index>,
    /// Where files are cut.
    pub rabin: Arc<Rabin>,
}

impl Store {
    /// Whether a file may be saved by naming this blob.
    pub fn knows(&self, id: &Id) -> bool {
        self.index.contains(BlobType::Data, id) || self.writer.contains(BlobType::Data, id)
    }
}

/// See the module.
pub struct Worker<'a> {
    /// Shared by all.
    pub context: &'a Context<'a>,
    /// Where work lies.
    pub desk: &'a Desk,
    /// Where blobs go.
    pub store: Store,
    /// What it counted.
    pub summary: Summary,
    pub(crate) hands: BlobWriter,
    pub(crate) scribe: Scribe,
    pub(crate) node: Node,
    pub(crate) stem: Vec<u8>,
    pub(crate) added: Vec<Added>,
    pub(crate) slab: Slab,
    xattrs: xattr::Reader,
}

impl<'a> Worker<'a> {
    /// A worker with hands of its own.
    pub fn new(context: &'a Context<'a>, desk: &'a Desk, store: &Store) -> Self {
        Self {
            context,
            desk,
            store: store.clone(),
            summary: Summary::default(),
            hands: store.writer.hands(),
            scribe: Scribe::new(context.options.with_atime),
            node: Node::default(),
            stem: Vec::new(),
            added: Vec::new(),
            slab: Slab::default(),
            xattrs: xattr::Reader::default(),
        }
    }

    /// Works until all is over; gives what it counted.
    pub fn run(mut self) -> Summary {
        let _alarm = Alarm(self.desk);
        while let Some(work) = self.desk.next() {
            if let Err(error) = self.context.check().and_then(|()| self.work(work)) {
                self.desk.fail(error);
            }
        }
        self.summary
    }

    fn work(&mut self, work: Work) -> Result<()> {
        match work {
            Work::Group(group) => self.group(group),
            Work::Large(large, buffer) => self.large(large, buffer),
            Work::Batch(batch) => self.batch(&batch),
        }
    }

    /// So many entries of a folder are done; stores it if they were the last, and its parents likewise.
    pub fn settle(&mut self, folder: &Arc<Folder>, entries: usize) -> Result<()> {
        let mut folder = folder.clone();
        let mut entries = entries;
        while folder.settle(entries) {
            let tree = self.save_tree(&folder)?;
            let Some((parent, _)) = &folder.parent else {
                self.desk.finish(tree);
                return Ok(());
            };
            (folder, entries) = (parent.clone(), 1);
        }
        Ok(())
    }

    /// Stores a complete folder and gives its node to the parent.
    fn save_tree(&mut self, folder: &Folder) -> Result<Id> {
        let bytes = folder.take_tree();
        let previous = folder.previous(self.context);
        let (id, stored) = match &previous.tree {
            Some(tree) if tree.bytes == bytes => (tree.id, Stored::default()),
            _ => self.store_tree(&bytes)?,
        };
        drop(bytes);
        if let (Some(meta), Some((parent, slot))) = (&folder.meta, &folder.parent) {
            self.scribe.describe(&mut self.node, &folder.name, meta);
            self.node.xattrs = self.folder_xattrs(folder, previous.node.as_deref());
            self.node.subtree = Some(id);
            let mut part = Part::default();
            self.node.write(&mut part.bytes);
            let done = Done {
                kind: NodeType::Dir,
                change: Change::of(previous.node.as_deref(), &part.bytes),
                size: 0,
                stored,
                shown: &|| folder.shown.clone(),
                seconds: folder.started.elapsed().as_secs_f64(),
            };
            tally::count(&mut self.summary, self.context, &done);
            part.end(*slot);
            parent.put(part);
        } else {
            tally::add_trees(&mut self.summary, stored);
        }
        Ok(id)
    }

    /// Stores a tree.
    pub fn store_tree(&mut self, bytes: &[u8]) -> Result<(Id, Stored)> {
        self.added.clear();
        self.hands.add(BlobType::Tree, &[bytes], &mut self.added)?;
        let added = self.added[0];
        let mut stored = Stored::default();
        stored.add(&added, bytes.len());
        Ok((added.id, stored))
    }

    /// Attributes of a folder: the parent's where ctime and inode say that they are the same.
    fn folder_xattrs(&mut self, folder: &Folder, previous: Option<&[u8]>) -> Vec<Xattr> {
        self.stem.clear();
        self.node.write_stem(&mut self.stem);
        let same =
            previous.filter(|node| node.starts_with(&self.stem) && node.get(self.stem.len()) == Some(&b','));
        if folder.trusted
            && let Some(Ok(node)) = same.map(Node::parse)
        {
            return node.xattrs;
        }
        self.read_xattrs(xattr::Place::Path(&folder.path), &folder.path, folder.lenient)
    }

    /// Attributes of an entry; what cannot be read is told. `lenient`: a list that may not be read is no error.
    pub fn read_xattrs(&mut self, place: xattr::Place<'_>, path: &[u8], lenient: bool) -> Vec<Xattr> {
        let mut xattrs = Vec::new();
        let context = self.context;
        let failed = |name: &str, error| {
            let shown = path::text(path);
            context.report(
                path,
                &format!("can not obtain extended attribute {name} for {shown}: {}", words(error)),
            );
        };
        match self.xattrs.read(place, &mut xattrs, failed) {
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) if lenient => {}
            Err(error) => {
                let shown = path::text(path);
                context.report(
                    path,
                    &format!("incomplete metadata for {shown}: xattr.list {shown}: {}", words(error)),
                );
            }
            Ok(()) => {}
        }
        xattrs
    }
}
