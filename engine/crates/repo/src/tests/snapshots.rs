use holdfast_backend::Cancel;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::time::Timestamp;
use holdfast_format::{BlobType, Error, FileType, Id, Result, Version};

use super::{init, memory, open, writer, writer_options};
use crate::{Repository, SnapshotFilter, snapshots};

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn snapshot(seconds: i64, hostname: &str, tags: &[&str], paths: &[&str]) -> Snapshot {
    Snapshot {
        time: Timestamp { seconds, nanos: 0, offset: 0 },
        hostname: hostname.into(),
        tags: strings(tags),
        paths: strings(paths),
        ..Snapshot::default()
    }
}

fn save(repository: &Repository, snapshot: &Snapshot) -> Result<Id> {
    repository.save_unpacked(FileType::Snapshot, &snapshot.to_json())
}

fn message<T>(result: Result<T>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "no error".into())
}

#[test]
fn a_filter_takes_any_host_any_tag_list_and_all_paths() {
    let filter = |hosts: &[&str], tags: &[&[&str]], paths: &[&str]| SnapshotFilter {
        hosts: strings(hosts),
        tags: tags.iter().map(|list| strings(list)).collect(),
        paths: strings(paths),
    };
    let tagged = snapshot(1, "a", &["x", "y"], &["/one", "/two"]);
    let plain = snapshot(1, "b", &[], &["/one"]);
    for (filter, of_tagged, of_plain) in [
        (filter(&[], &[], &[]), true, true),
        (filter(&["a"], &[], &[]), true, false),
        (filter(&["a", "b"], &[], &[]), true, true),
        (filter(&[], &[&["x"]], &[]), true, false),
        (filter(&[], &[&["x", "z"]], &[]), false, false),
        (filter(&[], &[&["x", "z"], &["y", "x"]], &[]), true, false),
        (filter(&[], &[&[""]], &[]), false, true),
        (filter(&[], &[&["", "x"]], &[]), false, true),
        (filter(&[], &[&["x", ""]], &[]), false, false),
        (filter(&[], &[&[]], &[]), true, true),
        (filter(&[], &[], &["/one"]), true, true),
        (filter(&[], &[], &["/two", "/one"]), true, false),
        (filter(&["b"], &[&["x"]], &[]), false, false),
    ] {
        assert_eq!((filter.matches(&tagged), filter.matches(&plain)), (of_tagged, of_plain), "{filter:?}");
    }
}

#[test]
fn snapshots_are_found_as_restic_finds_them() -> Result<()> {
    let repository = init(&memory(), Version::V2)?;
    let late = save(&repository, &snapshot(30, "b", &[], &["/b"]))?;
    let early = save(&repository, &snapshot(10, "a", &["t"], &["/a"]))?;
    let middle = save(&repository, &snapshot(20, "a", &[], &["/a"]))?;
    let all: Vec<Id> =
        snapshots::load_all(&repository, &Cancel::new())?.into_iter().map(|(id, _)| id).collect();
    assert_eq!(all, [early, middle, late]);
    let find = |name: &str, filter: &SnapshotFilter| {
        snapshots::find(&repository, name, filter).map(|(id, _, folder)| (id, folder))
    };
    let any = SnapshotFilter::default();
    let on_a = SnapshotFilter { hosts: strings(&["a"]), ..any.clone() };
    assert_eq!(find("latest", &any)?, (late, None));
    assert_eq!(find("latest", &on_a)?, (middle, None));
    assert_eq!(find("latest:sub/folder", &on_a)?, (middle, Some("sub/folder".into())));
    assert_eq!(find(&early.to_string(), &on_a)?, (early, None));
    assert_eq!(find(&format!("{}:", &late.to_string()[..10]), &on_a)?, (late, None));
    assert_eq!(message(find("xyz", &any)), r#"no matching ID found for prefix "xyz""#);
    assert_eq!(message(find("", &any)), r#"multiple IDs with prefix "" found"#);
    let nobody = SnapshotFilter {
        hosts: strings(&["c"]),
        tags: vec![strings(&["x", "y"])],
        paths: strings(&["/a", "/b"]),
    };
    let expected = "snapshot filter (Paths:[/a /b] Tags:[[x, y]] Hosts:[c]): no snapshot found";
    assert_eq!(message(find("latest", &nobody)), expected);
    let missing = Id::of(b"nothing");
    assert!(
        matches!(find(&missing.to_string(), &any), Err(Error::Missing { what }) if what.contains(&missing.to_string()))
    );
    Ok(())
}

#[test]
fn latest_needs_every_snapshot_but_a_list_shows_which_is_unreadable() -> Result<()> {
    let repository = init(&memory(), Version::V2)?;
    let good = save(&repository, &snapshot(30, "b", &[], &["/b"]))?;
    let bad = repository.save_unpacked(FileType::Snapshot, b"[]")?;
    let all = snapshots::load_all(&repository, &Cancel::new())?;
    let readable: Vec<_> = all.iter().map(|(id, snapshot)| (*id, snapshot.is_ok())).collect();
    assert_eq!(readable, [(bad, false), (good, true)]);
    assert!(
        message(snapshots::find(&repository, "latest", &SnapshotFilter::default()))
            .contains(&bad.to_string())
    );
    Ok(())
}

fn tree(repository: &std::sync::Arc<Repository>, nodes: &[(&str, Option<Id>)]) -> Result<Id> {
    let nodes = nodes.iter().map(|(name, subtree)| {
        let kind = if subtree.is_some() {
            holdfast_format::node::NodeType::Dir
        } else {
            holdfast_format::node::NodeType::File
        };
        let mut json = Vec::new();
        holdfast_format::node::Node {
            name: name.as_bytes().into(),
            kind,
            subtree: *subtree,
            ..Default::default()
        }
        .write(&mut json);
        json
    });
    let nodes: Vec<Vec<u8>> = nodes.collect();
    let writer = writer(repository, &writer_options())?;
    let mut added = Vec::new();
    writer.hands().add(
        BlobType::Tree,
        &[&holdfast_format::tree::join(nodes.iter().map(Vec::as_slice))],
        &mut added,
    )?;
    writer.finish()?;
    repository.load_index(&Cancel::new(), &|_, _| ())?;
    Ok(added[0].id)
}

#[test]
fn a_subfolder_is_found_by_its_path() -> Result<()> {
    let backend = memory();
    let repository = init(&backend, Version::V2)?;
    let leaf = tree(&repository, &[("file", None)])?;
    let root = tree(&repository, &[("a", Some(leaf)), ("b", None)])?;
    let repository = open(&backend)?;
    let subtree = |path| snapshots::subtree(&repository, &root, path);
    for path in ["", "/", ".", "a/..", "/../a/..", "x/.."] {
        assert_eq!(subtree(path)?, root, "{path}");
    }
    for path in ["a", "/a/", "./a", "//a//.", "/../a", "x/../a"] {
        assert_eq!(subtree(path)?, leaf, "{path}");
    }
    assert_eq!(message(subtree("a/nothing/more")), "path a/nothing: not found");
    assert_eq!(message(subtree("b")), "path b: not a directory");
    assert_eq!(message(subtree("a/file/x")), "path a/file: not a directory");
    assert_eq!(message(subtree("../a")), "path ..: not found");
    Ok(())
}
