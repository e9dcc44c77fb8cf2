//! What single patterns and lists say, case by case.

use holdfast_filter::{Pattern, PatternList, Verdict, glob};

fn list(patterns: &[&str]) -> PatternList {
    PatternList::parse(patterns, false).expect("patterns are right")
}

fn matched(pattern: &str, path: &str) -> bool {
    list(&[pattern]).judge(path.as_bytes()).matched
}

#[test]
fn a_pattern_fits_or_not() {
    let cases: &[(&str, &str, bool)] = &[
        ("cache", "/home/u/cache", true),
        ("cache", "/home/u/cache/deep/file", true),
        ("cache", "/home/u/caches", false),
        ("u/cache", "/home/u/cache", true),
        ("home/cache", "/home/u/cache", false),
        ("/home", "/home/u", true),
        ("/u", "/home/u", false),
        ("/home/u/", "/home/u/x", true),
        ("/home/./v/../u", "/home/u", true),
        ("*.o", "/src/main.o", true),
        ("*.o", "/src/main.o.c", false),
        ("*.o", "/src.o/main.c", true),
        ("m??n.[ch]", "/src/main.c", true),
        ("m??n.[^c]", "/src/main.c", false),
        ("[a-c]x", "/bx", true),
        ("[\\]]x", "/]x", true),
        ("\\*", "/*", true),
        ("\\*", "/a", false),
        ("**/b", "/b", true),
        ("a/**/b", "/a/b", true),
        ("a/**/b", "/a/x/y/b/z", true),
        ("/a/**/b", "/x/a/b", false),
        ("a/**", "/a", true),
        ("**", "/a", true),
        ("/", "/anything/at/all", true),
        ("é", "/é", true),
        ("?", "/é", true),
        (".", "/a", false),
        ("a/b", "a/b", true),
        ("/a", "a", false),
    ];
    for &(pattern, path, expected) in cases {
        assert_eq!(matched(pattern, path), expected, "{pattern:?} on {path:?}");
    }
}

#[test]
fn several_double_stars_are_expanded_as_restic_does() {
    assert!(!matched("/**/a/**/b", "/x/a/b"));
    assert!(matched("/**/a/**/b", "/x/a/y/b"));
    assert!(!matched("**/**/a", "a"));
    assert!(matched("**/**/a", "/a"));
    assert!(matched("**/**", "a"));
}

#[test]
fn bytes_that_are_not_utf8_count_as_one_rune_each() {
    assert_eq!(glob::matches(b"?", b"\xff"), Some(true));
    assert_eq!(glob::matches(b"\xff", b"\xff"), Some(true));
    assert_eq!(glob::matches(b"\xff", b"\xfe"), Some(false));
    assert_eq!(glob::matches(b"?", b"\xff\xfe"), Some(false));
    assert_eq!(glob::matches("[é-ü]".as_bytes(), "ö".as_bytes()), Some(true));
}

#[test]
fn stars_and_question_marks_stop_at_a_slash() {
    for (pattern, name) in [("*", "a/b"), ("a*b", "a/b"), ("a?b", "a/b"), ("*/c", "a/b/c"), ("a*?", "a/b")] {
        assert_eq!(
            glob::matches(pattern.as_bytes(), name.as_bytes()),
            Some(false),
            "{pattern:?} on {name:?}"
        );
    }
    assert_eq!(glob::matches(b"*/b", b"a/b"), Some(true));
}

#[test]
fn a_wrong_pattern_is_refused_by_name_wherever_it_is_wrong() {
    for wrong in ["[", "[]", "[]a]", "[a", "[a-]", "[-a]", "a\\", "x/[/y", "x*[", "!x*\\", "[^", "[a-b-c]"] {
        let message = PatternList::parse(&["fine", wrong], true).expect_err(wrong).to_string();
        assert!(message.contains(&format!("\n{wrong}\n")) && !message.contains("fine"), "{message}");
    }
    assert!(PatternList::parse(&[b"[\xff]"], false).is_err());
}

#[test]
fn an_include_list_says_what_may_be_below() {
    let cases: &[(&str, &str, bool)] = &[
        ("/a/b/c", "/a", true),
        ("/a/b/c", "/a/b", true),
        ("/a/b/c", "/x", false),
        ("/a/b/c", "/a/b/c/d", true),
        ("/a/*/c", "/a/q", true),
        ("/a/*/c", "/a/q/d", false),
        ("/a/**/c", "/a/q/r", true),
        ("/a/**/c", "/b/q/r", false),
        ("c", "/x", true),
    ];
    for &(pattern, path, expected) in cases {
        assert_eq!(
            list(&[pattern]).judge(path.as_bytes()).child_may_match,
            expected,
            "{pattern:?} on {path:?}"
        );
    }
}

#[test]
fn later_patterns_take_back_and_give_again() {
    let patterns = list(&["*.log", "!keep.log", "/tmp/keep.log"]);
    assert!(patterns.judge(b"/var/x.log").matched);
    assert!(!patterns.judge(b"/var/keep.log").matched);
    assert!(patterns.judge(b"/tmp/keep.log").matched);
    assert!(!list(&["!keep.log", "!*"]).judge(b"/x").matched);
    assert!(!list(&["/a/**", "!/a/b"]).judge(b"/a/b/c").child_may_match);
}

#[test]
fn case_is_ignored_on_both_sides_when_asked() {
    let patterns = PatternList::parse(&["ÀB*", "x\\Y"], true).expect("patterns are right");
    assert!(patterns.judge("/àbC".as_bytes()).matched);
    assert!(patterns.judge(b"/XY").matched);
    assert!(!list(&["ab"]).judge(b"/AB").matched);
    let invalid = PatternList::parse(&[b"\xff"], true).expect("patterns are right");
    assert!(invalid.judge(b"/\xfe").matched);
}

#[test]
fn nothing_says_nothing() {
    assert!(
        list(&[]).is_empty()
            && list(&[""]).is_empty()
            && !list(&["a"]).is_empty()
            && !list(&["*"]).is_empty()
    );
    assert_eq!(list(&[]).judge(b"/a"), Verdict::default());
    assert_eq!(list(&["*"]).judge(b""), Verdict::default());
}

#[test]
fn a_single_pattern_does_not_know_negation() {
    let pattern = Pattern::parse(b"!a").expect("pattern is right");
    assert!(pattern.judge(b"/a").matched && !pattern.judge(b"/b").matched);
}
