//! Signed requests to one bucket.

use std::io::{self, ErrorKind};
use std::mem;

use holdfast_format::{Error, Id, Result};
use object_store::aws::AwsAuthorizer;
use object_store::client::HttpRequestBody;
use reqwest::header::HeaderMap;
use reqwest::{Method, Request};
use url::Url;

use super::answers;
use super::credentials::Provider;
use crate::http::{Call, Contents, Http, Reply};

/// Who asks, and where.
pub struct Requests {
    /// The connections.
    pub http: Http,
    /// Part of every signature.
    pub region: String,
    /// `None` asks without a name.
    pub credentials: Option<Provider>,
}

impl Requests {
    /// A signed request whose body has that digest.
    pub fn signed(
        &self,
        call: Call,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Id,
    ) -> Result<Request> {
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

    /// Asks without a body, whatever the answer's status is.
    pub fn ask(&self, call: Call, method: Method, url: Url, out: &mut Vec<u8>) -> Result<Reply> {
        let request = self.signed(call, method, url, HeaderMap::new(), Id::of(b""))?;
        self.http.exchange(call, request, Contents::NONE, out)
    }

    /// Sends a body with that digest and expects success.
    pub fn put(&self, call: Call, url: Url, headers: HeaderMap, body: Contents, digest: Id) -> Result<()> {
        let request = self.signed(call, Method::PUT, url, headers, digest)?;
        let mut said = Vec::new();
        let reply = self.http.exchange(call, request, body, &mut said)?;
        accept(&reply, call, &said)
    }
}

/// Any success.
pub fn accept(reply: &Reply, call: Call, said: &[u8]) -> Result<()> {
    if reply.status.is_success() { Ok(()) } else { Err(answers::failure(reply, call, said)) }
}

/// Asking again would not help.
pub fn unusable(call: Call, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    call.fails(io::Error::new(ErrorKind::InvalidInput, why))
}
