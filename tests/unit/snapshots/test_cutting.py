"""When all claims of a set are cut by one call, and what becomes of a set that was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from unit.snapshots.simulating import START, group_of, stamp

from holdfast.api import keys
from holdfast.api.storage import GroupSnapshot, Snapshot, SnapshotClass
from holdfast.policy.decisions import Removal
from holdfast.policy.failing import has_failed
from holdfast.policy.planning import decide
from holdfast.policy.schedules import TierEntry, read_tiers
from holdfast.snapshots.cutting import CONDITION, TRUST_AGAIN, Way, way
from holdfast.snapshots.facts import Facts
from holdfast.snapshots.judging import conditions
from holdfast.snapshots.moments import Moment, read_moments
from holdfast.snapshots.reading import read_schedule
from holdfast.snapshots.reporting import retiring
from holdfast.snapshots.taking import marks_of, scheduled_whole
from holdfast.snapshots.verdicts import Verdict
from holdfast.snapshots.views import ClaimGlance, StatefulSetGlance

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup

DRIVER = "csi.example.com"
LABELS = {"app": "shop"}
BY_LABEL = {"selector": {"matchLabels": LABELS}}
SHOP = group_of({"every": "hour"}, persistentVolumeClaim=BY_LABEL)
HOURLY, _ = read_tiers([TierEntry("hour")])
SLOT = START + timedelta(hours=1)
NAME = f"backups-{int(SLOT.timestamp())}"
CLAIMS = ("one", "two")


def claim(
    name: str, labels: dict[str, str] | None = None, driver: str = DRIVER, phase: str = "Bound"
) -> ClaimGlance:
    notes = {"volume.kubernetes.io/storage-provisioner": driver} if driver else {}
    meta = {"name": name, "namespace": "shop", "labels": LABELS if labels is None else labels}
    return msgspec.convert(
        {"metadata": meta | {"annotations": notes}, "status": {"phase": phase}}, ClaimGlance
    )


def group_class(name: str = "fast", driver: str = DRIVER, **fields: Any) -> SnapshotClass:  # noqa: ANN401
    default = {"groupsnapshot.storage.kubernetes.io/is-default-class": "true"}
    notes = default if fields.pop("default", False) else {}
    wanted = {"metadata": {"name": name, "annotations": notes}, "driver": driver, "deletionPolicy": "Delete"}
    return msgspec.convert(wanted | fields, SnapshotClass)


def facts(**changes: Any) -> Facts:  # noqa: ANN401
    """A group of two claims by label, whose driver has one class."""
    own = tuple(map(claim, CLAIMS))
    found = Facts(SHOP, read_schedule(SHOP), (), own, (), (), (), "", group_classes=(group_class(),))
    return replace(found, **changes)


def of(**spec: Any) -> SnapshotGroup:  # noqa: ANN401
    return group_of({"every": "hour"}, **({"persistentVolumeClaim": BY_LABEL} | spec))


def template(**classes: str) -> dict[str, Any]:
    return {"template": {"spec": classes}}


def chosen(found: Facts) -> Way:
    return way(found, (), SLOT)


def test_labels_that_are_on_the_claims_and_on_no_other_cut_them_at_once() -> None:
    found = chosen(facts(others=(claim("stranger", {"app": "bank"}),)))
    assert (found.class_name, found.labels) == ("fast", LABELS)


def test_the_claims_of_a_stateful_set_are_found_by_its_own_selector() -> None:
    spec = {"replicas": 2, "selector": {"matchLabels": LABELS}}
    web = msgspec.convert({"metadata": {"name": "web"}, "spec": spec}, StatefulSetGlance)
    group = of(persistentVolumeClaim={"statefulSet": "web"})
    assert chosen(facts(group=group, stateful_set=web)).labels == LABELS
    assert chosen(facts(group=group)).said.reason == "NoLabels"


@pytest.mark.parametrize(
    ("changes", "reason", "saying"),
    [
        ({"others": (claim("stranger"),)}, "LabelsTooWide", "stranger"),
        ({"claims": (claim("one"), claim("two", phase="Pending"))}, "LabelsTooWide", "two"),
        ({"claims": (claim("one"), claim("two", {}))}, "LabelsTooNarrow", "two"),
        ({"group": of(persistentVolumeClaim={"selector": {}})}, "NoLabels", "matchLabels alone"),
        (
            {
                "group": of(
                    persistentVolumeClaim={
                        "selector": {
                            "matchLabels": LABELS,
                            "matchExpressions": [{"key": "a", "operator": "Exists"}],
                        }
                    }
                )
            },
            "NoLabels",
            "matchLabels alone",
        ),
        ({"claims": (claim("one"), claim("two", driver="other"))}, "NoCommonDriver", "other"),
        ({"claims": (claim("one", driver=""), claim("two", driver=""))}, "NoCommonDriver", "unknown"),
        ({"group_classes": (group_class(driver="other"),)}, "NoGroupClass", DRIVER),
        ({"group_classes": (group_class("a"), group_class("b"))}, "GroupClassUnclear", "a, b"),
        ({"group_classes": (group_class(deletionPolicy="Retain"),)}, "GroupClassRetains", "Retain"),
        ({"group": of(**template(volumeSnapshotClassName="slow"))}, "ClassNamed", "slow"),
        ({"group": of(**template(volumeGroupSnapshotClassName="none"))}, "NoGroupClass", "none"),
    ],
)
def test_otherwise_each_claim_is_taken_by_itself_and_the_reason_is_said(
    changes: dict[str, Any], reason: str, saying: str
) -> None:
    found = chosen(facts(**changes))
    assert (found.at_once, found.said.reason) == (False, reason)
    assert saying in found.said.message


def test_of_several_classes_the_default_one_is_taken_unless_one_is_named() -> None:
    classes = (
        group_class("a"),
        group_class("b", default=True),
        group_class("c", driver="other", default=True),
    )
    assert chosen(facts(group_classes=classes)).class_name == "b"
    named = of(**template(volumeGroupSnapshotClassName="a", volumeSnapshotClassName="slow"))
    assert chosen(facts(group_classes=classes, group=named)).class_name == "a"


def whole(*, ready: bool = True, leaving: bool = False, error: str = "") -> GroupSnapshot:
    """The group snapshot that was asked for, as the API server has it."""
    body = scheduled_whole(SHOP, CLAIMS, SLOT, HOURLY, Way(Verdict("AtOnce", ""), "fast", LABELS))
    body["metadata"] |= {"uid": "uid-whole", "creationTimestamp": stamp(SLOT)}
    body["metadata"] |= {"deletionTimestamp": stamp(SLOT)} if leaving else {}
    cut = {"creationTime": stamp(SLOT)} if ready else {}
    body["status"] = {"readyToUse": ready, **cut} | ({"error": {"message": error}} if error else {})
    return msgspec.convert(body, GroupSnapshot)


def member(of_claim: str, *, marked: bool = True, leaving: bool = False) -> Snapshot:
    """What the snapshot controller makes of it for a claim, marked by us or not."""
    owner = {"apiVersion": "v1", "kind": "VolumeGroupSnapshot", "name": NAME, "uid": "uid-whole"}
    meta: dict[str, Any] = {"name": f"snapshot-{of_claim}", "uid": of_claim, "ownerReferences": [owner]}
    meta |= marks_of(whole())["metadata"] if marked else {}
    meta |= {"deletionTimestamp": stamp(SLOT)} if leaving else {}
    status = {"readyToUse": True, "creationTime": stamp(SLOT)}
    spec = {"source": {"persistentVolumeClaimName": of_claim}}
    return msgspec.convert({"metadata": meta, "spec": spec, "status": status}, Snapshot)


def moment(*members: Snapshot, cut_by: GroupSnapshot | None = None) -> Moment:
    (found,) = read_moments(members, (), [cut_by or whole()])
    return found


def test_it_is_one_set_named_by_its_slot_and_ready_with_all_its_members() -> None:
    found = moment(member("one"), member("two"))
    assert (found.shot.name, found.shot.ready, found.shot.lacks) == (NAME, True, ())
    assert found.shot.stamp == SLOT
    assert found.meant == {*CLAIMS} == found.claims.keys()
    assert all(s.group == "backups" for s in found.snapshots)
    assert keys.GEMINI_MANAGED_BY not in whole().metadata.annotations


def test_a_member_that_does_not_bear_the_marks_yet_keeps_it_from_being_ready() -> None:
    found = moment(member("one"), member("two", marked=False))
    assert (found.shot.ready, found.shot.lacks) == (False, ())
    assert [s.metadata.name for s in found.unmarked] == ["snapshot-two"]


def test_before_it_is_ready_its_members_are_not_missed() -> None:
    found = moment(cut_by=whole(ready=False, error="full"))
    assert (found.shot.ready, found.shot.lacks, found.shot.error) == (False, (), "full")


@pytest.mark.parametrize("rest", [(member("one"),), (member("one"), member("two", leaving=True))])
def test_once_it_is_ready_a_member_that_is_gone_or_going_is_lost(rest: tuple[Snapshot, ...]) -> None:
    found = moment(*rest)
    assert (found.shot.ready, found.shot.lacks, found.shot.terminating) == (False, ("two",), False)


def test_what_was_cut_besides_is_no_part_of_it() -> None:
    assert moment(member("one"), member("two"), member("stranger", marked=False)).claims.keys() == {*CLAIMS}


def test_it_goes_by_its_own_object_and_its_members_with_it() -> None:
    found = facts(snapshots=(member("one"), member("two")), wholes=(whole(),))
    (shot,) = found.shots
    assert [r.uid for r in retiring(found, Removal(shot, "old"))] == ["uid-whole"]
    assert moment(member("one"), member("two"), cut_by=whole(leaving=True)).shot.terminating


def test_a_driver_that_failed_is_not_asked_again_for_a_day() -> None:
    found = facts(wholes=(whole(ready=False, error="cannot"),))
    (shot,), late = found.shots, SLOT + timedelta(hours=1)
    assert has_failed(shot, found.schedule.settings(SHOP, START), late)
    told = way(found, (Removal(shot, "not even cut within 1h: cannot"),), late).said
    assert (told.reason, "cannot" in told.message) == ("Failed", True)

    said = {"type": CONDITION, "status": "False", "reason": told.reason, "message": told.message}
    later = facts(group=of(status={"conditions": [said | {"lastTransitionTime": stamp(late)}]}))
    assert way(later, (), late + TRUST_AGAIN - timedelta(seconds=1)).said == told
    assert way(later, (), late + TRUST_AGAIN).at_once


def test_a_set_that_lost_a_member_says_nothing_about_the_driver() -> None:
    found = facts(snapshots=(member("one"),), wholes=(whole(),))
    (shot,) = found.shots
    assert way(found, (Removal(shot, "without a snapshot of two"),), SLOT).at_once


def test_the_way_of_the_next_set_is_told() -> None:
    found = facts()
    settings = found.schedule.settings(SHOP, START)
    decision = decide(found.schedule.tiers, found.shots, settings, SLOT)
    said = {c.type: c for c in conditions(found, decision, None, SLOT)}
    assert (said[CONDITION].status, said[CONDITION].reason) == ("True", "AtOnce")
