//! What must agree: index and packs, trees and blobs.

mod common;

use common::{
    EVERYTHING, STRUCTURE, add, dir_node, empty, file_node, files, noise, open, replace, rewrite_index, run,
    said_of, sample, save_snapshot, save_tree, stored, tree_bytes, writer,
};
use holdfast_backend::{Cancel, Handle};
use holdfast_check::{CheckOptions, ProblemKind, Severity};
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{BlobType, FileType, Id, Version, index};

#[test]
fn a_repository_that_is_whole_is_sound() {
    for version in [Version::V1, Version::V2] {
        let backend = sample(version);
        for options in [STRUCTURE, EVERYTHING, CheckOptions { unused: true, ..EVERYTHING }] {
            let outcome = run(&backend, &options).expect("check ends");
            assert!(outcome.is_sound() && outcome.problems.is_empty(), "{:?}", outcome.problems);
        }
    }
    assert!(run(&empty(Version::V2), &EVERYTHING).expect("check ends").problems.is_empty());
}

#[test]
fn a_pack_in_no_index_is_a_hint() {
    let backend = sample(Version::V2);
    let stray = Handle::new(FileType::Pack, Id::of(b"stray"));
    backend.write(&stray, b"stray").expect("writes");
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert!(outcome.is_sound() && outcome.suggest_prune && !outcome.suggest_repair_index);
    let [problem] = &outcome.problems[..] else { panic!("{:?}", outcome.problems) };
    assert_eq!((problem.kind, problem.severity), (ProblemKind::UnreferencedPack, Severity::Hint));
    assert_eq!(problem.to_string(), format!("pack {}: not referenced in any index", stray.id));
}

#[test]
fn an_index_with_a_wrong_offset_or_length_is_found() {
    for change in [|blob: &mut u32| *blob += 1, |blob: &mut u32| *blob -= 1] {
        for field in ["offset", "length", "plain"] {
            let backend = sample(Version::V2);
            let mut changed = None;
            rewrite_index(&backend, |&mut pack, blobs| {
                if let (None, [blob, _, ..]) = (changed, &mut blobs[..]) {
                    match field {
                        "offset" => blob.offset = blob.offset.wrapping_add(1),
                        "length" => change(&mut blob.length),
                        _ => change(blob.uncompressed.as_mut().expect("compressed")),
                    }
                    changed = Some(pack);
                }
            });
            let outcome = run(&backend, &EVERYTHING).expect("check ends");
            let said = said_of(&outcome, &changed.expect("a pack of two blobs")).join("\n");
            assert!(said.contains("is not contained in index or position is incorrect"), "{field}: {said}");
        }
    }
}

#[test]
fn an_index_that_lacks_a_blob_or_has_one_too_many_is_found() {
    for lacks in [true, false] {
        let backend = sample(Version::V2);
        let mut changed = None;
        rewrite_index(&backend, |&mut pack, blobs| {
            if changed.is_none() && blobs.len() > 1 {
                changed = Some(pack);
                let last = blobs.pop().expect("a blob");
                let other = holdfast_format::pack::PackedBlob { id: Id::of(b"other"), ..last };
                blobs.extend((!lacks).then_some([last, other]).into_iter().flatten());
            }
        });
        let outcome = run(&backend, &EVERYTHING).expect("check ends");
        let said = said_of(&outcome, &changed.expect("a pack of two blobs")).join("\n");
        assert!(said.contains("its header names"), "{said}");
    }
}

#[test]
fn a_blob_that_is_not_what_it_is_called_is_found() {
    let backend = sample(Version::V2);
    let (_, writer) = writer(&backend, 1 << 20);
    let name = Id::of(b"something else");
    writer.hands().add_named(BlobType::Data, name, b"content").expect("blob is stored");
    writer.finish().expect("writes");
    assert!(run(&backend, &STRUCTURE).expect("check ends").is_sound());
    let said = said_of(&run(&backend, &EVERYTHING).expect("check ends"), &name);
    let fault = format!("blob {name}: wrong data returned, hash is {}", Id::of(b"content"));
    assert!(said.len() == 1 && said[0].contains(&fault), "{said:?}");
}

#[test]
fn a_pack_that_goes_by_another_name_even_in_the_index_is_found() {
    let backend = sample(Version::V2);
    let (old, new) = (files(&backend, FileType::Pack)[0], Handle::new(FileType::Pack, Id::of(b"new")));
    backend.write(&new, &stored(&backend, &old)).expect("writes");
    backend.remove(&old).expect("removes");
    rewrite_index(&backend, |pack, _| {
        if *pack == old.id {
            *pack = new.id;
        }
    });
    assert!(run(&backend, &STRUCTURE).expect("check ends").is_sound());
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert_eq!((outcome.num_errors, &outcome.broken_packs[..]), (1, &[new.id][..]));
    assert!(outcome.problems[0].why.contains(&format!("unexpected pack id {}", old.id)));
}

#[test]
fn a_pack_in_two_index_files_is_a_hint_and_in_two_forms_an_error() {
    let backend = sample(Version::V2);
    let repository = open(&backend).expect("opens");
    repository.load_index(&Cancel::new(), &|_, _| ()).expect("index loads");
    let packs: Vec<Id> = repository.index().packs().iter().map(|pack| pack.id).collect();
    let contents = repository.index().pack_contents(&packs);
    let (pack, blobs) = contents.into_iter().find(|(_, blobs)| blobs.len() > 1).expect("a pack of two blobs");
    let reversed = (pack, blobs.iter().rev().copied().collect());
    repository.save_unpacked(FileType::Index, &index::encode(&[reversed])).expect("stores");
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert!(outcome.is_sound() && outcome.suggest_repair_index, "{:?}", outcome.problems);
    assert!(
        outcome.problems[0].to_string().starts_with(&format!("pack {pack} contained in several indexes: {{"))
    );

    repository
        .save_unpacked(FileType::Index, &index::encode(&[(pack, blobs[1..].to_vec())]))
        .expect("stores");
    let outcome = run(&backend, &EVERYTHING).expect("check ends");
    assert_eq!((outcome.num_errors, outcome.broken_packs), (1, vec![pack]));
    assert_eq!(outcome.problems[0].kind, ProblemKind::IndexConflict);
}

#[test]
fn a_mixed_pack_is_a_hint() {
    let backend = sample(Version::V1);
    let repository = open(&backend).expect("opens");
    repository.load_index(&Cancel::new(), &|_, _| ()).expect("index loads");
    rewrite_index(&backend, |_, blobs| {
        if let [first, _, ..] = &mut blobs[..] {
            first.kind = if first.kind == BlobType::Data { BlobType::Tree } else { BlobType::Data };
        }
    });
    let outcome = run(&backend, &STRUCTURE).expect("check ends");
    assert!(
        outcome.suggest_prune
            && outcome.problems.iter().any(|problem| problem.kind == ProblemKind::MixedPack)
    );
}

#[test]
fn entries_of_folders_that_cannot_be_are_named() {
    let backend = empty(Version::V2);
    let (repository, writer) = writer(&backend, 1 << 20);
    let mut hands = writer.hands();
    let lost = Id::of(b"never stored");
    let node = |name: &str, kind| Node { name: name.as_bytes().to_vec(), kind, ..Node::default() };
    let nodes = [
        Node { content: None, ..node("a\"", NodeType::File) },
        Node { content: Some(vec![Id::default(), lost]), ..node("b", NodeType::File) },
        Node { subtree: Some(Id::default()), ..node("c/", NodeType::Dir) },
        node("d", NodeType::Dir),
        Node { subtree: Some(lost), ..node("e", NodeType::Dir) },
        node("f", NodeType::Irregular),
        node("g", NodeType::Socket),
        Node { content: Some(vec![]), ..node("f", NodeType::File) },
    ];
    let root = add(&mut hands, BlobType::Tree, &tree_bytes(&nodes));
    writer.finish().expect("writes");
    save_snapshot(&repository, root, "");
    let outcome = run(&backend, &STRUCTURE).expect("check ends");
    let said = said_of(&outcome, &root);
    let expected = [
        r#"file "a\"" has nil blob list"#.to_owned(),
        r#"file "b" blob 0 has null ID"#.to_owned(),
        format!(r#"file "b" blob {lost} not found in index"#),
        r#"dir node "c/" subtree id is null"#.to_owned(),
        r#"node "c/" has a name that no file can have"#.to_owned(),
        r#"dir node "d" has no subtree"#.to_owned(),
        r#"node "f" with invalid type "irregular""#.to_owned(),
        r#"node "f" does not come after the one before it"#.to_owned(),
    ];
    let expected = expected.map(|why| format!("error for tree {}:\n  tree {root}: {why}", root.short()));
    assert_eq!(said, expected);
    assert_eq!(said_of(&outcome, &lost).len(), 2);
    assert_eq!(outcome.num_errors, 9);
}

#[test]
fn a_tree_that_is_no_tree_is_named_once() {
    let backend = empty(Version::V2);
    let (repository, writer) = writer(&backend, 1 << 20);
    let mut hands = writer.hands();
    let broken = add(&mut hands, BlobType::Tree, b"{\"nodes\":[{\"name\":");
    let mut other = dir_node(broken);
    other.name = b"e".to_vec();
    let root = save_tree(&mut hands, vec![dir_node(broken), other]);
    writer.finish().expect("writes");
    save_snapshot(&repository, root, "");
    save_snapshot(&repository, broken, "");
    let outcome = run(&backend, &STRUCTURE).expect("check ends");
    let said = said_of(&outcome, &broken);
    assert!(said.len() == 1 && said[0].contains("failed to decode tree"), "{said:?}");
}

#[test]
fn blobs_that_nobody_uses_are_errors_when_asked() {
    let backend = sample(Version::V2);
    let lonely = {
        let (_, writer) = writer(&backend, 1 << 20);
        let mut hands = writer.hands();
        let lonely =
            [add(&mut hands, BlobType::Data, b"lonely"), add(&mut hands, BlobType::Tree, b"lonely too")];
        writer.finish().expect("writes");
        lonely
    };
    assert!(run(&backend, &EVERYTHING).expect("check ends").is_sound());
    let outcome = run(&backend, &CheckOptions { unused: true, ..STRUCTURE }).expect("check ends");
    assert_eq!(outcome.num_errors, 2);
    assert!(lonely.iter().all(|id| said_of(&outcome, id).len() == 1), "{:?}", outcome.problems);
    backend.remove(&files(&backend, FileType::Snapshot)[0]).expect("removes");
    assert!(run(&backend, &CheckOptions { unused: true, ..STRUCTURE }).expect("check ends").num_errors > 2);
}

#[test]
fn a_pack_longer_than_memory_allows_is_proven_in_pieces() {
    let backend = empty(Version::V2);
    let (repository, writer) = writer(&backend, 64 << 20);
    let mut hands = writer.hands();
    let nodes = (0..5).map(|seed| file_node(&mut hands, &noise(seed, 8 << 20))).collect();
    let root = save_tree(&mut hands, nodes);
    writer.finish().expect("writes");
    save_snapshot(&repository, root, "");
    assert!(run(&backend, &EVERYTHING).expect("check ends").problems.is_empty());
    let packs = backend.list(FileType::Pack).expect("lists");
    let long = packs.iter().find(|pack| pack.size > 24 << 20).expect("a long pack");
    let file = Handle::new(FileType::Pack, long.id);
    let right = stored(&backend, &file);
    for at in [right.len() / 2, right.len() - 30] {
        let mut bytes = right.clone();
        bytes[at] ^= 1;
        replace(&backend, &file, &bytes);
        let outcome = run(&backend, &EVERYTHING).expect("check ends");
        assert_eq!(outcome.broken_packs, [long.id], "byte {at}");
    }
}
