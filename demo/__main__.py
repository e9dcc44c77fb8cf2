"""`make demo`: plays in under two minutes, cleans up, and fails when anything was not as it should be."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from rich.console import Console

from demo.play import DemoFailed, Play
from demo.stage import NAMESPACE, installed
from holdfast_sandbox.errors import SandboxError


async def main(*, keep: bool) -> int:
    """Play once; the exit code says how it went."""
    console = Console()
    began = time.monotonic()
    console.print("[bold]A real Kubernetes starts: etcd, API server, kubelet, CSI storage, Holdfast")
    async with installed() as stage:
        console.print(f"ready after {time.monotonic() - began:.1f} s")
        try:
            await Play(stage, console).perform()
        except DemoFailed as error:
            console.print(f"\n[bold red]The demo failed: {error}")
            return 1
        console.print(f"\n[bold green]All of it worked, in {time.monotonic() - began:.0f} s.")
        if keep:
            await _keep(console, str(stage.sandbox.directory))
    return 0


async def _keep(console: Console, directory: str) -> None:
    console.print("\nThe cluster stays until you press Ctrl-C. In another terminal:")
    console.print("  export PATH=$PWD/.venv/bin:$PATH", highlight=False)
    console.print(f'  eval "$(holdfast-sandbox -d {directory} env)"', highlight=False)
    console.print(f"  kubectl -n {NAMESPACE} get snapshotgroups,volumesnapshots,pvc", highlight=False)
    console.print(f"  holdfast -n {NAMESPACE} group describe postgres-backups", highlight=False)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--keep", action="store_true", help="leave the cluster running at the end")
    try:
        sys.exit(asyncio.run(main(keep=parser.parse_args().keep)))
    except SandboxError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
