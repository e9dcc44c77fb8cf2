"""What a run restores from: a snapshot or a set of the group, and what its scratch claims are made of.

Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api.groups import SnapshotGroup
from holdfast.api.quantity import format_size, parse_size
from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOT_GROUPS, SNAPSHOTS, STORAGE_CLASSES, VOLUMES
from holdfast.api.storage import Claim, Content, Snapshot, StorageClass, Volume
from holdfast.drills.reading import checks_of, group_problem
from holdfast.drills.world import look_up
from holdfast.policy.drilling import Candidate, Member, choose
from holdfast.policy.proving import Checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.api.drills import DrillSpec, RestoreDrill
    from holdfast.kube.client import Client

BLOCK = "Block"
_LATE_BINDING = "WaitForFirstConsumer"


class NothingToTryError(Exception):
    """No run can begin; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the scratch claim is made of.

    Attributes:
        size: as a quantity.
        storage_class: empty for the cluster's default.
        node: the one that its volume is to be made for; empty for any.
    """

    snapshot: str
    size: str
    storage_class: str
    access_modes: tuple[str, ...]
    volume_mode: str
    node: str = ""


async def pick(client: Client, drill: RestoreDrill, seed: str) -> Candidate:
    """The snapshot or the set to try, by a quorum list.

    Raises:
        NothingToTryError: the group cannot be tried, or has no ready snapshot.
    """
    namespace, group = drill.metadata.namespace, drill.spec.group_name
    found = await look_up(client, SNAPSHOT_GROUPS, group, SnapshotGroup, namespace)
    _, problem = group_problem(drill.spec, found)
    if problem:
        raise NothingToTryError(problem)
    listed = await client.list(SNAPSHOTS, namespace, type=Snapshot)
    mine = (s for s in listed.items if s.group == group and not s.safety)
    chosen = choose(candidates(mine), at_random=drill.spec.pick == "Random", seed=seed)
    if chosen is None:
        raise NothingToTryError(
            f"group {group} has no ready snapshot: `holdfast group describe {group}` says why"
        )
    return chosen


def candidates(snapshots: Iterable[Snapshot]) -> list[Candidate]:
    """What can be restored of them: each snapshot of one claim that is ready, each set of which all are. Pure."""
    moments: dict[tuple[str, str], list[Snapshot]] = {}
    for snapshot in snapshots:
        alone = "" if snapshot.set_name else snapshot.metadata.name
        moments.setdefault((snapshot.set_name, alone), []).append(snapshot)
    made = (_candidate(whole or alone, found, whole=bool(whole)) for (whole, alone), found in moments.items())
    return [candidate for candidate in made if candidate]


def _candidate(name: str, found: list[Snapshot], *, whole: bool) -> Candidate | None:
    members = {s.claim_name: Member(s.claim_name, s.metadata.name, s.metadata.uid) for s in found}
    meant = frozenset[str]().union(*(s.set_claims for s in found))
    taken = [s.taken for s in found if s.taken]
    if len(taken) < len(found) or not all(s.ready for s in found) or not meant <= members.keys():
        return None
    return Candidate(name, max(taken), tuple(members[claim] for claim in sorted(members)), whole)


async def source_of(client: Client, drill: RestoreDrill, name: str) -> Source:
    """What a claim from the snapshot of this name has to look like.

    Raises:
        NothingToTryError: the snapshot is gone, or its data cannot be restored as the drill wants it.
    """
    namespace, spec = drill.metadata.namespace, drill.spec
    snapshot = await look_up(client, SNAPSHOTS, name, Snapshot, namespace)
    if snapshot is None:
        raise NothingToTryError(f"snapshot {name} went away before its data was restored")
    claim = await look_up(client, CLAIMS, snapshot.claim_name, Claim, namespace)
    content = await look_up(client, CONTENTS, snapshot.status.bound_volume_snapshot_content_name, Content)
    source = Source(
        snapshot=name,
        size=_size(spec, snapshot, claim),
        storage_class=spec.scratch.storage_class_name
        or (claim.spec.storage_class_name if claim else "")
        or "",
        access_modes=tuple(claim.spec.access_modes) if claim else ("ReadWriteOnce",),
        node=await _node(client, claim),
        volume_mode=(content.spec.source_volume_mode if content else "") or _mode(claim),
    )
    found = await look_up(client, STORAGE_CLASSES, source.storage_class, StorageClass)
    if problem := _misfit(spec, source, content, found):
        raise NothingToTryError(problem)
    return source


async def _node(client: Client, claim: Claim | None) -> str:
    if claim is None or not claim.selected_node:
        return ""
    volume = await look_up(client, VOLUMES, claim.spec.volume_name, Volume)
    return volume.node_of(claim) if volume else ""


def _misfit(spec: DrillSpec, source: Source, content: Content | None, found: StorageClass | None) -> str:
    checks, name = checks_of(spec), source.storage_class
    if not name:
        return (
            f"the claim of snapshot {source.snapshot} is gone or has no class: give scratch.storageClassName"
        )
    if found is None:
        return f"StorageClass {name} does not exist: give scratch.storageClassName"
    if content and content.spec.driver != found.provisioner:
        made, other = content.spec.driver, found.provisioner
        return (
            f"snapshot {source.snapshot} is of driver {made}, but StorageClass {name} provisions with {other}"
        )
    if checks is Checks.BINDING and found.volume_binding_mode == _LATE_BINDING:
        return f"StorageClass {name} binds a claim only for a pod ({_LATE_BINDING}): give check.pod or check.manifest"
    if checks is Checks.MANIFEST and source.volume_mode == BLOCK:
        return f"snapshot {source.snapshot} is of a block device, which has no files: give check.pod"
    return ""


def _size(spec: DrillSpec, snapshot: Snapshot, claim: Claim | None) -> str:
    """What the snapshot needs, or, where its driver does not tell, what its claim has; more if more is wanted."""
    present = claim.status.capacity.get("storage", "0") if claim else "0"
    needed = parse_size(snapshot.status.restore_size or present)
    return format_size(max(needed, parse_size(spec.scratch.size or "0")))


def _mode(claim: Claim | None) -> str:
    return claim.spec.volume_mode if claim else "Filesystem"
