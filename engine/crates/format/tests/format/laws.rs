//! Whatever is written is read back the same.

use holdfast_format::lock::LockFile;
use holdfast_format::node::{Node, NodeType, Xattr};
use holdfast_format::pack::{self, PackedBlob};
use holdfast_format::snapshot::{Snapshot, Summary};
use holdfast_format::time::{Timestamp, Zone};
use holdfast_format::{BlobType, Id, index, json, quote, tree};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// From year -1 to 10001.
const SECONDS: std::ops::Range<i64> = -62_198_755_200..253_465_459_200;

/// Times as a zone of whole minutes shows them.
pub fn times() -> impl Strategy<Value = Timestamp> {
    let nanos = prop_oneof![Just(0), 0..1_000_000_000_u32, (0..1_000_u32).prop_map(|ms| ms * 1_000_000)];
    (SECONDS, nanos, -1_439..1_440_i32).prop_map(|(seconds, nanos, minutes)| Timestamp {
        seconds,
        nanos,
        offset: minutes * 60,
    })
}

/// Times that can be stored as they are.
fn plain_times() -> impl Strategy<Value = Timestamp> {
    times().prop_filter("inside the years", |t| (-62_167_000_000..253_402_000_000).contains(&t.seconds))
}

/// Bytes that are often not UTF-8 and full of what must be escaped.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let odd = select(b"\"\\<&>\n\x00\x7f\xc3\xa4\xe2\x80\xa8\xff{}[],:xu0".to_vec());
    vec(prop_oneof![odd, any::<u8>()], 0..20)
}

fn ids() -> impl Strategy<Value = Id> {
    any::<[u8; 32]>().prop_map(Id)
}

fn kinds() -> impl Strategy<Value = NodeType> {
    use NodeType::{CharDev, Dev, Dir, Fifo, File, Irregular, Socket, Symlink};
    select(vec![File, Dir, Symlink, Dev, CharDev, Fifo, Socket, Irregular])
}

fn xattrs() -> impl Strategy<Value = Vec<Xattr>> {
    let one =
        (bytes(), option::of(bytes())).prop_map(|(name, value)| Xattr { name: json::lossy(&name), value });
    vec(one, 0..3)
}

prop_compose! {
    fn stems()(name in bytes(), kind in kinds(), mode: u32, mtime in plain_times(), atime in plain_times(),
        ctime in plain_times(), ids: (u32, u32), user in any::<String>(), group in any::<String>(),
        numbers: (u64, u64, u64, u64)) -> Node {
        let ((uid, gid), (inode, device_id, size, links)) = (ids, numbers);
        Node { name, kind, mode, mtime, atime, ctime, uid, gid, user, group, inode, device_id, size, links,
            ..Node::default() }
    }
}

prop_compose! {
    /// Any node.
    pub fn nodes()(stem in stems(), linktarget in bytes(), xattrs in xattrs(), device: u64,
        content in option::of(vec(ids(), 0..3)), subtree in option::of(ids()), error in any::<String>()) -> Node {
        Node { linktarget, xattrs, device, content, subtree, error, ..stem }
    }
}

prop_compose! {
    /// Any blob that a pack can hold at its start.
    pub fn blobs()(id in ids(), tree: bool, offset: u32, length: u32, uncompressed in option::of(1..u32::MAX)) -> PackedBlob {
        let kind = if tree { BlobType::Tree } else { BlobType::Data };
        PackedBlob { id, kind, offset, length, uncompressed }
    }
}

prop_compose! {
    /// Any snapshot.
    pub fn snapshots()(time in plain_times(), tree in ids(), links in (option::of(ids()), option::of(ids())),
        texts in vec(any::<String>(), 3), lists in vec(vec(any::<String>(), 0..3), 3), uid: u32, gid: u32,
        summary in option::of(any::<u64>())) -> Snapshot {
        let [hostname, username, program_version] = texts.try_into().unwrap();
        let [paths, excludes, tags] = lists.try_into().unwrap();
        let summary = summary.map(|n| Summary { files_new: n, data_added: n / 2, backup_end: time, ..Summary::default() });
        let (parent, original) = links;
        Snapshot { time, parent, tree, paths, hostname, username, uid, gid, excludes, tags, original, program_version,
            summary }
    }
}

pub fn written(node: &Node) -> Vec<u8> {
    let mut json = Vec::new();
    node.write(&mut json);
    json
}

fn text(time: &Timestamp) -> String {
    let mut text = Vec::new();
    time.write(&mut text);
    String::from_utf8(text).unwrap()
}

proptest! {
    #[test]
    fn names(raw in bytes()) {
        let mut quoted = Vec::new();
        quote::quote(&raw, &mut quoted);
        prop_assert!(std::str::from_utf8(&quoted).is_ok());
        prop_assert_eq!(quote::unquote(&quoted).unwrap(), raw);
    }

    #[test]
    fn strings(raw in bytes()) {
        let mut string = Vec::new();
        json::string(&raw, &mut string);
        prop_assert_eq!(serde_json::from_slice::<String>(&string).unwrap(), json::lossy(&raw));
    }

    #[test]
    fn times_as_they_are(time in plain_times()) {
        prop_assert_eq!(Timestamp::parse(&text(&time)).unwrap(), time);
    }

    #[test]
    fn times_of_any_year(time in times(), nanos in 0..1_000_000_000_u32) {
        let once = Timestamp::parse(&text(&time)).unwrap();
        prop_assert_eq!(text(&once), text(&time));
        let utc = Zone::utc().at(time.seconds, nanos);
        prop_assert_eq!(Timestamp::parse(&text(&utc)).unwrap(), utc);
    }

    #[test]
    fn any_node(node in nodes()) {
        let json = written(&node);
        let again = Node::parse(&json).unwrap();
        prop_assert_eq!(written(&again), json);
        prop_assert_eq!((again.name, again.linktarget), (node.name, node.linktarget));
        prop_assert_eq!((again.mtime, again.xattrs), (node.mtime, node.xattrs));
        prop_assert_eq!((again.user, again.kind, again.content), (node.user, node.kind, node.content));
    }

    #[test]
    fn any_tree(nodes in vec(nodes(), 0..6)) {
        let mut nodes = nodes;
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        nodes.dedup_by(|a, b| a.name == b.name);
        let each: Vec<Vec<u8>> = nodes.iter().map(written).collect();
        let bytes = tree::join(each.iter().map(Vec::as_slice));
        prop_assert_eq!(tree::slices(&bytes).unwrap(), each.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let names = |nodes: Vec<Node>| nodes.into_iter().map(|node| node.name).collect::<Vec<_>>();
        let found: Vec<_> = each.iter().map(|node| tree::name_of(node).unwrap()).collect();
        prop_assert_eq!(names(tree::parse(&bytes).unwrap()), names(nodes.clone()));
        prop_assert_eq!(found, names(nodes));
    }

    #[test]
    fn any_index(packs in vec((ids(), vec(blobs(), 0..5)), 0..5)) {
        let mut again = Vec::new();
        index::decode(&index::encode(&packs), &mut |id, blobs| {
            again.push((id, blobs.to_vec()));
            Ok(())
        }).unwrap();
        prop_assert_eq!(again, packs);
    }

    #[test]
    fn any_pack(blobs in vec((blobs(), 32..1_000_000_u32), 0..20)) {
        let mut end = 0;
        let blobs: Vec<PackedBlob> = blobs.into_iter().map(|(blob, length)| {
            end += length;
            PackedBlob { offset: end - length, length, ..blob }
        }).collect();
        let header = pack::encode(&blobs);
        prop_assert_eq!(header.len() + holdfast_format::crypto::OVERHEAD, pack::header_length(&blobs));
        prop_assert_eq!(pack::decode(&header, end.into()).unwrap(), blobs);
    }

    #[test]
    fn any_snapshot(snapshot in snapshots()) {
        let json = snapshot.to_json();
        let again = Snapshot::parse(&json).unwrap();
        prop_assert_eq!(again.to_json(), json);
        prop_assert_eq!((again.paths, again.tags, again.tree), (snapshot.paths, snapshot.tags, snapshot.tree));
        prop_assert_eq!((again.summary, again.parent), (snapshot.summary, snapshot.parent));
    }

    #[test]
    fn any_lock(time in plain_times(), exclusive: bool, hostname: String, username: String, ids: (u32, u32, u32)) {
        let (pid, uid, gid) = ids;
        let lock = LockFile { time, exclusive, hostname, username, pid, uid, gid };
        prop_assert_eq!(LockFile::parse(&lock.to_json()).unwrap(), lock);
    }
}
