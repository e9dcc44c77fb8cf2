"""`python -m holdfast_sandbox.supervisor DIRECTORY`: guard and worker of one cluster."""

import argparse
import asyncio
import contextlib
import fcntl
import functools
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from holdfast_sandbox import components, pki, tools
from holdfast_sandbox.layout import Layout, Settings, Sockets
from holdfast_sandbox.node import cgroups, configuring, loops, machine
from holdfast_sandbox.supervisor import guarding, ports
from holdfast_sandbox.supervisor.worker import Worker
from holdfast_sandbox.tools import packages

LOCK_WITHIN = 1.0  # seconds; whoever asks whether a sandbox is running holds the lock for an instant


def main() -> int:
    options = _options()
    layout = Layout(options.directory)
    layout.prepare()
    _lock(layout)
    followed = _follow(options.follow)
    settings, reserved = _settle(layout, options)
    pki.ensure(layout, settings)
    work = functools.partial(_work, layout, settings, followed)
    clean = functools.partial(_clean, layout, settings, ephemeral=options.ephemeral)
    if settings.node:
        machine.separate_processes()
        work = functools.partial(_be_machine, layout, settings, work, clean)
    code = guarding.guard(work, clean, forked=functools.partial(_note, settings))
    for each in reserved:
        each.close()
    return code


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m holdfast_sandbox.supervisor", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--follow", type=int, help="process whose end is the cluster's end")
    parser.add_argument("--ephemeral", action="store_true", help="remove the directory at the end")
    parser.add_argument("--no-paper-node", dest="paper_node", action="store_false")
    parser.add_argument("--node", action="store_true", help="have a kubelet, in namespaces")
    parser.add_argument(
        "--topology", action="store_true", help="have two paper nodes with volumes of their own"
    )
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


def _follow(pid: int | None) -> int | None:
    """A descriptor that gets readable when the process ends; it means the same in every namespace."""
    try:
        return os.pidfd_open(pid) if pid else None
    except ProcessLookupError:
        sys.exit(f"process {pid} has ended")


def _settle(layout: Layout, options: argparse.Namespace) -> tuple[Settings, list[socket.socket]]:
    old = layout.load()
    if old.runtime:
        shutil.rmtree(old.runtime, ignore_errors=True)
    chosen = replace(
        old,
        runtime=tempfile.mkdtemp(prefix="holdfast-"),
        paper_node=options.paper_node,
        node=options.node,
        topology=options.topology,
    )
    settings, reserved = ports.settle_machine(chosen) if options.node else ports.settle(chosen)
    layout.save(settings)
    return settings, reserved


def _be_machine(
    layout: Layout, settings: Settings, work: Callable[[], int], clean: Callable[[], None]
) -> int:
    """Process 1 of the cluster's namespaces, until the worker in it ends."""
    machine.enter(layout, settings)

    def leave() -> None:
        machine.leave(layout.directory)
        clean()

    return guarding.guard(work, leave)


def _note(settings: Settings, pid: int) -> None:
    Sockets(Path(settings.runtime)).machine.write_text(str(pid))


def _work(layout: Layout, settings: Settings, followed: int | None) -> int:
    built = tools.ensure(node=settings.node)
    made = components.components(layout, settings, built)
    if settings.node:
        configuring.write(layout, settings, packages.ensure())

    async def run() -> None:
        worker = Worker(layout, settings, list(made.values()), built.crds)
        await worker.run(followed, ready=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, guarding.ENDING))

    try:
        asyncio.run(run())
    except Exception:  # noqa: BLE001  this process ends here, after a fork: nobody else would tell
        traceback.print_exc()
        return 1
    return 0


def _clean(layout: Layout, settings: Settings, *, ephemeral: bool) -> None:
    if settings.node:
        cgroups.remove(settings.network)
        loops.detach(layout.csi)
    for path in (Path(settings.runtime), *([layout.directory] if ephemeral else [])):
        shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
