//! How fast each form of the kernels is on this machine: `cargo run --release --example speed`.

use std::hint::black_box;

use holdfast_kernels::{Form, aes::Ctr, describe, poly1305, rabin::Rabin, scrypt, sha256};
use rustix::time::{ClockId, clock_gettime};

/// The polynomial of the chunker's own tests.
const POLYNOMIAL: u64 = 0x003D_A335_8B4D_C173;

fn main() {
    let start = seconds();
    println!("{}", describe());
    println!("chosen and tested in {:.0} us", (seconds() - start) * 1e6);
    let data = random(64 << 20);
    for form in Form::available() {
        println!("{form}");
        cuts(form, &data);
        digests(form, &data);
        streams(form, &data);
        tags(form, &data);
        lanes(form);
    }
    let seconds = best(5, || scrypt::mix(&mut [1; 1024], 8, 32768));
    println!("scrypt {:.1} ms a lane, N=32768 r=8", seconds * 1e3);
}

fn lanes(form: Form) {
    let pair = || scrypt::mix_pair_with(form, [&mut [1; 1024], &mut [2; 1024]], 8, 32768);
    println!("  scrypt   {:8.1} ms for two lanes, N=32768 r=8", best(3, pair) * 1e3);
}

fn cuts(form: Form, data: &[u8]) {
    let rabin = Rabin::with(form, POLYNOMIAL);
    let all = |data: &[u8]| rabin.candidates(black_box(data), 64, data.len(), &mut |_| true);
    let far = best(5, || all(data));
    let near = best(200, || all(&data[..1 << 18]));
    let chunks = best(5, || {
        let mut at = 0;
        while at < data.len() {
            at = rabin.cut(black_box(data), at);
        }
    });
    let (whole, hot, chunks) = (rate(data.len(), far), rate(1 << 18, near), rate(data.len(), chunks));
    println!("  rabin    {whole:8.0} MB/s, {hot:.0} in the cache, {chunks:.0} with the minimum skipped");
}

fn digests(form: Form, data: &[u8]) {
    for (size, count) in [(1 << 16, 1), (1 << 16, 2), (1 << 16, 3), (1 << 16, 12), (2048, 300)] {
        let messages: Vec<_> = data.chunks_exact(size).take(count).collect();
        let mut out = vec![[0; 32]; count];
        let seconds = best(200, || sha256::many_with(form, black_box(&messages), &mut out));
        println!("  sha256   {:8.0} MB/s, {count} of {size} B", rate(size * count, seconds));
    }
}

fn streams(form: Form, data: &[u8]) {
    let (ctr, mut out) = (Ctr::with(form, &[7; 32]), Vec::new());
    for size in [1 << 20, 2048, 300] {
        let times = (1 << 20) / size;
        let seconds = best(50, || {
            for _ in 0..times {
                out.clear();
                ctr.append(1, black_box(&data[..size]), &mut out);
            }
        });
        let one = seconds / times as f64;
        println!("  aes      {:8.0} MB/s, {:.0} ns, {size} B", rate(size, one), one * 1e9);
    }
}

fn tags(form: Form, data: &[u8]) {
    for size in [1 << 20, 2048, 768, 384, 300] {
        let times = (1 << 20) / size;
        let seconds = best(50, || {
            for _ in 0..times {
                black_box(poly1305::tag_with(form, &[7; 32], black_box(&data[..size])));
            }
        });
        let one = seconds / times as f64;
        println!("  poly1305 {:8.0} MB/s, {:.0} ns, {size} B", rate(size, one), one * 1e9);
    }
}

/// Seconds of the quickest of some runs.
fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    let seconds = (0..runs).map(|_| {
        let start = seconds();
        work();
        seconds() - start
    });
    seconds.fold(f64::INFINITY, f64::min)
}

/// Of this thread on a CPU: others may be busy.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn rate(bytes: usize, seconds: f64) -> f64 {
    bytes as f64 / seconds / 1e6
}

fn random(len: usize) -> Vec<u8> {
    let mut state = 1u64;
    let words = (0..len / 8).flat_map(|_| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state ^ state >> 29).to_le_bytes()
    });
    words.collect()
}
