//! Every form of this machine against restic's own way of finding cuts.

use proptest::prelude::*;

use super::*;
use crate::selftest::noise;

/// The polynomial of the tests of restic's chunker.
const POLYNOMIAL: u64 = 0x003D_A335_8B4D_C173;

/// Lengths in restic's tests for 32 MiB of Go's `math/rand` with seed 23.
const CHUNKS: [usize; 23] = [
    2_163_460, 643_703, 1_528_956, 1_955_808, 2_222_372, 2_538_687, 609_606, 1_205_738, 959_742, 4_036_109,
    1_525_894, 1_352_720, 811_884, 1_282_314, 1_318_021, 948_640, 645_464, 533_758, 1_128_303, 800_374,
    2_453_512, 2_651_975, 237_392,
];

/// One byte after the other through a window of 64, as restic does it, from the end of the minimum on.
fn cut_like_restic(tables: &Tables, data: &[u8], start: usize) -> usize {
    let (mut window, mut at, mut digest) = ([0; WINDOW], 0, 0);
    let mut slide = |byte| {
        digest = tables.roll(digest, byte, window[at]);
        window[at] = byte;
        at = (at + 1) % WINDOW;
        digest
    };
    slide(1);
    for end in start + MIN - WINDOW + 1..=data.len() {
        let digest = slide(data[end - 1]);
        let len = end - start;
        if len >= MIN && (digest & CUT == 0 || len >= MAX) {
            return end;
        }
    }
    data.len()
}

fn lengths(len: usize, cut: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut start = 0;
    let mut lengths = Vec::new();
    while start < len {
        let end = cut(start);
        lengths.push(end - start);
        start = end;
    }
    lengths
}

fn candidates(rabin: &Rabin, data: &[u8], from: usize, to: usize) -> Vec<usize> {
    let mut found = Vec::new();
    rabin.candidates(data, from, to, &mut |last| {
        found.push(last);
        true
    });
    found
}

fn plant(rabin: &Rabin, data: &mut [u8], lasts: &[usize]) {
    for &last in lasts {
        rabin.plant(data, last);
    }
}

/// From the definition: the remainder of 64 bytes, bit after bit.
fn candidates_by_definition(polynomial: u64, data: &[u8], from: usize, to: usize) -> Vec<usize> {
    let append = |remainder, &byte: &u8| tables::reduce(remainder << 8 | u64::from(byte), polynomial);
    let legal = |last: &usize| data[last + 1 - WINDOW..=*last].iter().fold(0, append) & CUT == 0;
    (from..to).filter(legal).collect()
}

/// Of degree 53, which is prime: only factors of degree 1 have to be excluded besides x^(2^53) = x.
fn irreducible(p: u64) -> bool {
    let times_x = |a: u64| tables::reduce(a << 1, p);
    let square = |a: u64| (0..53).rev().fold(0, |sum, n| times_x(sum) ^ if a >> n & 1 == 1 { a } else { 0 });
    p & 1 == 1 && p.count_ones() % 2 == 1 && (0..53).fold(2, |a, _| square(a)) == 2
}

/// Irreducible polynomials of degree 53.
fn polynomials(count: usize) -> Vec<u64> {
    let words = noise(53, 1 << 14);
    let words = words.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word) >> 11 | 1 << 53 | 1);
    words.filter(|p| irreducible(*p)).take(count).collect()
}

/// What is hard for one lane or the other: noise, zeros, a short period, and some of each.
fn data(seed: u64, len: usize) -> Vec<u8> {
    let noise = noise(seed, len);
    let byte = |n: usize| match (seed + (n / 5000 * usize::from(seed.is_multiple_of(4))) as u64) % 4 {
        0 | 1 => noise[n],
        2 => 0,
        _ => (n % 7) as u8,
    };
    (0..len).map(byte).collect()
}

#[test]
fn chunks_have_the_lengths_of_restics_own_tests() {
    let data = go_random();
    for form in Form::available() {
        let rabin = Rabin::with(form, POLYNOMIAL);
        assert_eq!(lengths(data.len(), |start| rabin.cut(&data, start)), CHUNKS, "{form}");
    }
}

/// Go's generator goes on from its first 607 outputs by adding two of them.
fn go_random() -> Vec<u8> {
    let first = include_bytes!("../../tests/data/go_rand_seed_23.bin");
    let mut state: Vec<u64> = first.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
    let words = (32 << 20) / 4;
    for n in state.len()..words {
        state.push(state[n - 607].wrapping_add(state[n - 273]));
    }
    state.iter().flat_map(|word| ((word << 1 >> 32) as u32).to_le_bytes()).collect()
}

#[test]
fn cuts_are_where_restics_loop_makes_them() {
    let inputs = [data(1, 12 << 20), data(2, 17 << 20), data(3, 20 << 20), data(4, 9 << 20)];
    for (polynomial, data) in polynomials(4).into_iter().zip(&inputs) {
        let tables = Tables::new(polynomial);
        let expected = lengths(data.len(), |start| cut_like_restic(&tables, data, start));
        for form in Form::available() {
            let rabin = Rabin::with(form, polynomial);
            assert_eq!(lengths(data.len(), |start| rabin.cut(data, start)), expected, "{form}");
        }
    }
}

#[test]
fn the_first_legal_cut_from_the_minimum_on_is_taken() {
    for form in Form::available() {
        let rabin = Rabin::with(form, POLYNOMIAL);
        let mut data = noise(8, MIN + 10);
        plant(&rabin, &mut data, &[MIN - 5, MIN - 1, MIN + 9]);
        assert_eq!(lengths(data.len(), |start| rabin.cut(&data, start)), [MIN, 10], "{form}");
        assert_eq!(rabin.cut(&data[..MIN - 1], 0), MIN - 1, "{form}");
        assert_eq!(rabin.cut(&data, 1), MIN + 10, "{form}");
    }
}

#[test]
fn every_length_around_a_full_set_of_lanes_is_scanned_to_its_end() {
    let expected: Vec<_> = (100..STEP + 4300).step_by(11).collect();
    let mut data = noise(9, STEP + 4300);
    plant(&Rabin::new(POLYNOMIAL), &mut data, &expected);
    for form in Form::available() {
        let rabin = Rabin::with(form, POLYNOMIAL);
        for lanes in [0, 256, 2048, 4096, 8192, STEP, STEP + 4096] {
            for len in (lanes + 64).saturating_sub(66)..lanes + 66 {
                let (from, to) = (70, 70 + len);
                let expected = expected.iter().filter(|last| (from..to).contains(last));
                assert!(candidates(&rabin, &data, from, to).iter().eq(expected), "{form} {len}");
            }
        }
    }
}

#[test]
fn forms_agree_for_random_polynomials() {
    for (seed, polynomial) in polynomials(24).into_iter().enumerate() {
        let mut data = data(seed as u64, 40_000);
        let tables = Rabin::with(Form::SCALAR, polynomial);
        plant(&tables, &mut data, &(200..30_000).step_by(197 + seed).collect::<Vec<_>>());
        let expected = candidates_by_definition(polynomial, &data, 64 + seed, 40_000 - seed);
        for form in Form::available() {
            let rabin = Rabin::with(form, polynomial);
            assert_eq!(
                candidates(&rabin, &data, 64 + seed, 40_000 - seed),
                expected,
                "{form} {polynomial:#x}"
            );
        }
    }
}

#[test]
fn polynomials_of_other_degrees_are_scanned_all_the_same() {
    for polynomial in [0x11b, 0x0000_8000_0000_0021, 0x0080_0000_0000_0095, 0x0100_0000_0000_0095] {
        let data = data(4, 10_000);
        let expected = candidates_by_definition(polynomial, &data, 64, data.len());
        for form in Form::available() {
            let rabin = Rabin::with(form, polynomial);
            assert_eq!(candidates(&rabin, &data, 64, data.len()), expected, "{form} {polynomial:#x}");
        }
    }
}

#[test]
#[should_panic(expected = "a polynomial of a degree of 8..=56")]
fn a_polynomial_without_room_for_bytes_is_refused() {
    Rabin::with(Form::SCALAR, 0x83);
}

#[test]
fn no_candidate_is_reported_after_the_caller_has_enough() {
    let data = [0; 1000];
    let mut found = Vec::new();
    Rabin::new(POLYNOMIAL).candidates(&data, 64, 1000, &mut |last| {
        found.push(last);
        found.len() < 3
    });
    assert_eq!(found, [64, 65, 66]);
}

#[test]
fn tables_are_shared_by_threads() {
    fn shared(_: &(impl Send + Sync)) {}
    shared(&Rabin::new(POLYNOMIAL));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn forms_agree(seed: u64, len in 64..300_000usize, ends in (0.0..1.0f64, 0.0..1.0f64), gap in 3..2000usize) {
        let mut data = data(seed >> 8, len);
        let polynomial = polynomials(8)[seed as usize % 8];
        let scalar = Rabin::with(Form::SCALAR, polynomial);
        plant(&scalar, &mut data, &(63..len).step_by(gap).collect::<Vec<_>>());
        let place = |part: f64| 64 + (part * (len - 64) as f64) as usize;
        let (from, to) = (place(ends.0.min(ends.1)), place(ends.0.max(ends.1)));
        let expected = candidates(&scalar, &data, from, to);
        for form in Form::available() {
            prop_assert_eq!(&candidates(&Rabin::with(form, polynomial), &data, from, to), &expected, "{}", form);
        }
    }
}
