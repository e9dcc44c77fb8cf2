//! A repository that restic 0.19.1 wrote, in Europe/Berlin, from a folder of odd things: names with quotes, backslashes, line
//! breaks, control characters and bytes that are not UTF-8, every type of file, extended attributes, times from year -249 to
//! 18029. What is read must be written again as the same bytes.

use std::sync::LazyLock;

use holdfast_format::compression::{Codec, Compression};
use holdfast_format::config::Config;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::keyfile::KeyFile;
use holdfast_format::lock::LockFile;
use holdfast_format::node::Node;
use holdfast_format::pack::{self, PackedBlob};
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{BlobType, Error, Id, index, tree, unpacked};

const KEY: &[u8] = include_bytes!("restic/key");
const CONFIG: &[u8] = include_bytes!("restic/config");
const INDEX: &[u8] = include_bytes!("restic/index");
const SNAPSHOT: &[u8] = include_bytes!("restic/snapshot");
const LOCK: &[u8] = include_bytes!("restic/lock");
const DATA: &[u8] = include_bytes!("restic/data");
const TREES: &[u8] = include_bytes!("restic/trees");
const PASSWORD: &[u8] = b"geheim";

/// The derivation takes a second: once for all tests.
static MASTER: LazyLock<EnvelopeKey> = LazyLock::new(|| KeyFile::parse(KEY).unwrap().open(PASSWORD).unwrap());

fn open(sealed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    MASTER.open(sealed, &mut plain).unwrap();
    plain
}

fn document(sealed: &[u8]) -> Vec<u8> {
    unpacked::decode(open(sealed)).unwrap()
}

/// What the header of a pack says, and where the header begins.
fn header(pack: &[u8]) -> (Vec<PackedBlob>, usize) {
    let (rest, length) = pack.split_last_chunk().unwrap();
    let start = rest.len() - u32::from_le_bytes(*length) as usize;
    (pack::decode(&open(&rest[start..]), start as u64).unwrap(), start)
}

fn blob(pack: &[u8], blob: &PackedBlob) -> Vec<u8> {
    let frame = open(&pack[blob.offset as usize..][..blob.length as usize]);
    let mut plain = Vec::new();
    let limit = blob.uncompressed.unwrap() as usize;
    Codec::new(Compression::Auto).decompress(&frame, limit, &mut plain).unwrap();
    assert_eq!(Id::of(&plain), blob.id);
    plain
}

fn trees() -> Vec<Vec<u8>> {
    header(TREES).0.iter().map(|entry| blob(TREES, entry)).collect()
}

fn written(node: &Node) -> Vec<u8> {
    let mut json = Vec::new();
    node.write(&mut json);
    json
}

#[test]
fn the_key_file_is_written_as_it_was_read() {
    assert_eq!(KeyFile::parse(KEY).unwrap().to_json(), KEY);
}

#[test]
fn another_password_opens_nothing() {
    let key = KeyFile::parse(KEY).unwrap();
    assert!(matches!(key.open(b"offen"), Err(Error::WrongPassword)));
}

#[test]
fn the_master_key_is_written_as_it_was_read() {
    let again = EnvelopeKey::from_json(MASTER.to_json().as_bytes()).unwrap();
    let mut plain = Vec::new();
    assert!(again.open(CONFIG, &mut plain).is_some());
    assert_eq!(again.to_json(), MASTER.to_json());
}

#[test]
fn the_config_is_written_as_it_was_read() {
    let json = open(CONFIG);
    assert_eq!(Config::parse(&json).unwrap().to_json(), json);
}

#[test]
fn the_index_is_written_as_it_was_read_and_agrees_with_the_headers_of_the_packs() {
    let json = document(INDEX);
    let mut packs = Vec::new();
    let mut keep = |id, blobs: &[PackedBlob]| {
        packs.push((id, blobs.to_vec()));
        Ok(())
    };
    index::decode(&json, &mut keep).unwrap();
    assert_eq!(index::encode(&packs), json);
    assert_eq!(packs.len(), 2);
    for pack in [DATA, TREES] {
        let (_, blobs) = packs.iter().find(|(id, _)| *id == Id::of(pack)).unwrap();
        let mut indexed = blobs.clone();
        indexed.sort_by_key(|blob| blob.offset);
        let (entries, start) = header(pack);
        assert_eq!(indexed, entries);
        assert_eq!(start + pack::header_length(&entries) + pack::LENGTH_FIELD, pack.len());
    }
}

#[test]
fn headers_of_packs_are_written_as_they_were_read() {
    for pack in [DATA, TREES] {
        let (entries, start) = header(pack);
        let plain = open(&pack[start..pack.len() - pack::LENGTH_FIELD]);
        assert_eq!(pack::encode(&entries), plain);
    }
}

#[test]
fn the_snapshot_is_written_as_it_was_read() {
    let json = document(SNAPSHOT);
    let snapshot = Snapshot::parse(&json).unwrap();
    assert_eq!(String::from_utf8(snapshot.to_json()), String::from_utf8(json));
    assert_eq!(snapshot.tags, ["a", "b"]);
    assert_eq!(snapshot.summary.unwrap().dirs_new, 3);
    assert!(trees().iter().any(|tree| Id::of(tree) == snapshot.tree));
}

#[test]
fn the_lock_is_written_as_it_was_read() {
    let json = document(LOCK);
    let lock = LockFile::parse(&json).unwrap();
    assert_eq!(lock.to_json(), json);
    assert!(!lock.exclusive);
}

#[test]
fn every_node_of_every_tree_is_written_as_it_was_read() {
    for json in trees() {
        let nodes = tree::parse(&json).unwrap();
        let nodes: Vec<Vec<u8>> = nodes.iter().map(written).collect();
        let again = tree::join(nodes.iter().map(Vec::as_slice));
        assert_eq!(String::from_utf8(again), String::from_utf8(json));
    }
}

#[test]
fn slices_and_names_are_those_of_the_nodes() {
    for json in trees() {
        let nodes = tree::parse(&json).unwrap();
        let slices = tree::slices(&json).unwrap();
        assert_eq!(slices.len(), nodes.len());
        for (slice, node) in slices.iter().zip(nodes) {
            assert_eq!(*slice, written(&node));
            assert_eq!(tree::name_of(slice).unwrap(), node.name);
        }
        assert_eq!(tree::join(slices), json);
    }
}

#[test]
fn names_and_targets_keep_bytes_that_are_not_utf_8() {
    let nodes: Vec<Node> = trees().iter().flat_map(|json| tree::parse(json).unwrap()).collect();
    for name in [&b"invalid\xff\xfe"[..], b"surrogate\xed\xa0\x80", b"new\nline", b"}],\"nodes\":[{"] {
        assert!(nodes.iter().any(|node| node.name == name), "{}", name.escape_ascii());
    }
    let link = nodes.iter().find(|node| node.name == b"linkraw").unwrap();
    assert_eq!(link.linktarget, b"bad\xff\xfetarget<&>\xe2\x80\xa8");
}

#[test]
fn blobs_in_the_index_say_what_they_are() {
    assert!(header(TREES).0.iter().all(|blob| blob.kind == BlobType::Tree));
    assert!(header(DATA).0.iter().all(|blob| blob.kind == BlobType::Data));
}
