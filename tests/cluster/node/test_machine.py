"""A cluster with a node as a machine: its power is cut, it stands beside others, and nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sandbox.tests.leftovers import left_of
from support import pods
from support.places import Place
from support.pods import FOREVER
from support.waiting import until

from holdfast.api.resource import PODS
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Refused, Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.cluster

PARENT = """
import asyncio, pathlib, sys
from holdfast_sandbox import Sandbox

async def main():
    async with Sandbox(pathlib.Path(sys.argv[1]), node=True):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest_asyncio.fixture(loop_scope="session")
async def own(node_sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Sandbox]:  # noqa: ARG001  skips where it skips
    """A cluster with a node that a test starts and ends by itself."""
    sandbox = Sandbox(tmp_path, node=True)
    yield sandbox
    await sandbox.down()


@contextlib.asynccontextmanager
async def place_in(sandbox: Sandbox) -> AsyncIterator[Place]:
    async with Client(load_access(sandbox.kubeconfig), field_manager="tests") as client:
        yield Place(sandbox, client, "default")


async def use_volumes(place: Place) -> None:
    """A pod with a file system and a block device, which it has written to."""
    await place.claim(size="16Mi")
    await place.claim("raw", size="1Mi", volumeMode="Block")
    device = [{"name": "raw", "devicePath": "/dev/disk"}]
    script = f"date >> /data/starts; echo raw | dd of=/dev/disk conv=fsync; {FOREVER}"
    volumes = [
        {"name": name, "persistentVolumeClaim": {"claimName": claim}}
        for name, claim in (("data", "data"), ("raw", "raw"))
    ]
    used = [pods.container(script, volumeDevices=device)]
    body = pods.pod("user", script, containers=used, volumes=volumes, restartPolicy="Always")
    await place.create(PODS, body)
    await until(lambda: starts(place, 1))


async def starts(place: Place, times: int) -> bool:
    """Whether the pod has been started so often, by what is in its volume."""
    file = place.path(await place.volume()).with_name("starts")
    return file.exists() and len(file.read_text().splitlines()) == times


def logs_outside() -> list[Path]:
    """Logs of the pod `user` where another kubelet would see them."""
    return list(Path("/var/log/pods").glob("default_user_*"))


def nothing_left(sandbox: Sandbox) -> asyncio.Future[bool]:
    async def none() -> bool:
        found = left_of(sandbox)
        assert not found, found
        return True

    return asyncio.ensure_future(until(none))


async def test_after_a_power_cut_pods_come_back_with_their_data(own: Sandbox) -> None:
    await own.up()
    async with place_in(own) as place:
        await use_volumes(place)
        await own.crash()
        await nothing_left(own)

        await own.up()

        await until(lambda: started_again(place))
        status = (await place.get(PODS, "user"))["status"]["containerStatuses"][0]
        assert status["restartCount"] >= 1
        assert (await pods.ask(place, "user", "head -c 3 /dev/disk")) == "raw"
    process = own._sockets.machine.read_text()
    os.kill(int(process), signal.SIGKILL)
    await nothing_left(own)


async def started_again(place: Place) -> bool:
    lines = await place.sandbox.kubectl("get", "pod", "user", "-o", "json")
    if not json.loads(lines)["status"]["containerStatuses"][0]["state"].get("running"):
        return False
    return await starts(place, 2)


async def test_a_killed_parent_takes_machine_and_pods_with_it(own: Sandbox) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(own.directory)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    assert await parent.stdout.readline() == b"ready\n"
    async with place_in(own) as place:
        await use_volumes(place)

    parent.kill()
    await parent.communicate()

    await nothing_left(own)


async def test_a_killed_guard_takes_the_machine_with_it(own: Sandbox) -> None:
    await own.up()
    assert own._supervisor
    own._supervisor.kill()
    await nothing_left(own)


async def test_two_machines_side_by_side_know_nothing_of_each_other(node_sandbox: Sandbox) -> None:
    async with Sandbox(node=True) as other, place_in(other) as there, place_in(node_sandbox) as here:
        await there.claim(size="16Mi")
        assert await pods.run(there, "user", "echo there | tee /data/file") == "there\n"
        assert await here.find(PODS, "user") is None
        assert not logs_outside(), "kubelets would remove each other's logs"
        assert other._settings.network != node_sandbox._settings.network
    assert not other.directory.exists()
    await nothing_left(other)
    assert "node1" in await node_sandbox.kubectl("get", "nodes")


async def test_a_cluster_that_cannot_come_back_is_not_crashed(node_sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="give it a directory"):
        await node_sandbox.crash()
