"""A namespace of a sandbox as a test sees it: objects made and waited for, and the bytes behind a claim."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import (
    CLAIMS,
    PODS,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    VOLUME_RESTORES,
    VOLUMES,
    Resource,
)
from holdfast.kube import errors
from holdfast.kube.access import load_access
from holdfast.kube.client import Client
from holdfast.snapshots.taking import manual_set
from holdfast_sandbox.testing import new_namespace
from support import objects
from support.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from pathlib import Path

    from holdfast_sandbox import Sandbox
    from support.objects import Manifest


class Place:
    """One namespace. All methods act as an administrator; the operator under test is another process."""

    def __init__(self, sandbox: Sandbox, client: Client, namespace: str) -> None:
        self.sandbox, self.client, self.namespace = sandbox, client, namespace

    async def create(self, resource: Resource, body: Manifest) -> Manifest:
        return await self.client.create(resource, body, self.namespace if resource.namespaced else None)

    async def get(self, resource: Resource, name: str) -> Manifest:
        return await self.client.get(resource, name, self.namespace if resource.namespaced else None)

    async def find(self, resource: Resource, name: str) -> Manifest | None:
        """The object, or None."""
        try:
            return await self.get(resource, name)
        except errors.NotFound:
            return None

    async def patch(self, resource: Resource, name: str, body: Manifest) -> Manifest:
        """A merge patch."""
        namespace = self.namespace if resource.namespaced else None
        return await self.client.patch(resource, name, body, namespace)

    async def delete(self, resource: Resource, name: str) -> None:
        """Ask for it to go."""
        await self.client.delete(resource, name, self.namespace if resource.namespaced else None)

    async def gone(self, resource: Resource, name: str) -> None:
        """Wait until there is no such object."""

        async def missing() -> bool:
            return await self.find(resource, name) is None

        await until(missing)

    # claims and their bytes

    async def claim(
        self,
        name: str = "data",
        *,
        data: str = "",
        bound: bool = True,
        **wanted: Any,  # noqa: ANN401
    ) -> Manifest:
        """A claim, bound, with bytes in its volume.

        Args:
            name: of the claim.
            data: what its volume holds.
            bound: False: do not wait for a volume.
            wanted: as of `objects.claim`.
        """
        created = await self.create(CLAIMS, objects.claim(name, **wanted))
        if not bound:
            return created
        await self.bound(name)
        if data:
            await self.write_data(data, name)
        return await self.get(CLAIMS, name)

    async def bound(self, name: str = "data", *, other_than: str = "") -> Manifest:
        """Wait until the claim is bound, to another volume than that if one is given."""

        async def found() -> Manifest | None:
            claim = await self.get(CLAIMS, name)
            volume = claim["spec"].get("volumeName", "")
            return claim if claim["status"]["phase"] == "Bound" and volume != other_than else None

        return await until(found)

    async def volume(self, claim: str = "data") -> Manifest:
        """The volume that a claim is bound to."""
        name = (await self.get(CLAIMS, claim))["spec"]["volumeName"]
        return await self.get(VOLUMES, name)

    def path(self, volume: Manifest) -> Path:
        """Where the bytes of a volume are."""
        directory = self.sandbox.volume_path(volume["spec"]["csi"]["volumeHandle"])
        return directory / ("disk.img" if volume["spec"].get("volumeMode") == "Block" else "data")

    async def write_data(self, data: str, claim: str = "data") -> None:
        write_volume(self.path(await self.volume(claim)), data)

    async def read_data(self, claim: str = "data") -> str:
        return read_volume(self.path(await self.volume(claim)))

    # snapshots, groups, restores, pods

    async def snapshot(self, name: str, of: str = "data", *, ready: bool = True, **wanted: Any) -> Manifest:  # noqa: ANN401
        """A snapshot, ready; the rest as of `objects.snapshot`."""
        return await self._take(objects.snapshot(name, of, **wanted), ready=ready)

    async def group_snapshot(self, group: str, stamp: int, of: str = "data") -> Manifest:
        """A ready restore point of a group."""
        return await self._take(objects.group_snapshot(group, stamp, of), ready=True)

    async def group_set(self, group: Manifest, stamp: int, claims: Collection[str]) -> list[str]:
        """A ready set of a group that somebody took by hand; the names of its snapshots, by claim."""
        wanted = msgspec.convert(group, SnapshotGroup)
        bodies = manual_set(wanted, claims, datetime.fromtimestamp(stamp, UTC))
        for body in bodies:
            await self.create(SNAPSHOTS, body)
        return [(await self.ready(body["metadata"]["name"]))["metadata"]["name"] for body in bodies]

    async def _take(self, body: Manifest, *, ready: bool) -> Manifest:
        await self.create(SNAPSHOTS, body)
        name = body["metadata"]["name"]
        return await self.ready(name) if ready else await self.get(SNAPSHOTS, name)

    async def ready(self, name: str) -> Manifest:
        """Wait until a snapshot is ready."""

        async def found() -> Manifest | None:
            snapshot = await self.get(SNAPSHOTS, name)
            return snapshot if snapshot.get("status", {}).get("readyToUse") else None

        return await until(found)

    async def group(self, name: str = "backups", **wanted: Any) -> Manifest:  # noqa: ANN401
        """A SnapshotGroup, seen by the operator; the rest as of `objects.group`."""
        await self.create(SNAPSHOT_GROUPS, objects.group(name, **wanted))

        async def seen() -> Manifest | None:
            group = await self.get(SNAPSHOT_GROUPS, name)
            return group if "restore" in group.get("status", {}) else None

        return await until(seen)

    async def annotate(self, group: str, **notes: str | None) -> None:
        """Set annotations of Gemini's domain on a group, such as `restore`; None takes one away."""
        named = {f"gemini.fairwinds.com/{key}": value for key, value in notes.items()}
        await self.patch(SNAPSHOT_GROUPS, group, {"metadata": {"annotations": named}})

    async def restore(self, snapshot: str, *, name: str = "restore", **spec: Any) -> Manifest:  # noqa: ANN401
        """Ask for a restore; the rest as of `objects.restore`."""
        return await self.create(VOLUME_RESTORES, objects.restore(snapshot, name=name, **spec))

    async def phase(self, *phases: str, name: str = "restore", saying: str = "") -> Manifest:
        """Wait until a restore is in one of these phases, and says something if that is given."""

        async def reached() -> Manifest:
            restore = await self.get(VOLUME_RESTORES, name)
            status = restore.get("status", {})
            assert status.get("phase") in phases, status
            assert saying in status.get("message", ""), status
            return restore

        return await until(reached)

    async def pod(self, name: str = "user", claim: str = "data", **spec: Any) -> Manifest:  # noqa: ANN401
        """A pod that uses a claim; nothing runs in it."""
        return await self.create(PODS, objects.pod(name, claim, **spec))

    async def end_pod(self, name: str = "user") -> None:
        """Take a pod away at once: there is no kubelet that would confirm its end."""
        path = PODS.path(self.namespace, name)
        await self.client.request("DELETE", path, params={"gracePeriodSeconds": "0"})


def write_volume(file: Path, data: str) -> None:
    """Put bytes into a volume's file; an image of a block device keeps its size."""
    with file.open("r+b" if file.name == "disk.img" else "wb") as stream:
        stream.write(data.encode() + b"\0")


def read_volume(file: Path) -> str:
    """The bytes that `write_volume` put there."""
    with file.open("rb") as stream:
        return stream.read(4096).partition(b"\0")[0].decode()


@asynccontextmanager
async def new_place(sandbox: Sandbox, title: str) -> AsyncIterator[Place]:
    """A namespace of one's own, named after a title; its deletion is not waited for."""
    async with (
        Client(load_access(sandbox.kubeconfig), field_manager="tests") as client,
        new_namespace(sandbox, title) as name,
    ):
        yield Place(sandbox, client, name)
