//! Sealed bytes come back, and only they.

use holdfast_format::Version;
use holdfast_format::compression::{Codec, Compression};
use holdfast_format::crypto::{EnvelopeKey, OVERHEAD};
use holdfast_format::keyfile::{KeyFile, Scrypt};
use holdfast_format::time::Timestamp;
use holdfast_format::{Error, unpacked};

const LEVELS: [Compression; 5] =
    [Compression::Off, Compression::Fastest, Compression::Auto, Compression::Better, Compression::Max];
const QUICK: Scrypt = Scrypt { n: 2, r: 1, p: 1 };

fn sealed(key: &EnvelopeKey, plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    key.seal(plain, &mut out).unwrap();
    out
}

fn opened(key: &EnvelopeKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"what was there before".to_vec();
    key.open(sealed, &mut out).map(|()| out)
}

#[test]
fn plain_bytes_of_every_length_come_back() {
    let key = EnvelopeKey::random().unwrap();
    let plain: Vec<u8> = (0..40_000_u32).map(|i| ((i * i) >> 3) as u8).collect();
    for length in (0..70).chain([16_383, 16_384, 16_385, 40_000]) {
        let sealed = sealed(&key, &plain[..length]);
        assert_eq!(sealed.len(), length + OVERHEAD);
        assert_eq!(opened(&key, &sealed).unwrap(), &plain[..length]);
    }
}

#[test]
fn an_envelope_holds_its_plain_bytes_and_no_others() {
    let key = EnvelopeKey::random().unwrap();
    let plain: Vec<u8> = (0..20_000_u32).map(|i| ((i * i) >> 3) as u8).collect();
    for length in [1, 16, 4095, 4096, 4097, 20_000] {
        let (plain, mut sealed) = (&plain[..length], sealed(&key, &plain[..length]));
        assert!(key.holds(&sealed, plain), "{length}");
        assert!(!key.holds(&sealed, &plain[1..]), "{length}");
        assert!(!key.holds(&sealed, &[plain, b"x"].concat()), "{length}");
        for at in [0, length / 2, length - 1] {
            let mut other = plain.to_vec();
            other[at] ^= 1;
            assert!(!key.holds(&sealed, &other), "{length} {at}");
        }
        sealed[16 + length / 2] ^= 1;
        assert!(!key.holds(&sealed, plain), "{length}");
    }
}

#[test]
fn an_envelope_is_appended() {
    let key = EnvelopeKey::random().unwrap();
    let mut pack = sealed(&key, b"first");
    let end = pack.len();
    key.seal(b"second", &mut pack).unwrap();
    assert_eq!(opened(&key, &pack[..end]).unwrap(), b"first");
    assert_eq!(opened(&key, &pack[end..]).unwrap(), b"second");
}

#[test]
fn the_same_bytes_are_never_sealed_the_same() {
    let key = EnvelopeKey::random().unwrap();
    let (one, two) = (sealed(&key, b"secret"), sealed(&key, b"secret"));
    assert_ne!(one[..16], two[..16]);
    assert_ne!(one[16..], two[16..]);
}

#[test]
fn any_flipped_bit_is_noticed() {
    let key = EnvelopeKey::random().unwrap();
    let mut sealed = sealed(&key, b"a few bytes");
    for bit in 0..8 * sealed.len() {
        sealed[bit / 8] ^= 1 << (bit % 8);
        assert!(opened(&key, &sealed).is_none(), "bit {bit}");
        sealed[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(opened(&key, &sealed).is_some());
}

#[test]
fn what_is_cut_short_or_of_another_key_does_not_open() {
    let key = EnvelopeKey::random().unwrap();
    let sealed = sealed(&key, b"");
    assert!((0..sealed.len()).all(|end| opened(&key, &sealed[..end]).is_none()));
    assert!(opened(&EnvelopeKey::random().unwrap(), &sealed).is_none());
}

#[test]
fn keys_that_restic_refuses_are_damaged() {
    let zero = EnvelopeKey::from_bytes(&[0; 64]).to_json();
    let key = EnvelopeKey::from_bytes(&[1; 64]).to_json();
    let short = key.replacen("AQEB", "", 1);
    for json in [zero.as_str(), &short, "{}", "", &key.replace("AQ", "*")] {
        let error = EnvelopeKey::from_json(json.as_bytes()).err().unwrap();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        assert!(!error.to_string().contains("AQ"), "{error}");
    }
}

#[test]
fn a_key_file_opens_with_its_password_only() {
    let master = EnvelopeKey::random().unwrap();
    let file = KeyFile::seal(&master, b"right", QUICK, Timestamp::default(), "user", "host").unwrap();
    let again = KeyFile::parse(&file.to_json()).unwrap();
    assert_eq!(again.open(b"right").unwrap().to_json(), master.to_json());
    for wrong in [&b""[..], b"righ", b"right "] {
        assert!(matches!(again.open(wrong), Err(Error::WrongPassword)));
    }
}

#[test]
fn lanes_of_a_key_are_the_same_on_any_number_of_cores() {
    let master = EnvelopeKey::random().unwrap();
    let costs = Scrypt { n: 16, r: 8, p: 7 };
    let file = KeyFile::seal(&master, b"pass", costs, Timestamp::default(), "", "").unwrap();
    assert_eq!(file.open(b"pass").unwrap().to_json(), master.to_json());
}

#[test]
fn frames_of_every_level_come_back_with_their_size_in_front() {
    let plain: Vec<u8> = (0..300_000_u32).map(|i| (i / 7 * 13) as u8).collect();
    for level in LEVELS {
        let mut codec = Codec::new(level);
        let (mut frame, mut out) = (b"old".to_vec(), b"old".to_vec());
        for plain in [&plain[..], b"", &plain[..1], &plain[..5_000]] {
            codec.compress(plain, &mut frame).unwrap();
            assert_eq!(zstd_safe::get_frame_content_size(&frame).unwrap(), Some(plain.len() as u64));
            assert_eq!(frame[4] & 0b100, 0, "no checksum");
            codec.decompress(&frame, plain.len(), &mut out).unwrap();
            assert_eq!(out, plain);
        }
    }
}

/// As rustic writes them: the size is not known when the header is.
fn frame_without_size(plain: &[u8]) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::ContentSizeFlag(false)).unwrap();
    let mut frame = Vec::with_capacity(zstd_safe::compress_bound(plain.len()));
    context.compress2(&mut frame, plain).unwrap();
    frame
}

#[test]
fn frames_without_a_size_are_read_up_to_the_limit() {
    let plain = vec![b'x'; 1_000_000];
    let frame = frame_without_size(&plain);
    let mut codec = Codec::new(Compression::Auto);
    let mut out = Vec::new();
    codec.decompress(&frame, plain.len(), &mut out).unwrap();
    assert_eq!(out, plain);
    assert!(codec.decompress(&frame, plain.len() - 1, &mut out).is_err());
    assert!(codec.decompress(&frame[..frame.len() - 1], plain.len(), &mut out).is_err());
    let two = [&frame[..], &frame].concat();
    assert!(codec.decompress(&two, 2 * plain.len(), &mut out).is_err());
    codec.decompress(&frame, plain.len(), &mut out).unwrap();
}

#[test]
fn frames_that_are_longer_than_expected_or_broken_are_damaged() {
    let plain: Vec<u8> = (0..10_000_u32).map(|i| (i * i) as u8).collect();
    let mut codec = Codec::new(Compression::Auto);
    let (mut frame, mut out) = (Vec::new(), Vec::new());
    codec.compress(&plain, &mut frame).unwrap();
    assert!(codec.decompress(&frame, plain.len() - 1, &mut out).is_err());
    for end in [0, 3, 8, frame.len() - 1] {
        assert!(codec.decompress(&frame[..end], plain.len(), &mut out).is_err(), "{end}");
    }
    let two = [&frame[..], &frame].concat();
    assert!(codec.decompress(&two, 2 * plain.len(), &mut out).is_err());
}

#[test]
fn documents_are_marked_by_version() {
    let json = br#"{"packs":[]}"#;
    assert_eq!(unpacked::encode(Version::V1, json).unwrap(), json);
    let marked = unpacked::encode(Version::V2, json).unwrap();
    assert_eq!(marked[0], 2);
    for plain in [json.to_vec(), marked, b"[]".to_vec()] {
        let expected = if plain == b"[]" { &b"[]"[..] } else { json };
        assert_eq!(unpacked::decode(plain).unwrap(), expected);
    }
    for plain in [&b""[..], b"\x01{}", b" {}", b"\x02", b"\x02{}"] {
        assert!(matches!(unpacked::decode(plain.to_vec()), Err(Error::Damaged { .. })));
    }
}
