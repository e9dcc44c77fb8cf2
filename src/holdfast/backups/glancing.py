"""The few fields of any object that decide whether it is saved and what it needs. Nothing else of it is decoded."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.api.meta import View
from holdfast.api.storage import PodVolume

EXCLUDED = "velero.io/exclude-from-backup"
"""Label that keeps an object, or all of a namespace, out of backups when it is `true`."""


_HOOK = "hook.backup.velero.io/command"
_FILES = "backup.velero.io/backup-volumes"


class _Metadata(View, frozen=True):
    name: str
    namespace: str = ""
    labels: dict[str, str] | None = None
    deletion_timestamp: str | None = None


class Glance(View, frozen=True):
    """Any object."""

    metadata: _Metadata
    api_version: str = ""
    kind: str = ""

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels or {}

    @property
    def left_out(self) -> bool:
        """Whether it is on its way out, or asks to be left out."""
        return self.metadata.deletion_timestamp is not None or self.labels.get(EXCLUDED) == "true"


class _PodSpec(View, frozen=True):
    volumes: list[PodVolume] | None = None
    priority_class_name: str = ""


class _Annotated(View, frozen=True):
    annotations: dict[str, str] | None = None


class PodNeeds(View, frozen=True):
    """What a pod names, and what its annotations ask of whoever saves it."""

    metadata: _Annotated = _Annotated()
    spec: _PodSpec = _PodSpec()

    @property
    def hooks(self) -> list[str]:
        """Annotations with a command that is to be run in the pod, before or after."""
        return [name for name in self.metadata.annotations or {} if name.endswith(_HOOK)]

    @property
    def files_of(self) -> str:
        """Volumes whose files are to be saved, as the annotation names them."""
        return (self.metadata.annotations or {}).get(_FILES, "")

    @property
    def claims(self) -> list[str]:
        volumes = self.spec.volumes or []
        return [v.persistent_volume_claim.claim_name for v in volumes if v.persistent_volume_claim]


class _ClaimSpec(View, frozen=True):
    volume_name: str = ""


class ClaimNeeds(View, frozen=True):
    """What a claim names."""

    spec: _ClaimSpec = _ClaimSpec()


class _Subject(View, frozen=True):
    kind: str
    name: str = ""
    namespace: str = ""


class _RoleRef(View, frozen=True):
    kind: str = ""
    name: str = ""


class BindingNeeds(View, frozen=True):
    """Whom a ClusterRoleBinding binds to what."""

    subjects: list[_Subject] | None = None
    role_ref: _RoleRef = _RoleRef()

    def binds(self, accounts: set[tuple[str, str]]) -> bool:
        """Whether one of these accounts (namespace, name) is meant."""
        subjects = self.subjects or []
        return any(s.kind == "ServiceAccount" and (s.namespace, s.name) in accounts for s in subjects)


def typed(raw: msgspec.Raw, glance: Glance, api_version: str, kind: str) -> bytes:
    """The object's own bytes, with the apiVersion and kind that servers leave out of lists in front."""
    body = bytes(raw)
    if glance.kind and glance.api_version:
        return body
    front = msgspec.json.encode({"apiVersion": api_version, "kind": kind})
    return b"%b,%b" % (front[:-1], body.lstrip()[1:])


def without_source(body: bytes) -> bytes:
    """A claim as it can be made anew: not from the snapshot or claim that it was made from once (as Velero)."""
    claim: dict[str, Any] = msgspec.json.decode(body)
    spec = claim.get("spec", {})
    for name in (
        "dataSource",
        "dataSourceRef",
        *(() if spec.get("storageClassName") == "" else ("selector",)),
    ):
        spec.pop(name, None)
    return msgspec.json.encode(claim)
