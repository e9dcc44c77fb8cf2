"""Numbers, durations and names as restic prints them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from holdfast_engine import Snapshot

UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
MINUTE, HOUR = 60, 3600


def size(count: int) -> str:
    """`1.033 KiB`, `956 B`."""
    for unit, name in UNITS:
        if count >= unit:
            return f"{count / unit:.3f} {name}"
    return f"{count} B"


def span(seconds: float) -> str:
    """`0:05`, `1:02:03`."""
    whole = int(seconds)
    hours, minutes, rest = whole // HOUR, whole // MINUTE % MINUTE, whole % MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def percent(part: float, whole: float) -> str:
    """`12.34%`, never above 100; nothing of nothing."""
    return f"{min(part / whole, 1.0) * 100:.2f}%" if whole else ""


def quoted(name: str) -> str:
    """A name in one line: as it is when every character prints, else in quotes with escapes."""
    if name.isprintable():
        return name
    return '"' + name.encode("unicode_escape", "surrogateescape").decode().replace('"', '\\"') + '"'


def local(time: datetime) -> str:
    """`2026-11-26 01:29:27`, in the zone of this machine."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def rfc3339(time: datetime) -> str:
    """`2026-11-26T01:29:27.144216Z`."""
    return time.isoformat().replace("+00:00", "Z")


def described(snapshot: Snapshot) -> str:
    """`snapshot 0c54c510 of [/tmp/src] at 2026-11-26 01:29:28.144216541 +0000 UTC by root@vm`."""
    paths = " ".join(snapshot.paths)
    who = f"{snapshot.username}@{snapshot.hostname}"
    return f"snapshot {snapshot.short_id} of [{paths}] at {_go_time(snapshot)} by {who}"


def _go_time(snapshot: Snapshot) -> str:
    local = snapshot.time.astimezone()
    _, dot, digits = snapshot.time_text.partition(".")
    fraction = dot + "".join(digit for digit in digits.rstrip("Z").partition("+")[0].partition("-")[0])
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction} {local:%z %Z}"


def counted(counts: Mapping[str, object]) -> dict[str, object]:
    """Without what is zero, as restic's JSON leaves it out."""
    return {name: value for name, value in counts.items() if value}
