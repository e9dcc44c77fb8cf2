"""The acts of the demo; each one raises when something is not as it should be."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from rich.live import Live

from demo.manifests import (
    APPLICATION,
    APPLICATION_MANIFEST,
    AUDITOR,
    AUDITOR_MANIFEST,
    CLAIM,
    COPY,
    FILE,
    GROUP,
    POD,
    SCHEDULE_MANIFEST,
)
from demo.shop import Orders
from demo.stage import PROGRAM
from demo.view import scene

if TYPE_CHECKING:
    from rich.console import Console

    from demo.stage import Stage

WATCHED = 15.0
PATIENCE = "--timeout=90s"


class DemoFailed(Exception):  # noqa: N818  (it is the demo that failed)
    """Something was not as it should be."""


class Play:
    """One performance on one stage."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage = stage
        self._console = console

    async def perform(self) -> None:
        """All acts, in order."""
        await self._apply(APPLICATION_MANIFEST, "A shop with a database, in a StatefulSet")
        await self._stage.kubectl("rollout", "status", f"statefulset/{APPLICATION}", PATIENCE)
        await self._apply(SCHEDULE_MANIFEST, "The article's SnapshotGroup, made fast")
        await self._watch_snapshots()
        written, taken = await self._disaster()
        kept = await self._pause(taken)
        await self._restart(written)
        await self._mistype()
        restored = await self._restore(kept[-1], written)
        await self._second_claim(kept[0], restored)

    def _title(self, text: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{text}", align="left")

    async def _run(self, *words: str) -> int:
        self._console.print(f"[cyan]$ holdfast {' '.join(words)}", highlight=False)
        code, output = await self._stage.holdfast(*words)
        self._console.print(output, highlight=False, markup=False)
        return code

    async def _kubectl(self, *words: str) -> None:
        self._console.print(f"[cyan]$ kubectl {' '.join(words)}", highlight=False)
        await self._stage.kubectl(*words)

    async def _apply(self, manifest: str, title: str) -> None:
        manifest = manifest.replace("IMAGE", self._stage.image)
        self._title(title)
        self._console.print(manifest.strip(), highlight=False, markup=False, style="dim")
        await self._stage.kubectl("apply", "-f", "-", input=manifest)

    async def _watch_snapshots(self) -> None:
        self._title("Holdfast takes and retires snapshots while the shop is open")
        ends = time.monotonic() + WATCHED
        with Live(console=self._console, auto_refresh=False, transient=not self._console.is_terminal) as live:
            while time.monotonic() < ends or len(await self._ready()) < 4:  # noqa: PLR2004
                live.update(await self._scene(), refresh=True)
                await asyncio.sleep(0.5)
                if time.monotonic() > ends + 4 * WATCHED:
                    raise DemoFailed(f"there are no four ready snapshots after {5 * WATCHED:.0f} s")
        self._console.print(await self._scene())

    async def _scene(self) -> Any:  # noqa: ANN401  (a renderable)
        group = await self._stage.get("snapshotgroups.gemini.fairwinds.com", GROUP)
        snapshots = await self._stage.get("volumesnapshots")
        told = await self._stage.kubectl("logs", POD, "--tail=1")
        return scene(group, snapshots["items"], int(told or 0))

    async def _ready(self) -> list[str]:
        found = await self._stage.get("volumesnapshots")
        return sorted(
            s["metadata"]["name"]
            for s in found["items"]
            if s.get("status", {}).get("readyToUse") and "deletionTimestamp" not in s["metadata"]
        )

    async def _orders(self) -> Orders:
        """What the shop's own auditor says; it fails if a single order is damaged or missing."""
        return _audited(await self._stage.kubectl("exec", POD, "--", "python3", PROGRAM, "audit", FILE))

    async def _disaster(self) -> tuple[Orders, list[str]]:
        """Wipe the database; answer with what was in it and the snapshots from before."""
        taken = await self._ready()
        self._title("The disaster: somebody wipes the database")
        written = await self._orders()
        await self._kubectl("exec", POD, "--", "sh", "-c", f"rm {FILE}*")
        self._console.print(f"{written.count} orders are gone.")
        return written, taken

    async def _pause(self, taken: list[str]) -> list[str]:
        """Stop the schedule, so that nothing good ages out meanwhile; answer with what is left of `taken`."""
        self._title("First of all: nothing more is taken or retired")
        await self._run("group", "pause", GROUP)
        await self._stage.kubectl(
            "wait",
            '--for=jsonpath={.status.conditions[?(@.type=="Covered")].reason}=Paused',
            f"snapshotgroups.gemini.fairwinds.com/{GROUP}",
            PATIENCE,
        )
        kept = [name for name in await self._ready() if name in taken]
        if len(kept) < 2:  # noqa: PLR2004
            raise DemoFailed("fewer than two snapshots from before the disaster are left")
        return kept

    async def _restart(self, written: Orders) -> None:
        self._title("A restart brings nothing back")
        await self._kubectl("delete", "pod", POD)
        await self._stage.kubectl("rollout", "status", f"statefulset/{APPLICATION}", PATIENCE)
        left = await self._orders()
        self._console.print(f"The shop is open again, and has {left.count} new orders.")
        if left.since <= written.since:
            raise DemoFailed("the disaster did not happen")

    async def _mistype(self) -> None:
        self._title("In the hurry, a mistyped restore point")
        before = await self._stage.get("pvc", CLAIM)
        code = await self._run("group", "restore", GROUP, "--to", "1585945609")
        after = await self._stage.get("pvc", CLAIM)
        if code == 0 or before["metadata"]["uid"] != after["metadata"]["uid"]:
            raise DemoFailed("a restore point that does not exist was not refused")
        self._console.print(f"[green]refused with exit code {code}; the claim was not touched")

    async def _restore(self, snapshot: str, written: Orders) -> Orders:
        self._title("The restore: one command, which closes the shop and opens it again")
        began = time.monotonic()
        code = await self._run("group", "restore", GROUP, "--to", snapshot, "--quiesce", "auto", "--wait")
        took = time.monotonic() - began
        if code:
            raise DemoFailed(f"the restore ended with exit code {code}")
        back = await self._orders()
        if back.since != written.since:
            raise DemoFailed(f"these {back.count} orders are not those that were lost")
        self._console.print(
            f"[green]after {took:.1f} s the shop is open with the orders of the snapshot and new ones: {back.count},"
            " every checksum right"
        )
        return back

    async def _second_claim(self, snapshot: str, restored: Orders) -> None:
        self._title("And a second claim from an older snapshot, beside the first")
        code = await self._run("group", "restore", GROUP, "--to", snapshot, "--to-pvc", COPY, "--wait")
        if code:
            raise DemoFailed(f"the second claim ended with exit code {code}")
        await self._apply(AUDITOR_MANIFEST, "A pod audits the copy; the shop stays open meanwhile")
        await self._stage.kubectl(
            "wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{AUDITOR}", PATIENCE
        )
        older = _audited(await self._stage.kubectl("logs", AUDITOR))
        self._console.print(f"[green]claim {COPY} has the first {older.count} orders, every checksum right")
        if older.since != restored.since or older.count >= restored.count:
            raise DemoFailed("the older snapshot has no less than the newer one")


def _audited(text: str) -> Orders:
    count, since = text.split()
    return Orders(int(count), float(since))
