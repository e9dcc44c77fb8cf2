"""What of a sandbox is on this computer: to show that nothing is left of it."""

import os
from pathlib import Path

from holdfast_sandbox import Sandbox
from holdfast_sandbox.node import cgroups, loops


def left_of(sandbox: Sandbox) -> list[str]:
    """Processes, mounts and sockets of a sandbox; of its node control groups, loop devices and links."""
    directory, settings = str(sandbox.directory), sandbox._settings
    mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if directory in line]
    sockets = [str(path) for path in Path(settings.runtime).glob("*")] if settings.runtime else []
    name = cgroups.name(settings.network)
    groups = [folder for folder, _, _ in os.walk(cgroups.ROOT) if folder.endswith(f"/{name}")]
    links = [str(path) for path in Path("/sys/class/net").glob(f"hf{settings.network}")]
    devices = [str(path) for path in loops.attached(sandbox.directory)]
    return [*processes_of(directory), *mounts, *sockets, *groups, *links, *devices]


def processes_of(directory: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode().replace("\0", " ")
            inside = str((process / "cwd").readlink())
        except OSError:
            continue  # it has just ended
        if (
            (directory in command and "supervisor" in command)
            or f"{directory}/" in command
            or inside == directory
        ):
            found.append(command)
    return found
