"""A restore that is killed at any of its writes goes on when it is repeated, and ends as if nothing had been."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from cluster.restores.conftest import acts
from support import objects

from holdfast.api.resource import DEPLOYMENTS, REPLICA_SETS, Resource
from holdfast_sandbox.proxy import DropAnswer, FaultProxy, Kill, Match, Rule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cluster.restores.conftest import Shelf

    from holdfast_sandbox.proxy import Action

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
LABELS = {"app": "web"}
WRITES = 7
"""Namespace, account, secret, config, Deployment, ReplicaSet, and the secret's owner."""


@pytest.fixture
async def saved(shelf: Shelf) -> Shelf:
    """A backup with an owner that comes after what it owns, and one that comes before."""
    place = shelf.place
    await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "app", data={"a": "1"}))
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": LABELS}, "template": template}
    web = await place.create(DEPLOYMENTS, objects.manifest(DEPLOYMENTS, "web", spec=spec))
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": web["metadata"]["uid"]}
    await place.create(SECRETS, objects.manifest(SECRETS, "key", metadata={"ownerReferences": [owner]}))
    await shelf.save()
    return shelf


async def run(shelf: Shelf, kubeconfig: Path, namespace: str) -> asyncio.subprocess.Process:
    """`holdfast restore create`, through whatever the kubeconfig leads through."""
    mapping = ("--namespace-mappings", f"{shelf.place.namespace}:{namespace}")
    what = ("restore", "create", f"to-{namespace}", "--from-backup", "nightly", *mapping)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "holdfast", "--kubeconfig", str(kubeconfig), *what),
        *("--location", f"file:{shelf.folder}", "-o", "json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def struck(shelf: Shelf, namespace: str, nth: int, make: Any) -> tuple[int, Rule]:  # noqa: ANN401
    """A restore of which the nth write goes wrong; its exit code, and the rule."""
    async with FaultProxy(shelf.place.sandbox.kubeconfig, as_admin=True) as proxy:
        process: asyncio.subprocess.Process | None = None

        def kill() -> None:
            assert process
            os.kill(process.pid, signal.SIGKILL)

        rule = proxy.rules.append(Rule(make(kill), Match(writes=True), nth=nth))
        process = await run(shelf, proxy.kubeconfig(None), namespace)
        await process.communicate()
        return process.returncode or 0, rule


def killed(kill: Callable[[], object]) -> Action:
    return Kill(kill, "after")


def lost(_: object) -> Action:
    return DropAnswer()


FAULTS = {"killed": killed, "lost reply": lost}
"""Killed after a write is killed before the next one."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_write_goes_wrong_once_and_the_restore_ends_whole(saved: Shelf, fault: str) -> None:
    async def one(nth: int) -> None:
        namespace = f"{saved.place.namespace[:40]}-{nth}"
        _, rule = await struck(saved, namespace, nth, FAULTS[fault])
        assert rule.hits, f"there was no write number {nth}"
        again = await run(saved, saved.place.sandbox.kubeconfig, namespace)
        out, err = await again.communicate()
        assert again.returncode == 0, err.decode()
        await whole(saved, namespace, out)

    for half in (range(1, 5), range(5, WRITES + 1)):
        await asyncio.gather(*(one(nth) for nth in half))


async def whole(shelf: Shelf, namespace: str, out: bytes) -> None:
    document = json.loads(out)
    assert document["phase"] == "Completed", document
    assert not document["warnings"], document["warnings"]
    assert set(acts(document).values()) <= {"created", "unchanged"}
    client = shelf.place.client
    web = await client.get(DEPLOYMENTS, "web", namespace)
    (replicas,) = (await client.list(REPLICA_SETS, namespace)).items
    assert [o["uid"] for o in replicas["metadata"]["ownerReferences"]] == [web["metadata"]["uid"]]
    key = await client.get(SECRETS, "key", namespace)
    assert [o["uid"] for o in key["metadata"]["ownerReferences"]] == [web["metadata"]["uid"]]
    assert (await client.get(CONFIG_MAPS, "app", namespace))["data"] == {"a": "1"}
