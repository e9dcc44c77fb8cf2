"""`python -m holdfast_sandbox.supervisor DIRECTORY`: guard and worker of one cluster."""

import argparse
import asyncio
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO

from holdfast_sandbox import components, pki, tools
from holdfast_sandbox.layout import Layout, Settings
from holdfast_sandbox.supervisor import dying, ports
from holdfast_sandbox.supervisor.worker import Worker


def main() -> int:
    parser = argparse.ArgumentParser(prog="holdfast_sandbox.supervisor")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--follow", type=int, help="process whose end is the cluster's end")
    parser.add_argument("--ephemeral", action="store_true", help="remove the directory at the end")
    parser.add_argument("--no-paper-node", dest="paper_node", action="store_false")
    options = parser.parse_args()
    layout = Layout(options.directory)
    layout.prepare()
    lock = _lock(layout)
    settings, reserved = _settle(layout, paper_node=options.paper_node)
    pki.ensure(layout, settings.api_port)
    try:
        return _guard(layout, settings, options.follow)
    finally:
        shutil.rmtree(settings.runtime, ignore_errors=True)
        if options.ephemeral:
            shutil.rmtree(layout.directory, ignore_errors=True)
        for port in reserved:
            port.close()
        lock.close()


def _lock(layout: Layout) -> IO[str]:
    file = layout.lock.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"another supervisor is working on {layout.directory}")
    return file


def _settle(layout: Layout, *, paper_node: bool) -> tuple[Settings, list[socket.socket]]:
    old = layout.load()
    if old.runtime:
        shutil.rmtree(old.runtime, ignore_errors=True)
    reserved = [ports.reserve(old.api_port), ports.reserve(old.s3_port)]
    api_port, s3_port = (held.getsockname()[1] for held in reserved)
    runtime = tempfile.mkdtemp(prefix="holdfast-")
    settings = replace(old, runtime=runtime, api_port=api_port, s3_port=s3_port, paper_node=paper_node)
    layout.save(settings)
    return settings, reserved


def _guard(layout: Layout, settings: Settings, follow: int | None) -> int:
    dying.adopt_orphans()
    guard = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    worker = os.fork()
    if not worker:
        os._exit(_work(layout, settings, follow, guard))
    for number in _ENDING:
        signal.signal(number, lambda *_: os.kill(worker, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    code = dying.reap_until(worker)
    dying.end_children()
    return code if code >= 0 else 1


_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _work(layout: Layout, settings: Settings, follow: int | None, guard: int) -> int:
    dying.with_parent(guard, signal.SIGTERM)
    built = tools.ensure()
    made = components.components(layout, settings, built.programs)

    async def run() -> None:
        worker = Worker(layout, settings, list(made.values()), built.crds)
        loop = asyncio.get_running_loop()
        loop.call_soon(signal.pthread_sigmask, signal.SIG_UNBLOCK, _ENDING)
        await worker.run(follow)

    try:
        asyncio.run(run())
    except BaseException:  # noqa: BLE001  this process ends here, after a fork
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
