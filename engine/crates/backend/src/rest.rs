//! A repository behind restic's REST protocol, as rest-server and `rclone serve restic` speak it.
//!
//! Version 2 of the protocol, with listings of version 1 from servers that know no better. Contents are checked by the
//! server, which compares them with the name.

use std::fmt;
use std::io::{self, ErrorKind};

use holdfast_format::{Error, FileType, Id, Result};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::failure::failed;
use crate::http::{
    Answer, Call, Contents, Http, Redirects, Reply, line, past_the_end, refuse_second_config, set_range,
};
use crate::{Backend, BackendOptions, Cancel, Handle, Listed, Spill, Take};

const VERSION: HeaderValue = HeaderValue::from_static("application/vnd.x.restic.rest.v2");
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// See the module.
pub struct Rest {
    root: Url,
    authorization: Option<HeaderValue>,
    connections: usize,
    http: Http,
}

impl Rest {
    /// Speaks to nobody yet. Name and password come from the address, or else from `variable`.
    pub fn open(
        address: &Url,
        connections: usize,
        options: &BackendOptions,
        cancel: &Cancel,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let http = Http::new(options, address.scheme() == "https", Redirects::Followed, cancel)?;
        let authorization = authorization(address, variable)?;
        Ok(Self { root: anonymous(address), authorization, connections, http })
    }

    fn request(&self, method: Method, path: &str) -> Result<Request> {
        let address = self.root.join(path).map_err(|why| failed("open", path, io::Error::other(why)))?;
        let mut request = Request::new(method, address);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, VERSION);
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }

    fn part(&self, file: &Handle, range: Option<HeaderValue>) -> Result<Request> {
        let mut request = self.request(Method::GET, &path(file))?;
        set_range(&mut request, range);
        Ok(request)
    }

    fn ask(&self, call: Call, method: Method, path: &str, out: &mut Vec<u8>) -> Result<Reply> {
        self.http.exchange(call, self.request(method, path)?, Contents::NONE, out)
    }

    fn post(&self, file: &Handle, contents: Contents) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("write", file, &name);
        let mut request = self.request(Method::POST, &path(file))?;
        request.headers_mut().insert(CONTENT_TYPE, OCTETS);
        let mut said = Vec::new();
        let reply = self.http.exchange(call, request, contents, &mut said)?;
        accept(&reply, call, &said)
    }

    /// `None` for what is no file of ours.
    fn listed(&self, kind: FileType, entry: Entry) -> Option<Result<Listed>> {
        match entry {
            Entry::Sized { name, size } => Id::parse(name.as_bytes()).map(|id| Ok(Listed { id, size })),
            Entry::Named(name) => {
                let id = Id::parse(name.as_bytes())?;
                Some(self.stat(&Handle::new(kind, id)).map(|size| Listed { id, size }))
            }
        }
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location())
    }
}

/// Credentials of an address, percent-decoded.
fn credentials(address: &Url) -> Option<(String, String)> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let given = !address.username().is_empty() || address.password().is_some();
    given.then(|| (decoded(address.username()), decoded(address.password().unwrap_or_default())))
}

fn authorization(address: &Url, variable: impl Fn(&str) -> Option<String>) -> Result<Option<HeaderValue>> {
    let from_environment = || {
        let (user, password) = (variable("RESTIC_REST_USERNAME"), variable("RESTIC_REST_PASSWORD"));
        (user.is_some() || password.is_some())
            .then(|| (user.unwrap_or_default(), password.unwrap_or_default()))
    };
    let Some((user, password)) = credentials(address).or_else(from_environment) else { return Ok(None) };
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {encoded}"))
        .map_err(|_| Error::refused("rest: the user name or the password cannot be sent"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn anonymous(address: &Url) -> Url {
    let mut root = address.clone();
    // Both fail only for addresses without a host, which http and https always have.
    let _ = root.set_username("");
    let _ = root.set_password(None);
    root
}

fn path(file: &Handle) -> String {
    match file.kind {
        FileType::Config => "config".to_owned(),
        kind => format!("{}/{}", kind.folder(), file.id),
    }
}

fn refusal(reply: &Reply, call: Call, body: &[u8]) -> Error {
    let said = match (reply.status, call.operation) {
        (StatusCode::FORBIDDEN, "remove") => " (the server may be append-only)",
        (StatusCode::FORBIDDEN, "write") => " (it may exist already, or the server may not let you write)",
        _ => "",
    };
    reply.failure(call, &format!("{}{said}", line(body)))
}

fn accept(reply: &Reply, call: Call, said: &[u8]) -> Result<()> {
    if reply.status.is_success() { Ok(()) } else { Err(refusal(reply, call, said)) }
}

impl Backend for Rest {
    fn location(&self) -> String {
        format!("rest:{}", self.root)
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn create(&self) -> Result<()> {
        let call = Call { operation: "create", what: "repository", kind: FileType::Config };
        let mut body = Vec::new();
        let reply = self.ask(call, Method::POST, "?create=true", &mut body)?;
        accept(&reply, call, &body)
    }

    fn stat(&self, file: &Handle) -> Result<u64> {
        let name = file.to_string();
        let call = Call::on("stat", file, &name);
        let reply = self.ask(call, Method::HEAD, &path(file), &mut Vec::new())?;
        match reply.content_length() {
            Some(size) if reply.status == StatusCode::OK => Ok(size),
            _ => Err(refusal(&reply, call, b"")),
        }
    }

    fn read(&self, file: &Handle, offset: u64, length: Option<usize>, out: &mut Vec<u8>) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("read", file, &name);
        match self.http.read(call, file, offset, length, |range| self.part(file, range), out)? {
            Answer::Bytes => Ok(()),
            Answer::PastTheEnd => past_the_end(self, file, offset, length, out),
            Answer::Refused(reply) => Err(refusal(&reply, call, out)),
        }
    }

    fn stream(&self, file: &Handle, offset: u64, length: usize, take: &mut Take<'_>) -> Result<()> {
        let (name, mut said) = (file.to_string(), Vec::new());
        let call = Call::on("read", file, &name);
        let request = |range| self.part(file, range);
        match self.http.stream(call, offset, length, request, &mut said, take)? {
            Answer::Bytes => Ok(()),
            Answer::PastTheEnd => past_the_end(self, file, offset, Some(length), &mut said),
            Answer::Refused(reply) => Err(refusal(&reply, call, &said)),
        }
    }

    fn write(&self, file: &Handle, bytes: &[u8]) -> Result<()> {
        refuse_second_config(self, file)?;
        self.post(file, Contents::Bytes(bytes))
    }

    fn write_spilled(&self, file: &Handle, spill: &Spill) -> Result<()> {
        self.post(file, Contents::Spill(spill))
    }

    fn list(&self, kind: FileType) -> Result<Vec<Listed>> {
        let call = Call { operation: "list", what: kind.folder(), kind };
        let mut json = Vec::new();
        let reply = self.ask(call, Method::GET, &format!("{}/", kind.folder()), &mut json)?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        accept(&reply, call, &json)?;
        let entries: Option<Vec<Entry>> = serde_json::from_slice(&json).map_err(|why| {
            call.fails(io::Error::new(
                ErrorKind::InvalidInput,
                format!("not a listing of a REST server: {why}"),
            ))
        })?;
        entries.into_iter().flatten().filter_map(|entry| self.listed(kind, entry)).collect()
    }

    fn remove(&self, file: &Handle) -> Result<()> {
        let name = file.to_string();
        let call = Call::on("remove", file, &name);
        let mut said = Vec::new();
        let reply = self.ask(call, Method::DELETE, &path(file), &mut said)?;
        accept(&reply, call, &said)
    }
}

/// Of a listing: version 2 has sizes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Sized { name: String, size: u64 },
    Named(String),
}
