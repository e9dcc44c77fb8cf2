"""Bringing an installation into a cluster by server-side apply.

Applying twice changes nothing. Fields that somebody else owns are left to them with an error that names the owner,
with one exception: an existing CustomResourceDefinition of SnapshotGroups (Gemini's) is taken over by force; its
objects are not touched, and its storage version stays v1. Existing definitions of Velero are never changed, only
looked at for the fields that are needed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, NamedTuple

from holdfast.api import velero_crds
from holdfast.api.resource import CRDS, NAMESPACES, SNAPSHOT_GROUPS
from holdfast.kube import errors
from holdfast.operator.manifests import Manifest, resource_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from holdfast.kube.client import Client

Outcome = Literal["created", "changed", "unchanged"]
_TAKEN_OVER = SNAPSHOT_GROUPS.qualified
_POLL = 0.2


class InstallationError(Exception):
    """The cluster is in a state in which nothing can be installed; the message says what to do."""


class Applied(NamedTuple):
    """What became of one object."""

    manifest: Manifest
    outcome: Outcome


async def install(
    client: Client, objects: Iterable[Manifest], *, dry_run: bool = False
) -> AsyncIterator[Applied]:
    """Apply objects in order, telling what became of each.

    A namespace that exists is left as it is. With `dry_run` the server checks everything and keeps nothing.

    Raises:
        InstallationError: the namespace is being deleted, or a definition of Velero lacks a field.
        holdfast.kube.errors.Conflict: somebody else owns a field; the message names them.
    """
    missing: set[str] = set()
    for manifest in objects:
        applied = await _apply(client, manifest, dry_run=dry_run, missing=missing)
        if applied.outcome == "created" and manifest["kind"] == NAMESPACES.kind:
            missing |= {manifest["metadata"]["name"]} if dry_run else set()
        yield applied


async def established(client: Client, names: Iterable[str], *, patience: float) -> None:
    """Wait until the API server serves the kinds of these CustomResourceDefinitions.

    Raises:
        TimeoutError: one is not served after `patience` seconds; the message says which, and why.
    """
    waiting = list(names)
    reason = ""
    try:
        async with asyncio.timeout(patience):
            while waiting:
                reason = _unestablished(await client.get(CRDS, waiting[0]))
                if not reason:
                    waiting.pop(0)
                else:
                    await asyncio.sleep(_POLL)
    except TimeoutError:
        raise TimeoutError(f"CustomResourceDefinition {waiting[0]} is not established: {reason}") from None


async def _apply(client: Client, manifest: Manifest, *, dry_run: bool, missing: set[str]) -> Applied:
    before = await _present(client, manifest)
    if manifest["kind"] == NAMESPACES.kind and before is not None:
        _check_alive(before)
        return Applied(manifest, "unchanged")
    if before is not None and velero_crds.is_veleros(before):
        _check_fields(before)
        return Applied(manifest, "unchanged")
    if manifest["metadata"].get("namespace") in missing:
        return Applied(manifest, "created")
    force = before is not None and manifest["metadata"]["name"] == _TAKEN_OVER
    after = await client.apply(resource_of(manifest), manifest, force=force, dry_run=dry_run)
    return Applied(manifest, _outcome(before, after))


async def _present(client: Client, manifest: Manifest) -> Manifest | None:
    metadata = manifest["metadata"]
    try:
        found: Manifest = await client.get(resource_of(manifest), metadata["name"], metadata.get("namespace"))
    except errors.NotFound:
        return None
    return found


def _check_alive(namespace: Manifest) -> None:
    metadata = namespace["metadata"]
    if "deletionTimestamp" in metadata:
        raise InstallationError(
            f"namespace {metadata['name']} is being deleted: wait until it is gone, or choose another with -n"
        )


def _check_fields(definition: Manifest) -> None:
    if lacking := velero_crds.lacking(definition):
        raise InstallationError(
            f"CustomResourceDefinition {definition['metadata']['name']} lacks {', '.join(lacking)}: bring it up to "
            "Velero 1.18 with `velero install --crds-only`, or remove it if no Velero needs it"
        )


def _outcome(before: Manifest | None, after: Manifest) -> Outcome:
    if before is None:
        return "created"
    return "unchanged" if _meaning(before) == _meaning(after) else "changed"


def _meaning(manifest: Manifest) -> Manifest:
    """An object without what the server writes by itself: a dry run has the same resourceVersion always."""
    skipped = {"managedFields", "resourceVersion", "generation"}
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in skipped}
    return {key: value for key, value in manifest.items() if key != "status"} | {"metadata": metadata}


def _unestablished(definition: Manifest) -> str:
    """Why a definition is not served yet; empty when it is."""
    conditions = {c["type"]: c for c in definition.get("status", {}).get("conditions", [])}
    if conditions.get("Established", {}).get("status") == "True":
        return ""
    refused = conditions.get("NamesAccepted", {})
    return (
        str(refused.get("message")) if refused.get("status") == "False" else "the server is not done with it"
    )
