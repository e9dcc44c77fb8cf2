use holdfast_backend::{Cancel, Handle};
use holdfast_format::{BlobType, Error, FileType, Id, Result};
use holdfast_repo::Repository;
use holdfast_sample::Sample;

use super::tree;
use crate::objects::{Objects, Use, Uses};

#[derive(Default)]
struct Told(Vec<String>);

impl Uses for Told {
    fn found(&mut self, used: Use<'_>) -> Result<()> {
        self.0.push(format!("{} {}", used.kind.name(), used.path.escape_ascii()));
        Ok(())
    }

    fn unreadable(&mut self, tree: &Id, error: &Error) -> Result<()> {
        panic!("{tree}: {error}")
    }
}

fn uses(objects: &mut Objects, repository: &Repository, tree: &Id) -> Vec<String> {
    let mut told = Told::default();
    objects.search(repository, tree, &mut told, &Cancel::new()).unwrap();
    told.0
}

#[test]
fn every_use_of_a_blob_is_told() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let repository = sample.open();
    let same = Id::of(b"same");
    for name in [same.to_string(), same.short()] {
        let mut objects = Objects::blobs(&[name]);
        assert_eq!(uses(&mut objects, &repository, &tree), ["data /a/b/c", "data /f"]);
        let places = objects.places(&repository);
        assert_eq!(places[0].1, same.to_string());
        assert_eq!(places[0].2.as_ref().unwrap(), &repository.index().find(BlobType::Data, &same));
    }
    assert_eq!(uses(&mut Objects::blobs(&[same.to_string()[..9].into()]), &repository, &tree), [""; 0]);
}

#[test]
fn a_search_for_trees_ends_when_all_are_found() {
    let sample = Sample::new();
    let twice = || sample.dir("d", vec![]);
    let tree = sample.tree(vec![sample.dir("a", vec![twice()]), twice()]);
    let repository = sample.open();
    let empty = twice().subtree.unwrap();
    let mut objects = Objects::trees(&[empty.to_string()]);
    assert_eq!(uses(&mut objects, &repository, &tree), ["tree /a/d"]);
    assert_eq!(uses(&mut Objects::trees(&[tree.short()]), &repository, &tree), ["tree /"]);
    let mut both = Objects::trees(&[empty.to_string(), tree.to_string()]);
    assert_eq!(uses(&mut both, &repository, &tree), ["tree /", "tree /a/d"]);
}

#[test]
fn a_pack_stands_for_what_is_in_it() {
    let sample = Sample::new();
    let tree = tree(&sample);
    let repository = sample.open();
    let pack = repository.index().find(BlobType::Data, &Id::of(b"same")).unwrap().pack;
    let (mut objects, lost) = Objects::packs(&repository, &[pack.short()]).unwrap();
    assert_eq!(lost, []);
    assert!(uses(&mut objects, &repository, &tree).contains(&"data /f".to_owned()));
    repository.backend().remove(&Handle::new(FileType::Pack, pack)).unwrap();
    assert_eq!(Objects::packs(&repository, &[pack.to_string()]).unwrap().1, [pack]);
    assert!(Objects::packs(&repository, &["12345678".into()]).unwrap_err().to_string().contains("12345678"));
}
