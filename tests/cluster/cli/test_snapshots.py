"""Single snapshots and clones, as typed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from cluster.cli.program import ended
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cluster.cli.program import Program
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_take_list_delete(place: Place, holdfast: Program) -> None:
    await place.claim()
    assert (await holdfast("snapshot", "take", "data", "--name", "first", "--wait")).code == 0
    assert (await holdfast("snapshot", "list")).rows[0][:4] == ["first", "data", "yes", "1Mi"]
    names = await holdfast("snapshot", "list", "-o", "name")
    assert names.out == "volumesnapshot.snapshot.storage.k8s.io/first\n"
    (listed,) = (await holdfast("snapshot", "list", "-o", "json")).json["items"]
    assert (listed["kind"], listed["spec"]["volumeSnapshotClassName"]) == ("VolumeSnapshot", "dir")
    assert (await holdfast("snapshot", "delete", "first", "--dry-run")).code == 0
    assert await place.find(SNAPSHOTS, "first")
    assert (await holdfast("snapshot", "delete", "first", "--yes")).code == 0
    await place.gone(SNAPSHOTS, "first")


async def test_an_empty_listing_says_so(holdfast: Program) -> None:
    found = await holdfast("snapshot", "list")
    assert (found.code, found.out) == (0, "")
    assert "No snapshots in namespace" in found.err


async def test_without_a_bound_claim_nothing_is_taken(place: Place, holdfast: Program) -> None:
    missing = await holdfast("snapshot", "take", "nothing")
    assert (missing.code, "nothing does not exist" in missing.err) == (3, True)
    await place.claim("late", storageClassName="dir-wait", bound=False)
    pending = await holdfast("snapshot", "take", "late")
    assert (pending.code, "Pending, not Bound" in pending.err) == (4, True)
    assert not (await place.client.list(SNAPSHOTS, place.namespace)).items


async def test_held_snapshots_stay_and_so_do_the_others(place: Place, holdfast: Program) -> None:
    await place.claim()
    await place.snapshot("free")
    await place.snapshot("held", labels={keys.HOLD: "audit"})
    refused = await holdfast("snapshot", "delete", "free", "held", "--yes")
    assert (refused.code, "snapshot held is held by audit" in refused.err) == (4, True)
    missing = await holdfast("snapshot", "delete", "free", "nothing", "--yes")
    assert (missing.code, "nothing was deleted" in missing.err) == (3, True)
    unasked = await holdfast("snapshot", "delete", "free")
    assert (unasked.code, "Say --yes" in unasked.err) == (4, True)
    assert await place.find(SNAPSHOTS, "free")


@pytest.fixture
async def never_ready(place: Place) -> AsyncIterator[None]:
    """Snapshots of claim `data` do not get ready."""
    await place.claim()
    handle = (await place.volume())["spec"]["csi"]["volumeHandle"]
    fault = place.sandbox.faults.never_ready(handle=handle)
    yield
    place.sandbox.faults.clear(fault)


@pytest.mark.usefixtures("never_ready")
async def test_a_wait_that_is_too_long_has_its_own_code(place: Place, holdfast: Program) -> None:
    late = await holdfast("snapshot", "take", "data", "--name", "slow", "--wait", "--timeout", "1")
    assert (late.code, "--timeout" in late.err) == (8, True)
    assert await place.find(SNAPSHOTS, "slow")


@pytest.mark.usefixtures("never_ready")
async def test_ctrl_c_ends_the_wait_and_not_the_snapshot(place: Place, holdfast: Program) -> None:
    process = await holdfast.start("snapshot", "take", "data", "--name", "slow", "--wait")

    async def taken() -> bool:
        return await place.find(SNAPSHOTS, "slow") is not None

    await until(taken)
    process.send_signal(signal.SIGINT)
    stopped = await ended(process)
    assert (stopped.code, "Interrupted" in stopped.err) == (130, True)
    assert await place.find(SNAPSHOTS, "slow")


async def test_a_clone_has_the_data_and_takes_its_snapshot_along(place: Place, holdfast: Program) -> None:
    await place.claim(data="seven")
    made = await holdfast("clone", "data", "copy", "--wait")
    assert made.code == 0, made.err
    assert await place.read_data("copy") == "seven"
    (source,) = (await place.client.list(SNAPSHOTS, place.namespace)).items
    await place.delete(CLAIMS, "copy")
    await place.gone(SNAPSHOTS, source["metadata"]["name"])


async def test_a_clone_of_an_earlier_state(place: Place, holdfast: Program) -> None:
    await place.claim(data="before")
    await place.snapshot("early")
    await place.write_data("after")
    made = await holdfast("clone", "data", "copy", "--from-snapshot", "early", "--size", "2Mi", "--wait")
    assert made.code == 0, made.err
    assert await place.read_data("copy") == "before"
    assert (await place.get(CLAIMS, "copy"))["spec"]["resources"]["requests"]["storage"] == "2Mi"


async def test_a_clone_by_the_driver(place: Place, holdfast: Program) -> None:
    await place.claim(data="seven")
    assert (await holdfast("clone", "data", "copy", "--direct", "--wait")).code == 0
    assert await place.read_data("copy") == "seven"
    assert not (await place.client.list(SNAPSHOTS, place.namespace)).items


async def test_clones_that_cannot_be(place: Place, holdfast: Program) -> None:
    await place.claim()
    await place.claim("other")
    await place.snapshot("foreign", "other")
    there = await holdfast("clone", "data", "other")
    assert (there.code, "claim other exists already" in there.err) == (5, True)
    foreign = await holdfast("clone", "data", "copy", "--from-snapshot", "foreign")
    assert (foreign.code, "was taken of claim other" in foreign.err) == (4, True)
    missing = await holdfast("clone", "data", "copy", "--from-snapshot", "nothing")
    assert missing.code == 3
    small = await holdfast("clone", "data", "copy", "--size", "1Ki")
    assert (small.code, "1Mi or more" in small.err) == (4, True)
    assert not await place.find(CLAIMS, "copy")


async def test_a_full_quota_is_noticed_before_a_snapshot_is_taken(place: Place, holdfast: Program) -> None:
    await place.claim()
    kubectl = place.sandbox.kubectl
    await kubectl("-n", place.namespace, "create", "quota", "full", "--hard=persistentvolumeclaims=1")

    async def counted() -> bool:
        used = await kubectl("-n", place.namespace, "get", "quota", "full", "-o", "jsonpath={.status.used}")
        return '"1"' in used

    await until(counted)
    refused = await holdfast("clone", "data", "copy")
    assert (refused.code, "exceeded quota: full" in refused.err) == (4, True)
    assert not (await place.client.list(SNAPSHOTS, place.namespace)).items
