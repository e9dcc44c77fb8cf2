"""A Velero stopped by `holdfast install --take-over`, and started again as it was; pods stay on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cluster.cli.installations import exists, get
from cluster.cli.program import Program
from support.waiting import until

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

NAMESPACE = "other-velero"
VELERO = f"""
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: velero, namespace: {NAMESPACE}}}
    spec:
      replicas: 2
      selector: {{matchLabels: {{deploy: velero}}}}
      template:
        metadata: {{labels: {{deploy: velero}}}}
        spec:
          schedulerName: none
          containers: [{{name: velero, image: "velero/velero:v1.18.2", args: [server]}}]
"""
RECORD = ("configmap", "holdfast-took-over-velero")


@pytest.fixture
async def holdfast(bare: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, and a Velero with two replicas."""
    monkeypatch.setenv("VELERO_NAMESPACE", NAMESPACE)
    await bare.kubectl("create", "namespace", NAMESPACE)
    await bare.kubectl("apply", "-f", "-", input=VELERO)
    return Program(bare.kubeconfig, "taking-over")


async def test_a_velero_is_stopped_and_started_again_as_it_was(bare: Sandbox, holdfast: Program) -> None:
    await until(lambda: _pods(bare, 2))

    dry = await holdfast("install", "--take-over", "velero", "--dry-run")
    assert "deployment.apps/velero would be scaled from 2 to 0" in dry.out, dry.err
    assert not await exists(bare, "-n", NAMESPACE, *RECORD)

    for _ in range(2):  # twice is once
        taken = await holdfast("install", "--take-over", "velero", "--timeout", "120")
        assert "deployment.apps/velero is stopped" in taken.out, taken.err
        assert await _pods(bare, 0)

    await _backup(bare, "InProgress")
    refused = await holdfast("install", "--give-back", "velero")
    assert (refused.code, "backups are in progress: busy" in refused.err) == (4, True)
    await _backup(bare, "Completed")

    back = await holdfast("install", "--give-back", "velero")
    assert "deployment.apps/velero is scaled to 2" in back.out, back.err
    await until(lambda: _pods(bare, 2))
    again = await holdfast("install", "--give-back", "velero")
    assert (again.code, "was not taken over" in again.err) == (4, True)

    await _backup(bare, "InProgress")
    refused = await holdfast("install", "--take-over", "velero")
    assert (refused.code, "backups are in progress: busy" in refused.err) == (4, True)
    assert await _pods(bare, 2)
    absent = await holdfast("install", "--take-over", "none")
    assert (absent.code, "no Deployment none" in absent.err) == (4, True)


async def _pods(sandbox: Sandbox, count: int) -> bool:
    return len((await get(sandbox, "-n", NAMESPACE, "pods"))["items"]) == count


async def _backup(sandbox: Sandbox, phase: str) -> None:
    manifest = f"""
        apiVersion: velero.io/v1
        kind: Backup
        metadata: {{name: busy, namespace: {NAMESPACE}}}
        spec: {{}}
        status: {{phase: {phase}}}
    """
    await sandbox.kubectl("apply", "-f", "-", input=manifest)
