"""The machine that a cluster with a node is: namespaces made, mounts and network inside.

Process 1 of the pid namespace calls `enter` and becomes the parent of everything. When it ends, the kernel ends
all others and takes mounts, links and routes with them.
"""

import ctypes
import os
import subprocess
from pathlib import Path

from holdfast_sandbox.errors import StartError
from holdfast_sandbox.layout import Layout, Settings
from holdfast_sandbox.node import cgroups, freezing

CONVENTIONAL = {
    "kubelet": Path("/var/lib/kubelet"),
    "containerd": Path("/var/lib/containerd"),
    "logs": Path("/var/log/pods"),
    "links": Path("/var/log/containers"),
}
"""Where a node's programs keep things. A kubelet removes logs of pods that it does not know: they are not shared."""
INSTANCES = 1024  # of inotify; kubelet, containerd and pods share the kernel's 128 with everybody
_MOUNTS, _NETWORK, _PROCESSES = 0x20000, 0x40000000, 0x20000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def separate_processes() -> None:
    """The next child of this process is process 1 of a new pid namespace."""
    _unshare(_PROCESSES)


def enter(layout: Layout, settings: Settings) -> None:
    """Make the other namespaces and furnish them; for process 1.

    Raises:
        StartError: a mount or an address was refused.
    """
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    _unshare(_MOUNTS | _NETWORK)
    _mount(layout)
    _connect(settings, outside)
    os.close(outside)
    cgroups.make(settings.network)


def leave(directory: Path) -> None:
    """Unmount what is mounted below the directory, so that it can be removed; whoever still looks keeps its view."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in reversed(points):
        if point.startswith(f"{directory}/"):
            freezing.thaw(Path(point))
            subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)


def _unshare(kinds: int) -> None:
    if _LIBC.unshare(kinds):
        number = ctypes.get_errno()
        raise StartError(f"namespaces are refused: {os.strerror(number)}")


def _mount(layout: Layout) -> None:
    _run("mount", "--make-rslave", "/")
    _run("mount", "--make-rshared", "/")
    _run("mount", "-t", "proc", "proc", "/proc")
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for name, target in CONVENTIONAL.items():
        source = layout.node / name
        source.mkdir(parents=True, exist_ok=True)
        target.mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", str(source), str(target))
        _run("mount", "--make-private", str(target))
        _run("mount", "--make-shared", str(target))


def _connect(settings: Settings, outside: int) -> None:
    there = f"/proc/self/fd/{outside}"
    fields = {"link": f"hf{settings.network}", "there": there, "settings": settings}
    beyond = ("nsenter", f"--net={there}", "ip", "-batch", "-")
    subprocess.run(
        beyond,
        input=_BEFORE.format(**fields),
        text=True,
        pass_fds=[outside],
        capture_output=True,
        check=False,
    )
    _run("ip", "-batch", "-", text=_INSIDE.format(**fields), keep=outside)
    _run(*beyond, text=_OUTSIDE.format(**fields), keep=outside)
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    instances = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(instances.read_text()) < INSTANCES:
        instances.write_text(str(INSTANCES))


_BEFORE = "link delete {link}\n"  # of a cluster whose namespaces the kernel is still taking apart
_OUTSIDE = """addr add {settings.gateway}/30 dev {link}
link set {link} up
route replace {settings.pods} via {settings.machine}
"""
# The API server is reached at the address of the Service `kubernetes` itself: nothing has to translate it.
_INSIDE = """link add eth0 type veth peer {link} netns {there}
link set lo up
addr add {settings.service}/32 dev lo
addr add {settings.machine}/30 dev eth0
link set eth0 up
route add default via {settings.gateway}
"""


def _run(*command: str, text: str = "", keep: int | None = None) -> None:
    kept = () if keep is None else (keep,)
    done = subprocess.run(command, input=text, text=True, pass_fds=kept, capture_output=True, check=False)
    if done.returncode:
        raise StartError(f"{' '.join(command)}: {done.stderr.strip()}")
