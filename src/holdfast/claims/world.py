"""What is there now: quorum reads of everything that a restore depends on. Writes nothing, decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from holdfast.api.resource import (
    ATTACHMENTS,
    CLAIMS,
    CONTENTS,
    PODS,
    SNAPSHOTS,
    STORAGE_CLASSES,
    VOLUMES,
    can_name,
)
from holdfast.api.storage import Attachment, Claim, Content, Pod, Snapshot, StorageClass, Volume
from holdfast.kube import errors
from holdfast.policy.exchange import ClaimFacts

if TYPE_CHECKING:
    from collections.abc import Collection

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client

T = TypeVar("T")
STOP_IT = "scale their workload to 0"


class World:
    """The cluster around one claim."""

    def __init__(self, client: Client, namespace: str, claim: str) -> None:
        self._client = client
        self.namespace = namespace
        self.claim_name = claim

    async def _find(
        self, resource: Resource, name: str, kind: type[T], namespace: str | None = None
    ) -> T | None:
        if not can_name(name):
            return None
        try:
            return await self._client.get(resource, name, namespace, type=kind)
        except errors.NotFound:
            return None

    async def claim_manifest(self) -> dict[str, Any] | None:
        """The whole claim, for the record."""
        return await self._find(CLAIMS, self.claim_name, dict[str, Any], self.namespace)

    async def claim(self) -> Claim | None:
        return await self._find(CLAIMS, self.claim_name, Claim, self.namespace)

    async def volume(self, name: str) -> Volume | None:
        return await self._find(VOLUMES, name, Volume) if name else None

    async def snapshot(self, name: str) -> Snapshot | None:
        return await self._find(SNAPSHOTS, name, Snapshot, self.namespace)

    async def content(self, name: str) -> Content | None:
        return await self._find(CONTENTS, name, Content) if name else None

    async def storage_class(self, name: str) -> StorageClass | None:
        return await self._find(STORAGE_CLASSES, name, StorageClass) if name else None

    async def users(self) -> list[str]:
        """Who may still write: unfinished pods that mount the claim, by name."""
        return sorted(p.metadata.name for p in await self._pods({self.claim_name}) if not p.finished)

    async def left_over(self, claims: Collection[str]) -> str:
        """Pods that are over and yet keep one of the claims, in words with the remedy; empty where there is none.

        Where they were on a node, Kubernetes keeps the claim for as long as they exist.
        """
        pods = [p for p in await self._pods(claims) if p.finished and p.spec.node_name]
        names = sorted(p.metadata.name for p in pods)
        kept = sorted({claim for claim in claims for p in pods if p.mounts(claim)})
        remedy = f"`kubectl delete pod {' '.join(names)}`"
        said = f"finished pods to be deleted that keep claim {', '.join(kept)}: {', '.join(names)}; {remedy}"
        return said if pods else ""

    async def _pods(self, claims: Collection[str]) -> list[Pod]:
        pods = await self._client.list(PODS, self.namespace, type=Pod)
        return [p for p in pods.items if any(p.mounts(claim) for claim in claims)]

    async def attached(self, volume: str) -> list[str]:
        """Nodes that the volume is still attached to."""
        found = await self._client.list(ATTACHMENTS, type=Attachment)
        return sorted(a.spec.node_name for a in found.items if a.spec.source.persistent_volume_name == volume)

    async def unready_snapshots(self) -> list[str]:
        """Snapshots of this claim that are not ready: each keeps the claim from going away."""
        found = await self._client.list(SNAPSHOTS, self.namespace, type=Snapshot)
        return sorted(
            s.metadata.name
            for s in found.items
            if s.claim_name == self.claim_name and not s.status.ready_to_use
        )

    async def in_the_way(self, volume: str, *, remedy: str = STOP_IT) -> str:
        """Why the claim is not quiet, in words for people; empty when it is.

        Args:
            volume: that of the claim.
            remedy: what ends the use by pods.
        """
        if pods := await self.users():
            return f"pods that use claim {self.claim_name}: {', '.join(pods)}; {remedy}"
        if said := await self.left_over({self.claim_name}):
            return said
        if nodes := await self.attached(volume):
            return f"volume {volume} to be detached from {', '.join(nodes)}"
        if snapshots := await self.unready_snapshots():
            return f"snapshots of claim {self.claim_name} to become ready: {', '.join(snapshots)}"
        return ""


def facts_of(claim: Claim | None) -> ClaimFacts | None:
    """What decisions need of a claim."""
    if claim is None:
        return None
    source = claim.spec.data_source
    return ClaimFacts(
        uid=claim.metadata.uid,
        volume=claim.spec.volume_name,
        bound=claim.bound,
        terminating=claim.terminating,
        source=source.name if source and source.kind == "VolumeSnapshot" else "",
    )


def whole(manifest: dict[str, Any]) -> Claim:
    """The typed view of a whole claim."""
    return msgspec.convert(manifest, Claim)
