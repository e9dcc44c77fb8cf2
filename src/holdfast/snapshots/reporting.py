"""A group's status from its facts and the decision about it, and when it is worth writing. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.api.groups import (
    ClaimSeen,
    GroupStatus,
    PlannedStep,
    Retiring,
    ScheduleSeen,
    SetSeen,
    TierStatus,
)
from holdfast.policy.firing import Timetable
from holdfast.policy.planning import forecast
from holdfast.policy.shots import newest_first
from holdfast.snapshots.judging import conditions

if TYPE_CHECKING:
    from datetime import datetime

    from holdfast.api.groups import RestoreSeen
    from holdfast.policy.decisions import Decision, Removal, Settings, TierState
    from holdfast.policy.shots import Shot
    from holdfast.snapshots.facts import Facts
    from holdfast.snapshots.verdicts import Verdict

_SECOND = timedelta(seconds=1)
_DRIFTING: dict[str, Any] = {"tiers": [], "plan": [], "next_due": None, "retiring": []}
"""What changes with each snapshot that is merely due: not worth a write of its own."""


def seen_schedule(facts: Facts, now: datetime) -> ScheduleSeen:
    """The schedule's meaning, and since when it is known: rewording keeps the time, an edit renews it.

    No snapshot that exists at an edit counts as taken after it, whatever the clocks say: the API server's times are
    whole seconds, and ours may be behind.
    """
    seen = facts.group.status.schedule
    if seen and seen.fingerprint == facts.schedule.fingerprint:
        return seen
    later = [shot.created + _SECOND for shot in facts.shots]
    since = max([now.replace(microsecond=0), *later])
    return ScheduleSeen(fingerprint=facts.schedule.fingerprint, since=since)


def report(
    facts: Facts,
    decision: Decision,
    stop: Verdict | None,
    restore: RestoreSeen,
    now: datetime,
) -> GroupStatus:
    """The status as of what is decided now: what is being retired is not counted any more.

    It lacks the plan, which costs more than the rest: `planned` is asked when the status is written.
    """
    leaving = {r.shot.uid for r in (*decision.retire, *decision.failed)}
    shots = [s for s in facts.shots if s.uid not in leaving and not s.terminating]
    ready = [s for s in shots if s.kind == "scheduled" and s.ready]
    cuts = [(s.cut or s.created).replace(microsecond=0) for s in ready]
    return GroupStatus(
        observed_generation=facts.group.metadata.generation,
        conditions=conditions(facts, decision, stop, now),
        ready=len(ready),
        failed=len(decision.failed),
        missed=facts.group.status.missed + _passed_over(facts, decision, now),
        caught_up=_caught_up(facts, decision),
        newest_ready=max(cuts, default=None),
        oldest_ready=min(cuts, default=None),
        next_due=decision.next_due,
        tiers=[_tier(state, ready) for state in decision.states],
        retiring=[each for r in (*decision.retire, *decision.failed) for each in retiring(facts, r)],
        newest_set=_newest_set(facts, ready),
        schedule=seen_schedule(facts, now),
        claim=_claim(facts),
        restore=restore,
    )


def planned(facts: Facts, settings: Settings, now: datetime, count: int = 1) -> list[PlannedStep]:
    """What happens next, in the words of the status."""
    names = {t.id: t.text for t in facts.schedule.tiers}
    steps = forecast(
        facts.schedule.tiers, facts.shots, settings, now, count=count, group=facts.group.metadata.name
    )
    return [
        PlannedStep(
            take=step.slot,
            tiers=sorted(names.get(t, t) for t in step.tiers),
            retire=[Retiring(name=r.shot.name, uid=r.shot.uid, rule=r.rule) for r in step.retires],
        )
        for step in steps
    ]


def retiring(facts: Facts, removal: Removal) -> list[Retiring]:
    """What a removal deletes: each snapshot of a set, or what they were cut by."""
    doomed = facts.moment(removal.shot).objects
    return [Retiring(name=o.metadata.name, uid=o.metadata.uid, rule=removal.rule) for o in doomed]


def _newest_set(facts: Facts, ready: list[Shot]) -> SetSeen | None:
    newest = next(iter(newest_first(ready)), None)
    moment = facts.moment(newest) if newest else None
    if moment is None or not moment.meant:
        return None
    return SetSeen(
        name=moment.shot.name, claims=sorted(moment.claims), spread=int(moment.spread.total_seconds())
    )


def _passed_over(facts: Facts, decision: Decision, now: datetime) -> int:
    """Runs missed before the snapshot that is taken now; none is counted twice, also when takes fail."""
    take, counted = decision.take, facts.group.status.caught_up
    if take is None or counted is None:
        return take.missed if take else 0
    settings = facts.schedule.settings(facts.group, now)
    finest = Timetable(facts.schedule.tiers, settings.anchor, settings.seed).finest
    return min(take.missed, finest.count_between(counted, take.slot))


def _caught_up(facts: Facts, decision: Decision) -> datetime | None:
    take = decision.take
    return take.slot if take and take.missed else facts.group.status.caught_up


def _tier(state: TierState, ready: list[Shot]) -> TierStatus:
    return TierStatus(
        tier=state.tier.text,
        last=state.last,
        last_ready=state.last_ready,
        next=state.next,
        ready=sum(state.tier.id in shot.tiers for shot in ready),
        failed=state.failed,
    )


def _claim(facts: Facts) -> ClaimSeen | None:
    if facts.claim is None:
        return facts.group.status.claim
    return ClaimSeen(name=facts.claim.metadata.name, uid=facts.claim.metadata.uid)


def worth_writing(old: GroupStatus, new: GroupStatus) -> bool:
    """Whether anything changed besides what merely drifts towards the next snapshot."""
    return msgspec.structs.replace(old, **_DRIFTING) != msgspec.structs.replace(new, **_DRIFTING)
