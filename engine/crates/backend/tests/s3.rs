//! What we say to a server of S3, and what we make of its answers. Signatures are checked by real servers elsewhere.

mod support;

use std::collections::BTreeMap;

use holdfast_backend::failure::{is_permanent, retry_after};
use holdfast_backend::options::Extended;
use holdfast_backend::s3::{Place, S3};
use holdfast_backend::{Backend, BackendOptions, Cancel, Handle};
use holdfast_format::{Error, FileType, Id};
use support::{Server, answer, serve};

const BYTES: &[u8] = b"the bytes of a pack";

fn keys(name: &str) -> Option<String> {
    match name {
        "AWS_ACCESS_KEY_ID" => Some("the-key".to_owned()),
        "AWS_SECRET_ACCESS_KEY" => Some("s3cret".to_owned()),
        "AWS_SESSION_TOKEN" => Some("t0ken".to_owned()),
        _ => None,
    }
}

fn open(server: &Server, extended: &[(&str, &str)]) -> S3 {
    let given: BTreeMap<_, _> =
        extended.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let place = Place { endpoint: &server.address, bucket: "bucket", prefix: "some/where" };
    let extended = Extended::check(&given).unwrap();
    S3::open(place, &extended, &BackendOptions::default(), &Cancel::new(), keys).unwrap()
}

fn pack() -> Handle {
    Handle::new(FileType::Pack, Id::of(BYTES))
}

fn refusal(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>some words</Message></Error>")
}

#[test]
fn a_file_is_signed_with_its_name_and_carries_its_md5() {
    let server = serve([answer(200, "", "")]);
    open(&server, &[]).write(&pack(), BYTES).unwrap();
    let request = server.request();
    let id = pack().id.to_string();
    assert_eq!(request.line(), format!("PUT /bucket/some/where/data/{}/{id} HTTP/1.1", &id[..2]));
    assert_eq!(request.header("x-amz-content-sha256"), Some(id.as_str()));
    assert_eq!(request.header("content-md5"), Some("Wi5uD258w1jBq0MUZVd1OQ=="));
    assert_eq!(request.header("x-amz-security-token"), Some("t0ken"));
    let signature = request.header("authorization").unwrap();
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=the-key/"), "{signature}");
    assert!(signature.contains("/us-east-1/s3/aws4_request"), "{signature}");
    assert_eq!(request.body, BYTES);
}

#[test]
fn who_wants_no_name_signs_nothing() {
    let server = serve([answer(200, "", "")]);
    open(&server, &[("s3.unsafe-anonymous-auth", "true")]).write(&pack(), BYTES).unwrap();
    let request = server.request();
    assert_eq!((request.header("authorization"), request.header("x-amz-security-token")), (None, None));
}

#[test]
fn an_archive_class_is_for_packs_of_data() {
    let server = serve([answer(200, "", ""), answer(200, "", "")]);
    let store = open(&server, &[("s3.storage-class", "GLACIER")]);
    store.write(&pack(), BYTES).unwrap();
    assert_eq!(server.request().header("x-amz-storage-class"), Some("GLACIER"));
    store.write(&Handle::new(FileType::Index, pack().id), BYTES).unwrap();
    assert_eq!(server.request().header("x-amz-storage-class"), None);
}

fn page(names: &[&Id], rest: &str) -> String {
    let object = |id: &&Id| format!("<Contents><Key>some/where/data/xx/{id}</Key><Size>7</Size></Contents>");
    let objects: String = names.iter().map(object).collect();
    answer(200, "", &format!("<ListBucketResult>{objects}{rest}</ListBucketResult>"))
}

#[test]
fn listings_go_on_until_the_last_page() {
    let (a, b) = (Id([0xab; 32]), Id([0xcd; 32]));
    let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/c=</NextContinuationToken>";
    let server = serve([page(&[&a], more), page(&[&b], "<IsTruncated>false</IsTruncated>")]);
    let listed = open(&server, &[]).list(FileType::Pack).unwrap();
    assert_eq!(listed.iter().map(|file| file.id).collect::<Vec<_>>(), [a, b]);
    let prefix = "prefix=some%2Fwhere%2Fdata%2F&list-type=2";
    assert_eq!(server.request().line(), format!("GET /bucket?{prefix} HTTP/1.1"));
    assert_eq!(
        server.request().line(),
        format!("GET /bucket?{prefix}&continuation-token=a%2Bb%2Fc%3D HTTP/1.1")
    );
}

#[test]
fn old_listings_go_on_behind_the_last_name() {
    let (a, b) = (Id([0xab; 32]), Id([0xcd; 32]));
    let server = serve([page(&[&a], "<IsTruncated>true</IsTruncated>"), page(&[&b], "")]);
    let listed = open(&server, &[("s3.list-objects-v1", "true")]).list(FileType::Pack).unwrap();
    assert_eq!(listed.len(), 2);
    server.request();
    let line =
        format!("GET /bucket?prefix=some%2Fwhere%2Fdata%2F&marker=some%2Fwhere%2Fdata%2Fxx%2F{a} HTTP/1.1");
    assert_eq!(server.request().line(), line);
}

#[test]
fn a_listing_without_an_end_is_an_error() {
    let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>";
    let server = serve([page(&[], more), page(&[], more), page(&[], "")]);
    let error = open(&server, &[]).list(FileType::Lock).unwrap_err();
    assert!(is_permanent(&error) && error.to_string().contains("does not come to an end"), "{error}");
}

#[test]
fn a_bucket_that_is_missing_is_made_in_its_region() {
    let server = serve([answer(404, "", ""), answer(200, "", "")]);
    open(&server, &[("s3.region", "eu-west-1")]).create().unwrap();
    assert_eq!(server.request().line(), "HEAD /bucket HTTP/1.1");
    let request = server.request();
    assert_eq!(request.line(), "PUT /bucket HTTP/1.1");
    assert!(
        String::from_utf8_lossy(&request.body).contains("<LocationConstraint>eu-west-1</LocationConstraint>")
    );
}

#[test]
fn a_bucket_that_is_there_is_left_alone() {
    for status in [200, 403] {
        open(&serve([answer(status, "", "")]), &[]).create().unwrap();
    }
}

#[test]
fn the_servers_code_decides_whether_it_is_asked_again() {
    let cases = [
        (400, "BadDigest", false),
        (400, "RequestTimeout", false),
        (400, "XAmzContentSHA256Mismatch", false),
        (503, "SlowDown", false),
        (400, "InvalidArgument", true),
        (403, "AccessDenied", true),
        (404, "NoSuchBucket", true),
        (301, "PermanentRedirect", true),
    ];
    for (status, code, permanent) in cases {
        let server = serve([answer(status, "retry-after: 3\r\n", &refusal(code))]);
        let error = open(&server, &[]).write(&pack(), BYTES).unwrap_err();
        let said = error.to_string();
        assert!(
            matches!(error, Error::Store { .. }) && said.contains(code) && said.contains("some words"),
            "{said}"
        );
        assert_eq!(is_permanent(&error), permanent, "{code}");
        assert_eq!(retry_after(&error).map(|wait| wait.as_secs()), Some(3));
        assert!(!said.contains("s3cret") && !said.contains("t0ken"), "{said}");
    }
}

#[test]
fn a_wrong_region_is_explained() {
    let server = serve([answer(400, "", &refusal("AuthorizationHeaderMalformed"))]);
    let error = open(&server, &[]).write(&pack(), BYTES).unwrap_err();
    assert!(error.to_string().contains("-o s3.region"), "{error}");
}

#[test]
fn quick_retries_are_made_only_when_asked_for() {
    let busy = || answer(503, "", "");
    let server = serve([busy(), busy(), answer(200, "", "")]);
    open(&server, &[("s3.retries", "2")]).write(&pack(), BYTES).unwrap();
    let server = serve([busy()]);
    assert!(open(&server, &[]).write(&pack(), BYTES).is_err());
}

#[test]
fn a_file_that_is_missing_is_missing() {
    let server = serve([answer(404, "", &refusal("NoSuchKey")), answer(404, "", "")]);
    let store = open(&server, &[]);
    assert!(matches!(store.read(&pack(), 0, None, &mut Vec::new()), Err(Error::Missing { .. })));
    assert!(matches!(store.stat(&pack()), Err(Error::Missing { .. })));
}
