"""What the audience sees while snapshots are taken: tiers, snapshots, what is due next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

Object = dict[str, Any]


def scene(group: Object, snapshots: Iterable[Object], orders: int) -> Group:
    """The whole picture at one moment."""
    status = group.get("status", {})
    state: Object = next((c for c in status.get("conditions", []) if c["type"] == "Covered"), {})
    head = Text(f"{orders} orders taken   ", style="bold")
    head.append(f"{state.get('reason', 'new')}: {state.get('message', '')}", style="green")
    return Group(head, _tiers(status), _snapshots(snapshots))


def _tiers(status: Object) -> Table:
    table = Table("tier", "ready", "newest", "next in", box=None, padding=(0, 3, 0, 0))
    for tier in status.get("tiers", []):
        ready = str(tier.get("ready", 0))
        table.add_row(tier["tier"], ready, _ago(tier.get("lastReady")), _until(tier.get("next")))
    return table


def _snapshots(snapshots: Iterable[Object]) -> Table:
    table = Table("snapshot", "ready", "taken", "tiers", box=None, padding=(0, 3, 0, 0))
    for item in sorted(snapshots, key=lambda s: str(s["metadata"]["name"]), reverse=True):
        meta, status = item["metadata"], item.get("status", {})
        notes = meta.get("annotations", {})
        tiers = notes.get("gemini.fairwinds.com/intervals", "before a restore")
        ready = "yes" if status.get("readyToUse") else "not yet"
        table.add_row(meta["name"], ready, _ago(meta["creationTimestamp"]), tiers)
    return table


def _seconds(text: str) -> float:
    return (datetime.fromisoformat(text) - datetime.now(UTC)).total_seconds()


def _ago(text: str | None) -> str:
    return f"{-_seconds(text):.0f} s ago" if text else ""


def _until(text: str | None) -> str:
    return f"{max(0.0, _seconds(text)):.0f} s" if text else ""
