//! `find`, `find_objects` and `places`.

use holdfast_format::node::Node;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_inspect::find::{Hits, Query, find};
use holdfast_inspect::objects::{Objects, Use, Uses};
use holdfast_repo::SnapshotFilter;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::cancel::Stop;
use crate::errors::{IntoPython, retold};
use crate::iterating::{Iterating, Sink};
use crate::keywords::{Function, Keywords, Paths, options};
use crate::node::PyNode;
use crate::opening::Repository;
use crate::operation::Operation;
use crate::snapshots::{Filter, PySnapshot, choose};
use crate::times::{Moment, datetime};
use crate::values::record;
use crate::watching::both;

const MODULE: &str = "_inspect";

options! {
    /// `FindOptions` of `_inspect.py`, without the filter.
    Finding {
        snapshots: Vec<String>,
        ignore_case: bool,
        oldest: Moment,
        newest: Moment,
        oldest_first: bool,
        on_error: Function,
        cancel: Stop,
    }
}

/// Which snapshots, in which order, and who hears of those that cannot be read.
struct Where {
    names: Vec<String>,
    filter: SnapshotFilter,
    oldest_first: bool,
    on_error: Option<Function>,
}

impl Where {
    fn take(keywords: &Keywords<'_>, finding: &mut Finding) -> PyResult<Self> {
        Ok(Self {
            names: finding.snapshots.take().unwrap_or_default(),
            filter: Filter::take(keywords)?.into(),
            oldest_first: finding.oldest_first.unwrap_or(false),
            on_error: finding.on_error.take(),
        })
    }

    /// Loads the index after the snapshots that need it.
    fn snapshots(&self, operation: &Operation<'_>, sink: &Sink<'_>) -> Result<Vec<(Id, Snapshot)>> {
        operation.lock_for_reading()?;
        let mut snapshots = Vec::new();
        for found in choose(operation, &self.names, &self.filter)? {
            match found {
                Ok(snapshot) => snapshots.push(snapshot),
                Err(error) => sink.report(self.on_error.as_ref(), error)?,
            }
        }
        snapshots.sort_by_key(|(_, snapshot)| snapshot.time.instant());
        if !self.oldest_first {
            snapshots.reverse();
        }
        operation.load_index()?;
        Ok(snapshots)
    }
}

/// Hands on what is found in one snapshot.
struct Finds<'a> {
    id: Id,
    snapshot: &'a Snapshot,
    operation: &'a Operation<'a>,
    sink: &'a Sink<'a>,
    on_error: Option<&'a Function>,
}

impl Finds<'_> {
    fn unreadable(&self, error: &Error) -> Result<()> {
        self.sink.retell(self.on_error, retold(error))
    }
}

impl Hits for Finds<'_> {
    fn found(&mut self, path: &[u8], node: &Node) -> Result<()> {
        let (id, snapshot) = (self.id, self.snapshot.clone());
        let node = PyNode::new(path.to_vec(), node.clone());
        self.sink.put(move |py| record(py, MODULE, "FindMatch", (PySnapshot::new(id, snapshot), node)))
    }

    fn unreadable(&mut self, _tree: &Id, error: &Error) -> Result<()> {
        Finds::unreadable(self, error)
    }
}

impl Uses for Finds<'_> {
    fn found(&mut self, used: Use<'_>) -> Result<()> {
        let place = self.operation.repository.index().find(used.kind, &used.id);
        let (snapshot, time, path) = (self.id, self.snapshot.time, used.path.to_vec());
        let Use { kind, id, parent, .. } = used;
        self.sink.put(move |py| {
            let (text, raw) = both(py, &path)?;
            let name = |id: Id| id.to_string();
            let fields = (
                object_type(kind),
                name(id),
                text,
                raw,
                parent.map(name),
                name(snapshot),
                datetime(py, time)?,
                place.map(|place| name(place.pack)),
            );
            record(py, MODULE, "ObjectMatch", fields)
        })
    }

    fn unreadable(&mut self, _tree: &Id, error: &Error) -> Result<()> {
        Finds::unreadable(self, error)
    }
}

fn object_type(kind: BlobType) -> &'static str {
    match kind {
        BlobType::Data => "blob",
        BlobType::Tree => "tree",
    }
}

/// `blob`, `tree` or `pack`.
#[derive(Clone, Copy)]
enum Kind {
    Blob,
    Tree,
    Pack,
}

impl FromPyObject<'_, '_> for Kind {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        match object.extract::<String>()?.as_str() {
            "blob" => Ok(Self::Blob),
            "tree" => Ok(Self::Tree),
            "pack" => Ok(Self::Pack),
            other => Err(PyValueError::new_err(format!("kind {other:?} is unknown: blob, tree or pack"))),
        }
    }
}

impl Kind {
    /// What is looked for; the index must be loaded.
    fn objects(self, operation: &Operation<'_>, ids: &[String]) -> Result<Objects> {
        match self {
            Self::Blob => Ok(Objects::blobs(ids)),
            Self::Tree => Ok(Objects::trees(ids)),
            Self::Pack => Objects::packs(&operation.repository, ids).map(|(objects, _)| objects),
        }
    }
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (patterns, /, **options))]
    fn find(
        slf: &Bound<'_, Self>,
        patterns: Paths,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Iterating> {
        let keywords = Keywords::new(slf.py(), options)?;
        let mut finding = Finding::take(&keywords)?;
        let chosen = Where::take(&keywords, &mut finding)?;
        keywords.finish("find")?;
        let instant = |moment: Option<Moment>| moment.map(|moment| moment.0.instant());
        let (oldest, newest) = (instant(finding.oldest), instant(finding.newest));
        let ignore_case = finding.ignore_case.unwrap_or(false);
        let query = Query::new(&patterns.into_bytes(), ignore_case, oldest, newest).raised(slf.py())?;
        Iterating::start(slf, finding.cancel, move |operation, sink| {
            for (id, snapshot) in &chosen.snapshots(operation, sink)? {
                let on_error = chosen.on_error.as_ref();
                let mut finds = Finds { id: *id, snapshot, operation, sink, on_error };
                find(&operation.repository, &snapshot.tree, &query, &mut finds, &operation.cancel)?;
            }
            Ok(())
        })
    }

    #[pyo3(signature = (kind, ids, /, **options))]
    fn find_objects(
        slf: &Bound<'_, Self>,
        kind: Kind,
        ids: Vec<String>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Iterating> {
        let keywords = Keywords::new(slf.py(), options)?;
        let mut finding = Finding::take(&keywords)?;
        let chosen = Where::take(&keywords, &mut finding)?;
        keywords.finish("find_objects")?;
        Iterating::start(slf, finding.cancel, move |operation, sink| {
            let snapshots = chosen.snapshots(operation, sink)?;
            let mut objects = kind.objects(operation, &ids)?;
            for (id, snapshot) in &snapshots {
                let on_error = chosen.on_error.as_ref();
                let mut finds = Finds { id: *id, snapshot, operation, sink, on_error };
                objects.search(&operation.repository, &snapshot.tree, &mut finds, &operation.cancel)?;
            }
            Ok(())
        })
    }

    #[pyo3(signature = (kind, ids, /, *, cancel = None))]
    fn places<'py>(
        &self,
        py: Python<'py>,
        kind: Kind,
        ids: Vec<String>,
        cancel: Option<Stop>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let places = self.quietly(py, cancel, |operation| {
            operation.lock_for_reading()?;
            operation.load_index()?;
            Ok(kind.objects(operation, &ids)?.places(&operation.repository))
        })?;
        let place = |(kind, id, place): (BlobType, String, Result<_>)| {
            let place: Option<holdfast_repo::Place> = place.ok().flatten();
            record(
                py,
                MODULE,
                "ObjectPlace",
                (object_type(kind), id, place.map(|place| place.pack.to_string())),
            )
        };
        places.into_iter().map(place).collect()
    }
}
