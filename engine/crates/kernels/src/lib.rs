//! Inner loops in the forms that the machine has: the only unsafe code of the engine.
//!
//! Every kernel has a scalar twin that gives the same bits. The form is chosen once a process (CPU features, or
//! `HOLDFAST_KERNELS`), proven by a self-test at first use, and never chosen by anything else.

mod choice;
pub mod heap;
pub mod poly1305;
mod prefetch;
pub mod rabin;
pub mod scrypt;
mod selftest;
pub mod sha256;

pub use choice::{Form, VARIABLE, check, describe};
