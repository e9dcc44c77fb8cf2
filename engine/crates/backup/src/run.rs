//! A backup from its start to its snapshot.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use holdfast_backend::Cancel;
use holdfast_format::snapshot::{Snapshot, Summary};
use holdfast_format::time::{Timestamp, Zone};
use holdfast_format::{Error, FileType, Id, Result};
use holdfast_kernels::rabin::Rabin;
use holdfast_repo::{Lock, Repository, Writer, WriterOptions, machine};

use crate::context::Context;
use crate::desk::{Alarm, Desk};
use crate::exclude::Rules;
use crate::target::{self, Place};
use crate::walk::{Walker, lstat};
use crate::worker::{Store, Worker};
use crate::{BackupOptions, Counters, Outcome, Watcher, path, tally};

/// See `crate::backup`.
pub fn backup(
    repository: &Arc<Repository>,
    lock: Option<Arc<Lock>>,
    options: &BackupOptions,
    counters: &Counters,
    watcher: &dyn Watcher,
    cancel: &Cancel,
) -> Result<Outcome> {
    let start = Zone::local().now();
    let working = path::working_directory()?;
    let errors = AtomicU64::new(0);
    let context = Context { repository, lock, options, counters, watcher, cancel, working: &working, errors };
    let targets = existing(&context)?;
    let paths: Vec<_> = targets.iter().map(|target| path::absolute(&working, target)).collect();
    let top = target::tree(&target::resolve(&targets)?)?;
    let rules = Rules::new(&options.excludes, &paths)?;
    let (root, summary) = save(&context, rules, &top)?;
    let paths = paths.iter().map(|path| path::text(path)).collect();
    finish(&context, start, root, paths, summary)
}

/// Targets that are there; the others are told.
fn existing(context: &Context<'_>) -> Result<Vec<Vec<u8>>> {
    let mut targets = Vec::new();
    for target in &context.options.targets {
        let target = target.as_os_str().as_encoded_bytes();
        match lstat(target) {
            Ok(_) => targets.push(target.to_vec()),
            Err(rustix::io::Errno::NOENT) => context.report(target, "does not exist, skipping"),
            Err(_) => context.report(target, "cannot be accessed, skipping"),
        }
    }
    if targets.is_empty() {
        return Err(Error::refused("all source directories/files do not exist: nothing to back up"));
    }
    Ok(targets)
}

/// Walks while the index is loaded, then saves; gives the root.
fn save(context: &Context<'_>, rules: Rules<'_>, top: &Place) -> Result<(Id, Summary)> {
    let desk = Desk::new(context.options.read_concurrency);
    let mut walker = Walker::new(context, &desk, rules, context.working);
    let mut summary = Summary::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _alarm = Alarm(&desk);
            walker.run(top).unwrap_or_else(|error| desk.fail(error));
        });
        match open_store(context) {
            Ok(store) => work(context, &desk, &store, &mut summary),
            Err(error) => desk.fail(error),
        }
    });
    Ok((desk.outcome()?, summary))
}

/// Loads the index and makes a writer.
pub fn open_store(context: &Context<'_>) -> Result<Store> {
    let options = context.options;
    context.repository.load_index(context.cancel, &|_, _| {})?;
    let writer_options = WriterOptions {
        compression: options.compression,
        pack_size: options.pack_size,
        extra_verify: options.extra_verify,
        cancel: context.cancel.clone(),
        dry_run: options.dry_run,
    };
    Ok(Store {
        writer: Arc::new(Writer::new(context.repository, context.lock.clone(), &writer_options)?),
        index: context.repository.index(),
        rabin: Arc::new(Rabin::new(context.repository.config().polynomial)),
    })
}

/// As many workers as there are cores, or as files shall be read at the same time.
pub fn workers(options: &BackupOptions) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    cores.max(options.read_concurrency.min(32))
}

/// Runs the workers and closes the store.
fn work(context: &Context<'_>, desk: &Desk, store: &Store, summary: &mut Summary) {
    let counted: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = (0..workers(context.options))
            .map(|_| scope.spawn(|| Worker::new(context, desk, store).run()))
            .collect();
        started.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    for one in counted {
        match one {
            Ok(one) => tally::sum(summary, &one),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    close(desk, store);
}

/// Closes packs and writes the index, also of what was stored before an error: the next backup goes on from there.
pub fn close(desk: &Desk, store: &Store) {
    if let Err(error) = store.writer.finish() {
        desk.fail(error);
    }
}

/// The snapshot, when everything is stored.
pub fn finish(
    context: &Context<'_>,
    start: Timestamp,
    root: Id,
    paths: Vec<String>,
    mut summary: Summary,
) -> Result<Outcome> {
    context.check()?;
    (summary.backup_start, summary.backup_end) = (start, Zone::local().now());
    let errors = context.errors.load(Ordering::Relaxed);
    let options = context.options;
    let unchanged = options.parent.as_ref().is_some_and(|(_, parent)| parent.tree == root);
    if options.dry_run || options.skip_if_unchanged && unchanged {
        return Ok(Outcome { snapshot: None, summary, errors });
    }
    context.lock.as_ref().map_or(Ok(()), |lock| lock.confirm())?;
    let json = snapshot(options, root, paths, &summary).to_json();
    let id = context.repository.save_unpacked(FileType::Snapshot, &json)?;
    Ok(Outcome { snapshot: Some(id), summary, errors })
}

fn snapshot(options: &BackupOptions, tree: Id, paths: Vec<String>, summary: &Summary) -> Snapshot {
    let user = machine::user();
    Snapshot {
        time: options.time,
        parent: options.parent.as_ref().map(|(id, _)| *id),
        tree,
        paths,
        hostname: options.hostname.clone(),
        username: user.name,
        uid: user.uid,
        gid: user.gid,
        excludes: options.exclude_texts.clone(),
        tags: options.tags.clone(),
        original: None,
        program_version: options.program_version.clone(),
        summary: Some(summary.clone()),
    }
}
