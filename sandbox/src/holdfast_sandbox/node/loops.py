"""Loop devices outlive namespaces: those over files of a cluster are given back at its end.

The kubelet holds each block device of a pod by a loop device of its own over it.
"""

import contextlib
import fcntl
import struct
from pathlib import Path

_DETACH, _STATUS = 0x4C01, 0x4C05  # LOOP_CLR_FD, LOOP_GET_STATUS64
_STATUS_SIZE = 232  # bytes


def detach(directory: Path) -> None:
    """Give back every loop device over a file below the directory, and those over such devices."""
    for device in attached(directory):
        with contextlib.suppress(OSError), device.open("rb") as opened:
            fcntl.ioctl(opened, _DETACH)


def attached(directory: Path) -> list[Path]:
    """Loop devices over loop devices over files below the directory, then the latter; also where the file is gone."""
    below = [device for device, file in _all().items() if file.startswith(f"{directory}/")]
    nodes = {(node.st_dev, node.st_ino) for node in (device.stat() for device in below)}
    return [*(device for device in _all() if _backing(device) in nodes), *below]


def _all() -> dict[Path, str]:
    found = {}
    for file in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):  # it is just going away
            found[Path("/dev") / file.parts[3]] = file.read_text()
    return found


def _backing(device: Path) -> tuple[int, int] | None:
    """File system and inode of what a loop device is over."""
    status = bytearray(_STATUS_SIZE)
    with contextlib.suppress(OSError), device.open("rb") as opened:
        fcntl.ioctl(opened, _STATUS, status)
        file_system, inode = struct.unpack_from("QQ", status)
        return file_system, inode
    return None
