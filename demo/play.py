"""The acts of the demo; each one raises when something is not as it should be."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rich.live import Live

from demo.records import record, whole_records
from demo.view import scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from rich.console import Console

    from demo.stage import Stage

CLAIM, GROUP, COPY, FILE = "postgres-data", "postgres-backups", "restore-pvc", "records.txt"
WATCHED = 20.0
VOLUME = f"""
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {CLAIM}}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}
"""
SCHEDULE = f"""
apiVersion: gemini.fairwinds.com/v1beta1
kind: SnapshotGroup
metadata: {{name: {GROUP}}}
spec:
  persistentVolumeClaim: {{claimName: {CLAIM}}}
  schedule:
  - {{every: 3 seconds, keep: 3}}
  - {{every: 10 seconds, keep: 1}}
  - {{every: day, keep: 1}}
"""


class DemoFailed(Exception):  # noqa: N818  (it is the demo that failed)
    """Something was not as it should be."""


class Play:
    """One performance on one stage."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console

    async def perform(self) -> None:
        """All acts, in order."""
        await self._apply(VOLUME, "A claim, and an application that writes into its volume")
        await self._stage.kubectl(
            "wait", "--for=jsonpath={.status.phase}=Bound", f"pvc/{CLAIM}", "--timeout=30s"
        )
        async with self._application():
            await self._apply(SCHEDULE, "The article's SnapshotGroup, made fast")
            await self._watch_snapshots()
        written, taken = await self._disaster()
        kept = await self._pause(taken)
        await self._mistype()
        await self._restore(kept[-1], written)
        await self._second_claim(kept[0])

    def _title(self, text: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{text}", align="left")

    async def _run(self, *words: str) -> tuple[int, str]:
        self._console.print(f"[cyan]$ holdfast {' '.join(words)}", highlight=False)
        code, output = await self._stage.holdfast(*words)
        self._console.print(output, highlight=False, markup=False)
        return code, output

    async def _apply(self, manifest: str, title: str) -> None:
        self._title(title)
        self._console.print(manifest.strip(), highlight=False, markup=False, style="dim")
        await self._stage.kubectl("apply", "-f", "-", input=manifest)

    async def _file(self, claim: str = CLAIM) -> Path:
        return await self._stage.volume(claim) / FILE

    @asynccontextmanager
    async def _application(self) -> AsyncIterator[None]:
        """A program that keeps writing into the volume."""
        words = ("-m", "demo.writer", str(await self._file()))
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        try:
            if not process.stdout or await process.stdout.readline() != b"writing\n":
                raise DemoFailed("the application did not start")
            yield
        finally:
            process.terminate()
            await process.wait()

    async def _watch_snapshots(self) -> None:
        self._title("Holdfast takes and retires snapshots")
        ends = time.monotonic() + WATCHED
        with Live(console=self._console, auto_refresh=False, transient=not self._console.is_terminal) as live:
            while time.monotonic() < ends or len(await self._ready()) < 4:  # noqa: PLR2004
                live.update(await self._scene(), refresh=True)
                await asyncio.sleep(0.5)
                if time.monotonic() > ends + WATCHED:
                    raise DemoFailed("there are no four ready snapshots after 40 s")
        self._console.print(await self._scene())

    async def _scene(self) -> Any:  # noqa: ANN401  (a renderable)
        group = await self._stage.get("snapshotgroups.gemini.fairwinds.com", GROUP)
        snapshots = await self._stage.get("volumesnapshots")
        return scene(group, snapshots["items"], whole_records((await self._file()).read_text()))

    async def _ready(self) -> list[str]:
        found = await self._stage.get("volumesnapshots")
        return sorted(
            s["metadata"]["name"]
            for s in found["items"]
            if s.get("status", {}).get("readyToUse") and "deletionTimestamp" not in s["metadata"]
        )

    async def _disaster(self) -> tuple[int, list[str]]:
        """Wipe the volume; answer with what was in it and the snapshots from before."""
        taken = await self._ready()
        self._title("The disaster: everything in the volume is wiped")
        path = await self._file()
        written = whole_records(path.read_text())
        for lost in path.parent.iterdir():
            lost.unlink()
        self._console.print(f"{written} records are gone; the application is stopped.")
        return written, taken

    async def _pause(self, taken: list[str]) -> list[str]:
        """Stop the schedule, so that nothing good ages out meanwhile; answer with what is left of `taken`."""
        self._title("First of all: nothing more is taken or retired")
        await self._run("group", "pause", GROUP)
        await self._stage.kubectl(
            "wait",
            '--for=jsonpath={.status.conditions[?(@.type=="Covered")].reason}=Paused',
            f"snapshotgroups.gemini.fairwinds.com/{GROUP}",
            "--timeout=30s",
        )
        kept = [name for name in await self._ready() if name in taken]
        if len(kept) < 2:  # noqa: PLR2004
            raise DemoFailed("fewer than two snapshots from before the disaster are left")
        return kept

    async def _mistype(self) -> None:
        self._title("In the hurry, a mistyped restore point")
        before = await self._stage.get("pvc", CLAIM)
        code, _ = await self._run("group", "restore", GROUP, "--to", "1585945609")
        after = await self._stage.get("pvc", CLAIM)
        if code == 0 or before["metadata"]["uid"] != after["metadata"]["uid"]:
            raise DemoFailed("a restore point that does not exist was not refused")
        self._console.print(f"[green]refused with exit code {code}; the claim was not touched")

    async def _restore(self, snapshot: str, written: int) -> None:
        self._title("The restore")
        began = time.monotonic()
        code, _ = await self._run("group", "restore", GROUP, "--to", snapshot, "--wait")
        took = time.monotonic() - began
        if code:
            raise DemoFailed(f"the restore ended with exit code {code}")
        back = await self._check(CLAIM)
        self._console.print(
            f"[green]{back} of {written} records are back, every checksum right, in {took:.1f} s"
        )
        if not back:
            raise DemoFailed("no record came back")

    async def _check(self, claim: str) -> int:
        text = (await self._file(claim)).read_text()
        count = whole_records(text)
        if not text.startswith("".join(record(n) for n in range(count))):
            raise DemoFailed(f"what came back into {claim} is not what was written")
        return count

    async def _second_claim(self, snapshot: str) -> None:
        self._title("And a second claim from an older snapshot, beside the first")
        code, _ = await self._run("group", "restore", GROUP, "--to", snapshot, "--to-pvc", COPY, "--wait")
        if code:
            raise DemoFailed(f"the second claim ended with exit code {code}")
        older, newer = await self._check(COPY), await self._check(CLAIM)
        self._console.print(f"[green]claim {COPY} has the first {older} records, claim {CLAIM} {newer}")
        if older >= newer:
            raise DemoFailed("the older snapshot has no less than the newer one")
