use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::time::{Duration, SystemTime};

use holdfast_filter::PatternList;

use super::*;
use crate::{Overwrite, Selection};

/// A file of the snapshot, and another one in the target, `age` seconds younger than that of the snapshot.
fn overwritten(rule: Overwrite, there: &[u8], younger: i64) -> (Vec<u8>, Option<Action>) {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let mut file = sample.file("f", &[b"snapshot"]);
    file.mtime.nanos = 0;
    let tree = sample.tree(vec![file]);
    fs::write(target.path().join("f"), there).unwrap();
    let time =
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000u64.checked_add_signed(younger).unwrap());
    fs::File::options().write(true).open(target.path().join("f")).unwrap().set_modified(time).unwrap();
    let options = RestoreOptions { overwrite: rule, ..RestoreOptions::default() };
    let restored = restore(&sample.open(), &tree, target.path(), &options);
    (fs::read(target.path().join("f")).unwrap(), restored.told.action("/f"))
}

#[test]
fn what_is_there_is_overwritten_as_the_rule_says() {
    let (snapshot, there) = (b"snapshot".to_vec(), b"existing".to_vec());
    let updated = (snapshot.clone(), Some(Action::FileUpdated));
    let stays = (there.clone(), Some(Action::Unchanged));
    assert_eq!(overwritten(Overwrite::Always, &there, 0), updated);
    assert_eq!(overwritten(Overwrite::Always, &snapshot, 5), (snapshot.clone(), Some(Action::Unchanged)));
    assert_eq!(overwritten(Overwrite::IfChanged, &there, 0), stays);
    assert_eq!(overwritten(Overwrite::IfChanged, &there, 1), updated);
    assert_eq!(overwritten(Overwrite::IfChanged, b"longer than it", 0), updated);
    assert_eq!(overwritten(Overwrite::IfNewer, &there, 0), stays);
    assert_eq!(overwritten(Overwrite::IfNewer, &there, -1), updated);
    assert_eq!(overwritten(Overwrite::Never, &there, -1), stays);
}

#[test]
fn blobs_that_are_right_are_not_written_again() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let blobs = [[1; 5000], [2; 5000], [3; 5000]];
    let tree = sample.tree(vec![sample.file("f", &[&blobs[0], &blobs[1], &blobs[2]])]);
    let path = target.path().join("f");
    fs::write(&path, [&blobs[0][..], &[9; 5000], &blobs[2], &[4; 5000]].concat()).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    restore_all(&sample.open(), &tree, target.path());
    assert_eq!(fs::read(&path).unwrap(), blobs.concat());
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
}

#[test]
fn a_file_that_is_only_too_long_is_cut() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let tree = sample.tree(vec![sample.file("f", &[b"right"]), sample.file("empty", &[])]);
    fs::write(target.path().join("f"), b"right and more").unwrap();
    fs::write(target.path().join("empty"), b"not empty").unwrap();
    restore_all(&sample.open(), &tree, target.path());
    assert_eq!(fs::read(target.path().join("f")).unwrap(), b"right");
    assert_eq!(fs::read(target.path().join("empty")).unwrap(), b"");
}

#[test]
fn other_names_of_an_existing_file_keep_its_contents() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let tree = sample.tree(vec![sample.file("f", &[b"right"])]);
    let target = target.path().join("t");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("f"), b"right, but longer").unwrap();
    fs::hard_link(target.join("f"), target.join("other")).unwrap();
    restore_all(&sample.open(), &tree, &target);
    assert_eq!(fs::read(target.join("f")).unwrap(), b"right");
    assert_eq!(fs::read(target.join("other")).unwrap(), b"right, but longer");
}

#[test]
fn things_of_another_kind_give_way_and_links_are_not_followed() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let outside = target.path().join("outside");
    let target = target.path().join("t");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&target).unwrap();
    fs::write(outside.join("f"), b"outside").unwrap();
    symlink(&outside, target.join("d")).unwrap();
    symlink(outside.join("f"), target.join("f")).unwrap();
    fs::create_dir(target.join("g")).unwrap();
    fs::write(target.join("e"), b"a file").unwrap();
    let nodes = || vec![sample.file("f", &[b"inside"])];
    let tree = sample.tree(vec![
        sample.dir("d", nodes()),
        sample.dir("e", nodes()),
        sample.file("f", &[b"inside"]),
        sample.file("g", &[b"inside"]),
    ]);
    restore_all(&sample.open(), &tree, &target);
    for path in ["d/f", "e/f", "f", "g"] {
        assert_eq!(fs::read(target.join(path)).unwrap(), b"inside", "{path}");
    }
    assert_eq!(fs::read(outside.join("f")).unwrap(), b"outside");
    assert_eq!(names(&outside), ["f"]);
}

#[test]
fn what_the_snapshot_does_not_have_is_deleted_only_if_asked_for() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let outside = target.path().join("outside");
    let target = target.path().join("t");
    fs::create_dir_all(target.join("d/extra/deep")).unwrap();
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("f"), b"outside").unwrap();
    symlink(&outside, target.join("d/extra/link")).unwrap();
    fs::write(target.join("keep.log"), b"1").unwrap();
    let tree = sample.tree(vec![sample.dir("d", vec![sample.file("f", &[b"1"])])]);
    let repository = sample.open();
    restore_all(&repository, &tree, &target);
    assert_eq!(names(&target.join("d")), ["extra", "f"]);

    let dry = RestoreOptions { delete: true, dry_run: true, ..RestoreOptions::default() };
    assert_eq!(restore(&repository, &tree, &target, &dry).counters.files_deleted.load(Ordering::Relaxed), 4);
    assert_eq!(names(&target), ["d", "keep.log"]);

    let selection = Selection::Exclude(vec![PatternList::parse(&["*.log"], false).unwrap()]);
    let delete = RestoreOptions { delete: true, selection, ..RestoreOptions::default() };
    let restored = restore(&repository, &tree, &target, &delete);
    assert_eq!(
        (names(&target), names(&target.join("d"))),
        (vec!["d".into(), "keep.log".into()], vec!["f".into()])
    );
    assert_eq!(names(&outside), ["f"]);
    assert_eq!(restored.counters.files_deleted.load(Ordering::Relaxed), 3);
    let deleted = target.join("d/extra/link").display().to_string();
    assert_eq!(restored.told.action(&deleted), Some(Action::Deleted));
}

#[test]
fn deleting_from_the_root_needs_a_selection() {
    let sample = Sample::new();
    let tree = sample.tree(vec![]);
    let (repository, counters, told) = (sample.open(), Counters::default(), Told::default());
    let options = RestoreOptions { delete: true, dry_run: true, ..RestoreOptions::default() };
    for target in ["/", "/tmp/..", "//"] {
        let restore = Restore {
            repository: &repository,
            lock: None,
            tree: &tree,
            target: Path::new(target),
            options: &options,
            counters: &counters,
            watcher: &told,
            cancel: &Cancel::new(),
        };
        assert!(restore.run().unwrap_err().to_string().contains("include or exclude"), "{target}");
    }
}

#[test]
fn verifying_finds_what_was_changed_meanwhile() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let tree = sample.tree(vec![sample.file("f", &[b"1", b"2"]), sample.file("g", &[b"3"])]);
    let (repository, counters, told) = (sample.open(), Counters::default(), Told::default());
    let restore = Restore {
        repository: &repository,
        lock: None,
        tree: &tree,
        target: target.path(),
        options: &RestoreOptions::default(),
        counters: &counters,
        watcher: &told,
        cancel: &Cancel::new(),
    };
    let outcome = restore.run().unwrap();
    fs::write(target.path().join("f"), b"1x").unwrap();
    assert_eq!(restore.verify(&outcome).unwrap(), 1);
    assert_eq!(told.error().0, "/f");
    assert_eq!(counters.errors.load(Ordering::Relaxed), 1);
}
