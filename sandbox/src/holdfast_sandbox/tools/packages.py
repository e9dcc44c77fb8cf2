"""Debian packages that a node needs and that no Go module offers: downloaded by apt and unpacked into the cache.

Nothing is installed: no service starts, no file outside the cache changes.
"""

import platform
import subprocess
from pathlib import Path

from holdfast_sandbox.errors import BuildError
from holdfast_sandbox.tools import caching

PACKAGES = (
    "busybox-static",
    "containerd",
    "containernetworking-plugins",
    "libseccomp2",  # of runc
    "mmdebstrap",
    "runc",
)


def ensure() -> Path:
    """The root below which the packages are unpacked; made when missing.

    Raises:
        BuildError: apt cannot fetch a package.
    """
    return caching.entry("packages", caching.key_of([*PACKAGES, release(), platform.machine()]), _fill)


def release() -> str:
    """The code name of this machine's Debian, such as `bookworm`."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def ctr() -> Path:
    """The client that comes with containerd."""
    return ensure() / "usr" / "bin" / "ctr"


def libraries(packages: Path) -> Path:
    """Where the shared libraries among the packages are."""
    return next((packages / "usr" / "lib").glob("*-linux-gnu*"))


def _fill(target: Path) -> None:
    download = ["apt-get", "-o", "APT::Sandbox::User=root", "download", *PACKAGES]
    if _attempt(download, target):
        _attempt(["apt-get", "update", "--quiet"], target)
        if said := _attempt(download, target):
            raise BuildError(f"apt cannot fetch {', '.join(PACKAGES)}:\n{said}")
    for package in target.glob("*.deb"):
        if said := _attempt(["dpkg", "--extract", package.name, "."], target):
            raise BuildError(f"{package.name} cannot be unpacked:\n{said}")
        package.unlink()


def _attempt(command: list[str], directory: Path) -> str:
    """What the command says when it fails; empty when it succeeds."""
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return (done.stderr.strip()[-2000:] or "it failed") if done.returncode else ""
