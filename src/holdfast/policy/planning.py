"""The decision about one group: what to take, what to remove, when to look again; and its forecast.

A forecast is made by deciding again and again on what will then be there, so that a plan is what is then done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from holdfast.policy import failing
from holdfast.policy.decisions import Decision, Removal, Settings, Step, Take, TierState
from holdfast.policy.facts import Facts
from holdfast.policy.retaining import retirements
from holdfast.policy.shots import AHEAD, Shot, newest_first
from holdfast.policy.states import overdue_from, tier_states

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from holdfast.policy.firing import Due
    from holdfast.policy.schedules import Tier

__all__ = ["Decision", "Removal", "Settings", "Step", "Take", "TierState", "decide", "forecast"]


def decide(tiers: Sequence[Tier], shots: Iterable[Shot], settings: Settings, now: datetime) -> Decision:
    """What the group needs at `now`. While it is suspended nothing is taken and nothing removed."""
    facts = Facts(tuple(tiers), tuple(shots), settings, now)
    due = facts.timetable.due(facts.present, now) if facts.timetable else None
    missed = _missed(facts, due) if due else 0
    waiting = _waiting(facts, due) if due else ""
    idle = settings.suspended
    return Decision(
        take=Take(due.slot, due.tiers, missed) if due and not waiting else None,
        retire=() if idle else retirements(facts.tiers, facts.shots, settings, now),
        failed=() if idle else failing.removals(facts.shots, settings, now),
        next_due=facts.timetable.next_due(now) if facts.timetable else None,
        states=tier_states(facts),
        missed=missed,
        waiting=waiting,
        look_again=None
        if idle
        else min((moment for moment in _changes(facts) if moment > now), default=None),
    )


def forecast(
    tiers: Sequence[Tier],
    shots: Iterable[Shot],
    settings: Settings,
    now: datetime,
    count: int = 1,
    *,
    group: str = "snapshot",
) -> tuple[Step, ...]:
    """The snapshots being taken and the next `count`, each with what goes once it is ready.

    It supposes that every one gets ready, in order, and that what `decide` asks for now is done first. `group`
    names the snapshots that do not exist yet.
    """
    if settings.suspended or not tiers:
        return ()
    future = _Future(tuple(tiers), settings, group, list(shots), now)
    future.settle()
    return (*future.pending_steps(), *future.coming_steps(count))


class _Future:
    """The group's snapshots as they will be, moved on by its own decisions."""

    def __init__(
        self, tiers: tuple[Tier, ...], settings: Settings, group: str, shots: list[Shot], now: datetime
    ) -> None:
        self.tiers, self.settings, self.group, self.shots, self.now = tiers, settings, group, shots, now

    def settle(self) -> tuple[Removal, ...]:
        """Do the removals that are decided now; the retired ones are returned."""
        decision = decide(self.tiers, self.shots, self.settings, self.now)
        gone = {removal.shot.uid for removal in (*decision.retire, *decision.failed)}
        self.shots = [shot for shot in self.shots if shot.uid not in gone]
        return decision.retire

    def pending_steps(self) -> Iterator[Step]:
        """What is being taken gets ready, oldest first."""
        facts = Facts(self.tiers, tuple(self.shots), self.settings, self.now)
        for shot in reversed(newest_first(shot for shot in facts.standing if shot.pending)):
            ready = replace(shot, ready=True, cut=shot.cut or shot.created)
            self.shots = [ready if other.uid == shot.uid else other for other in self.shots]
            yield Step(self.now, shot.when, tuple(sorted(shot.tiers)), self.settle(), pending=shot.name)

    def coming_steps(self, count: int) -> Iterator[Step]:
        """The next snapshots, each at the moment it falls due."""
        taken = 0
        while taken < count:
            decision = decide(self.tiers, self.shots, self.settings, self.now)
            if decision.take is not None:
                taken += 1
                yield self._step(decision.take)
            elif decision.next_due is not None:
                self.now = decision.next_due
            else:
                return

    def _step(self, take: Take) -> Step:
        before = self.settle()
        self.shots.append(self._ready(take))
        return Step(self.now, take.slot, take.tiers, (*before, *self.settle()))

    def _ready(self, take: Take) -> Shot:
        name = f"{self.group}-{int(take.slot.timestamp())}"
        created = self.now.replace(microsecond=0)
        return Shot(
            name, name, take.slot, created, created, ready=True, error="", tiers=frozenset(take.tiers)
        )


def _missed(facts: Facts, due: Due) -> int:
    latest = facts.present.latest
    if latest is None or facts.timetable is None:
        return 0
    return facts.timetable.finest.count_between(latest, due.slot)


def _waiting(facts: Facts, due: Due) -> str:
    uncut = [shot.name for shot in facts.standing if shot.pending and shot.cut is None]
    if uncut:
        return f"snapshot {uncut[0]} is not cut yet"
    standing = set(facts.standing)
    leaving = [shot.name for shot in facts.scheduled if shot.stamp == due.slot and shot not in standing]
    return f"snapshot {leaving[0]} of the same slot is still being removed" if leaving else ""


def _changes(facts: Facts) -> Iterator[datetime]:
    """The moments at which time alone may change the decision; past ones among them."""
    if facts.timetable is not None:
        due = facts.timetable.next_due(facts.now)
        yield from (due,) if due is not None else ()
    yield from overdue_from(facts)
    for shot in facts.scheduled:
        yield from (clock - AHEAD for clock in (shot.created, shot.stamp))
        if shot.pending:
            yield shot.stamp
            yield facts.now + facts.settings.deadline(shot) - facts.settings.waited(shot, facts.now)
