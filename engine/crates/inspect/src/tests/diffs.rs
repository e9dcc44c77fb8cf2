use std::sync::atomic::Ordering;

use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType, Xattr};
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::Repository;
use holdfast_sample::{Sample, damage, node};

use super::tree;
use crate::diff::{self, Amount, Change, Changes, Statistics};
use crate::stats::{self, Counters, Figures, Mode};

#[derive(Default)]
struct Told {
    changes: Vec<String>,
    errors: Vec<String>,
}

impl Changes for Told {
    fn change(&mut self, change: Change<'_>) -> Result<()> {
        self.changes.push(format!("{} {}", change.modifier, change.path.escape_ascii()));
        Ok(())
    }

    fn error(&mut self, error: &Error) {
        self.errors.push(error.to_string());
    }
}

fn compared(repository: &Repository, before: &Id, after: &Id, metadata: bool) -> (Told, Statistics) {
    let mut told = Told::default();
    let statistics = diff::diff(repository, before, after, metadata, &mut told, &Cancel::new()).unwrap();
    (told, statistics)
}

#[test]
fn each_change_has_its_code() {
    let sample = Sample::new();
    let common = || sample.dir("common", vec![sample.file("x", &[b"x"])]);
    let changed = |blob: &[u8], seconds| {
        let mut file = sample.file("changed", &[blob]);
        file.mtime.seconds = seconds;
        file
    };
    let before = sample.tree(vec![
        common(),
        changed(b"one", 1),
        sample.file("rotten", &[b"one"]),
        sample.file("touched", &[b"x"]),
        sample.dir("gone", vec![sample.file("in", &[b"gone"])]),
        sample.file("turned", &[b"x"]),
    ]);
    let after = sample.tree(vec![
        common(),
        changed(b"three", 2),
        sample.file("rotten", &[b"two"]),
        Node { mode: 0o600, ..sample.file("touched", &[b"x"]) },
        sample.dir("new", vec![node("pipe", NodeType::Fifo)]),
        sample.dir("turned", vec![]),
    ]);
    let repository = sample.open();
    let (told, statistics) = compared(&repository, &before, &after, false);
    let expected =
        ["M /changed", "- /gone/", "- /gone/in", "+ /new/", "+ /new/pipe", "M? /rotten", "T /turned/"];
    assert_eq!(told.changes, expected);
    assert_eq!(statistics.changed_files, 2);
    let empty_tree = "{\"nodes\":[]}\n".len() as u64;
    let bytes = |id: &Id| u64::from(repository.index().find(BlobType::Tree, id).unwrap().plain_length());
    let removed = Amount { files: 1, dirs: 1, data_blobs: 2, tree_blobs: 2, ..Amount::default() };
    assert_eq!(Amount { bytes: 0, ..statistics.removed }, removed);
    let added = Amount { dirs: 1, others: 1, data_blobs: 2, tree_blobs: 3, ..Amount::default() };
    assert_eq!(Amount { bytes: 0, ..statistics.added }, added);
    assert!(statistics.added.bytes > bytes(&after) + empty_tree + 8);
    let with_metadata = compared(&repository, &before, &after, true).0.changes;
    assert_eq!(with_metadata[6..], ["U /touched", "TU /turned/"]);
}

#[test]
fn attributes_in_another_order_are_the_same() {
    let sample = Sample::new();
    let xattr = |name: &str, value: &[u8]| Xattr { name: name.into(), value: Some(value.into()) };
    let file = |xattrs| Node { xattrs, ..sample.file("f", &[b"1"]) };
    let one = sample.tree(vec![file(vec![xattr("user.a", b"1"), xattr("user.b", b"2")])]);
    let turned = sample.tree(vec![file(vec![xattr("user.b", b"2"), xattr("user.a", b"1")])]);
    let other = sample.tree(vec![file(vec![xattr("user.a", b"1"), xattr("user.b", b"3")])]);
    let repository = sample.open();
    assert_eq!(compared(&repository, &one, &turned, true).0.changes, [""; 0]);
    assert_eq!(compared(&repository, &one, &other, true).0.changes, ["U /f"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_compared() {
    let sample = Sample::new();
    let folder = sample.dir("d", vec![sample.file("x", &[b"1"])]);
    let bad = folder.subtree.unwrap();
    let (before, after) = (sample.tree(vec![]), sample.tree(vec![folder, sample.file("z", &[b"1"])]));
    let repository = sample.open();
    damage(&repository, BlobType::Tree, &bad);
    let (told, _) = compared(&repository, &before, &after, false);
    assert_eq!(told.changes, ["+ /d/", "+ /z"]);
    assert!(told.errors.len() == 1 && told.errors[0].contains(&bad.to_string()), "{:?}", told.errors);
}

fn counted(repository: &Repository, trees: &[Id], mode: Mode) -> Figures {
    stats::stats(repository, trees, mode, &Counters::default(), &Cancel::new()).unwrap()
}

#[test]
fn every_mode_counts_what_it_says() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let repository = sample.open();
    let two = [tree, tree];
    let restore = counted(&repository, &two, Mode::RestoreSize);
    assert_eq!((restore.total_file_count, restore.total_size, restore.snapshots_count), (14, 24, 2));
    let files = counted(&repository, &two, Mode::FilesByContents);
    assert_eq!((files.total_file_count, files.total_size), (4, 8));
    let blobs = counted(&repository, &two, Mode::BlobsPerFile);
    assert_eq!((blobs.total_file_count, blobs.total_blob_count, blobs.total_size), (3, 4, 7));
    let raw = counted(&repository, &two, Mode::RawData);
    assert_eq!(raw.total_blob_count, 6);
    let all = [BlobType::Data, BlobType::Tree].into_iter().flat_map(|kind| {
        repository.index().blobs(kind).map(|(_, place)| u64::from(place.length)).collect::<Vec<_>>()
    });
    assert_eq!(raw.total_size, all.sum::<u64>());
    assert!((raw.compression_progress() - 100.0).abs() < 1e-9);
}

#[test]
fn hard_links_count_once_a_snapshot() {
    let sample = Sample::new();
    let one = |name: &str, inode| Node { links: 2, inode, ..sample.file(name, &[b"12345"]) };
    let tree = sample.tree(vec![one("a", 7), one("b", 7), one("c", 0), one("d", 0)]);
    let figures = counted(&sample.open(), &[tree, tree], Mode::RestoreSize);
    assert_eq!(figures.total_size, 30);
}

#[test]
fn counters_are_of_the_last_snapshot() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let counters = Counters::default();
    let cancel = Cancel::new();
    stats::stats(&sample.open(), &[tree, tree], Mode::RestoreSize, &counters, &cancel).unwrap();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    assert_eq!([read(&counters.snapshots), read(&counters.files), read(&counters.bytes)], [2, 7, 12]);
}
