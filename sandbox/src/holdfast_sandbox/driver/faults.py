"""Disturbing the driver from a test, and looking at what it has and what was asked of it.

All methods are plain calls over a local socket that take a millisecond; coroutines may call them as they
are. A driver that is just being restarted is waited for.

Each fault is in force until `clear`, unless its scope says otherwise:

    handle   only calls that have to do with this volume, snapshot or group (its handle or its CSI name)
    calls    only the next so many calls
    each     `calls` counts for every object by itself: "each snapshot fails twice"
"""

import json
import socket
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from holdfast_sandbox.driver.errors import Code, DriverError, Unreachable
from holdfast_sandbox.driver.history import Deletion
from holdfast_sandbox.driver.rules import Rule

CREATE_SNAPSHOT = ("CreateSnapshot", "CreateVolumeGroupSnapshot")
DELETE = ("DeleteSnapshot", "DeleteVolume", "DeleteVolumeGroupSnapshot")
MAKE = (*CREATE_SNAPSHOT, "CreateVolume")
POLL = 0.02  # seconds between attempts to reach a driver that is away
FOREVER = 10**9  # seconds; longer than any test

Point = Literal["copied", "placed", "recorded", "forgotten"]


class Scope(TypedDict, total=False):
    """What a fault is limited to."""

    handle: str
    calls: int
    each: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume as the driver has it. `size` in bytes, `created` in seconds since the epoch."""

    id: str
    name: str
    path: Path
    size: int
    block: bool
    created: float
    from_snapshot: str
    from_volume: str
    targets: list[str]
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A snapshot as the driver has it. `ready_at` is None for one that never gets ready."""

    id: str
    name: str
    path: Path
    source: str
    size: int
    block: bool
    created: float
    ready: bool
    ready_at: float | None
    group: str
    node: str


class Faults:
    """A client of the driver's control socket. Keeps no connection.

    Args:
        control: the socket.
        patience: seconds to wait for a driver that does not answer.

    Every method raises Unreachable when that time is over, and DriverError when the driver refuses.
    """

    def __init__(self, control: Path, *, patience: float = 10.0) -> None:
        self._control = control
        self._patience = patience

    def never_ready(self, **scope: Unpack[Scope]) -> str:
        """New snapshots exist but never get ready, unless `make_ready` is called for them."""
        return self._add("hold", CREATE_SNAPSHOT, scope, seconds=None)

    def ready_after(self, seconds: float, **scope: Unpack[Scope]) -> str:
        """New snapshots get ready only after some time."""
        return self._add("hold", CREATE_SNAPSHOT, scope, seconds=seconds)

    def fail_snapshots(self, code: Code = Code.INTERNAL, **scope: Unpack[Scope]) -> str:
        """Snapshots are not taken; with `calls`, they are after so many failures."""
        return self._add("refuse", CREATE_SNAPSHOT, scope, code=code)

    def fail_groups(self, code: Code = Code.INTERNAL, **scope: Unpack[Scope]) -> str:
        """Snapshots of several volumes at a time are not taken; those of one are."""
        return self._add("refuse", ("CreateVolumeGroupSnapshot",), scope, code=code)

    def lose_replies(self, *methods: str, code: Code = Code.UNAVAILABLE, **scope: Unpack[Scope]) -> str:
        """These methods (`CreateVolume`, ...) do their work and then answer as if they had not."""
        return self._add("lose", methods, scope, code=code)

    def report_bigger(self, extra: int, **scope: Unpack[Scope]) -> str:
        """New snapshots say they need some bytes more than their volume had."""
        return self._add("inflate", CREATE_SNAPSHOT, scope, size=extra)

    def fill_pool(self, **scope: Unpack[Scope]) -> str:
        """There is no room for new volumes and snapshots."""
        return self.limit_pool(0, **scope)

    def limit_pool(self, size: int, **scope: Unpack[Scope]) -> str:
        """All volumes and snapshots together may have this many bytes, by their nominal sizes."""
        return self._add("full", MAKE, scope, code=Code.RESOURCE_EXHAUSTED, size=size)

    def slow_deletes(
        self, seconds: float = FOREVER, methods: Iterable[str] = DELETE, **scope: Unpack[Scope]
    ) -> str:
        """Deletes take that long; those under way end at once when the fault is cleared."""
        return self._add("delay", methods, scope, seconds=seconds)

    def refuse_deletes(
        self, code: Code = Code.FAILED_PRECONDITION, methods: Iterable[str] = DELETE, **scope: Unpack[Scope]
    ) -> str:
        """Nothing is deleted."""
        return self._add("refuse", methods, scope, code=code)

    def hide_list_snapshots(self) -> str:
        """The driver has no ListSnapshots; callers that ask for capabilities only once must be restarted."""
        return self._add("hide", ("ListSnapshots",), {})

    def die_when(self, point: Point, **scope: Unpack[Scope]) -> str:
        """Kill the driver in the middle of a change; once, unless `calls` says otherwise.

        Args:
            point: `copied` (data complete, not in place), `placed` (in place, not in the index), `recorded`
                (in the index, not answered), `forgotten` (out of the index, data still there).
            scope: of the calls.
        """
        limited: Scope = {"calls": 1, **scope}
        return self._add("die", (), limited, point=point)

    def clear(self, fault: str = "") -> None:
        """End one fault, named by what the method that caused it returned, or all."""
        self._ask("clear", id_=fault)

    def active(self) -> dict[str, Rule]:
        """Faults in force, also those whose `calls` are used up."""
        return {id_: Rule.parse(rule) for id_, rule in self._ask("rules").items()}

    def make_ready(self, snapshot: str) -> None:
        """Let a snapshot be ready now, whatever was said when it was taken."""
        self._ask("make_ready", id_=snapshot)

    def volumes(self) -> list[Volume]:
        return [Volume(**{**each, "path": Path(each["path"])}) for each in self._ask("volumes")]

    def snapshots(self) -> list[Snapshot]:
        return [Snapshot(**{**each, "path": Path(each["path"])}) for each in self._ask("snapshots")]

    def calls(self) -> dict[str, int]:
        """CSI calls by method, since the driver started."""
        answer: dict[str, int] = self._ask("calls")
        return answer

    def deletions(self) -> list[Deletion]:
        """Each call that asked to delete something, since the directory was made; also those refused."""
        return [Deletion(**each) for each in self._ask("deletions")]

    def _add(
        self,
        effect: str,
        methods: Iterable[str],
        scope: Scope,
        **details: Any,  # noqa: ANN401  fields of Rule
    ) -> str:
        rule = Rule(effect=effect, methods=tuple(methods), **scope, **details)
        id_: str = self._ask("add", rule=asdict(rule))
        return id_

    def _ask(self, command: str, **arguments: object) -> Any:  # noqa: ANN401  JSON
        with self._connect() as connection, connection.makefile("rw") as stream:
            stream.write(json.dumps({"do": command, **arguments}) + "\n")
            stream.flush()
            line = stream.readline()
        if not line:
            raise Unreachable(f"the driver at {self._control} ended without an answer to {command}")
        answer = json.loads(line)
        if "error" in answer:
            raise DriverError(f"{command}: {answer['error']}")
        return answer["value"]

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + self._patience
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self._patience)
            try:
                connection.connect(str(self._control))
            except (FileNotFoundError, ConnectionRefusedError) as failure:
                connection.close()
                if time.monotonic() > deadline:
                    raise Unreachable(f"no driver answers at {self._control}: is it running?") from failure
                time.sleep(POLL)
            else:
                return connection
