"""Whatever is wrong with a group, its claim or its class: it is said, nothing is lost, and corrected it goes on."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

import pytest
from support import groups as looks
from support import objects
from support.groups import cron, tier

from holdfast.api import keys
from holdfast.api.resource import (
    CLAIMS,
    SNAPSHOT_CLASSES,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUMES,
    Resource,
)
from holdfast.kube import errors
from holdfast_sandbox import SandboxError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.groups import Groups
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

BAD_TIERS: dict[str, tuple[Manifest, str]] = {
    "no-interval": (tier("fortnightly"), "'fortnightly'"),
    "two-spaces": (tier("1  hour"), "'1  hour'"),
    "nothing": ({"keep": 3}, "give either every"),
    "too-short": (tier("0 minutes"), "at least 1 second"),
    "negative": (tier("-5 days"), "at least 1 second"),
    "keep": (tier("day", -1), "keep '-1'"),
    "zone": (cron("0 2 * * *", "Mars/Olympus"), "timeZone 'Mars/Olympus'"),
    "cron": (cron("61 * * * *"), "cron '61 * * * *'"),
    "both": ({"every": "day", "cron": "0 2 * * *"}, "not both"),
}


async def test_a_tier_that_cannot_be_followed_is_named_and_the_others_go_on(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    names = list(BAD_TIERS)
    good = tier("1 second")
    for name, (bad, _) in BAD_TIERS.items():
        await groups.make(name, bad, good)
    for name, (_, complaint) in BAD_TIERS.items():
        await groups.said("Accepted", "Unreadable", name, saying=complaint)
    await groups.event("Unreadable", names[0])
    await asyncio.gather(*(groups.state("Safe", name) for name in names))
    for name in names:
        await groups.edit(name, schedule=[tier("hour")])
        group = await groups.said("Accepted", "Valid", name)
        assert looks.condition(group, "Accepted")["status"] == "True"
        assert await groups.ready(1, name), "an edit deletes nothing"


async def test_a_schedule_of_which_nothing_can_be_followed_deletes_nothing(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    await groups.make("backups", tier("1 second", 2))
    before = looks.names(await groups.ready(3))
    await groups.edit(schedule=[tier("sometimes")])
    await groups.state("NoSchedule", saying="no tier of the schedule can be followed")
    after = looks.names([s for s in await groups.snapshots() if not looks.is_leaving(s)])
    assert len(set(after) & set(before)) >= 2
    await groups.event("NoSchedule")
    await groups.edit(schedule=[tier("1 second", 2)])
    await groups.newer(await groups.snapshots())
    await groups.state("Safe")


async def test_what_is_wrong_with_the_claim_is_said_and_put_right_it_goes_on(
    place: Place, groups: Groups
) -> None:
    schedule = tier("1 second")
    await groups.make("missing", schedule, claim="missing")
    await place.claim("pending", bound=False, storageClassName="dir-wait")
    await groups.make("pending", schedule, claim="pending")
    await place.claim("leaving", metadata={"finalizers": ["tests.holdfast.dev/stay"]})
    await groups.make("leaving", schedule, claim="leaving")
    await groups.ready(1, "leaving")
    await place.delete(CLAIMS, "leaving")

    await groups.state("ClaimMissing", "missing", saying="claim missing does not exist")
    await groups.state("ClaimNotBound", "pending", saying="claim pending is Pending")
    await groups.state("ClaimTerminating", "leaving", saying="is being deleted")
    assert await groups.snapshots("missing") == await groups.snapshots("pending") == []
    assert [s for s in await groups.snapshots("leaving") if looks.is_ready(s)]
    await groups.event("ClaimMissing", "missing")

    await place.claim("missing")
    await place.pod("user", "pending")
    await place.patch(CLAIMS, "leaving", {"metadata": {"finalizers": None}})
    await groups.state("Safe", "missing")
    await groups.state("Safe", "pending")
    await groups.state("ClaimMissing", "leaving")


class Driver:
    """A driver of the test's own that exists on paper, and a bound claim of it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.name = f"paper-{secrets.token_hex(3)}.example"
        self.made: list[tuple[Resource, str]] = []

    async def claim(self) -> None:
        """Bound to a volume made by hand, and marked as the provisioner marks its own."""
        marked = {"volume.kubernetes.io/storage-provisioner": self.name}
        spec = {
            "accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Mi"},
            "claimRef": {"name": "paper", "namespace": self.place.namespace},
            "csi": {"driver": self.name, "volumeHandle": "none"},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
        }
        await self._make(VOLUMES, {"spec": spec})
        body = objects.claim(
            "paper", metadata={"annotations": marked}, storageClassName="", volumeName=self.name
        )
        await self.place.create(CLAIMS, body)
        await self.place.bound("paper")

    async def snapshot_class(self, suffix: str) -> str:
        """A default class of the driver."""
        notes = {"snapshot.storage.kubernetes.io/is-default-class": "true"}
        fields = {"driver": self.name, "deletionPolicy": "Delete"}
        return await self._make(SNAPSHOT_CLASSES, fields, suffix=suffix, annotations=notes)

    async def _make(
        self, resource: Resource, fields: Manifest, *, suffix: str = "", **metadata: object
    ) -> str:
        name = self.name + suffix
        await self.place.create(resource, objects.manifest(resource, name, metadata=metadata, **fields))
        self.made.append((resource, name))
        return name

    async def end(self) -> None:
        for resource, name in self.made:
            if await self.place.find(resource, name):
                await self.place.delete(resource, name)


@pytest.fixture
async def driver(place: Place) -> AsyncIterator[Driver]:
    driver = Driver(place)
    yield driver
    await driver.end()


async def test_what_is_wrong_with_the_class_is_said_and_put_right_it_goes_on(
    place: Place, groups: Groups, driver: Driver
) -> None:
    await asyncio.gather(place.claim("data"), driver.claim())
    first = await driver.snapshot_class("-a")
    second = await driver.snapshot_class("-b")
    missing = {"spec": {"volumeSnapshotClassName": "no-such-class"}}
    foreign = {"spec": {"volumeSnapshotClassName": first}}
    await groups.make("missing", tier("1 second"), template=missing)
    await groups.make("foreign", tier("1 second"), template=foreign)
    await groups.make("paper", tier("1 second"), claim="paper")
    await groups.state("ClassMissing", "missing", saying="VolumeSnapshotClass no-such-class does not exist")
    await groups.state("ClassOfAnotherDriver", "foreign", saying=f"is of driver {driver.name}")
    await groups.state("NoDefaultClass", "paper", saying=f"2 default classes ({first}, {second})")
    await place.delete(SNAPSHOT_CLASSES, first)
    await groups.state("ClassMissing", "foreign")
    assert await groups.snapshots("missing") == await groups.snapshots("foreign") == []

    for name in ("missing", "foreign"):
        await groups.edit(name, template={"spec": {"volumeSnapshotClassName": "dir"}})
        await groups.state("Safe", name)
    await groups.state("FirstSnapshotDue", "paper")
    await place.delete(SNAPSHOT_CLASSES, second)
    await groups.state("NoDefaultClass", "paper", saying="no default VolumeSnapshotClass")


async def test_a_group_whose_name_leaves_no_room_for_snapshots_is_told_so(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    short, long = "s" * 242, "l" * 243
    for name in (short, long):
        await groups.make(name, tier("1 second"))
    await groups.state("NameTooLong", long, saying="242 characters at most")
    await groups.state("Safe", short)
    await groups.ready(2, short)
    assert await groups.snapshots(long) == []


async def test_unknown_fields_are_refused_by_kubectl_and_pruned_for_old_clients(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    body = objects.group(schedule=[{**tier("1 second"), "sparsity": 3}], colour="red")
    with pytest.raises(SandboxError, match=r"unknown field.*colour"):
        await place.sandbox.kubectl("create", "-n", place.namespace, "-f", "-", input=json.dumps(body))
    old = ("create", "--validate=false", "-n", place.namespace, "-f", "-")
    await place.sandbox.kubectl(*old, input=json.dumps(body))
    group = await groups.state("Safe")
    assert group["spec"]["schedule"] == [tier("1 second")]
    assert "colour" not in group["spec"]


@pytest.mark.parametrize(
    "spec",
    [
        {"schedule": "hour"},
        {"schedule": [{"every": 60}]},
        {"schedule": [{"every": "hour", "keep": "3"}]},
        {"suspend": "yes"},
        {"retention": {"minReady": "1"}},
    ],
    ids=json.dumps,
)
async def test_a_value_of_the_wrong_type_is_refused_at_once(place: Place, spec: Manifest) -> None:
    body = objects.group()
    body["spec"] |= spec
    with pytest.raises(errors.Invalid):
        await place.create(SNAPSHOT_GROUPS, body)


@pytest.mark.parametrize("keep", [3.0, 2**63 - 1], ids=str)
async def test_odd_numbers_that_the_api_server_takes_do_not_stop_a_group(
    place: Place, groups: Groups, keep: float
) -> None:
    await place.claim("data")
    body = objects.group(schedule=[tier("1 second"), {"every": "hour", "keep": keep}])
    await place.sandbox.kubectl("create", "-n", place.namespace, "-f", "-", input=json.dumps(body))
    await groups.state("Safe")


async def test_one_snapshot_with_unreadable_annotations_is_kept_and_the_rest_goes_on(
    place: Place, groups: Groups
) -> None:
    """A poisoned snapshot stops Gemini's group for good, also after its schedule was corrected."""
    await place.claim("data")
    await groups.make("backups", tier("1 second", 1))
    (poisoned, *_) = await groups.ready(1)
    name = poisoned["metadata"]["name"]
    notes = {keys.GEMINI_TIMESTAMP: "yesterday", keys.GEMINI_INTERVALS: "now and then, 1 second"}
    await place.patch(SNAPSHOTS, name, {"metadata": {"annotations": notes}})
    await groups.said("Accepted", "Unreadable", saying=f"snapshot {name}: annotation {keys.GEMINI_TIMESTAMP}")
    await groups.event("Unreadable")
    for _ in range(3):
        await groups.newer(await groups.snapshots())
    assert looks.is_ready(await place.get(SNAPSHOTS, name))
    await groups.state("Safe")
    notes = {keys.GEMINI_TIMESTAMP: str(looks.slot(poisoned)), keys.GEMINI_INTERVALS: "1 second"}
    await place.patch(SNAPSHOTS, name, {"metadata": {"annotations": notes}})
    await groups.said("Accepted", "Valid")
    await place.gone(SNAPSHOTS, name)
