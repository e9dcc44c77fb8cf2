//! Where a bucket and its objects are: in the path or in the host's name, and in which region.

use holdfast_format::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// What a signature leaves as it is.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PLAIN_IN_PATHS: AsciiSet = PLAIN.remove(b'/');

/// Where the bucket's name stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// In the host at the big providers, in the path elsewhere: restic's `auto`.
    Auto,
    /// In the host.
    Dns,
    /// In the path.
    Path,
}

impl Lookup {
    /// The option's words.
    pub const WORDS: [&str; 3] = ["auto", "dns", "path"];

    /// One of the words.
    pub fn of(word: &str) -> Self {
        match word {
            "dns" => Self::Dns,
            "path" => Self::Path,
            _ => Self::Auto,
        }
    }

    fn in_host(self, endpoint: &Url, bucket: &str) -> bool {
        match self {
            Self::Dns => true,
            Self::Path => false,
            // a certificate for *.host does not cover a name with dots
            Self::Auto if endpoint.scheme() == "https" && bucket.contains('.') => false,
            Self::Auto => endpoint.host_str().is_some_and(is_big_provider),
        }
    }
}

fn is_big_provider(host: &str) -> bool {
    is_amazon(host) || host == "storage.googleapis.com" || host.ends_with(".aliyuncs.com")
}

/// Amazon's own, by the host's name.
pub fn is_amazon(host: &str) -> bool {
    host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
}

/// A bucket's address and the prefix of its objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    bucket: Url,
    prefix: String,
}

impl Address {
    /// Of a bucket at an endpoint with scheme.
    pub fn new(endpoint: &str, bucket: &str, prefix: &str, lookup: Lookup) -> Result<Self> {
        let mut url = Url::parse(endpoint).map_err(|why| {
            Error::refused(format!("s3: the endpoint {endpoint:?} is not an address: {why}"))
        })?;
        if lookup.in_host(&url, bucket) {
            let host = format!("{bucket}.{}", url.host_str().unwrap_or_default());
            url.set_host(Some(&host)).map_err(|why| {
                Error::refused(format!(
                    "s3: bucket {bucket:?} cannot stand in a host's name ({why}); use -o s3.bucket-lookup=path"
                ))
            })?;
        } else {
            url.set_path(&encoded(bucket));
        }
        Ok(Self { bucket: url, prefix: prefix.to_owned() })
    }

    /// The whole key of a path below the prefix.
    pub fn key(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }

    /// Of the bucket itself, with a query whose values are still plain.
    pub fn bucket(&self, query: &[(&str, &str)]) -> Url {
        let mut url = self.bucket.clone();
        let pairs =
            query.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, &PLAIN)));
        if !query.is_empty() {
            url.set_query(Some(&pairs.collect::<Vec<_>>().join("&")));
        }
        url
    }

    /// Of an object.
    pub fn object(&self, path: &str) -> Url {
        let mut url = self.bucket.clone();
        let folder = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{folder}/{}", encoded(&self.key(path))));
        url
    }
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, &PLAIN_IN_PATHS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(endpoint: &str, bucket: &str, lookup: Lookup) -> String {
        Address::new(endpoint, bucket, "p", lookup)
            .map(|address| address.object("keys/1").to_string())
            .unwrap()
    }

    #[test]
    fn the_bucket_stands_in_the_path_except_at_the_big_providers() {
        use Lookup::{Auto, Dns, Path};
        let own = "http://host:9000";
        let amazon = "https://s3.eu-central-1.amazonaws.com";
        assert_eq!(object(own, "b", Auto), "http://host:9000/b/p/keys/1");
        assert_eq!(object(own, "b", Path), "http://host:9000/b/p/keys/1");
        assert_eq!(object(own, "b", Dns), "http://b.host:9000/p/keys/1");
        assert_eq!(object(amazon, "b", Auto), "https://b.s3.eu-central-1.amazonaws.com/p/keys/1");
        assert_eq!(object(amazon, "b.c", Auto), "https://s3.eu-central-1.amazonaws.com/b.c/p/keys/1");
        assert_eq!(object(amazon, "b", Path), "https://s3.eu-central-1.amazonaws.com/b/p/keys/1");
        assert_eq!(
            object("https://storage.googleapis.com", "b", Auto),
            "https://b.storage.googleapis.com/p/keys/1"
        );
    }

    #[test]
    fn odd_characters_are_encoded_as_signatures_want_it() {
        let address = Address::new("http://host", "b", "a+b (c)/ü=%", Lookup::Auto).unwrap();
        let object = address.object("config");
        assert_eq!(object.path(), "/b/a%2Bb%20%28c%29/%C3%BC%3D%25/config");
        let list = address.bucket(&[("list-type", "2"), ("prefix", "a b/+&")]);
        assert_eq!(list.as_str(), "http://host/b?list-type=2&prefix=a%20b%2F%2B%26");
    }

    #[test]
    fn no_prefix_is_no_folder() {
        let address = Address::new("http://host", "b", "", Lookup::Auto).unwrap();
        assert_eq!(address.object("config").as_str(), "http://host/b/config");
        assert_eq!(address.key("keys/"), "keys/");
    }

    #[test]
    fn a_bucket_that_cannot_stand_in_a_host_is_refused_with_a_remedy() {
        let error = Address::new("http://host", "b c", "", Lookup::Dns).unwrap_err();
        assert!(error.to_string().contains("s3.bucket-lookup=path"), "{error}");
    }
}
