"""Which claims a group of several is for, and when one of them keeps a set from being taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from unit.snapshots.simulating import START, group_of, snapshot_of

from holdfast.api import keys
from holdfast.policy.planning import decide
from holdfast.policy.schedules import TierEntry, read_tiers
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.judging import conditions, obstacle
from holdfast.snapshots.members import conflict, members
from holdfast.snapshots.moments import read_moments
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.taking import missing_parts, scheduled_set
from holdfast.snapshots.views import ClaimGlance, StatefulSetGlance

if TYPE_CHECKING:
    from holdfast.api.storage import Snapshot
    from holdfast.policy.planning import Decision

WEB = group_of({"every": "hour"}, persistentVolumeClaim={"statefulSet": "web"})
LABELLED = group_of({"every": "hour"}, persistentVolumeClaim={"selector": {"matchLabels": {"app": "shop"}}})
SLOT = START + timedelta(hours=1)
HOURLY, _ = read_tiers([TierEntry("hour")])


def claim(name: str, phase: str = "Bound", **metadata: Any) -> ClaimGlance:  # noqa: ANN401  of a claim
    given = {"name": name, "namespace": "shop", "uid": name} | metadata
    return msgspec.convert({"metadata": given, "status": {"phase": phase}}, ClaimGlance)


def stateful_set(replicas: int, *templates: str, start: int = 0) -> StatefulSetGlance:
    named = [{"metadata": {"name": name}} for name in templates or ("data",)]
    spec = {"replicas": replicas, "ordinals": {"start": start}, "volumeClaimTemplates": named}
    return msgspec.convert(
        {"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}, StatefulSetGlance
    )


def facts(*claims: ClaimGlance, of: StatefulSetGlance | None, sets: tuple[str, ...] = ()) -> Facts:
    """A group of StatefulSet `web`; `sets` are the claims of a set that is there."""
    taken = scheduled_set(WEB, sets, SLOT, HOURLY)
    snapshots = tuple(map(made, taken))
    found = members(WEB, claims, of)
    return Facts(WEB, read_schedule(WEB), snapshots, found, (), (), (), "", stateful_set=of)


def made(body: dict[str, Any]) -> Snapshot:
    """The snapshot that was asked for, ready."""
    meta, claim = body["metadata"], body["spec"]["source"]["persistentVolumeClaimName"]
    return snapshot_of(meta["name"], annotations=meta["annotations"], labels=meta["labels"], of=claim)


def decided(found: Facts) -> Decision:
    return decide(found.schedule.tiers, found.shots, found.schedule.settings(WEB, START), SLOT)


def names(found: tuple[ClaimGlance, ...]) -> list[str]:
    return [c.metadata.name for c in found]


def test_a_stateful_set_has_the_claims_of_its_templates_and_replicas() -> None:
    there = [
        claim(n)
        for n in ("data-web-0", "data-web-1", "data-web-2", "logs-web-0", "data-webs-0", "data-web-x")
    ]
    assert names(members(WEB, there, stateful_set(2))) == ["data-web-0", "data-web-1"]
    both = members(WEB, there, stateful_set(2, "data", "logs"))
    assert names(both) == ["data-web-0", "data-web-1", "logs-web-0"]
    assert names(members(WEB, there, stateful_set(5, start=1))) == ["data-web-1", "data-web-2"]
    assert members(WEB, there, None) == ()


def test_scaled_to_nothing_as_in_a_restore_it_keeps_its_claims() -> None:
    there = [claim(f"data-web-{n}") for n in range(3)]
    assert names(members(WEB, there, stateful_set(0))) == names(tuple(there))


def test_a_selector_has_the_claims_with_its_labels() -> None:
    there = [claim("one", labels={"app": "shop"}), claim("two", labels={"app": "bank"}), claim("three")]
    assert names(members(LABELLED, there, None)) == ["one"]


def test_a_selector_of_everything_leaves_out_what_a_drill_has_made() -> None:
    everything = group_of({"every": "hour"}, persistentVolumeClaim={"selector": {}})
    scratch = claim("scratch", labels={keys.DRILL: "uid", keys.OPT_OUT: "true"})
    assert members(everything, [claim("data"), scratch], None) == (claim("data"),)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"claimName": "data", "statefulSet": "web"}, "claimName and statefulSet"),
        ({"selector": {}, "statefulSet": "web"}, "selector and statefulSet"),
        ({"selector": {}, "spec": {"accessModes": []}}, "spec and selector"),
    ],
)
def test_claims_are_named_in_one_way_or_nothing_is_taken(ways: dict[str, Any], said: str) -> None:
    group = group_of({"every": "hour"}, persistentVolumeClaim=ways)
    assert said in conflict(group)
    stop = obstacle(replace(facts(of=None), group=group))
    assert stop
    assert stop.reason == "ClaimsUnclear"


def test_as_gemini_leaves_it_a_group_of_one_claim_is_no_conflict() -> None:
    assert not conflict(group_of(persistentVolumeClaim={"claimName": "data", "spec": {"accessModes": []}}))


def test_one_replica_that_has_no_volume_yet_does_not_keep_the_others_waiting() -> None:
    found = facts(claim("data-web-0"), claim("data-web-1", "Pending"), of=stateful_set(2))
    assert obstacle(found) is None
    assert found.takeable == ("data-web-0",)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ([claim("data-web-0")], "ClaimMissing"),
        ([claim("data-web-0"), claim("data-web-1", "Pending")], "ClaimNotBound"),
        ([claim("data-web-0"), claim("data-web-1", "Lost")], "ClaimNotBound"),
        (
            [claim("data-web-0"), claim("data-web-1", deletionTimestamp="2026-03-01T10:00:00Z")],
            "ClaimTerminating",
        ),
    ],
)
def test_what_a_set_had_must_be_there_or_sets_without_it_would_drive_its_past_out(
    claims: list[ClaimGlance], reason: str
) -> None:
    stop = obstacle(facts(*claims, of=stateful_set(2), sets=("data-web-0", "data-web-1")))
    assert stop
    assert (stop.reason, "data-web-1" in stop.message) == (reason, True)


def test_a_replica_that_was_taken_away_is_not_missed() -> None:
    sets = ("data-web-0", "data-web-1")
    assert obstacle(facts(claim("data-web-0"), of=stateful_set(1), sets=sets)) is None
    gone = replace(facts(claim("data-web-0"), of=stateful_set(1), sets=sets), gone=("data-web-1",))
    said = {c.type: c for c in conditions(gone, decided(gone), None, START)}
    assert "data-web-1" in said["ClaimsGone"].message


def test_without_its_stateful_set_or_any_claim_a_group_says_so() -> None:
    for of, reason in ((None, "StatefulSetMissing"), (stateful_set(2), "NoClaims")):
        stop = obstacle(facts(of=of))
        assert stop
        assert stop.reason == reason


def test_the_snapshots_of_a_set_are_one_moment_that_no_gemini_counts() -> None:
    found = facts(of=stateful_set(3), sets=("data-web-0", "data-web-1", "data-web-2"))
    (moment,) = found.moments
    assert moment.shot.name == f"backups-{int(SLOT.timestamp())}"
    assert [s.metadata.name for s in found.snapshots] == [
        f"backups-{n}-{int(SLOT.timestamp())}" for n in range(3)
    ]
    for snapshot in found.snapshots:
        assert snapshot.group == "backups"
        assert keys.GEMINI_MANAGED_BY not in snapshot.metadata.annotations


def test_what_a_set_lacks_is_asked_for_as_it_was_meant() -> None:
    bodies = scheduled_set(WEB, ("data-web-0", "data-web-1"), SLOT, HOURLY)
    (moment,) = read_moments([made(bodies[0])])
    assert moment.shot.lacks == ("data-web-1",)
    assert missing_parts(WEB, moment) == bodies[1:]
