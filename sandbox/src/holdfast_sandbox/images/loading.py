"""Images into a running containerd, from outside of its namespaces: its socket is a file that both sides see."""

import asyncio
from pathlib import Path

from holdfast_sandbox.errors import Refused


async def load(ctr: Path, socket: Path, archive: Path) -> None:
    """Make the image of an OCI archive known to the kubelet under the name in it.

    Raises:
        Refused: containerd does not take it.
    """
    process = await asyncio.create_subprocess_exec(
        *(ctr, "--address", socket, "--namespace", "k8s.io", "images", "import", archive),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        raise Refused(f"the image in {archive} cannot be loaded: {said.decode(errors='replace').strip()}")
