//! Documents that mean something else than we know are refused with the reason, not guessed at.

use holdfast_format::config::Config;
use holdfast_format::keyfile::{KeyFile, Scrypt, calibrate};
use holdfast_format::lock::LockFile;
use holdfast_format::pack::{self, PackedBlob};
use holdfast_format::snapshot::Snapshot;
use holdfast_format::time::Timestamp;
use holdfast_format::{BlobType, Error, Id, Version, index, polynomial};

const ID: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn config(version: &str, polynomial: &str) -> Result<Config, Error> {
    let json =
        format!(r#"{{"version":{version},"id":"{ID}","chunker_polynomial":"{polynomial}","rustic":1}}"#);
    Config::parse(json.as_bytes())
}

#[test]
fn a_config_needs_a_known_version_and_an_irreducible_polynomial() {
    assert_eq!(config("1", "3da3358b4dc173").unwrap().version, Version::V1);
    assert_eq!(config("2", "3DA3358B4DC173").unwrap().polynomial, 0x003d_a335_8b4d_c173);
    assert!(
        matches!(config("3", "3da3358b4dc173"), Err(Error::Refused { what }) if what.contains("version 3"))
    );
    for polynomial in ["", "0", "1", "3da3358b4dc172", "3da3358b4dc171", "0x3da3358b4dc173", "x"] {
        assert!(matches!(config("2", polynomial), Err(Error::Damaged { .. })), "{polynomial}");
    }
}

#[test]
fn a_new_config_can_be_read() {
    let config = Config::random(Version::V2).unwrap();
    assert_eq!(Config::parse(&config.to_json()).unwrap(), config);
    assert_ne!(Config::random(Version::V2).unwrap(), config);
    assert_eq!(config.polynomial.ilog2(), 53);
}

#[test]
fn irreducible_polynomials_are_those_without_divisors() {
    let divides = |d: u64, mut p: u64| {
        while p != 0 && p.ilog2() >= d.ilog2() {
            p ^= d << (p.ilog2() - d.ilog2());
        }
        p == 0
    };
    for p in 2..1_u64 << 11 {
        let prime = (2..p).filter(|d| 2 * d.ilog2() <= p.ilog2()).all(|d| !divides(d, p));
        assert_eq!(polynomial::irreducible(p), prime, "{p:b}");
    }
}

fn key_file(kdf: &str, costs: Scrypt, salt: usize) -> Result<KeyFile, Error> {
    let text = "A".repeat(salt / 3 * 4);
    let Scrypt { n, r, p } = costs;
    let json = format!(
        r#"{{"created":"2001-01-01T00:00:00Z","username":"u","hostname":"h","kdf":"{kdf}","N":{n},"r":{r},"p":{p},"salt":"{text}AA==","data":"{}"}}"#,
        "A".repeat(160),
    );
    KeyFile::parse(json.as_bytes())
}

#[test]
fn a_key_needs_scrypt_with_costs_and_a_salt_that_restic_takes() {
    let quick = Scrypt { n: 2, r: 1, p: 1 };
    assert_eq!(key_file("scrypt", quick, 63).unwrap().scrypt, quick);
    assert!(matches!(key_file("argon2", quick, 63), Err(Error::Refused { what }) if what.contains("argon2")));
    assert!(
        matches!(key_file("scrypt", quick, 60), Err(Error::Damaged { why, .. }) if why.contains("61 bytes"))
    );
    for (n, r, p) in [
        (0, 8, 1),
        (1, 8, 1),
        (3, 8, 1),
        (2, 0, 1),
        (2, 1, 0),
        (1 << 22, 8, 1),
        (2, 8, 1 << 22),
        (1 << 40, 8, 1),
    ] {
        let error = key_file("scrypt", Scrypt { n, r, p }, 63).unwrap_err();
        assert!(
            matches!(&error, Error::Refused { what } if what.contains(&format!("N={n}, r={r}, p={p}"))),
            "{error}"
        );
    }
}

#[test]
fn costs_for_a_new_key_are_those_of_restic() {
    let Scrypt { n, r, p } = calibrate();
    assert!(n == 1 << 15 || n == 1 << 14);
    assert!(r == 8 && (1..=16).contains(&p));
}

#[test]
fn an_index_in_the_oldest_form_is_refused_with_the_remedy() {
    let error = index::decode(b" [{}]", &mut |_, _| Ok(())).unwrap_err();
    assert!(matches!(&error, Error::Refused { what } if what.contains("repair index")), "{error}");
}

fn packs(json: &str) -> Result<Vec<(Id, Vec<PackedBlob>)>, Error> {
    let mut packs = Vec::new();
    index::decode(json.as_bytes(), &mut |id, blobs| {
        packs.push((id, blobs.to_vec()));
        Ok(())
    })?;
    Ok(packs)
}

#[test]
fn an_index_may_have_fields_in_any_order_and_unknown_ones() {
    let json = format!(
        r#"{{"supersedes":["{ID}"],"packs":[{{"x":{{}},"blobs":[{{"length":50,"offset":7,"type":"tree","new":[],"id":"{ID}"}}],"id":"{ID}"}}],"y":1}}"#
    );
    let id: Id = ID.parse().unwrap();
    let blob = PackedBlob { id, kind: BlobType::Tree, offset: 7, length: 50, uncompressed: None };
    assert_eq!(packs(&json).unwrap(), [(id, vec![blob])]);
    assert!(packs(r#"{"packs":null}"#).unwrap().is_empty());
}

#[test]
fn an_index_that_cannot_be_meant_is_damaged() {
    let blob = |fields: &str| format!(r#"{{"packs":[{{"id":"{ID}","blobs":[{{"id":"{ID}",{fields}}}]}}]}}"#);
    let good = blob(r#""type":"data","offset":0,"length":40"#);
    assert_eq!(packs(&good).unwrap().len(), 1);
    for json in [
        blob(r#""type":"data","offset":0"#),
        blob(r#""type":"blob","offset":0,"length":40"#),
        blob(r#""type":"data","offset":-1,"length":40"#),
        blob(r#""type":"data","offset":4294967296,"length":40"#),
        good.replacen("00", "0g", 1),
        good.replacen("00", "AA", 1),
        good.replacen("00", "0", 1),
        good.clone() + "x",
        good[..good.len() - 1].to_owned(),
        r#"{"packs":[{"blobs":[]}]}"#.to_owned(),
    ] {
        assert!(matches!(packs(&json), Err(Error::Damaged { .. })), "{json}");
    }
}

#[test]
fn who_reads_an_index_may_stop() {
    let json = format!(r#"{{"packs":[{{"id":"{ID}","blobs":[]}},{{"id":"{ID}","blobs":[]}}]}}"#);
    let mut seen = 0;
    let stop = index::decode(json.as_bytes(), &mut |_, _| {
        seen += 1;
        Err(Error::Cancelled)
    });
    assert!(matches!(stop, Err(Error::Cancelled)));
    assert_eq!(seen, 1);
}

#[test]
fn a_pack_header_that_does_not_fit_its_pack_is_damaged() {
    let blob = |offset, length| PackedBlob {
        id: Id::default(),
        kind: BlobType::Data,
        offset,
        length,
        uncompressed: Some(9),
    };
    let header = pack::encode(&[blob(0, 40), blob(40, 60)]);
    assert_eq!(pack::decode(&header, 100).unwrap(), [blob(0, 40), blob(40, 60)]);
    assert!(pack::decode(&header, 99).is_err() && pack::decode(&header, 101).is_err());
    assert!((1..41).all(|end| pack::decode(&header[..end], 40).is_err()));
    let mut unknown = header.clone();
    unknown[41] = 4;
    assert!(
        matches!(pack::decode(&unknown, 100), Err(Error::Damaged { why, .. }) if why.contains("byte 41"))
    );
    let huge = pack::encode(&[blob(0, u32::MAX), blob(0, 1)]);
    assert!(pack::decode(&huge, 1 << 32).is_err());
}

#[test]
fn a_snapshot_may_leave_out_what_is_empty_but_not_its_tree() {
    let json =
        format!(r#"{{"time":"2001-01-01T00:00:00+01:00","tree":"{ID}","paths":null,"tags":null,"new":1}}"#);
    let snapshot = Snapshot::parse(json.as_bytes()).unwrap();
    assert!(snapshot.paths.is_empty() && snapshot.tags.is_empty() && snapshot.summary.is_none());
    assert!(Snapshot::parse(br#"{"time":"2001-01-01T00:00:00Z","tree":null,"paths":[]}"#).is_err());
    assert!(Snapshot::parse(br#"{"paths":[]}"#).is_err());
}

#[test]
fn a_lock_is_described_as_restic_describes_it() {
    let json =
        br#"{"time":"2026-11-21T10:00:00.5+01:00","exclusive":true,"hostname":"h","username":"u","pid":12}"#;
    let lock = LockFile::parse(json).unwrap();
    assert_eq!(lock.to_json(), json);
    let now = Timestamp::parse("2026-11-21T09:02:03Z").unwrap();
    assert_eq!(
        lock.describe(&now),
        "PID 12 on h by u (UID 0, GID 0)\nlock was created at 2026-11-21 10:00:00 (2m2.5s ago)"
    );
}

#[test]
fn ids_are_64_lower_case_digits() {
    let id: Id = ID.parse().unwrap();
    assert_eq!(
        (id.to_string().as_str(), id.short().as_str(), format!("{id:?}").as_str()),
        (ID, "00112233", "00112233")
    );
    for text in [
        "",
        &ID[1..],
        &ID.to_uppercase(),
        &format!("{ID}0"),
        &ID.replacen("00", "0 ", 1),
        &ID.replacen("00", "é", 1),
    ] {
        assert!(text.parse::<Id>().unwrap_err().to_string().contains("not an id"), "{text}");
    }
}
