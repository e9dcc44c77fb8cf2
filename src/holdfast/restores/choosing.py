"""The objects of a backup that come back, on a disk, with what the order of their return depends on in memory."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from sys import intern
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.meta import View
from holdfast.archive.errors import DamagedError
from holdfast.archive.paths import ItemKey
from holdfast.policy.restoring import choosing
from holdfast.policy.restoring.choosing import Left, Seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from holdfast.archive.locations import SavedBackup
    from holdfast.archive.tarballs import Entry
    from holdfast.policy.restoring.choosing import Choice

_OFTEN = 1000


class OwnerRef(View, frozen=True):
    """An owner, as an object names it."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class _Metadata(View, frozen=True):
    name: str
    uid: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerRef] | None = None


class _Glance(View, frozen=True):
    api_version: str
    kind: str
    metadata: _Metadata
    status: msgspec.Raw = msgspec.Raw()


class _Status(View, frozen=True):
    phase: str = ""
    completion_time: str = ""


class _ClaimSpec(View, frozen=True):
    volume_name: str | None = None


class _ClaimUse(View, frozen=True):
    claim_name: str = ""


class _PodVolume(View, frozen=True):
    persistent_volume_claim: _ClaimUse | None = None


class _PodSpec(View, frozen=True):
    volumes: list[_PodVolume] | None = None


class PodClaims(View, frozen=True):
    """Which claims a pod names."""

    spec: _PodSpec = _PodSpec()

    @property
    def names(self) -> list[str]:
        volumes = self.spec.volumes or []
        return [v.persistent_volume_claim.claim_name for v in volumes if v.persistent_volume_claim]


class _Claim(View, frozen=True):
    spec: _ClaimSpec = _ClaimSpec()


@dataclass(frozen=True, slots=True)
class Item:
    """An object that comes back; its content is on a disk."""

    key: ItemKey
    api_version: str
    kind: str
    uid: str
    owners: tuple[OwnerRef, ...]
    offset: int
    size: int
    volume: str = ""
    """Of a claim: the volume that it had."""

    @property
    def named(self) -> str:
        """`apps/v1/Deployment`."""
        return f"{self.api_version}/{self.kind}"


class Chosen:
    """What a choice takes from a backup. Open while it is used as a context."""

    def __init__(self, choice: Choice, tell: Callable[[int], None]) -> None:
        """An empty one.

        Args:
            choice: what is wanted.
            tell: is told now and then how many objects were read.
        """
        self._choice, self._tell = choice, tell
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by __exit__)
        self._end = 0
        self._related: list[Item] = []
        self._claims: set[tuple[str, str]] = set()
        self.items: list[Item] = []
        self.left: Counter[Left] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def take(self, backup: SavedBackup) -> None:
        """Read the whole tarball.

        Raises:
            DamagedError: it cannot be read to its end; nothing was touched yet.
            holdfast.store.errors.StoreError: the store gave up.
        """
        for count, entry in enumerate(backup.items(), 1):
            self._look_at(entry)
            if count % _OFTEN == 0:
                self._tell(count)
        self._settle()

    def document(self, item: Item) -> dict[str, Any]:
        """The object as it was saved."""
        self._file.seek(item.offset)
        document: dict[str, Any] = msgspec.json.decode(self._file.read(item.size))
        return document

    def leave(self, unwanted: Callable[[Item], bool], reason: Left) -> None:
        """Take objects out again."""
        kept = [item for item in self.items if not unwanted(item)]
        if gone := len(self.items) - len(kept):
            self.left[reason] += gone
        self.items = kept

    def _look_at(self, entry: Entry) -> None:
        key, glance = entry.place.key, entry.read(_Glance)
        if glance.metadata.name != key.name:
            raise DamagedError(f"{key} holds another object, {glance.metadata.name}")
        left = self._choice.left(key.resource, key.namespace, key.name, _seen(key, glance))
        if left is Left.RELATED:
            self._related.append(self._kept(entry, glance))
        elif left is None:
            self.items.append(self._kept(entry, glance))
        else:
            self.left[left] += 1

    def _kept(self, entry: Entry, glance: _Glance) -> Item:
        key, meta = entry.place.key, glance.metadata
        if key.resource == "pods":
            self._claims |= {(key.namespace, claim) for claim in entry.read(PodClaims).names}
        volume = entry.read(_Claim).spec.volume_name or "" if key.resource == choosing.CLAIMS else ""
        kept = Item(
            ItemKey(intern(key.resource), intern(key.namespace), key.name),
            intern(glance.api_version),
            intern(glance.kind),
            meta.uid,
            tuple(meta.owner_references or ()),
            self._end,
            len(entry.body),
            volume,
        )
        self._file.write(entry.body)
        self._end += len(entry.body)
        return kept

    def _settle(self) -> None:
        """Take what others need, and leave pods to the controllers that come back."""
        makers = {item.uid for item in self.items if item.key.resource in choosing.POD_MAKERS}
        self.leave(lambda i: i.key.resource == "pods" and _controller(i) in makers, Left.BY_CONTROLLER)
        of_pods = {i for i in self._related if (i.key.namespace, i.key.name) in self._claims and _is_claim(i)}
        self.items += of_pods
        needed = {
            choosing.VOLUMES: {item.volume for item in self.items},
            choosing.DEFINITIONS: {item.key.resource for item in self.items},
            choosing.NAMESPACES: {item.key.namespace for item in self.items},
        }
        for item in self._related:
            if item.key.name in needed.get(item.key.resource, ()):
                self.items.append(item)
            elif item not in of_pods:
                self.left[Left.NOT_WANTED if _is_claim(item) else Left.RELATED] += 1


def _is_claim(item: Item) -> bool:
    return item.key.resource == choosing.CLAIMS


def _controller(item: Item) -> str:
    return next((owner.uid for owner in item.owners if owner.controller), "")


def _seen(key: ItemKey, glance: _Glance) -> Seen:
    meta = glance.metadata
    status = _Status()
    if key.resource in {"pods", "jobs.batch"} and bytes(glance.status) not in {b"", b"null"}:
        try:
            status = msgspec.json.decode(glance.status, type=_Status)
        except msgspec.ValidationError as error:
            raise DamagedError(f"the status of {key} cannot be read: {error}") from None
    return Seen(meta.labels or {}, meta.annotations or {}, status.phase, bool(status.completion_time))
