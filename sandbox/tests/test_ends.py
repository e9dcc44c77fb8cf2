"""However a sandbox ends, nothing of it is left running; and what it stored is there at the next start."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sandbox.tests.leftovers import left_of

from holdfast_sandbox import NotRunning, Refused, Sandbox, StartError
from holdfast_sandbox.testing import eventually

pytestmark = pytest.mark.cluster

PARENT = """
import asyncio, pathlib, sys
from holdfast_sandbox import Sandbox

async def main():
    async with Sandbox(pathlib.Path(sys.argv[1])):
        await asyncio.Event().wait()

asyncio.run(main())
"""


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(tmp_path)
    yield sandbox
    await sandbox.down()


async def start_parent(sandbox: Sandbox) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(sandbox.directory), stderr=subprocess.PIPE
    )


async def is_ready(sandbox: Sandbox) -> bool:
    return bool((await sandbox.status())["phase"] == "ready")


async def test_killed_supervisors_leave_nothing_but_the_data(own: Sandbox) -> None:
    await own.up()
    await own.kubectl("create", "configmap", "kept")
    address = own.s3_endpoint
    guard = own._supervisor
    assert guard
    os.kill(child_of(guard.pid), signal.SIGKILL)
    await eventually(lambda: not own.running)
    await eventually(lambda: not left_of(own))

    await own.up()
    await own.kubectl("get", "configmap", "kept")
    assert own.s3_endpoint == address
    os.kill(own._supervisor.pid, signal.SIGKILL)  # type: ignore[union-attr]
    await eventually(lambda: not own.running)
    await eventually(lambda: not left_of(own))


async def test_a_killed_parent_takes_its_cluster_with_it(own: Sandbox) -> None:
    parent = await start_parent(own)
    await eventually(lambda: is_ready(own), within=60)
    with pytest.raises(Refused, match="is running"):
        await own.up()
    parent.kill()
    await parent.communicate()
    await eventually(lambda: not own.running)
    await eventually(lambda: not left_of(own))


async def test_ctrl_c_while_it_starts_takes_the_cluster_down(own: Sandbox) -> None:
    parent = await start_parent(own)
    await eventually(own.log_path("apiserver").exists)
    parent.send_signal(signal.SIGINT)
    _, said = await parent.communicate()
    assert b"KeyboardInterrupt" in said
    assert not own.running
    await eventually(lambda: not left_of(own))


async def test_two_clusters_side_by_side_know_nothing_of_each_other(sandbox: Sandbox) -> None:
    async with Sandbox(paper_node=False) as other:
        await other.kubectl("create", "namespace", "only-here")
        assert "only-here" not in await sandbox.kubectl("get", "namespaces")
        assert "paper" not in await other.kubectl("get", "nodes", "-o", "name")
        assert await Sandbox.attach(other.directory).kubectl("get", "namespace", "only-here")
    assert not other.directory.exists()
    assert not left_of(other)
    with pytest.raises(NotRunning):
        await other.kill("etcd")


async def test_a_component_that_cannot_start_is_named_with_its_log(own: Sandbox) -> None:
    own.directory.joinpath("etcd", "member", "snap").mkdir(parents=True)
    own.directory.joinpath("etcd", "member", "snap", "db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StartError, match=r"(?s)etcd ends again and again.*failed to open database"):
        await own.up()
    await eventually(lambda: not left_of(own))
