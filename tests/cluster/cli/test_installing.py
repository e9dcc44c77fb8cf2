"""`holdfast install` and `uninstall` in a cluster of their own."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cluster.cli.clearing import GROUPS, RESTORES
from cluster.cli.installations import EARLIER, GEMINIS, GROUP, POLICY, exists, get
from cluster.cli.program import Program
from support.waiting import until

from holdfast.api import velero_crds
from holdfast.operator.manifests import Settings
from holdfast.operator.manifests.rights import CLUSTER_WIDE
from holdfast_sandbox.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster


@pytest.fixture
def holdfast(bare: Sandbox, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program; each test installs into namespaces of its own, since leaving ones take a while."""
    name = request.node.name.replace("_", "-")[:55].strip("-")
    monkeypatch.setenv("VELERO_NAMESPACE", f"{name}-velero")
    return Program(bare.kubeconfig, name)


def outcomes(said: str) -> set[str]:
    """What became of the objects, from one JSON object a line; Velero's kinds stay from test to test."""
    lines = map(json.loads, said.splitlines())
    return {line["outcome"] for line in lines if "outcome" in line and ".velero.io" not in line["object"]}


def changed(said: str) -> set[str]:
    """The objects that were there and are others now."""
    lines = map(json.loads, said.splitlines())
    return {line["object"] for line in lines if line.get("outcome") == "changed"}


async def test_a_dry_run_changes_nothing(bare: Sandbox, holdfast: Program) -> None:
    ended = await holdfast("install", "--dry-run")
    assert ended.code == 0, ended.err
    assert f"{GROUPS} would be created" in ended.out
    assert not await exists(bare, "crd", GROUPS)


async def test_installing_twice_changes_nothing(bare: Sandbox, holdfast: Program) -> None:
    first = await holdfast("install", "--json")
    again = await holdfast("install", "--json")
    assert (first.code, outcomes(first.out)) == (0, {"created"}), first.err
    assert (again.code, outcomes(again.out)) == (0, {"unchanged"}), again.err
    assert "Interval" in (await until(partial(_explained, bare))).title()


async def _explained(sandbox: Sandbox) -> str:
    """What the API server publishes about a kind, some moments after it is established."""
    try:
        return await sandbox.kubectl("explain", "snapshotgroup.spec.schedule.every")
    except Refused:
        return ""


async def test_installing_brings_the_version_before_up_to_date(bare: Sandbox, holdfast: Program) -> None:
    text = EARLIER.read_text().replace(Settings().namespace, holdfast.namespace)
    await bare.kubectl("apply", "--server-side", "--field-manager=holdfast", "-f", "-", input=text)
    await bare.kubectl("wait", "--for=condition=Established", f"crd/{GROUPS}")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GROUP))
    before = await get(bare, GROUPS, "postgres-backups")
    upgraded = await holdfast("install", "--json")
    assert upgraded.code == 0, upgraded.err
    assert "deployment.apps/holdfast" in changed(upgraded.out)
    assert outcomes((await holdfast("install", "--json")).out) == {"unchanged"}
    after = await get(bare, GROUPS, "postgres-backups")
    assert (after["spec"], after["metadata"]) == (before["spec"], before["metadata"])


async def test_a_changed_image_changes_only_the_deployment(holdfast: Program) -> None:
    await holdfast("install")
    ended = await holdfast("install", "--dry-run", "--image", "holdfast:next")
    changed = [line for line in ended.out.splitlines() if line.endswith("would be changed")]
    assert changed == ["deployment.apps/holdfast would be changed"]


async def test_what_is_printed_is_what_kubectl_can_apply(bare: Sandbox, holdfast: Program) -> None:
    printed = await holdfast("install", "--dry-run", "-o", "yaml")
    await bare.kubectl("apply", "--server-side", "--field-manager=holdfast", "-f", "-", input=printed.out)
    ended = await holdfast("install", "--json")
    assert outcomes(ended.out) == {"unchanged"}


async def test_geminis_kind_is_taken_over_with_its_objects(bare: Sandbox, holdfast: Program) -> None:
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GEMINIS))
    await bare.kubectl("wait", "--for=condition=Established", f"crd/{GROUPS}")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GROUP))
    before = await get(bare, GROUPS, "postgres-backups")
    ended = await holdfast("install")
    assert ended.code == 0, ended.err

    async def served() -> bool:
        return "postgres-backups" in await bare.kubectl("get", "snapshotgroups.v1beta1.gemini.fairwinds.com")

    await until(served)
    after = await get(bare, GROUPS, "postgres-backups")
    assert (after["spec"], after["metadata"]) == (before["spec"], before["metadata"])
    definition = await get(bare, "crd", GROUPS)
    assert definition["status"]["storedVersions"] == ["v1"]
    assert all("status" in version["subresources"] for version in definition["spec"]["versions"])


@pytest.fixture
async def backups(bare: Sandbox) -> AsyncIterator[dict[str, Any]]:
    """The definition of backups, to be spoilt and applied; it is whole again after the test."""
    (definition,) = (m for m in velero_crds.manifests() if m["spec"]["names"]["plural"] == "backups")
    yield deepcopy(definition)
    await bare.kubectl("apply", "-f", "-", input=yaml.safe_dump(definition))


async def test_definitions_of_another_velero_are_never_changed(
    bare: Sandbox, holdfast: Program, backups: dict[str, Any]
) -> None:
    _backup_spec(backups)["newer"] = {"type": "string"}
    await bare.kubectl("apply", "-f", "-", input=yaml.safe_dump(backups))
    before = await get(bare, "crd", "backups.velero.io")
    assert (await holdfast("install")).code == 0
    assert (await get(bare, "crd", "backups.velero.io"))["spec"] == before["spec"]
    assert await exists(bare, "crd", "restores.velero.io")
    ended = await holdfast("uninstall", "--yes")
    assert "backups.velero.io kept: it is Velero's" in ended.out


async def test_definitions_of_a_velero_that_is_too_old_are_refused_by_field(
    bare: Sandbox, holdfast: Program, backups: dict[str, Any]
) -> None:
    del _backup_spec(backups)["orLabelSelectors"]
    await bare.kubectl("apply", "-f", "-", input=yaml.safe_dump(backups))
    ended = await holdfast("install")
    assert ended.code == 4
    assert "backups.velero.io lacks spec.orLabelSelectors: bring it up to Velero 1.18" in ended.err


def _backup_spec(definition: dict[str, Any]) -> dict[str, Any]:
    (version,) = definition["spec"]["versions"]
    fields: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    return fields


async def test_uninstall_keeps_kinds_that_have_objects(bare: Sandbox, holdfast: Program) -> None:
    await holdfast("install")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump_all([GROUP, POLICY]))
    ended = await holdfast("uninstall", "--yes")
    assert ended.code == 0, ended.err
    assert "clustersnapshotpolicies.holdfast.dev kept: 1 object of it: nightly" in ended.out
    assert f"{GROUPS} kept: 1 object of it: default/postgres-backups" in ended.out
    assert await exists(bare, GROUPS, "postgres-backups")
    for gone in (("crd", RESTORES), ("clusterrole", "holdfast"), ("clusterrolebinding", "holdfast")):
        assert not await exists(bare, *gone), gone


async def test_uninstall_keeps_a_kind_that_was_there_before(bare: Sandbox, holdfast: Program) -> None:
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GEMINIS))
    await holdfast("install")
    ended = await holdfast("uninstall", "--yes")
    assert f"{GROUPS} kept: it was there before: kubectl-create has fields of it" in ended.out
    assert await exists(bare, "crd", GROUPS)


async def test_uninstall_waits_for_restores(bare: Sandbox, holdfast: Program) -> None:
    await holdfast("install")
    restore = {
        "apiVersion": "holdfast.dev/v1alpha1",
        "kind": "VolumeRestore",
        "metadata": {"name": "busy", "namespace": "default"},
        "spec": {"claimName": "data", "snapshotName": "s"},
    }
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(restore))
    phase = '{"status":{"phase":"WaitBound"}}'
    await bare.kubectl("patch", RESTORES, "busy", "--subresource=status", "--type=merge", "-p", phase)
    ended = await holdfast("uninstall", "--yes")
    assert ended.code == 4
    assert "default/busy (WaitBound)" in ended.err
    assert await exists(bare, "clusterrole", "holdfast")


async def test_uninstall_asks_first(bare: Sandbox, holdfast: Program) -> None:
    await holdfast("install")
    ended = await holdfast("uninstall")
    assert ended.code == 4
    assert "--yes" in ended.err
    assert await exists(bare, "clusterrole", "holdfast")


async def test_a_namespace_of_somebody_else_stays(bare: Sandbox) -> None:
    await bare.kubectl("create", "namespace", "backups")
    holdfast = Program(bare.kubeconfig, "backups")
    await holdfast("install")
    ended = await holdfast("uninstall", "--yes")
    assert "namespace/backups kept: `holdfast install` did not make it" in ended.out


async def test_a_namespace_with_claims_in_it_stays(bare: Sandbox) -> None:
    holdfast = Program(bare.kubeconfig, "inhabited")
    await holdfast("install")
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "inhabited"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(claim))
    ended = await holdfast("uninstall", "--yes")
    assert "namespace/inhabited kept: it has persistentvolumeclaims: inhabited/data" in ended.out


async def test_installing_into_a_leaving_namespace_is_refused(bare: Sandbox) -> None:
    holdfast = Program(bare.kubeconfig, "leaving")
    keep = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "keep", "namespace": "leaving", "finalizers": ["example.com/keep"]},
    }
    await bare.kubectl("create", "namespace", "leaving")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(keep))
    await bare.kubectl("delete", "namespace", "leaving", "--wait=false")
    ended = await holdfast("install")
    release = '{"metadata":{"finalizers":null}}'
    await bare.kubectl("-n", "leaving", "patch", "configmap", "keep", "--type=merge", "-p", release)
    assert ended.code == 4
    assert "namespace leaving is being deleted" in ended.err


async def test_the_operator_may_do_what_it_needs_and_no_more(bare: Sandbox, holdfast: Program) -> None:
    await holdfast("install")
    roles = await get(bare, "clusterrole", "holdfast")
    assert roles["rules"] == [right.rule() for right in CLUSTER_WIDE]
    account = (await get(bare, "clusterrolebinding", "holdfast"))["subjects"][0]
    user = f"system:serviceaccount:{account['namespace']}:{account['name']}"
    assert await _may(bare, user, "patch", "persistentvolumes")
    for verb, kind in (("delete", "persistentvolumes"), ("create", "secrets"), ("delete", "snapshotgroups")):
        assert not await _may(bare, user, verb, kind), (verb, kind)


async def _may(sandbox: Sandbox, user: str, verb: str, kind: str) -> bool:
    group = "gemini.fairwinds.com" if kind == "snapshotgroups" else ""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": {"verb": verb, "resource": kind, "group": group}},
    }
    answer = await sandbox.kubectl("create", "-f", "-", "-o", "json", input=yaml.safe_dump(review))
    allowed: bool = json.loads(answer)["status"]["allowed"]
    return allowed
