use super::*;

#[test]
fn a_name_cannot_leave_the_target() {
    for name in ["..", ".", "../evil", "a/b", "/etc/evil", "a\0b"] {
        let (sample, outside) = (Sample::new(), tempfile::tempdir().unwrap());
        let target = outside.path().join("t");
        let tree = sample.tree(vec![sample.file(name, &[b"evil"]), sample.file("zz", &[b"good"])]);
        let restored = restore(&sample.open(), &tree, &target, &RestoreOptions::default());
        assert_eq!(restored.outcome.errors, 1, "{name:?}");
        assert_eq!(names(outside.path()), ["t"], "{name:?}");
        assert!(names(&target).iter().all(|there| there == "zz"), "{name:?}");
    }
}

#[test]
fn a_folder_cannot_leave_the_target() {
    let (sample, outside) = (Sample::new(), tempfile::tempdir().unwrap());
    let target = outside.path().join("t");
    let tree = sample.tree(vec![sample.dir("..", vec![sample.file("evil", &[b"evil"])])]);
    let restored = restore(&sample.open(), &tree, &target, &RestoreOptions::default());
    assert_eq!(restored.outcome.errors, 1);
    assert_eq!(names(outside.path()), ["t"]);
}

#[test]
fn nothing_is_deleted_once_a_folder_is_damaged() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    std::fs::write(target.path().join("extra"), b"1").unwrap();
    let gone = Node { subtree: Some(Id([7; 32])), ..node("gone", NodeType::Dir) };
    let tree = sample.tree(vec![sample.file("..", &[b"evil"]), gone]);
    std::fs::create_dir(target.path().join("gone")).unwrap();
    std::fs::write(target.path().join("gone/extra"), b"1").unwrap();
    let options = RestoreOptions { delete: true, ..RestoreOptions::default() };
    restore(&sample.open(), &tree, target.path(), &options);
    assert_eq!(names(target.path()), ["extra", "gone"]);
    assert_eq!(names(&target.path().join("gone")), ["extra"]);
}
