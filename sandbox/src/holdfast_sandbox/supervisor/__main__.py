"""`python -m holdfast_sandbox.supervisor DIRECTORY`: guard and worker of one cluster."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

from holdfast_sandbox import components, pki, tools
from holdfast_sandbox.layout import Layout, Settings
from holdfast_sandbox.supervisor import guarding, ports
from holdfast_sandbox.supervisor.worker import Worker

LOCK_WITHIN = 1.0  # seconds; whoever asks whether a sandbox is running holds the lock for an instant


def main() -> int:
    options = _options()
    layout = Layout(options.directory)
    layout.prepare()
    _lock(layout)
    settings, reserved = _settle(layout, paper_node=options.paper_node)
    pki.ensure(layout, settings.api_port)
    litter = [Path(settings.runtime), *([layout.directory] if options.ephemeral else [])]
    code = guarding.guard(lambda: _work(layout, settings, options.follow), litter)
    for port in reserved:
        port.close()
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m holdfast_sandbox.supervisor", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--follow", type=int, help="process whose end is the cluster's end")
    parser.add_argument("--ephemeral", action="store_true", help="remove the directory at the end")
    parser.add_argument("--no-paper-node", dest="paper_node", action="store_false")
    return parser.parse_args()


def _lock(layout: Layout) -> None:
    """Lock the directory; the end of the last of our processes unlocks it."""
    file = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_WITHIN
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.01)
    sys.exit(f"another supervisor is working on {layout.directory}")


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


def _work(layout: Layout, settings: Settings, follow: int | None) -> int:
    built = tools.ensure()
    made = components.components(layout, settings, built.programs)

    async def run() -> None:
        worker = Worker(layout, settings, list(made.values()), built.crds)
        await worker.run(follow, ready=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, guarding.ENDING))

    try:
        asyncio.run(run())
    except Exception:  # noqa: BLE001  this process ends here, after a fork: nobody else would tell
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
