//! A repository in a bucket of S3 or of a server that speaks like it.
//!
//! Requests are made and signed here, one a file, because restic's guarantees need what object clients hide: the server's
//! status and code, `Retry-After`, `Content-MD5` (buckets with object lock want it). Signatures and credentials of the cloud
//! are `object_store`'s. Every file is signed with its SHA-256, which is its name: a server that got other bytes refuses them.
//!
//! S3 writes over what is there and removes what is not; only `config` is looked for before it is written.

mod address;
mod answers;
mod class;
mod credentials;
mod listing;
mod region;
mod requests;

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use holdfast_format::{Error, FileType, Id, Result};
use md5::{Digest, Md5};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use reqwest::{Method, Request, StatusCode};

use crate::failure::is_permanent;
use crate::http::{Answer, Call, Contents, Http, Redirects, past_the_end, refuse_second_config};
use crate::options::Extended;
use crate::{Backend, BackendOptions, Cancel, Handle, Listed, Spill, Take, layout};
use address::{Address, Lookup};
use class::Class;
use credentials::Provider;
use requests::{Requests, accept};

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const MD5: HeaderName = HeaderName::from_static("content-md5");
const CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");

/// See the module.
pub struct S3 {
    location: String,
    address: Address,
    requests: Requests,
    class: Option<Class>,
    old_listing: bool,
    retries: usize,
    connections: usize,
}

/// The parts of a location.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// With scheme.
    pub endpoint: &'a str,
    /// Its name.
    pub bucket: &'a str,
    /// Without slashes at the ends.
    pub prefix: &'a str,
}

impl S3 {
    /// Finds region and credentials, which may take a request to Amazon; the bucket itself is not asked.
    pub fn open(
        place: Place,
        extended: &Extended,
        options: &BackendOptions,
        cancel: &Cancel,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let Place { endpoint, bucket, prefix } = place;
        let http = Http::new(options, endpoint.starts_with("https:"), Redirects::Refused, cancel)?;
        let region = region::find(place, extended, &variable, &http)?;
        let lookup = Lookup::of(extended.one_of("s3.bucket-lookup", &Lookup::WORDS)?);
        extended.one_of("s3.layout", &["default", ""])?;
        Ok(Self {
            location: format!("s3:{endpoint}/{bucket}/{prefix}").trim_end_matches('/').to_owned(),
            address: Address::new(&region::endpoint(endpoint, &region), bucket, prefix, lookup)?,
            class: Class::parse(extended.text("s3.storage-class"))?,
            old_listing: extended.flag("s3.list-objects-v1")?,
            retries: extended.number("s3.retries")?,
            connections: extended.connections("s3.connections")?,
            requests: Requests { credentials: provider(extended, &variable, &region, &http)?, region, http },
        })
    }

    /// As often at once as `-o s3.retries` says.
    fn quickly<T>(&self, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
        for _ in 0..self.retries {
            match attempt() {
                Err(why) if !is_permanent(&why) => {}
                done => return done,
            }
        }
        attempt()
    }

    fn make_bucket(&self, call: Call) -> Result<()> {
        let body = match self.requests.region.as_str() {
            region::STANDARD => String::new(),
            region => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let (digest, body) = (Id::of(body.as_bytes()), Contents::Bytes(body.as_bytes()));
        self.requests.put(call, self.address.bucket(&[]), HeaderMap::new(), body, digest)
    }

    fn headers_of(&self, call: Call, file: &Handle, contents: Contents) -> Result<HeaderMap> {
        let mut md5 = Md5::new();
        for piece in contents.pieces() {
            md5.update(piece.map_err(|why| call.fails(why))?);
        }
        let md5 = HeaderValue::try_from(BASE64_STANDARD.encode(md5.finalize()));
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, OCTETS)]);
        headers.insert(MD5, md5.map_err(|_| Error::refused("MD5 is no header"))?);
        headers.extend(self.class.as_ref().and_then(|class| class.of(file)).map(|class| (CLASS, class)));
        Ok(headers)
    }

    fn read_now(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("read", file, &name);
        let request = |range| self.part(call, file, range);
        match self.requests.http.read(call, file, offset, length, request, out)? {
            Answer::Bytes => Ok(()),
            Answer::PastTheEnd => past_the_end(self, file, offset, length, out),
            Answer::Refused(reply) => Err(answers::failure(&reply, call, out)),
        }
    }

    fn part(&self, call: Call, file: &Handle, range: Option<HeaderValue>) -> Result<Request> {
        let headers = range.into_iter().map(|range| (RANGE, range)).collect();
        let url = self.address.object(&layout::path(file));
        self.requests.signed(call, Method::GET, url, headers, Id::of(b""))
    }

    fn put(&self, file: &Handle, contents: Contents, digest: Id) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("write", file, &name);
        let url = self.address.object(&layout::path(file));
        let headers = self.headers_of(call, file, contents)?;
        self.requests.put(call, url, headers, contents, digest)
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location)
    }
}

/// A role that nobody gives must be known at once, not after a quarter of an hour of retries.
fn provider(
    extended: &Extended,
    variable: impl Fn(&str) -> Option<String>,
    region: &str,
    http: &Http,
) -> Result<Option<Provider>> {
    if extended.flag("s3.unsafe-anonymous-auth")? {
        return Ok(None);
    }
    let provider = credentials::find(variable, region)?;
    http.wait_for(provider.get_credential())?.map_err(credentials::none_found)?;
    Ok(Some(provider))
}

impl Backend for S3 {
    fn location(&self) -> String {
        self.location.clone()
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn create(&self) -> Result<()> {
        let call = Call { operation: "create", what: "bucket", kind: FileType::Config };
        self.quickly(|| {
            let reply = self.requests.ask(call, Method::HEAD, self.address.bucket(&[]), &mut Vec::new())?;
            match reply.status {
                StatusCode::OK | StatusCode::FORBIDDEN => Ok(()), // one that we may not look at is there
                StatusCode::NOT_FOUND => self.make_bucket(call),
                _ => Err(answers::failure(&reply, call, b"")),
            }
        })
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        let name = file.to_string();
        let call = Call::on("stat", file, &name);
        self.quickly(|| {
            let url = self.address.object(&layout::path(file));
            let reply = self.requests.ask(call, Method::HEAD, url, &mut Vec::new())?;
            match reply.content_length() {
                Some(size) if reply.status == StatusCode::OK => Ok(size),
                _ => Err(answers::failure(&reply, call, b"")),
            }
        })
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.quickly(|| self.read_now(file, offset, length, out))
    }

    /// Never `quickly`: whoever tries again must know what was handed out.
    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        let (name, mut said) = (file.to_string(), Vec::new());
        let call = Call::on("read", file, &name);
        let request = |range| self.part(call, file, range);
        match self.requests.http.stream(call, offset, length, request, &mut said, take)? {
            Answer::Bytes => Ok(()),
            Answer::PastTheEnd => past_the_end(self, file, offset, Some(length), &mut said),
            Answer::Refused(reply) => Err(answers::failure(&reply, call, &said)),
        }
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        refuse_second_config(self, file)?;
        let digest = if file.kind == FileType::Config { Id::of(bytes) } else { file.id };
        self.quickly(|| self.put(file, Contents::Bytes(bytes), digest))
    }

    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.quickly(|| self.put(file, Contents::Spill(spill), file.id))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let call = Call { operation: "list", what: kind.folder(), kind };
        self.quickly(|| listing::list(&self.requests, &self.address, self.old_listing, call))
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("remove", file, &name);
        self.quickly(|| {
            let mut said = Vec::new();
            let reply = self.requests.ask(
                call,
                Method::DELETE,
                self.address.object(&layout::path(file)),
                &mut said,
            )?;
            accept(&reply, call, &said)
        })
    }
}
