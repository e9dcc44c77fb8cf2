//! `check`.

use std::sync::Arc;
use std::time::Instant;

use holdfast_check::{
    CheckOptions, CheckOutcome, Level, Observer, Phase, Problem, ProblemKind, Progress, Severity, Subset,
    check,
};
use holdfast_repo::LockKind;
use parking_lot::Mutex;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::cancel::Stop;
use crate::errors::IntoPython;
use crate::keywords::{Function, Keywords, options};
use crate::opening::Repository;
use crate::snapshots::Filter;
use crate::values::record;
use crate::watching::{Listener, ticker};

const MODULE: &str = "_check";

options! {
    /// `CheckOptions` of `_check.py`, without the filter.
    Checking {
        snapshots: Vec<String>,
        read_data: bool,
        read_data_subset: String,
        check_unused: bool,
        progress: Function,
        on_problem: Function,
        on_line: Function,
        cancel: Stop,
    }
}

impl Checking {
    fn read(&self, py: Python<'_>) -> PyResult<Subset> {
        match (self.read_data.unwrap_or(false), &self.read_data_subset) {
            (true, Some(_)) => Err(PyValueError::new_err("either read_data or read_data_subset, not both")),
            (true, None) => Ok(Subset::All),
            (false, Some(text)) => Subset::parse(text).raised(py),
            (false, None) => Ok(Subset::Nothing),
        }
    }
}

type Latest = Arc<Mutex<(Option<Phase>, Progress)>>;

/// Tells Python, and keeps how far it is for the next tick; that a phase is done is told at once.
struct Telling {
    start: Instant,
    progress: Option<Listener>,
    problems: Option<Listener>,
    lines: Option<Listener>,
    latest: Latest,
}

impl Observer for Telling {
    fn problem(&self, problem: &Problem) {
        let Some(listener) = &self.problems else { return };
        let problem = problem.clone();
        listener.tell(MODULE, "CheckProblem", move |py| fields(py, &problem));
    }

    fn say(&self, level: Level, line: &str) {
        let Some(listener) = &self.lines else { return };
        let (level, line) = (level_name(level), line.to_owned());
        listener.tell(MODULE, "CheckLine", move |py| (level, line).into_pyobject(py));
    }

    fn progress(&self, phase: Phase, progress: Progress) {
        *self.latest.lock() = (Some(phase), progress);
        let Some(listener) = self.progress.as_ref().filter(|_| progress.done == progress.total) else {
            return;
        };
        let seconds = self.start.elapsed().as_secs_f64();
        listener.tell(MODULE, "CheckProgress", move |py| state(py, Some(phase), progress, seconds));
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Plain => "plain",
        Level::Notice => "notice",
        Level::Error => "error",
    }
}

fn kind_name(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Key => "key",
        ProblemKind::Lock => "lock",
        ProblemKind::Index => "index",
        ProblemKind::IndexConflict => "index-conflict",
        ProblemKind::DuplicatePack => "duplicate-pack",
        ProblemKind::MixedPack => "mixed-pack",
        ProblemKind::MissingPack => "missing-pack",
        ProblemKind::PackSize => "pack-size",
        ProblemKind::UnreferencedPack => "unreferenced-pack",
        ProblemKind::Snapshot => "snapshot",
        ProblemKind::Tree => "tree",
        ProblemKind::UnusedBlob => "unused-blob",
        ProblemKind::PackData => "pack-data",
        ProblemKind::PackRead => "pack-read",
    }
}

fn fields<'py>(py: Python<'py>, problem: &Problem) -> PyResult<Bound<'py, PyTuple>> {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Hint => "hint",
    };
    let pack = problem.pack.map(|pack| pack.to_string());
    (severity, kind_name(problem.kind), &problem.what, &problem.why, problem.to_string(), pack)
        .into_pyobject(py)
}

fn state(
    py: Python<'_>,
    phase: Option<Phase>,
    Progress { done, total, bytes_done, bytes_total }: Progress,
    seconds: f64,
) -> PyResult<Bound<'_, PyTuple>> {
    let phase = match phase {
        None | Some(Phase::Index) => "index",
        Some(Phase::Snapshots) => "snapshots",
        Some(Phase::Data) => "data",
    };
    (phase, done, total, bytes_done, bytes_total, seconds).into_pyobject(py)
}

fn report<'py>(py: Python<'py>, outcome: &CheckOutcome) -> PyResult<Bound<'py, PyAny>> {
    let problem = |problem| record(py, MODULE, "CheckProblem", fields(py, problem)?);
    let problems: Vec<_> = outcome.problems.iter().map(problem).collect::<PyResult<_>>()?;
    let packs = outcome.broken_packs.iter().map(ToString::to_string);
    let fields = (
        outcome.num_errors,
        PyTuple::new(py, packs)?,
        outcome.suggest_repair_index,
        outcome.suggest_prune,
        PyTuple::new(py, problems)?,
    );
    record(py, MODULE, "CheckReport", fields)
}

#[pymethods]
impl Repository {
    #[pyo3(signature = (**options))]
    fn check<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keywords = Keywords::new(py, options)?;
        let (given, filter) = (Checking::take(&keywords)?, Filter::take(&keywords)?.into());
        keywords.finish("check")?;
        let (read, unused) = (given.read(py)?, given.check_unused.unwrap_or(false));
        let options = CheckOptions { snapshots: given.snapshots.unwrap_or_default(), filter, read, unused };
        let latest = Latest::default();
        let start = Instant::now();
        let mut tick = ticker(given.progress.clone(), MODULE, "CheckProgress", {
            let latest = latest.clone();
            move |py, seconds| {
                let (phase, progress) = *latest.lock();
                state(py, phase, progress, seconds)
            }
        });
        let outcome = self.operate(py, given.cancel, &mut tick, |operation, errands| {
            let telling = Telling {
                start,
                progress: Listener::new(given.progress.as_ref(), errands),
                problems: Listener::new(given.on_problem.as_ref(), errands),
                lines: Listener::new(given.on_line.as_ref(), errands),
                latest,
            };
            let lock = if self.no_lock { None } else { Some(operation.lock(LockKind::Exclusive)?) };
            operation.confirming(lock.as_deref(), || {
                check(&operation.repository, &options, &telling, &operation.cancel)
            })
        })?;
        report(py, &outcome)
    }
}
