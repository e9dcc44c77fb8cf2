//! The client that options ask for, and what its failures mean.

use std::error::Error as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use holdfast_format::{Error, Result};
use reqwest::{Certificate, Client, ClientBuilder, Identity, redirect};

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
    let client = if tls { with_tls(client, options)? } else { client.tls_certs_only([]) };
    client.build().map_err(|why| Error::refused(format!("the HTTP client cannot be set up: {}", chain(&why))))
}

fn with_tls(mut client: ClientBuilder, options: &BackendOptions) -> Result<ClientBuilder> {
    if !options.cacert.is_empty() {
        let read = options.cacert.iter().map(|path| authorities(path));
        client = client.tls_certs_only(read.collect::<Result<Vec<_>>>()?.concat());
    }
    if let Some(path) = &options.tls_client_cert {
        client = client.identity(identity(path)?);
    }
    Ok(client.tls_danger_accept_invalid_certs(options.insecure_tls))
}

fn authorities(path: &Path) -> Result<Vec<Certificate>> {
    let found = Certificate::from_pem_bundle(&read(path)?).unwrap_or_default();
    match found.len() {
        0 => Err(Error::refused(format!("{}: no certificate in it; --cacert wants PEM", path.display()))),
        _ => Ok(found),
    }
}

fn identity(path: &Path) -> Result<Identity> {
    Identity::from_pem(&read(path)?).map_err(|_| {
        Error::refused(format!(
            "{}: not a certificate with its key; --tls-client-cert wants both as PEM in one file",
            path.display()
        ))
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|why| Error::local(path.as_os_str().as_encoded_bytes(), why))
}

/// Without the address, which may carry what nobody should see.
pub fn io_error(why: reqwest::Error) -> io::Error {
    let why = why.without_url();
    if is_certificate(&why) {
        let remedy = "trust its authority with --cacert";
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

/// A server that is not who it should be will not become so by asking again.
fn is_certificate(why: &reqwest::Error) -> bool {
    causes(why)
        .any(|cause| matches!(innermost(cause).downcast_ref(), Some(rustls::Error::InvalidCertificate(_))))
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
