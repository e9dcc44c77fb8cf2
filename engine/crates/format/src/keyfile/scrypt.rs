//! From a password to a key: scrypt, its lanes on all cores.

use std::num::NonZero;
use std::thread;
use std::time::{Duration, Instant};

use holdfast_kernels::scrypt::{mix, mix_pair};
use parking_lot::Mutex;
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::EnvelopeKey;
use crate::error::{Error, Result};

/// Costs of scrypt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scrypt {
    /// Cost, a power of two.
    pub n: u64,
    /// Block size.
    pub r: u32,
    /// Lanes.
    pub p: u32,
}

/// Largest value of each cost that restic takes.
const MOST: u64 = (1 << 31) - 1;
/// Bytes that all lanes together may take, as long as one is at work.
const MEMORY: u64 = 96 << 20;

impl Scrypt {
    /// `Refused` when restic would not take them.
    pub(super) fn check(&self) -> Result<()> {
        let (n, r, p) = (self.n, u64::from(self.r), u64::from(self.p));
        let sound = n > 1
            && n.is_power_of_two()
            && r >= 1
            && p >= 1
            && r * p < 1 << 30
            && r * p <= MOST / 128
            && r <= MOST / 256
            && n <= MOST / 128 / r;
        if sound {
            return Ok(());
        }
        Err(Error::refused(format!(
            "a key has the scrypt costs N={n}, r={r}, p={p}: N must be a power of two above 1, N*r and r*p below 2^24"
        )))
    }

    /// The key of a password. The costs are checked.
    pub(super) fn derive(&self, password: &[u8], salt: &[u8]) -> EnvelopeKey {
        let lane = 128 * self.r as usize;
        let mut blocks = Zeroizing::new(vec![0; lane * self.p as usize]);
        pbkdf2_hmac::<Sha256>(password, salt, 1, &mut blocks);
        self.mix_lanes(&mut blocks, lane);
        let mut key = Zeroizing::new([0; 64]);
        pbkdf2_hmac::<Sha256>(password, &blocks, 1, &mut *key);
        EnvelopeKey::from_bytes(&key)
    }

    /// Lanes are independent: each worker takes the next one, or the next two.
    fn mix_lanes(&self, blocks: &mut [u8], lane: usize) {
        let (lanes, workers) = (self.lanes(), self.workers());
        let waiting = Mutex::new(blocks.chunks_exact_mut(lane));
        thread::scope(|scope| {
            for worker in 0..workers {
                let (waiting, paired) = (&waiting, worker < lanes - workers);
                scope.spawn(move || self.mix_share(paired, || waiting.lock().next()));
            }
        });
    }

    fn mix_share<'a>(&self, paired: bool, next: impl Fn() -> Option<&'a mut [u8]>) {
        let (r, n) = (self.r as usize, self.n as usize);
        while let Some(first) = next() {
            match if paired { next() } else { None } {
                Some(second) => mix_pair([first, second], r, n),
                None => mix(first, r, n),
            }
        }
    }

    /// Where cores are fewer than lanes, some have two at work, in little more than the time of one.
    fn workers(&self) -> usize {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        self.lanes().min(cores)
    }

    /// How many may be at work at the same time.
    fn lanes(&self) -> usize {
        let fitting = MEMORY / (128 * u64::from(self.r) * self.n);
        (fitting.max(1) as usize).min(self.p as usize)
    }
}

/// Time of one core that a new key may cost.
const TIME: Duration = Duration::from_millis(500);
/// The largest N whose lane of r = 8 stays below 60 MiB.
const N: u64 = 1 << 15;
/// Not less, however slow the machine is.
const LEAST_N: u64 = 1 << 14;
/// Not more, however fast it is.
const MOST_LANES: u32 = 16;

/// Costs for a new key on this machine: at most 500 ms of one core (as restic measures it) and 60 MiB.
pub fn calibrate() -> Scrypt {
    let one = |n| Scrypt { n, r: 8, p: 1 };
    let (n, time) = match measure(one(N)) {
        time if time > TIME => (LEAST_N, time / 2),
        time => (N, time),
    };
    let lanes = TIME.as_micros() / time.as_micros().max(1);
    Scrypt { p: (lanes as u32).clamp(1, MOST_LANES), ..one(n) }
}

/// The best of three: the machine may be busy.
fn measure(costs: Scrypt) -> Duration {
    let once = |_| {
        let start = Instant::now();
        costs.derive(b"", &[0; super::SALT]);
        start.elapsed()
    };
    (0..3).map(once).min().unwrap_or(TIME)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::Scrypt;

    fn key(password: &str, salt: &str, n: u64, r: u32, p: u32) -> String {
        Scrypt { n, r, p }.derive(password.as_bytes(), salt.as_bytes()).to_json()
    }

    /// The JSON of a key whose parts are given in hex.
    fn json(encrypt: &str, k: &str, r: &str) -> String {
        let [encrypt, k, r] = [encrypt, k, r].map(|part| STANDARD.encode(hex::decode(part).unwrap()));
        format!(r#"{{"mac":{{"k":"{k}","r":"{r}"}},"encrypt":"{encrypt}"}}"#)
    }

    /// RFC 7914, section 12.
    #[test]
    fn keys_are_those_of_the_standard() {
        assert_eq!(
            key("", "", 16, 1, 1),
            json(
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442",
                "fcd0069ded0948f8326a753a0fc81f17",
                "e8d3e0fb2e0d3628cf35e20c38d18906"
            )
        );
        assert_eq!(
            key("password", "NaCl", 1024, 8, 16),
            json(
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162",
                "2eaf30d92e22a3886ff109279d9830da",
                "c727afb94a83ee6d8360cbdfa2cc0640"
            )
        );
        assert_eq!(
            key("pleaseletmein", "SodiumChloride", 16384, 8, 1),
            json(
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
                "d5432955613f0fcf62d49705242a9af9",
                "e61e85dc0d651e40dfcf017b45575887"
            )
        );
    }
}
