//! The body of a request, given piece by piece by the thread that owns the bytes.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Bytes of a piece.
pub const PIECE: usize = 64 << 10;

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
    pub async fn give(&self, piece: &[u8]) -> bool {
        self.0.send(Bytes::copy_from_slice(piece)).await.is_ok()
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
