"""Deleting snapshots that nobody needs: what is held or being restored from stays."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, GROUP_SNAPSHOTS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.api.storage import Claim, Snapshot
from holdfast.cli import confirming
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MissingError, RefusedError
from holdfast.cli.reporting import reporter
from holdfast.kube import errors
from holdfast.policy.exchange import FINAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target


@dataclass(frozen=True, slots=True)
class Users:
    """What in a namespace may need snapshots."""

    restores: Sequence[VolumeRestore]
    claims: Sequence[Claim]


async def delete(target: Target, names: Sequence[str], *, dry_run: bool, yes: bool) -> None:
    """Delete snapshots, all or none: first each is looked at, then the user is asked.

    Raises:
        MissingError: one does not exist.
        RefusedError: one is needed; the message says by whom.
    """
    async with connect(target) as cluster:
        snapshots = [await _find(cluster, name) for name in dict.fromkeys(names)]
        users = await _users(cluster)
        if reasons := [reason for snapshot in snapshots for reason in needed(snapshot, users)]:
            raise RefusedError("; ".join(reasons), remedy=_REMEDY)
        await _check_sets(cluster, snapshots)
        if not dry_run:
            confirming.confirm(_question(snapshots), yes=yes)
        with reporter() as report:
            for snapshot in snapshots:
                await _delete(cluster, snapshot, dry_run=dry_run)
                report.done(f"snapshot {snapshot.metadata.name} {'would be ' if dry_run else ''}deleted")


async def _check_sets(cluster: Cluster, chosen: Sequence[Snapshot]) -> None:
    """Nobody means to leave a set in part."""
    if not any(s.set_name for s in chosen):
        return
    there = (await cluster.client.list(SNAPSHOTS, cluster.namespace, type=Snapshot)).items
    if left := left_over(chosen, there):
        raise RefusedError(
            f"the rest of a set would be of no use: {', '.join(left)}",
            remedy="Delete all of the set, or none of it.",
        )


def left_over(chosen: Sequence[Snapshot], there: Sequence[Snapshot]) -> list[str]:
    """The other snapshots of the sets that the chosen ones are part of."""
    broken = {s.set_name for s in chosen} - {""}
    names = {s.metadata.name for s in chosen}
    rest = (s for s in there if s.set_name in broken and not s.metadata.deletion_timestamp)
    return sorted(s.metadata.name for s in rest if s.metadata.name not in names)


_REMEDY = f"End the restore, or take the hold away: `kubectl label volumesnapshot NAME {keys.HOLD}-`."


def needed(snapshot: Snapshot, users: Users) -> Iterator[str]:
    """Why a snapshot must stay, one reason at a time."""
    name = snapshot.metadata.name
    if keys.HOLD in snapshot.metadata.labels:
        holder = snapshot.metadata.labels[keys.HOLD]
        yield f"snapshot {name} is held{f' by {holder}' if holder else ''}"
    for restore in users.restores:
        if name in _named(restore) and restore.status.phase not in FINAL:
            phase = restore.status.phase or "Requested"
            yield f"snapshot {name} is needed by VolumeRestore {restore.metadata.name} ({phase})"
    for claim in users.claims:
        origin = claim.spec.data_source
        if origin and origin.kind == SNAPSHOTS.kind and origin.name == name and not claim.bound:
            yield f"snapshot {name} is what claim {claim.metadata.name} ({claim.status.phase}) is made from"


def _named(restore: VolumeRestore) -> set[str]:
    safety = {restore.status.safety.name} if restore.status.safety else set()
    return {restore.spec.snapshot_name} | safety


async def _find(cluster: Cluster, name: str) -> Snapshot:
    try:
        return await cluster.client.get(SNAPSHOTS, name, cluster.namespace, type=Snapshot)
    except errors.NotFound:
        raise MissingError(
            f"snapshot {name} does not exist in namespace {cluster.namespace}; nothing was deleted",
            remedy=f"`holdfast snapshot list -n {cluster.namespace}` shows those that do.",
        ) from None


async def _users(cluster: Cluster) -> Users:
    claims = await cluster.client.list(CLAIMS, cluster.namespace, type=Claim)
    try:
        restores = await cluster.client.list(VOLUME_RESTORES, cluster.namespace, type=VolumeRestore)
    except errors.NotFound:
        return Users((), claims.items)
    return Users(restores.items, claims.items)


def _question(snapshots: Sequence[Snapshot]) -> str:
    names = ", ".join(s.metadata.name for s in snapshots)
    groups = ", ".join(sorted({s.group for s in snapshots if s.group}))
    return f"Delete {names}{f' (of group {groups})' if groups else ''}?"


async def _delete(cluster: Cluster, snapshot: Snapshot, *, dry_run: bool) -> None:
    """One that a group snapshot has cut goes only with that, as its whole set does."""
    meta, whole = snapshot.metadata, snapshot.cut_with
    if whole and snapshot.set_name:
        with contextlib.suppress(errors.NotFound):
            await cluster.client.delete(
                GROUP_SNAPSHOTS, whole.name, cluster.namespace, uid=whole.uid, dry_run=dry_run
            )
        return
    await cluster.client.delete(
        SNAPSHOTS,
        meta.name,
        cluster.namespace,
        uid=meta.uid,
        resource_version=meta.resource_version,
        dry_run=dry_run,
    )
