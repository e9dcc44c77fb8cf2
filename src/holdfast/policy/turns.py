"""Which of the backups that wait may begin. No I/O.

So many run at a time, in the order in which they were asked for. None runs beside one that may touch the same
namespace; those behind it may overtake it, unless they share a namespace with it themselves. Rules: Velero 1.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from holdfast.policy.including import Names


class Phase(Enum):
    """Where a backup is on its way to begin, in Velero's words."""

    NEW = "New"
    QUEUED = "Queued"
    READY = "ReadyToStart"
    RUNNING = "InProgress"


@dataclass(frozen=True, slots=True)
class Entry:
    """A backup that has not ended.

    Attributes:
        name: which one.
        phase: where it is.
        asked: when it was asked for.
        namespaces: what it saves.
        position: its place in the queue as it stands in the object; 0: none.
    """

    name: str
    phase: Phase
    asked: datetime
    namespaces: Names
    position: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of a backup that waits: it may begin, or has this place in the queue."""

    name: str
    phase: Phase
    position: int = 0


def moves(entries: Iterable[Entry], most: int) -> Iterator[Move]:
    """What changes for those that wait.

    Args:
        entries: all that have not ended.
        most: so many run at a time.
    """
    known = sorted(entries, key=lambda entry: (entry.asked, entry.name))
    ahead = [entry for entry in known if entry.phase in {Phase.READY, Phase.RUNNING}]
    free, position = most - len(ahead), 0
    for entry in known:
        if entry in ahead:
            continue
        if free > 0 and not any(may_share(entry.namespaces, other.namespaces) for other in ahead):
            free -= 1
            yield Move(entry.name, Phase.READY)
        else:
            position += 1
            if (entry.phase, entry.position) != (Phase.QUEUED, position):
                yield Move(entry.name, Phase.QUEUED, position)
        ahead.append(entry)


def may_share(one: Names, other: Names) -> bool:
    """Whether two backups could save from the same namespace; of two patterns nobody knows."""
    literal = [(each, another) for each, another in ((one, other), (other, one)) if _is_literal(each)]
    if not literal:
        return True
    return any(
        another.admits(name) for each, another in literal[:1] for name in each.include if each.admits(name)
    )


def _is_literal(names: Names) -> bool:
    return not names.open and not any(set(name) & set("*?[{") for name in names.include)
