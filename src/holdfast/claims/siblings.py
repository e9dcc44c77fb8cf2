"""The set of a restore as its journals say now: quorum reads, and the words for whom one waits for.

A restore that belongs to no set is a set of its own, in which it never waits and which it never leaves. What follows
from what the others wrote down is `policy.together`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.claims.exchanging import SOON
from holdfast.policy.exchange import EXCLUSIVE, Phase
from holdfast.policy.together import Member, unfinished, waits_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.claims.exchanging import Exchange
    from holdfast.claims.journal import Journal
    from holdfast.kube.client import Client


@dataclass(frozen=True, slots=True)
class Siblings:
    """The others of the set.

    Attributes:
        others: those that exist.
        missing: names of those that do not.
    """

    others: tuple[Member, ...] = ()
    missing: tuple[str, ...] = ()


async def look(client: Client, journal: Journal) -> Siblings:
    """Read the others' journals; without a set there are none."""
    own = member(journal.restore)
    if own.members == (own.name,):
        return Siblings()
    listed = await client.list(VOLUME_RESTORES, journal.namespace, type=VolumeRestore)
    found = {r.metadata.name: member(r) for r in listed.items}
    names = [name for name in own.members if name != own.name]
    return Siblings(
        tuple(found[name] for name in names if name in found),
        tuple(name for name in names if name not in found),
    )


def member(restore: VolumeRestore) -> Member:
    """What its journal says of one restore. Pure."""
    meta, spec, status = restore.metadata, restore.spec, restore.status
    phase, had = Phase(status.phase or Phase.REQUESTED), {p.phase for p in status.phases}
    blocked = any(c.type == "Blocked" and c.status == "True" for c in status.conditions)
    return Member(
        name=meta.name,
        claim=spec.claim_name,
        members=tuple(sorted(spec.set.members)) if spec.set else (meta.name,),
        phase=phase,
        touched=status.target is not None,
        saved=spec.skip_safety_snapshot or (status.safety is not None and bool(status.safety.uid)),
        created=Phase.CREATE in had,
        resumed=Phase.RESUME in had,
        agreed=status.agreed,
        recalled=spec.rollback,
        leaving=meta.deletion_timestamp is not None and (phase not in EXCLUSIVE or blocked),
        blocked=blocked,
        reason=status.reason,
    )


def claims(x: Exchange) -> set[str]:
    """The claims of the whole set, as far as it exists."""
    return {x.journal.spec.claim_name, *(m.claim for m in x.siblings.others)}


def bears(x: Exchange) -> bool:
    """Whether this one scales the workloads of the set."""
    return member(x.journal.restore).bears


async def wait(x: Exchange) -> float | None:
    """Say for whom of the set it waits where it is now; None when that is nobody."""
    return await _say(x, waits_for(member(x.journal.restore), x.siblings.others))


async def wait_until_over(x: Exchange) -> float | None:
    """Wait until all others have ended as well."""
    return await _say(x, unfinished(x.siblings.others))


async def _say(x: Exchange, waits: Sequence[Member]) -> float | None:
    if not waits:
        return None
    await x.journal.say(f"waits for {', '.join(map(str, waits))} of its set")
    return SOON
