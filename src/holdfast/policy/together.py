"""When one restore of a set may go on, and when it has to turn back, by what the others of the set wrote down.

Nobody leads: each looks at the journals of all and decides for itself. That ends right whatever happens in between,
because what is waited for stays true once it is written down, or is given up only by what turns all others back,
too. The old volumes go in two steps: each says that it agrees when all have settled, and lets go when all agree; who
has agreed turns back only because of somebody who never did. Facts come in as plain values; the acts are the
business of `holdfast.claims`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from holdfast.policy.exchange import EXCLUSIVE, FINAL, UNTOUCHED, Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

UNDONE = frozenset({Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.FAILED})
EXCHANGED = frozenset({Phase.DELETE, Phase.WAIT_GONE, Phase.CREATE, Phase.WAIT_BOUND, Phase.RESUME})
SETTLED = frozenset({Phase.SETTLE, Phase.DONE})


@dataclass(frozen=True, slots=True)
class Member:
    """One restore of a set, as its journal says.

    Attributes:
        touched: whether anything of anybody's may have been changed.
        saved: whether its safety snapshot is ready, or none is wanted.
        created: whether there may be a new claim.
        resumed: whether its application may start, with or without a volume in place.
        agreed: whether its old volume may go, if all agree.
        recalled: whether a rollback of it is asked for.
        leaving: whether somebody deletes it, and it has nothing to do any more that could be done.
        blocked: whether only a person can end its wait.
        reason: why it is undone, if it is.
    """

    name: str
    claim: str
    members: tuple[str, ...]
    phase: Phase = Phase.REQUESTED
    touched: bool = False
    saved: bool = False
    created: bool = False
    resumed: bool = False
    agreed: bool = False
    recalled: bool = False
    leaving: bool = False
    blocked: bool = False
    reason: str = ""

    @property
    def bears(self) -> bool:
        """Whether it has the record of the workloads of all: the first one has."""
        return self.name == min(self.members, default=self.name)

    @property
    def prepared(self) -> bool:
        """Whether it has passed its preflight."""
        return self.phase not in UNTOUCHED

    @property
    def safe(self) -> bool:
        """Whether its claim is quiet and what it holds is saved."""
        return self.phase in EXCHANGED | SETTLED or (self.phase is Phase.SAFETY_SNAPSHOT and self.saved)

    @property
    def filled(self) -> bool:
        """Whether its new claim is there, bound or waiting for a pod."""
        return self.phase in SETTLED | {Phase.RESUME} or (self.phase is Phase.WAIT_BOUND and self.resumed)

    @property
    def settled(self) -> bool:
        return self.phase in SETTLED

    @property
    def over(self) -> bool:
        """Whether it asks nothing of the others any more."""
        return self.phase in FINAL or self.leaving

    @property
    def stuck(self) -> bool:
        """Whether it has been given up in the midst of its exchange."""
        return self.leaving and self.phase in EXCLUSIVE

    def __str__(self) -> str:
        return f"restore {self.name} ({'Blocked in ' if self.blocked else ''}{self.phase})"


class Turn(Enum):
    """What the others mean for the direction of one."""

    ON = "it goes on"
    FAIL = "it fails, and has touched nothing"
    BACK = "it goes back"


def turn(own: Member, others: Sequence[Member], missing: Sequence[str]) -> tuple[Turn, str]:
    """Which way it goes, and why.

    Args:
        own: the one that decides.
        others: those of the set that exist.
        missing: names of those that do not.
    """
    if own.phase in FINAL or own.phase is Phase.ROLLING_BACK:
        return Turn.ON, ""
    away = Turn.BACK if own.touched else Turn.FAIL
    if cause := next((m for m in others if _turns(own, m)), None):
        return away, _why(cause)
    if missing and own.phase not in {Phase.REQUESTED, Phase.SETTLE}:
        return away, f"restore {missing[0]} of its set is gone"
    return Turn.ON, ""


def _turns(own: Member, other: Member) -> bool:
    if other.phase in UNDONE:
        return True
    return not own.agreed and (other.stuck or other.recalled)


def _why(cause: Member) -> str:
    """The first one of a row of causes is named, not the last."""
    if cause.reason.startswith("restore "):
        return cause.reason
    reason = cause.reason or ("asked for" if cause.recalled else "given up")
    return f"restore {cause.name} of its set: {reason}"


def waits_for(own: Member, others: Sequence[Member]) -> list[Member]:
    """Whom it waits for where it is now, before it goes on."""
    match own.phase:
        case Phase.FREEZE if not own.touched:
            return [m for m in others if not m.prepared]
        case Phase.SAFETY_SNAPSHOT if own.saved:
            return [m for m in others if not m.safe]
        case Phase.RESUME if own.bears:
            return [m for m in others if not m.filled]
        case Phase.RESUME:
            return [m for m in others if m.bears and not m.settled]
        case Phase.SETTLE:
            return [m for m in others if not (m.agreed if own.agreed else m.settled)]
        case _:
            return []


def unfinished(others: Sequence[Member]) -> list[Member]:
    """Who may still ask how it ended, or still goes back: until then no workload rises and no journal vanishes."""
    return [m for m in others if not m.over]


def flaw(own: Member, others: Sequence[Member]) -> str:
    """What is wrong with the set, with the remedy; empty for nothing."""
    if own.name not in own.members:
        return f"set.members does not name restore {own.name} itself: make the set anew"
    if other := next((m for m in others if m.members != own.members), None):
        return f"restore {other.name} names other members of the set: make the set anew"
    claims = [m.claim for m in (own, *others)]
    if twice := next((c for c in claims if claims.count(c) > 1), ""):
        return f"claim {twice} is in the set twice: make the set anew"
    return ""
