"""Volumes that one node reaches and no other: a restore makes the new one where its snapshot is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.operators import operating
from support.places import Place, new_place
from support.waiting import until

from holdfast.api.resource import CLAIMS, PODS
from holdfast_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.cluster

WHERE = "kubernetes.io/hostname"


@pytest.fixture
async def afar(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A cluster with two nodes and an operator."""
    async with (
        Sandbox(topology=True) as sandbox,
        operating(sandbox.kubeconfig, tmp_path_factory.mktemp("afar")),
        new_place(sandbox, "afar") as place,
    ):
        yield place


async def test_a_claim_comes_back_where_its_snapshot_is_whatever_node_its_pod_would_like_better(
    afar: Place,
) -> None:
    await afar.claim(bound=False, storageClassName="dir-wait")
    await afar.pod("first", nodeSelector={WHERE: "paper2"})
    old = await afar.bound()
    await afar.write_data("then")
    await afar.snapshot("snap")
    await afar.write_data("now")
    await afar.end_pod("first")
    await afar.restore("snap")

    async def exchanged() -> bool:
        return bool((await afar.get(CLAIMS, "data"))["metadata"]["uid"] != old["metadata"]["uid"])

    await until(exchanged)
    await afar.pod("second", affinity=rather_on("paper"))
    await afar.phase("Settle")
    assert await afar.read_data() == "then"

    async def placed() -> str:
        return str((await afar.get(PODS, "second"))["spec"]["nodeName"])

    assert await until(placed) == "paper2"


def rather_on(node: str) -> dict[str, object]:
    """The affinity of a pod that the scheduler puts on a node whenever it can."""
    found = {"matchExpressions": [{"key": WHERE, "operator": "In", "values": [node]}]}
    wish = {"weight": 100, "preference": found}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}}
