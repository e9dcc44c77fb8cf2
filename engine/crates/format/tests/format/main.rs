//! What the format promises, one module a promise.

mod damage;
mod envelopes;
mod laws;
mod names;
mod refusals;
mod restic;
mod times;
mod trees;
