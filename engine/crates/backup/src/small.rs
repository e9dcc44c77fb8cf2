//! Entries of a folder: what did not change is not read, small files are read many at a time and stored together.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use holdfast_format::node::{Node, NodeType, Xattr};
use holdfast_format::{BlobType, Result};
use holdfast_kernels::rabin::MIN;
use rustix::fs::{CWD, OFlags};

use crate::batch::{Batch, Entry};
use crate::folder::Part;
use crate::large::Large;
use crate::meta::Meta;
use crate::previous::{self, Cursor};
use crate::tally::{self, Change, Done, Stored};
use crate::walk::failed;
use crate::worker::Worker;
use crate::xattr::Place;
use crate::{listing, path};

/// Bytes of small files that are stored together.
const SLAB: usize = 2 << 20;

/// Contents of small files, one behind the other.
#[derive(Default)]
pub struct Slab {
    bytes: Vec<u8>,
    used: usize,
}

impl Slab {
    fn is_full(&self) -> bool {
        self.used + MIN >= SLAB
    }

    fn free(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes = vec![0; SLAB];
        }
        &mut self.bytes[self.used..=self.used + MIN]
    }

    fn take(&mut self, length: usize) -> Range<usize> {
        let start = self.used;
        self.used += length;
        start..self.used
    }
}

/// A file in the slab.
struct Held<'b> {
    entry: &'b Entry,
    meta: Meta,
    content: Range<usize>,
    xattrs: Vec<Xattr>,
    previous: Option<&'b [u8]>,
    started: Option<Instant>,
}

/// A batch while it is worked on.
struct Round<'b> {
    batch: &'b Batch,
    source: Option<OwnedFd>,
    part: Part,
    held: Vec<Held<'b>>,
    later: usize,
}

/// A small file's end.
enum Reading {
    Whole(Meta, Range<usize>, Vec<Xattr>),
    Larger,
}

impl Worker<'_> {
    /// Saves a batch.
    pub(crate) fn batch(&mut self, batch: &Batch) -> Result<()> {
        let mut round = Round { batch, source: None, part: Part::default(), held: Vec::new(), later: 0 };
        if let Some(first) = batch.entries.first() {
            let tree = batch.folder.previous(self.context).tree.as_ref();
            let mut cursor = Cursor::at(tree, batch.name(first));
            for entry in &batch.entries {
                self.entry(&mut round, &mut cursor, entry)?;
            }
            self.store_held(&mut round)?;
        }
        batch.folder.put(round.part);
        self.settle(&batch.folder, batch.settled - round.later)
    }

    fn entry<'b>(&mut self, round: &mut Round<'b>, cursor: &mut Cursor<'b>, entry: &'b Entry) -> Result<()> {
        let name = round.batch.name(entry);
        self.scribe.describe(&mut self.node, name, &entry.meta);
        if round.batch.folder.trusted && self.reuse(round, cursor, entry) {
            return Ok(());
        }
        let previous = cursor.find(name);
        if entry.meta.kind != NodeType::File {
            self.other(round, entry);
            return Ok(());
        }
        if let Some(previous) = previous
            && self.same_content(round, entry, previous)
        {
            return Ok(());
        }
        if entry.meta.size > MIN as u64 {
            self.later(round, entry, previous);
            return Ok(());
        }
        self.small(round, entry, previous)
    }

    /// Stores the parent's node again when nothing that `stat` tells is different and all blobs are there.
    fn reuse(&mut self, round: &mut Round<'_>, cursor: &mut Cursor<'_>, entry: &Entry) -> bool {
        self.stem.clear();
        self.node.write_stem(&mut self.stem);
        let same = cursor.same(&self.stem);
        let Some(node) =
            same.filter(|node| previous::reusable(node, self.stem.len(), |id| self.store.knows(id)))
        else {
            return false;
        };
        cursor.step();
        round.part.bytes.extend_from_slice(node);
        round.part.end(entry.slot);
        self.unchanged(round, entry);
        true
    }

    fn unchanged(&mut self, round: &Round<'_>, entry: &Entry) {
        if entry.meta.kind != NodeType::File {
            return;
        }
        self.context.bytes_done(entry.meta.size);
        let done = Done {
            kind: NodeType::File,
            change: Change::Unchanged,
            size: entry.meta.size,
            stored: Stored::default(),
            shown: &|| round.batch.folder.shown_entry(round.batch.name(entry)),
            seconds: 0.0,
        };
        tally::count(&mut self.summary, self.context, &done);
    }

    /// Stores the parent's contents with metadata of now, if restic's rules say that they are the same.
    fn same_content(&mut self, round: &mut Round<'_>, entry: &Entry, previous: &[u8]) -> bool {
        let Ok(node) = Node::parse(previous) else { return false };
        if !entry.meta.same_content(&node, self.context.options.change_rules) {
            return false;
        }
        let path = round.batch.path(entry);
        if !node.content.iter().flatten().all(|id| self.store.knows(id)) {
            let shown = path::text(&path);
            let what = format!("parts of {shown} not found in the repository index; storing the file again");
            self.context.report(&path::absolute(self.context.working, &path), &what);
            return false;
        }
        self.node.xattrs = self.read_xattrs(Place::Path(&path), &path, false);
        self.node.content = Some(node.content.unwrap_or_default());
        self.unchanged(round, entry);
        self.put(round, entry);
        true
    }

    fn put(&mut self, round: &mut Round<'_>, entry: &Entry) {
        self.node.write(&mut round.part.bytes);
        round.part.end(entry.slot);
    }

    /// Links, devices, pipes.
    fn other(&mut self, round: &mut Round<'_>, entry: &Entry) {
        let path = round.batch.path(entry);
        if entry.meta.kind == NodeType::Irregular {
            self.context.report(&path, "unsupported file type \"irregular\"");
            return;
        }
        if entry.meta.kind == NodeType::Symlink {
            match rustix::fs::readlink(&*path, std::mem::take(&mut self.node.linktarget)) {
                Ok(target) => self.node.linktarget = target.into_bytes(),
                Err(error) => {
                    let what = format!(
                        "incomplete metadata for {}: {}",
                        path::text(&path),
                        failed("readlink", &path, error)
                    );
                    self.context.report(&path, &what);
                }
            }
        }
        self.node.xattrs = self.read_xattrs(Place::Path(&path), &path, false);
        self.put(round, entry);
    }

    /// Leaves a file to whoever reads large ones.
    fn later(&mut self, round: &mut Round<'_>, entry: &Entry, previous: Option<&[u8]>) {
        round.later += 1;
        let batch = round.batch;
        let path = batch.path(entry).into_owned();
        self.desk.push_large(Large::file(
            batch.folder.clone(),
            entry.slot,
            batch.name(entry),
            path,
            previous,
        ));
    }

    fn small<'b>(
        &mut self,
        round: &mut Round<'b>,
        entry: &'b Entry,
        previous: Option<&'b [u8]>,
    ) -> Result<()> {
        if self.slab.is_full() {
            self.store_held(round)?;
        }
        let started = self.context.watcher.wants_items().then(Instant::now);
        match self.read_small(round, entry) {
            Ok(Reading::Whole(meta, content, xattrs)) => {
                round.held.push(Held { entry, meta, content, xattrs, previous, started });
            }
            Ok(Reading::Larger) => self.later(round, entry, previous),
            Err(error) => {
                let path = path::absolute(self.context.working, &round.batch.path(entry));
                self.context.report(&path, &error);
            }
        }
        Ok(())
    }

    /// Opens a file, looks again at what was opened, and reads it to its end.
    fn read_small(&mut self, round: &mut Round<'_>, entry: &Entry) -> Result<Reading, String> {
        let path = || round.batch.path(entry);
        let opened = open_entry(round.batch, &mut round.source, entry);
        let file = File::from(opened.map_err(|error| failed("open", &path(), error))?);
        let stat = rustix::fs::fstat(&file).map_err(|error| failed("stat", &path(), error))?;
        let meta = Meta::from(stat);
        if meta.kind != NodeType::File {
            return Err(format!("file {:?} changed type, refusing to archive", path::text(&path())));
        }
        let read = read_whole(&file, meta.size, self.slab.free());
        let Some(length) = read.map_err(|error| {
            let (shown, why) = (path::text(&path()), crate::xattr::words(error));
            format!("failed to save {shown}: read {shown}: {why}")
        })?
        else {
            return Ok(Reading::Larger);
        };
        let content = self.slab.take(length);
        let xattrs = self.read_xattrs(Place::File(file.as_fd()), &path(), false);
        Ok(Reading::Whole(meta, content, xattrs))
    }

    /// Stores what is in the slab, and the nodes of its files.
    fn store_held(&mut self, round: &mut Round<'_>) -> Result<()> {
        self.context.check()?;
        let contents = round.held.iter().map(|held| &self.slab.bytes[held.content.clone()]);
        let blobs: Vec<&[u8]> = contents.filter(|content| !content.is_empty()).collect();
        self.added.clear();
        if !blobs.is_empty() {
            self.hands.add(BlobType::Data, &blobs, &mut self.added)?;
        }
        let mut added = std::mem::take(&mut self.added);
        let mut next = added.drain(..);
        for held in std::mem::take(&mut round.held) {
            let added = if held.content.is_empty() { None } else { next.next() };
            self.put_held(round, held, added);
        }
        drop(next);
        self.added = added;
        self.slab.used = 0;
        Ok(())
    }

    fn put_held(&mut self, round: &mut Round<'_>, held: Held<'_>, added: Option<holdfast_repo::Added>) {
        let name = round.batch.name(held.entry);
        self.scribe.describe(&mut self.node, name, &held.meta);
        self.node.size = held.content.len() as u64;
        self.node.xattrs = held.xattrs;
        self.node.content = Some(added.iter().map(|added| added.id).collect());
        let start = round.part.bytes.len();
        self.put(round, held.entry);
        let mut stored = Stored::default();
        if let Some(added) = &added {
            stored.add(added, held.content.len());
        }
        self.context.bytes_done(held.content.len() as u64);
        let done = Done {
            kind: NodeType::File,
            change: Change::of(held.previous, &round.part.bytes[start..]),
            size: held.content.len() as u64,
            stored,
            shown: &|| round.batch.folder.shown_entry(name),
            seconds: held.started.map_or(0.0, |started| started.elapsed().as_secs_f64()),
        };
        tally::count(&mut self.summary, self.context, &done);
    }
}

/// Opens an entry below its folder, which is opened once for all of them.
fn open_entry(
    batch: &Batch,
    source: &mut Option<OwnedFd>,
    entry: &Entry,
) -> Result<OwnedFd, rustix::io::Errno> {
    let flags = OFlags::NOFOLLOW;
    let Some(folder) = batch.source() else {
        return listing::open_quietly_at(CWD, &batch.path(entry), flags);
    };
    let folder: &OwnedFd = match source {
        Some(open) => open,
        None => source.insert(listing::open(folder, true)?),
    };
    listing::open_quietly_at(folder, batch.name(entry), flags)
}

/// Reads to the end; `None` when it does not end within `out`. What ends where `stat` said it ends is not asked again.
fn read_whole(mut file: &File, size: u64, out: &mut [u8]) -> std::io::Result<Option<usize>> {
    let mut length = 0;
    loop {
        match file.read(&mut out[length..]) {
            Ok(0) => return Ok((length < out.len()).then_some(length)),
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length as u64 == size && length < out.len() {
            return Ok(Some(length));
        }
    }
}
