"""A BackupStorageLocation of a test: a prefix of its own in a bucket of the sandbox, and what lies there."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import EVENTS
from holdfast.api.velero import LOCATIONS, SECRETS, VELERO_BACKUPS
from holdfast.kube import errors
from support.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from support.objects import Manifest

BUCKET = "holdfast"
SECRET = "credentials-of-tests"  # noqa: S105  (a name)
NAMESPACE = keys.VELERO_NAMESPACE
standing: list[Shelf] = []
"""Locations that tests have made; the operator looks at each of them every second."""


class Shelf:
    """One location, its object and its files.

    Args:
        sandbox: where it is.
        client: an administrator's.
        name: of the object.
        folder: what lies below its prefix; by default that is in a bucket of the sandbox.
    """

    def __init__(self, sandbox: Sandbox, client: Client, name: str, folder: Path | None = None) -> None:
        self.sandbox, self.client, self.name = sandbox, client, name
        self.folder = folder or sandbox.directory / "buckets" / BUCKET / name

    async def object(self) -> Manifest:
        return await self.client.get(LOCATIONS, self.name, NAMESPACE)

    async def in_phase(self, phase: str) -> Manifest:
        """Wait for it; gives the status."""

        async def reached() -> Manifest:
            status: Manifest = (await self.object())["status"]
            assert status["phase"] == phase, status
            return status

        return await until(reached)

    async def change(self, **spec: Any) -> None:  # noqa: ANN401  (fields of a spec)
        await self.client.patch(LOCATIONS, self.name, {"spec": spec}, NAMESPACE)

    def put(
        self,
        backup: str,
        *,
        phase: str = "Completed",
        spec: Manifest | None = None,
        **metadata: Any,  # noqa: ANN401
    ) -> None:
        """The document of a backup, as another cluster has left it."""
        folder = self.folder / "backups" / backup
        folder.mkdir(parents=True)
        document = {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {"name": backup, "namespace": "elsewhere", "uid": "u", "resourceVersion": "7"}
            | metadata,
            "spec": {"includedNamespaces": ["shop"], "ttl": "720h0m0s", "storageLocation": "theirs"}
            | (spec or {}),
            "status": {"phase": phase, "expiration": "2099-01-01T00:00:00Z", "formatVersion": "1.1.0"},
        }
        (folder / "velero-backup.json").write_text(json.dumps(document))

    async def backup(self, name: str) -> Manifest | None:
        """The object that the cluster has of a backup."""
        try:
            return await self.client.get(VELERO_BACKUPS, name, NAMESPACE)
        except errors.NotFound:
            return None

    async def came(self, name: str) -> Manifest:
        return await until(lambda: self.backup(name))

    async def went(self, name: str) -> None:
        async def gone() -> bool:
            return await self.backup(name) is None

        await until(gone)


async def new_shelf(
    sandbox: Sandbox,
    client: Client,
    folder: Path | None = None,
    **spec: Any,  # noqa: ANN401  (fields of a spec)
) -> Shelf:
    """A location that the operator finds fit: a prefix of its own in a bucket, or a folder."""
    shelf = await made(sandbox, client, folder, **spec)
    await shelf.in_phase("Available")
    return shelf


async def made(
    sandbox: Sandbox,
    client: Client,
    folder: Path | None = None,
    **spec: Any,  # noqa: ANN401  (fields of a spec)
) -> Shelf:
    """A location that is looked at each second, whatever becomes of it."""
    shelf = Shelf(sandbox, client, f"shelf-{secrets.token_hex(3)}", folder)
    (sandbox.directory / "buckets" / BUCKET).mkdir(exist_ok=True)
    await _secret(sandbox, client)
    place = _folder(folder) if folder else _bucket(sandbox, shelf.name)
    body = {
        "apiVersion": LOCATIONS.api_version,
        "kind": LOCATIONS.kind,
        "metadata": {"name": shelf.name, "namespace": NAMESPACE},
        "spec": place | {"backupSyncPeriod": "1s", "validationFrequency": "1s"} | spec,
    }
    await client.create(LOCATIONS, body)
    standing.append(shelf)
    return shelf


async def clear_away(since: int) -> None:
    """Take locations out of their cluster again, from one of those that stand onward."""
    while len(standing) > since:
        shelf = standing.pop()
        with suppress(errors.NotFound):
            await shelf.client.delete(LOCATIONS, shelf.name, NAMESPACE)


def _folder(folder: Path) -> dict[str, Any]:
    return {"provider": "file", "objectStorage": {"bucket": str(folder)}}


def _bucket(sandbox: Sandbox, prefix: str) -> dict[str, Any]:
    return {
        "provider": "aws",
        "credential": {"name": SECRET, "key": "cloud"},
        "objectStorage": {"bucket": BUCKET, "prefix": prefix},
        "config": {"region": "us-east-1", "s3ForcePathStyle": "true", "s3Url": sandbox.s3_endpoint},
    }


def credentials(sandbox: Sandbox) -> str:
    """The keys of the sandbox's store, as AWS's tools keep them."""
    keys = f"aws_access_key_id={sandbox.s3_access_key}\naws_secret_access_key={sandbox.s3_secret_key}\n"
    return f"[default]\n{keys}"


async def _secret(sandbox: Sandbox, client: Client) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": NAMESPACE},
        "stringData": {"cloud": credentials(sandbox)},
    }
    try:
        await client.create(SECRETS, body)
    except errors.AlreadyExists:
        return


async def event(client: Client, name: str, reason: str) -> str:
    """What an Event says on an object of Velero's namespace."""

    async def found() -> str:
        events = (await client.list(EVENTS, NAMESPACE)).items
        said = [e["note"] for e in events if e["reason"] == reason and e["regarding"]["name"] == name]
        return said[0] if said else ""

    return await until(found)
