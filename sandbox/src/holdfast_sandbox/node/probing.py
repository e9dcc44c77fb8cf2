"""Whether this machine can have a node, and if not, why."""

import os
import shutil
import subprocess
from pathlib import Path

from holdfast_sandbox.errors import Incapable
from holdfast_sandbox.node import cgroups

PROGRAMS = ("apt-get", "dpkg", "ip", "losetup", "mkfs.ext4", "mount", "nsenter", "resize2fs", "unshare")
_PACKAGES = "apt-get install e2fsprogs iproute2 mount util-linux"


def require() -> None:
    """Return when a node can run here.

    Raises:
        Incapable: it cannot; the message has all reasons.
    """
    if found := obstacles():
        raise Incapable("no node can run on this machine: " + "; ".join(found))


def obstacles() -> list[str]:
    """Everything that stands in the way of a node, in words."""
    if os.geteuid() != 0:
        return ["it needs root"]
    checks = (_programs(), _namespaces(), cgroups.obstacle(), _loop_devices())
    return [found for found in checks if found]


def _programs() -> str:
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    return f"there is no {', '.join(missing)} ({_PACKAGES}; Debian or Ubuntu)" if missing else ""


def _namespaces() -> str:
    if not shutil.which("unshare"):
        return ""
    command = ["unshare", "--pid", "--fork", "--mount", "--net", "mount", "--make-rslave", "/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"namespaces are refused ({done.stderr.strip()})" if done.returncode else ""


def _loop_devices() -> str:
    control = Path("/dev/loop-control")
    return "" if os.access(control, os.R_OK | os.W_OK) else f"there is no {control} (modprobe loop)"
