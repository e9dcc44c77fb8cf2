"""Groups and snapshots as Gemini left them, written by whatever client: nothing is lost, nobody is in the way."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from support import groups as looks
from support import objects
from support.groups import tier
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS, SNAPSHOTS, Resource
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from support.groups import Groups
    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster

BETA = Resource("gemini.fairwinds.com", "v1beta1", "snapshotgroups", "SnapshotGroup")
CLAIM_SPEC = {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "1Mi"}},
    "storageClassName": "dir",
}
STORED = {  # the spec after a pass of Gemini
    "2.0": {
        "persistentVolumeClaim": {"claimName": "", "spec": CLAIM_SPEC},
        "schedule": [tier("10 seconds", 2), tier("minute", 2)],
        "template": {"spec": {"volumeSnapshotClassName": "dir"}},
    },
    "2.0 with a claim": {
        "persistentVolumeClaim": {"claimName": "app", "spec": CLAIM_SPEC},
        "schedule": [tier("10 seconds", 2), {"every": "minute"}],
        "template": {"spec": {}},
    },
    "1.0": {  # pruned by its schema
        "persistentVolumeClaim": {"claimName": "app", "spec": {}},
        "schedule": [tier("10 seconds", 2)],
        "template": {},
    },
    "before 1.0": {"persistentVolumeClaim": {"claimName": "app"}, "schedule": [tier("day", 7)]},
}


def group_of(spec: Manifest, resource: Resource = SNAPSHOT_GROUPS) -> Manifest:
    return objects.manifest(resource, "app", spec=spec)


@pytest.mark.parametrize("spec", STORED.values(), ids=STORED)
@pytest.mark.parametrize("first", [SNAPSHOT_GROUPS, BETA], ids=lambda r: r.version)
async def test_no_field_of_a_stored_group_is_lost_in_either_version(
    place: Place, first: Resource, spec: Manifest
) -> None:
    second = BETA if first is SNAPSHOT_GROUPS else SNAPSHOT_GROUPS
    await place.create(first, group_of({**spec, "suspend": True}, first))
    await until(lambda: seen(place))
    await until(lambda: gone_on_with(place, second))
    for resource in (first, second):
        found = await place.get(resource, "app")
        assert found["spec"] == spec | {"suspend": False}
        assert looks.condition(found, "Covered")


async def gone_on_with(place: Place, resource: Resource) -> bool:
    """Put the whole object without its suspension, unless the operator has just written its status."""
    group = await place.get(resource, "app")
    group["spec"]["suspend"] = False
    try:
        await place.client.replace(resource, group)
    except errors.Conflict:
        return False
    return True


async def seen(place: Place) -> bool:
    return "conditions" in (await place.get(SNAPSHOT_GROUPS, "app")).get("status", {})


async def test_a_group_may_be_applied_by_kubectl_again_and_again(place: Place, groups: Groups) -> None:
    await place.claim("app")
    for keep in (2, 3):
        body = group_of(
            {"persistentVolumeClaim": {"claimName": "app"}, "schedule": [tier("10 seconds", keep)]}
        )
        await place.sandbox.kubectl("apply", "-n", place.namespace, "-f", "-", input=json.dumps(body))
        group = await until(lambda: seen_now(groups))
        assert group["spec"]["schedule"] == [tier("10 seconds", keep)]
        await groups.ready(1, "app")


async def seen_now(groups: Groups) -> Manifest:
    return await groups.seen("app")


async def test_a_client_that_writes_whole_objects_is_not_refused_and_takes_no_status_away(
    place: Place, groups: Groups
) -> None:
    """What Gemini does, and old programs: read, change, put everything back without the status."""
    await place.claim("app")
    await groups.make("app", tier("10 seconds", 2), claim="app")
    await groups.state("Safe", "app")
    group = await groups.get("app")
    whole = {k: v for k, v in group.items() if k != "status"}
    whole["spec"]["persistentVolumeClaim"] = {"claimName": "app", "spec": CLAIM_SPEC}
    whole["spec"]["template"] = {"spec": {}}
    answer = await place.client.replace(SNAPSHOT_GROUPS, whole)
    assert answer["status"] == group["status"]
    assert (await groups.seen("app"))["spec"] == whole["spec"]


async def test_server_side_apply_never_conflicts_with_the_operator(place: Place, groups: Groups) -> None:
    await place.claim("app")
    spec = {"persistentVolumeClaim": {"claimName": "app"}, "schedule": [tier("1 second", 1)]}
    body = group_of(spec)
    body["metadata"]["namespace"] = place.namespace
    async with Client(load_access(place.sandbox.kubeconfig), field_manager="gitops") as gitops:
        await gitops.apply(SNAPSHOT_GROUPS, body)
        await groups.state("Safe", "app")
        await groups.ready(2, "app")
        spec["schedule"] = [tier("hour", 1)]
        applied = await gitops.apply(SNAPSHOT_GROUPS, body)
    assert applied["spec"] == spec
    group = await groups.seen("app")
    ours = [e for e in group["metadata"]["managedFields"] if e["manager"] not in {"gitops", "tests"}]
    assert {(e["manager"], e.get("subresource")) for e in ours} == {("holdfast", "status")}
    assert all("f:spec" not in e["fieldsV1"] for e in ours)


async def test_a_snapshot_is_one_that_gemini_could_have_made(place: Place, groups: Groups) -> None:
    await place.claim("app")
    template = {
        "metadata": {"labels": {"team": "shop"}, "annotations": {"note": "a, b", keys.GEMINI_GROUP: "other"}},
        "spec": {"volumeSnapshotClassName": "dir-keep"},
    }
    schedule = (tier("1 second", 1), tier("1m", 1), looks.cron("0 2 * * *", "Europe/Berlin"), tier("hour"))
    await groups.make("app", *schedule, claim="app", template=template)
    (first, *_) = await groups.ready(1, "app")
    stamp = looks.slot(first)
    assert first["metadata"]["name"] == f"app-{stamp}"
    notes = first["metadata"]["annotations"]
    assert {key: notes[key] for key in (keys.GEMINI_MANAGED_BY, keys.GEMINI_GROUP, "note")} == {
        keys.GEMINI_MANAGED_BY: "gemini",
        keys.GEMINI_GROUP: "app",
        "note": "a, b",
    }
    assert set(notes[keys.GEMINI_INTERVALS].split(", ")) == {"1 second", "hour"}
    assert set(notes[keys.TIERS].split("; ")) == {"1m", "cron 0 2 * * * Europe/Berlin"}
    assert first["metadata"]["labels"] == {"team": "shop", keys.GROUP: "app"}
    assert first["spec"]["volumeSnapshotClassName"] == "dir-keep"


async def test_a_group_that_brings_its_own_claim_gets_it_once_and_never_an_empty_one_again(
    place: Place, groups: Groups
) -> None:
    """Also when its snapshots are gone, its status was stripped, and the group itself was made anew."""
    body = objects.group("app", claim="", schedule=[tier("1 second", 1)])
    body["spec"]["persistentVolumeClaim"]["spec"] = CLAIM_SPEC
    await place.create(SNAPSHOT_GROUPS, body)
    await groups.ready(2, "app")
    claim = await place.get(CLAIMS, "app")
    assert claim["metadata"]["annotations"][keys.GEMINI_MANAGED_BY] == "gemini"
    assert claim["spec"]["storageClassName"] == "dir"

    await place.delete(CLAIMS, "app")
    await groups.state("ClaimMissing", "app", saying="claim app does not exist")
    before = looks.names(await groups.snapshots("app"))
    await place.sandbox.kubectl(
        "patch",
        "-n",
        place.namespace,
        "snapshotgroup",
        "app",
        "--subresource=status",
        "--type=json",
        "-p",
        '[{"op": "remove", "path": "/status"}]',
    )
    await groups.state("ClaimMissing", "app")
    await place.delete(SNAPSHOT_GROUPS, "app")
    await place.gone(SNAPSHOT_GROUPS, "app")
    await place.create(SNAPSHOT_GROUPS, body)
    await groups.state("ClaimMissing", "app")
    assert await place.find(CLAIMS, "app") is None
    assert looks.names(await groups.snapshots("app")) == before


async def test_gemini_s_snapshots_are_adopted_with_their_tiers_in_any_order(away: Groups) -> None:
    place = away.place
    await asyncio.gather(place.claim("app"), place.claim("old"))
    stamps = [1795224847, 1795224905, 1795224935, 1795224965]
    tiers = [("10 seconds", "minute"), ("10 seconds",), ("minute", "10 seconds"), ("10 seconds",)]
    for stamp, intervals in zip(stamps, tiers, strict=True):
        await place.create(SNAPSHOTS, looks.by_gemini("app", stamp, *intervals, of="app"))
    await asyncio.gather(*(place.ready(f"app-{stamp}") for stamp in stamps))
    await place.create(SNAPSHOT_GROUPS, group_of(STORED["2.0"] | {"suspend": True}))
    group = await away.state("Paused", "app")
    assert group["status"]["ready"] == 4
    assert {t["tier"]: t["ready"] for t in group["status"]["tiers"]} == {"10 seconds": 4, "minute": 2}

    await away.edit("app", suspend=False)
    await away.newer(await away.snapshots("app"), "app")
    await place.gone(SNAPSHOTS, f"app-{stamps[1]}")
    left = set(looks.names(await away.snapshots("app")))
    assert left >= {f"app-{stamps[0]}", f"app-{stamps[2]}", f"app-{stamps[3]}"}, "each is kept by a tier"


async def test_a_group_that_gemini_wrote_never_gets_a_claim_made(away: Groups) -> None:
    """Gemini has filled the claim spec of every group, so that alone does not mean: create a claim."""
    access = load_access(away.place.sandbox.kubeconfig)
    async with Client(access, field_manager="gemini", user_agent="gemini/2.0") as gemini:
        await gemini.create(SNAPSHOT_GROUPS, group_of(STORED["2.0"]), away.place.namespace)
    await away.state("GeminiLive", "app", saying="a write to SnapshotGroup")
    await away.state("ClaimMissing", "app")
    assert await away.place.find(CLAIMS, "app") is None
