from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from holdfast.api import keys
from holdfast.api.storage import Volume
from holdfast.claims import manifests, world

words = st.text("abcdefghij", min_size=1, max_size=8)
notes = st.dictionaries(words, words, max_size=4)


def recorded(**metadata: Any) -> dict[str, Any]:  # noqa: ANN401  of a claim
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop", "uid": "1", "resourceVersion": "7"} | metadata,
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}, "limits": {"storage": "9Gi"}},
            "storageClassName": "fast",
            "volumeMode": "Block",
            "volumeName": "pv-1",
            "dataSource": {"kind": "VolumeSnapshot", "name": "older"},
            "dataSourceRef": {"kind": "VolumeSnapshot", "name": "older"},
        },
        "status": {"phase": "Bound"},
    }


@given(labels=notes, annotations=notes)
def test_labels_and_annotations_of_the_user_survive(
    labels: dict[str, str], annotations: dict[str, str]
) -> None:
    bare = manifests.bare_claim(recorded(labels=labels, annotations=annotations), ())
    restored = manifests.restored_claim(bare, "snap", "2Gi", "1600000000")
    assert restored["metadata"].get("labels", {}) == labels
    assert restored["metadata"]["annotations"].items() >= annotations.items()


def test_nothing_of_the_old_binding_is_taken_over() -> None:
    traces = {
        "pv.kubernetes.io/bind-completed": "yes",
        "pv.kubernetes.io/bound-by-controller": "yes",
        "volume.kubernetes.io/storage-provisioner": "a",
        "volume.beta.kubernetes.io/storage-provisioner": "a",
        "volume.kubernetes.io/selected-node": "n1",
    }
    bare = manifests.bare_claim(recorded(annotations=traces | {"mine": "stays"}), ())
    assert bare["metadata"] == {"name": "data", "namespace": "shop", "annotations": {"mine": "stays"}}
    assert set(bare["spec"]) == {"accessModes", "resources", "storageClassName", "volumeMode"}


def test_a_volume_that_only_some_nodes_reach_comes_back_within_their_reach() -> None:
    notes = {"volume.kubernetes.io/selected-node": "n1"}
    claim = world.whole(recorded(annotations=notes))
    everywhere = {"metadata": {"name": "pv-1"}, "spec": {}}
    somewhere = {"metadata": {"name": "pv-1"}, "spec": {"nodeAffinity": {"required": {}}}}
    assert msgspec.convert(everywhere, Volume).node_of(claim) == ""
    node = msgspec.convert(somewhere, Volume).node_of(claim)
    bare = manifests.bare_claim(recorded(annotations=notes), ())
    restored = manifests.restored_claim(bare, "snap", "2Gi", "1600000000", node)
    assert restored["metadata"]["annotations"].items() >= notes.items()


def test_only_living_owners_and_finalizers_of_others_stay() -> None:
    owners = [{"kind": "StatefulSet", "name": n, "uid": n, "apiVersion": "apps/v1"} for n in ("old", "new")]
    finalizers = ["kubernetes.io/pvc-protection", "example.com/mine"]
    bare = manifests.bare_claim(recorded(ownerReferences=owners, finalizers=finalizers), {"new"})
    assert [o["uid"] for o in bare["metadata"]["ownerReferences"]] == ["new"]
    assert bare["metadata"]["finalizers"] == ["example.com/mine"]


def test_a_restored_claim_asks_for_the_snapshot_and_bears_geminis_marks() -> None:
    bare = manifests.bare_claim(recorded(), ())
    claim = manifests.restored_claim(bare, "snap", "2Gi", "1600000000")
    assert claim["spec"]["dataSource"] == {
        "apiGroup": "snapshot.storage.k8s.io",
        "kind": "VolumeSnapshot",
        "name": "snap",
    }
    assert claim["spec"]["resources"] == {"requests": {"storage": "2Gi"}, "limits": {"storage": "9Gi"}}
    assert claim["metadata"]["annotations"] == {
        keys.GEMINI_MANAGED_BY: "gemini",
        keys.GEMINI_RESTORE: "1600000000",
    }


def test_a_returned_claim_asks_for_its_volume_and_for_nothing_else() -> None:
    bare = manifests.bare_claim(recorded(), ())
    claim = manifests.returned_claim(bare, "pv-1")
    assert claim["spec"] == bare["spec"] | {"volumeName": "pv-1"}
    assert "annotations" not in claim["metadata"]


def safety(group: str) -> dict[str, Any]:
    return manifests.safety_snapshot(
        "data-5", "shop", "data", group=group, point="4", stamp=5, request="uid", class_name="fast"
    )


def test_a_safety_snapshot_of_a_group_is_outside_all_tiers() -> None:
    marked = safety("backups")["metadata"]["annotations"]
    assert marked[keys.GEMINI_GROUP] == "backups"
    assert marked[keys.GEMINI_RESTORE] == "4"
    assert keys.GEMINI_INTERVALS not in marked


def test_a_safety_snapshot_without_a_group_belongs_to_its_request_only() -> None:
    assert safety("")["metadata"]["annotations"] == {keys.REQUEST: "uid"}
    assert safety("")["spec"] == {
        "source": {"persistentVolumeClaimName": "data"},
        "volumeSnapshotClassName": "fast",
    }
