"""From Gemini to Holdfast: nothing happens by itself, nothing while a Gemini lives, what is asked happens once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from support import groups as looks
from support import objects
from support.groups import BACKUPS, tier
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES, VOLUMES
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cluster.snapshots.apart import Apart
    from support.groups import Groups
    from support.objects import Manifest

    from holdfast.api.resource import Resource

pytestmark = pytest.mark.cluster

POINT = 1600000000
RESTORE = {keys.GEMINI_RESTORE: str(POINT)}
MANY = 100


def annotated(name: str) -> Manifest:
    """A group with a restore annotation from the past."""
    body = objects.group(name)
    body["metadata"]["annotations"] = RESTORE
    return body


async def restores(of: Groups) -> list[str]:
    """The restore points that were asked for."""
    listed = await of.place.client.list(VOLUME_RESTORES, of.place.namespace)
    return [r["spec"]["point"] for r in listed.items]


async def baseline(of: Groups, value: str, name: str = BACKUPS) -> None:
    """Wait until this value of the annotation is written down."""

    async def recorded() -> bool:
        seen = (await of.get(name)).get("status", {}).get("restore")
        return seen is not None and seen.get("observed", "") == value

    await until(recorded)


async def versions(of: Groups, resource: Resource) -> dict[str, str]:
    """The state of all objects of a kind, as a whole."""
    listed = await of.place.client.list(resource, of.place.namespace if resource.namespaced else None)
    return {o["metadata"]["uid"]: o["metadata"]["resourceVersion"] for o in listed.items}


async def test_a_hundred_groups_with_old_restore_annotations_lose_nothing_at_the_first_start(
    away: Groups, apart: Apart
) -> None:
    apart.operator.kill()
    await away.place.claim("data")
    await away.place.group_snapshot("group-7", POINT)
    names = [f"group-{n}" for n in range(MANY)]
    for name in names:
        await away.place.create(SNAPSHOT_GROUPS, annotated(name))
    before = [await versions(away, r) for r in (CLAIMS, VOLUMES, SNAPSHOTS)]
    since = apart.now

    await apart.operator.start()
    await asyncio.gather(*(baseline(away, str(POINT), name) for name in names))
    await away.edit("group-7", suspend=True)
    assert apart.deeds(since) == []
    assert {c.status for c in apart.writes(since)} == {200}
    assert len(apart.writes(since)) == MANY + 1
    assert [await versions(away, r) for r in (CLAIMS, VOLUMES, SNAPSHOTS)] == before
    assert await restores(away) == []


async def test_a_changed_annotation_is_executed_once_each_time_it_changes(away: Groups, apart: Apart) -> None:
    """A point that does not exist, so that a request is all that comes of it."""
    await away.place.claim("data")
    await away.place.create(SNAPSHOT_GROUPS, annotated(BACKUPS))
    await baseline(away, str(POINT))

    await away.place.annotate(BACKUPS, restore="1700000000")
    await baseline(away, "1700000000")
    apart.operator.kill()
    await away.place.annotate(BACKUPS, restore="1700000001")
    await apart.operator.start()
    await until(lambda: asked(away, "1700000000", "1700000001"))

    await away.place.annotate(BACKUPS, restore=None)
    await baseline(away, "")
    await away.place.annotate(BACKUPS, restore="1700000001")
    await until(lambda: asked(away, "1700000000", "1700000001", "1700000001"))

    await apart.operator.restart()
    await away.edit(suspend=True)
    assert await asked(away, "1700000000", "1700000001", "1700000001")
    assert (await away.place.get(CLAIMS, "data"))["status"]["phase"] == "Bound"


async def asked(of: Groups, *points: str) -> bool:
    return sorted(await restores(of)) == list(points)


@asynccontextmanager
async def gemini_alive(apart: Apart) -> AsyncIterator[None]:
    """A pod with Gemini's image, in a namespace that has nothing to do with the groups."""
    image = "us-docker.pkg.dev/fairwinds-ops/oss/gemini:2.0"
    body = objects.manifest(PODS, "anything", spec={"containers": [{"name": "main", "image": image}]})
    await apart.client.create(PODS, body, "default")
    try:
        yield
    finally:
        path = PODS.path("default", "anything")
        await apart.client.request("DELETE", path, params={"gracePeriodSeconds": "0"})


async def test_while_a_pod_of_gemini_lives_anywhere_only_the_group_s_status_is_written(
    away: Groups, apart: Apart
) -> None:
    """What is due is not taken, what is superfluous stays, what is asked for is left to Gemini; then it goes on."""
    await away.place.claim("data")
    await away.make(BACKUPS, tier("1 second"))
    await away.ready(1)
    async with gemini_alive(apart):
        await away.state("GeminiLive", saying="pod default/anything")
        snapshots = await versions(away, SNAPSHOTS)
        since = apart.now
        await away.place.annotate(BACKUPS, restore=str(POINT))
        await baseline(away, str(POINT))
        await away.edit(schedule=[tier("1 second", 1), tier("minute", 1)])
        assert apart.deeds(since, away.place.namespace) == []
        assert set(await versions(away, SNAPSHOTS)) <= set(snapshots)
    await away.state("Safe")
    await away.newer([{"metadata": {"uid": uid}} for uid in snapshots])
    assert await restores(away) == [], "Gemini has executed it"
    await away.place.annotate(BACKUPS, restore="1700000000")
    await until(lambda: asked(away, "1700000000"))


async def test_a_pod_with_the_chart_s_label_is_a_sign_and_one_that_has_ended_is_none(
    away: Groups, apart: Apart
) -> None:
    await away.place.claim("data")
    labelled = objects.pod("own-build")
    labelled["metadata"]["labels"] = {"app.kubernetes.io/name": "gemini"}
    await away.place.create(PODS, labelled)
    await away.make(BACKUPS, tier("1 second"))
    await away.state("GeminiLive", saying=f"pod {away.place.namespace}/own-build")
    ended = {"status": {"phase": "Failed"}}
    await apart.client.patch(PODS, "own-build", ended, away.place.namespace, subresource="status")
    await away.state("Safe")


async def test_a_fresh_snapshot_with_gemini_s_marks_stops_every_group_until_there_is_silence(
    away: Groups, apart: Apart
) -> None:
    await away.place.claim("data")
    await away.make(BACKUPS, tier("1 second"))
    await away.ready(1)
    await away.place.create(SNAPSHOTS, looks.by_gemini("other", POINT, "hour"))
    await away.state("GeminiLive", saying=f"snapshot {away.place.namespace}/other-{POINT}")
    before = apart.now
    await away.state("Safe")
    taken = [c for c in apart.deeds(before, away.place.namespace) if c.verb == "create"]
    assert {c.resource for c in taken} <= {"volumesnapshots"}


async def test_a_group_written_by_gemini_s_field_manager_stops_every_group_until_there_is_silence(
    away: Groups, apart: Apart
) -> None:
    await away.place.claim("data")
    await away.make(BACKUPS, tier("1 second"))
    await away.ready(1)
    async with Client(load_access(apart.sandbox.kubeconfig), field_manager="gemini") as gemini:

        async def write() -> bool:
            group = await gemini.get(SNAPSHOT_GROUPS, BACKUPS, away.place.namespace)
            group["spec"]["template"] = {"spec": {"volumeSnapshotClassName": "dir"}}
            try:
                return bool(await gemini.replace(SNAPSHOT_GROUPS, group))
            except errors.Conflict:  # the operator has just told how it stands
                return False

        await until(write)
    await away.state("GeminiLive", saying=f"a write to SnapshotGroup {away.place.namespace}/{BACKUPS}")
    before = await away.snapshots()
    await away.newer(before)
    await away.state("Safe")
