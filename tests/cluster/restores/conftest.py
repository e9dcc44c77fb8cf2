"""A folder as a location, and the program that saves into it and restores from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cluster.cli.program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.cli.program import Ended
    from support.places import Place


class Shelf:
    """Backups of one namespace in a folder."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self.folder = place, folder
        self._location = ("--location", f"file:{folder}")

    @property
    def copy(self) -> str:
        """A name for a copy of the namespace."""
        return f"{self.place.namespace}-copy"

    async def save(self, name: str = "nightly") -> None:
        """Make a backup of the namespace."""
        flags = ("--include-namespaces", self.place.namespace)
        ended = await self.program("backup", "create", name, *flags, *self._location)
        assert ended.code == 0, ended.err

    async def restore(self, *flags: str, backup: str = "nightly", name: str = "back") -> Ended:
        """Restore from a backup, with JSON as the answer."""
        from_backup = ("restore", "create", name, "--from-backup", backup)
        return await self.program(*from_backup, *flags, "-o", "json", *self._location)

    async def restored(self, *flags: str) -> dict[str, Any]:
        """Restore all of it; the document that the program prints."""
        ended = await self.restore(*flags)
        assert ended.code == 0, ended.err
        document: dict[str, Any] = ended.json
        return document

    async def copied(self, *flags: str) -> dict[str, Any]:
        """Restore it as a copy beside the namespace."""
        return await self.restored("--namespace-mappings", f"{self.place.namespace}:{self.copy}", *flags)

    @property
    def program(self) -> Program:
        return Program(self.place.sandbox.kubeconfig, self.place.namespace)


@pytest.fixture
async def shelf(place: Place, tmp_path: Path) -> Shelf:
    return Shelf(place, tmp_path)


def acts(document: dict[str, Any]) -> dict[str, str]:
    """What became of each object: `configmaps/app` with `created`."""
    return {f"{each['resource']}/{each['name']}": each["what"] for each in document["objects"]}
