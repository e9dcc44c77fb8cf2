//! `diff`.

use holdfast_format::{Error, Id, Result};
use holdfast_inspect::diff::{Amount, Change, Changes, Statistics, diff};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::cancel::Stop;
use crate::errors::retold;
use crate::keywords::{Function, Keywords, options};
use crate::lookup::Root;
use crate::opening::Repository;
use crate::snapshots::Chosen;
use crate::values::record;
use crate::watching::{Listener, both};
use crate::work::Errands;

const MODULE: &str = "_inspect";

options! {
    /// `DiffOptions` of `_inspect.py`.
    Comparing {
        metadata: bool,
        on_change: Function,
        on_error: Function,
        cancel: Stop,
    }
}

/// Tells Python of changes and of what cannot be read; without a listener for those, the first one ends it.
struct Telling<'a> {
    changes: Option<Listener>,
    on_error: Option<Function>,
    errands: &'a Errands,
}

impl Changes for Telling<'_> {
    fn change(&mut self, change: Change<'_>) -> Result<()> {
        let Some(listener) = &self.changes else { return Ok(()) };
        let (path, modifier) = (change.path.to_vec(), change.modifier.to_owned());
        listener.tell(MODULE, "DiffChange", move |py| {
            let (text, raw) = both(py, &path)?;
            (text, raw, modifier).into_pyobject(py)
        });
        Ok(())
    }

    fn error(&mut self, error: &Error) {
        let (on_error, error) = (self.on_error.clone(), retold(error));
        self.errands.post(move |py| match on_error {
            Some(listener) => listener.tell(py, error),
            None => Err(error),
        });
    }
}

fn side(py: Python<'_>, amount: Amount) -> PyResult<Bound<'_, PyAny>> {
    let Amount { files, dirs, others, data_blobs, tree_blobs, bytes } = amount;
    record(py, MODULE, "DiffSide", (files, dirs, others, data_blobs, tree_blobs, bytes))
}

fn statistics(py: Python<'_>, source: Id, target: Id, statistics: Statistics) -> PyResult<Bound<'_, PyAny>> {
    let Statistics { changed_files, added, removed } = statistics;
    let (added, removed) = (side(py, added)?, side(py, removed)?);
    let fields = (source.to_string(), target.to_string(), changed_files, added, removed);
    record(py, MODULE, "DiffStatistics", fields)
}

#[pymethods]
impl Repository {
    #[pyo3(name = "diff", signature = (source, target, /, **options))]
    fn py_diff<'py>(
        &self,
        py: Python<'py>,
        source: Chosen,
        target: Chosen,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let given = Comparing::take(&keywords)?;
        keywords.finish("diff")?;
        let metadata = given.metadata.unwrap_or(false);
        let (source, target, result) =
            self.operate(py, given.cancel, &mut |_| Ok(()), |operation, errands| {
                operation.lock_for_reading()?;
                let (source, target) = (Root::of(source, operation)?, Root::of(target, operation)?);
                let changes = Listener::new(given.on_change.as_ref(), errands);
                let mut telling = Telling { changes, on_error: given.on_error, errands };
                let (repository, cancel) = (&operation.repository, &operation.cancel);
                let result = diff(repository, &source.tree, &target.tree, metadata, &mut telling, cancel)?;
                Ok((source.snapshot, target.snapshot, result))
            })?;
        statistics(py, source, target, result)
    }
}
