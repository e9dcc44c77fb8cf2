//! The client that options ask for, and what its failures mean.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::time::Duration;

use holdfast_format::{Error, Result};
use reqwest::{Client, redirect};

use super::tls;
use crate::BackendOptions;

const USER_AGENT: &str = concat!("holdfast/", env!("CARGO_PKG_VERSION"));
const CONNECT: Duration = Duration::from_secs(30);
/// Shorter than servers keep idle connections, so that no request is sent into a closed one.
const IDLE: Duration = Duration::from_secs(10);

/// Whether answers that point elsewhere are followed; signed requests are good for one address only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Redirects {
    /// Up to ten.
    Followed,
    /// Never.
    Refused,
}

/// Reads certificates only where there is TLS.
pub fn build(options: &BackendOptions, tls: bool, redirects: Redirects) -> Result<Client> {
    let client = Client::builder()
        .user_agent(options.http_user_agent.as_deref().unwrap_or(USER_AGENT))
        .connect_timeout(CONNECT)
        .tcp_keepalive(CONNECT)
        .pool_idle_timeout(IDLE)
        .http1_only()
        .redirect(match redirects {
            Redirects::Followed => redirect::Policy::limited(10),
            Redirects::Refused => redirect::Policy::none(),
        });
    let client =
        if tls { client.tls_backend_preconfigured(tls::config(options)?) } else { client.tls_certs_only([]) };
    client.build().map_err(|why| Error::refused(format!("the HTTP client cannot be set up: {}", chain(&why))))
}

/// Without the address, which may carry what nobody should see.
pub fn io_error(why: reqwest::Error) -> io::Error {
    let why = why.without_url();
    if let Some(remedy) = causes(&why).find_map(|cause| tls::remedy(innermost(cause))) {
        return io::Error::new(ErrorKind::PermissionDenied, format!("{}; {remedy}", chain(&why)));
    }
    let kind = if why.is_timeout() {
        ErrorKind::TimedOut
    } else if why.is_builder() {
        ErrorKind::InvalidInput
    } else {
        ErrorKind::Other
    };
    io::Error::new(kind, chain(&why))
}

/// An `io::Error` does not give what it wraps as its cause.
fn innermost(cause: Cause<'_>) -> Cause<'_> {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.map_or(cause, |wrapped| innermost(wrapped))
}

type Cause<'a> = &'a (dyn std::error::Error + 'static);

fn causes(why: Cause<'_>) -> impl Iterator<Item = Cause<'_>> {
    std::iter::successors(Some(why), |why| (*why).source())
}

/// The last cause says most; the ones above only that something failed.
fn chain(why: &reqwest::Error) -> String {
    let mut said: Vec<String> = causes(why).map(ToString::to_string).collect();
    said.dedup();
    if why.source().is_some() && said.len() > 2 {
        said.drain(1..said.len() - 1);
    }
    said.join(": ")
}
