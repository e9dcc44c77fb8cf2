"""File systems that stand still for a moment.

Whoever is killed meanwhile leaves a frozen one behind, which would keep its device for ever; so whoever comes next
thaws first.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_FREEZE, _THAW = 0xC0045877, 0xC0045878  # FIFREEZE, FITHAW


@contextlib.contextmanager
def frozen(point: Path) -> Iterator[None]:
    """Nothing changes in the mounted file system, and all that did change is on its device."""
    with _opened(point) as descriptor:
        fcntl.ioctl(descriptor, _FREEZE, 0)
        try:
            yield
        finally:
            fcntl.ioctl(descriptor, _THAW, 0)


def thaw(point: Path) -> None:
    """Let a mounted file system go on; fine when it is not frozen."""
    with contextlib.suppress(OSError), _opened(point) as descriptor:
        fcntl.ioctl(descriptor, _THAW, 0)


@contextlib.contextmanager
def _opened(directory: Path) -> Iterator[int]:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
