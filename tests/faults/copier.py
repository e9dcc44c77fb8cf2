"""A controller as small as they come, to try the harness on: copies ConfigMaps that ask for it.

    python copier.py KUBECONFIG [--careless]

It makes three copies of every ConfigMap labelled `copies=wanted`, then labels it `copies=made`. Careless, it lets the
server choose the names of the copies, and so cannot know which it has made already.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path
from typing import Any

from holdfast.api.resource import Resource
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client

CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
WANTED = "copies=wanted"
PASSING = (errors.Unreachable, errors.ApiError)


async def main(kubeconfig: Path, *, careless: bool) -> None:
    begun: set[str] = set()
    async with Client(load_access(kubeconfig), user_agent="copier") as client, asyncio.TaskGroup() as copying:
        while True:
            with contextlib.suppress(*PASSING):
                listing = await client.list(CONFIG_MAPS, labels=WANTED)
                for wanted in (each["metadata"] for each in listing.items):
                    if wanted["uid"] not in begun:
                        copying.create_task(serve(client, wanted, careless=careless))
                    begun.add(wanted["uid"])
                await change(client, listing.resource_version)


async def serve(client: Client, wanted: dict[str, Any], *, careless: bool) -> None:
    """Copy one until that succeeds; meanwhile others are copied, too."""
    while True:
        with contextlib.suppress(*PASSING):
            await copy(client, wanted, careless=careless)
            return


async def copy(client: Client, wanted: dict[str, Any], *, careless: bool) -> None:
    present = await client.get(CONFIG_MAPS, wanted["name"], wanted["namespace"])
    if present["metadata"]["labels"]["copies"] != "wanted":
        return
    for number in range(3):
        name = {"generateName": "copy-"} if careless else {"name": f"{wanted['name']}-{number}"}
        with contextlib.suppress(errors.AlreadyExists):
            metadata = {"namespace": wanted["namespace"], "labels": {"copy": "yes"}, **name}
            await client.create(CONFIG_MAPS, {"metadata": metadata})
    made = {"metadata": {"labels": {"copies": "made"}}}
    await client.patch(CONFIG_MAPS, wanted["name"], made, wanted["namespace"])


async def change(client: Client, version: str) -> None:
    async for _ in client.watch(CONFIG_MAPS, resource_version=version, labels=WANTED):
        return


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("--careless", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.kubeconfig, careless=arguments.careless))
