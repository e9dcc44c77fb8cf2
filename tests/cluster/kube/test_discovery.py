"""Discovery of what a real API server serves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from cluster.kube.served import definition, found

from holdfast.api import resource as resources
from holdfast.api.resource import CRDS, Resource
from holdfast.kube import discovery, errors
from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

pytestmark = pytest.mark.cluster
OURS = {"gemini.fairwinds.com", "holdfast.dev"}  # installed by other tests, or not
CONSTANTS = [
    value
    for value in vars(resources).values()
    if isinstance(value, Resource) and value.group not in OURS and value != resources.ANYTHING
]
SERVICES = Resource("apiregistration.k8s.io", "v1", "apiservices", "APIService", namespaced=False)


@pytest.fixture(params=["aggregated", "group by group"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "aggregated":
        monkeypatch.setattr(discovery, "_AGGREGATED", "application/json")


@pytest.mark.usefixtures("form")
async def test_what_we_know_beforehand_is_what_the_server_says(client: Client) -> None:
    for known in CONSTANTS:
        assert await client.discovery.find(known.qualified) == known
        assert await client.discovery.find(f"{known.kind}.{known.version}.{known.group}") == known


@pytest.mark.parametrize(
    "name",
    [
        "po",
        "Pod",
        "ev",
        "event",
        "leases",
        "hpa",
        "sc",
        "pv",
        "volumesnapshot",
        "vs",
        "vsclass",
        "crd",
        "csr",
    ],
)
async def test_a_name_means_what_it_means_to_kubectl(client: Client, sandbox: Sandbox, name: str) -> None:
    explained = await sandbox.kubectl("explain", name)
    lines = (line.split() for line in explained.splitlines()[:3])
    theirs = {line[0]: line[1] for line in lines if len(line) == 2}
    meant = await client.discovery.find(name)
    assert {"GROUP:": meant.group, "KIND:": meant.kind, "VERSION:": meant.version} == {"GROUP:": ""} | theirs


async def test_a_kind_that_is_added_later_is_found(disturbed: Client, proxy: FaultProxy) -> None:
    group = f"{secrets.token_hex(4)}.example.com"
    with pytest.raises(errors.NotFound, match=f"no resource type 'lates.{group}'"):
        await disturbed.discovery.find(f"lates.{group}")
    await disturbed.create(CRDS, definition(group, "lates", "Late"))
    late = await found(disturbed, f"lates.{group}")
    assert late == Resource(group, "v1", "lates", "Late")
    asked = proxy.count(Match())
    assert await disturbed.discovery.find(f"late.{group}") == late
    assert proxy.count(Match()) == asked
    await disturbed.delete(CRDS, f"lates.{group}")


@pytest.mark.usefixtures("form")
async def test_an_extension_server_that_is_down_hides_no_others(client: Client) -> None:
    group = f"{secrets.token_hex(4)}.example.com"
    service: dict[str, Any] = {
        "metadata": {"name": f"v1.{group}"},
        "spec": {
            "group": group,
            "version": "v1",
            "groupPriorityMinimum": 100,
            "versionPriority": 10,
            "insecureSkipTLSVerify": True,
            "service": {"name": "nobody", "namespace": "default"},
        },
    }
    await client.create(SERVICES, service)
    try:
        with pytest.raises(errors.NotFound):
            await client.discovery.find(f"things.{group}")
        assert await client.discovery.find("pods") == resources.PODS
    finally:
        await client.delete(SERVICES, f"v1.{group}")
