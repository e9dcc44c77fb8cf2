import json
from pathlib import Path
from typing import Any

import pytest

from holdfast_sandbox import Sandbox
from holdfast_sandbox.testing import eventually

pytestmark = pytest.mark.cluster


class Kubectl:
    """kubectl in one namespace."""

    def __init__(self, sandbox: Sandbox, namespace: str) -> None:
        self.sandbox, self.namespace = sandbox, namespace

    async def apply(self, body: dict[str, Any]) -> bool:
        await self.sandbox.kubectl("-n", self.namespace, "apply", "-f", "-", input=json.dumps(body))
        return True

    async def get(self, kind: str, name: str) -> dict[str, Any]:
        text = await self.sandbox.kubectl("-n", self.namespace, "get", kind, name, "-o", "json")
        found: dict[str, Any] = json.loads(text)
        return found

    async def is_bound(self, name: str) -> bool:
        claim = await self.get("pvc", name)
        return bool(claim["status"]["phase"] == "Bound")

    async def node_of(self, pod: str) -> str:
        return str((await self.get("pod", pod))["spec"].get("nodeName", ""))

    async def is_ready(self, kind: str, name: str) -> bool:
        snapshot = await self.get(kind, name)
        return bool(snapshot.get("status", {}).get("readyToUse"))

    async def path(self, claim: str) -> Path:
        """Where the data of a bound claim is."""
        name = (await self.get("pvc", claim))["spec"]["volumeName"]
        volume = await self.get("pv", name)
        return self.sandbox.volume_path(volume["spec"]["csi"]["volumeHandle"])


@pytest.fixture
def kubectl(sandbox: Sandbox, namespace: str) -> Kubectl:
    return Kubectl(sandbox, namespace)


def claim(name: str, **spec: object) -> dict[str, Any]:
    resources = {"requests": {"storage": "1Mi"}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": {"app": "db"}},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources, **spec},
    }


def snapshot(name: str, of: str) -> dict[str, Any]:
    return {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {"name": name},
        "spec": {"source": {"persistentVolumeClaimName": of}},
    }


async def test_a_claim_restored_from_a_snapshot_has_the_data_of_then(kubectl: Kubectl) -> None:
    await kubectl.apply(claim("data"))
    await eventually(lambda: kubectl.is_bound("data"))
    file = await kubectl.path("data") / "record"
    file.write_text("before")
    await kubectl.apply(snapshot("snap", of="data"))
    await eventually(lambda: kubectl.is_ready("volumesnapshot", "snap"))
    file.write_text("after")
    source = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "snap"}
    await kubectl.apply(claim("restored", dataSource=source))
    await eventually(lambda: kubectl.is_bound("restored"))
    assert (await kubectl.path("restored") / "record").read_text() == "before"


async def test_a_claim_that_waits_is_bound_when_a_pod_wants_it(kubectl: Kubectl) -> None:
    await kubectl.apply(claim("data", storageClassName="dir-wait"))
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "user"},
        "spec": {"containers": [{"name": "main", "image": "none"}], "volumes": [volume]},
    }
    assert not await kubectl.is_bound("data")
    await kubectl.apply(pod)
    await eventually(lambda: kubectl.is_bound("data"))
    assert await eventually(lambda: kubectl.node_of("user")) == "paper"
    await kubectl.sandbox.kubectl(
        "-n", kubectl.namespace, "delete", "pod", "user", "--grace-period=0", "--force"
    )


async def test_claims_are_snapshotted_together(kubectl: Kubectl) -> None:
    for name in ("one", "two"):
        await kubectl.apply(claim(name))
        await eventually(lambda name=name: kubectl.is_bound(name))  # type: ignore[misc]
    group_class = {
        "apiVersion": "groupsnapshot.storage.k8s.io/v1",
        "kind": "VolumeGroupSnapshotClass",
        "metadata": {"name": "dir"},
        "driver": "dir.csi.holdfast.dev",
        "deletionPolicy": "Delete",
    }
    await kubectl.apply(group_class)
    group = {
        "apiVersion": "groupsnapshot.storage.k8s.io/v1",
        "kind": "VolumeGroupSnapshot",
        "metadata": {"name": "both"},
        "spec": {
            "volumeGroupSnapshotClassName": "dir",
            "source": {"selector": {"matchLabels": {"app": "db"}}},
        },
    }
    await kubectl.apply(group)
    await eventually(lambda: kubectl.is_ready("volumegroupsnapshot", "both"))


async def test_nothing_is_provisioned_while_the_driver_is_stopped(kubectl: Kubectl) -> None:
    await kubectl.sandbox.stop("driver")
    await kubectl.apply(claim("data"))
    state = await kubectl.sandbox.status()
    assert {each["name"]: each["state"] for each in state["components"]}["driver"] == "stopped"
    assert not await kubectl.is_bound("data")
    await kubectl.sandbox.start("driver")
    await eventually(lambda: kubectl.is_bound("data"))


@pytest.mark.parametrize("component", ["etcd", "apiserver", "driver"])
async def test_a_killed_component_comes_back(kubectl: Kubectl, component: str) -> None:
    await kubectl.sandbox.kill(component)
    await eventually(lambda: kubectl.apply(claim("data")))
    await eventually(lambda: kubectl.is_bound("data"), within=40)


async def test_deleting_a_claim_deletes_its_data_unless_the_class_retains(kubectl: Kubectl) -> None:
    for name, storage_class in (("gone", "dir"), ("kept", "dir-retain")):
        await kubectl.apply(claim(name, storageClassName=storage_class))
        await eventually(lambda name=name: kubectl.is_bound(name))  # type: ignore[misc]
    gone, kept = await kubectl.path("gone"), await kubectl.path("kept")
    await kubectl.sandbox.kubectl("-n", kubectl.namespace, "delete", "pvc", "gone", "kept")
    await eventually(lambda: not gone.exists())
    assert kept.exists()
