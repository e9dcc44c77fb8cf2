"""The scratch claim and the pod of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.drills.examples import CREATED, UID, drill

from holdfast.api import keys
from holdfast.drills.manifests import Data, check_pod, scratch_claim, scratch_name
from holdfast.drills.sources import Source

NAMES = st.from_regex(r"[a-z0-9]([-.a-z0-9]{0,250}[a-z0-9])?", fullmatch=True).filter(lambda n: ".." not in n)
SOURCE = Source("db-1", "10Gi", "fast", ("ReadWriteOnce",), "Filesystem")
HOUR = timedelta(hours=1)


ALONE = Data("proof-drill-1")


def pod(*data: Data, **check: Any) -> dict[str, Any]:  # noqa: ANN401
    found = check_pod(drill(check=check), "proof-drill-1", data or [ALONE], image="holdfast:1", timeout=HOUR)
    spec: dict[str, Any] = found["spec"]
    return spec


@given(NAMES)
def test_every_drill_has_a_name_for_its_scratch_claims(name: str) -> None:
    made = scratch_name(name, CREATED, "0a1b2c3d")
    assert len(made) <= 253
    assert made.endswith(f"-drill-{int(CREATED.timestamp())}-0a1b2c3d")
    assert made[0].isalnum()
    assert not {"..", ".-", "-."} & {made[i : i + 2] for i in range(len(name) - 1, len(made))}


def test_what_a_run_makes_belongs_to_the_drill_and_no_schedule_covers_it() -> None:
    metadata = scratch_claim(drill(), "proof-drill-1", SOURCE)["metadata"]
    assert metadata["labels"] == {keys.DRILL: UID, keys.OPT_OUT: "true"}
    assert [owner["uid"] for owner in metadata["ownerReferences"]] == [UID]


def test_a_scratch_claim_goes_where_its_snapshot_is_unless_its_pod_needs_others_too() -> None:
    local = replace(SOURCE, node="n1")
    notes = scratch_claim(drill(), "proof-drill-1", local)["metadata"]["annotations"]
    assert notes == {"volume.kubernetes.io/selected-node": "n1"}
    assert "annotations" not in scratch_claim(drill(), "proof-drill-1-0", local, alone=False)["metadata"]


def test_a_claim_without_a_class_gets_the_default_one() -> None:
    bare = Source("db-1", "10Gi", "", ("ReadWriteOnce",), "Filesystem")
    assert "storageClassName" not in scratch_claim(drill(), "x", bare)["spec"]


@pytest.mark.parametrize("check", [{"pod": {"image": "a"}}, {"manifest": {"configMap": "sums"}}])
def test_no_pod_has_a_token_or_runs_on_without_an_operator(check: dict[str, Any]) -> None:
    spec = pod(**check)
    assert spec["automountServiceAccountToken"] is False
    assert spec["activeDeadlineSeconds"] == 3600
    assert spec["restartPolicy"] == "Never"
    assert spec["containers"][0]["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_a_command_may_write_and_checksums_only_read() -> None:
    (data,) = pod(pod={"image": "a", "mountPath": "/var/lib/db"})["containers"][0]["volumeMounts"]
    assert data == {"name": "data-0", "mountPath": "/var/lib/db"}
    mounts = pod(manifest={"secret": "sums"})["containers"][0]["volumeMounts"]
    assert all(mount["readOnly"] for mount in mounts)


def test_a_block_device_is_a_device() -> None:
    container = pod(Data("proof-drill-1", block=True), pod={"image": "a"})["containers"][0]
    assert container["volumeDevices"] == [{"name": "data-0", "devicePath": "/data"}]
    assert "volumeMounts" not in container


@pytest.mark.parametrize("check", [{"pod": {"image": "a"}}, {"manifest": {"configMap": "sums"}}])
def test_each_claim_of_a_set_has_a_folder_of_its_own(check: dict[str, Any]) -> None:
    spec = pod(*(Data(f"proof-drill-1-{n}", folder=f"data-kafka-{n}") for n in range(3)), **check)
    claims = {
        v["name"]: v["persistentVolumeClaim"]["claimName"] for v in spec["volumes"] if v["name"] != "sums"
    }
    mounts = {m["name"]: m["mountPath"] for m in spec["containers"][0]["volumeMounts"] if m["name"] != "sums"}
    assert {claims[name]: path for name, path in mounts.items()} == {
        f"proof-drill-1-{n}": f"/data/data-kafka-{n}" for n in range(3)
    }


def test_what_the_user_says_of_the_pods_user_wins() -> None:
    context = pod(manifest={"configMap": "sums"}, podSecurityContext={"runAsUser": 999})["securityContext"]
    assert (context["runAsUser"], context["runAsNonRoot"]) == (999, True)
    assert pod(pod={"image": "a"})["securityContext"] == {}
