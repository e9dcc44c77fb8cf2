"""A process that contends for a lease until it is killed: `contender.py KUBECONFIG NAMESPACE LEASE-SECONDS`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from holdfast.control.electing import Election
from holdfast.kube.access import load_access
from holdfast.kube.client import Client


async def main(kubeconfig: str, namespace: str, lease: str) -> None:
    seconds = float(lease)
    async with Client(load_access(Path(kubeconfig))) as client:
        election = Election(
            client, namespace, "leader", "process", lease=seconds, renew=seconds * 0.6, retry=seconds * 0.1
        )
        await election.run()


asyncio.run(main(*sys.argv[1:]))
