"""What was asked of the driver: calls by method, and each wish to delete something.

Counts begin with the process; wishes to delete are kept in a file, and outlive it.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from holdfast_sandbox.driver.records import AnyRecord, Group, Snapshot
from holdfast_sandbox.driver.rules import Call
from holdfast_sandbox.driver.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A call that asked to delete something, whatever became of it.

    Attributes:
        at: seconds since the epoch.
        name: the name it was created under; empty when the driver did not know the handle.
        source: for a snapshot, the handle of its volume.
    """

    at: float
    method: str
    handle: str
    name: str
    source: str


class History:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = store.root / "deletions.jsonl"
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def note(self, call: Call) -> Call:
        """Count the call; what comes back also names what has to do with its subjects."""
        full = replace(call, subjects=tuple(dict.fromkeys(self._related(call.subjects))))
        with self._lock:
            self._calls[call.method] += 1
            if call.method.startswith("Delete") and call.subjects:
                self._write(call.method, call.subjects[0])
        return full

    def calls(self) -> dict[str, int]:
        """Calls by method since the driver started."""
        with self._lock:
            return dict(self._calls)

    def deletions(self) -> list[Deletion]:
        if not self._file.exists():
            return []
        return [Deletion(**json.loads(line)) for line in self._file.read_text().splitlines()]

    def _write(self, method: str, handle: str) -> None:
        found = self._find(handle)
        name, source = found.name if found else "", found.source if isinstance(found, Snapshot) else ""
        entry = Deletion(at=time.time(), method=method, handle=handle, name=name, source=source)
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")

    def _related(self, subjects: tuple[str, ...]) -> Iterator[str]:
        yield from subjects
        for handle in subjects:
            if found := self._find(handle):
                yield found.name
                yield from _sources(found)

    def _find(self, handle: str) -> AnyRecord | None:
        index = self._store.index
        kinds: tuple[Mapping[str, AnyRecord], ...] = (index.volumes, index.snapshots, index.groups)
        return next((kind[handle] for kind in kinds if handle in kind), None)


def _sources(record: AnyRecord) -> tuple[str, ...]:
    if isinstance(record, Snapshot):
        return (record.source,)
    return record.sources if isinstance(record, Group) else ()
