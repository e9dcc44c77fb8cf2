//! `restore`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use holdfast_filter::PatternList;
use holdfast_format::Result;
use holdfast_restore::{Action, Counters, Item, Overwrite, Restore, RestoreOptions, Selection, Watcher};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::cancel::Stop;
use crate::errors::IntoPython;
use crate::keywords::{Function, Keywords, PathText, Paths, options};
use crate::lookup::Root;
use crate::opening::Repository;
use crate::snapshots::Chosen;
use crate::values::record;
use crate::watching::{Listener, both, ticker};

const MODULE: &str = "_restore";

options! {
    /// `RestoreOptions` of `_restore.py`.
    Restoring {
        include: Paths,
        iinclude: Paths,
        exclude: Paths,
        iexclude: Paths,
        include_xattr: Paths,
        exclude_xattr: Paths,
        overwrite: String,
        delete: bool,
        sparse: bool,
        verify: bool,
        ownership_by_name: bool,
        dry_run: bool,
        progress: Function,
        on_restored: Function,
        on_error: Function,
        on_warning: Function,
        on_item: Function,
        cancel: Stop,
    }
}

/// Patterns, and whether upper and lower case are alike.
type Given = (Option<Paths>, bool);

/// One of both, or everything.
fn selection(name: &str, include: [Given; 2], exclude: [Given; 2]) -> PyResult<Result<Selection>> {
    let given = |lists: &[Given; 2]| lists.iter().any(|(list, _)| list.is_some());
    let lists = |lists: [Given; 2]| lists.into_iter().filter_map(parse).collect::<Result<Vec<_>>>();
    match (given(&include), given(&exclude)) {
        (true, true) => Err(PyValueError::new_err(format!("{name}: either include or exclude, not both"))),
        (true, false) => Ok(lists(include).map(Selection::Include)),
        (false, true) => Ok(lists(exclude).map(Selection::Exclude)),
        (false, false) => Ok(Ok(Selection::All)),
    }
}

fn parse((patterns, ignore_case): Given) -> Option<Result<PatternList>> {
    patterns.map(|patterns| PatternList::parse(&patterns.into_bytes(), ignore_case))
}

fn overwrite(name: Option<&str>) -> PyResult<Overwrite> {
    Ok(match name {
        None | Some("always") => Overwrite::Always,
        Some("if-changed") => Overwrite::IfChanged,
        Some("if-newer") => Overwrite::IfNewer,
        Some("never") => Overwrite::Never,
        Some(other) => {
            let message = format!("overwrite {other:?} is unknown: always, if-changed, if-newer or never");
            return Err(PyValueError::new_err(message));
        }
    })
}

impl Restoring {
    fn options(&mut self, py: Python<'_>) -> PyResult<RestoreOptions> {
        let include = [(self.include.take(), false), (self.iinclude.take(), true)];
        let exclude = [(self.exclude.take(), false), (self.iexclude.take(), true)];
        let xattrs = [(self.include_xattr.take(), false), (None, true)];
        let no_xattrs = [(self.exclude_xattr.take(), false), (None, true)];
        Ok(RestoreOptions {
            selection: selection("entries", include, exclude)?.raised(py)?,
            overwrite: overwrite(self.overwrite.as_deref())?,
            delete: self.delete.unwrap_or(false),
            sparse: self.sparse.unwrap_or(false),
            dry_run: self.dry_run.unwrap_or(false),
            ownership_by_name: self.ownership_by_name.unwrap_or(false),
            xattrs: selection("xattrs", xattrs, no_xattrs)?.raised(py)?,
        })
    }
}

/// Tells Python of what is done and of what is not.
struct Telling {
    errors: Option<Listener>,
    warnings: Option<Listener>,
    items: Option<Listener>,
}

fn word(action: Action) -> &'static str {
    match action {
        Action::DirRestored | Action::FileRestored | Action::OtherRestored => "restored",
        Action::FileUpdated => "updated",
        Action::Unchanged => "unchanged",
        Action::Deleted => "deleted",
    }
}

fn kind(action: Action) -> Option<&'static str> {
    match action {
        Action::DirRestored => Some("dir"),
        Action::FileRestored | Action::FileUpdated => Some("file"),
        Action::OtherRestored => Some("other"),
        Action::Unchanged | Action::Deleted => None,
    }
}

impl Watcher for Telling {
    fn error(&self, path: &[u8], error: &str) {
        let Some(listener) = &self.errors else { return };
        let (path, error) = (path.to_vec(), error.to_owned());
        listener.tell(MODULE, "RestoreError", move |py| {
            let (text, raw) = both(py, &path)?;
            (text, raw, error).into_pyobject(py)
        });
    }

    fn warning(&self, message: &str) {
        if let Some(listener) = &self.warnings {
            listener.say(message.to_owned());
        }
    }

    fn wants_items(&self) -> bool {
        self.items.is_some()
    }

    fn item(&self, item: &Item<'_>) {
        let Some(listener) = &self.items else { return };
        let (action, path, size) = (item.action, item.path.to_vec(), item.size);
        listener.tell(MODULE, "RestoreItem", move |py| {
            let (text, raw) = both(py, &path)?;
            (word(action), kind(action), text, raw, size).into_pyobject(py)
        });
    }
}

fn of(counter: &AtomicU64) -> u64 {
    counter.load(Relaxed)
}

fn progress<'py>(py: Python<'py>, counters: &Counters, seconds: f64) -> PyResult<Bound<'py, PyTuple>> {
    (
        of(&counters.files_restored),
        of(&counters.files_skipped),
        of(&counters.files_deleted),
        of(&counters.files_total),
        of(&counters.bytes_restored),
        of(&counters.bytes_skipped),
        of(&counters.bytes_total),
        of(&counters.files_verified),
        of(&counters.files_to_verify),
        seconds,
    )
        .into_pyobject(py)
}

fn summary<'py>(
    py: Python<'py>,
    counters: &Counters,
    verified: u64,
    seconds: f64,
) -> PyResult<Bound<'py, PyAny>> {
    let fields = (
        of(&counters.files_total),
        of(&counters.files_restored),
        of(&counters.files_skipped),
        of(&counters.files_deleted),
        of(&counters.bytes_total),
        of(&counters.bytes_restored),
        of(&counters.bytes_skipped),
        verified,
        of(&counters.errors),
        seconds,
    );
    record(py, MODULE, "RestoreSummary", fields)
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (snapshot, target, /, **options))]
    fn restore<'py>(
        &self,
        py: Python<'py>,
        snapshot: Chosen,
        target: PathText,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let mut given = Restoring::take(&keywords)?;
        keywords.finish("restore")?;
        let options = given.options(py)?;
        let (target, verify): (PathBuf, _) = (target.into_path(), given.verify.unwrap_or(false));
        let (start, counters) = (Instant::now(), Arc::new(Counters::default()));
        let mut tick = ticker(given.progress, MODULE, "RestoreProgress", {
            let counters = counters.clone();
            move |py, seconds| progress(py, &counters, seconds)
        });
        let verified = self.operate(py, given.cancel, &mut tick, |operation, errands| {
            let lock = operation.lock_for_reading()?;
            let root = Root::of(snapshot, operation)?;
            let watcher = Telling {
                errors: Listener::new(given.on_error.as_ref(), errands),
                warnings: Listener::new(given.on_warning.as_ref(), errands),
                items: Listener::new(given.on_item.as_ref(), errands),
            };
            let restore = Restore {
                repository: &operation.repository,
                lock: lock.as_deref(),
                tree: &root.tree,
                target: &target,
                options: &options,
                counters: &counters,
                watcher: &watcher,
                cancel: &operation.cancel,
            };
            let outcome = restore.run()?;
            if !verify || options.dry_run || outcome.errors > 0 {
                return Ok(0);
            }
            if let Some(listener) = given.on_restored.clone() {
                let (counters, seconds) = (counters.clone(), start.elapsed().as_secs_f64());
                errands.post(move |py| listener.tell(py, summary(py, &counters, 0, seconds)?));
            }
            restore.verify(&outcome)
        })?;
        summary(py, &counters, verified, start.elapsed().as_secs_f64())
    }
}
