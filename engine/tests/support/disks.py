"""Disks of a chosen size, for what happens when they are full."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """A file system of its own at a folder, such as `7M`."""
    at.mkdir()
    words: list[str | Path] = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", at]
    if os.geteuid() or subprocess.run(words, check=False).returncode:
        pytest.xfail("mounting needs root")
    try:
        yield at
    finally:
        subprocess.run(["umount", at], check=True)


def enlarge(disk: Path, size: str) -> None:
    """Make room."""
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
