//! Snapshots of what is no file: entries from an iterator.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use crate::common::{Store, Told, content, noise, options};
use holdfast_backend::Cancel;
use holdfast_backup::{Counters, Outcome, StreamEntry};
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, FileType, Result};

fn file(path: &str, bytes: &[u8]) -> StreamEntry {
    let node = Node { mode: 0o644, ..Node::default() };
    StreamEntry { path: path.into(), node, reader: Some(Box::new(Cursor::new(bytes.to_vec()))) }
}

fn backup(store: &Store, entries: Vec<StreamEntry>) -> Result<Outcome> {
    backup_all(store, entries.into_iter().map(Ok))
}

fn backup_all(store: &Store, mut entries: impl Iterator<Item = Result<StreamEntry>>) -> Result<Outcome> {
    let (counters, cancel) = (Arc::new(Counters::default()), Cancel::new());
    let paths = ["/stream".to_owned()];
    let entries = &mut entries;
    let told = Told::default();
    holdfast_backup::backup_stream(
        &store.open(),
        None,
        entries,
        &paths,
        &options(&[]),
        &counters,
        &told,
        &cancel,
    )
}

#[test]
fn entries_in_any_order_make_a_tree() {
    let store = Store::new();
    let large = noise(1, 20 << 20);
    let folder = Node { kind: NodeType::Dir, mode: 1 << 31 | 0o700, ..Node::default() };
    let entries = vec![
        file("/z/deep/large", &large),
        file("a", b"small"),
        StreamEntry { path: b"/z".to_vec(), node: folder, reader: None },
        file("/empty", b""),
    ];
    let outcome = backup(&store, entries).unwrap();
    let snapshot = store.snapshot(outcome.snapshot.unwrap());
    let nodes = store.nodes(&snapshot);
    let shown: Vec<_> =
        nodes.iter().map(|(path, node)| (std::str::from_utf8(path).unwrap(), node.size)).collect();
    let large_size = large.len() as u64;
    assert_eq!(shown, [("/a", 5), ("/empty", 0), ("/z", 0), ("/z/deep", 0), ("/z/deep/large", large_size)]);
    assert_eq!(nodes[&b"/z"[..]].mode, 1 << 31 | 0o700);
    assert_eq!(nodes[&b"/z/deep"[..]].mode, 1 << 31 | 0o755);
    assert_eq!(content(&store.open(), &nodes[&b"/z/deep/large"[..]]), large);
    assert_eq!((outcome.summary.files_new, outcome.summary.dirs_new), (3, 2));
    assert_eq!(snapshot.paths, ["/stream"]);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("pipe broke"))
    }
}

#[test]
fn an_error_of_reader_or_iterator_ends_without_a_snapshot() {
    let store = Store::new();
    let broken = StreamEntry { path: b"x".to_vec(), node: Node::default(), reader: Some(Box::new(Broken)) };
    let error = backup(&store, vec![file("a", b"a"), broken]).unwrap_err();
    assert!(error.to_string().contains("pipe broke"), "{error}");
    let error =
        backup_all(&store, [Ok(file("a", b"a")), Err(Error::refused("no more"))].into_iter()).unwrap_err();
    assert_eq!(error.to_string(), "no more");
    assert_eq!(store.count(FileType::Snapshot), 0);
}

#[test]
fn what_cannot_be_one_tree_is_refused() {
    for entries in [
        vec![file("a", b"1"), file("/a", b"2")],
        vec![file("a", b"1"), file("a/b", b"2")],
        vec![file("a/b", b"1"), file("a", b"2")],
        vec![file("/", b"1")],
    ] {
        let store = Store::new();
        assert!(matches!(backup(&store, entries), Err(Error::Refused { .. })));
        assert_eq!(store.count(FileType::Snapshot), 0);
    }
}
