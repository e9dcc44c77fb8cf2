from __future__ import annotations

from datetime import timedelta

import pytest
from unit.policy.world import DAY, HOUR, tiers_of

from holdfast.policy.schedules import TierEntry, fingerprint, read_tiers, span_of, tier_id


def test_a_tier_is_its_meaning_and_not_its_text() -> None:
    ids = {tiers_of(text)[0].id for text in ("hour", "1 hour", "hours", "60 minutes", "60m", "1h", "3600s")}
    assert ids == {"every:3600s"}
    assert {tier_id("hour"), tier_id("60m")} == ids


def test_a_cron_tier_has_its_zone_in_its_identity_and_utc_by_default() -> None:
    tiers, problems = read_tiers(
        [TierEntry(cron=" 0  2 * * mon ", keep=1), TierEntry(cron="0 2 * * MON", time_zone="Europe/Berlin")]
    )
    assert not problems
    assert [tier.id for tier in tiers] == ["cron:0 2 * * MON@UTC", "cron:0 2 * * MON@Europe/Berlin"]
    assert [tier_id(tier.text) for tier in tiers] == [tier.id for tier in tiers]


@pytest.mark.parametrize(
    ("entry", "field", "remedy"),
    [
        (TierEntry(every="huor", keep=3), "every", "Go duration"),
        (TierEntry(every="0 minutes"), "every", "at least 1 second"),
        (TierEntry(every="-5 days"), "every", "at least 1 second"),
        (TierEntry(every="500ms"), "every", "at least 1 second"),
        (TierEntry(every="1500ms"), "every", "whole seconds"),
        (TierEntry(every="hour", keep=-1), "keep", "0 or more"),
        (TierEntry(every="hour", cron="0 2 * * *"), "every", "not both"),
        (TierEntry(keep=3), "every", "either every"),
        (TierEntry(cron="0 2 * *"), "cron", "five fields"),
        (TierEntry(cron="0 0 2 * * *"), "cron", "five fields"),
        (TierEntry(cron="61 2 * * *"), "cron", "minute"),
        (TierEntry(cron="@daily"), "cron", "five fields"),
        (TierEntry(cron="*/0 * * * *"), "cron", "minute"),
        (TierEntry(cron="L/2 * * * *"), "cron", "minute"),
        (TierEntry(cron="0 2 30 2 *"), "cron", "day-of-month"),
        (TierEntry(cron="0 2 * * *", time_zone="Mars/Olympus"), "timeZone", "Europe/Berlin"),
        (TierEntry(cron="0 2 * * *", time_zone="../etc/passwd"), "timeZone", "Europe/Berlin"),
        (TierEntry(cron="0 2 * * *", time_zone="Europe"), "timeZone", "Europe/Berlin"),
    ],
)
def test_a_bad_tier_is_named_with_its_remedy_and_the_rest_goes_on(
    entry: TierEntry, field: str, remedy: str
) -> None:
    tiers, (problem,) = read_tiers([TierEntry(every="day", keep=7), entry])
    assert [tier.text for tier in tiers] == ["day"]
    assert (problem.field, problem.warning) == (field, False)
    assert remedy in str(problem)


def test_a_tier_written_twice_follows_the_larger_keep_and_warns() -> None:
    tiers, (problem,) = read_tiers([TierEntry(every="hour", keep=5), TierEntry(every="1 hour", keep=2)])
    assert [(tier.text, tier.keep) for tier in tiers] == [("hour", 5)]
    assert problem.warning


def test_a_zone_beside_every_is_ignored_with_a_warning() -> None:
    tiers, (problem,) = read_tiers([TierEntry(every="day", time_zone="Europe/Berlin")])
    assert len(tiers) == 1
    assert (problem.field, problem.warning) == ("timeZone", True)


@pytest.mark.parametrize("text", ["", "huor", "cron", "cron 0 2 * * *", "cron 0 2 * * * Mars", "-5 days"])
def test_a_text_that_nobody_can_read_has_no_identity(text: str) -> None:
    assert tier_id(text) is None


def test_the_span_of_a_cron_tier_is_its_smallest_gap() -> None:
    gaps = {
        "*/5 9-17 * * 1-5": timedelta(minutes=5),
        "0 2 * * *": DAY,
        "0 2 * * 1-5": DAY,
        "0 1,2 1 * *": HOUR,
        "0 2 1 * *": 28 * DAY,
        "0 2 29 2 *": 1461 * DAY,
    }
    for expression, gap in gaps.items():
        assert tiers_of(f"cron {expression} Europe/Berlin")[0].span == gap
        assert span_of(f"cron:{expression}@Europe/Berlin") == gap


@pytest.mark.parametrize("identity", ["", "hour", "every:", "every:1h", "cron:", "cron:0 2 * * *", "week:1"])
def test_what_is_no_identity_has_no_span(identity: str) -> None:
    assert span_of(identity) is None


def test_the_fingerprint_is_the_meaning() -> None:
    assert fingerprint(tiers_of(("hour", 3), ("day", 1))) == fingerprint(tiers_of(("24h", 1), ("1 hour", 3)))
    meanings = {
        fingerprint(tiers_of(("hour", 3))),
        fingerprint(tiers_of(("hour", 2))),
        fingerprint(tiers_of(("day", 3))),
        fingerprint(tiers_of(("hour", 3)), max_age=DAY),
        fingerprint(tiers_of(("hour", 3)), min_ready=2),
    }
    assert len(meanings) == 5
