"""The control socket: tests set faults and look at what the driver has, while it serves.

A request is a line of JSON, `{"do": NAME, ...arguments}`; the answer is a line with `value` or `error`. One
connection may ask many times. The client is `faults.Faults`.
"""

import json
import logging
import socketserver
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from holdfast_sandbox.driver.csi.answers import is_ready
from holdfast_sandbox.driver.errors import DriverError
from holdfast_sandbox.driver.history import History
from holdfast_sandbox.driver.rules import Rule, Table
from holdfast_sandbox.driver.snapshots import Snapshots
from holdfast_sandbox.driver.store import Store

logger = logging.getLogger(__name__)


class Control:
    def __init__(self, store: Store, snapshots: Snapshots, faults: Table, history: History) -> None:
        self._store = store
        self._snapshots = snapshots
        self._faults = faults
        self._history = history
        self._commands: dict[str, Callable[..., object]] = {
            "add": self._add,
            "calls": history.calls,
            "clear": faults.clear,
            "deletions": self._deletions,
            "groups": self._groups,
            "make_ready": snapshots.make_ready,
            "rules": self._rules,
            "snapshots": self._list_snapshots,
            "volumes": self._list_volumes,
        }

    def start(self, socket: Path) -> None:
        """Answer in the background, for as long as the process lives."""
        socket.parent.mkdir(parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        server = _Server(str(socket), self.answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def answer(self, line: str) -> str:
        try:
            request = json.loads(line)
            value = self._commands[request.pop("do")](**request)
        except (DriverError, KeyError, TypeError, ValueError) as failure:
            return json.dumps({"error": f"{type(failure).__name__}: {failure}"})
        return json.dumps({"value": value})

    def _add(self, rule: dict[str, Any]) -> str:
        parsed = Rule.parse(rule)
        logger.info("fault: %s", parsed)
        return self._faults.add(parsed)

    def _rules(self) -> dict[str, dict[str, Any]]:
        return {id_: asdict(rule) for id_, rule in self._faults.rules().items()}

    def _deletions(self) -> list[dict[str, Any]]:
        return [asdict(deletion) for deletion in self._history.deletions()]

    def _groups(self) -> list[dict[str, Any]]:
        return [asdict(group) for group in self._store.index.groups.values()]

    def _list_volumes(self) -> list[dict[str, Any]]:
        volumes = self._store.index.volumes.values()
        return [{**asdict(volume), "path": str(self._store.volume(volume.id))} for volume in volumes]

    def _list_snapshots(self) -> list[dict[str, Any]]:
        return [
            {**asdict(each), "path": str(self._store.snapshot(each.id)), "ready": is_ready(each)}
            for each in self._store.index.snapshots.values()
        ]


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, socket: str, answer: Callable[[str], str]) -> None:
        super().__init__(socket, _Handler)
        self.answer = answer


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        for line in self.rfile:
            self.wfile.write(self.server.answer(line.decode()).encode() + b"\n")
