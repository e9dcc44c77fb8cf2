//! The body of a request, given piece by piece by the thread that has it.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::Spill;

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Contents<'a> {
    /// From memory.
    Bytes(&'a [u8]),
    /// From disk.
    Spill(&'a Spill),
}

impl Contents<'_> {
    /// Nothing.
    pub const NONE: Contents<'static> = Contents::Bytes(&[]);

    /// Bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Spill(spill) => spill.length(),
        }
    }

    /// In order.
    pub fn pieces(self) -> impl Iterator<Item = io::Result<Bytes>> {
        (0..self.length()).step_by(PIECE).map(move |from| {
            let length = PIECE.min(self.length() - from);
            match self {
                Self::Bytes(bytes) => Ok(Bytes::copy_from_slice(&bytes[from..from + length])),
                Self::Spill(spill) => {
                    let mut piece = Vec::new();
                    spill.read(from, length, &mut piece)?;
                    Ok(piece.into())
                }
            }
        })
    }
}

/// A body of that many bytes, and where its pieces go.
pub fn of(bytes: usize) -> (Upload, Pieces) {
    let (pieces, coming) = channel(2);
    (Upload { coming, left: bytes as u64 }, Pieces(pieces))
}

/// The end that the connection holds.
pub struct Upload {
    coming: Receiver<Bytes>,
    left: u64,
}

/// The end that the caller holds.
pub struct Pieces(Sender<Bytes>);

impl Pieces {
    /// Waits until the connection takes it; false when it never will.
    pub async fn give(&self, piece: Bytes) -> bool {
        self.0.send(piece).await.is_ok()
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = std::task::ready!(self.coming.poll_recv(context));
        self.left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
