//! Times are written as Go writes them and read back.

use holdfast_format::duration;
use holdfast_format::time::Timestamp;

fn written(time: Timestamp) -> String {
    let mut text = Vec::new();
    time.write(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn fractions_lose_their_zeros_and_offsets_their_seconds() {
    for (nanos, offset, expected) in [
        (0, 0, "2001-09-09T01:46:40Z"),
        (1, 0, "2001-09-09T01:46:40.000000001Z"),
        (120_000_000, 7_200, "2001-09-09T03:46:40.12+02:00"),
        (500_000_000, -16_200, "2001-09-08T21:16:40.5-04:30"),
        (999_999_999, 28, "2001-09-09T01:47:08.999999999+00:00"),
        (0, -28, "2001-09-09T01:46:12+00:00"),
        (0, -17_762, "2001-09-08T20:50:38-04:56"),
    ] {
        assert_eq!(written(Timestamp { seconds: 1_000_000_000, nanos, offset }), expected);
    }
}

#[test]
fn years_that_do_not_fit_are_moved_as_restic_moves_them() {
    for (seconds, expected) in [
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (253_402_300_800, "9999-01-01T00:00:00Z"),
        (253_407_398_400, "9999-03-01T00:00:00Z"), // 29 February 10000
        (-62_167_219_200, "0000-01-01T00:00:00Z"),
        (-62_167_219_201, "0000-12-31T23:59:59Z"),
        (-62_288_352_000, "0000-02-29T00:00:00Z"), // 29 February -4
    ] {
        assert_eq!(written(Timestamp { seconds, nanos: 0, offset: 0 }), expected);
    }
}

#[test]
fn what_is_read_is_the_same_instant_with_its_offset() {
    for (text, seconds, nanos, offset) in [
        ("1970-01-01T00:00:00Z", 0, 0, 0),
        ("1970-01-01T01:00:00.25+01:00", 0, 250_000_000, 3_600),
        ("1969-12-31T19:00:00-05:00", 0, 0, -18_000),
        ("2000-02-29T23:59:59.123456789999Z", 951_868_799, 123_456_789, 0),
        ("0000-01-01T00:00:00Z", -62_167_219_200, 0, 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799, 0, 0),
        ("2024-01-01T00:00:00+00:00", 1_704_067_200, 0, 0),
    ] {
        assert_eq!(Timestamp::parse(text).unwrap(), Timestamp { seconds, nanos, offset }, "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "2001-09-09",
        "2001-09-09T01:46:40",
        "2001-09-09 01:46:40Z",
        "2001-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2001-00-01T00:00:00Z",
        "2001-13-01T00:00:00Z",
        "2001-04-31T00:00:00Z",
        "2001-04-00T00:00:00Z",
        "2001-09-09T24:00:00Z",
        "2001-09-09T01:60:00Z",
        "2001-09-09T01:46:60Z",
        "2001-09-09T01:46:40.Z",
        "2001-09-09T01:46:40,5Z",
        "2001-09-09T01:46:40+24:00",
        "2001-09-09T01:46:40+01:60",
        "2001-09-09T01:46:40+0100",
        "2001-09-09T01:46:40z",
        "2001-09-09T01:46:40ZZ",
        "+001-09-09T01:46:40Z",
        "２001-09-09T01:46:40Z",
    ] {
        let error = Timestamp::parse(text).unwrap_err();
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
}

#[test]
fn people_see_the_clock_of_who_wrote_it() {
    let time = Timestamp::parse("2026-11-21T10:00:00.5+01:00").unwrap();
    assert_eq!(time.date_time(), "2026-11-21 10:00:00");
}

#[test]
fn spans_read_as_in_go() {
    for (nanos, expected) in [
        (0, "0s"),
        (1, "1ns"),
        (1_100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (-60_000_000_000, "-1m0s"),
        (245_001_000_000, "4m5.001s"),
        (18_367_001_000_000, "5h6m7.001s"),
        (480_000_000_001, "8m0.000000001s"),
        (3_600_000_000_000, "1h0m0s"),
        (i64::MAX, "2562047h47m16.854775807s"),
        (i64::MIN, "-2562047h47m16.854775808s"),
    ] {
        assert_eq!(duration::text(nanos), expected);
    }
}
