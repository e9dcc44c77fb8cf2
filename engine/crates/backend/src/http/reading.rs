//! Parts of files over HTTP.

use std::io;

use holdfast_format::Result;
use reqwest::header::{HeaderValue, RANGE};
use reqwest::{Request, StatusCode};

use super::{Call, Contents, Http, Reply};
use crate::failure::{self, cut, failed};
use crate::{Backend, Handle, Take};

/// How a read went.
#[derive(Debug)]
pub enum Answer {
    /// The bytes are there.
    Bytes,
    /// The file does not reach so far; how long it is must be asked for.
    PastTheEnd,
    /// The server said no; its text is where the bytes would be.
    Refused(Reply),
}

impl Http {
    /// Asks for a part of a file. Asking for nothing is `PastTheEnd`, because HTTP cannot say it.
    pub fn read(
        &self,
        call: Call,
        file: &Handle,
        offset: u64,
        length: Option<usize>,
        request: impl FnOnce(Option<HeaderValue>) -> Result<Request>,
        out: &mut Vec<u8>,
    ) -> Result<Answer> {
        if length == Some(0) {
            return Ok(Answer::PastTheEnd);
        }
        let reply = self.exchange(call, request(range(offset, length))?, Contents::NONE, out)?;
        match reply.status {
            StatusCode::PARTIAL_CONTENT if length.is_none_or(|length| length == out.len()) => {
                Ok(Answer::Bytes)
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Ok(Answer::PastTheEnd),
            StatusCode::OK => cut(file, offset, length, out).map(|()| Answer::Bytes), // ranges are optional
            _ => Ok(Answer::Refused(reply)),
        }
    }

    /// Asks for `length` bytes and hands them to `take` as they come; `said` is what a server says that refuses.
    pub fn stream(
        &self,
        call: Call,
        offset: u64,
        length: usize,
        request: impl FnOnce(Option<HeaderValue>) -> Result<Request>,
        said: &mut Vec<u8>,
        take: &mut Take<'_>,
    ) -> Result<Answer> {
        let (mut skip, mut left) = (offset, length);
        let request = request(range(offset, Some(length)))?;
        let reply = self.transfer(call, request, Contents::NONE, &mut |reply, piece| {
            let piece = match reply.status {
                StatusCode::PARTIAL_CONTENT => piece,
                StatusCode::OK => behind(&mut skip, piece), // ranges are optional
                _ => {
                    said.extend_from_slice(piece);
                    return Ok(());
                }
            };
            let wanted = &piece[..piece.len().min(left)];
            left -= wanted.len();
            take(wanted)
        })?;
        match reply.status {
            StatusCode::PARTIAL_CONTENT | StatusCode::OK if left == 0 => Ok(Answer::Bytes),
            StatusCode::PARTIAL_CONTENT | StatusCode::OK | StatusCode::RANGE_NOT_SATISFIABLE => {
                Ok(Answer::PastTheEnd)
            }
            _ => Ok(Answer::Refused(reply)),
        }
    }
}

/// What is left of a piece when so many bytes are left out first.
fn behind<'a>(skip: &mut u64, piece: &'a [u8]) -> &'a [u8] {
    let skipped = piece.len().min(usize::try_from(*skip).unwrap_or(usize::MAX));
    *skip -= skipped as u64;
    &piece[skipped..]
}

/// Nothing for a whole file, which may be empty.
fn range(offset: u64, length: Option<usize>) -> Option<HeaderValue> {
    let text = match length {
        None if offset == 0 => return None,
        None => format!("bytes={offset}-"),
        Some(length) => format!("bytes={offset}-{}", offset.saturating_add(length as u64 - 1)),
    };
    HeaderValue::try_from(text).ok()
}

/// `Range`, if there is one.
pub fn set_range(request: &mut Request, range: Option<HeaderValue>) {
    if let Some(range) = range {
        request.headers_mut().insert(RANGE, range);
    }
}

/// What lies past the end is nothing right behind the last byte, and an error further on.
pub fn past_the_end(
    store: &dyn Backend,
    file: &Handle,
    offset: u64,
    length: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<()> {
    out.clear();
    let missing = failure::range(file, store.stat(file)?, offset, length)?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(failed("read", file, io::Error::other("the server sent less than it has")))
}
