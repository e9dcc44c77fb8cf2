"""The guard: the parent of the worker, which does nothing but clean up after it."""

import os
import signal
from collections.abc import Callable

from holdfast_sandbox.supervisor import dying

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def guard(
    work: Callable[[], int], clean: Callable[[], None], forked: Callable[[int], object] = lambda _: None
) -> int:
    """Do the work in a child, and leave neither its descendants nor its litter behind.

    Whichever of the two processes lives longer cleans. The work starts with the signals of `ENDING`
    blocked and unblocks them when it is ready for them; the guard passes them on.

    Args:
        work: gives an exit code.
        clean: removes what is of no use once the work is over; may be called twice.
        forked: told the pid of the child.

    Returns:
        The exit code of the work; 1 when it was killed.
    """
    dying.adopt_orphans()
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    worker = os.fork()
    if not worker:
        _work(work, parent, clean)
    forked(worker)
    for number in ENDING:
        signal.signal(number, lambda *_: os.kill(worker, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    code = dying.reap_until(worker)
    dying.end_children()
    clean()
    return code if code >= 0 else 1


def _work(work: Callable[[], int], parent: int, clean: Callable[[], None]) -> None:
    code = 1
    try:
        dying.with_parent(parent, signal.SIGTERM)
        code = work()
        if os.getppid() not in (parent, dying.UNSEEN):
            clean()
    finally:
        os._exit(code)
