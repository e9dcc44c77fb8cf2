use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};

use holdfast_filter::PatternList;
use holdfast_format::node::{NodeType, Xattr};
use proptest::prelude::*;

use super::*;
use crate::Selection;

#[test]
fn contents_and_metadata_come_back() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let (one, two) = (vec![1; 600_000], vec![2; 700_000]);
    let mut file = sample.file("file", &[&one, &two, &one]);
    file.mode = 1 << 23 | 0o751;
    file.xattrs = vec![Xattr { name: "user.x".into(), value: Some(b"v\0w".to_vec()) }];
    let link = Node { linktarget: b"/no\xffwhere".to_vec(), ..node("link", NodeType::Symlink) };
    let fifo = Node { mode: 1 << 25 | 0o604, ..node("pipe", NodeType::Fifo) };
    let mut inner = sample.dir("inner", vec![file, link, fifo, sample.file("empty", &[])]);
    inner.mode = 1 << 31 | 1 << 20 | 0o555;
    let tree = sample.tree(vec![inner]);
    let restored = restore_all(&sample.open(), &tree, target.path());

    let inner = target.path().join("inner");
    assert_eq!(fs::read(inner.join("file")).unwrap(), [&*one, &two, &one].concat());
    let metadata = fs::metadata(inner.join("file")).unwrap();
    assert_eq!(metadata.mode() & 0o7777, 0o4751);
    assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (1_500_000_000, 123_456_789));
    let mut value = [0; 16];
    let length = rustix::fs::getxattr(inner.join("file"), "user.x", &mut value[..]);
    assert!(matches!(length, Err(rustix::io::Errno::NOTSUP)) || &value[..length.unwrap()] == b"v\0w");
    assert_eq!(fs::read_link(inner.join("link")).unwrap().as_os_str().as_bytes(), b"/no\xffwhere");
    let link = fs::symlink_metadata(inner.join("link")).unwrap();
    assert_eq!((link.mtime(), link.mtime_nsec()), (1_500_000_000, 123_456_789));
    let pipe = fs::symlink_metadata(inner.join("pipe")).unwrap();
    assert!(pipe.file_type().is_fifo() && pipe.mode() & 0o7777 == 0o604);
    let folder = fs::metadata(&inner).unwrap();
    assert_eq!((folder.mode() & 0o7777, folder.mtime()), (0o1555, 1_500_000_000));
    assert_eq!(restored.counters.files_restored.load(Ordering::Relaxed), 5);
    assert_eq!(restored.counters.files_total.load(Ordering::Relaxed), 5);
    assert_eq!(restored.verified, 2);
}

#[test]
fn names_of_one_file_stay_one_file() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let one = |name: &str| Node { links: 2, inode: 7, ..sample.file(name, &[b"same"]) };
    let other = Node { links: 2, inode: 7, ..sample.file("other", &[b"not the same"]) };
    let tree = sample.tree(vec![one("a"), sample.dir("d", vec![one("b")]), other]);
    restore_all(&sample.open(), &tree, target.path());

    let inode = |name: &str| fs::metadata(target.path().join(name)).unwrap().ino();
    assert_eq!(inode("a"), inode("d/b"));
    assert_ne!(inode("a"), inode("other"));
    assert_eq!(fs::read(target.path().join("other")).unwrap(), b"not the same");
}

#[test]
fn zeros_become_holes_only_if_asked_for() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let zeros = vec![0; 1 << 20];
    let tree = sample.tree(vec![sample.file("f", &[&zeros, b"middle", &zeros])]);
    let repository = sample.open();
    let sparse = RestoreOptions { sparse: true, ..RestoreOptions::default() };
    restore(&repository, &tree, &target.path().join("sparse"), &sparse);
    restore_all(&repository, &tree, &target.path().join("full"));

    let file = |folder: &str| target.path().join(folder).join("f");
    assert_eq!(fs::read(file("sparse")).unwrap(), fs::read(file("full")).unwrap());
    let blocks = |folder: &str| fs::metadata(file(folder)).unwrap().blocks();
    assert!(blocks("sparse") <= 32 && blocks("full") >= 4096, "{} {}", blocks("sparse"), blocks("full"));
}

#[test]
fn a_dry_run_counts_the_same_and_changes_nothing() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let one = |name: &str| Node { links: 2, inode: 7, ..sample.file(name, &[b"same"]) };
    let link = Node { linktarget: b"x".to_vec(), ..node("l", NodeType::Symlink) };
    let tree = sample.tree(vec![one("a"), sample.dir("d", vec![one("b"), link])]);
    let repository = sample.open();
    let target = target.path().join("new");
    let dry = RestoreOptions { dry_run: true, ..RestoreOptions::default() };
    let counts = |restored: &Restored| {
        let counters = &restored.counters;
        [&counters.files_total, &counters.files_restored, &counters.bytes_total, &counters.bytes_restored]
            .map(|counter| counter.load(Ordering::Relaxed))
    };
    let told = restore(&repository, &tree, &target, &dry);
    assert!(!target.exists());
    let really = restore_all(&repository, &tree, &target);
    assert_eq!(counts(&told), counts(&really));
    assert_eq!(*told.told.items.lock(), *really.told.items.lock());
}

#[test]
fn only_what_is_selected_comes_with_the_folders_above_it() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let deep = sample.dir("b", vec![sample.file("yes", &[b"1"]), sample.file("no", &[b"2"])]);
    let tree =
        sample.tree(vec![sample.dir("a", vec![deep]), sample.dir("c", vec![sample.file("no", &[b"3"])])]);
    let repository = sample.open();
    let list = |pattern: &str| vec![PatternList::parse(&[pattern], false).unwrap()];
    let include = RestoreOptions { selection: Selection::Include(list("yes")), ..RestoreOptions::default() };
    let restored = restore(&repository, &tree, &target.path().join("i"), &include);
    assert_eq!(names(&target.path().join("i")), ["a"]);
    assert_eq!(names(&target.path().join("i/a/b")), ["yes"]);
    assert_eq!(restored.told.action("/a/b"), Some(Action::DirRestored));
    assert_eq!(fs::metadata(target.path().join("i/a")).unwrap().mtime(), 1_500_000_000);

    let exclude = RestoreOptions { selection: Selection::Exclude(list("no")), ..RestoreOptions::default() };
    restore(&repository, &tree, &target.path().join("e"), &exclude);
    assert_eq!(names(&target.path().join("e")), ["a", "c"]);
    assert_eq!(names(&target.path().join("e/c")), [""; 0]);
}

#[test]
fn extended_attributes_are_selected_by_name() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let xattr = |name: &str| Xattr { name: name.into(), value: Some(b"v".to_vec()) };
    let file = Node { xattrs: vec![xattr("user.a"), xattr("user.b")], ..sample.file("f", &[b"1"]) };
    let tree = sample.tree(vec![file]);
    let xattrs = Selection::Exclude(vec![PatternList::parse(&["user.b*"], false).unwrap()]);
    let options = RestoreOptions { xattrs, ..RestoreOptions::default() };
    restore(&sample.open(), &tree, target.path(), &options);
    let mut list = [0; 100];
    let length = rustix::fs::listxattr(target.path().join("f"), &mut list[..]).unwrap_or(0);
    assert!(length == 0 || list[..length] == *b"user.a\0", "{:?}", list[..length].escape_ascii().to_string());
}

#[test]
fn a_folder_that_may_not_be_written_gets_its_entries() {
    let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
    let mut closed = sample.dir("closed", vec![sample.file("f", &[b"1"]), sample.file("g", &[b"2"])]);
    closed.mode = 1 << 31 | 0o500;
    let tree = sample.tree(vec![closed]);
    restore_all(&sample.open(), &tree, target.path());
    assert_eq!(names(&target.path().join("closed")), ["f", "g"]);
    fs::set_permissions(target.path().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Any tree of files that share blobs, in many batches.
    #[test]
    fn what_goes_in_comes_out(files in prop::collection::vec(prop::collection::vec(0u8..6, 0..5), 1..40)) {
        let (sample, target) = (Sample::new(), tempfile::tempdir().unwrap());
        let blob = |number: u8| vec![number; 1000 * usize::from(number) + 1];
        let mut folders: Vec<Vec<Node>> = (0..4).map(|_| Vec::new()).collect();
        for (number, blobs) in files.iter().enumerate() {
            let blobs: Vec<Vec<u8>> = blobs.iter().map(|number| blob(*number)).collect();
            let blobs: Vec<&[u8]> = blobs.iter().map(Vec::as_slice).collect();
            folders[number % 4].push(sample.file(&format!("f{number}"), &blobs));
        }
        let nodes = folders.into_iter().enumerate().map(|(number, nodes)| sample.dir(&format!("d{number}"), nodes));
        let tree = sample.tree(nodes.collect());
        let restored = restore_all(&sample.open(), &tree, target.path());
        for (number, blobs) in files.iter().enumerate() {
            let path = target.path().join(format!("d{}/f{number}", number % 4));
            prop_assert_eq!(fs::read(path).unwrap(), blobs.iter().flat_map(|number| blob(*number)).collect::<Vec<u8>>());
        }
        for number in 0..4 {
            let metadata = fs::metadata(target.path().join(format!("d{number}"))).unwrap();
            prop_assert_eq!(metadata.mtime(), 1_500_000_000);
        }
        prop_assert_eq!(restored.verified, files.len() as u64);
    }
}
