"""Whether a backup is what its writer meant: everything that can be checked without a cluster.

What Holdfast wrote bears a checksum of every item. What Velero wrote does not; there the checksum of the compressed
stream, both copies of each item, the list of resources and the counts are held against each other.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from holdfast.api.meta import View
from holdfast.archive.errors import ArchiveError, DamagedError
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.archive.locations import SavedBackup
    from holdfast.archive.paths import ItemKey
    from holdfast.archive.tarballs import Entry

_MOST = 100
"""Findings that are kept; a damaged backup of a million items need not fill a screen."""


class _Named(View, frozen=True):
    name: str = ""
    namespace: str = ""


class _Item(View, frozen=True):
    kind: str = ""
    api_version: str = ""
    metadata: _Named = _Named()

    @property
    def listed_as(self) -> tuple[str, str]:
        """How Velero's list of resources has it."""
        place = f"{self.metadata.namespace}/" if self.metadata.namespace else ""
        return f"{self.api_version}/{self.kind}", f"{place}{self.metadata.name}"


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what is wrong.

    Attributes:
        items: how many items the tarball holds.
        size: their bytes.
        findings: what is wrong, in sentences that name the item; the first hundred.
        wrong: how many findings there were.
        listed: whether there was a list of resources to compare with.
        summed: whether there were checksums of items to compare with.
    """

    items: int = 0
    size: int = 0
    findings: list[str] = field(default_factory=list)
    wrong: int = 0
    listed: bool = False
    summed: bool = False

    def note(self, finding: str) -> None:
        self.wrong += 1
        if len(self.findings) < _MOST:
            self.findings.append(finding)


def verify(backup: SavedBackup) -> Verdict:
    """Read a backup to its end and say what is wrong with it; damage is a finding, not an exception."""
    check = _Check(backup)
    try:
        check.run()
    except (ArchiveError, StoreError) as error:
        check.verdict.note(str(error))
    return check.verdict


class _Check:
    def __init__(self, backup: SavedBackup) -> None:
        self._backup = backup
        self.verdict = Verdict()
        self._digests: dict[ItemKey, bytes] = {}
        self._seen: set[bytes] = set()
        self._listed: Counter[tuple[str, str]] = Counter()
        self._sums: dict[bytes, bytes] = {}

    def run(self) -> None:
        self._read_list()
        self._read_sums()
        for entry in self._backup.entries():
            self._look_at(entry)
        self._conclude()

    def _read_list(self) -> None:
        listed = self._backup.resource_list()
        self.verdict.listed = listed is not None
        self._listed.update((kind, name) for kind, names in (listed or {}).items() for name in names)

    def _read_sums(self) -> None:
        sums = self._backup.manifest()
        self.verdict.summed = sums is not None
        self._sums = {key.digest: digest for key, digest in sums or ()}

    def _look_at(self, entry: Entry) -> None:
        key, preferred = entry.place.key, entry.place.preferred
        if not preferred:
            self._parse(entry)
        elif (digest := self._digests.pop(key, None)) is not None:
            if digest != _digest(entry):
                self.verdict.note(f"{key} stands there twice, and the copies differ")
        elif key.digest in self._seen:
            self.verdict.note(f"{key} stands there more than twice")
        else:
            self._count(entry)

    def _count(self, entry: Entry) -> None:
        self._seen.add(entry.place.key.digest)
        self._digests[entry.place.key] = digest = _digest(entry)
        if self.verdict.summed and self._sums.pop(entry.place.key.digest, None) != digest:
            self.verdict.note(f"{entry.place.key} is not what was saved: its checksum differs")
        self.verdict.items += 1
        self.verdict.size += len(entry.body)
        if (item := self._parse(entry)) and self.verdict.listed:
            self._strike_out(entry.place.key, item)

    def _parse(self, entry: Entry) -> _Item | None:
        key = entry.place.key
        try:
            item = entry.read(_Item)
        except DamagedError as error:
            self.verdict.note(str(error))
            return None
        if (item.metadata.namespace, item.metadata.name) != (key.namespace, key.name):
            inside = "/".join(filter(None, (item.metadata.namespace, item.metadata.name)))
            self.verdict.note(f"{key} is another object inside: {inside}")
        return item

    def _strike_out(self, key: ItemKey, item: _Item) -> None:
        if self._listed[item.listed_as] > 0:
            self._listed[item.listed_as] -= 1
        else:
            self.verdict.note(f"{key} is missing in the list of resources")

    def _conclude(self) -> None:
        for kind, name in (+self._listed).elements():
            self.verdict.note(f"{kind} {name} is in the list of resources, but not in the tarball")
        if self._sums:
            self.verdict.note(f"{len(self._sums):,} items with a checksum are not in the tarball")
        progress = self._backup.view.status.progress
        if progress and progress.items_backed_up != self.verdict.items:
            said = f"{progress.items_backed_up} items were saved as its status says"
            self.verdict.note(f"{said}, {self.verdict.items} are in the tarball")


def _digest(entry: Entry) -> bytes:
    return hashlib.sha256(entry.body).digest()
