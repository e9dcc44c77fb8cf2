//! Answers about snapshots that are written here.

mod diffs;
mod listing;
mod uses;

use holdfast_format::Id;
use holdfast_sample::Sample;

/// `/a/{b/{c,d},e}`, `/f`, `/g`: `c` and `f` have the same contents.
fn tree(sample: &Sample) -> Id {
    let inner = sample.dir("b", vec![sample.file("c", &[b"same"]), sample.file("d", &[b"1", b"2"])]);
    let folder = sample.dir("a", vec![inner, sample.file("e", &[])]);
    sample.tree(vec![folder, sample.file("f", &[b"same"]), sample.file("g", &[b"1", b"1"])])
}
