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
    Resource,
)
from holdfast.api.storage import Claim, Snapshot, SnapshotClass
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.groups import listing
from holdfast.cli.listings import Column, show_document, show_rows
from holdfast.kube import errors
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.cli.options import Target
    from holdfast.kube.client import Client

T = TypeVar("T")
Proofs = dict[tuple[str, str], "datetime"]
SAFE = "Safe"
_CALM = {"OptedOut": "bright_black"}


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
            drills(),
        )
    )


def judge(found: Found, now: datetime) -> list[Row]:
    """A row for each claim, by namespace and name."""
    claims = sorted(found.claims, key=lambda c: (c.metadata.namespace, c.metadata.name))
    groups = _by_claim(found)
    newest, drivers = _newest(found.snapshots), {c.driver for c in found.classes}
    proofs = _proofs(found.drills)
    places = [(c, (c.metadata.namespace, c.metadata.name)) for c in claims]
    return [_row(c, groups.get(place, []), newest.get(place), drivers, proofs, now) for c, place in places]


def _by_claim(found: Found) -> dict[tuple[str, str], list[SnapshotGroup]]:
    """The groups of each claim; those of several are for the claims of their newest ready set."""
    groups: dict[tuple[str, str], list[SnapshotGroup]] = {}
    for group in found.groups:
        seen = group.status.newest_set
        for claim in [group.claim_name] if group.claim_name else (seen.claims if seen else ()):
            groups.setdefault((group.metadata.namespace, claim), []).append(group)
    return groups


def _newest(snapshots: Sequence[Snapshot]) -> dict[tuple[str, str], datetime]:
    """When the newest ready snapshot of each claim was cut, whoever took it."""
    newest: dict[tuple[str, str], datetime] = {}
    for snapshot in snapshots:
        place = snapshot.metadata.namespace, snapshot.claim_name
        cut = snapshot.taken
        if snapshot.ready and cut:
            newest[place] = max(cut, newest.get(place, cut))
    return newest


def _proofs(drills: Sequence[RestoreDrill]) -> Proofs:
    """When each group was last proven to restore."""
    proofs: Proofs = {}
    for drill in drills:
        if proof := drill.status.last_proven:
            group = drill.metadata.namespace, drill.spec.group_name
            proofs[group] = max(proof.time, proofs.get(group, proof.time))
    return proofs


def _row(
    claim: Claim,
    groups: list[SnapshotGroup],
    newest: datetime | None,
    drivers: set[str],
    proofs: Proofs,
    now: datetime,
) -> Row:
    groups = sorted(groups, key=lambda g: (listing.status(g, now) != SAFE, g.metadata.name))
    status, reason = _of_group(groups[0], now) if groups else _without_group(claim, drivers)
    proven = filter(None, (proofs.get((g.metadata.namespace, g.metadata.name)) for g in groups))
    return Row(
        namespace=claim.metadata.namespace,
        claim=claim.metadata.name,
        status=status,
        newest_ready=newest,
        proven=max(proven, default=None),
        groups=tuple(g.metadata.name for g in groups),
        sources=tuple(filter(None, (g.metadata.annotations.get(keys.SOURCE) for g in groups))),
        reason=reason,
    )


def _of_group(group: SnapshotGroup, now: datetime) -> tuple[str, str]:
    because = group.metadata.annotations.get(keys.SUSPENDED, "")
    return listing.status(group, now), because or listing.reason(group, now)


def _without_group(claim: Claim, drivers: set[str]) -> tuple[str, str]:
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
