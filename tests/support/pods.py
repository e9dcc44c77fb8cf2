"""Pods that really run: manifests with busybox, what they say, and waiting for what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import PODS
from support import objects
from support.waiting import until

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

IMAGE = "localhost/busybox:1"
AT = "/data"  # where the claim is
FOREVER = "while true; do sleep 1; done"


def container(script: str, **fields: Any) -> Manifest:  # noqa: ANN401  of a container
    """A container of busybox that runs a script with the claim `data` at `/data`."""
    mounts = [{"name": "data", "mountPath": AT}]
    shell = {"name": "main", "image": IMAGE, "imagePullPolicy": "Never", "command": ["sh", "-c", script]}
    return shell | {"volumeMounts": mounts} | fields


def pod(name: str, script: str, claim: str = "data", **spec: Any) -> Manifest:  # noqa: ANN401  of a pod
    """A pod of that container, which is not started again and ends at once when it is deleted."""
    usual = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container(script)]}
    return objects.pod(name, claim, **(usual | spec))


async def phase(place: Place, name: str, *phases: str) -> Manifest:
    """Wait until a pod is in one of these phases."""

    async def reached() -> Manifest:
        found = await place.get(PODS, name)
        assert found["status"].get("phase") in phases, found["status"]
        return found

    return await until(reached)


async def said(place: Place, name: str) -> str:
    """What a pod has written to its standard output."""
    return await place.sandbox.kubectl("-n", place.namespace, "logs", name)


async def ask(place: Place, name: str, script: str) -> str:
    """What a script says that is run in a running pod."""
    command = ("exec", name, "--", "sh", "-c", script)
    return await place.sandbox.kubectl("-n", place.namespace, *command)


async def run(place: Place, name: str, script: str, claim: str = "data") -> str:
    """Run a pod to its end, and what it said."""
    await place.create(PODS, pod(name, script, claim))
    ended = await phase(place, name, "Succeeded", "Failed")
    text = await said(place, name)
    assert ended["status"]["phase"] == "Succeeded", text
    return text
