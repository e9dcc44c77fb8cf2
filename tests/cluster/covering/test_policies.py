"""Cluster-wide policies and annotations of claims, on a real API server with a real operator."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from support import objects
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    EVENTS,
    NAMESPACES,
    SNAPSHOT_GROUPS,
    SNAPSHOT_POLICIES,
    SNAPSHOTS,
    VOLUMES,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

FINE = [{"every": "1 second", "keep": 2}]


@asynccontextmanager
async def policy(place: Place, name: str = "all", **spec: Any) -> AsyncIterator[str]:  # noqa: ANN401
    """A policy for the claims of the place; gives its name, which no other place has."""
    name = f"{place.namespace}-{name}"
    chosen = {"namespaces": {"include": [place.namespace]}} | spec.pop("claims", {})
    wanted = {"claims": chosen, "schedule": FINE} | spec
    await place.create(SNAPSHOT_POLICIES, objects.manifest(SNAPSHOT_POLICIES, name, spec=wanted))
    try:
        yield name
    finally:
        await place.delete(SNAPSHOT_POLICIES, name)


async def group(place: Place, holds: Callable[[Manifest], object] = bool, name: str = "data") -> Manifest:
    """A group, as soon as it is as wanted."""

    async def found() -> Manifest | None:
        there = await place.get(SNAPSHOT_GROUPS, name)
        return there if holds(there) else None

    return await until(found)


def source(manifest: Manifest) -> str:
    return str(manifest["metadata"]["annotations"].get(keys.SOURCE, ""))


def suspended_because(manifest: Manifest) -> str:
    return str(manifest["metadata"]["annotations"].get(keys.SUSPENDED, ""))


def is_safe(manifest: Manifest) -> bool:
    said = manifest.get("status", {}).get("conditions", [])
    return any(c["type"] == "Covered" and c["status"] == "True" for c in said)


async def test_a_claim_that_matches_gets_snapshots_by_itself(place: Place) -> None:
    async with policy(place) as name:
        await place.claim("data")
        made = await group(place, is_safe)
        assert source(made) == f"ClusterSnapshotPolicy/{name}"
        await until(lambda: covers(place, name, claims=1, safe=1))


async def covers(place: Place, name: str, **counts: int) -> bool:
    status = (await place.get(SNAPSHOT_POLICIES, name)).get("status", {})
    return {k: status.get(k, 0) for k in counts} == counts


async def test_claims_are_chosen_by_label_name_and_class(place: Place) -> None:
    for name, label in (("data-0", "db"), ("data-1", "web"), ("logs-0", "db")):
        await place.claim(name, metadata={"labels": {"app": label}})
    choice = {
        "names": {"include": ["data-*"]},
        "selector": {"matchLabels": {"app": "db"}},
        "storageClasses": ["dir"],
    }
    async with policy(place, claims=choice) as name:
        await group(place, name="data-0")
        await until(lambda: covers(place, name, claims=1))
    listed = await place.client.list(SNAPSHOT_GROUPS, place.namespace)
    assert [g["metadata"]["name"] for g in listed.items] == ["data-0"]


async def test_a_changed_policy_changes_its_groups_and_leaves_what_their_user_set(place: Place) -> None:
    await place.claim("data")
    async with policy(place) as name:
        await group(place)
        await place.patch(SNAPSHOT_GROUPS, "data", {"spec": {"suspend": True, "quiesce": {"mode": "Auto"}}})
        await place.patch(SNAPSHOT_POLICIES, name, {"spec": {"schedule": [{"every": "1 hour", "keep": 5}]}})
        changed = await group(place, lambda g: g["spec"]["schedule"][0]["every"] == "1 hour")
        assert changed["spec"]["suspend"] is True
        assert changed["spec"]["quiesce"] == {"mode": "Auto"}


async def test_a_claim_that_is_no_longer_covered_keeps_its_group_and_its_snapshots(place: Place) -> None:
    await place.claim("data")
    async with policy(place):
        await group(place, is_safe)
        await place.patch(CLAIMS, "data", {"metadata": {"labels": {keys.OPT_OUT: "true"}}})
        released = await group(place, suspended_because)
        assert released["spec"]["suspend"] is True
        assert "opted out" in suspended_because(released)
        await place.patch(CLAIMS, "data", {"metadata": {"labels": {keys.OPT_OUT: None}}})
        again = await group(place, lambda g: not suspended_because(g))
        assert "suspend" not in again["spec"]
    gone = await group(place, suspended_because)
    assert "no ClusterSnapshotPolicy matches it" in suspended_because(gone)
    listed = await place.client.list(SNAPSHOTS, place.namespace)
    assert any(s["status"]["readyToUse"] for s in listed.items)


async def test_a_namespace_opts_out_by_its_label(place: Place) -> None:
    await place.client.patch(NAMESPACES, place.namespace, {"metadata": {"labels": {keys.OPT_OUT: "true"}}})
    await place.claim("data")
    async with policy(place) as name:
        await until(lambda: accepted(place, name, "True"))
        assert await place.find(SNAPSHOT_GROUPS, "data") is None
        await place.client.patch(NAMESPACES, place.namespace, {"metadata": {"labels": {keys.OPT_OUT: None}}})
        await group(place)


async def accepted(place: Place, name: str, status: str, *, saying: str = "") -> bool:
    said = (await place.get(SNAPSHOT_POLICIES, name)).get("status", {}).get("conditions", [])
    return any(
        c["status"] == status and saying in c.get("message", "") for c in said if c["type"] == "Accepted"
    )


async def test_a_group_of_the_user_is_left_alone_and_no_second_one_is_made(place: Place) -> None:
    await place.claim("data")
    await place.group("mine", claim="data", schedule=[{"every": "1 hour", "keep": 1}])
    before = (await place.get(SNAPSHOT_GROUPS, "mine"))["spec"]
    async with policy(place) as name:
        await place.claim("other")
        await group(place, is_safe, "other")
        await until(lambda: covers(place, name, claims=1))
        assert await place.find(SNAPSHOT_GROUPS, "data") is None
        assert (await place.get(SNAPSHOT_GROUPS, "mine"))["spec"] == before


async def test_who_takes_the_mark_away_makes_the_group_his_own(place: Place) -> None:
    await place.claim("data")
    async with policy(place) as name:
        await group(place)
        await place.patch(SNAPSHOT_GROUPS, "data", {"metadata": {"annotations": {keys.SOURCE: None}}})
        await place.patch(SNAPSHOT_GROUPS, "data", {"spec": {"schedule": [{"every": "2 hours", "keep": 1}]}})
        await until(lambda: covers(place, name, claims=0))
        await place.claim("other")
        await group(place, name="other")
    assert (await place.get(SNAPSHOT_GROUPS, "data"))["spec"]["schedule"][0]["every"] == "2 hours"


async def test_the_name_of_another_claims_group_is_not_taken(place: Place) -> None:
    await place.claim("other")
    await place.group("data", claim="other")
    await place.claim("data")
    async with policy(place) as name:
        await until(lambda: covers(place, name, claims=1))
    listed = (await place.client.list(SNAPSHOT_GROUPS, place.namespace)).items
    made = next(g for g in listed if keys.SOURCE in g["metadata"].get("annotations", {}))
    assert made["spec"]["persistentVolumeClaim"] == {"claimName": "data"}
    assert made["metadata"]["name"].startswith("data-")


async def test_the_annotation_of_k8s_snapshots_is_a_schedule(place: Place) -> None:
    await place.claim("data", metadata={"annotations": {keys.DELTAS: "PT1S PT1H P7D"}})
    made = await group(place, is_safe)
    assert made["spec"]["schedule"] == [
        {"every": "1 seconds", "keep": 3600},
        {"every": "1 hours", "keep": 168},
    ]


async def test_the_annotation_of_a_volume_comes_first_and_outlives_a_restore(place: Place) -> None:
    claim = await place.claim("data", metadata={"annotations": {keys.DELTAS: "P1D P7D"}})
    await group(place)
    volume = claim["spec"]["volumeName"]
    await place.patch(VOLUMES, volume, {"metadata": {"annotations": {keys.DELTAS: "PT1H P7D"}}})
    wanted = f"annotation {keys.DELTAS} of volume {volume}"
    made = await group(place, lambda found: source(found) == wanted)
    assert made["spec"]["schedule"] == [{"every": "1 hours", "keep": 168}]

    await place.patch(CLAIMS, "data", {"metadata": {"annotations": {keys.DELTAS: None}}})
    await place.snapshot("before")
    await place.restore("before")
    await place.phase("Settle")
    assert (await place.get(CLAIMS, "data"))["spec"]["volumeName"] != volume
    await place.patch(CLAIMS, "data", {"metadata": {"labels": {"seen": "yes"}}})
    async with policy(place) as other:
        await place.claim("later")
        await group(place, lambda found: source(found).endswith(other), "later")
        kept = await place.get(SNAPSHOT_GROUPS, "data")
    assert source(kept) == wanted
    assert not suspended_because(kept)
    assert kept["spec"]["schedule"] == made["spec"]["schedule"]


async def test_an_annotation_that_cannot_be_read_is_told(place: Place) -> None:
    await place.claim("data", metadata={"annotations": {keys.DELTAS: "daily"}})

    async def told() -> bool:
        events = (await place.client.list(EVENTS, place.namespace)).items
        return any(e["reason"] == "Unreadable" and "'daily'" in e["note"] for e in events)

    await until(told)
    assert await place.find(SNAPSHOT_GROUPS, "data") is None


async def test_a_policy_without_a_schedule_covers_nothing_and_says_so(place: Place) -> None:
    await place.claim("data")
    async with policy(place, "a", schedule=[{"every": "fortnightly", "keep": 1}]) as bad:
        await until(lambda: accepted(place, bad, "False", saying="'fortnightly'"))
        async with policy(place, "b") as good:
            made = await group(place)
            assert source(made) == f"ClusterSnapshotPolicy/{good}"


async def test_a_suspended_policy_suspends_its_groups(place: Place) -> None:
    await place.claim("data")
    async with policy(place, suspend=True) as name:
        made = await group(place)
        assert made["spec"]["suspend"] is True
        await place.patch(SNAPSHOT_POLICIES, name, {"spec": {"suspend": False}})
        await group(place, lambda g: "suspend" not in g["spec"])
