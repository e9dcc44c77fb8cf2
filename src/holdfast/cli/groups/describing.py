"""One group in full: status, tiers, snapshots, restores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.api import keys
from holdfast.api.groups import SnapshotGroup, TierStatus
from holdfast.api.meta import builtins
from holdfast.cli import listings, times
from holdfast.cli.connecting import connect
from holdfast.cli.groups import finding, quiescing, sets
from holdfast.cli.groups.listing import colour, reason, status
from holdfast.cli.listings import Column, show_rows
from holdfast.cli.plain.listing import READY, state
from holdfast.policy.shots import newest_first
from holdfast.policy.texts import instant
from holdfast.snapshots.cutting import CONDITION
from holdfast.snapshots.members import described
from holdfast.snapshots.moments import read_moments
from holdfast.snapshots.reading import read_shot, tier_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from holdfast.api.meta import Condition
    from holdfast.api.restores import VolumeRestore
    from holdfast.api.storage import Snapshot
    from holdfast.cli.options import Target
    from holdfast.snapshots.moments import Moment

_SAID_ELSEWHERE = {"Covered"}


async def describe(target: Target, name: str, *, output: str) -> None:
    """Print everything about one group."""
    async with connect(target) as cluster:
        raw = await finding.raw_group(cluster, name)
        group = msgspec.convert(raw, SnapshotGroup)
        snapshots = await finding.snapshots(cluster, name)
        restores = await finding.restores(cluster, group)
    ordered = _newest_first(snapshots)
    if output == "text":
        _print(group, ordered, restores, times.now())
    else:
        listings.show_document(_document(raw, group, ordered, restores), output)


def _document(
    raw: dict[str, Any],
    group: SnapshotGroup,
    snapshots: Sequence[Snapshot],
    restores: Sequence[VolumeRestore],
) -> dict[str, Any]:
    several = {} if group.claim_name else {"sets": [sets.document(m) for m in _moments(snapshots)]}
    return {
        "group": listings.without_noise(raw),
        **several,
        "snapshots": [builtins(s) for s in snapshots],
        "restores": [builtins(r) for r in restores],
    }


def _newest_first(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    by_uid = {s.metadata.uid: s for s in snapshots}
    return [by_uid[shot.uid] for shot in newest_first(map(read_shot, snapshots))]


def _moments(snapshots: Sequence[Snapshot]) -> list[Moment]:
    """Newest first."""
    by_uid = {m.shot.uid: m for m in read_moments(snapshots)}
    return [by_uid[shot.uid] for shot in newest_first(m.shot for m in by_uid.values())]


def _print(
    group: SnapshotGroup, snapshots: Sequence[Snapshot], restores: Sequence[VolumeRestore], now: datetime
) -> None:
    _head(group, now)
    _section("Tiers")
    show_rows(group.status.tiers, _tier_columns(group, now), empty="  none that can be followed")
    if group.claim_name:
        _section("Snapshots")
        show_rows(snapshots, _snapshot_columns(now), empty="  none yet")
    else:
        _section("Sets")
        show_rows(_moments(snapshots), sets.columns(now), empty="  none yet")
    if restores:
        _section("Restores")
        show_rows(restores, _restore_columns(now))


def _section(title: str) -> None:
    click.echo(f"\n{click.style(title, bold=True)}")


def _head(group: SnapshotGroup, now: datetime) -> None:
    word = status(group, now)
    why = reason(group, now)
    lines = {
        "Group": f"{group.metadata.namespace}/{group.metadata.name}",
        "Claim": group.claim_name,
        "Claims": "" if group.claim_name else _claims(group),
        "Status": click.style(word, fg=colour(word), bold=True) + (f": {why}" if why else ""),
        "Ready": f"{group.status.ready} scheduled snapshots{_span(group, now)}",
        "Next": _next(group, now),
        "Quiesce": quiescing.describe(group.spec.quiesce),
        "Missed": f"{group.status.missed} runs so far" if group.status.missed else "",
    }
    said = [c for c in group.status.conditions if c.type not in _SAID_ELSEWHERE and c.message]
    lines |= {c.type: c.message for c in said if _matters(c)}
    width = max(map(len, lines))
    for title, text in lines.items():
        if text:
            click.echo(f"{title + ':':{width + 2}}{text}")


def _matters(said: Condition) -> bool:
    """Whether it is worth a line: what holds, what is wrong, and how sets are taken in either case."""
    return said.type == CONDITION or (said.status == "True") != (said.type == "Accepted")


def _claims(group: SnapshotGroup) -> str:
    """Where they come from, and those of the newest ready set."""
    seen = group.status.newest_set
    return described(group) + (f": {', '.join(seen.claims)}, cut within {seen.spread}s" if seen else "")


def _span(group: SnapshotGroup, now: datetime) -> str:
    newest, oldest = group.status.newest_ready, group.status.oldest_ready
    return f", the newest {times.age(newest, now)} old, the oldest {times.age(oldest, now)}" if newest else ""


def _next(group: SnapshotGroup, now: datetime) -> str:
    due = group.status.next_due
    if due is None:
        return ""
    steps = [step for step in group.status.plan if step.take == due]
    goes = [f"{r.name} ({r.rule})" for step in steps for r in step.retire]
    what = f"; then {', '.join(goes)} goes" if goes else ""
    return f"{times.until(due, now)}, at {instant(due)}{what}"


def _tier_columns(group: SnapshotGroup, now: datetime) -> tuple[Column[TierStatus], ...]:
    keep = {entry.cron or entry.every: entry.keep for entry in group.spec.schedule}
    return (
        Column("TIER", lambda t: t.tier),
        Column("KEEP", lambda t: f"1 + {keep[t.tier]}" if t.tier in keep else ""),
        Column("READY", lambda t: str(t.ready)),
        Column("FAILED", lambda t: str(t.failed)),
        Column("LAST READY", lambda t: times.age(t.last_ready, now)),
        Column("NEXT", lambda t: times.until(t.next, now)),
    )


def _snapshot_columns(now: datetime) -> tuple[Column[Snapshot], ...]:
    return (
        Column("NAME", lambda s: s.metadata.name),
        Column("READY", state, colour=READY.get),
        Column("TAKEN", lambda s: instant(s.taken or now)),
        Column("AGE", lambda s: times.age(s.taken, now)),
        Column("FOR", lambda s: ", ".join(tier_texts(s)) or read_shot(s).kind),
        Column("HELD BY", lambda s: s.metadata.labels.get(keys.HOLD, "")),
        Column("ERROR", lambda s: s.status.error.message if s.status.error else "", text=True),
    )


def _restore_columns(now: datetime) -> tuple[Column[VolumeRestore], ...]:
    return (
        Column("NAME", lambda r: r.metadata.name),
        Column("CLAIM", lambda r: r.spec.claim_name),
        Column("SNAPSHOT", lambda r: r.spec.snapshot_name),
        Column("PHASE", lambda r: r.status.phase or "Requested"),
        Column("SCALED", _scaled),
        Column("ASKED", lambda r: times.age(r.metadata.creation_timestamp, now)),
        Column("MESSAGE", lambda r: r.status.message or r.status.reason, text=True),
    )


def _scaled(restore: VolumeRestore) -> str:
    """What it scales down, from how many, and how far each is."""
    said = (f"{w.kind} {w.name} from {w.replicas} ({w.state})" for w in restore.status.workloads)
    return ", ".join(said)
