"""What tests of installing and uninstalling begin with: a Gemini's kind, a group of it, an earlier Holdfast."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cluster.cli.clearing import GROUPS

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox

EARLIER = Path(__file__).with_name("earlier.yaml")
"""What `holdfast install --dry-run -o yaml` printed before there was a chart."""

GEMINIS: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": GROUPS, "labels": {"app": "gemini"}},
    "spec": {
        "group": "gemini.fairwinds.com",
        "scope": "Namespaced",
        "names": {"kind": "SnapshotGroup", "plural": "snapshotgroups"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
                },
            }
        ],
    },
}
GROUP: dict[str, Any] = {
    "apiVersion": "gemini.fairwinds.com/v1",
    "kind": "SnapshotGroup",
    "metadata": {"name": "postgres-backups", "namespace": "default"},
    "spec": {
        "persistentVolumeClaim": {"claimName": "", "spec": {"accessModes": ["ReadWriteOnce"]}},
        "schedule": [{"every": "10 minutes", "keep": 3}],
        "template": {"spec": {}},
    },
}
POLICY: dict[str, Any] = {
    "apiVersion": "holdfast.dev/v1alpha1",
    "kind": "ClusterSnapshotPolicy",
    "metadata": {"name": "nightly"},
    "spec": {"schedule": [{"every": "1 day", "keep": 7}]},
}


async def exists(sandbox: Sandbox, *what: str) -> bool:
    return bool(await sandbox.kubectl("get", *what, "-o", "name", "--ignore-not-found"))


async def get(sandbox: Sandbox, *what: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await sandbox.kubectl("get", *what, "-o", "json"))
    return found
