//! What we say to a REST server, and what we make of its answers.

mod support;

use std::sync::Arc;
use std::time::Duration;

use holdfast_backend::failure::{is_permanent, retry_after};
use holdfast_backend::rest::Rest;
use holdfast_backend::retry::{Patience, Policy, Retrying};
use holdfast_backend::{Backend, BackendOptions, Cancel, Handle, Listed, Notices};
use holdfast_format::{Error, FileType, Id};
use support::{Server, answer, serve};
use url::Url;

const PACK: Handle = Handle { kind: FileType::Pack, id: Id([0xab; 32]), tree_pack: false };

fn nothing(_: &str) -> Option<String> {
    None
}

fn open(server: &Server, path: &str) -> Rest {
    let address = Url::parse(&format!("{}{path}", server.address)).unwrap();
    Rest::open(&address, 5, &BackendOptions::default(), &Cancel::new(), nothing).unwrap()
}

fn ids(listed: &[Listed]) -> Vec<(Id, u64)> {
    listed.iter().map(|file| (file.id, file.size)).collect()
}

#[test]
fn a_file_is_sent_whole_with_its_length() {
    let server = serve([answer(200, "", "")]);
    let bytes: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    open(&server, "/repo/").write(&PACK, &bytes).unwrap();
    let request = server.request();
    assert_eq!(request.line(), format!("POST /repo/data/{} HTTP/1.1", PACK.id));
    assert_eq!(request.header("content-length"), Some("300000"));
    assert_eq!(request.header("accept"), Some("application/vnd.x.restic.rest.v2"));
    assert!(request.body == bytes);
}

#[test]
fn a_repository_is_created_by_asking_for_it() {
    let server = serve([answer(200, "", "")]);
    open(&server, "/repo/").create().unwrap();
    assert_eq!(server.request().line(), "POST /repo/?create=true HTTP/1.1");
}

#[test]
fn a_part_is_asked_for_by_its_range() {
    let server = serve([answer(206, "", "cde"), answer(206, "", "cdefg")]);
    let store = open(&server, "/");
    let mut out = Vec::new();
    store.read(&PACK, 2, Some(3), &mut out).unwrap();
    assert_eq!((out.as_slice(), server.request().header("range")), (&b"cde"[..], Some("bytes=2-4")));
    store.read(&PACK, 2, None, &mut out).unwrap();
    assert_eq!((out.as_slice(), server.request().header("range")), (&b"cdefg"[..], Some("bytes=2-")));
}

#[test]
fn a_server_that_knows_no_ranges_is_read_all_the_same() {
    let server = serve([answer(200, "", "abcdefg"), answer(200, "", "abcdefg")]);
    let store = open(&server, "/");
    let mut out = Vec::new();
    store.read(&PACK, 2, Some(3), &mut out).unwrap();
    assert_eq!(out, b"cde");
    assert!(matches!(store.read(&PACK, 6, Some(3), &mut out), Err(Error::Damaged { .. })));
}

#[test]
fn a_file_that_ends_too_early_is_damaged_and_an_answer_that_does_is_not() {
    let server = serve([
        answer(206, "", "ab"),
        answer(200, "content-length: 4\r\n", "").replace("content-length: 0\r\n", ""),
        answer(206, "", "abcdef").replace("abcdef", "abc"),
    ]);
    let store = open(&server, "/");
    let damaged = store.read(&PACK, 2, Some(3), &mut Vec::new()).unwrap_err();
    assert!(damaged.to_string().contains("it ends after 4 bytes"), "{damaged}");
    let broken = store.read(&PACK, 0, Some(6), &mut Vec::new()).unwrap_err();
    assert!(matches!(broken, Error::Store { .. }) && !is_permanent(&broken), "{broken}");
}

#[test]
fn a_stream_that_breaks_goes_on_where_it_was() {
    let half = answer(206, "", "cdefg").replace("cdefg", "cd");
    let server = serve([half, answer(503, "", "busy"), answer(200, "", "abcdefghi")]);
    let patience = Patience { policy: Policy::QUICK, cancel: Cancel::new(), notices: Notices::default() };
    let store = Retrying::new(Arc::new(open(&server, "/")), patience);
    let mut came = Vec::new();
    store
        .stream(&PACK, 2, 5, &mut |bytes| {
            came.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
    assert_eq!(came, b"cdefg");
    let ranges = [(); 3].map(|()| server.request().header("range").map(str::to_owned).unwrap());
    assert_eq!(ranges, ["bytes=2-6", "bytes=4-6", "bytes=4-6"]);
}

#[test]
fn listings_of_both_versions_are_read() {
    let (a, b) = ("ab".repeat(32), "cd".repeat(32));
    let server = serve([
        answer(200, "", &format!(r#"[{{"name":"{a}","size":7}},{{"name":"{b}-tmp-1","size":8}}]"#)),
        answer(200, "", &format!(r#"["{b}","stray"]"#)),
        answer(200, "content-length: 9\r\n", "").replace("content-length: 0\r\n", ""),
        answer(200, "", "null"),
        answer(404, "", ""),
        answer(200, "", "<html>"),
    ]);
    let store = open(&server, "/");
    let list = || store.list(FileType::Pack);
    assert_eq!(ids(&list().unwrap()), [(PACK.id, 7)]);
    assert_eq!(server.request().line(), "GET /data/ HTTP/1.1");
    assert_eq!(ids(&list().unwrap()), [(Id([0xcd; 32]), 9)]);
    assert_eq!(list().unwrap(), []);
    assert_eq!(list().unwrap(), []);
    assert!(is_permanent(&list().unwrap_err()));
}

#[test]
fn what_the_server_answers_decides_whether_it_is_asked_again() {
    let permanent = [400, 401, 403, 405, 412, 416, 501, 507];
    let temporary = [408, 409, 429, 500, 502, 503, 504];
    for (status, expected) in
        permanent.map(|status| (status, true)).into_iter().chain(temporary.map(|status| (status, false)))
    {
        let server = serve([answer(status, "", "why it is so")]);
        let error = open(&server, "/").write(&PACK, b"pack").unwrap_err();
        assert!(matches!(error, Error::Store { operation: "write", .. }), "{status}: {error:?}");
        assert_eq!(is_permanent(&error), expected, "{status}");
        let said = error.to_string();
        assert!(said.contains(&status.to_string()) && said.contains("why it is so"), "{said}");
    }
}

#[test]
fn a_server_that_asks_for_time_is_heard() {
    let server = serve([answer(503, "retry-after: 7\r\n", "")]);
    let error = open(&server, "/").write(&PACK, b"pack").unwrap_err();
    assert_eq!(retry_after(&error), Some(Duration::from_secs(7)));
}

#[test]
fn an_append_only_server_is_explained() {
    let server = serve([answer(403, "", "Forbidden")]);
    let error = open(&server, "/").remove(&PACK).unwrap_err();
    assert!(error.to_string().contains("append-only"), "{error}");
}

#[test]
fn a_config_that_is_there_is_not_written_over() {
    let server = serve([answer(200, "content-length: 9\r\n", "").replace("content-length: 0\r\n", "")]);
    let error = open(&server, "/").write(&Handle::config(), b"config").unwrap_err();
    assert!(
        matches!(&error, Error::Store { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists)
    );
}

#[test]
fn name_and_password_are_sent_and_never_shown() {
    let server = serve([answer(401, "", ""), answer(401, "", ""), answer(401, "", "")]);
    let plain = Url::parse(&server.address).unwrap();
    let mut given = plain.clone();
    given.set_username("me").unwrap();
    given.set_password(Some("s3c%20ret")).unwrap();
    let variable = |name: &str| match name {
        "RESTIC_REST_USERNAME" => Some("you".to_owned()),
        "RESTIC_REST_PASSWORD" => Some("t0p".to_owned()),
        _ => None,
    };
    let ask = |address: &Url, variable: &dyn Fn(&str) -> Option<String>| {
        let store = Rest::open(address, 5, &BackendOptions::default(), &Cancel::new(), variable).unwrap();
        let shown = format!("{store:?} {} {}", store.location(), store.stat(&PACK).unwrap_err());
        assert!(!shown.contains("s3c") && !shown.contains("t0p"), "{shown}");
        server.request().header("authorization").map(ToOwned::to_owned)
    };
    assert_eq!(ask(&given, &variable).as_deref(), Some("Basic bWU6czNjIHJldA=="));
    assert_eq!(ask(&plain, &variable).as_deref(), Some("Basic eW91OnQwcA=="));
    assert_eq!(ask(&plain, &nothing), None);
}

#[test]
fn a_server_that_falls_silent_is_given_up() {
    let server = serve([]);
    let options =
        BackendOptions { stuck_request_timeout: Some(Duration::from_millis(1)), ..BackendOptions::default() };
    let address = Url::parse(&server.address).unwrap();
    let store = Rest::open(&address, 5, &options, &Cancel::new(), nothing).unwrap();
    let error = store.stat(&PACK).unwrap_err();
    assert!(!is_permanent(&error) && error.to_string().contains("nothing moved"), "{error}");
}

#[test]
fn a_cancel_ends_the_transfer_of_a_pack() {
    let (server, cancel) = (serve([]), Cancel::new());
    let address = Url::parse(&server.address).unwrap();
    let options =
        BackendOptions { stuck_request_timeout: Some(Duration::from_secs(60)), ..BackendOptions::default() };
    let store = Rest::open(&address, 5, &options, &cancel, nothing).unwrap();
    std::thread::scope(|scope| {
        let read = scope.spawn(|| store.read(&PACK, 0, None, &mut Vec::new()));
        server.request();
        cancel.cancel();
        assert!(matches!(read.join(), Ok(Err(Error::Cancelled))));
    });
}

#[test]
fn a_server_that_is_not_there_may_come() {
    let address = Url::parse(&serve([]).address).unwrap();
    let mut closed = address.clone();
    closed.set_port(Some(1)).unwrap();
    let store = Rest::open(&closed, 5, &BackendOptions::default(), &Cancel::new(), nothing).unwrap();
    assert!(!is_permanent(&store.stat(&PACK).unwrap_err()));
}
