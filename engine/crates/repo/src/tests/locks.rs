use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use holdfast_backend::{Backend, Cancel, Handle};
use holdfast_format::lock::LockFile;
use holdfast_format::time::Zone;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version};
use parking_lot::Mutex;

use super::store::asking;
use super::{files, init, memory, open, until, writer_options};
use crate::lock::Times;
use crate::{Lock, LockKind, Repository, Writer, lock};

const MILLI: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

/// Nothing refreshes and nothing expires; waits are short.
const QUICK: Times = Times {
    settle: MILLI,
    unreadable: MILLI,
    refresh: LONG,
    expiry: LONG,
    retry_first: MILLI,
    retry_most: Duration::from_millis(4),
    tick: MILLI,
};

fn acquire(repository: &Arc<Repository>, kind: LockKind, times: Times) -> Result<Lock> {
    Lock::acquire_with(repository, kind, Duration::ZERO, &Cancel::new(), times)
}

/// A lock of another process, as it would write it.
fn foreign(repository: &Repository, exclusive: bool) -> Result<Id> {
    let lock = LockFile {
        time: Zone::local().now(),
        exclusive,
        hostname: "there".into(),
        username: "anna".into(),
        pid: 77,
        uid: 1000,
        gid: 100,
    };
    repository.save_unpacked(FileType::Lock, &lock.to_json())
}

#[test]
fn exclusive_locks_are_alone_and_shared_ones_are_not() -> Result<()> {
    use LockKind::{Exclusive, Shared};
    for (first, second, together) in [
        (Shared, Shared, true),
        (Shared, Exclusive, false),
        (Exclusive, Shared, false),
        (Exclusive, Exclusive, false),
    ] {
        let backend = memory();
        let (one, other) = (init(&backend, Version::V2)?, open(&backend)?);
        let held = acquire(&one, first, QUICK)?;
        held.confirm()?;
        let result = acquire(&other, second, QUICK);
        assert_eq!(result.is_ok(), together, "{first:?} {second:?}");
        assert!(together || matches!(&result, Err(error) if error.exit_code() == 11));
        drop(result);
        assert_eq!(files(&backend, FileType::Lock)?.len(), 1);
        held.release()?;
        assert!(files(&backend, FileType::Lock)?.is_empty());
    }
    Ok(())
}

#[test]
fn whoever_is_locked_out_learns_by_whom() -> Result<()> {
    let repository = init(&memory(), Version::V2)?;
    let id = foreign(&repository, true)?;
    let message = acquire(&repository, LockKind::Shared, QUICK).map(drop).unwrap_err().to_string();
    let expected = "repository is already locked exclusively by PID 77 on there by anna (UID 1000, GID 100)\nlock was created at ";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.ends_with(&format!(" ago)\nstorage ID {}", id.short())), "{message}");
    lock::unlock(&repository, true)?;
    foreign(&repository, false)?;
    let message = acquire(&repository, LockKind::Exclusive, QUICK).map(drop).unwrap_err().to_string();
    assert!(message.starts_with("repository is already locked by PID 77 on there"), "{message}");
    Ok(())
}

/// A store in which a foreign lock appears just after ours was written (`0`), or later.
fn with_rival(exclusive: bool) -> Result<(Arc<dyn Backend>, Arc<dyn Backend>)> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let rival = open(&inner)?;
    let listings = AtomicUsize::new(0);
    let backend = asking(&inner, move |operation, file| {
        // The third look is the one that `confirm` makes.
        let third = operation == "list"
            && file.kind == FileType::Lock
            && listings.fetch_add(1, Ordering::Relaxed) == 2;
        if third { foreign(&rival, exclusive).map(drop) } else { Ok(()) }
    });
    Ok((inner, backend))
}

#[test]
fn a_rival_seen_at_the_second_look_makes_us_back_out() -> Result<()> {
    let (inner, backend) = with_rival(true)?;
    let cancel = Cancel::new();
    let held = Lock::acquire_with(&open(&backend)?, LockKind::Shared, Duration::ZERO, &cancel, QUICK)?;
    for _ in 0..2 {
        assert!(matches!(held.confirm(), Err(Error::Locked { .. })));
        assert!(matches!(held.check(), Err(Error::Locked { .. })));
    }
    assert_eq!(files(&inner, FileType::Lock)?.len(), 1);
    held.release()?;
    assert_eq!(files(&inner, FileType::Lock)?.len(), 1);
    Ok(())
}

#[test]
fn a_writer_stores_nothing_before_the_second_look() -> Result<()> {
    let (inner, backend) = with_rival(true)?;
    let repository = open(&backend)?;
    let held = Arc::new(acquire(&repository, LockKind::Shared, QUICK)?);
    let writer = Arc::new(Writer::new(&repository, Some(held), &writer_options())?);
    writer.hands().add(BlobType::Data, &[b"blob"], &mut Vec::new())?;
    assert!(matches!(writer.finish(), Err(Error::Locked { .. })));
    assert!(files(&inner, FileType::Pack)?.is_empty() && files(&inner, FileType::Index)?.is_empty());
    Ok(())
}

#[test]
fn a_confirmed_lock_is_not_looked_at_again() -> Result<()> {
    let inner = memory();
    let repository = init(&inner, Version::V2)?;
    let held = acquire(&repository, LockKind::Shared, QUICK)?;
    held.confirm()?;
    foreign(&repository, true)?;
    held.confirm()?;
    held.check()
}

#[test]
fn a_lock_is_tried_again_for_as_long_as_asked() -> Result<()> {
    let backend = memory();
    let (one, other) = (init(&backend, Version::V2)?, open(&backend)?);
    let held = acquire(&one, LockKind::Exclusive, QUICK)?;
    let short = Lock::acquire_with(&other, LockKind::Shared, MILLI * 20, &Cancel::new(), QUICK);
    assert!(matches!(short, Err(Error::Locked { .. })));
    let got = thread::scope(|scope| {
        let waiting =
            scope.spawn(|| Lock::acquire_with(&other, LockKind::Shared, LONG, &Cancel::new(), QUICK));
        drop(held);
        waiting.join().unwrap()
    });
    got?.confirm()
}

#[test]
fn waiting_for_a_lock_can_be_stopped() -> Result<()> {
    let backend = memory();
    let (one, other) = (init(&backend, Version::V2)?, open(&backend)?);
    let _held = acquire(&one, LockKind::Exclusive, QUICK)?;
    let cancel = Cancel::new();
    let times = Times { retry_first: LONG, retry_most: LONG, ..QUICK };
    let result = thread::scope(|scope| {
        let waiting = scope.spawn(|| Lock::acquire_with(&other, LockKind::Shared, LONG, &cancel, times));
        cancel.cancel();
        waiting.join().unwrap()
    });
    assert!(matches!(result, Err(Error::Cancelled)));
    Ok(())
}

#[test]
fn a_lock_is_replaced_by_a_fresh_one_and_removed_at_the_end() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let (log, most) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let (seen, peak, store) = (log.clone(), most.clone(), inner.clone());
    let backend = asking(&inner, move |operation, file| {
        if file.kind == FileType::Lock && operation != "list" {
            seen.lock().push((operation.to_owned(), file.id));
            peak.fetch_max(files(&store, FileType::Lock)?.len(), Ordering::Relaxed);
        }
        Ok(())
    });
    let times = Times { refresh: MILLI, ..QUICK };
    let held = acquire(&open(&backend)?, LockKind::Shared, times)?;
    until(|| log.lock().len() > 20);
    held.confirm()?;
    held.check()?;
    held.release()?;
    assert!(files(&inner, FileType::Lock)?.is_empty());
    let log = log.lock();
    let writes: Vec<Id> =
        log.iter().filter(|(operation, _)| operation == "write").map(|(_, id)| *id).collect();
    let removed: Vec<Id> =
        log.iter().filter(|(operation, _)| operation == "remove").map(|(_, id)| *id).collect();
    assert_eq!(writes, removed);
    let place = |operation: &str, id: Id| log.iter().position(|entry| *entry == (operation.to_owned(), id));
    assert!(writes.windows(2).all(|pair| place("write", pair[1]) < place("remove", pair[0])));
    assert_eq!(most.load(Ordering::Relaxed), 2);
    Ok(())
}

/// A store that refuses to write locks once told so.
fn refusing(inner: &Arc<dyn Backend>) -> (Arc<dyn Backend>, Arc<AtomicBool>) {
    let refuse = Arc::new(AtomicBool::new(false));
    let told = refuse.clone();
    let backend = asking(inner, move |operation, file| {
        let lock = operation == "write" && file.kind == FileType::Lock;
        if lock && told.load(Ordering::Relaxed) { Err(Error::refused("no")) } else { Ok(()) }
    });
    (backend, refuse)
}

#[test]
fn a_lock_that_cannot_be_refreshed_stops_the_operation() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let (backend, refuse) = refusing(&inner);
    let cancel = Cancel::new();
    let times = Times { refresh: MILLI, expiry: MILLI * 200, ..QUICK };
    let held = Lock::acquire_with(&open(&backend)?, LockKind::Shared, Duration::ZERO, &cancel, times)?;
    until(|| files(&inner, FileType::Lock).is_ok_and(|locks| !locks.is_empty()) && held.check().is_ok());
    refuse.store(true, Ordering::Relaxed);
    until(|| cancel.is_cancelled());
    assert!(matches!(held.check(), Err(Error::Refused { what }) if what.contains("could not be refreshed")));
    assert!(held.confirm().is_err());
    held.release()?;
    assert!(files(&inner, FileType::Lock)?.is_empty());
    Ok(())
}

#[test]
fn a_writer_says_that_the_lock_was_lost() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let (backend, refuse) = refusing(&inner);
    let repository = open(&backend)?;
    let options = writer_options();
    let times = Times { refresh: MILLI, expiry: MILLI * 200, ..QUICK };
    let held = Lock::acquire_with(&repository, LockKind::Shared, Duration::ZERO, &options.cancel, times)?;
    let writer = Arc::new(Writer::new(&repository, Some(Arc::new(held)), &options)?);
    writer.hands().add(BlobType::Data, &[b"blob"], &mut Vec::new())?;
    refuse.store(true, Ordering::Relaxed);
    until(|| options.cancel.is_cancelled());
    let error = writer.finish();
    assert!(
        matches!(&error, Err(Error::Refused { what }) if what.contains("could not be refreshed")),
        "{error:?}"
    );
    assert!(files(&inner, FileType::Pack)?.is_empty());
    Ok(())
}

#[test]
fn a_refresh_that_fails_is_tried_again() -> Result<()> {
    let inner = memory();
    init(&inner, Version::V2)?;
    let (backend, refuse) = refusing(&inner);
    let held = acquire(&open(&backend)?, LockKind::Shared, Times { refresh: MILLI * 5, ..QUICK })?;
    refuse.store(true, Ordering::Relaxed);
    let before = files(&inner, FileType::Lock)?;
    refuse.store(false, Ordering::Relaxed);
    until(|| files(&inner, FileType::Lock).is_ok_and(|locks| locks != before));
    held.release()
}

#[test]
fn an_unreadable_lock_is_read_again_and_then_reported_with_a_remedy() -> Result<()> {
    let inner = memory();
    let repository = init(&inner, Version::V2)?;
    let id = foreign(&repository, false)?;
    let failures = AtomicUsize::new(3);
    let backend = asking(&inner, move |operation, file| {
        let foreign = operation == "read" && file.kind == FileType::Lock;
        let fails = foreign
            && failures
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .is_ok();
        if fails { Err(Error::refused("no")) } else { Ok(()) }
    });
    acquire(&open(&backend)?, LockKind::Shared, QUICK)?.release()?;
    let bad = Handle::new(FileType::Lock, id);
    inner.remove(&bad)?;
    inner.write(&bad, b"not a lock at all, but long enough to be one")?;
    let error = acquire(&repository, LockKind::Shared, QUICK).map(drop);
    let named =
        |what: &str, why: &str| what.contains(&id.to_string()) && why.contains("`unlock --remove-all`");
    assert!(matches!(&error, Err(Error::Damaged { what, why }) if named(what, why)), "{error:?}");
    assert_eq!(files(&inner, FileType::Lock)?, [id]);
    Ok(())
}

#[test]
fn empty_lock_files_and_locks_that_vanish_are_no_obstacle() -> Result<()> {
    let inner = memory();
    let repository = init(&inner, Version::V2)?;
    inner.write(&Handle::new(FileType::Lock, Id::of(b"interrupted upload")), b"")?;
    let vanishing = foreign(&repository, true)?;
    let store = inner.clone();
    let backend =
        asking(
            &inner,
            move |operation, file| {
                if operation == "read" && file.id == vanishing { store.remove(file) } else { Ok(()) }
            },
        );
    acquire(&open(&backend)?, LockKind::Exclusive, Times { unreadable: LONG, ..QUICK })?.confirm()
}

#[test]
fn unlock_removes_stale_locks_or_all() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let held = acquire(&repository, LockKind::Shared, QUICK)?;
    let fresh = foreign(&repository, false)?;
    let mut old = LockFile {
        time: Zone::local().now(),
        exclusive: true,
        hostname: "there".into(),
        username: String::new(),
        pid: 1,
        uid: 0,
        gid: 0,
    };
    old.time.seconds -= 31 * 60;
    repository.save_unpacked(FileType::Lock, &old.to_json())?;
    let unreadable = Handle::new(FileType::Lock, Id::of(b"unreadable"));
    backend.write(&unreadable, b"unreadable")?;
    let listed = lock::list(&repository)?;
    assert_eq!((listed.len(), listed.iter().filter(|(_, lock)| lock.is_ok()).count()), (4, 3));
    assert_eq!(lock::unlock(&repository, false)?, 1);
    let left = files(&backend, FileType::Lock)?;
    assert!(left.len() == 3 && left.contains(&fresh) && left.contains(&unreadable.id));
    assert_eq!(lock::unlock(&repository, true)?, 3);
    held.release()
}

#[test]
fn a_lock_that_somebody_removed_ends_the_operation() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let cancel = Cancel::new();
    let times = Times { refresh: MILLI, ..QUICK };
    let held = Lock::acquire_with(&repository, LockKind::Shared, Duration::ZERO, &cancel, times)?;
    until(|| lock::unlock(&repository, true).is_err() || cancel.is_cancelled());
    assert!(
        matches!(held.check(), Err(Error::Refused { what }) if what.contains("removed by somebody else"))
    );
    Ok(())
}

#[test]
fn nothing_counts_that_was_written_while_the_lock_was_gone() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let held = Arc::new(acquire(&repository, LockKind::Shared, QUICK)?);
    let writer = Arc::new(Writer::new(&repository, Some(held.clone()), &writer_options())?);
    writer.hands().add(BlobType::Data, &[b"blob"], &mut Vec::new())?;
    held.verify()?;
    assert_eq!(lock::unlock(&repository, true)?, 1);
    for _ in 0..2 {
        let error = writer.finish();
        assert!(
            matches!(&error, Err(Error::Refused { what }) if what.contains("removed by somebody else")),
            "{error:?}"
        );
    }
    assert!(files(&backend, FileType::Index)?.is_empty());
    Ok(())
}

#[test]
fn an_exclusive_lock_that_is_refreshed_meanwhile_does_not_see_itself() -> Result<()> {
    for _ in 0..20 {
        let repository = init(&memory(), Version::V2)?;
        let held = acquire(
            &repository,
            LockKind::Exclusive,
            Times { refresh: Duration::ZERO, tick: Duration::ZERO, ..QUICK },
        )?;
        held.confirm()?;
        held.release()?;
    }
    Ok(())
}
