"""The SnapshotGroup that a covered claim gets, and whether the one that is there is still right. Pure.

Whoever takes the annotation `holdfast.dev/schedule-from` away makes the group his own: it is left alone from then on.
A claim that is no longer covered keeps its group, suspended: its snapshots stay, and can be restored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api import keys
from holdfast.api.groups import GroupSpec, SnapshotGroup
from holdfast.api.meta import builtins
from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOT_POLICIES
from holdfast.snapshots.taking import LONGEST_GROUP

if TYPE_CHECKING:
    from holdfast.api.policies import ClusterSnapshotPolicy
    from holdfast.policy.schedules import TierEntry

Manifest = dict[str, Any]
FOLLOWED = ("schedule", "template", "retention")
"""What a made group has from its source; all else in it is its user's."""
_OF_CLAIM = f"annotation {keys.DELTAS}"
_OF_VOLUME = f"{_OF_CLAIM} of volume "


@dataclass(frozen=True, slots=True)
class Plan:
    """What a made group shall say.

    Attributes:
        source: where its schedule comes from.
        suspended: why Holdfast suspends it; empty if it does not.
        spec: the fields that it follows; None leaves what is there.
    """

    source: str
    suspended: str = ""
    spec: Manifest | None = None


def by_policy(policy: ClusterSnapshotPolicy) -> Plan:
    spec = builtins(policy.spec)
    kept = {name: value for name, value in spec.items() if name in FOLLOWED}
    name = policy.metadata.name
    suspended = f"policy {name} is suspended" if policy.spec.suspend else ""
    return Plan(policy_source(name), suspended, kept)


def policy_source(name: str) -> str:
    """How a group names a policy."""
    return f"{SNAPSHOT_POLICIES.kind}/{name}"


def by_annotation(tiers: tuple[TierEntry, ...], volume: str = "") -> Plan:
    """By that of the claim, or of the volume that is named."""
    schedule = [{"every": tier.every, "keep": tier.keep} for tier in tiers]
    return Plan(f"{_OF_VOLUME}{volume}" if volume else _OF_CLAIM, spec={"schedule": schedule})


def volume_of(group: SnapshotGroup) -> str:
    """The volume whose annotation its schedule is from; empty for another source."""
    source = group.metadata.annotations.get(keys.SOURCE, "")
    return source.removeprefix(_OF_VOLUME) if source.startswith(_OF_VOLUME) else ""


def released(group: SnapshotGroup, reason: str) -> Plan:
    """For the group of a claim that nothing covers any more."""
    return Plan(group.metadata.annotations[keys.SOURCE], f"claim {group.claim_name} {reason}")


def new_group(claim: str, plan: Plan, *, taken: bool) -> Manifest:
    """A group for the claim, named like it unless another claim's group has taken that name."""
    notes = {keys.SOURCE: plan.source}
    spec = (plan.spec or {}) | {"persistentVolumeClaim": {"claimName": claim}}
    made = {
        "apiVersion": SNAPSHOT_GROUPS.api_version,
        "kind": SNAPSHOT_GROUPS.kind,
        "metadata": {"name": _name(claim, taken=taken), "annotations": notes},
        "spec": spec,
    }
    return changed(made, plan)


def changed(manifest: Manifest, plan: Plan) -> Manifest:
    """A group as the plan wants it; what its user set, such as a suspension, stays."""
    meta = manifest["metadata"]
    notes, old = dict(meta.get("annotations", {})), manifest.get("spec", {})
    ours = notes.pop(keys.SUSPENDED, "")
    notes |= {keys.SOURCE: plan.source} | ({keys.SUSPENDED: plan.suspended} if plan.suspended else {})
    followed = FOLLOWED if plan.spec is not None else ()
    rest = {name: value for name, value in old.items() if name not in {"suspend", *followed}}
    suspend = bool(plan.suspended) or (bool(old.get("suspend")) and not ours)
    return manifest | {
        "metadata": meta | {"annotations": notes},
        "spec": rest | (plan.spec or {}) | ({"suspend": True} if suspend else {}),
    }


def is_as_planned(group: SnapshotGroup, plan: Plan) -> bool:
    """Whether nothing would change."""
    notes = group.metadata.annotations
    said = (notes.get(keys.SOURCE), notes.get(keys.SUSPENDED, ""))
    return said == (plan.source, plan.suspended) and _as_specified(group.spec, plan)


def _as_specified(spec: GroupSpec, plan: Plan) -> bool:
    if plan.suspended and not spec.suspend:
        return False
    if plan.spec is None:
        return True
    wanted = msgspec.convert(plan.spec, GroupSpec)
    return all(getattr(wanted, field) == getattr(spec, field) for field in FOLLOWED)


def _name(claim: str, *, taken: bool) -> str:
    """The claim's own name, or, where that is too long or taken, a name made from it."""
    if len(claim) <= LONGEST_GROUP and not taken:
        return claim
    digest = hashlib.sha256(claim.encode()).hexdigest()[:8]
    return f"{claim[: LONGEST_GROUP - 9].rstrip('-.')}-{digest}"
