//! Names and texts are escaped as Go escapes them.

use holdfast_format::{Id, json, quote};

fn quoted(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    quote::quote(raw, &mut text);
    text
}

fn string(text: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    json::string(text, &mut json);
    json
}

#[test]
fn every_character_is_quoted_as_go_quotes_it() {
    let mut all = Vec::new();
    for character in '\0'..=char::MAX {
        let name = character.to_string();
        json::string(&quoted(name.as_bytes()), &mut all);
    }
    // SHA-256 of json.Marshal(strconv.Quote(string(r)) without its quotes) for every rune, by Go 1.26 (Unicode 15.0.0).
    assert_eq!(Id::of(&all).to_string(), "91b6b665e390958088ea8a46d4cbaab820cc9c84d063dcc9e642a66d2471a679");
}

#[test]
fn names_are_quoted_and_unquoted() {
    for (raw, expected) in [
        (&b"plain"[..], &br"plain"[..]),
        (b"", b""),
        (b"a\"b\\c", br#"a\"b\\c"#),
        (b"\x07\x08\x0c\n\r\t\x0b\0\x1f\x7f", br"\a\b\f\n\r\t\v\x00\x1f\x7f"),
        (b"\xff\xe2\x82\xed\xa0\x80", br"\xff\xe2\x82\xed\xa0\x80"),
        ("ä€😀".as_bytes(), "ä€😀".as_bytes()),
        ("\u{2028}\u{a0}\u{ad}\u{feff}".as_bytes(), br"\u2028\u00a0\u00ad\ufeff"),
        ("\u{fffd}".as_bytes(), "\u{fffd}".as_bytes()),
        ("\u{e0001}\u{10ffff}".as_bytes(), br"\U000e0001\U0010ffff"),
        (b"'<&>", b"'<&>"),
    ] {
        assert_eq!(quoted(raw).escape_ascii().to_string(), expected.escape_ascii().to_string());
        assert_eq!(quote::unquote(expected).unwrap(), raw);
    }
}

#[test]
fn other_escapes_that_go_knows_are_read_too() {
    assert_eq!(quote::unquote(br"\101\u0041\U00000041\x41").unwrap(), b"AAAA");
}

#[test]
fn what_go_does_not_unquote_is_damaged() {
    for text in [
        r"\",
        r"\'",
        r"\x4",
        r"\xg0",
        r"\400",
        r"\08",
        r"\u004",
        r"\ud800",
        r"\U00110000",
        r"\q",
        "a\"b",
        "a\nb",
        r"\x+1",
    ] {
        let error = quote::unquote(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("is damaged"), "{error}");
    }
}

#[test]
fn json_is_escaped_as_go_escapes_it() {
    for (text, expected) in [
        (&b"plain"[..], &br#""plain""#[..]),
        (b"", br#""""#),
        (b"a\"b\\c/", br#""a\"b\\c/""#),
        (b"<&>\x7f", b"\"\\u003c\\u0026\\u003e\x7f\""),
        (b"\0\x08\x0c\n\r\t\x1f", br#""\u0000\b\f\n\r\t\u001f""#),
        ("\u{2028}\u{2029}ä\u{fffd}".as_bytes(), "\"\\u2028\\u2029ä\u{fffd}\"".as_bytes()),
        (b"\xff\xe2\x82x", br#""\ufffd\ufffd\ufffdx""#),
    ] {
        assert_eq!(string(text).escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}

#[test]
fn each_byte_that_is_not_utf_8_is_replaced() {
    assert_eq!(
        json::lossy(b"a\xff\xe2\x82b\xed\xa0\x80"),
        "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}\u{fffd}\u{fffd}"
    );
}
