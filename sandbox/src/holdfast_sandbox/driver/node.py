"""Publishing: the part of the driver that runs where pods run, and needs root.

Volumes with a file system are bind mounts of where they are open, Block volumes a loop device over their image.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from holdfast_sandbox.driver import mounts
from holdfast_sandbox.driver.contents import IMAGE, Directories
from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.operations import Operations
from holdfast_sandbox.driver.records import Index, Volume, added
from holdfast_sandbox.driver.store import Store
from holdfast_sandbox.driver.volumes import Volumes


class Publishing:
    def __init__(self, store: Store, contents: Directories, operations: Operations, volumes: Volumes) -> None:
        self._store = store
        self._contents = contents
        self._operations = operations
        self._volumes = volumes

    def publish(self, id_: str, target: str, *, read_only: bool, exclusive: bool) -> None:
        """Show the volume at a path; `exclusive` refuses a second path."""
        with self._operations.alone(id_):
            volume = self._volumes.get(id_)
            if mounts.is_mounted(target):
                return
            others = tuple(path for path in volume.targets if path != target and mounts.is_mounted(path))
            if exclusive and others:
                raise Refusal(Code.FAILED_PRECONDITION, f"volume {id_} is published at {others[0]}")
            self._store.update(_with(replace(volume, targets=(*others, target))))
            self._mount(volume, Path(target), read_only=read_only)

    def unpublish(self, id_: str, target: str) -> None:
        with self._operations.alone(id_):
            path = Path(target)
            mounts.unmount(path)
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
            if id_ in self._store.index.volumes:
                self._forget(self._volumes.get(id_), target)

    def usage(self, id_: str, path: str) -> tuple[int, int]:
        """Bytes the volume has and uses."""
        return self._contents.usage(self._published(id_, path))

    def expand(self, id_: str, path: str) -> Volume:
        """The volume, which now has its size."""
        volume = self._published(id_, path)
        self._contents.stretch(volume)
        return volume

    def _mount(self, volume: Volume, target: Path, *, read_only: bool) -> None:
        source = self._contents.open(volume)
        if not volume.block:
            target.mkdir(parents=True, exist_ok=True)
            return mounts.bind(source, target, read_only=read_only)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
        return mounts.bind(mounts.attach(source / IMAGE, read_only=read_only), target, read_only=False)

    def _forget(self, volume: Volume, target: str) -> None:
        left = tuple(path for path in volume.targets if path != target)
        self._store.update(_with(replace(volume, targets=left)))
        if volume.block and not left:
            mounts.detach(self._store.volume(volume.id) / IMAGE)

    def _published(self, id_: str, path: str) -> Volume:
        volume = self._volumes.get(id_)
        if not Path(path).exists():
            raise Refusal(Code.NOT_FOUND, f"volume {id_} is not at {path}")
        return volume


def _with(volume: Volume) -> Callable[[Index], Index]:
    return lambda index: replace(index, volumes=added(index.volumes, volume))
