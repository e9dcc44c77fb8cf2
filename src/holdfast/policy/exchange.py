"""What may happen next to the claim whose volume is being exchanged.

The phases of the restore machine and the two decisions in which data could be lost: how to fill the gap after
the old claim is gone, and how to step back to the old volume. Facts come in as plain values; the acts are the
business of `holdfast.claims`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

MOST_DISPLACED = 3
"""So many foreign claims are removed from the gap before the restore stops and asks."""


class Phase(StrEnum):
    """Where a restore is; a phase is entered, and written down, before its act."""

    REQUESTED = "Requested"
    PREFLIGHT = "Preflight"
    FREEZE = "Freeze"
    RECORD = "Record"
    RETAIN = "Retain"
    QUIESCE = "Quiesce"
    SAFETY_SNAPSHOT = "SafetySnapshot"
    DELETE = "Delete"
    WAIT_GONE = "WaitGone"
    CREATE = "Create"
    WAIT_BOUND = "WaitBound"
    RESUME = "Resume"
    SETTLE = "Settle"
    DONE = "Done"
    ROLLING_BACK = "RollingBack"
    ROLLED_BACK = "RolledBack"
    FAILED = "Failed"


UNTOUCHED = frozenset({Phase.REQUESTED, Phase.PREFLIGHT})
"""Nothing of anybody's has been changed yet."""

CANCELLABLE = UNTOUCHED | {
    Phase.FREEZE,
    Phase.RECORD,
    Phase.RETAIN,
    Phase.QUIESCE,
    Phase.SAFETY_SNAPSHOT,
}
"""The claim has not been deleted yet."""

FINAL = frozenset({Phase.DONE, Phase.ROLLED_BACK, Phase.FAILED})

EXCLUSIVE = frozenset(Phase) - FINAL - {Phase.REQUESTED, Phase.SETTLE}
"""One restore of a claim at a time; schedules and retention of the claim are frozen meanwhile."""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """The claim that bears the name now."""

    uid: str
    volume: str
    bound: bool
    terminating: bool
    source: str
    """The snapshot it is made from; empty for none."""


class Gap(Enum):
    """What to do about the name while the new claim is to be created."""

    WAIT_GONE = "the old claim is still going away"
    CREATE = "nobody bears the name"
    ADOPT = "it is the claim that was wanted"
    DISPLACE = "a foreign claim without a volume has the name"
    TAKEN_BACK = "somebody bound the old volume again"
    BLOCKED = "a foreign claim with a volume of its own has the name"


def fill_gap(
    claim: ClaimFacts | None, *, original: str, old_volume: str, snapshot: str, displaced: int
) -> Gap:
    """How the new claim gets its name.

    Args:
        claim: what bears the name now.
        original: UID of the claim that was recorded and deleted.
        old_volume: name of the volume that claim had.
        snapshot: the snapshot that is restored.
        displaced: how many foreign claims were removed so far.
    """
    if claim is None:
        return Gap.CREATE
    if claim.terminating or claim.uid == original:
        return Gap.WAIT_GONE
    if claim.source == snapshot:
        return Gap.ADOPT
    if claim.volume:
        return Gap.TAKEN_BACK if claim.volume == old_volume else Gap.BLOCKED
    return Gap.DISPLACE if displaced < MOST_DISPLACED else Gap.BLOCKED


class Back(Enum):
    """The next step on the way back to the old volume."""

    FINISH = "the claim has the old volume"
    WAIT_GONE = "a claim is still going away"
    WAIT_BOUND = "the claim is about to get the old volume"
    RELEASE = "the old volume still names a claim that is gone"
    CREATE = "the old volume waits for a claim"
    REMOVE_NEW = "the claim that the restore made has the name"
    BLOCKED = "a foreign claim with a volume of its own has the name"
    TAKEN = "the old volume was given to another claim"


def step_back(  # noqa: PLR0911  (one line a step)
    claim: ClaimFacts | None,
    *,
    original: str,
    old_volume: str,
    snapshot: str,
    new_claim: str,
    new_volume: str,
    volume_waits: bool,
    volume_taken: bool,
) -> Back:
    """How the old volume comes back behind its claim.

    A foreign claim without a volume is not removed: once the volume waits for the name, it binds to it.

    Args:
        claim: what bears the name now.
        original: UID of the claim as recorded; empty if nothing was recorded.
        old_volume: name of the volume that claim had.
        snapshot: the snapshot that was restored.
        new_claim: UID of the claim that the restore made; empty while it is not known, as after a kill.
        new_volume: name of the volume that the restore made; empty for none.
        volume_waits: the old volume's claimRef names the claim, without a UID or with the one it has now: a UID that
            is taken away while the two are being bound makes the claim Lost for good.
        volume_taken: the old volume's claimRef names a claim of another name.
    """
    if claim and claim.terminating:
        return Back.WAIT_GONE
    if claim and (claim.uid == original or (claim.volume == old_volume and claim.bound)):
        return Back.FINISH
    if volume_taken:
        return Back.TAKEN
    if claim and _made(claim, snapshot=snapshot, new_claim=new_claim, new_volume=new_volume):
        return Back.REMOVE_NEW
    if claim and claim.volume not in {"", old_volume}:
        return Back.BLOCKED
    if not volume_waits:
        return Back.RELEASE
    return Back.WAIT_BOUND if claim else Back.CREATE


def _made(claim: ClaimFacts, *, snapshot: str, new_claim: str, new_volume: str) -> bool:
    """Whether the restore made this claim, or the volume behind it."""
    if claim.volume and claim.volume == new_volume:
        return True
    return claim.uid == new_claim if new_claim else claim.source == snapshot
