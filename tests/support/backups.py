"""Backup objects of tests, and the folder that they are saved into."""

from __future__ import annotations

import secrets
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.velero import LOCATIONS, VELERO_BACKUPS
from holdfast.kube import errors
from support.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.kube.client import Client
    from support.objects import Manifest

NAMESPACE = keys.VELERO_NAMESPACE
ENDED = {"Completed", "PartiallyFailed", "Failed", "FailedValidation"}


@dataclass(frozen=True)
class Vault:
    """A location in a folder."""

    client: Client
    name: str
    folder: Path

    async def ask(self, name: str = "", **spec: Any) -> str:  # noqa: ANN401  (fields of a spec)
        """Make a Backup object; gives its name."""
        name = name or f"backup-{secrets.token_hex(3)}"
        wanted = {"storageLocation": self.name, "snapshotVolumes": False} | spec
        body = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": wanted}
        await self.client.create(VELERO_BACKUPS, typed(VELERO_BACKUPS, body))
        return name

    async def get(self, name: str) -> Manifest:
        return await self.client.get(VELERO_BACKUPS, name, NAMESPACE)

    async def in_phase(self, name: str, *phases: str) -> Manifest:
        """Wait until it is in one of these phases, or has ended."""

        async def reached() -> Manifest:
            found = await self.get(name)
            assert found["status"]["phase"] in {*phases, *ENDED}, found.get("status")
            return found

        return await until(reached)

    async def ended(self, name: str) -> Manifest:
        return await self.in_phase(name)

    async def withdraw(self, name: str) -> None:
        await self.client.delete(VELERO_BACKUPS, name, NAMESPACE)

    def files(self, name: str) -> set[str]:
        folder = self.folder / "backups" / name
        return {each.name for each in folder.iterdir()} if folder.exists() else set()

    def items(self, name: str) -> set[str]:
        """Paths in the tarball, each item once."""
        with tarfile.open(self.folder / "backups" / name / f"{name}.tar.gz") as tar:
            return {path for path in tar.getnames() if "preferredversion" not in path}

    def reserved(self) -> set[str]:
        folder = self.folder / "metadata/holdfast/runs"
        return {each.name for each in folder.iterdir()} if folder.exists() else set()


async def new_vault(client: Client, folder: Path, **spec: Any) -> Vault:  # noqa: ANN401
    """A location of its own in a folder."""
    name = f"vault-{secrets.token_hex(3)}"
    wanted = {"provider": "file", "objectStorage": {"bucket": str(folder)}, "backupSyncPeriod": "0s"}
    body = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": wanted | spec}
    await client.create(LOCATIONS, typed(LOCATIONS, body))
    return Vault(client, name, folder)


def typed(resource: Any, body: Manifest) -> Manifest:  # noqa: ANN401
    return {"apiVersion": resource.api_version, "kind": resource.kind, **body}


async def forget(vault: Vault) -> None:
    """Remove the location, so that no other test meets it."""
    try:
        await vault.client.delete(LOCATIONS, vault.name, NAMESPACE)
    except errors.NotFound:
        return
