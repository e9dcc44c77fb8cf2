"""The scratch claims and the pod of a run. Pure.

All belong to the drill and bear its UID, so that they go with it and nothing else is ever taken for them. The claims
are opted out of all schedules.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, RESTORE_DRILLS, SNAPSHOTS
from holdfast.api.storage import SELECTED_NODE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from holdfast.api.drills import Check, ManifestCheck, PodCheck, RestoreDrill
    from holdfast.drills.sources import Source

Manifest = dict[str, Any]

DATA = "/data"
SUMS = "/sums"
_LONGEST = 253
_UNPRIVILEGED = 65532
_AT_ONCE = 1
"""Seconds that a pod has to end: its data is thrown away. With 0 nobody would wait until it has ended."""
_RESTRICTED: Manifest = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
_NOBODY: Manifest = {
    "runAsNonRoot": True,
    "runAsUser": _UNPRIVILEGED,
    "runAsGroup": _UNPRIVILEGED,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class Data(NamedTuple):
    """A scratch claim as the pod finds it: in a folder of its own, where there are several; maybe a block device."""

    claim: str
    folder: str = ""
    block: bool = False


def scratch_name(drill: str, slot: datetime, part: str = "") -> str:
    """The name says the run, so that two operators that begin it make the same claims and one pod.

    Args:
        drill: the drill's name.
        slot: what the run is for.
        part: which claim of a set.
    """
    ending = f"-drill-{int(slot.timestamp())}{part and '-'}{part}"
    return re.sub(r"[-.]+$", "", drill[: _LONGEST - len(ending)]) + ending


def scratch_claim(drill: RestoreDrill, name: str, source: Source, *, alone: bool = True) -> Manifest:
    """A claim of its own, filled from the snapshot.

    Args:
        drill: what it is for.
        name: of the claim.
        source: what it is made of.
        alone: it is the only one of its pod; the claims of a set go where one pod can have them all.
    """
    chosen = {"storageClassName": source.storage_class} if source.storage_class else {}
    metadata = _metadata(drill, name)
    metadata |= {"labels": metadata["labels"] | {keys.OPT_OUT: "true"}}
    metadata |= {"annotations": {SELECTED_NODE: source.node}} if source.node and alone else {}
    return {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "metadata": metadata,
        "spec": {
            "accessModes": list(source.access_modes),
            "volumeMode": source.volume_mode,
            "resources": {"requests": {"storage": source.size}},
            "dataSource": {"apiGroup": SNAPSHOTS.group, "kind": SNAPSHOTS.kind, "name": source.snapshot},
            **chosen,
        },
    }


def check_pod(
    drill: RestoreDrill, name: str, data: Sequence[Data], *, image: str, timeout: timedelta
) -> Manifest:
    """The pod that checks what was restored; it knows no token of the API server.

    Args:
        drill: what it is for; its check has a pod or a manifest.
        name: of the pod.
        data: what it looks into.
        image: Holdfast's own, for a check of checksums.
        timeout: after this the kubelet ends it, also without an operator.
    """
    check = drill.spec.check
    sums = check.manifest
    container = _verifier(image, data) if sums else _container(check.pod, data) if check.pod else {}
    volumes = [
        {"name": _volume(number), "persistentVolumeClaim": {"claimName": each.claim}}
        for number, each in enumerate(data)
    ]
    return {
        "apiVersion": PODS.api_version,
        "kind": PODS.kind,
        "metadata": _metadata(drill, name),
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": int(timeout.total_seconds()),
            "terminationGracePeriodSeconds": _AT_ONCE,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": _pod_context(check),
            "containers": [container | {"terminationMessagePolicy": "FallbackToLogsOnError"}],
            "volumes": volumes + ([_sums(sums)] if sums else []),
        },
    }


def _metadata(drill: RestoreDrill, name: str) -> Manifest:
    meta = drill.metadata
    owner = {
        "apiVersion": RESTORE_DRILLS.api_version,
        "kind": RESTORE_DRILLS.kind,
        "name": meta.name,
        "uid": meta.uid,
        "controller": True,
    }
    place = {"name": name, "namespace": meta.namespace}
    return place | {"labels": {keys.DRILL: meta.uid}, "ownerReferences": [owner]}


def _pod_context(check: Check) -> Manifest:
    return (_NOBODY if check.manifest else {}) | check.pod_security_context


def _container(wanted: PodCheck, data: Sequence[Data]) -> Manifest:
    given = {
        "command": wanted.command,
        "args": wanted.args,
        "env": wanted.env,
        "resources": wanted.resources,
        "securityContext": wanted.security_context,
    }
    places = _places(wanted.mount_path or DATA, data)
    return {"name": "check", "image": wanted.image} | {k: v for k, v in (given | places).items() if v}


def _places(path: str, data: Sequence[Data]) -> dict[str, list[Manifest]]:
    """Where the container finds them."""
    found: dict[str, list[Manifest]] = {"volumeMounts": [], "volumeDevices": []}
    for number, each in enumerate(data):
        field, key = ("volumeDevices", "devicePath") if each.block else ("volumeMounts", "mountPath")
        found[field].append({"name": _volume(number), key: posixpath.join(path, each.folder).rstrip("/")})
    return found


def _volume(number: int) -> str:
    return f"data-{number}"


def _verifier(image: str, data: Sequence[Data]) -> Manifest:
    mounts = [mount | {"readOnly": True} for mount in _places(DATA, data)["volumeMounts"]]
    return {
        "name": "check",
        "image": image,
        "command": ["python3", "-m", "holdfast.drills.verifying", f"{SUMS}/SHA256SUMS", DATA],
        "volumeMounts": [*mounts, {"name": "sums", "mountPath": SUMS, "readOnly": True}],
        "securityContext": _RESTRICTED,
    }


def _sums(wanted: ManifestCheck) -> Manifest:
    items = [{"key": wanted.key or "SHA256SUMS", "path": "SHA256SUMS"}]
    if wanted.secret:
        return {"name": "sums", "secret": {"secretName": wanted.secret, "items": items}}
    return {"name": "sums", "configMap": {"name": wanted.config_map, "items": items}}
