//! `backup`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use holdfast_backup::{BackupOptions, ChangeRules, Counters, Excludes, Item, Outcome, Watcher, backup};
use holdfast_filter::PatternList;
use holdfast_format::compression::Compression;
use holdfast_format::snapshot::Summary;
use holdfast_format::time::{Timestamp, Zone};
use holdfast_format::{Id, Result};
use holdfast_repo::{Lock, LockKind, SnapshotFilter, machine};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::cancel::Stop;
use crate::errors::IntoPython;
use crate::keywords::{Function, Keywords, Paths, options};
use crate::opening::Repository;
use crate::operation::Operation;
use crate::parent::{Wish, absolute};
use crate::times::{Moment, datetime};
use crate::values::class;
use crate::watching::{Listener, both, ticker};
use crate::work::Errands;

const MODULE: &str = "_backup";
/// restic's default, in bytes.
const PACK_SIZE: usize = 16 << 20;

options! {
    /// `StoringOptions` of `_backup.py`.
    Storing {
        parent: String,
        force: bool,
        group_by: Vec<String>,
        tags: Vec<String>,
        host: String,
        time: Moment,
        dry_run: bool,
        skip_if_unchanged: bool,
        compression: String,
        pack_size: usize,
        extra_verify: bool,
        read_concurrency: usize,
        program_version: String,
        progress: Function,
        on_parent: Function,
        on_error: Function,
        on_item: Function,
        cancel: Stop,
    }
}

options! {
    /// What `BackupOptions` of `_backup.py` adds.
    Choosing {
        exclude: Paths,
        iexclude: Paths,
        exclude_if_present: Vec<String>,
        exclude_caches: bool,
        exclude_larger_than: u64,
        one_file_system: bool,
        with_atime: bool,
        ignore_inode: bool,
        ignore_ctime: bool,
    }
}

/// Everything that is decided before the thread of the operation starts.
pub struct Plan {
    /// As the engine takes them; the parent is found later.
    pub options: BackupOptions,
    wish: Option<Wish>,
    progress: Option<Function>,
    on_parent: Option<Function>,
    on_error: Option<Function>,
    on_item: Option<Function>,
    stop: Option<Stop>,
}

impl Choosing {
    fn excludes(&mut self) -> Result<(Excludes, Vec<String>)> {
        let sensitive = self.exclude.take().map_or(vec![], |list| list.0);
        let insensitive = self.iexclude.take().map_or(vec![], |list| list.0);
        let texts = sensitive.iter().chain(&insensitive).map(crate::keywords::PathText::lossy).collect();
        let parse = |patterns: Vec<crate::keywords::PathText>, ignore_case| {
            let patterns: Vec<_> = patterns.into_iter().map(|pattern| pattern.0).collect();
            PatternList::parse(&patterns, ignore_case)
        };
        let excludes = Excludes {
            patterns: parse(sensitive, false)?,
            patterns_ignoring_case: parse(insensitive, true)?,
            if_present: self
                .exclude_if_present
                .take()
                .unwrap_or_default()
                .iter()
                .map(|text| present(text))
                .collect(),
            caches: self.exclude_caches.unwrap_or(false),
            larger_than: self.exclude_larger_than,
            one_file_system: self.one_file_system.unwrap_or(false),
            folders: vec![],
        };
        Ok((excludes, texts))
    }
}

/// `name` or `name:header`.
fn present(text: &str) -> (Vec<u8>, Vec<u8>) {
    let (name, header) = text.split_once(':').unwrap_or((text, ""));
    (name.as_bytes().to_vec(), header.as_bytes().to_vec())
}

fn compression(name: Option<&str>) -> PyResult<Compression> {
    Ok(match name {
        None | Some("auto") => Compression::Auto,
        Some("off") => Compression::Off,
        Some("fastest") => Compression::Fastest,
        Some("better") => Compression::Better,
        Some("max") => Compression::Max,
        Some(other) => {
            let message = format!("compression {other:?} is unknown: off, fastest, auto, better or max");
            return Err(PyValueError::new_err(message));
        }
    })
}

impl Storing {
    /// Turns it into the engine's options.
    pub fn plan(self, py: Python<'_>, paths: &[String], mut choosing: Choosing) -> PyResult<Plan> {
        let time = self.time.map_or_else(|| Zone::local().now(), |moment| moment.0);
        let hostname = self.host.clone().unwrap_or_else(machine::hostname);
        let (excludes, exclude_texts) = choosing.excludes().raised(py)?;
        let wish = self.wish(paths, &hostname, time)?;
        let options = BackupOptions {
            targets: vec![],
            excludes,
            exclude_texts,
            parent: None,
            change_rules: ChangeRules {
                ignore_inode: choosing.ignore_inode.unwrap_or(false),
                ignore_ctime: choosing.ignore_ctime.unwrap_or(false),
            },
            time,
            hostname,
            tags: self.tags.unwrap_or_default(),
            with_atime: choosing.with_atime.unwrap_or(false),
            skip_if_unchanged: self.skip_if_unchanged.unwrap_or(false),
            dry_run: self.dry_run.unwrap_or(false),
            read_concurrency: self.read_concurrency.unwrap_or(0),
            compression: compression(self.compression.as_deref())?,
            pack_size: self.pack_size.unwrap_or(PACK_SIZE),
            extra_verify: self.extra_verify.unwrap_or(true),
            program_version: self
                .program_version
                .unwrap_or_else(|| format!("holdfast {}", env!("CARGO_PKG_VERSION"))),
        };
        Ok(Plan {
            options,
            wish,
            progress: self.progress,
            on_parent: self.on_parent,
            on_error: self.on_error,
            on_item: self.on_item,
            stop: self.cancel,
        })
    }

    fn wish(&self, paths: &[String], hostname: &str, limit: Timestamp) -> PyResult<Option<Wish>> {
        if self.force.unwrap_or(false) {
            return Ok(None);
        }
        let mut filter = SnapshotFilter::default();
        for field in self.group_by.as_deref().unwrap_or(&["host".to_owned(), "paths".to_owned()]) {
            match field.as_str() {
                "host" => filter.hosts = vec![hostname.to_owned()],
                "paths" => filter.paths = paths.to_vec(),
                "tags" => filter.tags = vec![self.tags.clone().unwrap_or_default()],
                other => {
                    let message = format!("group_by {other:?} is unknown: host, paths or tags");
                    return Err(PyValueError::new_err(message));
                }
            }
        }
        Ok(Some(Wish { name: self.parent.clone(), filter, limit }))
    }
}

/// Tells Python of errors and items.
struct Telling {
    errors: Option<Listener>,
    items: Option<Listener>,
}

impl Watcher for Telling {
    fn error(&self, path: &[u8], error: &str, during: &'static str) {
        let Some(listener) = &self.errors else { return };
        let (path, error) = (path.to_vec(), error.to_owned());
        listener.tell(MODULE, "SourceError", move |py| {
            let (text, raw) = both(py, &path)?;
            (text, raw, error, during).into_pyobject(py)
        });
    }

    fn wants_items(&self) -> bool {
        self.items.is_some()
    }

    fn item(&self, item: &Item) {
        let Some(listener) = &self.items else { return };
        let item = item.clone();
        listener.tell(MODULE, "BackupItem", move |py| {
            let (text, raw) = both(py, &item.path)?;
            let Item { action, is_dir, duration, data_size, data_size_in_repo, .. } = item;
            let (metadata, metadata_in_repo) = (item.metadata_size, item.metadata_size_in_repo);
            (action, text, raw, is_dir, duration, data_size, data_size_in_repo, metadata, metadata_in_repo)
                .into_pyobject(py)
        });
    }
}

/// What the engine's own functions for saving need besides what is saved.
pub struct Saving<'a> {
    /// Everything but the targets.
    pub options: &'a BackupOptions,
    /// `None` for a dry run.
    pub lock: Option<Arc<Lock>>,
    /// Read by progress.
    pub counters: &'a Arc<Counters>,
    /// Tells Python.
    pub watcher: &'a dyn Watcher,
    /// The way to Python code.
    pub errands: &'a Errands,
}

impl Plan {
    /// Finds the parent and runs `save` under the lock; gives a `BackupSummary`.
    pub fn run<'py>(
        mut self,
        py: Python<'py>,
        repository: &Repository,
        save: impl FnOnce(&Operation<'_>, &Saving<'_>) -> Result<Outcome> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (start, counters) = (Instant::now(), Arc::new(Counters::default()));
        let mut tick = ticker(self.progress.take(), MODULE, "BackupProgress", {
            let counters = counters.clone();
            move |py, seconds| progress(py, &counters, seconds)
        });
        let stop = self.stop.take();
        let (outcome, parent) = repository.operate(py, stop, &mut tick, |operation, errands| {
            let lock = if self.options.dry_run { None } else { Some(operation.lock(LockKind::Shared)?) };
            self.options.parent = self.wish.as_ref().map_or(Ok(None), |wish| wish.find(operation))?;
            let parent = self.options.parent.as_ref().map(|(id, _)| *id);
            if let Some(listener) = Listener::new(self.on_parent.as_ref(), errands) {
                listener.say(parent.map(|id| id.to_string()));
            }
            let watcher = self.telling(errands);
            let saving =
                Saving { options: &self.options, lock, counters: &counters, watcher: &watcher, errands };
            Ok((save(operation, &saving)?, parent))
        })?;
        summary(py, &outcome, parent, self.options.dry_run, start.elapsed().as_secs_f64())
    }

    fn telling(&self, errands: &Errands) -> Telling {
        Telling {
            errors: Listener::new(self.on_error.as_ref(), errands),
            items: Listener::new(self.on_item.as_ref(), errands),
        }
    }
}

fn progress<'py>(py: Python<'py>, counters: &Counters, seconds: f64) -> PyResult<Bound<'py, PyTuple>> {
    let current = PyTuple::new(py, counters.current.lock().clone())?;
    (
        counters.files_done.load(Relaxed),
        counters.bytes_done.load(Relaxed),
        counters.total_files.load(Relaxed),
        counters.total_dirs.load(Relaxed),
        counters.total_bytes.load(Relaxed),
        counters.totals_final.load(Relaxed),
        counters.errors.load(Relaxed),
        current,
        seconds,
    )
        .into_pyobject(py)
}

fn summary<'py>(
    py: Python<'py>,
    outcome: &Outcome,
    parent: Option<Id>,
    dry_run: bool,
    seconds: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let Summary { backup_start, backup_end, .. } = outcome.summary;
    let s = &outcome.summary;
    let fields = [
        outcome.snapshot.map(|id| id.to_string()).into_bound_py_any(py)?,
        parent.map(|id| id.to_string()).into_bound_py_any(py)?,
        outcome.errors.into_bound_py_any(py)?,
        dry_run.into_bound_py_any(py)?,
        s.files_new.into_bound_py_any(py)?,
        s.files_changed.into_bound_py_any(py)?,
        s.files_unmodified.into_bound_py_any(py)?,
        s.dirs_new.into_bound_py_any(py)?,
        s.dirs_changed.into_bound_py_any(py)?,
        s.dirs_unmodified.into_bound_py_any(py)?,
        s.data_blobs.into_bound_py_any(py)?,
        s.tree_blobs.into_bound_py_any(py)?,
        s.data_added.into_bound_py_any(py)?,
        s.data_added_packed.into_bound_py_any(py)?,
        s.total_files_processed.into_bound_py_any(py)?,
        s.total_bytes_processed.into_bound_py_any(py)?,
        datetime(py, backup_start)?,
        datetime(py, backup_end)?,
        seconds.into_bound_py_any(py)?,
    ];
    class(py, MODULE, "BackupSummary")?.call1(PyTuple::new(py, fields)?)
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (targets, /, **options))]
    fn backup<'py>(
        &self,
        py: Python<'py>,
        targets: Paths,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let (storing, choosing) = (Storing::take(&keywords)?, Choosing::take(&keywords)?);
        keywords.finish("backup")?;
        let targets: Vec<PathBuf> = targets.into_paths();
        if targets.is_empty() {
            return Err(PyTypeError::new_err("backup() needs at least one target"));
        }
        let paths: Result<Vec<_>> = targets.iter().map(|target| absolute(target)).collect();
        let mut plan = storing.plan(py, &paths.raised(py)?, choosing)?;
        plan.options.targets = targets;
        plan.options.excludes.folders.extend(self.caches.clone());
        plan.run(py, self, |operation, saving| {
            let Saving { options, lock, counters, watcher, .. } = saving;
            backup(&operation.repository, lock.clone(), options, counters, *watcher, &operation.cancel)
        })
    }
}
