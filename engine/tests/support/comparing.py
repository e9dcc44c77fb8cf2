"""Two folders on this machine, entry by entry."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from pathlib import Path
from typing import Any, TypeAlias

Description: TypeAlias = dict[str, Any]


def differences(one: Path, other: Path) -> list[str]:
    """What differs in contents, kinds, rights, owners, times, attributes and hard links; holes may differ."""
    ones, others = described(one), described(other)
    return [
        f"{path!r}: {field}: {mine.get(field)!r} != {its.get(field)!r}"
        for path in sorted(ones.keys() | others.keys())
        for mine, its in [(ones.get(path, {}), others.get(path, {}))]
        for field in sorted(mine.keys() | its.keys())
        if mine.get(field) != its.get(field)
    ]


def described(top: Path) -> dict[bytes, Description]:
    """Everything below a folder and the folder itself, by path."""
    start = os.fsencode(top)
    paths = [start]
    for place, folders, files in os.walk(start):
        paths += [os.path.join(place, name) for name in (*folders, *files)]  # noqa: PTH118 - bytes
    found = {os.path.relpath(path, start): _described(path) for path in paths}
    _group_links(found)
    return found


def _described(path: bytes) -> Description:
    status = os.lstat(path)
    seen: Description = {
        "mode": oct(status.st_mode),
        "owner": (status.st_uid, status.st_gid),
        "mtime": status.st_mtime_ns,
        "xattrs": {
            name: os.getxattr(path, name, follow_symlinks=False)
            for name in os.listxattr(path, follow_symlinks=False)
        },
        "inode": status.st_ino,
    }
    if stat.S_ISREG(status.st_mode):
        seen["size"], seen["content"] = status.st_size, _digest(path)
    if stat.S_ISLNK(status.st_mode):
        seen["target"] = os.readlink(path)  # noqa: PTH115 - bytes
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        seen["device"] = status.st_rdev
    return seen


def _digest(path: bytes) -> str:
    with Path(os.fsdecode(path)).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _group_links(found: dict[bytes, Description]) -> None:
    """Instead of its inode each entry gets the paths that share it; symbolic links are restored one by one."""
    groups = defaultdict(list)
    for path, seen in found.items():
        groups[seen["inode"]].append(path)
    for seen in found.values():
        linked = sorted(groups[seen.pop("inode")])
        seen["linked"] = [] if "target" in seen else linked
