"""The control groups of a cluster's containers: one in each hierarchy. They are in no namespace, and outlive all."""

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids")
NAMED = ("systemd", "unified")
GONE_WITHIN = 5.0  # seconds for the last process of a group that was killed


def name(network: int) -> str:
    """The group of the cluster with this network."""
    return f"holdfast-{network}"


def obstacle() -> str:
    """Why no group can be made here; empty when one can."""
    probe = f"holdfast-probe-{os.getpid()}"
    try:
        _make(probe)
        _remove(probe)
    except OSError as error:
        return f"control groups cannot be made ({error})"
    return ""


def make(network: int) -> None:
    """Make the cluster's group; fine when it is there."""
    _make(name(network))


def remove(network: int) -> None:
    """Remove the cluster's group with all below it; its processes are dead or dying."""
    _remove(name(network))


def _make(group: str) -> None:
    for hierarchy in _hierarchies():
        path = hierarchy / group
        path.mkdir(exist_ok=True)
        for file in ("cpuset.cpus", "cpuset.mems"):
            if hierarchy != ROOT and (path / file).exists():
                (path / file).write_text((hierarchy / file).read_text())


def _remove(group: str) -> None:
    deadline = time.monotonic() + GONE_WITHIN
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / group, topdown=False):
            while _is_busy(Path(folder)) and time.monotonic() < deadline:
                time.sleep(0.01)


def _is_busy(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError as error:
        return error.errno == errno.EBUSY
    return False


def _hierarchies() -> Iterator[Path]:
    """The folders of version 1, or the one of version 2."""
    first = [ROOT / each for each in (*CONTROLLERS, *NAMED) if (ROOT / each / "cgroup.procs").exists()]
    yield from first or [ROOT]
