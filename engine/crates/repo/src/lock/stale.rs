//! Which locks nobody holds any more.
//!
//! A lock is stale when it is older than 30 minutes, or when its process on this machine is gone. The second rule needs
//! process numbers that mean the same to writer and reader. Inside a pid namespace of its own (a container) they do not:
//! there, a container that shares the host's name but not its processes would take the locks of all others for stale. So
//! the rule holds only in the machine's first pid namespace, which has a fixed number in every kernel.

use std::fs;
use std::time::Duration;

use holdfast_format::lock::LockFile;
use holdfast_format::time::{Timestamp, Zone};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use crate::machine;

/// restic's limit.
const OLDEST: Duration = Duration::from_secs(30 * 60);
/// What `/proc/self/ns/pid` says in the first namespace (`PROC_PID_INIT_INO`).
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// What is needed to judge.
pub struct Rule {
    now: Timestamp,
    hostname: String,
    /// `None`: numbers of processes say nothing here.
    is_alive: Option<fn(u32) -> bool>,
}

impl Rule {
    /// As seen from this process, now.
    pub fn here() -> Self {
        let first = fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link.as_os_str() == FIRST_NAMESPACE);
        Self { now: Zone::local().now(), hostname: machine::hostname(), is_alive: first.then_some(is_alive) }
    }

    /// Whether nobody holds it.
    pub fn is_stale(&self, lock: &LockFile) -> bool {
        let gone =
            self.is_alive.is_some_and(|is_alive| lock.hostname == self.hostname && !is_alive(lock.pid));
        self.age(lock) > OLDEST || gone
    }

    fn age(&self, lock: &LockFile) -> Duration {
        let since = |time: &Timestamp| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
        let nanos = since(&self.now) - since(&lock.time);
        Duration::from_nanos(nanos.clamp(0, i128::from(u64::MAX)) as u64)
    }
}

/// A process that is not ours to signal is alive too.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) != Err(Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(age: i64, hostname: &str, pid: u32) -> LockFile {
        let time = Timestamp { seconds: 10_000 - age, nanos: 0, offset: 3600 };
        LockFile {
            time,
            exclusive: false,
            hostname: hostname.into(),
            username: String::new(),
            pid,
            uid: 0,
            gid: 0,
        }
    }

    fn rule(is_alive: Option<fn(u32) -> bool>) -> Rule {
        Rule { now: Timestamp { seconds: 10_000, nanos: 0, offset: 0 }, hostname: "here".into(), is_alive }
    }

    #[test]
    fn a_lock_is_stale_after_30_minutes_whoever_holds_it() {
        let rule = rule(Some(|_| true));
        assert!(rule.is_stale(&lock(1801, "here", 1)));
        assert!(rule.is_stale(&lock(1801, "there", 1)));
        assert!(!rule.is_stale(&lock(1800, "here", 1)));
        assert!(!rule.is_stale(&lock(-100, "there", 1)));
    }

    #[test]
    fn a_lock_is_stale_when_its_process_on_this_machine_is_gone() {
        let rule = rule(Some(|pid| pid == 7));
        assert!(rule.is_stale(&lock(1, "here", 8)));
        assert!(!rule.is_stale(&lock(1, "here", 7)));
        assert!(!rule.is_stale(&lock(1, "there", 8)));
    }

    #[test]
    fn in_a_container_a_process_that_is_gone_says_nothing() {
        assert!(!rule(None).is_stale(&lock(1, "here", 8)));
    }

    #[test]
    fn this_process_is_alive_and_impossible_ones_are_not() {
        assert!(is_alive(std::process::id()));
        assert!(!is_alive(0));
        assert!(!is_alive(u32::MAX));
        assert!(!is_alive(i32::MAX as u32));
    }
}
