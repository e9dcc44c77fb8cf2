"""What a volume consists of: a directory that tests look into, or, on a node, an image of exactly its size.

Both keep a directory for each volume and each snapshot. Block volumes have a sparse image in it; on a node, so have
volumes with a file system. Their image is mounted from the volume's creation to its deletion, so that a full disk is
full, and a snapshot shows a file system that stood still.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from holdfast_sandbox.driver import copying, mounts
from holdfast_sandbox.driver.records import Volume
from holdfast_sandbox.node import freezing

IMAGE = "disk.img"


class Directories:
    """Volumes are directories; their size is a number."""

    def __init__(self, root: Path) -> None:
        self._volumes = root / "volumes"

    def recover(self, volumes: Mapping[str, Volume]) -> None:
        """Make everything as it was before the driver ended."""

    def fill(self, staged: Path, data: Path | None, volume: Volume) -> None:
        """The directory of a new volume, with other data or none."""
        if data:
            copying.copy(data, staged)
        else:
            staged.mkdir()
            staged.chmod(0o777)
        if volume.block:
            resize(staged / IMAGE, volume.size)

    def open(self, volume: Volume) -> Path:
        """Where the volume's data can be reached; fine when it is open."""
        return self._volumes / volume.id

    def close(self, volume: Volume) -> None:
        """The opposite of `open`, before the volume goes."""

    @contextmanager
    def still(self, volumes: Iterable[Volume]) -> Iterator[None]:  # noqa: ARG002
        """Copies that are made meanwhile show the volumes at one moment, as far as that is possible."""
        yield

    def copy(self, source: Path, target: Path, *, block: bool) -> None:  # noqa: ARG002
        """Copy a directory of a volume or snapshot to a new place."""
        copying.copy(source, target)

    def grow(self, volume: Volume, size: int) -> None:
        """Make room for a volume of this size, as far as that needs no node."""
        if volume.block:
            resize(self._volumes / volume.id / IMAGE, size)

    def stretch(self, volume: Volume) -> None:
        """Let a published volume take the room that it has."""
        if volume.block:
            mounts.stretch(self._volumes / volume.id / IMAGE)

    def has_size(self, volume: Volume) -> bool:
        """Whether a node has to do its part when the volume grows."""
        return volume.block

    def usage(self, volume: Volume) -> tuple[int, int]:
        """Bytes the volume has and uses."""
        below = (self._volumes / volume.id).rglob("*")
        return volume.size, sum(each.lstat().st_blocks * 512 for each in below)


class Images(Directories):
    """Volumes with a file system are ext4 images, mounted at `mounts/ID`. Needs root."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._mounts = root / "mounts"
        self._mounts.mkdir(exist_ok=True)
        self._freezing = threading.Lock()

    def recover(self, volumes: Mapping[str, Volume]) -> None:
        for point in self._mounts.iterdir():
            freezing.thaw(point)
            if point.name not in volumes:
                self._unmount(point)
        for volume in volumes.values():
            self.open(volume)

    def fill(self, staged: Path, data: Path | None, volume: Volume) -> None:
        if data:
            self.copy(data, staged, block=volume.block)
        else:
            staged.mkdir()
        resize(staged / IMAGE, volume.size)
        if not data and not volume.block:
            mounts.format_image(staged / IMAGE)

    def open(self, volume: Volume) -> Path:
        if volume.block:
            return super().open(volume)
        point = self._mounts / volume.id
        if not mounts.is_mounted(str(point)):
            point.mkdir(exist_ok=True)
            image = self._volumes / volume.id / IMAGE
            mounts.fit_file_system(image)
            mounts.mount_image(image, point)
            _welcome(point)
        return point

    def close(self, volume: Volume) -> None:
        if not volume.block:
            self._unmount(self._mounts / volume.id)

    @contextmanager
    def still(self, volumes: Iterable[Volume]) -> Iterator[None]:
        with self._freezing, ExitStack() as stack:
            for volume in volumes:
                if not volume.block:
                    stack.enter_context(freezing.frozen(self.open(volume)))
            yield

    def copy(self, source: Path, target: Path, *, block: bool) -> None:
        if block:
            copying.copy(source, target)
        else:
            copying.copy_still(source, target)

    def grow(self, volume: Volume, size: int) -> None:
        resize(self._volumes / volume.id / IMAGE, size)

    def stretch(self, volume: Volume) -> None:
        super().stretch(volume)
        if not volume.block:
            mounts.stretch_file_system(self._volumes / volume.id / IMAGE)

    def has_size(self, volume: Volume) -> bool:  # noqa: ARG002
        return True

    def usage(self, volume: Volume) -> tuple[int, int]:
        if volume.block:
            return super().usage(volume)
        seen = os.statvfs(self.open(volume))
        return seen.f_blocks * seen.f_frsize, (seen.f_blocks - seen.f_bfree) * seen.f_frsize

    def _unmount(self, point: Path) -> None:
        mounts.unmount(point)
        with suppress(FileNotFoundError):
            point.rmdir()


def resize(image: Path, size: int) -> None:
    """Make an image that large; never smaller."""
    with image.open("ab") as file:
        file.truncate(max(size, file.tell()))


def _welcome(point: Path) -> None:
    """Let anybody write into a new file system, and find it empty."""
    if (found := point / "lost+found").exists():
        point.chmod(0o777)
        found.rmdir()
