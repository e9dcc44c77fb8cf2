"""A SnapshotGroup and what belongs to it, by quorum reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import CLAIMS, SNAPSHOT_CLASSES, SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.api.storage import Snapshot, SnapshotClass
from holdfast.cli.errors import MissingError
from holdfast.cli.groups.conditions import live_gemini
from holdfast.kube import errors
from holdfast.policy.exchange import EXCLUSIVE
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.views import ClaimGlance, RestoreGlance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.cli.connecting import Cluster


async def raw_group(cluster: Cluster, name: str) -> dict[str, Any]:
    """The whole object.

    Raises:
        MissingError: there is none of that name.
    """
    try:
        return await cluster.client.get(SNAPSHOT_GROUPS, name, cluster.namespace)
    except errors.NotFound:
        raise MissingError(
            f"SnapshotGroup {name} does not exist in namespace {cluster.namespace}",
            remedy="`holdfast group list -A` shows those that do; -n chooses another namespace.",
        ) from None


async def group(cluster: Cluster, name: str) -> SnapshotGroup:
    """What is needed of it.

    Raises:
        MissingError: there is none of that name.
    """
    return msgspec.convert(await raw_group(cluster, name), SnapshotGroup)


async def snapshots(cluster: Cluster, name: str) -> list[Snapshot]:
    """Everything that belongs to a group: scheduled, manual and safety snapshots."""
    listed = await cluster.client.list(SNAPSHOTS, cluster.namespace, type=Snapshot)
    return [snapshot for snapshot in listed.items if snapshot.group == name]


async def restores(cluster: Cluster, claim: str) -> list[VolumeRestore]:
    """All restores of a claim, the newest first."""
    listed = await cluster.client.list(VOLUME_RESTORES, cluster.namespace, type=VolumeRestore)
    mine = [restore for restore in listed.items if restore.spec.claim_name == claim]
    return sorted(mine, key=_age, reverse=True)


def _age(restore: VolumeRestore) -> tuple[float, str]:
    created = restore.metadata.creation_timestamp
    return created.timestamp() if created else 0.0, restore.metadata.name


def at_work(found: Sequence[VolumeRestore]) -> VolumeRestore | None:
    """The one that has the claim now, or is about to."""
    return next((r for r in found if r.status.phase in EXCLUSIVE or not r.status.phase), None)


async def facts(cluster: Cluster, found: SnapshotGroup) -> Facts:
    """Everything that the operator would decide on, as of now."""
    client, namespace = cluster.client, cluster.namespace
    name, claim = found.metadata.name, found.claim_name
    groups = (await client.list(SNAPSHOT_GROUPS, namespace, type=SnapshotGroup)).items
    listed = await client.list(VOLUME_RESTORES, namespace, type=RestoreGlance)
    return Facts(
        group=found,
        schedule=read_schedule(found),
        snapshots=tuple(await snapshots(cluster, name)),
        claim=await _claim(cluster, claim),
        restores=tuple(r for r in listed.items if r.spec.claim_name == claim),
        classes=tuple((await client.list(SNAPSHOT_CLASSES, type=SnapshotClass)).items),
        sharers=tuple(
            sorted(g.metadata.name for g in groups if g.claim_name == claim and g.metadata.name != name)
        ),
        rival=live_gemini(found),
    )


async def _claim(cluster: Cluster, name: str) -> ClaimGlance | None:
    try:
        return await cluster.client.get(CLAIMS, name, cluster.namespace, type=ClaimGlance)
    except errors.NotFound:
        return None
