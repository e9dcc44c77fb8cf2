"""The restores of a set brought together before any of them touches anything: all begin, or none does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from holdfast.claims.exchanging import SOON
from holdfast.claims.siblings import member
from holdfast.policy.exchange import Phase
from holdfast.policy.together import flaw, waits_for

if TYPE_CHECKING:
    from holdfast.claims.exchanging import Exchange

PATIENCE = timedelta(minutes=5)
"""How long one waits for the others to be created, and then to pass their preflight."""


def refusal(x: Exchange) -> str:
    """Why this set must not begin; empty if it may, or may still."""
    if wrong := flaw(member(x.journal.restore), x.siblings.others):
        return wrong
    phases = x.journal.status.phases
    if not (lacks := _lacks(x)) or not phases or x.clock.now() - phases[-1].at < PATIENCE:
        return ""
    return f"{lacks} for {PATIENCE.seconds // 60} minutes: see to that, then ask for the whole set again"


async def wait(x: Exchange) -> float | None:
    """Wait for the others; None when all are as far as this one."""
    if not (lacks := _lacks(x)):
        return None
    if not x.journal.status.phase:
        await x.journal.enter(Phase.REQUESTED)
    await x.journal.say(lacks)
    return SOON


def _lacks(x: Exchange) -> str:
    if x.siblings.missing:
        return f"restore {', '.join(x.siblings.missing)} of its set has not been created"
    waits = waits_for(member(x.journal.restore), x.siblings.others)
    return f"{', '.join(map(str, waits))} of its set has not passed the preflight" if waits else ""
