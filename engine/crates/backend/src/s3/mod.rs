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

use std::fmt;
use std::io::{self, ErrorKind};
use std::mem;

use base64::prelude::{BASE64_STANDARD, Engine};
use holdfast_format::{Error, FileType, Id, Result};
use md5::{Digest, Md5};
use object_store::aws::AwsAuthorizer;
use object_store::client::HttpRequestBody;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use reqwest::{Method, Request, StatusCode};
use url::Url;

use crate::failure::is_permanent;
use crate::http::{Answer, Call, Http, Redirects, Reply, past_the_end, refuse_second_config};
use crate::options::Extended;
use crate::{Backend, BackendOptions, Cancel, Handle, Listed, layout};
use address::{Address, Lookup};
use answers::Page;
use class::Class;
use credentials::Provider;

const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");
const MD5: HeaderName = HeaderName::from_static("content-md5");
const CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");
const REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
const STANDARD_REGION: &str = "us-east-1";

/// See the module.
pub struct S3 {
    location: String,
    address: Address,
    region: String,
    /// `None` asks without a name.
    credentials: Option<Provider>,
    class: Option<Class>,
    old_listing: bool,
    retries: usize,
    connections: usize,
    http: Http,
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
        let http = Http::new(options, place.endpoint.starts_with("https:"), Redirects::Refused, cancel)?;
        let region =
            named_region(place, extended, &variable).map_or_else(|| asked_region(place, &http), Ok)?;
        let one_for_all = address::is_any_region(place.endpoint);
        let of_region = || format!("https://s3.{region}.amazonaws.com");
        let endpoint = if one_for_all { of_region() } else { place.endpoint.to_owned() };
        let lookup = Lookup::of(extended.one_of("s3.bucket-lookup", &Lookup::WORDS)?);
        extended.one_of("s3.layout", &["default", ""])?;
        Ok(Self {
            location: format!("s3:{}/{}/{}", place.endpoint, place.bucket, place.prefix)
                .trim_end_matches('/')
                .to_owned(),
            address: Address::new(&endpoint, place.bucket, place.prefix, lookup)?,
            credentials: provider(extended, &variable, &region, &http)?,
            region,
            class: Class::parse(extended.text("s3.storage-class"))?,
            old_listing: extended.flag("s3.list-objects-v1")?,
            retries: extended.number("s3.retries")?,
            connections: extended.connections("s3.connections")?,
            http,
        })
    }

    /// A signed request whose body has that digest.
    fn request(&self, call: Call, method: Method, url: Url, headers: HeaderMap, body: Id) -> Result<Request> {
        let mut request = ::http::Request::new(HttpRequestBody::empty());
        *request.method_mut() = method.clone();
        *request.uri_mut() = url.as_str().parse().map_err(|why| unusable(call, why))?;
        *request.headers_mut() = headers;
        if let Some(provider) = &self.credentials {
            let credential = self.http.wait_for(provider.get_credential())?;
            let credential = credential.map_err(|why| call.fails(io::Error::other(why)))?;
            let authorizer = AwsAuthorizer::new(&credential, "s3", &self.region);
            authorizer.try_authorize(&mut request, Some(&body.0)).map_err(|why| unusable(call, why))?;
        }
        let mut signed = Request::new(method, url);
        *signed.headers_mut() = mem::take(request.headers_mut());
        Ok(signed)
    }

    fn ask(&self, call: Call, method: Method, url: Url, out: &mut Vec<u8>) -> Result<Reply> {
        let request = self.request(call, method, url, HeaderMap::new(), Id::of(b""))?;
        self.http.exchange(call, request, &[], out)
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
        let body = match self.region.as_str() {
            STANDARD_REGION => String::new(),
            region => format!(
                "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                 <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let digest = Id::of(body.as_bytes());
        let request = self.request(call, Method::PUT, self.address.bucket(&[]), HeaderMap::new(), digest)?;
        let mut said = Vec::new();
        let reply = self.http.exchange(call, request, body.as_bytes(), &mut said)?;
        accept(&reply, call, &said)
    }

    fn headers_of(&self, file: &Handle, bytes: &[u8]) -> Result<HeaderMap> {
        let md5 = BASE64_STANDARD.encode(Md5::digest(bytes));
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, OCTETS)]);
        headers.insert(MD5, HeaderValue::try_from(md5).map_err(|_| Error::refused("MD5 is no header"))?);
        headers.extend(self.class.as_ref().and_then(|class| class.of(file)).map(|class| (CLASS, class)));
        Ok(headers)
    }

    fn page(&self, call: Call, after: Option<&str>) -> Result<Page> {
        let prefix = self.address.key(&format!("{}/", call.kind.folder()));
        let mut query = vec![("prefix", prefix.as_str())];
        if call.kind != FileType::Pack {
            query.push(("delimiter", "/"));
        }
        if !self.old_listing {
            query.push(("list-type", "2"));
        }
        query.extend(
            after.map(|after| (if self.old_listing { "marker" } else { "continuation-token" }, after)),
        );
        let mut xml = Vec::new();
        let reply = self.ask(call, Method::GET, self.address.bucket(&query), &mut xml)?;
        accept(&reply, call, &xml)?;
        Page::parse(&xml).map_err(|why| unusable(call, format!("not a listing of S3: {why}")))
    }

    fn list_now(&self, call: Call) -> Result<Vec<Listed>> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.page(call, after.as_deref())?;
            found.extend(page.contents.iter().filter_map(listed));
            let next = page.next().map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(found);
            }
            if next == after {
                return Err(unusable(call, "the listing does not come to an end"));
            }
            after = next;
        }
    }

    fn read_now(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("read", file, &name);
        let request = |range: Option<HeaderValue>| {
            let headers = range.into_iter().map(|range| (RANGE, range)).collect();
            self.request(call, Method::GET, self.address.object(&layout::path(file)), headers, Id::of(b""))
        };
        match self.http.read(call, file, offset, length, request, out)? {
            Answer::Bytes => Ok(()),
            Answer::PastTheEnd => past_the_end(self, file, offset, length, out),
            Answer::Refused(reply) => Err(answers::failure(&reply, call, out)),
        }
    }

    fn write_now(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("write", file, &name);
        let digest = if file.kind == FileType::Config { Id::of(bytes) } else { file.id };
        let headers = self.headers_of(file, bytes)?;
        let request =
            self.request(call, Method::PUT, self.address.object(&layout::path(file)), headers, digest)?;
        let mut said = Vec::new();
        let reply = self.http.exchange(call, request, bytes, &mut said)?;
        accept(&reply, call, &said)
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location)
    }
}

fn named_region(
    place: Place,
    extended: &Extended,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    Some(extended.text("s3.region").to_owned())
        .filter(|region| !region.is_empty())
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| address::region_of_host(place.endpoint))
}

/// Amazon says in which region a bucket is, even to strangers.
fn asked_region(place: Place, http: &Http) -> Result<String> {
    if !address::is_any_region(place.endpoint) {
        return Ok(STANDARD_REGION.to_owned());
    }
    let call = Call { operation: "open", what: place.bucket, kind: FileType::Config };
    let url = Address::new(place.endpoint, place.bucket, "", Lookup::Path)?.bucket(&[]);
    let reply = http.exchange(call, Request::new(Method::HEAD, url), &[], &mut Vec::new())?;
    Ok(reply.header(REGION).unwrap_or(STANDARD_REGION).to_owned())
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

fn unusable(call: Call, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    call.fails(io::Error::new(ErrorKind::InvalidInput, why))
}

fn accept(reply: &Reply, call: Call, said: &[u8]) -> Result<()> {
    if reply.status.is_success() { Ok(()) } else { Err(answers::failure(reply, call, said)) }
}

/// `None` for what is no file of ours.
fn listed(object: &answers::Object) -> Option<Listed> {
    let name = object.key.rsplit('/').next()?;
    Some(Listed { id: Id::parse(name.as_bytes())?, size: object.size })
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
            let reply = self.ask(call, Method::HEAD, self.address.bucket(&[]), &mut Vec::new())?;
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
            let reply = self.ask(call, Method::HEAD, url, &mut Vec::new())?;
            match reply.content_length() {
                Some(size) if reply.status == StatusCode::OK => Ok(size),
                _ => Err(answers::failure(&reply, call, b"")),
            }
        })
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        self.quickly(|| self.read_now(file, offset, length, out))
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        refuse_second_config(self, file)?;
        self.quickly(|| self.write_now(file, bytes))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let call = Call { operation: "list", what: kind.folder(), kind };
        self.quickly(|| self.list_now(call))
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("remove", file, &name);
        self.quickly(|| {
            let mut said = Vec::new();
            let reply =
                self.ask(call, Method::DELETE, self.address.object(&layout::path(file)), &mut said)?;
            accept(&reply, call, &said)
        })
    }
}
