"""The driver's memory: directories of volumes and snapshots, and an index that says which of them count.

Safe against a kill at any instant: data is copied to `incoming`, renamed to its place, and exists once the
index (itself renamed into place) names it. Deleting goes the other way round. What the index does not name
is removed at the next start. Nothing is synced to disk: a crash of the machine is not what tests of this
driver are about.
"""

import fcntl
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from holdfast_sandbox.driver.records import Index, without

logger = logging.getLogger(__name__)

Reached = Callable[[str], None]


class Store:
    """One directory, used by one driver at a time: a second one waits here until the first has ended.

    Args:
        root: made when missing.
        reached: told which step is done (`copied`, `placed`, `recorded`, `forgotten`); may not return.
    """

    def __init__(self, root: Path, reached: Reached = lambda _: None) -> None:
        self.root = root.resolve()
        self._reached = reached
        self._lock = threading.Lock()
        self._file = self.root / "index.json"
        for kind in ("volumes", "snapshots", "incoming"):
            (self.root / kind).mkdir(parents=True, exist_ok=True)
        self._held = (self.root / "lock").open("w")
        fcntl.flock(self._held, fcntl.LOCK_EX)
        self._index = Index.parse(self._file.read_text()) if self._file.exists() else Index()
        self._recover()

    @property
    def index(self) -> Index:
        return self._index

    def volume(self, id_: str) -> Path:
        return self.root / "volumes" / id_

    def snapshot(self, id_: str) -> Path:
        return self.root / "snapshots" / id_

    @contextmanager
    def incoming(self, id_: str) -> Iterator[Path]:
        """A path for data that is not in place; what is left there at the end goes away."""
        path = self.root / "incoming" / id_
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def update(self, change: Callable[[Index], Index]) -> None:
        """Put a changed index in place. `change` may refuse by raising."""
        with self._lock:
            self._write(change(self._index))

    def place(self, moves: Iterable[tuple[Path, Path]], change: Callable[[Index], Index]) -> None:
        """Move finished directories to their places and let the changed index name them, or do nothing."""
        self._reached("copied")
        with self._lock:
            changed = change(self._index)
            for source, target in moves:
                source.rename(target)
                self._reached("placed")
            self._write(changed)
        self._reached("recorded")

    def forget(self, change: Callable[[Index], Index], directories: Iterable[Path]) -> None:
        """Take records out of the index, then remove their directories."""
        with self._lock:
            self._write(change(self._index))
        self._reached("forgotten")
        for directory in directories:
            with self.incoming(directory.name) as rubbish:
                directory.rename(rubbish)

    def _write(self, changed: Index) -> None:
        partial = self._file.with_suffix(".partial")
        partial.write_text(changed.dump())
        partial.replace(self._file)
        self._index = changed

    def _recover(self) -> None:
        """Make index and directories agree."""
        index = self._index
        lost_volumes = [id_ for id_ in index.volumes if not self.volume(id_).is_dir()]
        lost_snapshots = [id_ for id_ in index.snapshots if not self.snapshot(id_).is_dir()]
        for id_ in (*lost_volumes, *lost_snapshots):
            logger.warning("%s is forgotten: somebody removed its directory", id_)
        if lost_volumes or lost_snapshots:
            volumes, snapshots = (
                without(index.volumes, *lost_volumes),
                without(index.snapshots, *lost_snapshots),
            )
            self._write(replace(index, volumes=volumes, snapshots=snapshots))
        known = {self.volume(id_) for id_ in index.volumes} | {self.snapshot(id_) for id_ in index.snapshots}
        for kind in ("volumes", "snapshots", "incoming"):
            for directory in set((self.root / kind).iterdir()) - known:
                logger.info("%s is removed: the index does not name it", directory)
                # errors are those of a copy that has outlived its driver and is still writing
                shutil.rmtree(directory, ignore_errors=True)
