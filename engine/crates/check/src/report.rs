//! Problems of all threads in one place.

use parking_lot::Mutex;

use crate::observer::{Level, Observer, Phase, Progress};
use crate::outcome::{CheckOutcome, Problem, Severity};

/// Tells the observer and keeps.
pub struct Report<'a> {
    observer: &'a dyn Observer,
    problems: Mutex<Vec<Problem>>,
}

impl<'a> Report<'a> {
    pub fn new(observer: &'a dyn Observer) -> Self {
        Self { observer, problems: Mutex::default() }
    }

    pub fn add(&self, problem: Problem) {
        self.observer.problem(&problem);
        self.problems.lock().push(problem);
    }

    pub fn say(&self, level: Level, line: &str) {
        self.observer.say(level, line);
    }

    pub fn progress(&self, phase: Phase, progress: Progress) {
        self.observer.progress(phase, progress);
    }

    pub fn has_errors(&self) -> bool {
        self.problems.lock().iter().any(|problem| problem.severity == Severity::Error)
    }

    pub fn outcome(self) -> CheckOutcome {
        CheckOutcome::of(self.problems.into_inner())
    }
}
