//! Files of patterns and of names, and sizes.

use holdfast_filter::{expand, expand::Folders, path::clean, pattern_file, size::parse_bytes, sources, text};

fn patterns(text: &str) -> Vec<String> {
    let variable = |name: &[u8]| match name {
        b"HOME" => Some(b"/home/u".to_vec()),
        b"1" => Some(b"one".to_vec()),
        b"a-b" => Some(b"dash".to_vec()),
        _ => None,
    };
    let found = pattern_file::patterns(text.as_bytes(), &variable);
    found.into_iter().map(|line| String::from_utf8(line).expect("text")).collect()
}

#[test]
fn lines_are_trimmed_and_comments_left_out() {
    assert_eq!(patterns("# no\n\n  *.o \t\r\n\u{a0}x#y\u{2003}\n  # neither\nlast"), ["*.o", "x#y", "last"]);
}

#[test]
fn variables_are_expanded_as_go_does() {
    for (line, expected) in [
        ("$HOME/x", "/home/u/x"),
        ("${HOME}x", "/home/ux"),
        ("a$$b", "a$b"),
        ("$", "$"),
        ("x$", "x$"),
        ("$/x", "$/x"),
        ("${}x", "x"),
        ("${HOME", "HOME"),
        ("$1x", "onex"),
        ("${1}x", "onex"),
        ("$12", "one2"),
        ("${a-b}", "dash"),
        ("$UNSET-", "-"),
        ("é$HOME", "é/home/u"),
    ] {
        assert_eq!(patterns(line), [expected], "{line}");
    }
}

#[test]
fn byte_order_marks_decide_the_encoding() {
    assert_eq!(text::decode(b"\xef\xbb\xbfx"), b"x");
    assert_eq!(text::decode(b"\xff\xfex\0\xe9\0"), "xé".as_bytes());
    assert_eq!(text::decode(b"\xfe\xff\0x\xd8\0"), "x\u{fffd}".as_bytes());
    assert_eq!(text::decode(b"\xff\xfex"), "\u{fffd}".as_bytes());
    assert_eq!(text::decode(b"\xffx"), b"\xffx");
}

#[test]
fn names_are_read_in_three_ways() {
    let list = b" a \n#b\n\n\xff\r\n";
    assert_eq!(sources::patterns(list).collect::<Vec<_>>(), [&b"a"[..], b"\xff"]);
    assert_eq!(sources::verbatim(list).collect::<Vec<_>>(), [&b" a "[..], b"#b", b"\xff"]);
    assert_eq!(sources::raw(b" a\n\0#b\0").expect("well formed"), [&b" a\n"[..], b"#b"]);
    assert!(sources::raw(b"").expect("well formed").is_empty());
    assert!(sources::raw(b"a\0b").expect_err("open").to_string().contains("trailing zero byte missing"));
    assert!(sources::raw(b"a\0\0b\0").expect_err("empty").to_string().contains("empty filename"));
}

struct Tree(&'static [&'static str]);

impl Folders for Tree {
    fn exists(&self, path: &[u8]) -> bool {
        self.0
            .iter()
            .any(|file| file.as_bytes() == path || file.as_bytes().starts_with(&[path, b"/"].concat()))
    }
    fn names(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        let prefix = if folder == b"." { Vec::new() } else { [&clean(folder)[..], b"/"].concat() };
        let below = self.0.iter().filter_map(|file| file.as_bytes().strip_prefix(&prefix[..]));
        let mut names: Vec<_> =
            below.filter_map(|rest| rest.split(|&byte| byte == b'/').next()).map(<[u8]>::to_vec).collect();
        names.dedup();
        names
    }
}

#[test]
fn lines_of_files_from_are_globs() {
    let tree = Tree(&["b/y", "b/x", "a/x", "a/[z]", "c"]);
    let found = |pattern: &str| {
        let paths = expand::glob(pattern.as_bytes(), &tree).expect("pattern is right");
        paths.into_iter().map(|path| String::from_utf8(path).expect("text")).collect::<Vec<_>>()
    };
    assert_eq!(found("b/*"), ["b/x", "b/y"]);
    assert_eq!(found("*/x"), ["b/x", "a/x"].into_iter().rev().collect::<Vec<_>>());
    assert_eq!(found("c"), ["c"]);
    assert_eq!(found("d"), [""; 0]);
    assert_eq!(found("a/\\[z]"), ["a/[z]"]);
    assert_eq!(found("./b//[x]"), ["b/x"]);
    for wrong in ["[", "a/[", "[/x", "x*/[a"] {
        let message = expand::glob(wrong.as_bytes(), &tree).expect_err(wrong).to_string();
        assert!(message.contains("syntax error"), "{message}");
    }
}

#[test]
fn sizes_have_powers_of_1024() {
    for (text, bytes) in [
        ("10M", 10 << 20),
        ("10m", 10 << 20),
        ("3", 3),
        ("3b", 3),
        ("1K", 1024),
        ("+2G", 2 << 30),
        ("8388607T", 8_388_607 << 40),
        ("0", 0),
    ] {
        assert_eq!(parse_bytes(text).expect(text), bytes, "{text}");
    }
    for text in ["", "M", "1.5M", "-1", "10MiB", " 1", "8388608T", "9223372036854775808"] {
        let message = parse_bytes(text).expect_err(text).to_string();
        assert!(message.contains(text), "{message}");
    }
}
