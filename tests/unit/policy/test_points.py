from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from unit.policy.world import ANCHOR, GROUP, HOUR, MINUTE, history, shot, tiers_of

from holdfast.policy.points import PointError, choose

HOURLY = tiers_of("hour")
SHOTS = history(HOURLY, [ANCHOR + n * HOUR for n in range(5)])
NOW = ANCHOR + 4 * HOUR + 30 * MINUTE


@pytest.mark.parametrize(
    ("point", "chosen"),
    [
        ("latest", 4),
        (" latest ", 4),
        (SHOTS[1].name, 1),
        (SHOTS[2].name.removeprefix(f"{GROUP}-"), 2),
        ("2026-03-01T12:00:00Z", 2),
        ("2026-03-01T12:59:59.9Z", 2),
        ("2026-03-01t14:15:00+01:00", 3),
        ("2h ago", 2),
        ("2 hours ago", 2),
        ("hour ago", 3),
        ("1h30m ago", 3),
        ("1s ago", 4),
    ],
)
def test_a_point_names_a_snapshot(point: str, chosen: int) -> None:
    assert choose(point, SHOTS, GROUP, NOW) is SHOTS[chosen]


def test_a_set_goes_before_a_safety_snapshot_that_has_its_name() -> None:
    safety = replace(SHOTS[1], uid="safety", kind="safety")
    for shots in ([safety, *SHOTS], [*SHOTS, safety]):
        assert choose(safety.name, shots, GROUP, NOW) is SHOTS[1]


def test_any_suffix_is_looked_for_first_as_gemini_does() -> None:
    named = replace(SHOTS[0], name=f"{GROUP}-latest")
    other = replace(SHOTS[1], name="before-upgrade")
    assert choose("latest", [named, *SHOTS[1:]], GROUP, NOW) is named
    assert choose("before-upgrade", [*SHOTS, other], GROUP, NOW) is other
    suffixed = replace(SHOTS[2], name=f"{GROUP}-before-upgrade")
    assert choose("before-upgrade", [other, suffixed], GROUP, NOW) is suffixed


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        ("1234567890", "no snapshot '1234567890'"),
        ("", "no snapshot ''"),
        ("other-group-1772359200", "no snapshot 'other-group-1772359200'"),
        ("Latest", "no snapshot 'Latest'"),
        ("2026-03-01", "no time of day and zone"),
        ("2026-03-01T12:00:00", "no time of day and zone"),
        ("2026-13-01T12:00:00Z", "month"),
        ("2027-03-01T12:00:00Z", "in the future"),
        ("-2h ago", "in the future"),
        ("yesterday ago", "cannot be read"),
        ("2026-03-01T09:59:59Z", "at or before 2026-03-01T09:59:59Z"),
        ("5 years ago", "at or before"),
    ],
)
def test_what_names_nothing_is_refused(point: str, reason: str) -> None:
    with pytest.raises(PointError, match=reason):
        choose(point, SHOTS, GROUP, NOW)


def test_a_refusal_names_the_newest_that_could_be_had() -> None:
    many = history(HOURLY, [ANCHOR + n * MINUTE for n in range(30)])
    with pytest.raises(PointError) as refused:
        choose("1234567890", many, GROUP, NOW)
    assert f"{many[-1].name} (2026-03-01T10:29:00Z)" in str(refused.value)
    assert "and 25 older" in str(refused.value)
    assert '"2h ago"' in str(refused.value)


def test_what_cannot_be_restored_is_refused_when_named_and_passed_over_otherwise() -> None:
    unready = replace(SHOTS[4], ready=False, error="pool full")
    leaving = replace(SHOTS[3], terminating=True)
    shots = [*SHOTS[:3], leaving, unready]
    assert choose("latest", shots, GROUP, NOW) is SHOTS[2]
    assert choose("1m ago", shots, GROUP, NOW) is SHOTS[2]
    with pytest.raises(PointError, match=r"is not ready \(pool full\): ready are"):
        choose(unready.name, shots, GROUP, NOW)
    with pytest.raises(PointError, match="is being deleted"):
        choose(leaving.name, shots, GROUP, NOW)


def test_a_group_without_ready_snapshots_says_which_are_coming() -> None:
    with pytest.raises(PointError, match=f"none is ready yet .{SHOTS[0].name}"):
        choose("latest", [replace(SHOTS[0], ready=False)], GROUP, NOW)
    with pytest.raises(PointError, match="it has none"):
        choose("latest", [], GROUP, NOW)


def test_the_copy_made_before_a_restore_is_never_the_latest() -> None:
    safety = shot(ANCHOR + 4 * HOUR + MINUTE, kind="safety")
    manual = shot(ANCHOR + 4 * HOUR + 2 * MINUTE, kind="manual")
    assert choose("latest", [*SHOTS, safety], GROUP, NOW) is SHOTS[4]
    assert choose("1m ago", [*SHOTS, safety, manual], GROUP, NOW) is manual
    assert choose(safety.name, [*SHOTS, safety], GROUP, NOW) is safety


def test_a_moment_never_gets_data_that_is_younger() -> None:
    slow = replace(SHOTS[2], cut=SHOTS[2].created + 50 * MINUTE)
    shots = [*SHOTS[:2], slow]
    assert choose("2026-03-01T12:30:00Z", shots, GROUP, NOW) is SHOTS[1]
    assert choose("2026-03-01T12:50:00Z", shots, GROUP, NOW) is slow


@examples(deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, unique=True), st.integers(0, 6000))
def test_a_moment_gets_the_newest_snapshot_that_is_not_younger(minutes: list[int], back: int) -> None:
    shots = history(HOURLY, [ANCHOR + minute * MINUTE for minute in minutes])
    now = ANCHOR + 6000 * MINUTE
    moment = 6000 - back
    fitting = [minute for minute in minutes if minute <= moment]
    if fitting:
        assert choose(f"{back}m ago", shots, GROUP, now).stamp == ANCHOR + max(fitting) * MINUTE
    else:
        with pytest.raises(PointError, match="at or before"):
            choose(f"{back}m ago", shots, GROUP, now)


@examples(deadline=None)
@given(st.text(max_size=30))
def test_no_text_does_anything_but_choose_or_refuse(point: str) -> None:
    with suppress(PointError):
        assert choose(point, SHOTS, GROUP, NOW) in SHOTS
