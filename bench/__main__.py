"""`make bench`: measures on this machine and writes its parts of docs/benchmarks.md. Run it on a quiet machine.

python -m bench            all parts
python -m bench downtime   one of groups, scale, downtime, objects
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from support.operators import installed

from bench import downtime, groups, objects, scale, tables
from bench.commands import cpu_of
from bench.pages import processor, put
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

LIBRARIES = ("aiohttp", "click", "msgspec", "rich")


async def listing() -> tuple[float, float, float]:
    """CPU time of `holdfast group list` against a running cluster."""
    async with Sandbox() as sandbox:
        async with Client(load_access(sandbox.kubeconfig)) as admin:
            await installed(admin)
        return await asyncio.to_thread(cpu_of, "group", "list", kubeconfig=sandbox.kubeconfig)


def machine() -> str:
    """Processor, memory, kernel and versions, in one paragraph."""
    versions = ", ".join(f"{part} {metadata.version(part)}" for part in LIBRARIES)
    return (
        f"{processor()}, Linux {platform.release()},"
        f" Python {platform.python_version()}, {versions}; Kubernetes 1.36.1 and etcd 3.6 of the sandbox"
        f" (etcd without fsync). Load average at the start {os.getloadavg()[0]:.1f}"
    )


def of_groups() -> str:
    """The part of a hundred groups."""
    said = machine()
    return tables.groups(said, cpu_of("--help"), asyncio.run(listing()), asyncio.run(groups.measure()))


def of_scale() -> str:
    """The part of a thousand groups."""
    return tables.large(machine(), asyncio.run(scale.measure()))


def of_downtime() -> str:
    """The part of an application during a restore."""
    return tables.down(machine(), asyncio.run(downtime.measure()))


def of_objects() -> str:
    """The part of objects saved and restored, beside the real Velero; OBJECTS says how many."""
    return tables.saved(machine(), asyncio.run(objects.measure(int(os.environ.get("OBJECTS", "11000")))))


PARTS: dict[str, Callable[[], str]] = {
    "groups": of_groups,
    "downtime": of_downtime,
    "scale": of_scale,
    "objects": of_objects,
}


if __name__ == "__main__":
    for part in sys.argv[1:] or (part for part in PARTS if part != "objects"):
        text = PARTS[part]()
        put(part, text)
        print(text)
