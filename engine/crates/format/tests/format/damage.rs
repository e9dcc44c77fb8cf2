//! No bytes make a reader panic, and what a reader takes from a damaged tree is what strict JSON says.

use holdfast_format::compression::{Codec, Compression};
use holdfast_format::config::Config;
use holdfast_format::crypto::EnvelopeKey;
use holdfast_format::keyfile::KeyFile;
use holdfast_format::lock::LockFile;
use holdfast_format::node::Node;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::time::Timestamp;
use holdfast_format::{Id, index, pack, quote, tree, unpacked};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::laws::{blobs, nodes, snapshots, written};

/// Gives bytes to every reader.
fn read_all(bytes: &[u8]) {
    let _ = Config::parse(bytes);
    let _ = EnvelopeKey::from_json(bytes);
    let _ = KeyFile::parse(bytes);
    let _ = LockFile::parse(bytes);
    let _ = Node::parse(bytes);
    let _ = Snapshot::parse(bytes);
    let _ = Id::parse(bytes);
    let _ = index::decode(bytes, &mut |_, _| Ok(()));
    let _ = pack::decode(bytes, bytes.len() as u64);
    let _ = quote::unquote(bytes);
    let _ = tree::parse(bytes);
    let _ = tree::name_of(bytes);
    let _ = unpacked::decode(bytes.to_vec());
    let _ = Codec::new(Compression::Auto).decompress(bytes, 1 << 16, &mut Vec::new());
    let _ = std::str::from_utf8(bytes).map(Timestamp::parse);
}

/// Where, how many bytes, and what stands there instead.
type Change = (Index, usize, Vec<u8>);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let byte = prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:\\0-\n".to_vec())];
    vec((any::<Index>(), prop_oneof![0..2_usize, 0..40_usize], vec(byte, 0..3)), 1..4)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for (at, length, new) in changes {
        let start = at.index(bytes.len() + 1);
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, new.iter().copied());
    }
    bytes
}

#[derive(Deserialize)]
struct Strict<'a> {
    #[serde(borrow)]
    nodes: Vec<&'a RawValue>,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_are_survived(bytes in vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn changed_documents_are_survived(node in nodes(), snapshot in snapshots(), blobs in vec(blobs(), 0..3),
        changes in changes()) {
        let node = written(&node);
        let documents = [tree::join([&node[..], &node]), index::encode(&[(Id::default(), blobs.clone())]),
            pack::encode(&blobs), snapshot.to_json(), node];
        for document in documents {
            read_all(&changed(document, &changes));
        }
    }

    #[test]
    fn slices_of_a_changed_tree_are_those_of_strict_json(one in nodes(), two in nodes(), changes in changes()) {
        let (one, two) = (written(&one), written(&two));
        let bytes = changed(tree::join([&one[..], &two]), &changes);
        if let Ok(Strict { nodes }) = serde_json::from_slice(&bytes)
            && nodes.iter().all(|node| node.get().starts_with('{')) {
            let expected: Vec<&[u8]> = nodes.iter().map(|node| node.get().as_bytes()).collect();
            prop_assert_eq!(tree::slices(&bytes).unwrap(), expected);
        }
    }

    #[test]
    fn a_name_found_quickly_is_the_name_that_the_node_has(node in nodes(), changes in changes()) {
        let bytes = changed(written(&node), &changes);
        if let Ok(node) = Node::parse(&bytes) {
            prop_assert_eq!(tree::name_of(&bytes).unwrap(), node.name);
        }
    }
}
