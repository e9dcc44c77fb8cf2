"""A Backup that may begin: its defaults, what speaks against it, and the store that it goes to.

All that is wrong is found at once, as Velero does it. Nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.keys import VELERO_LOCATION
from holdfast.api.meta import Named
from holdfast.api.resource import NAMESPACES
from holdfast.api.velero import UNAVAILABLE
from holdfast.backups import reading
from holdfast.backups.glancing import EXCLUDED
from holdfast.backups.saving import cluster_version
from holdfast.backups.views import AskedBackup
from holdfast.locations import opening
from holdfast.locations.errors import LocationError
from holdfast.policy import durations
from holdfast.policy.including import ALWAYS_LEFT_OUT
from holdfast.policy.labelling import label_value
from holdfast.store.errors import AddressError

if TYPE_CHECKING:
    from holdfast.api.velero import Location
    from holdfast.backups.views import BackupSpec
    from holdfast.kube.client import Client
    from holdfast.store.stores import Store

_DEFAULTS = {
    "csiSnapshotTimeout": "10m0s",
    "itemOperationTimeout": "4h0m0s",
    "defaultVolumesToFsBackup": False,
    "snapshotMoveData": False,
    "volumeGroupSnapshotLabelKey": "velero.io/volume-group",
}
"""What Velero 1.18 writes into every Backup that does not say it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be written into the object before the run begins.

    Attributes:
        changes: its spec, labels and annotations, as a merge patch.
        problems: why it cannot be made; in the order of Velero's checks.
        store: where it goes; None if that is one of the problems.
    """

    changes: dict[str, Any]
    problems: list[str]
    store: Store | None


async def prepare(client: Client, raw: dict[str, Any]) -> Prepared:
    """Look at a Backup that has its turn."""
    asked = msgspec.convert(raw, AskedBackup)
    problems = reading.problems(asked.spec)
    location = store = None
    try:
        location = await opening.find(client, asked.spec.storage_location, asked.metadata.namespace)
        store = (await opening.opened(client, location)).store
    except (LocationError, AddressError) as error:
        problems.insert(0, str(error))
    if location:
        problems[:0] = _objections(location)
    marked = await client.list(NAMESPACES, labels=f"{EXCLUDED}=true", type=Named)
    where = location.metadata.name if location else asked.spec.storage_location
    changes = {
        "metadata": {
            "labels": {VELERO_LOCATION: label_value(where)},
            "annotations": await cluster_version(client),
        },
        "spec": _filled(raw.get("spec", {}), asked.spec, where, [n.metadata.name for n in marked.items]),
    }
    return Prepared(changes, problems, store)


def _objections(location: Location) -> list[str]:
    name = location.metadata.name
    said = [f"location {name} is ReadOnly: choose another one"] if location.read_only else []
    if location.status.phase == UNAVAILABLE:
        said.append(f"location {name} is Unavailable: {location.status.message or 'see its status'}")
    return said


def _filled(raw: dict[str, Any], spec: BackupSpec, location: str, marked: list[str]) -> dict[str, Any]:
    """The fields that Velero fills in."""
    excluded = spec.excluded_namespaces or []
    files = {"defaultVolumesToFsBackup": spec.default_volumes_to_restic or False}
    missing = {name: value for name, value in (_DEFAULTS | files).items() if raw.get(name) in (None, "0s")}
    filled: dict[str, Any] = missing | _left_out(spec) | {"storageLocation": location}
    if set(marked) - set(excluded):
        filled["excludedNamespaces"] = sorted({*excluded, *marked})
    if not spec.included_namespaces:
        filled["includedNamespaces"] = ["*"]
    if not spec.ttl or spec.ttl in {"0", "0s"}:
        filled["ttl"] = durations.spelled(reading.TTL)
    return filled


def _left_out(spec: BackupSpec) -> dict[str, Any]:
    """What is in no backup, named in the lists of the language that is used."""
    snapshots, contents = sorted(ALWAYS_LEFT_OUT, reverse=True)
    old = spec.included_resources or spec.excluded_resources or spec.include_cluster_resources is not None
    lists = (
        {"excludedResources": (spec.excluded_resources, {snapshots, contents})}
        if old
        else {
            "excludedClusterScopedResources": (spec.excluded_cluster_scoped_resources, {contents}),
            "excludedNamespaceScopedResources": (spec.excluded_namespace_scoped_resources, {snapshots}),
        }
    )
    return {name: [*(said or []), *sorted(more - set(said or []))] for name, (said, more) in lists.items()}
