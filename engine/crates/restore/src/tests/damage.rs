use std::fs;
use std::os::unix::fs::MetadataExt;

use super::*;

#[test]
fn a_file_that_lacks_a_blob_does_not_pass_for_whole() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let blobs = [[1; 5000], [2; 5000], [3; 5000]];
    let broken = sample.file("broken", &[&blobs[0], &blobs[1], &blobs[2]]);
    let bad = broken.content.as_ref().unwrap()[1];
    let tree = sample.tree(vec![broken, sample.file("good", &[&blobs[0], b"own"])]);
    let repository = sample.open();
    damage(&repository, BlobType::Data, &bad);
    let restored = restore(&repository, &tree, target.path(), &RestoreOptions::default());

    assert_eq!(restored.outcome.errors, 1);
    let (path, error) = restored.told.error();
    assert_eq!(path, "/broken");
    assert!(error.contains(&bad.to_string()) && error.contains("broken.incomplete"), "{error}");
    assert_eq!(names(target.path()), ["broken.incomplete", "good"]);
    let left = fs::read(target.path().join("broken.incomplete")).unwrap();
    assert_eq!(left, [blobs[0], [0; 5000], blobs[2]].concat());
    let metadata = fs::metadata(target.path().join("broken.incomplete")).unwrap();
    assert_ne!(metadata.mtime(), 1_500_000_000);
    assert_eq!(fs::read(target.path().join("good")).unwrap(), [&blobs[0][..], b"own"].concat());
}

#[test]
fn a_file_of_one_damaged_blob_is_not_made_and_an_existing_one_is_left() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let nodes = vec![sample.file("existing", &[b"one"]), sample.file("new", &[b"one"])];
    let bad = nodes[0].content.as_ref().unwrap()[0];
    let tree = sample.tree(nodes);
    let repository = sample.open();
    damage(&repository, BlobType::Data, &bad);
    fs::write(target.path().join("existing"), b"old").unwrap();
    let restored = restore(&repository, &tree, target.path(), &RestoreOptions::default());
    assert_eq!(restored.outcome.errors, 2);
    assert_eq!(names(target.path()), ["existing"]);
    assert_eq!(fs::read(target.path().join("existing")).unwrap(), b"old");
}

#[test]
fn a_blob_under_the_name_of_another_is_not_restored() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let id = Id::of(b"what was saved");
    sample.forge(id, b"something else");
    let file = Node { content: Some(vec![id]), size: 14, ..node("f", NodeType::File) };
    let tree = sample.tree(vec![file, sample.file("g", &[b"good"])]);
    let restored = restore(&sample.open(), &tree, target.path(), &RestoreOptions::default());
    assert!(restored.told.error().1.contains(&id.to_string()));
    assert_eq!(names(target.path()), ["g"]);
}

#[test]
fn a_missing_pack_costs_only_its_files() {
    let sample = Sample::new();
    let lost = sample.file("lost", &[b"lost", b"gone"]);
    let id = lost.content.as_ref().unwrap()[0];
    let tree = sample.tree(vec![lost, sample.file("empty", &[]), sample.dir("d", vec![])]);
    let repository = sample.open();
    let place = repository.index().find(BlobType::Data, &id).unwrap();
    repository.backend().remove(&Handle::new(FileType::Pack, place.pack)).unwrap();
    let target = tempfile::tempdir().unwrap();
    let restored = restore(&repository, &tree, target.path(), &RestoreOptions::default());
    let (path, error) = restored.told.error();
    assert_eq!(path, "/lost");
    assert!(error.contains(&place.pack.to_string()) && error.contains("2 of its blobs"), "{error}");
    assert_eq!(names(target.path()), ["d", "empty"]);
}

#[test]
fn a_blob_that_no_pack_has_is_named() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let mut file = sample.file("f", &[b"1"]);
    file.content.as_mut().unwrap().push(Id([9; 32]));
    let tree = sample.tree(vec![file]);
    let restored = restore(&sample.open(), &tree, target.path(), &RestoreOptions::default());
    assert!(restored.told.error().1.contains(&Id([9; 32]).to_string()));
    assert_eq!(names(target.path()), [""; 0]);
}

#[test]
fn a_size_that_the_blobs_do_not_have_is_no_file() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let tree = sample.tree(vec![Node { size: 7, ..sample.file("f", &[b"12"]) }]);
    let restored = restore(&sample.open(), &tree, target.path(), &RestoreOptions::default());
    assert!(restored.told.error().1.contains('7'));
    assert_eq!(names(target.path()), [""; 0]);
}

#[test]
fn a_tree_that_cannot_be_read_is_told_and_the_rest_restored() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let gone = Node { subtree: Some(Id([7; 32])), ..node("gone", NodeType::Dir) };
    let tree = sample.tree(vec![gone, sample.file("z", &[b"1"])]);
    let restored = restore(&sample.open(), &tree, target.path(), &RestoreOptions::default());
    assert_eq!(restored.told.error().0, "/gone");
    assert_eq!(names(target.path()), ["gone", "z"]);
}

#[test]
fn a_cancelled_restore_says_so() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let tree = sample.tree(vec![sample.file("f", &[b"1"])]);
    let (repository, counters, told, cancel) =
        (sample.open(), Counters::default(), Told::default(), Cancel::new());
    cancel.cancel();
    let restore = Restore {
        repository: &repository,
        lock: None,
        tree: &tree,
        target: target.path(),
        options: &RestoreOptions::default(),
        counters: &counters,
        watcher: &told,
        cancel: &cancel,
    };
    assert_eq!(restore.run().unwrap_err().exit_code(), 130);
    assert_eq!(names(target.path()), [""; 0]);
}
