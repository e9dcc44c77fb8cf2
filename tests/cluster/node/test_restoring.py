"""An application whose pods run goes back to its data, all claims at once, and runs again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from cluster.node.test_pods import ready, stateful_set
from support import pods
from support.operators import operating
from support.pods import FOREVER

from holdfast.api.resource import STATEFUL_SETS

if TYPE_CHECKING:
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster
CLAIMS_OF_DB = ["data-db-0", "data-db-1"]


async def test_a_stateful_set_runs_again_with_what_all_of_its_pods_had(home: Place, tmp_path: Path) -> None:
    await home.create(STATEFUL_SETS, stateful_set("db", 2, f"hostname >> /data/me; {FOREVER}"))
    await ready(home, "db", 2)
    await asyncio.gather(*(home.snapshot(f"{claim}-then", claim) for claim in CLAIMS_OF_DB))
    for pod in ("db-0", "db-1"):
        await pods.ask(home, pod, "echo wiped > /data/me; sync")

    async with operating(home.sandbox.kubeconfig, tmp_path, election=False):
        for claim in CLAIMS_OF_DB:
            together = {"set": {"members": CLAIMS_OF_DB}, "quiesce": {"mode": "Auto"}}
            await home.restore(f"{claim}-then", name=claim, claim=claim, **together)
        for claim in CLAIMS_OF_DB:
            await home.phase("Settle", name=claim)

    await ready(home, "db", 2)
    for pod in ("db-0", "db-1"):
        assert await pods.ask(home, pod, "cat /data/me") == f"{pod}\n{pod}\n"
