"""Holdfast where its users have it: in a pod, with the rights that the installation gives it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from support import pods
from support.images import load_holdfast
from support.waiting import until

from holdfast.api.resource import DEPLOYMENTS, SNAPSHOTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster
SYSTEM = "holdfast-system"
PATIENCE = 180.0  # seconds; the installation gives its containers a fifth of a core


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
