//! A few messages in flight: one that ends is replaced by the next, so that none runs alone before the last.

use super::ni::{Sha, State};
use crate::Form;

/// A message in flight: its whole blocks first, then its padded end.
struct Lane<'a> {
    message: usize,
    state: State,
    whole: &'a [[u8; 64]],
    end: [[u8; 64]; 2],
    /// Blocks of `end`: one, or two.
    ends: usize,
    done: usize,
}

impl<'a> Lane<'a> {
    fn new(message: usize, data: &'a [u8], state: State) -> Self {
        let (whole, rest) = data.as_chunks();
        let ends = if rest.len() < 56 { 1 } else { 2 };
        let mut end = [[0; 64]; 2];
        end[0][..rest.len()].copy_from_slice(rest);
        end[0][rest.len()] = 0x80;
        end[ends - 1][56..].copy_from_slice(&(data.len() as u64 * 8).to_be_bytes());
        Lane { message, state, whole, end, ends, done: 0 }
    }

    /// Blocks that can be taken now: of the whole ones, then of the end.
    fn blocks(&self) -> &[[u8; 64]] {
        match self.whole.get(self.done..) {
            Some(blocks) if !blocks.is_empty() => blocks,
            _ => &self.end[self.done - self.whole.len()..self.ends],
        }
    }
}

/// Digests of all messages, up to three in flight.
pub(super) fn digests(form: Form, messages: &[&[u8]], out: &mut [[u8; 32]]) {
    let sha = Sha::new(form);
    let mut next = messages.iter().enumerate().map(|(n, data)| Lane::new(n, data, State::start()));
    let mut lanes: [Option<Lane>; 3] = [next.next(), next.next(), next.next()];
    while advance(sha, &mut lanes) {
        for lane in &mut lanes {
            if let Some(ended) = lane.take_if(|lane| lane.blocks().is_empty()) {
                out[ended.message] = ended.state.digest();
                *lane = next.next();
            }
        }
    }
}

/// As many blocks of every lane as the shortest has at hand. False when no lane is left.
fn advance(sha: Sha, lanes: &mut [Option<Lane>; 3]) -> bool {
    let mut lanes = lanes.iter_mut().flatten();
    match (lanes.next(), lanes.next(), lanes.next()) {
        (Some(a), Some(b), Some(c)) => compress(sha, [a, b, c]),
        (Some(a), Some(b), None) => compress(sha, [a, b]),
        (Some(a), None, None) => compress(sha, [a]),
        _ => return false,
    }
    true
}

fn compress<const N: usize>(sha: Sha, lanes: [&mut Lane; N]) {
    let blocks = lanes.each_ref().map(|lane| lane.blocks());
    let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or(0);
    let states = sha.compress(lanes.each_ref().map(|lane| lane.state), blocks, count);
    for (lane, state) in lanes.into_iter().zip(states) {
        lane.state = state;
        lane.done += count;
    }
}
