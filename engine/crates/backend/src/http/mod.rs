//! Requests to servers: one client and one small runtime an open store, for REST and for S3.
//!
//! Callers are plain threads: each waits in [`Http::exchange`] until its own request is through. Request bodies are sent in
//! pieces straight from the caller's buffer or from disk, so that a pack is never copied as a whole.

mod client;
mod reading;
mod reply;
mod runtime;
pub(crate) mod tls;
mod upload;

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future::join;
use holdfast_format::{Error, FileType, Result};
use reqwest::{Request, Response};

use crate::failure::failed;
use crate::limit::{Rate, Rates};
use crate::{Backend, BackendOptions, Cancel, Handle};

pub use client::Redirects;
pub use reading::{Answer, past_the_end, set_range};
pub use reply::{Reply, line};
use runtime::Runtime;
pub use upload::Contents;

/// How often cancel and standstill are looked at.
const TICK: Duration = Duration::from_millis(20);
/// What a server announces is believed up to here; a pack is smaller.
const MOST_AT_ONCE: u64 = 160 << 20;
const STUCK: Duration = Duration::from_secs(5 * 60);

/// See the module.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
    runtime: Runtime,
    rates: Rates,
    stuck: Duration,
    cancel: Cancel,
}

/// What a request is made for.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// `read`, `write` …
    pub operation: &'static str,
    /// For people.
    pub what: &'a str,
    /// Packs can be cancelled, locks are never held back.
    pub kind: FileType,
}

/// Who gets an answer piece by piece.
pub type Each<'a> = dyn FnMut(&Reply, &[u8]) -> Result<()> + 'a;

impl<'a> Call<'a> {
    /// On a file that is called `what`.
    pub fn on(operation: &'static str, file: &Handle, what: &'a str) -> Self {
        Self { operation, what, kind: file.kind }
    }
}

impl Call<'_> {
    /// The failure of this call.
    pub fn fails(&self, why: io::Error) -> Error {
        failed(self.operation, self.what, why)
    }
}

impl Http {
    /// For servers that are spoken to with or without TLS.
    pub fn new(options: &BackendOptions, tls: bool, redirects: Redirects, cancel: &Cancel) -> Result<Self> {
        Ok(Self {
            client: client::build(options, tls, redirects)?,
            runtime: Runtime::new()?,
            rates: Rates::new(options.limit_upload, options.limit_download),
            stuck: options.stuck_request_timeout.unwrap_or(STUCK),
            cancel: cancel.clone(),
        })
    }

    /// Waits for something that is no transfer of ours. Refused in a forked child.
    pub fn wait_for<T>(&self, what: impl Future<Output = T>) -> Result<T> {
        self.runtime.run(what)
    }

    /// Sends a request with a body and reads the whole answer into `out`, whatever its status is.
    pub fn exchange(&self, call: Call, request: Request, body: Contents, out: &mut Vec<u8>) -> Result<Reply> {
        out.clear();
        self.transfer(call, request, body, &mut |reply, piece| {
            if out.is_empty() {
                out.reserve(reply.content_length().unwrap_or_default().min(MOST_AT_ONCE) as usize);
            }
            out.extend_from_slice(piece);
            Ok(())
        })
    }

    /// The same with every piece of the answer handed to `each` as it comes.
    pub fn transfer(
        &self,
        call: Call,
        request: Request,
        body: Contents,
        each: &mut Each<'_>,
    ) -> Result<Reply> {
        let moved = Cell::new(Instant::now());
        let fails = |why| call.fails(client::io_error(why));
        let transfer = async {
            let mut response = self.send(call, request, body, &moved).await?;
            let reply = Reply::of(&response);
            while let Some(piece) = response.chunk().await.map_err(fails)? {
                each(&reply, &piece)?;
                moved.set(Instant::now());
                pace(self.rates.down.as_deref(), call, piece.len(), &moved).await;
            }
            Ok(reply)
        };
        self.runtime.run(self.watch(call, transfer, &moved))??
    }

    /// Gives up on a cancel, and when nothing moves any more.
    async fn watch<T>(
        &self,
        call: Call<'_>,
        exchange: impl Future<Output = T>,
        moved: &Cell<Instant>,
    ) -> Result<T> {
        let mut exchange = pin!(exchange);
        loop {
            if let Ok(done) = tokio::time::timeout(TICK, &mut exchange).await {
                return Ok(done);
            }
            if call.kind == FileType::Pack {
                self.cancel.check()?;
            }
            if moved.get().elapsed() > self.stuck {
                let why = format!("nothing moved for {} s", self.stuck.as_secs());
                return Err(call.fails(io::Error::new(ErrorKind::TimedOut, why)));
            }
        }
    }

    async fn send(
        &self,
        call: Call<'_>,
        mut request: Request,
        body: Contents<'_>,
        moved: &Cell<Instant>,
    ) -> Result<Response> {
        let fails = |why| call.fails(client::io_error(why));
        if body.length() == 0 {
            return self.client.execute(request).await.map_err(fails);
        }
        let (upload, pieces) = upload::of(body.length());
        *request.body_mut() = Some(reqwest::Body::wrap(upload));
        let feed = async move {
            for piece in body.pieces() {
                let piece = piece?;
                pace(self.rates.up.as_deref(), call, piece.len(), moved).await;
                if !pieces.give(piece).await {
                    break; // answered already, or broken: the response says which
                }
                moved.set(Instant::now());
            }
            io::Result::Ok(())
        };
        let (response, sent) = join(self.client.execute(request), feed).await;
        sent.map_err(|why| call.fails(why))?;
        response.map_err(fails)
    }
}

/// A wait of our own is no standstill.
async fn pace(rate: Option<&Rate>, call: Call<'_>, bytes: usize, moved: &Cell<Instant>) {
    let Some(rate) = rate.filter(|_| call.kind != FileType::Lock) else { return };
    let wait = rate.admit(bytes);
    if !wait.is_zero() {
        moved.set(Instant::now() + wait);
        tokio::time::sleep(wait).await;
    }
}

/// Servers may let a `config` be written over; nobody must lose a repository to that.
pub fn refuse_second_config(store: &dyn Backend, file: &Handle) -> Result<()> {
    if file.kind != FileType::Config {
        return Ok(());
    }
    match store.stat(file) {
        Ok(_) => Err(failed("write", file, ErrorKind::AlreadyExists.into())),
        Err(Error::Missing { .. }) => Ok(()),
        Err(why) => Err(why),
    }
}
