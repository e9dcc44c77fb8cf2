"""Every claim of the cluster with its newest ready snapshot, or the reason why it has none that is young enough."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import click

from holdfast.api import keys
from holdfast.api.drills import RestoreDrill
from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import (
    CLAIMS,
    RESTORE_DRILLS,
    SNAPSHOT_CLASSES,
    SNAPSHOT_GROUPS,
    SNAPSHOTS,
    STATEFUL_SETS,
    Resource,
)
from holdfast.api.storage import Claim, Snapshot, SnapshotClass
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.groups import listing
from holdfast.cli.listings import Column, show_document, show_rows
from holdfast.kube import errors
from holdfast.policy.texts import instant
from holdfast.snapshots.members import members
from holdfast.snapshots.views import StatefulSetGlance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.cli.options import Target
    from holdfast.kube.client import Client

T = TypeVar("T")
Place = tuple[str, str]
SAFE = "Safe"
_CALM = {"OptedOut": "bright_black", "NotInSet": "yellow"}


@dataclass(frozen=True, slots=True)
class Row:
    """One claim."""

    namespace: str
    claim: str
    status: str
    newest_ready: datetime | None
    proven: datetime | None
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that coverage is read from."""

    claims: Sequence[Claim]
    groups: Sequence[SnapshotGroup]
    snapshots: Sequence[Snapshot]
    classes: Sequence[SnapshotClass]
    stateful_sets: Sequence[StatefulSetGlance]
    drills: Sequence[RestoreDrill]


async def show(target: Target, *, uncovered: bool, output: str) -> None:
    """List claims: of one namespace if the user named it, otherwise of all."""
    async with connect(target) as cluster:
        found = await _find(cluster.client, target.namespace)
    now = times.now()
    rows = judge(found, now)
    shown = [row for row in rows if not uncovered or row.status != SAFE]
    if output in {"json", "yaml"}:
        show_document([_document(row) for row in shown], output)
    elif output == "name":
        for row in shown:
            click.echo(f"persistentvolumeclaim/{row.claim}")
    else:
        empty = "Every claim is covered." if rows else "No claims."
        show_rows(shown, columns(now), wide=output == "wide", empty=empty)
        safe = sum(row.status == SAFE for row in rows)
        click.echo(f"{safe} of {len(rows)} claims are safe.", err=True)


async def _find(client: Client, namespace: str | None) -> Found:
    async def listed(resource: Resource, kind: type[T], where: str | None = namespace) -> Sequence[T]:
        return (await client.list(resource, where, type=kind)).items

    async def drills() -> Sequence[RestoreDrill]:
        try:
            return await listed(RESTORE_DRILLS, RestoreDrill)
        except errors.NotFound:
            return ()  # an installation of before there were any

    return Found(
        *await asyncio.gather(
            listed(CLAIMS, Claim),
            listed(SNAPSHOT_GROUPS, SnapshotGroup),
            listed(SNAPSHOTS, Snapshot),
            listed(SNAPSHOT_CLASSES, SnapshotClass, None),
            listed(STATEFUL_SETS, StatefulSetGlance),
            drills(),
        )
    )


def judge(found: Found, now: datetime) -> list[Row]:
    """A row for each claim, by namespace and name."""
    known = _Known(
        groups=_groups(found),
        newest=_newest(found.snapshots),
        in_sets=_in_sets(found.snapshots),
        proofs=_proofs(found.drills),
        drivers=frozenset(c.driver for c in found.classes),
    )
    claims = sorted(found.claims, key=lambda c: (c.metadata.namespace, c.metadata.name))
    return [_row(claim, known, now) for claim in claims]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of each claim, by its namespace and name.

    Attributes:
        groups: those that are for it.
        newest: when its newest ready snapshot was cut, whoever took it.
        in_sets: the sets in which it has a ready snapshot.
        proofs: when each group was last proven to restore, by its namespace and name and the claim; without the claim
            where it is of one only.
        drivers: those that can make snapshots.
    """

    groups: dict[Place, list[SnapshotGroup]]
    newest: dict[Place, datetime]
    in_sets: dict[Place, set[str]]
    proofs: dict[tuple[str, str, str], datetime]
    drivers: frozenset[str]


def _groups(found: Found) -> dict[Place, list[SnapshotGroup]]:
    groups: dict[Place, list[SnapshotGroup]] = {}
    sets = {(s.metadata.namespace, s.metadata.name): s for s in found.stateful_sets}
    there: dict[str, list[Claim]] = {}
    for claim in found.claims:
        there.setdefault(claim.metadata.namespace, []).append(claim)
    for group in found.groups:
        where = group.metadata.namespace
        stateful_set = sets.get((where, group.spec.persistent_volume_claim.stateful_set))
        several = () if group.claim_name else members(group, there.get(where, []), stateful_set)
        for name in [group.claim_name] if group.claim_name else [c.metadata.name for c in several]:
            groups.setdefault((where, name), []).append(group)
    return groups


def _newest(snapshots: Sequence[Snapshot]) -> dict[Place, datetime]:
    newest: dict[Place, datetime] = {}
    for snapshot in snapshots:
        place = snapshot.metadata.namespace, snapshot.claim_name
        cut = snapshot.taken
        if snapshot.ready and cut:
            newest[place] = max(cut, newest.get(place, cut))
    return newest


def _in_sets(snapshots: Sequence[Snapshot]) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = {}
    for snapshot in snapshots:
        if snapshot.ready and snapshot.set_name:
            place = snapshot.metadata.namespace, snapshot.claim_name
            found.setdefault(place, set()).add(snapshot.set_name)
    return found


def _proofs(drills: Sequence[RestoreDrill]) -> dict[tuple[str, str, str], datetime]:
    proofs: dict[tuple[str, str, str], datetime] = {}
    proven = ((drill, drill.status.last_proven) for drill in drills)
    for drill, proof in [(d, p) for d, p in proven if p]:
        for claim in proof.claims or [""]:
            of = drill.metadata.namespace, drill.spec.group_name, claim
            proofs[of] = max(proof.time, proofs.get(of, proof.time))
    return proofs


def _row(claim: Claim, known: _Known, now: datetime) -> Row:
    place = namespace, name = claim.metadata.namespace, claim.metadata.name
    said = [(g, *_of_group(g, known.in_sets.get(place, set()), now)) for g in known.groups.get(place, [])]
    said.sort(key=lambda each: (each[1] != SAFE, each[0].metadata.name))
    groups = [group for group, *_ in said]
    status, reason = said[0][1:] if said else _without_group(claim, known.drivers)
    proven = (known.proofs.get((namespace, g.metadata.name, of)) for g in groups for of in ("", name))
    return Row(
        namespace=namespace,
        claim=name,
        status=status,
        newest_ready=known.newest.get(place),
        proven=max(filter(None, proven), default=None),
        groups=tuple(g.metadata.name for g in groups),
        sources=tuple(filter(None, (g.metadata.annotations.get(keys.SOURCE) for g in groups))),
        reason=reason,
    )


def _of_group(group: SnapshotGroup, sets: set[str], now: datetime) -> tuple[str, str]:
    """How a claim stands by a group; `sets` are those in which it has a ready snapshot."""
    status, newest = listing.status(group, now), group.status.newest_set
    if status == SAFE and newest and newest.name not in sets:
        return "NotInSet", f"set {newest.name}, the newest that is ready, has no ready snapshot of this claim"
    because = group.metadata.annotations.get(keys.SUSPENDED, "")
    return status, because or listing.reason(group, now)


def _without_group(claim: Claim, drivers: frozenset[str]) -> tuple[str, str]:
    if claim.metadata.labels.get(keys.OPT_OUT) == "true":
        return "OptedOut", f"label {keys.OPT_OUT} of the claim"
    if not claim.bound:
        return (
            "NotBound",
            f"claim {claim.metadata.name} is {claim.status.phase or 'new'}; it has no volume yet",
        )
    if claim.provisioner not in drivers:
        driver = claim.provisioner or "no driver that makes snapshots"
        return "NoClass", f"its volume is of {driver}, for which there is no VolumeSnapshotClass"
    return "NoSchedule", "no SnapshotGroup names it, no ClusterSnapshotPolicy matches it"


def columns(now: datetime) -> tuple[Column[Row], ...]:
    return (
        Column("NAMESPACE", attrgetter("namespace")),
        Column("CLAIM", attrgetter("claim")),
        Column("STATUS", attrgetter("status"), colour=lambda word: _CALM.get(word) or listing.colour(word)),
        Column("NEWEST READY", lambda row: times.age(row.newest_ready, now) or "never"),
        Column("PROVEN", lambda row: times.age(row.proven, now) or "never"),
        Column("GROUP", lambda row: ", ".join(row.groups)),
        Column("FROM", lambda row: ", ".join(row.sources), wide=True),
        Column("REASON", attrgetter("reason"), text=True),
    )


def _document(row: Row) -> dict[str, object]:
    return {
        "namespace": row.namespace,
        "claim": row.claim,
        "status": row.status,
        "newestReady": instant(row.newest_ready) if row.newest_ready else None,
        "proven": instant(row.proven) if row.proven else None,
        "groups": list(row.groups),
        "from": list(row.sources),
        "reason": row.reason,
    }
