//! Trees: their order, and where their nodes begin and end.

use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, tree};

fn node(name: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    Node { name: name.to_vec(), ..Node::default() }.write(&mut json);
    json
}

fn tree_of(names: &[&[u8]]) -> Vec<u8> {
    let nodes: Vec<Vec<u8>> = names.iter().map(|name| node(name)).collect();
    tree::join(nodes.iter().map(Vec::as_slice))
}

#[test]
fn a_folder_without_entries_is_a_tree() {
    assert_eq!(tree::join([]), b"{\"nodes\":[]}\n");
    assert!(tree::parse(b"{\"nodes\":[]}\n").unwrap().is_empty());
}

#[test]
fn names_are_sorted_as_bytes() {
    let names: [&[u8]; 6] = [b" ", b"A", b"a", b"a\"", b"a.b", "ä".as_bytes()];
    let nodes = tree::parse(&tree_of(&names)).unwrap();
    assert!(nodes.iter().map(|node| &node.name).eq(names.iter()));
}

#[test]
fn names_out_of_order_or_twice_are_damaged() {
    for names in [[&b"b"[..], b"a"], [b"a", b"a"], [b"\\", b"\""]] {
        let error = tree::parse(&tree_of(&names)).unwrap_err();
        assert!(matches!(&error, Error::Damaged { why, .. } if why.contains("not in order")), "{error}");
    }
}

#[test]
fn brackets_and_quotes_in_names_are_no_structure() {
    let names: [&[u8]; 5] = [b"\"},{\"name\":\"x", b"[{]}", b"\\", b"\\\"", b"]}"];
    let bytes = tree_of(&names);
    let slices = tree::slices(&bytes).unwrap();
    let found: Vec<Vec<u8>> = slices.iter().map(|slice| tree::name_of(slice).unwrap()).collect();
    assert_eq!(found, names);
}

#[test]
fn lists_and_objects_inside_a_node_belong_to_it() {
    let one = br#"{"name":"a","x":[{"y":[[],{}]},{"z":"}]"}],"type":"file","content":null}"#;
    let bytes = tree::join([&one[..], b"{}"]);
    assert_eq!(tree::slices(&bytes).unwrap(), [&one[..], b"{}"]);
}

#[test]
fn other_keys_and_spaces_around_the_nodes_are_skipped() {
    for text in [
        r#"{"a":1,"b":{"nodes":[1]},"nodes":[{"name":"n"}],"c":[{}],"nodes":7,"d":-1.5e+3,"e":"nodes"}"#,
        " { \"x\" : null , \"nodes\" : [ {\"name\":\"n\"} ] } \n",
        "{\"nodes\":[{\"name\":\"n\"}]}",
    ] {
        assert_eq!(tree::slices(text.as_bytes()).unwrap(), [br#"{"name":"n"}"#], "{text}");
    }
}

#[test]
fn a_tree_that_is_cut_short_anywhere_is_damaged() {
    let bytes = tree_of(&[b"a\"b", b"c\\", b"d"]);
    let whole = bytes.len() - 1; // the line break may be missing
    for end in 0..whole {
        assert!(tree::slices(&bytes[..end]).is_err(), "{end}");
    }
    assert_eq!(tree::slices(&bytes[..whole]).unwrap().len(), 3);
}

#[test]
fn what_is_no_tree_is_damaged() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"nodes":null}"#,
        r#"{"nodes":{}}"#,
        r#"{"nodes":[1]}"#,
        r#"{"nodes":[[]]}"#,
        r#"{"nodes":["a"]}"#,
        r#"{"nodes":[{},]}"#,
        r#"{"nodes":[,{}]}"#,
        r#"{"nodes":[{} {}]}"#,
        r#"{"nodes":[{}}"#,
        r#"{"nodes":[{}]]"#,
        r#"{"nodes":[]}{"#,
        r#"{"nodes":[],}"#,
        r#"{"nodes" []}"#,
        r"{nodes:[]}",
        r#"{"a":,"nodes":[]}"#,
        r#"{"a":],"nodes":[]}"#,
        "{\"nodes\":[]}\0",
    ] {
        assert!(matches!(tree::slices(text.as_bytes()), Err(Error::Damaged { .. })), "{text}");
    }
}

#[test]
fn a_node_is_found_by_its_name_however_it_is_written() {
    for text in [
        r#"{"name":"a\\tb","type":"file"}"#,
        r#"{"type":"file","name":"a\\tb"}"#,
        r#"{ "name" : "a\u005ctb" }"#,
        r#"{"name":"\u0061\\tb"}"#,
    ] {
        assert_eq!(tree::name_of(text.as_bytes()).unwrap(), b"a\tb", "{text}");
    }
    for text in
        [&b"{}"[..], b"", br#"{"name":1}"#, b"{\"name\":\"\xff\"}", b"{\"name\":\"\n\"}", br#"{"name":"\\"}"#]
    {
        assert!(tree::name_of(text).is_err(), "{}", text.escape_ascii());
    }
}

#[test]
fn a_node_may_leave_out_what_is_empty() {
    let node = Node::parse(br#"{"name":"a","type":"dir","unknown":[1,{}],"content":null}"#).unwrap();
    assert_eq!((node.kind, node.mode, node.size), (NodeType::Dir, 0, 0));
    assert!(node.content.is_none() && node.subtree.is_none());
}

#[test]
fn a_stem_is_how_its_node_begins() {
    let node = Node { name: b"x".to_vec(), links: 2, size: 5, content: Some(vec![]), ..Node::default() };
    let (mut stem, mut whole) = (Vec::new(), Vec::new());
    node.write_stem(&mut stem);
    node.write(&mut whole);
    assert!(whole.starts_with(&stem) && stem.ends_with(br#""size":5,"links":2"#));
}

#[test]
fn attributes_of_other_systems_are_kept_as_they_are() {
    let json = concat!(
        r#"{"name":"a","type":"file","mtime":"2001-01-01T00:00:00Z","atime":"2001-01-01T00:00:00Z","#,
        r#""ctime":"2001-01-01T00:00:00Z","uid":0,"gid":0,"extended_attributes":[{"name":"user.n","value":null}],"#,
        r#""generic_attributes":{"windows.creation_time":"AOB8","windows.file_attributes":32},"content":[],"error":"no\"t"}"#
    );
    let mut again = Vec::new();
    Node::parse(json.as_bytes()).unwrap().write(&mut again);
    assert_eq!(String::from_utf8(again).unwrap(), json);
}
