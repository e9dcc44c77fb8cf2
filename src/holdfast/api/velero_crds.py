"""CustomResourceDefinitions of Velero, as its version 1.18 ships them, without descriptions.

They are data, not made from our views: one cluster may have both programs, and the kinds are Velero's. To write them
anew: `velero install --crds-only --dry-run -o yaml | python -m holdfast.api.velero_crds`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Manifest = dict[str, Any]

FILE = Path(__file__).with_name("velero_crds.jsonl")
CHART = Path(__file__).parents[3] / "charts" / "holdfast" / "crds" / "velero.yaml"
"""The same for Helm, which installs what is in that folder where it is missing, and never changes it."""
SEPARATOR = "---\n"
GROUP = "velero.io"

NEEDED: dict[str, tuple[str, ...]] = {
    "backups": (
        "spec.storageLocation",
        "spec.ttl",
        "spec.includedNamespaces",
        "spec.includedNamespaceScopedResources",
        "spec.orLabelSelectors",
        "status.phase",
        "status.validationErrors",
        "status.failureReason",
        "status.expiration",
        "status.startTimestamp",
        "status.completionTimestamp",
        "status.formatVersion",
        "status.errors",
        "status.warnings",
        "status.progress.itemsBackedUp",
    ),
    "restores": (
        "spec.backupName",
        "spec.scheduleName",
        "spec.namespaceMapping",
        "spec.existingResourcePolicy",
        "status.phase",
        "status.validationErrors",
        "status.failureReason",
        "status.startTimestamp",
        "status.completionTimestamp",
        "status.errors",
        "status.warnings",
        "status.progress.itemsRestored",
    ),
    "schedules": (
        "spec.schedule",
        "spec.template",
        "spec.paused",
        "status.phase",
        "status.lastBackup",
        "status.validationErrors",
    ),
    "backupstoragelocations": (
        "spec.credential",
        "spec.config",
        "spec.default",
        "spec.accessMode",
        "spec.backupSyncPeriod",
        "spec.validationFrequency",
        "spec.objectStorage.caCert",
        "status.phase",
        "status.message",
        "status.lastValidationTime",
        "status.lastSyncedTime",
        "status.lastSyncedRevision",
    ),
    "downloadrequests": ("spec.target.kind", "status.phase", "status.downloadURL", "status.expiration"),
    "deletebackuprequests": ("spec.backupName", "status.phase", "status.errors"),
    "serverstatusrequests": ("status.phase", "status.processedTimestamp", "status.serverVersion"),
}
"""Fields without which the operator could not work, by the plural of the kind."""


def manifests() -> list[Manifest]:
    """All thirteen, to be applied where they are missing."""
    return msgspec.json.Decoder(Manifest).decode_lines(FILE.read_bytes())


def is_veleros(manifest: Manifest) -> bool:
    """Whether an object is one of these definitions, of any version of Velero."""
    return bool(manifest["kind"] == "CustomResourceDefinition" and manifest["spec"]["group"] == GROUP)


def lacking(found: Manifest) -> list[str]:
    """Fields that an existing definition would have to have; empty where it will do.

    Args:
        found: a definition of Velero's group, of any version of Velero.
    """
    schemas = [
        version["schema"]["openAPIV3Schema"]
        for version in found["spec"]["versions"]
        if version["name"] == "v1" and version["served"]
    ]
    needed = NEEDED.get(found["spec"]["names"]["plural"], ())
    return [field for field in needed if not any(_has(schema, field) for schema in schemas)]


def plain(printed: Iterable[Manifest]) -> list[Manifest]:
    """The definitions among what Velero prints, without descriptions and what a server fills in."""
    return [_plain(each) for each in _unlisted(printed) if each["kind"] == "CustomResourceDefinition"]


def rendered(definitions: Iterable[Manifest], separator: str = "") -> str:
    """A definition a line, each after the separator."""
    return "".join(f"{separator}{msgspec.json.encode(each).decode()}\n" for each in definitions)


def _has(schema: Manifest, field: str) -> bool:
    for name in field.split("."):
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            return True
        if name not in schema.get("properties", {}):
            return False
        schema = schema["properties"][name]
    return True


def _unlisted(printed: Iterable[Manifest]) -> Iterator[Manifest]:
    for each in printed:
        yield from each["items"] if each["kind"] == "List" else [each]


def _plain(definition: Manifest) -> Manifest:
    metadata = {key: value for key, value in definition["metadata"].items() if key != "creationTimestamp"}
    kept: Manifest = _undescribed({key: value for key, value in definition.items() if key != "status"})
    return kept | {"metadata": metadata}


def _undescribed(part: Any) -> Any:  # noqa: ANN401  (any part of an object)
    if isinstance(part, list):
        return [_undescribed(each) for each in part]
    if not isinstance(part, dict):
        return part
    described = (key for key, value in part.items() if key == "description" and isinstance(value, str))
    return {key: _undescribed(value) for key, value in part.items() if key not in set(described)}


if __name__ == "__main__":
    import sys

    import yaml

    found = plain(yaml.safe_load_all(sys.stdin))
    FILE.write_text(rendered(found))
    CHART.write_text(rendered(found, SEPARATOR))
