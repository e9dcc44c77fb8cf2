//! `stats`.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use holdfast_inspect::stats::{Counters, Figures, Mode, stats};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::exception;
use crate::keywords::{Function, Keywords, options};
use crate::locks::Listing;
use crate::opening::Repository;
use crate::snapshots::{Filter, choose};
use crate::values::record;
use crate::watching::ticker;

options! {
    /// `StatsOptions` of `_inspect.py`, without the selection.
    Counting {
        snapshots: Vec<String>,
        mode: String,
        progress: Function,
    }
}

fn mode(name: Option<&str>) -> PyResult<Mode> {
    Ok(match name {
        None | Some("restore-size") => Mode::RestoreSize,
        Some("files-by-contents") => Mode::FilesByContents,
        Some("blobs-per-file") => Mode::BlobsPerFile,
        Some("raw-data") => Mode::RawData,
        Some(other) => {
            let modes = "restore-size, files-by-contents, blobs-per-file or raw-data";
            return Err(PyValueError::new_err(format!("mode {other:?} is unknown: {modes}")));
        }
    })
}

fn progress<'py>(py: Python<'py>, counters: &Counters, seconds: f64) -> PyResult<Bound<'py, PyTuple>> {
    (
        counters.snapshots.load(Relaxed),
        counters.snapshots_total.load(Relaxed),
        counters.files.load(Relaxed),
        counters.blobs.load(Relaxed),
        counters.bytes.load(Relaxed),
        seconds,
    )
        .into_pyobject(py)
}

fn result<'py>(py: Python<'py>, figures: &Figures) -> PyResult<Bound<'py, PyAny>> {
    let fields = (
        figures.total_size,
        figures.total_uncompressed_size,
        figures.compression_ratio(),
        figures.compression_progress(),
        figures.compression_space_saving(),
        figures.total_file_count,
        figures.total_blob_count,
        figures.snapshots_count,
    );
    record(py, "_inspect", "Stats", fields)
}

#[pymethods]
impl Repository {
    #[pyo3(name = "stats", signature = (**options))]
    fn py_stats<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let (given, mut listing) = (Counting::take(&keywords)?, Listing::take(&keywords)?);
        let filter = Filter::take(&keywords)?.into();
        keywords.finish("stats")?;
        let (mode, names) = (mode(given.mode.as_deref())?, given.snapshots.unwrap_or_default());
        let (stop, on_error) = (listing.cancel.take(), listing.on_error);
        let counters = Arc::new(Counters::default());
        let mut tick = ticker(given.progress, "_inspect", "StatsProgress", {
            let counters = counters.clone();
            move |py, seconds| progress(py, &counters, seconds)
        });
        let figures = self.operate(py, stop, &mut tick, |operation, errands| {
            operation.lock_for_reading()?;
            let mut trees = Vec::new();
            for found in choose(operation, &names, &filter)? {
                match (found, on_error.clone()) {
                    (Ok((_, snapshot)), _) => trees.push(snapshot.tree),
                    (Err(error), None) => return Err(error),
                    (Err(error), Some(listener)) => {
                        errands.post(move |py| listener.tell(py, exception(py, &error)));
                    }
                }
            }
            operation.load_index()?;
            stats(&operation.repository, &trees, mode, &counters, &operation.cancel)
        })?;
        result(py, &figures)
    }
}
