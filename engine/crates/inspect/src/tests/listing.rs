use holdfast_backend::Cancel;
use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::Repository;
use holdfast_sample::{Sample, TIME, damage};

use super::tree;
use crate::find::{self, Hits, Query};
use crate::ls::{self, Event, Scope};

fn listed(repository: &Repository, tree: &Id, folders: &[&str], recursive: bool) -> Vec<String> {
    let scope = Scope { folders: folders.iter().map(|folder| (*folder).into()).collect(), recursive };
    let mut listed = Vec::new();
    let mut tell = |event: Event<'_>| {
        let (mark, path) = match event {
            Event::Entry(path, _) => ("", path),
            Event::OnTheWay(path, _) => ("on the way ", path),
            Event::Leave(path) => ("leave ", path),
        };
        listed.push(format!("{mark}{}", path.escape_ascii()));
        Ok(())
    };
    ls::ls(repository, tree, &scope, &mut tell, &Cancel::new()).unwrap();
    listed
}

#[test]
fn a_list_is_in_the_order_of_the_names() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let repository = sample.open();
    let all = ["/a", "/a/b", "/a/b/c", "/a/b/d", "leave /a/b", "/a/e", "leave /a", "/f", "/g"];
    assert_eq!(listed(&repository, &tree, &[], false), all);
    let one = ["on the way /a", "/a/b", "/a/b/c", "/a/b/d", "leave /a/b", "leave /a"];
    assert_eq!(listed(&repository, &tree, &["/a/b"], false), one);
    assert_eq!(listed(&repository, &tree, &["/a"], false), ["/a", "/a/b", "leave /a/b", "/a/e", "leave /a"]);
    assert_eq!(listed(&repository, &tree, &["/a"], true), all[..7]);
}

#[derive(Default)]
struct Found(Vec<String>);

impl Hits for Found {
    fn found(&mut self, path: &[u8], _node: &Node) -> Result<()> {
        self.0.push(path.escape_ascii().to_string());
        Ok(())
    }

    fn unreadable(&mut self, tree: &Id, _error: &Error) -> Result<()> {
        self.0.push(format!("unreadable {tree}"));
        Ok(())
    }
}

fn found(repository: &Repository, tree: &Id, query: &Query) -> Vec<String> {
    let mut found = Found::default();
    find::find(repository, tree, query, &mut found, &Cancel::new()).unwrap();
    found.0
}

#[test]
fn patterns_find_paths() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let repository = sample.open();
    let by = |patterns: &[&str], ignore_case| {
        found(&repository, &tree, &Query::new(patterns, ignore_case, None, None).unwrap())
    };
    assert_eq!(by(&["[cf]"], false), ["/a/b/c", "/f"]);
    assert_eq!(by(&["/a/*"], false), ["/a/b", "/a/b/c", "/a/b/d", "/a/e"]);
    assert_eq!(by(&["B"], false), [""; 0]);
    assert_eq!(by(&["F", "E"], true), ["/a/e", "/f"]);
    assert_eq!(by(&["!g"], false), ["/g"]);
    assert_eq!(by(&[""], false).len(), 7);
    assert!(Query::new(&["[x"], false, None, None).is_err());
}

#[test]
fn times_limit_what_is_found() {
    let sample = Sample::new();
    let mut young = sample.file("young", &[]);
    young.mtime.seconds += 1;
    let tree = sample.tree(vec![young, sample.file("old", &[])]);
    let repository = sample.open();
    let (old, young) = (TIME.instant(), (TIME.seconds + 1, TIME.nanos));
    let between =
        |oldest, newest| found(&repository, &tree, &Query::new(&["*"], false, oldest, newest).unwrap());
    assert_eq!(between(Some(young), None), ["/young"]);
    assert_eq!(between(None, Some(old)), ["/old"]);
    assert_eq!(between(Some(old), Some(young)), ["/old", "/young"]);
}

#[test]
fn a_folder_that_cannot_be_read_is_told_and_left_out() {
    let sample = Sample::new();
    let folder = sample.dir("d", vec![sample.file("x", &[b"1"])]);
    let bad = folder.subtree.unwrap();
    let tree = sample.tree(vec![folder, sample.file("x", &[b"1"])]);
    let repository = sample.open();
    damage(&repository, BlobType::Tree, &bad);
    let query = Query::new(&["x"], false, None, None).unwrap();
    assert_eq!(found(&repository, &tree, &query), [format!("unreadable {bad}"), "/x".into()]);
}
