"""Making sure of ends: processes that die with their parent, and parents that inherit all orphans."""

import contextlib
import ctypes
import os
import signal
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
UNSEEN = 0


def with_parent(parent: int, with_signal: signal.Signals) -> None:
    """From now on this process gets the signal when its parent ends; at once when that has happened already.

    Process 1 of a pid namespace cannot see its parent.
    """
    _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, int(with_signal), 0, 0, 0)
    if os.getppid() not in (parent, UNSEEN):
        os.kill(os.getpid(), with_signal)


def adopt_orphans() -> None:
    """From now on descendants whose parent ends become children of this process."""
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_until(child: int) -> int:
    """Wait for this child, burying others that end meanwhile; its exit code, negative for a signal."""
    while True:
        with contextlib.suppress(InterruptedError):
            pid, status = os.wait()
            if pid == child:
                return os.waitstatus_to_exitcode(status)


def end_children() -> None:
    """Kill every child, and every orphan that becomes one by that, until there are none."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _children():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            os.wait()


def _children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]
