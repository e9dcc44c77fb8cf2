"""Taking every trace of Holdfast out of a cluster, whatever state it is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from holdfast.api.crds import DEFINITIONS

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox

GROUPS, RESTORES = "snapshotgroups.gemini.fairwinds.com", "volumerestores.holdfast.dev"
KINDS = [definition.resource.qualified for definition in DEFINITIONS]


async def clear(sandbox: Sandbox) -> None:
    """Delete the kinds with their objects, the rights and the workload; namespaces and Velero's kinds stay."""
    for kind in KINDS:
        if await sandbox.kubectl("get", "crd", kind, "-o", "name", "--ignore-not-found"):
            await _empty(sandbox, kind)
            await sandbox.kubectl("delete", "crd", kind)
    await sandbox.kubectl("delete", "clusterrole,clusterrolebinding", "holdfast", "--ignore-not-found")
    await sandbox.kubectl(
        "delete", "deployment,pod,role,rolebinding", "-A", "-l", "app.kubernetes.io/name=holdfast", "--force"
    )


async def _empty(sandbox: Sandbox, kind: str) -> None:
    for found in json.loads(await sandbox.kubectl("get", "-A", kind, "-o", "json"))["items"]:
        within = ("-n", found["metadata"]["namespace"]) if "namespace" in found["metadata"] else ()
        place = (*within, kind, found["metadata"]["name"])
        await sandbox.kubectl("patch", *place, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        await sandbox.kubectl("delete", "--ignore-not-found", *place)
