"""Bind mounts and loop devices of this machine, through the programs that make them."""

import os
import subprocess
from pathlib import Path

from holdfast_sandbox.driver.errors import Code, Refusal


def is_mounted(path: str) -> bool:
    real = os.path.realpath(path)
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return any(line.split()[4].replace("\\040", " ") == real for line in lines)


def bind(source: Path, target: Path, *, read_only: bool) -> None:
    _run("mount", "--bind", str(source), str(target))
    if read_only:
        _run("mount", "-o", "remount,bind,ro", str(target))


def unmount(target: Path) -> None:
    while is_mounted(str(target)):
        _run("umount", str(target))


def attach(image: Path, *, read_only: bool) -> Path:
    """A loop device over a file."""
    return Path(_run("losetup", "--find", "--show", *(["--read-only"] if read_only else []), str(image)))


def detach(image: Path) -> None:
    """Give back all loop devices over a file."""
    for line in _run("losetup", "--associated", str(image)).splitlines():
        _run("losetup", "--detach", line.split(":")[0])


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(Code.INTERNAL, f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()
