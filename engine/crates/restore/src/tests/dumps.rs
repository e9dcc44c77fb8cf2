use std::io::{self, Write};

use holdfast_format::node::Xattr;
use proptest::prelude::*;

use super::*;
use crate::FileReader;
use crate::dump::{self, Archive, Found};

fn dumped(repository: &Repository, tree: &Id, path: &str, archive: Archive) -> Vec<u8> {
    let mut out = Vec::new();
    match dump::find(repository, tree, path.as_bytes()).unwrap() {
        Found::File(node) => dump::file(repository, &node, &mut out, &Cancel::new()).unwrap(),
        Found::Folder(path, tree) => {
            dump::folder(repository, &tree, &path, archive, &mut out, &Cancel::new()).unwrap();
        }
    }
    out
}

/// Offsets of the headers of a tar archive, with name and kind.
fn headers(tar: &[u8]) -> Vec<(String, char)> {
    let mut found = Vec::new();
    let mut at = 0;
    while tar[at] != 0 {
        let text = |from: usize, to: usize| {
            let field = &tar[at + from..at + to];
            String::from_utf8_lossy(field.split(|byte| *byte == 0).next().unwrap()).into_owned()
        };
        found.push((text(0, 100), char::from(tar[at + 156])));
        let size = usize::from_str_radix(&text(124, 135), 8).unwrap();
        at += 512 + size.div_ceil(512) * 512;
    }
    assert_eq!(tar.len() - at, 1024);
    found
}

fn sample_tree(sample: &Sample) -> Id {
    let mut file = sample.file("file", &[&[b'1'; 700], &[b'2'; 700]]);
    file.xattrs = vec![Xattr { name: "user.x".into(), value: Some(b"value".to_vec()) }];
    let link = Node { linktarget: b"file".to_vec(), ..node("link", NodeType::Symlink) };
    let folder = sample.dir("folder", vec![sample.file("inner", &[b"inner"]), node("pipe", NodeType::Fifo)]);
    sample.tree(vec![folder, file, link])
}

#[test]
fn a_file_is_dumped_as_it_is() {
    let sample = Sample::new();
    let tree = sample_tree(&sample);
    let repository = sample.open();
    assert_eq!(dumped(&repository, &tree, "/folder/../folder/inner", Archive::Tar), b"inner");
}

#[test]
fn a_folder_becomes_a_tar_in_the_order_of_its_names() {
    let sample = Sample::new();
    let tree = sample_tree(&sample);
    let tar = dumped(&sample.open(), &tree, "/", Archive::Tar);
    let expected =
        [("PaxHeaders.0/file", 'x'), ("file", '0'), ("folder/", '5'), ("folder/inner", '0'), ("link", '2')];
    assert_eq!(headers(&tar), expected.map(|(name, kind)| (name.to_owned(), kind)));
    let record = b"SCHILY.xattr.user.x=value\n";
    assert!(tar.windows(record.len()).any(|window| window == record));
}

#[test]
fn a_zip_lists_every_entry() {
    let sample = Sample::new();
    let tree = sample_tree(&sample);
    let zip = dumped(&sample.open(), &tree, "/folder", Archive::Zip);
    let count = u16::from_le_bytes(zip[zip.len() - 12..zip.len() - 10].try_into().unwrap());
    assert_eq!(count, 1);
    assert!(zip.starts_with(b"PK\x03\x04") && zip.windows(12).any(|window| window == b"folder/inner"));
}

#[test]
fn a_damaged_blob_ends_a_dump_with_its_name() {
    let sample = Sample::new();
    let file = sample.file("f", &[b"1", b"2"]);
    let bad = file.content.as_ref().unwrap()[1];
    let tree = sample.tree(vec![file]);
    let repository = sample.open();
    damage(&repository, BlobType::Data, &bad);
    let mut out = Vec::new();
    let error = dump::folder(&repository, &tree, b"/", Archive::Tar, &mut out, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains(&bad.to_string()), "{error}");
}

#[test]
fn an_output_that_fails_ends_it() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let sample = Sample::new();
    let files = (0..100).map(|number| sample.file(&format!("f{number:03}"), &[&[number; 9000]]));
    let tree = sample.tree(files.collect());
    let error = dump::folder(&sample.open(), &tree, b"/", Archive::Tar, &mut Full, &Cancel::new());
    assert_eq!(error.unwrap_err().exit_code(), 1);
}

#[test]
fn what_cannot_be_dumped_is_named() {
    let sample = Sample::new();
    let tree = sample_tree(&sample);
    let repository = sample.open();
    for (path, words) in [
        ("/nope", "\"/nope\" not found"),
        ("/file/x", "\"/file\" should be a dir"),
        ("/link", "\"/link\" should be a file, but is a \"symlink\""),
    ] {
        let error = dump::find(&repository, &tree, path.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

proptest! {
    #[test]
    fn a_file_can_be_read_anywhere(lengths in prop::collection::vec(1usize..50, 0..9), at in 0u64..400, length in 0usize..400) {
        let sample = Sample::new();
        let blobs: Vec<Vec<u8>> = lengths.iter().zip(0u8..).map(|(length, byte)| vec![byte; *length]).collect();
        let file = sample.file("f", &blobs.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let reader = FileReader::new(&sample.open(), &file).unwrap();
        let all = blobs.concat();
        prop_assert_eq!(reader.size(), all.len() as u64);
        let mut out = vec![0xff; length];
        let read = reader.read_at(at, &mut out).unwrap();
        let from = all.len().min(at as usize);
        prop_assert_eq!(&out[..read], &all[from..all.len().min(from + length)]);
    }
}
