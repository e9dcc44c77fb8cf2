//! What a server answered, and which error an answer is.

use std::io::{self, ErrorKind};
use std::time::Duration;

use holdfast_format::Error;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::Call;
use crate::failure::RetryAfter;

/// Status and headers; the body is in the caller's buffer.
#[derive(Debug)]
pub struct Reply {
    /// Any.
    pub status: StatusCode,
    headers: HeaderMap,
}

impl Reply {
    /// Of a response whose body is still to come.
    pub fn of(response: &Response) -> Self {
        Self { status: response.status(), headers: response.headers().clone() }
    }

    /// A header as text.
    pub fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers.get(name.into())?.to_str().ok()
    }

    /// Of the body, or of what `HEAD` leaves out.
    pub fn content_length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH)?.parse().ok()
    }

    /// The failure that this answer is; `said` is the server's own text.
    pub fn failure(&self, call: Call, said: &str) -> Error {
        if self.status == StatusCode::NOT_FOUND {
            return Error::missing(call.what);
        }
        self.failure_of_kind(call, self.kind(), said)
    }

    /// The same where the caller knows better what kind of failure it is.
    pub fn failure_of_kind(&self, call: Call, kind: ErrorKind, said: &str) -> Error {
        let said = said.trim();
        let separator = if said.is_empty() { "" } else { ": " };
        let reason = format!("the server answers {}{separator}{said}", self.status);
        call.fails(match self.wait() {
            Some(wait) => io::Error::new(kind, RetryAfter { wait, reason }),
            None => io::Error::new(kind, reason),
        })
    }

    fn kind(&self) -> ErrorKind {
        match self.status.as_u16() {
            401 | 403 => ErrorKind::PermissionDenied,
            412 => ErrorKind::AlreadyExists,
            501 | 505 => ErrorKind::Unsupported,
            507 => ErrorKind::StorageFull,
            408 | 409 | 429 | 500.. => ErrorKind::Other,
            _ => ErrorKind::InvalidInput,
        }
    }

    fn wait(&self) -> Option<Duration> {
        self.header(RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// The beginning of a body as one line of text.
pub fn line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(300)]);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
