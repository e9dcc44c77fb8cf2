"""How the snapshots of a set are cut: all by one VolumeGroupSnapshot, or one VolumeSnapshot a claim. Pure.

The snapshot controller takes of a group snapshot's selector only `matchLabels`, and every claim that has these
labels when it looks. So it is asked only where labels that exist, those of the group's selector or of its
StatefulSet, are at present on the claims of the set and on no other. A driver whose group snapshot failed is not
asked again for a day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from holdfast.snapshots.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from holdfast.api.storage import SnapshotClass
    from holdfast.policy.decisions import Removal
    from holdfast.snapshots.facts import Facts

CONDITION: Final = "GroupSnapshots"
DEFAULT_CLASS: Final = "groupsnapshot.storage.kubernetes.io/is-default-class"
TRUST_AGAIN: Final = timedelta(days=1)
"""After a group snapshot that failed, sets are taken claim by claim for so long."""
_FAILED: Final = "Failed"
_APART: Final = "each claim gets a snapshot of its own: "


class Way(NamedTuple):
    """How a set is taken, and why so.

    Attributes:
        class_name: the VolumeGroupSnapshotClass; empty: claim by claim.
        labels: what its claims have, and no other claim.
    """

    said: Verdict
    class_name: str = ""
    labels: Mapping[str, str] = {}

    @property
    def at_once(self) -> bool:
        """Whether one call cuts all."""
        return bool(self.class_name)


def way(facts: Facts, failed: Iterable[Removal], now: datetime) -> Way:
    """The way of the next set; `failed` are those that go now because they did not get ready."""
    labels = _labels(facts)
    stop = _failure(facts, failed, now) or _class_obstacle(facts) or _labels_obstacle(facts, labels)
    if stop:
        return Way(Verdict(stop.reason, f"{_APART}{stop.message}"))
    name = _candidates(facts)[0].metadata.name
    chosen = Verdict("AtOnce", f"all claims are cut at once, by VolumeGroupSnapshotClass {name}")
    return Way(chosen, name, labels)


def _failure(facts: Facts, failed: Iterable[Removal], now: datetime) -> Verdict | None:
    for removal in failed:
        if facts.moment(removal.shot).whole and not removal.shot.lacks:
            return Verdict(_FAILED, f"VolumeGroupSnapshot {removal.shot.name} was {removal.rule}")
    said = next((c for c in facts.group.status.conditions if c.type == CONDITION), None)
    if said is None or said.reason != _FAILED or said.last_transition_time is None:
        return None
    if now - said.last_transition_time >= TRUST_AGAIN:
        return None
    return Verdict(_FAILED, said.message.removeprefix(_APART))


def _class_obstacle(facts: Facts) -> Verdict | None:
    drivers = sorted({claim.driver for claim in facts.claims})
    if len(drivers) != 1 or not drivers[0]:
        return Verdict("NoCommonDriver", f"drivers: {', '.join(filter(None, drivers)) or 'unknown'}")
    template = facts.group.spec.template.spec
    if template.volume_snapshot_class_name and not template.volume_group_snapshot_class_name:
        return Verdict(
            "ClassNamed",
            f"the template names VolumeSnapshotClass {template.volume_snapshot_class_name}, and no"
            " volumeGroupSnapshotClassName",
        )
    return _choice_obstacle(facts, drivers[0])


def _choice_obstacle(facts: Facts, driver: str) -> Verdict | None:
    found = _candidates(facts)
    wanted = facts.group.spec.template.spec.volume_group_snapshot_class_name
    if not found:
        return Verdict(
            "NoGroupClass", f"driver {driver} has no VolumeGroupSnapshotClass{wanted and f' {wanted}'}"
        )
    if len(found) > 1:
        names = ", ".join(sorted(c.metadata.name for c in found))
        return Verdict(
            "GroupClassUnclear",
            f"driver {driver} has VolumeGroupSnapshotClasses {names}; name one in"
            " template.spec.volumeGroupSnapshotClassName",
        )
    if found[0].deletion_policy != "Delete":
        return Verdict(
            "GroupClassRetains",
            f"VolumeGroupSnapshotClass {found[0].metadata.name} has deletionPolicy"
            f" {found[0].deletion_policy}: what is retired would stay on the storage",
        )
    return None


def _candidates(facts: Facts) -> list[SnapshotClass]:
    drivers = {claim.driver for claim in facts.claims}
    wanted = facts.group.spec.template.spec.volume_group_snapshot_class_name
    own = [c for c in facts.group_classes if c.driver in drivers]
    if wanted:
        return [c for c in own if c.metadata.name == wanted]
    return [c for c in own if c.metadata.annotations.get(DEFAULT_CLASS) == "true"] or own


def _labels(facts: Facts) -> Mapping[str, str]:
    wanted = facts.group.spec.persistent_volume_claim.selector
    if wanted is None and facts.stateful_set:
        wanted = facts.stateful_set.spec.selector
    return wanted.match_labels if wanted and not wanted.match_expressions else {}


def _labels_obstacle(facts: Facts, labels: Mapping[str, str]) -> Verdict | None:
    if not labels:
        return Verdict("NoLabels", "the selector is not of matchLabels alone")
    there = (*facts.claims, *facts.others)
    matched = {c.metadata.name for c in there if labels.items() <= c.metadata.labels.items()}
    text = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    if beyond := sorted(matched.difference(facts.takeable)):
        return Verdict(
            "LabelsTooWide", f"{text} is on {', '.join(beyond)}, too, which no set has or that has no volume"
        )
    if without := sorted({*facts.takeable} - matched):
        return Verdict("LabelsTooNarrow", f"{text} is not on {', '.join(without)}")
    return None
