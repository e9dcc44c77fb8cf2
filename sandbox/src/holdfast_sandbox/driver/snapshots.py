"""Snapshots of one volume, and of several at a time."""

import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace

from holdfast_sandbox.driver.contents import Directories
from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.operations import Operations
from holdfast_sandbox.driver.records import Group, Index, Snapshot, Volume, added, named, without
from holdfast_sandbox.driver.rules import Table
from holdfast_sandbox.driver.store import Store
from holdfast_sandbox.driver.volumes import Volumes, used


class Snapshots:
    def __init__(
        self, store: Store, contents: Directories, operations: Operations, faults: Table, volumes: Volumes
    ) -> None:
        self._store = store
        self._contents = contents
        self._operations = operations
        self._faults = faults
        self._volumes = volumes

    def create(self, name: str, source: str) -> Snapshot:
        with self._operations.alone(f"snapshot {name}"), self._operations.shared(source):
            known = named(self._store.index.snapshots, name)
            if known and known.source != source:
                raise Refusal(Code.ALREADY_EXISTS, f"snapshot {name} exists of volume {known.source}")
            if known:
                return known
            snapshot = self._plan(name, self._volumes.get(source))
            self._copy([snapshot], lambda index: index)
            return snapshot

    def all(self) -> list[Snapshot]:
        return list(self._store.index.snapshots.values())

    def delete(self, id_: str) -> None:
        with self._operations.alone(id_):
            snapshot = self._store.index.snapshots.get(id_)
            if snapshot is None:
                return
            if snapshot.group:
                raise Refusal(Code.INVALID_ARGUMENT, f"snapshot {id_} belongs to group {snapshot.group}")
            self._faults.delay()
            self._store.forget(
                lambda index: replace(index, snapshots=without(index.snapshots, id_)),
                [self._store.snapshot(id_)],
            )

    def make_ready(self, id_: str) -> None:
        """End the waiting for a snapshot that a fault holds back."""

        def ready(index: Index) -> Index:
            found = index.snapshots.get(id_)
            if found is None:
                raise Refusal(Code.NOT_FOUND, f"there is no snapshot {id_}")
            return replace(index, snapshots=added(index.snapshots, replace(found, ready_at=0)))

        self._store.update(ready)

    def create_group(self, name: str, sources: Iterable[str]) -> Group:
        wanted = tuple(sorted(set(sources)))
        with self._operations.alone(f"group {name}"), self._operations.shared(*wanted):
            known = named(self._store.index.groups, name)
            if known and known.sources != wanted:
                raise Refusal(Code.ALREADY_EXISTS, f"group {name} exists of other volumes")
            return known or self._take_group(name, [self._volumes.get(source) for source in wanted])

    def group(self, id_: str, snapshots: Iterable[str]) -> Group:
        """The group, after a look whether these snapshots are all its own."""
        found = self._store.index.groups.get(id_)
        if found is None:
            raise Refusal(Code.NOT_FOUND, f"there is no group {id_}")
        if foreign := set(snapshots) - set(found.snapshots):
            raise Refusal(Code.INVALID_ARGUMENT, f"not in group {id_}: {', '.join(sorted(foreign))}")
        return found

    def members(self, group: Group) -> list[Snapshot]:
        return [self._store.index.snapshots[id_] for id_ in group.snapshots]

    def delete_group(self, id_: str, snapshots: Iterable[str]) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._operations.alone(id_))
            if id_ not in self._store.index.groups:
                return
            group = self.group(id_, snapshots)
            for member in group.snapshots:
                stack.enter_context(self._operations.alone(member))
            self._faults.delay()
            self._store.forget(
                lambda index: Index(
                    index.volumes, without(index.snapshots, *group.snapshots), without(index.groups, id_)
                ),
                [self._store.snapshot(member) for member in group.snapshots],
            )

    def _take_group(self, name: str, volumes: list[Volume]) -> Group:
        id_ = f"group-{uuid.uuid4()}"
        snapshots = [self._plan(f"{name}-{volume.id}", volume, id_) for volume in volumes]
        group = Group(
            id=id_,
            name=name,
            created=snapshots[0].created,
            sources=tuple(volume.id for volume in volumes),
            snapshots=tuple(snapshot.id for snapshot in snapshots),
        )
        self._copy(snapshots, lambda index: replace(index, groups=added(index.groups, group)))
        return group

    def _plan(self, name: str, volume: Volume, group: str = "") -> Snapshot:
        now = time.time()
        seconds, surplus = self._faults.hold(name, volume.id, volume.name)
        return Snapshot(
            id=f"snap-{uuid.uuid4()}",
            name=name,
            source=volume.id,
            size=volume.size + surplus,
            block=volume.block,
            created=now,
            ready_at=None if seconds is None else now + seconds,
            group=group,
            node=volume.node,
        )

    def _copy(self, snapshots: list[Snapshot], change: Callable[[Index], Index]) -> None:
        """Copy the volumes, then let the index name all snapshots at once, with another change if wanted."""
        self._faults.admit(used(self._store.index), sum(snapshot.size for snapshot in snapshots))

        def named_all(index: Index) -> Index:
            return change(replace(index, snapshots=added(index.snapshots, *snapshots)))

        with ExitStack() as stack:
            moves = []
            with self._contents.still([self._volumes.get(snapshot.source) for snapshot in snapshots]):
                for snapshot in snapshots:
                    staged = stack.enter_context(self._store.incoming(snapshot.id))
                    volume = self._store.volume(snapshot.source)
                    self._contents.copy(volume, staged, block=snapshot.block)
                    moves.append((staged, self._store.snapshot(snapshot.id)))
            self._store.place(moves, named_all)
