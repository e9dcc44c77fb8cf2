"""Groups in the shared cluster; and a cluster apart for what would stop other groups: a Gemini, a sick driver."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from cluster.snapshots.apart import Apart
from support.groups import Groups
from support.operators import installed
from support.places import Place

from holdfast.api.resource import NAMESPACES
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast_sandbox import Sandbox
from holdfast_sandbox.proxy import FaultProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def groups(place: Place) -> Groups:
    """Groups in a namespace of one's own in the shared cluster."""
    return Groups(place)


@pytest.fixture(scope="module")
async def apart(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Apart]:
    """A cluster that no other test uses, with an operator behind a proxy that believes in silence after seconds."""
    async with (
        Sandbox() as sandbox,
        Client(load_access(sandbox.kubeconfig), field_manager="tests") as client,
        FaultProxy(sandbox.kubeconfig) as proxy,
    ):
        kubeconfig = proxy.kubeconfig(await installed(client))
        found = Apart(sandbox, client, proxy, kubeconfig, tmp_path_factory.mktemp("apart") / "operator.log")
        yield found
        found.operator.kill()


@pytest.fixture
async def away(apart: Apart) -> AsyncIterator[Groups]:
    """Groups in a namespace of one's own in the cluster apart, with its operator at work."""
    name = f"away-{secrets.token_hex(3)}"
    await apart.client.create(
        NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    )
    if not apart.operator.alive:
        await apart.operator.start()
    yield Groups(Place(apart.sandbox, apart.client, name))
    apart.sandbox.faults.clear()
    await apart.client.delete(NAMESPACES, name)
