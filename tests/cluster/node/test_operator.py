"""Holdfast where its users have it: in a pod, with the rights that the installation gives it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from support import operators, pods
from support.charts import Releases
from support.groups import Groups, tier
from support.images import load_holdfast
from support.waiting import until

from holdfast.api.resource import CONTENTS, DEPLOYMENTS, LEASES, SNAPSHOTS, VOLUME_RESTORES
from holdfast.operator.manifests.settings import NAME
from holdfast.operator.running import LEASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster
SYSTEM, PAIR = "holdfast-system", "holdfast-pair"
PATIENCE = 180.0  # seconds; the installation gives its containers a fifth of a core


@pytest_asyncio.fixture(loop_scope="session")
async def released(home: Place, tmp_path: Path) -> AsyncIterator[Place]:
    """A namespace of a cluster in which the chart runs its two replicas, under names that no other test uses.

    They have more time than the fifth of a core that the chart gives them.
    """
    repository, _, tag = (await load_holdfast(home.sandbox, tmp_path)).rpartition(":")
    wanted = {"image.repository": repository, "image.tag": tag, "fullnameOverride": PAIR}
    chosen = [word for name, value in wanted.items() for word in ("--set-string", f"{name}={value}")]
    await operators.installed(home.client)
    releases = Releases(home.sandbox, PAIR, tmp_path)
    await releases.bring("--set", "crds.install=false", "--set", "resources.limits.cpu=1", *chosen)

    async def both() -> bool:
        found = await home.client.get(DEPLOYMENTS, PAIR, PAIR)
        return bool(found.get("status", {}).get("availableReplicas") == 2)

    await until(both, PATIENCE)
    yield home
    await releases("uninstall", NAME)
    await home.sandbox.kubectl("delete", "namespace", PAIR)


async def leader(place: Place, *, other_than: str = "") -> str:
    """The pod that is elected."""

    async def elected() -> str:
        lease = await place.client.get(LEASES, LEASE, PAIR)
        pod, _, _ = str(lease["spec"].get("holderIdentity") or "").partition("_")
        assert pod != other_than
        return pod

    return await until(elected, PATIENCE)


async def test_when_the_leader_is_killed_another_replica_goes_on_with_restores_and_schedules(
    released: Place,
) -> None:
    place, groups = released, Groups(released)
    await place.claim(size="16Mi")
    content = (await place.snapshot("before"))["status"]["boundVolumeSnapshotContentName"]
    handle = (await place.get(CONTENTS, content))["status"]["snapshotHandle"]
    await place.claim("other", size="16Mi")
    await groups.make("often", tier("5 seconds", 3), claim="other")
    full = place.sandbox.faults.fill_pool(handle=handle)
    await place.restore("before")
    await place.phase("WaitBound")
    killed = await leader(place)
    await place.sandbox.kubectl("-n", PAIR, "delete", "pod", killed, "--grace-period=0", "--force")
    before = await groups.ready(name="often")
    place.sandbox.faults.clear(full)
    await leader(place, other_than=killed)
    await place.phase("Settle")
    await groups.newer(before, "often")
    restores = (await place.client.list(VOLUME_RESTORES, place.namespace)).items
    assert len(restores) == 1


@pytest_asyncio.fixture(loop_scope="session")
async def installed(home: Place, tmp_path: Path) -> AsyncIterator[Place]:
    """A namespace of a cluster in which Holdfast is installed as users install it."""
    image = await load_holdfast(home.sandbox, tmp_path)
    await holdfast(home, "install", "--image", image)

    async def available() -> bool:
        found = await home.client.get(DEPLOYMENTS, "holdfast", SYSTEM)
        return bool(found.get("status", {}).get("availableReplicas"))

    await until(available, PATIENCE)
    yield home
    await home.sandbox.kubectl("delete", "namespace", SYSTEM, "--wait=false")


async def test_the_installed_operator_snapshots_what_a_pod_wrote(installed: Place) -> None:
    await installed.claim(size="16Mi")
    await pods.run(installed, "writer", "echo kept > /data/file")

    await installed.group(schedule=[{"every": "10 minutes", "keep": 3}])

    async def taken() -> str:
        found = await installed.client.list(SNAPSHOTS, installed.namespace)
        return found.items[0]["metadata"]["name"] if found.items else ""

    name = await until(taken, PATIENCE)
    await installed.ready(name)
    source = {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": name}
    await installed.claim("copy", size="16Mi", dataSource=source)
    assert await pods.run(installed, "reader", "cat /data/file", "copy") == "kept\n"


async def holdfast(place: Place, *arguments: str) -> None:
    """Run Holdfast's command line."""
    environment = os.environ | {"KUBECONFIG": str(place.sandbox.kubeconfig)}
    command = (sys.executable, "-m", "holdfast", *arguments)
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    assert await process.wait() == 0
