"""Volumes: made empty, from a snapshot or from another volume; grown; deleted."""

import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from holdfast_sandbox.driver import mounts
from holdfast_sandbox.driver.contents import Directories
from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.operations import Operations
from holdfast_sandbox.driver.records import Index, Snapshot, Volume, added, named, without
from holdfast_sandbox.driver.rules import Table
from holdfast_sandbox.driver.store import Store

DEFAULT_SIZE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller wants of a volume. Sizes in bytes, 0 where the caller does not mind.

    `nodes` are those from which it may be reached, the best one first; none where every node reaches every volume.
    """

    name: str
    required: int = 0
    limit: int = 0
    block: bool = False
    from_snapshot: str = ""
    from_volume: str = ""
    nodes: tuple[str, ...] = ()

    def met_by(self, volume: Volume) -> bool:
        return (
            volume.size >= self.required
            and (not self.limit or volume.size <= self.limit)
            and volume.block == self.block
            and (volume.from_snapshot, volume.from_volume) == (self.from_snapshot, self.from_volume)
        )

    def size(self, source: Volume | Snapshot | None) -> int:
        """The size to make, or a refusal where the source does not fit."""
        least = source.size if source else 0
        if self.required and self.required < least:
            raise Refusal(Code.OUT_OF_RANGE, f"{self.required} bytes wanted, the source has {least}")
        size = max(self.required, least) or min(DEFAULT_SIZE, self.limit or DEFAULT_SIZE)
        if self.limit and size > self.limit:
            raise Refusal(Code.OUT_OF_RANGE, f"{size} bytes needed, at most {self.limit} allowed")
        return size

    def node(self, source: Volume | Snapshot | None) -> str:
        """Where to make it: what it is made from cannot be copied to another node."""
        if not source or not source.node:
            return next(iter(self.nodes), "")
        if self.nodes and source.node not in self.nodes:
            raise Refusal(
                Code.RESOURCE_EXHAUSTED,
                f"{source.id} is on node {source.node}, wanted on {', '.join(self.nodes)}",
            )
        return source.node


class Volumes:
    def __init__(self, store: Store, contents: Directories, operations: Operations, faults: Table) -> None:
        self._store = store
        self._contents = contents
        self._operations = operations
        self._faults = faults

    def create(self, wish: Wish) -> Volume:
        with (
            self._operations.alone(f"volume {wish.name}"),
            self._operations.shared(*filter(None, (wish.from_snapshot, wish.from_volume))),
        ):
            known = named(self._store.index.volumes, wish.name)
            if known and not wish.met_by(known):
                raise Refusal(Code.ALREADY_EXISTS, f"volume {wish.name} exists with other properties")
            return known or self._make(wish)

    def get(self, id_: str) -> Volume:
        found = self._store.index.volumes.get(id_)
        if found is None:
            raise Refusal(Code.NOT_FOUND, f"there is no volume {id_}")
        return found

    def all(self) -> list[Volume]:
        return list(self._store.index.volumes.values())

    def delete(self, id_: str) -> None:
        with self._operations.alone(id_):
            volume = self._store.index.volumes.get(id_)
            if volume is None:
                return
            if published := [target for target in volume.targets if mounts.is_mounted(target)]:
                raise Refusal(Code.FAILED_PRECONDITION, f"volume {id_} is published at {published[0]}")
            self._faults.delay()
            self._contents.close(volume)
            self._store.forget(
                lambda index: replace(index, volumes=without(index.volumes, id_)), [self._store.volume(id_)]
            )

    def expand(self, id_: str, required: int, limit: int) -> Volume:
        with self._operations.alone(id_):
            volume = self.get(id_)
            size = max(volume.size, required)
            if limit and size > limit:
                raise Refusal(Code.OUT_OF_RANGE, f"volume {id_} has {size} bytes, at most {limit} allowed")
            self._contents.grow(volume, size)
            grown = replace(volume, size=size)
            self._store.update(_with(grown))
            return grown

    def has_size(self, volume: Volume) -> bool:
        """Whether a node has to do its part when the volume grows."""
        return self._contents.has_size(volume)

    def free(self) -> int:
        """Bytes left in the pool."""
        budget = self._faults.budget()
        if budget is None:
            return shutil.disk_usage(self._store.root).free
        return max(0, budget - used(self._store.index))

    def _make(self, wish: Wish) -> Volume:
        source, data = self._source(wish)
        size = wish.size(source)
        if source and source.block != wish.block:
            raise Refusal(Code.INVALID_ARGUMENT, f"volume mode differs from that of {source.id}")
        volume = Volume(
            id=f"vol-{uuid.uuid4()}",
            name=wish.name,
            size=size,
            block=wish.block,
            created=time.time(),
            from_snapshot=wish.from_snapshot,
            from_volume=wish.from_volume,
            node=wish.node(source),
        )
        self._faults.admit(used(self._store.index), size)
        with self._store.incoming(volume.id) as staged:
            with self._contents.still([source] if isinstance(source, Volume) else []):
                self._contents.fill(staged, data, volume)
            self._store.place([(staged, self._store.volume(volume.id))], _with(volume))
        self._contents.open(volume)
        return volume

    def _source(self, wish: Wish) -> tuple[Volume | Snapshot | None, Path | None]:
        if wish.from_volume:
            return self.get(wish.from_volume), self._store.volume(wish.from_volume)
        if not wish.from_snapshot:
            return None, None
        found = self._store.index.snapshots.get(wish.from_snapshot)
        if found is None:
            raise Refusal(Code.NOT_FOUND, f"there is no snapshot {wish.from_snapshot}")
        return found, self._store.snapshot(found.id)


def used(index: Index) -> int:
    """Bytes of the pool in use: the nominal sizes of volumes and snapshots."""
    volumes = sum(volume.size for volume in index.volumes.values())
    return volumes + sum(snapshot.size for snapshot in index.snapshots.values())


def _with(volume: Volume) -> Callable[[Index], Index]:
    return lambda index: replace(index, volumes=added(index.volumes, volume))
