//! What retries, limits and faults do to a store.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use holdfast_backend::fault::Faulty;
use holdfast_backend::fault::plan::Plan;
use holdfast_backend::limit::{Narrowed, Rates, Slowed};
use holdfast_backend::local::Local;
use holdfast_backend::memory::Memory;
use holdfast_backend::retry::{Patience, Policy, Retrying};
use holdfast_backend::{Backend, BackendOptions, Cancel, Handle, Listed, Location, Notices, open};
use holdfast_format::{Error, FileType, Id, Result};

const PACK: Handle = Handle { kind: FileType::Pack, id: Id([0xab; 32]), tree_pack: false };
const LOCK: Handle = Handle { kind: FileType::Lock, id: Id([0xcd; 32]), tree_pack: false };

/// What was said, for people.
type Said = Arc<Mutex<Vec<String>>>;

struct Patient {
    store: Retrying,
    below: Arc<Memory>,
    cancel: Cancel,
    said: Said,
}

/// A store of its own that fails as planned, below retries.
fn patient(name: &str, plan: &str) -> Patient {
    let (below, cancel, said) = (Arc::new(Memory::named(name)), Cancel::new(), Said::default());
    let faulty = Faulty::new(below.clone(), Plan::parse(plan).unwrap(), cancel.clone());
    let heard = said.clone();
    let notices = Notices::to(move |line| heard.lock().unwrap().push(line.to_owned()));
    let patience = Patience { policy: Policy::QUICK, cancel: cancel.clone(), notices };
    Patient { store: Retrying::new(Arc::new(faulty), patience), below, cancel, said }
}

fn bytes(store: &dyn Backend, file: &Handle) -> Vec<u8> {
    let mut out = Vec::new();
    store.read(file, 0, None, &mut out).unwrap();
    out
}

#[test]
fn what_fails_for_a_while_is_done_in_the_end_and_said() {
    let all = "create:1:fail,stat:2:fail,read:1:fail,write:1:fail,list:1:fail,remove:1:fail";
    let patient = patient("for a while", all);
    let store = &patient.store;
    store.create().unwrap();
    store.write(&PACK, b"pack").unwrap();
    assert_eq!(store.stat(&PACK).unwrap(), 4);
    assert_eq!(bytes(store, &PACK), b"pack");
    assert_eq!(store.list(FileType::Pack).unwrap(), [Listed { id: PACK.id, size: 4 }]);
    store.remove(&PACK).unwrap();
    let said = patient.said.lock().unwrap();
    assert_eq!(said.len(), 12, "{said:?}");
    assert!(said[2].starts_with(&format!("write {PACK} returned error, retrying after ")), "{said:?}");
    assert!(said[2].ends_with(": connection reset"), "{said:?}");
    assert_eq!(said[3], format!("write {PACK} successful after 1 retries"));
}

#[test]
fn what_arrived_although_the_reply_got_lost_is_done() {
    let patient = patient("lost replies", "write:1:fail-after,write:2+:denied,remove:1:fail-after");
    patient.store.write(&PACK, b"pack").unwrap();
    assert_eq!(bytes(patient.below.as_ref(), &PACK), b"pack");
    patient.store.remove(&PACK).unwrap();
    assert!(matches!(patient.below.stat(&PACK), Err(Error::Missing { .. })));
}

#[test]
fn what_arrived_in_part_is_written_again() {
    let patient = patient("in part", "write:1:fail");
    patient.below.write(&PACK, b"pa").unwrap();
    patient.store.write(&PACK, b"pack").unwrap();
    assert_eq!(bytes(patient.below.as_ref(), &PACK), b"pack");
}

#[test]
fn a_config_of_somebody_else_stays() {
    let patient = patient("somebody else's", "write:1:fail");
    patient.below.write(&Handle::config(), b"theirs").unwrap();
    assert!(matches!(patient.store.write(&Handle::config(), b"our own"), Err(Error::Store { .. })));
    assert_eq!(bytes(patient.below.as_ref(), &Handle::config()), b"theirs");
}

#[test]
fn what_cannot_get_better_is_not_tried_again() {
    let patient = patient("for ever", "write:1:denied,write:2:full,any:3+:fail");
    assert!(patient.store.write(&PACK, b"pack").unwrap_err().to_string().contains("permission denied"));
    assert!(patient.store.write(&PACK, b"pack").unwrap_err().to_string().contains("no storage space"));
    assert!(patient.said.lock().unwrap().is_empty());
}

#[test]
fn a_store_that_never_recovers_is_given_up_with_its_own_error() {
    let patient = patient("never", "read:1+:fail");
    let error = patient.store.read(&PACK, 0, None, &mut Vec::new()).unwrap_err();
    assert!(matches!(&error, Error::Store { operation: "read", what, .. } if *what == PACK.to_string()));
    assert!(!patient.said.lock().unwrap().is_empty());
}

#[test]
fn after_a_cancel_no_pack_is_moved_but_the_lock_goes() {
    let patient = patient("cancelled", "any:1000:fail");
    patient.store.write(&LOCK, b"lock").unwrap();
    patient.cancel.cancel();
    assert!(matches!(patient.store.write(&PACK, b"pack"), Err(Error::Cancelled)));
    assert!(matches!(patient.store.read(&PACK, 0, None, &mut Vec::new()), Err(Error::Cancelled)));
    patient.store.remove(&LOCK).unwrap();
    assert_eq!(patient.below.list(FileType::Lock).unwrap(), []);
}

#[test]
fn a_cancel_ends_the_wait_between_attempts() {
    let patient = patient("cancelled wait", "write:1+:fail");
    let for_ever = Duration::from_secs(24 * 3600);
    let policy = Policy { first: for_ever, longest: for_ever, give_up: for_ever };
    let cancel = patient.cancel.clone();
    let notices = Notices::to(move |_| cancel.cancel());
    let patience = Patience { policy, cancel: patient.cancel, notices };
    let store = Retrying::new(Arc::new(patient.store), patience);
    assert!(matches!(store.write(&PACK, b"pack"), Err(Error::Cancelled)));
}

#[test]
fn a_lying_store_lies() {
    let store = patient("lies", "read:1:flip,read:2:short,list:1:short,write:2:flip,write:3:short").store;
    store.write(&PACK, &[0; 8]).unwrap();
    assert_eq!(bytes(&store, &PACK), [0, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(bytes(&store, &PACK), [0; 4]);
    assert_eq!(bytes(&store, &PACK), [0; 8]);
    assert_eq!(store.list(FileType::Pack).unwrap(), []);
    store.write(&LOCK, &[0; 2]).unwrap();
    assert_eq!(bytes(&store, &LOCK), [0, 1]);
    store.write(&Handle::config(), &[0; 2]).unwrap();
    assert_eq!(bytes(&store, &Handle::config()), [0]);
}

/// A store that says stop instead of waiting: what comes back as `Cancelled` would have had to wait.
fn slowed(name: &str, up: u64, down: u64) -> Slowed {
    let cancel = Cancel::new();
    cancel.cancel();
    let below = Memory::named(name);
    below.write(&PACK, &[0; 5000]).unwrap();
    Slowed::new(Arc::new(below), Rates::new(up, down), cancel)
}

#[test]
fn each_direction_has_its_own_limit_and_locks_have_none() {
    let read = |store: &Slowed, file| store.read(file, 0, None, &mut Vec::new());
    let other = Handle::new(FileType::Index, PACK.id);
    let up = slowed("up", 1, 0);
    assert!(matches!(up.write(&other, &[0; 5000]), Err(Error::Cancelled)));
    assert!(read(&up, &PACK).is_ok());
    assert!(up.write(&LOCK, &[0; 5000]).is_ok());
    let down = slowed("down", 0, 1);
    assert!(down.write(&other, &[0; 5000]).is_ok());
    assert!(down.write(&LOCK, &[0; 5000]).is_ok());
    assert!(matches!(read(&down, &PACK), Err(Error::Cancelled)));
    assert!(read(&down, &LOCK).is_ok());
}

#[test]
fn a_stalled_operation_ends_with_a_cancel_and_does_nothing() {
    let patient = patient("stalled", "write:1:stall");
    patient.cancel.cancel();
    assert!(matches!(patient.store.write(&LOCK, b"lock"), Err(Error::Cancelled)));
    assert!(matches!(patient.below.stat(&LOCK), Err(Error::Missing { .. })));
}

/// Counts who is inside, and keeps them there until `full` have been, or for a good while.
#[derive(Debug)]
struct Counting {
    inside: AtomicUsize,
    most: AtomicUsize,
    full: usize,
}

fn counting(full: usize) -> (Arc<Counting>, Narrowed) {
    let counting = Arc::new(Counting { inside: AtomicUsize::new(0), most: AtomicUsize::new(0), full });
    (counting.clone(), Narrowed::new(counting))
}

/// Gives others every chance to make it true; only what is broken takes that long.
fn comes_true(condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() && Instant::now() < end {
        std::thread::yield_now();
    }
    condition()
}

impl Backend for Counting {
    fn location(&self) -> String {
        String::new()
    }
    fn connections(&self) -> usize {
        3
    }
    fn create(&self) -> Result<()> {
        Ok(())
    }
    fn stat(&self, file: &Handle) -> Result<u64> {
        if file.kind == FileType::Lock {
            let inside = self.inside.load(Ordering::SeqCst);
            self.most.store(self.full, Ordering::SeqCst);
            return Ok(inside as u64);
        }
        let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(inside, Ordering::SeqCst);
        comes_true(|| self.most.load(Ordering::SeqCst) >= self.full);
        (0..1000).for_each(|_| std::thread::yield_now());
        self.inside.fetch_sub(1, Ordering::SeqCst);
        Ok(0)
    }
    fn read(&self, _: &Handle, _: u64, _: Option<usize>, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }
    fn write(&self, _: &Handle, _: &[u8]) -> Result<()> {
        Ok(())
    }
    fn list(&self, _: FileType) -> Result<Vec<Listed>> {
        Ok(Vec::new())
    }
    fn remove(&self, _: &Handle) -> Result<()> {
        Ok(())
    }
}

#[test]
fn no_more_operations_run_than_there_are_connections_and_that_many_do() {
    let (counting, store) = counting(3);
    std::thread::scope(|scope| {
        for _ in 0..9 {
            scope.spawn(|| store.stat(&PACK).unwrap());
        }
    });
    assert_eq!(counting.most.load(Ordering::SeqCst), 3);
}

#[test]
fn locks_need_no_free_connection() {
    let (counting, store) = counting(usize::MAX); // only the lock lets the others out early
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| store.stat(&PACK).unwrap());
        }
        assert!(comes_true(|| counting.inside.load(Ordering::SeqCst) == 3));
        assert_eq!(store.stat(&LOCK).unwrap(), 3);
    });
}

const ROOT: &str = "HOLDFAST_TEST_ROOT";

/// Not a test of its own: what the tests below run as another process.
#[test]
#[ignore = "run by other tests"]
fn child_opens_and_writes() {
    let root = std::env::var(ROOT).unwrap();
    let store = open(&Location::parse(&root).unwrap(), &BackendOptions::default(), &Cancel::new()).unwrap();
    store.write(&LOCK, b"lock").unwrap();
    store.write(&PACK, b"pack").unwrap();
}

/// What stalls goes on at once, because the folder itself is there.
fn child(root: &Path, faults: &str) -> ExitStatus {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_opens_and_writes", "--ignored", "--quiet"]);
    child.env(ROOT, root).env("HOLDFAST_FAULTS", faults).env("HOLDFAST_FAULTS_LOG", root.join("log"));
    child.env("HOLDFAST_FAULTS_GO", root);
    child.output().unwrap().status
}

#[test]
fn a_process_is_killed_before_during_and_after_an_operation() {
    for (when, packs, files) in [("before", 0, 0), ("during", 0, 1), ("after", 1, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let store = Local::open(folder.path(), 2);
        store.create().unwrap();
        let status = child(folder.path(), &format!("write/pack:1:kill-{when}"));
        assert_eq!(status.signal(), Some(9), "{when}");
        assert_eq!(store.list(FileType::Lock).unwrap().len(), 1, "{when}");
        assert_eq!(store.list(FileType::Pack).unwrap().len(), packs, "{when}");
        assert_eq!(folder.path().join("data/ab").read_dir().unwrap().count(), files, "{when}");
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert_eq!(log, format!("write {LOCK}\nwrite {PACK}\n"), "{when}");
    }
}

#[test]
fn a_plan_that_makes_no_sense_stops_the_program() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!child(folder.path(), "write:1:explode").success());
    assert!(child(folder.path(), "write:99:fail").success());
    assert!(child(tempfile::tempdir().unwrap().path(), "write:1:stall").success());
}
