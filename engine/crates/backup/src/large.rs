//! Large files: one thread reads and cuts, whoever has time stores the chunks.
//!
//! A buffer holds one chunk of the greatest length, so what is left of it after its last cut moves to the start of the next.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Sender;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_kernels::rabin::{MAX, MIN, Rabin};
use parking_lot::Mutex;
use rustix::fs::{Advice, OFlags};

use crate::desk::{self, Refill};
use crate::folder::{Folder, Part};
use crate::listing;
use crate::meta::Meta;
use crate::path;
use crate::tally::{self, Change, Done, Stored};
use crate::walk::failed;
use crate::worker::Worker;
use crate::xattr::{Place, words};

/// Chunks that are hashed together.
const TOGETHER: usize = 3;

/// Where the node of a file goes.
enum Home {
    Folder { folder: Arc<Folder>, slot: u32, previous: Option<Vec<u8>> },
    Stream(Sender<Saved>),
}

/// A file of a stream.
pub struct Saved {
    /// In the snapshot.
    pub path: Vec<u8>,
    /// With its content.
    pub node: Node,
    /// What was added for it.
    pub stored: Stored,
}

/// A file that waits to be read.
pub struct Large {
    home: Home,
    name: Vec<u8>,
    path: Vec<u8>,
}

impl Large {
    /// A file of a folder.
    pub fn file(folder: Arc<Folder>, slot: u32, name: &[u8], path: Vec<u8>, previous: Option<&[u8]>) -> Self {
        let home = Home::Folder { folder, slot, previous: previous.map(<[u8]>::to_vec) };
        Self { home, name: name.to_vec(), path }
    }

    /// A file of a stream.
    pub fn stream(path: Vec<u8>, done: Sender<Saved>) -> Self {
        Self { home: Home::Stream(done), name: path::name(&path).to_vec(), path }
    }

    fn shown(&self) -> Vec<u8> {
        match &self.home {
            Home::Folder { folder, .. } => folder.shown_entry(&self.name),
            Home::Stream(_) => self.path.clone(),
        }
    }
}

/// A file that is being read.
pub struct Saving {
    file: Large,
    started: Instant,
    state: Mutex<State>,
}

struct State {
    node: Node,
    stored: Stored,
    /// Chunks that are not stored, and one for the reader.
    outstanding: usize,
    failed: bool,
}

/// Chunks of a file.
pub struct Group {
    saving: Arc<Saving>,
    buffer: Arc<Vec<u8>>,
    first: usize,
    chunks: Vec<Range<usize>>,
}

impl Worker<'_> {
    /// Reads a file from its start.
    pub(crate) fn large(&mut self, file: Large, buffer: Vec<u8>) -> Result<()> {
        let reading = self.context.reading(&file.shown());
        let (saving, failure) = match self.open_large(&file.path) {
            Ok((source, node)) => {
                let saving = Arc::new(Saving::new(file, node));
                let error = self.read_large(&saving, source, buffer)?;
                let failure = error.map(|error| saving.read_error(error));
                (saving, failure)
            }
            Err(error) => {
                self.desk.release(Arc::new(buffer));
                (Arc::new(Saving::new(file, Node::default())), Some(error))
            }
        };
        if let Some(failure) = failure {
            saving.state.lock().failed = true;
            self.context.report(&path::absolute(self.context.working, &saving.file.path), &failure);
        }
        self.desk.read();
        drop(reading);
        self.stored(&saving, 1)
    }

    fn open_large(&mut self, path: &[u8]) -> Result<(File, Node), String> {
        let file =
            listing::open_quietly(path, OFlags::NOFOLLOW).map_err(|error| failed("open", path, error))?;
        let meta = Meta::from(rustix::fs::fstat(&file).map_err(|error| failed("stat", path, error))?);
        if meta.kind != NodeType::File {
            return Err(format!("file {:?} changed type, refusing to archive", path::text(path)));
        }
        let _ = rustix::fs::fadvise(&file, 0, None, Advice::Sequential);
        let mut node = Node::default();
        self.scribe.describe(&mut node, path::name(path), &meta);
        node.xattrs = self.read_xattrs(Place::File(file.as_fd()), path, false);
        Ok((file.into(), node))
    }

    /// Reads and cuts to the end. An error of the source comes back inside; one of ours outside.
    fn read_large(
        &mut self,
        saving: &Arc<Saving>,
        mut source: impl Read,
        buffer: Vec<u8>,
    ) -> Result<Option<io::Error>> {
        let mut buffer = buffer;
        let mut kept = 0;
        loop {
            self.context.check()?;
            let (length, ended) = match fill(&mut source, &mut buffer, kept) {
                Ok(filled) => filled,
                Err(error) => {
                    self.desk.release(Arc::new(buffer));
                    return Ok(Some(error));
                }
            };
            let (chunks, rest) = cut(&self.store.rabin, &buffer[..length], ended);
            let full = Arc::new(buffer);
            self.leave(saving, &full, &chunks);
            if ended {
                self.desk.release(full);
                return Ok(None);
            }
            buffer = self.refill()?;
            kept = length - rest;
            buffer[..kept].copy_from_slice(&full[rest..length]);
            self.desk.release(full);
        }
    }

    /// An empty buffer; stores chunks until there is one.
    pub(crate) fn refill(&mut self) -> Result<Vec<u8>> {
        loop {
            match self.desk.refill() {
                Some(Refill::Buffer(buffer)) => return Ok(buffer),
                Some(Refill::Group(group)) => self.group(group)?,
                None => return Err(desk::ended()),
            }
        }
    }

    /// Leaves chunks to whoever has time.
    fn leave(&self, saving: &Arc<Saving>, buffer: &Arc<Vec<u8>>, chunks: &[Range<usize>]) {
        let mut first = saving.expect(chunks);
        for chunks in chunks.chunks(TOGETHER) {
            let group =
                Group { saving: saving.clone(), buffer: buffer.clone(), first, chunks: chunks.to_vec() };
            first += chunks.len();
            self.desk.push_group(group);
        }
    }

    /// Stores chunks.
    pub(crate) fn group(&mut self, group: Group) -> Result<()> {
        let blobs: Vec<&[u8]> = group.chunks.iter().map(|chunk| &group.buffer[chunk.clone()]).collect();
        self.added.clear();
        self.hands.add(BlobType::Data, &blobs, &mut self.added)?;
        let mut state = group.saving.state.lock();
        for (i, (added, blob)) in self.added.iter().zip(&blobs).enumerate() {
            state.stored.add(added, blob.len());
            if let Some(id) = state.node.content.as_mut().and_then(|content| content.get_mut(group.first + i))
            {
                *id = added.id;
            }
        }
        drop(state);
        self.context.bytes_done(blobs.iter().map(|blob| blob.len() as u64).sum());
        let count = blobs.len();
        self.desk.release(group.buffer);
        self.stored(&group.saving, count)
    }

    /// So many chunks are stored (or the reader is at the end); the last one finishes the file.
    fn stored(&mut self, saving: &Saving, count: usize) -> Result<()> {
        let mut state = saving.state.lock();
        state.outstanding -= count;
        if state.outstanding > 0 {
            return Ok(());
        }
        let node = (!state.failed).then(|| std::mem::take(&mut state.node));
        let stored = state.stored;
        drop(state);
        match &saving.file.home {
            Home::Folder { folder, slot, previous } => {
                if let Some(mut node) = node {
                    node.name.clone_from(&saving.file.name);
                    let part = self.finish_file(saving, &node, stored, *slot, previous.as_deref());
                    folder.put(part);
                }
                self.settle(folder, 1)
            }
            Home::Stream(done) => {
                if let Some(node) = node {
                    // Nobody waits for it only when the backup has failed already.
                    let _ = done.send(Saved { path: saving.file.path.clone(), node, stored });
                }
                Ok(())
            }
        }
    }

    fn finish_file(
        &mut self,
        saving: &Saving,
        node: &Node,
        stored: Stored,
        slot: u32,
        previous: Option<&[u8]>,
    ) -> Part {
        let mut part = Part::default();
        node.write(&mut part.bytes);
        let done = Done {
            kind: NodeType::File,
            change: Change::of(previous, &part.bytes),
            size: node.size,
            stored,
            shown: &|| saving.file.shown(),
            seconds: saving.started.elapsed().as_secs_f64(),
        };
        tally::count(&mut self.summary, self.context, &done);
        part.end(slot);
        part
    }

    /// Saves a file of a stream from its reader; its node comes through the channel.
    pub(crate) fn streamed(&mut self, file: Large, node: Node, source: impl Read) -> Result<()> {
        let buffer = self.refill()?;
        let reading = self.context.reading(&file.shown());
        let saving = Arc::new(Saving::new(file, node));
        if let Some(error) = self.read_large(&saving, source, buffer)? {
            return Err(Error::local(&saving.file.path, error));
        }
        drop(reading);
        self.stored(&saving, 1)
    }
}

impl Saving {
    fn new(file: Large, mut node: Node) -> Self {
        node.content = Some(Vec::new());
        node.size = 0;
        let state = State { node, stored: Stored::default(), outstanding: 1, failed: false };
        Self { file, started: Instant::now(), state: Mutex::new(state) }
    }

    /// Makes places for chunks; gives the first.
    fn expect(&self, chunks: &[Range<usize>]) -> usize {
        let mut state = self.state.lock();
        state.outstanding += chunks.len();
        state.node.size += chunks.iter().map(|chunk| chunk.len() as u64).sum::<u64>();
        let content = state.node.content.get_or_insert_default();
        let first = content.len();
        content.resize(first + chunks.len(), Id::default());
        first
    }

    fn read_error(&self, error: io::Error) -> String {
        let shown = path::text(&self.file.path);
        format!("failed to save {shown}: read {shown}: {}", words(error))
    }
}

/// Fills a buffer behind what was kept; tells how much is in it and whether the source ended.
fn fill(source: &mut impl Read, buffer: &mut [u8], kept: usize) -> io::Result<(usize, bool)> {
    let mut length = kept;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => return Ok((length, true)),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((length, false))
}

/// The chunks that are complete, and where the rest begins. At the end of a file there is no rest.
fn cut(rabin: &Rabin, data: &[u8], ended: bool) -> (Vec<Range<usize>>, usize) {
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < data.len() {
        let Some(end) = cut_after(rabin, data, start).or(ended.then_some(data.len())) else { break };
        chunks.push(start..end);
        start = end;
    }
    (chunks, start)
}

/// The end of the chunk at `start`, if it is in `data`.
fn cut_after(rabin: &Rabin, data: &[u8], start: usize) -> Option<usize> {
    let longest = start + MAX;
    let mut end = (data.len() >= longest).then_some(longest);
    if data.len() - start >= MIN {
        rabin.candidates(data, start + MIN - 1, data.len().min(longest), &mut |i| {
            end = Some(i + 1);
            false
        });
    }
    end
}
