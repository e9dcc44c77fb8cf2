"""Decisions of the verbs for single snapshots and clones."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from holdfast.api.restores import RestoreSpec, VolumeRestore
from holdfast.api.storage import Claim, Snapshot, SnapshotClass, StorageClass
from holdfast.cli.errors import MissingError, RefusedError
from holdfast.cli.groups import modelling
from holdfast.cli.plain import choosing, cloning
from holdfast.cli.plain.deleting import Users, needed
from holdfast.cli.plain.listing import state

DEFAULT = {"snapshot.storage.kubernetes.io/is-default-class": "true"}


def classes(*described: tuple[str, str, bool]) -> list[SnapshotClass]:
    return [
        msgspec.convert(
            {"metadata": {"name": name, "annotations": DEFAULT if default else {}}, "driver": driver},
            SnapshotClass,
        )
        for name, driver, default in described
    ]


def snapshot(**status: object) -> Snapshot:
    return msgspec.convert({"metadata": {"name": "s", "namespace": "shop"}, "status": status}, Snapshot)


def claim(**spec: object) -> Claim:
    return msgspec.convert(
        {
            "metadata": {"name": "data", "namespace": "shop"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec},
            "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}},
        },
        Claim,
    )


def test_the_one_default_class_of_the_driver_is_taken() -> None:
    known = classes(("a", "one", True), ("b", "one", False), ("c", "two", True))
    assert choosing.default(known, "one", "data") == "a"


@pytest.mark.parametrize(
    ("known", "named"),
    [
        (classes(("a", "one", True), ("b", "one", True)), ["2 default classes: a, b", "--class (a, b)"]),
        (classes(("a", "one", False)), ["no default class", "--class (a)"]),
        (classes(("c", "two", True)), ["no VolumeSnapshotClass", "driver: one", "other drivers: c"]),
    ],
    ids=["two defaults", "no default", "no class"],
)
def test_an_unclear_default_is_refused_with_what_there_is(
    known: list[SnapshotClass], named: list[str]
) -> None:
    with pytest.raises(RefusedError) as refused:
        choosing.default(known, "one", "data")
    said = f"{refused.value} {refused.value.remedy}"
    assert all(words in said for words in ["driver one", *named])


def test_a_class_of_another_driver_is_refused() -> None:
    with pytest.raises(RefusedError, match="c is of driver two, but claim data of one"):
        choosing.fitting("c", classes(("c", "two", True)), "one", "data")
    with pytest.raises(MissingError, match="nope does not exist"):
        choosing.fitting("nope", classes(("c", "two", True)), "two", "data")


@pytest.mark.parametrize(
    ("asked", "least", "size"),
    [(None, "0", "2Gi"), (None, "3Gi", "3Gi"), ("5Gi", "3Gi", "5Gi")],
    ids=["as large as the old one", "as large as the snapshot", "as asked"],
)
def test_size_of_a_clone(asked: str | None, least: str, size: str) -> None:
    order = cloning.Order("data", "copy", size=asked)
    made = cloning.manifest(order, claim(), {"kind": "VolumeSnapshot", "name": "s"}, least)
    assert made["spec"]["resources"]["requests"]["storage"] == size


def test_a_clone_is_never_smaller_than_its_data() -> None:
    with pytest.raises(RefusedError, match="1Gi is less than the data of claim data needs") as refused:
        cloning.manifest(cloning.Order("data", "copy", size="1Gi"), claim(), {})
    assert "2Gi or more" in refused.value.remedy


def test_an_unreadable_size_is_refused() -> None:
    with pytest.raises(RefusedError, match="--size: 'huge' is no quantity"):
        cloning.manifest(cloning.Order("data", "copy", size="huge"), claim(), {})


def test_a_clone_keeps_class_and_modes() -> None:
    source = claim(volumeMode="Block", storageClassName="dir")
    made = cloning.manifest(
        cloning.Order("data", "copy"), source, {"kind": "PersistentVolumeClaim", "name": "data"}
    )
    assert made["spec"] | {"resources": None} == {
        "accessModes": ["ReadWriteOnce"],
        "volumeMode": "Block",
        "storageClassName": "dir",
        "dataSource": {"kind": "PersistentVolumeClaim", "name": "data"},
        "resources": None,
    }


def test_who_needs_a_snapshot() -> None:
    held = msgspec.convert({"metadata": {"name": "s", "labels": {"holdfast.dev/hold": "audit"}}}, Snapshot)
    restore = VolumeRestore(metadata=held.metadata, spec=RestoreSpec(claim_name="data", snapshot_name="s"))
    source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
    pending = msgspec.convert(
        {"metadata": {"name": "new"}, "spec": {"dataSource": source}, "status": {"phase": "Pending"}}, Claim
    )
    assert list(needed(held, Users([restore], [pending]))) == [
        "snapshot s is held by audit",
        "snapshot s is needed by VolumeRestore s (Requested)",
        "snapshot s is what claim new (Pending) is made from",
    ]
    assert not list(needed(snapshot(), Users([], [claim()])))


@pytest.mark.parametrize(
    ("status", "word"),
    [({"readyToUse": True}, "yes"), ({}, "no"), ({"error": {"message": "full"}}, "failing")],
)
def test_readiness_in_a_word(status: dict[str, Any], word: str) -> None:
    assert state(snapshot(**status)) == word


@pytest.mark.parametrize(
    ("defaults", "chosen"), [([False], "c0"), ([False, True], "c1"), ([False, False], ""), ([True, True], "")]
)
def test_storage_class_of_a_lost_claim(defaults: list[bool], chosen: str) -> None:
    known = [
        msgspec.convert(
            {
                "metadata": {"name": f"c{i}", "annotations": {modelling.DEFAULT_CLASS: str(default).lower()}},
                "provisioner": "one",
            },
            StorageClass,
        )
        for i, default in enumerate(defaults)
    ]
    if chosen:
        assert modelling.class_of(known, "one", "data") == chosen
    else:
        with pytest.raises(RefusedError, match="driver one has 2 storage classes: c0, c1"):
            modelling.class_of(known, "one", "data")
