"""What stays and what goes: limits besides the counts, holds, edits, contents, and that the plan says it before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from support import groups as looks
from support import plans
from support.groups import BACKUPS, cron, tier
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import CONTENTS, SNAPSHOT_GROUPS, SNAPSHOTS

if TYPE_CHECKING:
    from cluster.snapshots.apart import Apart
    from support.groups import Groups
    from support.objects import Manifest
    from support.places import Place

    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Snapshot

pytestmark = pytest.mark.cluster


async def after(of: Groups, count: int, name: str = BACKUPS) -> list[Manifest]:
    """The ready ones after so many more got ready."""
    found = await of.ready(1, name)
    for _ in range(count):
        found = await of.newer(found, name)
    return found


async def at_most(of: Groups, count: int, name: str) -> bool:
    """Whether no more are ready; the one that was taken last may be one too many for a moment."""
    return len(await of.ready(3, name)) <= count


async def test_limits_besides_the_counts_hold(place: Place, groups: Groups) -> None:
    """A floor, an age limit down to the floor, and a hold label."""
    await place.claim("data")
    second = tier("1 second")
    await groups.make("floor", second, retention={"minReady": 3})
    await groups.make("old", tier("1 second", 100), retention={"maxAge": "3s"})
    await groups.make("old-floor", tier("1 second", 100), retention={"maxAge": "1s", "minReady": 3})
    await groups.make("held", second)
    (held, *_) = await groups.ready(1, "held")
    name = held["metadata"]["name"]
    await place.patch(SNAPSHOTS, name, {"metadata": {"labels": {keys.HOLD: ""}}})

    await asyncio.gather(*(after(groups, 6, each) for each in ("floor", "old", "old-floor", "held")))
    await until(lambda: at_most(groups, 3 + 1, "floor"))
    await until(lambda: at_most(groups, 3 + 1, "old-floor"))
    ages = [looks.created(s) for s in await groups.ready(1, "old")]
    assert max(ages) - min(ages) <= timedelta(seconds=3 + 2)
    assert name in looks.names(await groups.ready(2, "held"))
    await place.patch(SNAPSHOTS, name, {"metadata": {"labels": {keys.HOLD: None}}})
    await place.gone(SNAPSHOTS, name)


async def test_a_suspended_group_neither_takes_nor_retires_until_it_goes_on(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 2))
    await groups.ready(3)
    await groups.edit(suspend=True, schedule=[tier("1 second")])
    await groups.state("Paused", saying="set spec.suspend to false")
    before = await groups.snapshots()
    await groups.make("other", tier("1 second"))
    await after(groups, 3, "other")
    assert looks.names(await groups.snapshots()) == looks.names(before)
    await groups.edit(suspend=False)
    await groups.newer(before)
    await groups.state("Safe")


async def test_another_wording_of_the_same_schedule_changes_nothing(away: Groups, apart: Apart) -> None:
    await away.place.claim("data")
    await away.make(BACKUPS, tier("1 second", 1))
    await away.ready(2)
    await away.edit(schedule=[tier("minute", 9), cron("0 2 * * *", keep=1)])
    group = await away.get()
    before, since = await away.snapshots(), apart.now
    reworded = [cron("0  2 * * *", "UTC", keep=1), tier("60s", 9)]
    assert (await away.edit(schedule=reworded))["status"]["schedule"] == group["status"]["schedule"]
    apart.operator.kill()
    await apart.operator.start()
    await away.edit(schedule=[tier("1 minute", 9), cron("0 2 * * *", keep=1)])
    taken = [c for c in apart.deeds(since) if c.verb == "create"]
    assert [c for c in apart.deeds(since) if c.verb != "create"] == []
    assert {s["metadata"]["uid"] for s in before} <= {s["metadata"]["uid"] for s in await away.snapshots()}
    assert len(taken) <= 1, "the one that is due each minute"


async def test_an_edit_deletes_nothing_by_itself(place: Place, groups: Groups) -> None:
    never = cron("0 0 29 2 *")
    edits = {"emptied": [], "rarer": [never], "bad": [tier("sometimes"), tier("day", -1)]}
    await place.claim("data")
    await asyncio.gather(*(groups.make(name, tier("1 second", 3), tier("minute", 3)) for name in edits))
    await asyncio.gather(*(groups.ready(4, name) for name in edits))
    await asyncio.gather(*(groups.edit(name, schedule=schedule) for name, schedule in edits.items()))
    before = [await staying(groups, name) for name in edits]
    await groups.make("other", tier("1 second"))
    await after(groups, 3, "other")
    assert [await staying(groups, name) for name in edits] == before
    assert min(map(len, before)) >= 4


async def staying(groups: Groups, name: str = BACKUPS) -> list[str]:
    """The names of all that are not being deleted."""
    return looks.names([s for s in await groups.snapshots(name) if not looks.is_leaving(s)])


async def test_what_an_edit_makes_superfluous_goes_once_a_snapshot_under_it_is_ready(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    await groups.make(BACKUPS, tier("1 second", 3))
    before = await groups.ready(4)
    await groups.edit(schedule=[tier("1 second", 1)])
    await groups.newer(before)

    async def two() -> bool:
        return len([s for s in await groups.snapshots() if looks.is_ready(s)]) == 2

    await until(two)


async def test_a_plan_is_what_is_then_done_also_one_of_an_edit(place: Place, groups: Groups) -> None:
    await place.claim("data")
    await groups.make("plain", tier("4 seconds", 1))
    await groups.make("edited", tier("4 seconds", 2))
    await asyncio.gather(groups.ready(2, "plain"), groups.ready(3, "edited"))
    await asyncio.gather(follow_status(groups), follow_plan(groups), follow_edit(groups))


async def follow_status(groups: Groups) -> None:
    for _ in range(2):
        group, snapshots = await calm(groups, "plain", 2)
        steps = msgspec.to_builtins(group.status.plan, str_keys=True)
        await fulfilled(groups, "plain", snapshots, planned("plain", steps))


async def follow_plan(groups: Groups) -> None:
    group, snapshots = await calm(groups, "plain", 2)
    ahead = plans.plan(group, snapshots, datetime.now(UTC), count=2)
    steps = planned("plain", msgspec.to_builtins(ahead.steps, str_keys=True))
    assert len(steps) >= 2
    await fulfilled(groups, "plain", snapshots, steps)


async def follow_edit(groups: Groups) -> None:
    raw = await groups.get("edited")
    group, snapshots = await calm(groups, "edited", 3)
    changed = raw | {"spec": raw["spec"] | {"schedule": [tier("4 seconds")]}}
    ahead = plans.plan(group, snapshots, datetime.now(UTC), changed=changed, count=1)
    steps = planned("edited", msgspec.to_builtins(ahead.steps, str_keys=True))
    assert max(len(retired) for _, retired in steps) >= 2
    await groups.edit("edited", schedule=[tier("4 seconds")])
    await fulfilled(groups, "edited", snapshots, steps)


async def calm(groups: Groups, name: str, count: int) -> tuple[SnapshotGroup, tuple[Snapshot, ...]]:
    """A group and its snapshots at a moment when nothing is being taken or retired."""

    async def found() -> tuple[SnapshotGroup, tuple[Snapshot, ...]] | None:
        group, snapshots = await plans.look(groups.place.client, groups.place.namespace, name)
        return (group, snapshots) if len(snapshots) == count and all(s.ready for s in snapshots) else None

    return await until(found)


def planned(name: str, steps: list[Manifest]) -> list[tuple[str, list[str]]]:
    """The snapshot that each step takes, and those that it retires."""
    assert steps
    slots = [int(datetime.fromisoformat(step["take"]).timestamp()) for step in steps]
    retired = [[each["name"] for each in step.get("retire", [])] for step in steps]
    return [(f"{name}-{slot}", names) for slot, names in zip(slots, retired, strict=True)]


async def fulfilled(
    groups: Groups, name: str, snapshots: tuple[Snapshot, ...], steps: list[tuple[str, list[str]]]
) -> None:
    """Wait until each step was done, and none of the snapshots that no step names was retired."""
    before, named = {s.metadata.name for s in snapshots}, set[str]()
    for taken, retired in steps:
        named |= set(retired)
        await groups.place.ready(taken)
        for each in retired:
            await groups.place.gone(SNAPSHOTS, each)
        assert before - set(await staying(groups, name)) <= named


async def test_contents_of_a_class_that_says_retain_stay_and_are_named_or_go_on_request(
    place: Place, groups: Groups
) -> None:
    await place.claim("data")
    template = {"spec": {"volumeSnapshotClassName": "dir-keep"}}
    await groups.make("keep", tier("1 second"), template=template)
    wanted = {"retainedContents": "Delete"}
    await groups.make("delete", tier("1 second"), template=template, retention=wanted)
    (kept, *_) = await groups.ready(1, "keep")
    (let_go, *_) = await groups.ready(1, "delete")
    await groups.said("ContentsRetained", "Retain", "keep", saying="set spec.retention.retainedContents")
    assert looks.condition(await groups.get("delete"), "ContentsRetained") == {}
    for snapshot in (kept, let_go):
        await place.gone(SNAPSHOTS, snapshot["metadata"]["name"])
    await place.gone(CONTENTS, let_go["status"]["boundVolumeSnapshotContentName"])
    content = await groups.content(kept)
    assert content
    assert content["spec"]["deletionPolicy"] == "Retain"
    for name in ("keep", "delete"):
        await place.delete(SNAPSHOT_GROUPS, name)
    await drop_contents(place)


async def drop_contents(place: Place) -> None:
    """Leave nothing behind in the shared cluster."""
    for content in (await place.client.list(CONTENTS)).items:
        if content["spec"]["volumeSnapshotRef"]["namespace"] == place.namespace:
            await place.patch(CONTENTS, content["metadata"]["name"], {"spec": {"deletionPolicy": "Delete"}})
