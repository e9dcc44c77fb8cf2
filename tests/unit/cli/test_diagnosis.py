"""What `holdfast doctor` makes of what it sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from holdfast.api.crds import DEFINITIONS, Definition
from holdfast.api.resource import SNAPSHOT_GROUPS
from holdfast.api.storage import Snapshot, SnapshotClass, StorageClass
from holdfast.cli.diagnosis import classes, controllers, kinds
from holdfast.cli.diagnosis.findings import Level
from holdfast.snapshots.views import PodGlance

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEFAULT = {"snapshot.storage.kubernetes.io/is-default-class": "true"}
ESTABLISHED = {"conditions": [{"type": "Established", "status": "True"}]}


def snapshot_class(name: str, driver: str, *, default: bool = False) -> SnapshotClass:
    notes = DEFAULT if default else {}
    return msgspec.convert(
        {"metadata": {"name": name, "annotations": notes}, "driver": driver}, SnapshotClass
    )


def snapshot(age: timedelta, **status: object) -> Snapshot:
    return msgspec.convert(
        {"metadata": {"name": "s", "creationTimestamp": (NOW - age).isoformat()}, "status": status}, Snapshot
    )


@pytest.mark.parametrize(
    ("defaults", "level"),
    [([True, False], Level.OK), ([False, False], Level.WARN), ([True, True], Level.FAIL)],
)
def test_each_driver_needs_exactly_one_default_class(defaults: list[bool], level: Level) -> None:
    known = [snapshot_class(f"c{i}", "csi.x", default=d) for i, d in enumerate(defaults)]
    (finding,) = classes.defaults(known)
    assert finding.level == level
    assert "csi.x" in finding.message
    assert bool(finding.remedy) == (level != Level.OK)


def test_a_storage_class_without_snapshots_is_named() -> None:
    storage = [
        msgspec.convert({"metadata": {"name": name}, "provisioner": driver}, StorageClass)
        for name, driver in [("fast", "csi.x"), ("old", "nfs.y")]
    ]
    (finding,) = classes.coverage(storage, [snapshot_class("c", "csi.x")])
    assert "storage class old" in finding.message
    assert "driver: nfs.y" in finding.remedy


def test_a_class_of_a_driver_that_is_not_there_is_named() -> None:
    (finding,) = classes.absent([snapshot_class("c", "csi.gone")], {"csi.x"})
    assert "csi.gone" in finding.message


def test_geminis_own_kind_is_not_enough() -> None:
    definition = {
        "spec": {"versions": [{"name": "v1", "served": True}]},
        "status": ESTABLISHED,
    }
    assert list(kinds.problems(definition, SNAPSHOT_GROUPS)) == [
        "snapshotgroups.gemini.fairwinds.com has no status: it is Gemini's, not taken over yet"
    ]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.resource.kind)
def test_our_own_kinds_are_enough(definition: Definition) -> None:
    assert not list(kinds.problems(definition.manifest() | {"status": ESTABLISHED}, definition.resource))
    assert list(kinds.problems(definition.manifest(), definition.resource))


@pytest.mark.parametrize(
    ("snapshots", "level"),
    [
        ([], Level.WARN),
        ([snapshot(timedelta(seconds=5))], Level.WARN),
        ([snapshot(timedelta(minutes=5), boundVolumeSnapshotContentName="c")], Level.OK),
        ([snapshot(timedelta(minutes=5))], Level.FAIL),
    ],
    ids=["nothing to go by", "too early to tell", "it binds", "it does not bind"],
)
def test_signs_of_the_snapshot_controller(snapshots: list[Snapshot], level: Level) -> None:
    assert controllers.by_snapshots(snapshots, NOW).level == level


@pytest.mark.parametrize(("phase", "level"), [("Running", Level.WARN), ("Succeeded", Level.OK)])
def test_a_live_gemini_is_a_warning(phase: str, level: Level) -> None:
    pod = {
        "metadata": {"name": "gemini-0", "namespace": "gemini"},
        "spec": {"containers": [{"image": "quay.io/fairwinds/gemini:2.0"}]},
        "status": {"phase": phase},
    }
    assert controllers.gemini([msgspec.convert(pod, PodGlance)]).level == level
