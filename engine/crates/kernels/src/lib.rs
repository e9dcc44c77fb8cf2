//! Inner loops in the forms that the machine has: the only unsafe code of the engine.
//!
//! Cut points of content (`rabin`), names (`sha256`), encryption (`aes`), authentication (`poly1305`) and keys from passwords (`scrypt`), and
//! two hints to the system about memory (`heap`, `prefetch`). Each that has vector forms has a scalar twin that gives the
//! same bits. The form is chosen once a process (CPU features, or `HOLDFAST_KERNELS`), proven by a self-test at first use,
//! and never chosen by anything else. zstd is a library's and not here.

pub mod aes;
mod choice;
pub mod heap;
pub mod poly1305;
mod prefetch;
pub mod rabin;
pub mod scrypt;
mod selftest;
pub mod sha256;

pub use choice::{Form, VARIABLE, check, describe};
