"""Mounts, loop devices and file systems of this machine, through the programs that make them."""

import os
import subprocess
from collections.abc import Container
from pathlib import Path

from holdfast_sandbox.driver.errors import Code, Refusal

_REPAIRED = 1  # what e2fsck ends with when it had something to do


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


def format_image(image: Path) -> None:
    """Make an empty ext4 in a file; nothing is kept back for root."""
    _run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))


def mount_image(image: Path, target: Path) -> None:
    """Mount the file system in a file; the loop device goes with the mount."""
    _run("mount", "-o", "loop,discard", str(image), str(target))


def fit_file_system(image: Path) -> None:
    """Let the file system in a file that is not mounted fill the file."""
    _run("e2fsck", "-f", "-p", str(image), fine=(0, _REPAIRED))
    _run("resize2fs", str(image))


def stretch(image: Path) -> Path | None:
    """Let the loop device over a file take notice of its size; the last one if there are several."""
    devices = [Path(line.split(":")[0]) for line in _run("losetup", "--associated", str(image)).splitlines()]
    for device in devices:
        _run("losetup", "--set-capacity", str(device))
    return devices[-1] if devices else None


def stretch_file_system(image: Path) -> None:
    """Let the mounted file system in a file fill the file; the kernel wants CAP_SYS_RESOURCE for that."""
    if device := stretch(image):
        _run("resize2fs", str(device))


def _run(*command: str, fine: Container[int] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in fine:
        raise Refusal(Code.INTERNAL, f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()
