"""A SnapshotGroup and what belongs to it, by quorum reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import (
    CLAIMS,
    GROUP_SNAPSHOT_CLASSES,
    SNAPSHOT_CLASSES,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STATEFUL_SETS,
    VOLUME_RESTORES,
)
from holdfast.api.restores import VolumeRestore
from holdfast.api.storage import Snapshot, SnapshotClass
from holdfast.cli import objects
from holdfast.cli.groups.conditions import live_gemini
from holdfast.kube import errors
from holdfast.policy.exchange import EXCLUSIVE
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.finding import group_snapshots
from holdfast.snapshots.finding import own as mine
from holdfast.snapshots.members import members, selects
from holdfast.snapshots.moments import meant_by
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.views import ClaimGlance, RestoreGlance, StatefulSetGlance

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from holdfast.api.storage import GroupSnapshot
    from holdfast.cli.connecting import Cluster


async def raw_group(cluster: Cluster, name: str) -> dict[str, Any]:
    """The whole object.

    Raises:
        MissingError: there is none of that name.
    """
    return await objects.raw(cluster, SNAPSHOT_GROUPS, name, shown_by="group list")


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


async def restores(cluster: Cluster, found: SnapshotGroup) -> list[VolumeRestore]:
    """All restores of a group's claims, the newest first."""
    names = {found.claim_name} if found.claim_name else await _names(cluster, found)
    listed = await cluster.client.list(VOLUME_RESTORES, cluster.namespace, type=VolumeRestore)
    mine = [restore for restore in listed.items if restore.spec.claim_name in names]
    return sorted(mine, key=_age, reverse=True)


async def _names(cluster: Cluster, found: SnapshotGroup) -> set[str]:
    """The claims that a group of several has, and had when its sets were taken."""
    noted = meant_by(await snapshots(cluster, found.metadata.name))
    return {*noted, *(claim.metadata.name for claim in await claims(cluster, found))}


async def claims(cluster: Cluster, found: SnapshotGroup) -> tuple[ClaimGlance, ...]:
    """The claims that a group is for, as far as they exist."""
    listed = await cluster.client.list(CLAIMS, cluster.namespace, type=ClaimGlance)
    return members(found, listed.items, await _stateful_set(cluster, found))


def _age(restore: VolumeRestore) -> tuple[float, str]:
    created = restore.metadata.creation_timestamp
    return created.timestamp() if created else 0.0, restore.metadata.name


def at_work(found: Sequence[VolumeRestore]) -> VolumeRestore | None:
    """The one that has the claim now, or is about to."""
    return next((r for r in found if r.status.phase in EXCLUSIVE or not r.status.phase), None)


def siblings(found: Sequence[VolumeRestore], one: VolumeRestore) -> list[VolumeRestore]:
    """A restore with those that are done together with it, by name."""
    names = {one.metadata.name, *(one.spec.set.members if one.spec.set else ())}
    return sorted((r for r in found if r.metadata.name in names), key=lambda r: r.metadata.name)


async def facts(cluster: Cluster, found: SnapshotGroup) -> Facts:
    """Everything that the operator would decide on, as of now."""
    client, namespace = cluster.client, cluster.namespace
    wholes = await _wholes(cluster, found)
    listed_snapshots = await client.list(SNAPSHOTS, namespace, type=Snapshot)
    taken = tuple(mine(listed_snapshots.items, found, wholes))
    claims = {c.metadata.name: c for c in (await client.list(CLAIMS, namespace, type=ClaimGlance)).items}
    stateful_set = await _stateful_set(cluster, found)
    own = members(found, claims.values(), stateful_set)
    noted = meant_by((*taken, *wholes))
    names = {found.claim_name, *noted, *(c.metadata.name for c in own)}
    listed = await client.list(VOLUME_RESTORES, namespace, type=RestoreGlance)
    return Facts(
        group=found,
        schedule=read_schedule(found),
        snapshots=taken,
        claims=own,
        restores=tuple(r for r in listed.items if r.spec.claim_name in names),
        classes=tuple((await client.list(SNAPSHOT_CLASSES, type=SnapshotClass)).items),
        sharers=tuple([g async for g in _sharers(cluster, found, own)]),
        rival=live_gemini(found),
        stateful_set=stateful_set,
        gone=tuple(sorted(noted - claims.keys())),
        wholes=wholes,
        group_classes=await _group_classes(cluster) if not found.claim_name else (),
        others=tuple(c for c in claims.values() if c not in own) if not found.claim_name else (),
    )


async def _wholes(cluster: Cluster, found: SnapshotGroup) -> tuple[GroupSnapshot, ...]:
    """Its group snapshots, as far as this user may see them."""
    try:
        return await group_snapshots(cluster.client, found)
    except errors.Forbidden:
        return ()


async def _group_classes(cluster: Cluster) -> tuple[SnapshotClass, ...]:
    try:
        return tuple((await cluster.client.list(GROUP_SNAPSHOT_CLASSES, type=SnapshotClass)).items)
    except (errors.NotFound, errors.Forbidden):
        return ()


async def _sharers(
    cluster: Cluster, found: SnapshotGroup, claims: Sequence[ClaimGlance]
) -> AsyncIterator[str]:
    listed = await cluster.client.list(SNAPSHOT_GROUPS, cluster.namespace, type=SnapshotGroup)
    for other in listed.items:
        named = other.claim_name and other.claim_name == found.claim_name
        stateful_set = await _stateful_set(cluster, other)
        shared = any(selects(other, claim, stateful_set) for claim in claims)
        if (named or shared) and other.metadata.name != found.metadata.name:
            yield other.metadata.name


async def _stateful_set(cluster: Cluster, found: SnapshotGroup) -> StatefulSetGlance | None:
    name = found.spec.persistent_volume_claim.stateful_set
    if not name:
        return None
    try:
        return await cluster.client.get(STATEFUL_SETS, name, cluster.namespace, type=StatefulSetGlance)
    except errors.NotFound:
        return None
