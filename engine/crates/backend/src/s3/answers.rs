//! The XML that servers answer with.

use std::io::ErrorKind;

use holdfast_format::Error;
use serde::Deserialize;

use crate::http::{Call, Reply, line};

/// One page of a listing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Page {
    #[serde(default)]
    pub contents: Vec<Object>,
    #[serde(default)]
    is_truncated: bool,
    next_continuation_token: Option<String>,
    next_marker: Option<String>,
}

/// An object of a listing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Object {
    pub key: String,
    pub size: u64,
}

impl Page {
    /// Reads it.
    pub fn parse(xml: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(xml).map_err(|why| why.to_string())?;
        quick_xml::de::from_str(text).map_err(|why| why.to_string())
    }

    /// Where the next page begins; in version 1 that is often only implied.
    pub fn next(&self) -> Option<&str> {
        let last = || self.contents.last().map(|object| object.key.as_str());
        let named = self.next_continuation_token.as_deref().or(self.next_marker.as_deref());
        if self.is_truncated { named.or_else(last) } else { None }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Refusal {
    code: String,
    message: String,
}

/// The failure that an answer is.
pub fn failure(reply: &Reply, call: Call, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    let refusal: Refusal = quick_xml::de::from_str(&text).unwrap_or_default();
    let said = match refusal.code.as_str() {
        "" => line(body),
        code => format!("{code}: {}{}", refusal.message, remedy(code)),
    };
    match kind(&refusal.code) {
        Some(kind) => reply.failure_of_kind(call, kind, &said),
        None => reply.failure(call, &said),
    }
}

fn remedy(code: &str) -> &'static str {
    match code {
        "PermanentRedirect" | "AuthorizationHeaderMalformed" => {
            "; name the bucket's region with -o s3.region"
        }
        "RequestTimeTooSkewed" => "; set this machine's clock",
        _ => "",
    }
}

/// Where the code says more than the status.
fn kind(code: &str) -> Option<ErrorKind> {
    match code {
        "BadDigest" | "IncompleteBody" | "RequestTimeout" | "XAmzContentSHA256Mismatch" => {
            Some(ErrorKind::Other)
        }
        "NoSuchBucket" => Some(ErrorKind::NotFound),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_with_what_follows() {
        let page = |xml: &str| Page::parse(xml.as_bytes()).unwrap();
        let last =
            page("<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>");
        assert!(last.contents.is_empty() && last.next().is_none());
        let some = "<Contents><Key>a&amp;b</Key><Size>7</Size></Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>\
                    <Contents><Key>c</Key><Size>8</Size></Contents><IsTruncated>true</IsTruncated>";
        let first = page(&format!(
            "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{some}\
             <NextContinuationToken>t/+=</NextContinuationToken></ListBucketResult>"
        ));
        assert_eq!(
            first.contents.iter().map(|object| (object.key.as_str(), object.size)).collect::<Vec<_>>(),
            [("a&b", 7), ("c", 8)]
        );
        assert_eq!(first.next(), Some("t/+="));
        assert_eq!(page(&format!("<ListBucketResult>{some}</ListBucketResult>")).next(), Some("c"));
    }

    #[test]
    fn what_is_no_listing_is_an_error() {
        for xml in ["", "<html>", "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"] {
            assert!(Page::parse(xml.as_bytes()).is_err(), "{xml}");
        }
    }
}
