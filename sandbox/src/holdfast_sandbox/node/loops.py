"""Loop devices outlive namespaces: those over files of a cluster are given back at its end."""

import contextlib
import fcntl
from pathlib import Path

_DETACH = 0x4C01  # LOOP_CLR_FD


def detach(directory: Path) -> None:
    """Give back every loop device over a file below the directory."""
    for device in attached(directory):
        with contextlib.suppress(OSError), device.open("rb") as opened:
            fcntl.ioctl(opened, _DETACH)


def attached(directory: Path) -> list[Path]:
    """Loop devices over files below the directory, also over deleted ones."""
    found = []
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):  # it is just going away
            if file.read_text().startswith(f"{directory}/"):
                found.append(Path("/dev") / file.parts[3])
    return found
