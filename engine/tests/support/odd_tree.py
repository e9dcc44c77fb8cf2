"""A folder with everything that file systems allow and that backups get wrong.

Built anew it is the same to the last byte and nanosecond, but for inodes and times of change.
"""

from __future__ import annotations

import os
import random
import socket
import stat
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KIB, MIB = 1 << 10, 1 << 20
SHORTEST, LONGEST = 512 * KIB, 8 * MIB
"""Of a piece of a file."""

NAMES = [
    b'quote"quote',
    b"back\\slash",
    b"new\nline",
    b"\\n",
    b"\\xff",
    b"tab\tbell\a\x01\x1f\x7f",
    b"invalid \xff\xfe \xc3( end",
    b"half a surrogate \xed\xa0\x80",
    b"too long \xc0\xaf",
    b"beyond \xf4\x90\x80\x80",
    "line\u2028paragraph\u2029next\x85".encode(),
    b"<&>",
    "\U0001f600 \U0001f468\u200d\U0001f469".encode(),
    "e\u0301 \u00e9 \ufeff \ufffd \u00ad \ue000 \uffff \U0010ffff".encode(),
    b" space ",
    b"-n",
    b"*?[a]{b}",
    b"$HOME %s ~",
    b"...",
    b"x" * 255,
]
SIZES = [1, 31, 4096, SHORTEST - 1, SHORTEST, SHORTEST + 1, LONGEST - 1, LONGEST, LONGEST + 1]
TIMES = {
    "epoch": 0,
    "nanosecond": 1,
    "tenth": 1_600_000_000_100_000_000,
    "almost": 1_600_000_000_999_999_999,
    "before 1970": -1_500_000_000_000_000_001,
    "after 2100": 4_200_000_000_123_456_789,
    "in summer": 1_720_000_000_000_000_000,
    "in winter": 1_705_000_000_500_000_000,
    "long ago": -2_000_000_000_000_000_000,
}
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *entry)
    for entry in [
        (1, 6, 0xFFFFFFFF),
        (2, 4, 1000),
        (4, 4, 0xFFFFFFFF),
        (0x10, 6, 0xFFFFFFFF),
        (0x20, 0, 0xFFFFFFFF),
    ]
)
"""rw for the owner, r for user 1000 and the group, nothing for others."""
AS_ROOT = os.geteuid() == 0


def build(top: Path) -> Path:
    """The tree, at a path that is not there yet."""
    for part in (_names, _sizes, _holes, _times, _kinds, _rights, _links, _attributes, _folders):
        folder = top / part.__name__.strip("_")
        folder.mkdir(parents=True)
        part(folder)
    _settle(top)
    return top


def content(seed: str, size: int) -> bytes:
    """Incompressible, the same in every run."""
    return random.Random(seed).randbytes(size)  # noqa: S311


def _names(folder: Path) -> None:
    for number, name in enumerate(NAMES):
        path = os.fsencode(folder) + b"/" + name
        if number % 3 == 2:
            os.mkdir(path)  # noqa: PTH102 - bytes
        else:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o640))
    (folder / "link").symlink_to(os.fsdecode(b'target \xff "\n<&>'))


def _sizes(folder: Path) -> None:
    (folder / "empty").touch()
    for size in SIZES:
        (folder / f"{size}").write_bytes(content(str(size), size))
    (folder / "never cut").write_bytes(b"A" * (2 * LONGEST + 1))
    (folder / "repeated").write_bytes(content("r", SHORTEST + 7) * 5)
    (folder / "text").write_bytes(b"all work and no play makes jack a dull boy\n" * 60_000)


def _holes(folder: Path) -> None:
    (folder / "zeros").write_bytes(bytes(3 * MIB + 5))
    with (folder / "all hole").open("wb") as file:
        file.truncate(6 * MIB)
    with (folder / "hole in the middle").open("wb") as file:
        file.write(b"begin")
        file.seek(4 * MIB)
        file.write(b"end")


def _times(folder: Path) -> None:
    for name, time in TIMES.items():
        (folder / name).touch()
        os.utime(folder / name, ns=(time + 10**9, time))


def _kinds(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "dangling").symlink_to("nowhere/at/all")
    (folder / "absolute").symlink_to("/etc/passwd")
    (folder / "long").symlink_to("y" * 1000)
    if AS_ROOT:
        os.mknod(folder / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(folder / "whiteout", stat.S_IFCHR, os.makedev(0, 0))
        os.mknod(folder / "block", stat.S_IFBLK | 0o660, os.makedev(259, 70_000))


def bind_socket(path: Path) -> None:
    """A socket's name; nobody saves it. Its path may be too long, so it is bound from its folder."""
    there = os.open(path.parent, os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(f"/proc/self/fd/{there}/{path.name}")
    finally:
        os.close(there)


def _rights(folder: Path) -> None:
    for mode in (0o4755, 0o2755, 0o6711, 0o1644, 0o7777, 0o000, 0o400):
        path = folder / f"{mode:o}"
        path.write_bytes(b"#!/bin/true\n")
        if AS_ROOT:
            os.chown(path, mode, 4_000_000_000)
        path.chmod(mode if AS_ROOT else mode | 0o400)
    for mode in (0o1777, 0o2775, 0o500):
        (folder / f"d{mode:o}").mkdir()
        (folder / f"d{mode:o}").chmod(mode)


def _links(folder: Path) -> None:
    (folder / "a").write_bytes(b"one file\n")
    (folder / "sub").mkdir()
    for name in ("b", "sub/c"):
        (folder / name).hardlink_to(folder / "a")
    (folder / "symlink").symlink_to("a")
    os.link(folder / "symlink", folder / "the same symlink", follow_symlinks=False)
    (folder / "big").write_bytes(content("linked", MIB))
    (folder / "big again").hardlink_to(folder / "big")


def _attributes(folder: Path) -> None:
    (folder / "many").touch()
    for number in range(20):
        os.setxattr(folder / "many", f"user.{number}", bytes([number]) * number)
    (folder / "sub").mkdir()
    os.setxattr(folder / "sub", "user.<&>", b"\x00\xff")
    os.setxattr(folder / "sub", "user.empty", b"")
    (folder / "acl").touch()
    os.setxattr(folder / "acl", "system.posix_acl_access", ACL)
    os.setxattr(folder / "sub", "system.posix_acl_default", ACL)
    if AS_ROOT:
        (folder / "link").symlink_to("many")
        os.setxattr(folder / "link", "trusted.holdfast", b"of the link", follow_symlinks=False)


def _folders(folder: Path) -> None:
    (folder / "empty").mkdir()
    deep = folder.joinpath(*"abcdefghijklmnop")
    deep.mkdir(parents=True)
    (deep / "bottom").write_bytes(b"bottom\n")
    (folder / "many").mkdir()
    for number in range(2000):
        (folder / "many" / f"{number}").write_bytes(b"%d" % (number // 3))


def _settle(top: Path) -> None:
    """Times of all but the files of `_times`, from the leaves up."""
    for place, folders, files in os.walk(os.fsencode(top), topdown=False):
        for name in (*files, *folders):
            path = os.path.join(place, name)  # noqa: PTH118 - bytes
            if not place.endswith(b"/times"):
                time = 1_500_000_000_000_000_000 + len(path) * 1_000_000_007
                os.utime(path, ns=(time, time), follow_symlinks=False)
