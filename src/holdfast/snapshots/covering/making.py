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
    from collections.abc import Collection

    from holdfast.api.policies import ClusterSnapshotPolicy
    from holdfast.policy.schedules import TierEntry

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a made group shall say.

    Attributes:
        source: where its schedule comes from.
        suspended: why Holdfast suspends it; empty if it does not.
        spec: without the claim's name; None leaves what is there.
    """

    source: str
    suspended: str = ""
    spec: Manifest | None = None


def by_policy(policy: ClusterSnapshotPolicy) -> Plan:
    spec = builtins(policy.spec)
    kept = {name: value for name, value in spec.items() if name in {"schedule", "template", "retention"}}
    name = policy.metadata.name
    suspended = f"policy {name} is suspended" if policy.spec.suspend else ""
    return Plan(policy_source(name), suspended, kept)


def policy_source(name: str) -> str:
    """How a group names a policy."""
    return f"{SNAPSHOT_POLICIES.kind}/{name}"


def by_annotation(tiers: tuple[TierEntry, ...]) -> Plan:
    schedule = [{"every": tier.every, "keep": tier.keep} for tier in tiers]
    return Plan(f"annotation {keys.DELTAS}", spec={"schedule": schedule})


def released(group: SnapshotGroup, reason: str) -> Plan:
    """For the group of a claim that nothing covers any more."""
    return Plan(group.metadata.annotations[keys.SOURCE], f"claim {group.claim_name} {reason}")


def new_group(claim: str, plan: Plan, taken: Collection[str]) -> Manifest:
    """A group for the claim, under a name that is not taken."""
    notes = {keys.SOURCE: plan.source}
    spec = (plan.spec or {}) | {"persistentVolumeClaim": {"claimName": claim}}
    made = {
        "apiVersion": SNAPSHOT_GROUPS.api_version,
        "kind": SNAPSHOT_GROUPS.kind,
        "metadata": {"name": _name(claim, taken), "annotations": notes},
        "spec": spec,
    }
    return changed(made, plan)


def changed(manifest: Manifest, plan: Plan) -> Manifest:
    """A group as the plan wants it; a suspension that is not ours stays."""
    meta = manifest["metadata"]
    notes, old = dict(meta.get("annotations", {})), manifest.get("spec", {})
    ours = notes.pop(keys.SUSPENDED, "")
    notes |= {keys.SOURCE: plan.source} | ({keys.SUSPENDED: plan.suspended} if plan.suspended else {})
    spec = old if plan.spec is None else plan.spec | {"persistentVolumeClaim": old["persistentVolumeClaim"]}
    suspend = bool(plan.suspended) or (bool(old.get("suspend")) and not ours)
    rest = {name: value for name, value in spec.items() if name != "suspend"}
    return manifest | {
        "metadata": meta | {"annotations": notes},
        "spec": rest | ({"suspend": True} if suspend else {}),
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
    kept = {"persistent_volume_claim": spec.persistent_volume_claim, "suspend": spec.suspend}
    return msgspec.structs.replace(wanted, **kept) == spec


def _name(claim: str, taken: Collection[str]) -> str:
    """The claim's own name, or, where that is too long or another claim's group has it, a name made from it."""
    if len(claim) <= LONGEST_GROUP and claim not in taken:
        return claim
    digest = hashlib.sha256(claim.encode()).hexdigest()[:8]
    return f"{claim[: LONGEST_GROUP - 9].rstrip('-.')}-{digest}"
