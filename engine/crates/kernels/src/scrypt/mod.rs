//! The memory-hard middle of scrypt.
//!
//! A lane is a chain of additions, rotations and exclusive ors, each waiting for the last. One lane alone takes general
//! registers, which do each of them in one cycle where vectors may take two (Zen 5: 30 ms a lane against 55); two lanes share
//! vectors. The rest is memory: huge pages where the system has them, places asked for before they are needed, no copies.

mod memory;
#[cfg(target_arch = "x86_64")]
mod pair;
mod salsa;
#[cfg(test)]
mod tests;

use crate::choice::{Form, Set};
use crate::prefetch::prefetch;
use salsa::{Salsa, salsa8, xor};

/// A block before and after scryptROMix with N=16 and r=1: RFC 7914, section 10.
pub(crate) const RFC: (&[u8; 128], &[u8; 128]) = (
    b"\xf7\xce\x0b\x65\x3d\x2d\x72\xa4\x10\x8c\xf5\xab\xe9\x12\xff\xdd\x77\x76\x16\xdb\xbb\x27\xa7\x0e\x82\x04\xf3\xae\x2d\x0f\x6f\xad\
      \x89\xf6\x8f\x48\x11\xd1\xe8\x7b\xcc\x3b\xd7\x40\x0a\x9f\xfd\x29\x09\x4f\x01\x84\x63\x95\x74\xf3\x9a\xe5\xa1\x31\x52\x17\xbc\xd7\
      \x89\x49\x91\x44\x72\x13\xbb\x22\x6c\x25\xb5\x4d\xa8\x63\x70\xfb\xcd\x98\x43\x80\x37\x46\x66\xbb\x8f\xfc\xb5\xbf\x40\xc2\x54\xb0\
      \x67\xd2\x7c\x51\xce\x4a\xd5\xfe\xd8\x29\xc9\x0b\x50\x5a\x57\x1b\x7f\x4d\x1c\xad\x6a\x52\x3c\xda\x77\x0e\x67\xbc\xea\xaf\x7e\x89",
    b"\x79\xcc\xc1\x93\x62\x9d\xeb\xca\x04\x7f\x0b\x70\x60\x4b\xf6\xb6\x2c\xe3\xdd\x4a\x96\x26\xe3\x55\xfa\xfc\x61\x98\xe6\xea\x2b\x46\
      \xd5\x84\x13\x67\x3b\x99\xb0\x29\xd6\x65\xc3\x57\x60\x1f\xb4\x26\xa0\xb2\xf4\xbb\xa2\x00\xee\x9f\x0a\x43\xd1\x9b\x57\x1a\x9c\x71\
      \xef\x11\x42\xe6\x5d\x5a\x26\x6f\xdd\xca\x83\x2c\xe5\x9f\xaa\x7c\xac\x0b\x9c\xf1\xbe\x2b\xff\xca\x30\x0d\x01\xee\x38\x76\x19\xc4\
      \xae\x12\xfd\x44\x38\xf2\x03\xa0\xe4\xe1\xc4\x7e\xc3\x14\x86\x1f\x4e\x90\x87\xcb\x33\x39\x6a\x68\x73\xe8\xf9\xd2\x53\x9a\x4b\x8e",
);

/// scryptROMix of one lane: `block` has 128*r bytes, `n` is a power of two above 1. Takes `128*r*n` bytes while it runs.
///
/// # Panics
/// When the block has another length or `n` is no such number.
pub fn mix(block: &mut [u8], r: usize, n: usize) {
    check(block, r, n);
    let mut x: Vec<Salsa> = block.as_chunks().0.iter().map(salsa::load).collect();
    let mut y = vec![[0; 16]; 2 * r];
    let mut memory = memory::zeroed(2 * r * n);
    fill(&mut x, &mut memory);
    for _ in 0..n / 2 {
        step(&x, &memory, &mut y);
        step(&y, &memory, &mut x);
    }
    for (x, bytes) in x.iter().zip(block.as_chunks_mut().0) {
        salsa::store(x, bytes);
    }
}

/// [`mix`] of two lanes, in less than twice the time of one where the form has vectors. Takes twice the memory.
///
/// # Panics
/// As [`mix`].
pub fn mix_pair(blocks: [&mut [u8]; 2], r: usize, n: usize) {
    mix_pair_with(Form::chosen(), blocks, r, n);
}

/// [`mix_pair`] in a form of the caller's choice.
///
/// # Panics
/// As [`mix`].
pub fn mix_pair_with(form: Form, blocks: [&mut [u8]; 2], r: usize, n: usize) {
    for block in &blocks {
        check(block, r, n);
    }
    match form.set {
        Set::Scalar => blocks.into_iter().for_each(|block| mix(block, r, n)),
        #[cfg(target_arch = "x86_64")]
        _ => pair::mix(form, blocks, r, n),
    }
}

fn check(block: &[u8], r: usize, n: usize) {
    assert!(r > 0 && block.len() == 128 * r, "a block of scrypt has 128 * r bytes");
    assert!(n > 1 && n.is_power_of_two(), "scrypt's cost is a power of two above 1");
}

/// What a form is for this kernel.
pub(crate) fn describe(form: Form) -> &'static str {
    match form.set {
        Set::Scalar => "1 lane",
        #[cfg(target_arch = "x86_64")]
        _ => "2 lanes avx2",
    }
}

/// Fills `memory` with what `x` becomes, block mix after block mix; `x` gets the one after the last.
fn fill(x: &mut [Salsa], memory: &mut [Salsa]) {
    let mut places = memory.chunks_exact_mut(x.len());
    let Some(mut last) = places.next() else { return };
    last.copy_from_slice(x);
    for next in places {
        mix_block(next, |k| last[k]);
        last = next;
    }
    mix_block(x, |k| last[k]);
}

/// One block mix of `x` and the place in memory that its last state names.
fn step(x: &[Salsa], memory: &[Salsa], y: &mut [Salsa]) {
    let width = x.len();
    let place = x[width - 1][0] as usize & (memory.len() / width - 1);
    let kept = &memory[place * width..][..width];
    for state in kept {
        prefetch(state.as_ptr().cast());
    }
    mix_block(y, |k| xor(x[k], kept[k]));
}

/// scryptBlockMix of the states that `input` gives: the even results first, then the odd ones.
#[inline(always)]
fn mix_block(out: &mut [Salsa], input: impl Fn(usize) -> Salsa) {
    let (even, odd) = out.split_at_mut(out.len() / 2);
    let mut state = input(2 * even.len() - 1);
    for (k, (even, odd)) in even.iter_mut().zip(odd).enumerate() {
        state = salsa8(xor(state, input(2 * k)));
        *even = state;
        state = salsa8(xor(state, input(2 * k + 1)));
        *odd = state;
    }
}
