//! A snapshot of what is no file on a disk: entries come from an iterator, their contents from readers.
//!
//! The caller's thread reads and cuts, the workers store; the tree is put together in memory at the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender};
use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::snapshot::Summary;
use holdfast_format::time::{Timestamp, Zone};
use holdfast_format::{Error, Id, Result, tree};
use holdfast_repo::{Lock, Repository};

use crate::context::Context;
use crate::desk::{Alarm, Desk};
use crate::large::{Large, Saved};
use crate::previous::{self, PreviousTree};
use crate::tally::{self, Change, Done, Stored};
use crate::worker::{Store, Worker};
use crate::{BackupOptions, Counters, Outcome, StreamEntry, Watcher, path, run};

/// Folders within folders.
const DEEPEST: usize = 1024;

/// See `crate::backup_stream`.
#[allow(clippy::too_many_arguments)] // as there
pub fn backup(
    repository: &Arc<Repository>,
    lock: Option<Arc<Lock>>,
    entries: &mut dyn Iterator<Item = Result<StreamEntry>>,
    paths: &[String],
    options: &BackupOptions,
    counters: &Counters,
    watcher: &dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome> {
    let start = Zone::local().now();
    let errors = AtomicU64::new(0);
    let context = Context { repository, lock, options, counters, watcher, cancel, working: b"/", errors };
    let store = run::open_store(&context)?;
    let desk = Desk::new(options.read_concurrency);
    let mut summary = Summary::default();
    thread::scope(|scope| {
        for _ in 1..run::workers(options).max(2) {
            scope.spawn(|| Worker::new(&context, &desk, &store).run());
        }
        let _alarm = Alarm(&desk);
        match save(&context, &desk, &store, entries, &mut summary) {
            Ok(root) => desk.finish(root),
            Err(error) => desk.fail(error),
        }
    });
    run::close(&desk, &store);
    let root = desk.outcome()?;
    run::finish(&context, start, root, paths.to_vec(), summary)
}

/// Stores all contents, then the tree; gives its root.
fn save(
    context: &Context<'_>,
    desk: &Desk,
    store: &Store,
    entries: &mut dyn Iterator<Item = Result<StreamEntry>>,
    summary: &mut Summary,
) -> Result<Id> {
    let (done, saved) = crossbeam_channel::unbounded();
    let mut worker = Worker::new(context, desk, store);
    let mut top = Branch::new(folder_node(context.options.time));
    for entry in entries {
        context.check()?;
        context.counters.total_files.fetch_add(1, Ordering::Relaxed);
        take(&mut worker, &mut top, entry?, &done)?;
        saved.try_iter().try_for_each(|file| top.insert(file, context.options.time))?;
    }
    context.counters.totals_final.store(true, Ordering::Release);
    drop(done);
    finish_files(&mut worker, &saved, &mut top)?;
    let parent = context.options.parent.as_ref();
    let previous = parent.and_then(|(_, parent)| PreviousTree::load(context, parent.tree, b"/"));
    let (root, stored) = top.store(&mut worker, b"/", previous.as_ref())?;
    tally::add_trees(&mut worker.summary, stored);
    tally::sum(summary, &worker.summary);
    Ok(root)
}

/// Saves one entry; the node of one with a reader comes when its last chunk is stored.
fn take(worker: &mut Worker<'_>, top: &mut Branch, entry: StreamEntry, done: &Sender<Saved>) -> Result<()> {
    let path = path::clean(&[b"/", &entry.path[..]].concat());
    let mut node = entry.node;
    node.name = path::name(&path).to_vec();
    (node.size, node.subtree) = (0, None);
    match entry.reader {
        Some(reader) if node.kind == NodeType::File => {
            worker.streamed(Large::stream(path, done.clone()), node, reader)
        }
        Some(_) => Err(Error::refused(format!("{}: only a file has contents", path::text(&path)))),
        None => {
            node.content = (node.kind == NodeType::File).then(Vec::new);
            top.insert(Saved { path, node, stored: Stored::default() }, worker.context.options.time)
        }
    }
}

/// Helps until every file is stored.
fn finish_files(worker: &mut Worker<'_>, saved: &Receiver<Saved>, top: &mut Branch) -> Result<()> {
    while let Some(group) = worker.desk.try_group() {
        worker.group(group)?;
    }
    saved.iter().try_for_each(|file| top.insert(file, worker.context.options.time))
}

/// A folder as restic makes it up for `--stdin`.
fn folder_node(time: Timestamp) -> Node {
    Node {
        kind: NodeType::Dir,
        mode: 1 << 31 | 0o755,
        mtime: time,
        atime: time,
        ctime: time,
        uid: nix::unistd::getuid().as_raw(),
        gid: nix::unistd::getgid().as_raw(),
        ..Node::default()
    }
}

/// An entry and what is in it.
struct Branch {
    node: Node,
    stored: Stored,
    made_up: bool,
    branches: BTreeMap<Vec<u8>, Branch>,
}

impl Branch {
    fn new(node: Node) -> Self {
        Self { node, stored: Stored::default(), made_up: true, branches: BTreeMap::new() }
    }

    /// Puts an entry in its place; parents are made up until they come themselves.
    fn insert(&mut self, file: Saved, time: Timestamp) -> Result<()> {
        let refuse =
            |why: &str| Err(Error::refused(format!("stream entry {}: {why}", path::text(&file.path))));
        let names: Vec<&[u8]> = path::names(&file.path).collect();
        if names.is_empty() || names.len() > DEEPEST {
            return refuse("a path names something below /, in at most 1,024 folders");
        }
        let mut branch = self;
        for name in names {
            if branch.node.kind != NodeType::Dir {
                return refuse("something in its path is no folder");
            }
            branch = branch
                .branches
                .entry(name.to_vec())
                .or_insert_with(|| Self::new(Node { name: name.to_vec(), ..folder_node(time) }));
        }
        if !branch.made_up || !branch.branches.is_empty() && file.node.kind != NodeType::Dir {
            return refuse("came twice");
        }
        (branch.node, branch.stored, branch.made_up) = (file.node, file.stored, false);
        Ok(())
    }

    /// Stores the tree of what is in here.
    fn store(
        self,
        worker: &mut Worker<'_>,
        shown: &[u8],
        previous: Option<&PreviousTree>,
    ) -> Result<(Id, Stored)> {
        let mut nodes = Vec::new();
        for (name, branch) in self.branches {
            let shown = path::join(shown, &name);
            let before = previous.and_then(|tree| tree.find(&name));
            nodes.push(branch.store_node(worker, &shown, before)?);
        }
        worker.store_tree(&tree::join(nodes.iter().map(Vec::as_slice)))
    }

    fn store_node(
        mut self,
        worker: &mut Worker<'_>,
        shown: &[u8],
        previous: Option<&[u8]>,
    ) -> Result<Vec<u8>> {
        let started = Instant::now();
        let mut node = std::mem::take(&mut self.node);
        let mut stored = self.stored;
        if node.kind == NodeType::Dir {
            let tree = previous.and_then(previous::subtree);
            let tree = tree.and_then(|id| PreviousTree::load(worker.context, id, shown));
            let (id, added) = self.store(worker, shown, tree.as_ref())?;
            (node.subtree, stored) = (Some(id), added);
        }
        let mut json = Vec::new();
        node.write(&mut json);
        let done = Done {
            kind: node.kind,
            change: Change::of(previous, &json),
            size: node.size,
            stored,
            shown: &|| shown.to_vec(),
            seconds: started.elapsed().as_secs_f64(),
        };
        tally::count(&mut worker.summary, worker.context, &done);
        Ok(json)
    }
}
