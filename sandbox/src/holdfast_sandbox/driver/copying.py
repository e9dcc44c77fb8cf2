"""Copies of directories as they were at one moment, as far as a file system without snapshots allows.

A copy is repeated while the source changes under it. After a while the next complete copy is taken as it is:
it then holds what a program sees that reads file by file while another one writes. Where the file system has
reflinks they are used.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

from holdfast_sandbox.driver.errors import Code, Refusal

QUIET = 0.1  # seconds in which a copy is wanted that nobody wrote into
PATIENCE = 2.0  # seconds in which one must be complete

_Trait = tuple[str, int, int, int]


def copy(source: Path, target: Path) -> None:
    """Copy a directory with owners, modes, times, links, attributes and holes.

    Raises:
        Refusal: the source could not be read in full in any attempt.
    """
    started = time.monotonic()
    while True:
        before = _look(source)
        complaint = _copy_once(source, target)
        passed = time.monotonic() - started
        if not complaint and (passed > QUIET or _look(source) == before):
            return
        if passed > PATIENCE:
            raise Refusal(Code.INTERNAL, f"{source} cannot be copied: {complaint}")


def copy_still(source: Path, target: Path) -> None:
    """Copy a directory that nobody writes into meanwhile.

    Raises:
        Refusal: it could not be read in full.
    """
    if complaint := _copy_once(source, target):
        raise Refusal(Code.INTERNAL, f"{source} cannot be copied: {complaint}")


def _copy_once(source: Path, target: Path) -> str:
    if target.exists():
        rmtree(target)
    options = ["-a", "-T", "--reflink=auto", "--sparse=always"]
    done = subprocess.run(["cp", *options, source, target], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def _look(directory: Path) -> list[_Trait]:
    return sorted(_traits(str(directory)))


def _traits(directory: str) -> Iterator[_Trait]:
    """Path, inode, size and time of change of everything below; what goes away meanwhile is left out."""
    for folder, folders, files in os.walk(directory):
        for name in (*folders, *files):
            path = f"{folder}/{name}"
            try:
                seen = os.lstat(path)
            except FileNotFoundError:
                continue
            yield path, seen.st_ino, seen.st_size, seen.st_ctime_ns
