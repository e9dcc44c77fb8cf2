"""Sets that a driver cuts by one call: counted, restored and let go as a whole, and apart where it cannot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

import pytest
from cluster.snapshots.several import claims_of, data, ready_set, sets, web
from support import groups as looks
from support import objects
from support.groups import BACKUPS, tier
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import GROUP_SNAPSHOT_CLASSES, GROUP_SNAPSHOTS, SNAPSHOT_GROUPS, SNAPSHOTS
from holdfast_sandbox.proxy import Kill, Match, Rule

if TYPE_CHECKING:
    from cluster.snapshots.apart import Apart
    from support.groups import Groups
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

SHOP = ("data-0", "data-1", "data-2")
BY_LABEL = {"selector": {"matchLabels": {"app": "shop"}}}


@pytest.fixture(scope="module", autouse=True)
async def group_class(apart: Apart) -> str:
    """The one class by which the driver of the cluster apart cuts several volumes."""
    wanted = {"driver": "dir.csi.holdfast.dev", "deletionPolicy": "Delete"}
    await apart.client.create(
        GROUP_SNAPSHOT_CLASSES, objects.manifest(GROUP_SNAPSHOT_CLASSES, "dir", **wanted)
    )
    return "dir"


async def shop(place: Place) -> None:
    """Three bound claims with a label and one file each."""
    labels = {"labels": {"app": "shop"}}
    await asyncio.gather(*(place.claim(name, data=f"{name} before", metadata=labels) for name in SHOP))


async def group(place: Place, *schedule: Manifest, **spec: Any) -> None:  # noqa: ANN401  of a group
    wanted = objects.group(schedule=list(schedule), **({"persistentVolumeClaim": BY_LABEL} | spec))
    await place.create(SNAPSHOT_GROUPS, wanted)


async def wholes(place: Place) -> list[str]:
    """Names of the group snapshots."""
    return looks.names((await place.client.list(GROUP_SNAPSHOTS, place.namespace)).items)


async def cut_at_once(groups: Groups, slot: int) -> bool:
    """Whether all of a set were cut by the group snapshot that bears its name."""
    owners = [s["metadata"].get("ownerReferences", [{}])[0].get("name") for s in (await sets(groups))[slot]]
    return set(owners) == {f"{BACKUPS}-{slot}"}


async def test_a_stateful_set_is_cut_by_one_call_and_its_sets_go_as_a_whole(away: Groups) -> None:
    await web(away.place)
    await group(away.place, tier("1 second", 1), persistentVolumeClaim={"statefulSet": "web"})
    first = await ready_set(away, *data(0, 1, 2))
    assert await cut_at_once(away, first)
    await away.said("GroupSnapshots", "AtOnce", saying="VolumeGroupSnapshotClass dir")
    assert (await away.state("Safe"))["status"]["newestSet"]["claims"] == data(0, 1, 2)

    async def retired() -> bool:
        kept = await wholes(away.place)
        return f"{BACKUPS}-{first}" not in kept and all(looks.slot(s) > first for s in await away.snapshots())

    await until(retired)
    newest = await ready_set(away, *data(0, 1, 2), after=first)
    await away.edit(suspend=True)

    async def rest() -> bool:
        """Nothing is there in part, neither a snapshot without what it was cut by nor the other way round."""
        found = await sets(away)
        assert sorted(await wholes(away.place)) == [f"{BACKUPS}-{slot}" for slot in sorted(found)]
        return newest in found and all(claims_of(parts) == data(0, 1, 2) for parts in found.values())

    await until(rest)


async def test_claims_go_back_to_a_set_that_was_cut_by_one_call(away: Groups) -> None:
    await shop(away.place)
    await group(away.place, tier("5 seconds", 99))
    slot = await ready_set(away, *SHOP)
    assert await cut_at_once(away, slot)
    await away.edit(suspend=True)
    for name in SHOP:
        await away.place.write_data("spoilt", name)
    notes = {"annotations": {keys.GEMINI_RESTORE: str(slot)}}
    await away.place.patch(SNAPSHOT_GROUPS, BACKUPS, {"metadata": notes})

    async def settled() -> bool:
        return bool((await away.get())["status"]["restore"]["phase"] == "Settle")

    await until(settled)
    for name in SHOP:
        assert await away.place.read_data(name) == f"{name} before"
    assert await cut_at_once(away, slot)


async def test_labels_that_another_claim_has_too_take_no_claim_that_is_not_meant(away: Groups) -> None:
    await web(away.place, 2)
    await away.place.claim("scratch", metadata={"labels": {"app": "web"}})
    await group(away.place, tier("1 second", 9), persistentVolumeClaim={"statefulSet": "web"})
    await away.said("GroupSnapshots", "LabelsTooWide", saying="scratch")
    apart = await ready_set(away, *data(0, 1))
    assert looks.names((await sets(away))[apart]) == [f"{BACKUPS}-{n}-{apart}" for n in range(2)]
    assert not await wholes(away.place)


async def test_a_class_of_single_snapshots_that_is_named_is_used_unless_one_of_groups_is_named_too(
    away: Groups,
) -> None:
    await shop(away.place)
    await group(away.place, tier("1 second", 9), template={"spec": {"volumeSnapshotClassName": "dir"}})
    await away.said("GroupSnapshots", "ClassNamed")
    apart = await ready_set(away, *SHOP)
    assert not await cut_at_once(away, apart)
    await away.edit(template={"spec": {"volumeGroupSnapshotClassName": "dir"}})
    await away.said("GroupSnapshots", "AtOnce")

    async def joined() -> bool:
        found = await sets(away)
        return any([await cut_at_once(away, slot) for slot in found if slot > apart])

    await until(joined)


async def test_a_driver_that_cannot_cut_several_is_told_of_and_sets_go_on_apart(away: Groups) -> None:
    await shop(away.place)
    fault = away.place.sandbox.faults.fail_groups()
    await group(away.place, tier("1 second", 9), retention={"readyWithin": "5 seconds"})
    await away.said("GroupSnapshots", "Failed", saying="not even cut within 5s")
    slot = await ready_set(away, *SHOP)
    assert not await cut_at_once(away, slot)

    async def cleaned() -> bool:
        return not await wholes(away.place)

    await until(cleaned)
    await away.said("GroupSnapshots", "Failed")
    away.place.sandbox.faults.clear(fault)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("verb", "resource"), [("create", "volumegroupsnapshots"), ("patch", "volumesnapshots")]
)
async def test_an_operator_that_dies_on_the_way_leaves_no_half_set(
    away: Groups, apart: Apart, verb: str, resource: str, when: Literal["before", "after"]
) -> None:
    await shop(away.place)
    rule = Rule(Kill(apart.operator.pid, when), Match(resource=resource, verb=verb), nth=1)
    apart.proxy.rules.append(rule)
    await group(away.place, tier("5 seconds", 99))

    async def hit() -> bool:
        return bool(rule.hits)

    await until(hit)
    apart.proxy.rules.clear()
    await apart.operator.restart()
    first = await ready_set(away, *SHOP)
    await ready_set(away, *SHOP, after=first)
    await away.edit(suspend=True)

    async def whole() -> bool:
        """Each that was begun is complete and bears its marks."""
        found = await sets(away)
        listed = await away.place.client.list(SNAPSHOTS, away.place.namespace)
        assert len(listed.items) == len(SHOP) * len(found) == len(SHOP) * len(await wholes(away.place))
        return all([await cut_at_once(away, slot) for slot in found])

    await until(whole)
