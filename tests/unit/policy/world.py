"""A group in a world whose clocks, driver and user misbehave on demand; the operator in it only obeys `decide`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from holdfast.policy.decisions import Taken
from holdfast.policy.planning import Decision, Settings, decide
from holdfast.policy.schedules import Tier, TierEntry, fingerprint, read_tiers
from holdfast.policy.shots import Shot

if TYPE_CHECKING:
    from collections.abc import Iterable

ANCHOR = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
GROUP = "postgres-backups"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def tiers_of(*entries: str | tuple[str, int]) -> tuple[Tier, ...]:
    """Tiers from `"hour"` or `("hour", keep)`; a cron tier is written `"cron 0 2 * * * Europe/Berlin"`."""
    pairs = [(entry, 0) if isinstance(entry, str) else entry for entry in entries]
    tiers, problems = read_tiers(entry_of(text, keep) for text, keep in pairs)
    assert not problems, problems
    return tiers


def entry_of(text: str, keep: int) -> TierEntry:
    if not text.startswith("cron "):
        return TierEntry(every=text, keep=keep)
    expression, _, zone = text.removeprefix("cron ").rpartition(" ")
    return TierEntry(cron=expression, time_zone=zone, keep=keep)


def settings(**changes: object) -> Settings:
    # The seed is one whose jitter is 0 for the usual intervals, so that examples can be read.
    return replace(Settings(ANCHOR, "seed-47595", ANCHOR), **changes)  # type: ignore[arg-type]


def shot(
    at: datetime, *tiers: Tier | str, ready: bool = True, cut: bool | None = None, **changes: object
) -> Shot:
    """A scheduled snapshot of the slot `at`, taken at once; `cut` follows `ready` unless told."""
    ids = frozenset(tier if isinstance(tier, str) else tier.id for tier in tiers)
    name = f"{GROUP}-{int(at.timestamp())}"
    was_cut = at if (ready if cut is None else cut) else None
    made = Shot(name, f"uid-{name}", at, at, was_cut, ready=ready, error="", tiers=ids)
    return replace(made, **changes)  # type: ignore[arg-type]


def history(tiers: Iterable[Tier], times: Iterable[datetime]) -> list[Shot]:
    tiers = tuple(tiers)
    return [shot(time, *tiers) for time in times]


@dataclass
class World:
    """`time` is the true time, which the API server and the storage follow; the operator's is `skew` ahead."""

    tiers: tuple[Tier, ...]
    settings: Settings
    time: datetime = ANCHOR
    skew: timedelta = timedelta()
    cuts: bool = True
    ready_after: timedelta | None = timedelta()
    shots: list[Shot] = field(default_factory=list)
    takes: list[tuple[datetime, datetime, tuple[str, ...], int]] = field(default_factory=list)
    removed: list[Shot] = field(default_factory=list)
    made: int = 0

    @property
    def now(self) -> datetime:
        return self.time + self.skew

    def decide(self) -> Decision:
        return decide(self.tiers, self.shots, replace(self.settings, taken=self._taken), self.now)

    @property
    def _taken(self) -> Taken | None:
        """What the operator remembers."""
        return Taken(self.takes[-1][1], self.takes[-1][0]) if self.takes else None

    def edit(self, tiers: tuple[Tier, ...]) -> None:
        if fingerprint(tiers) != fingerprint(self.tiers):
            self.settings = replace(self.settings, since=self.now)
        self.tiers = tiers

    def drive(self) -> None:
        """The driver cuts what was created and finishes what is due."""
        if self.cuts:
            self.shots = [s if s.cut or s.terminating else replace(s, cut=self.time) for s in self.shots]
        if self.ready_after is not None:
            self.shots = [
                replace(s, ready=True) if s.cut and s.cut + self.ready_after <= self.time else s
                for s in self.shots
            ]

    def reconcile(self) -> Decision:
        """Obey one decision."""
        decision = self.decide()
        gone = {removal.shot.uid for removal in (*decision.retire, *decision.failed)}
        self.removed += [s for s in self.shots if s.uid in gone]
        self.shots = [s for s in self.shots if s.uid not in gone]
        if decision.take is not None:
            take = decision.take
            self.takes.append((self.now, take.slot, take.tiers, take.missed))
            self.made += 1
            name = f"{GROUP}-{int(take.slot.timestamp())}"
            created = self.time.replace(microsecond=0)
            ids = frozenset(take.tiers)
            self.shots.append(Shot(name, f"uid-{self.made}", take.slot, created, None, False, "", ids))  # noqa: FBT003
        return decision

    def settle(self) -> None:
        """Drive and obey until there is nothing more to do at this moment."""
        for _ in range(20):
            before = list(self.shots)
            self.reconcile()
            self.drive()
            if self.shots == before:
                return
        raise AssertionError(f"the operator does not come to rest at {self.time}")

    def run(self, length: timedelta, *, up: bool = True) -> None:
        """Let time pass; the operator wakes when its last decision said, and when a snapshot gets ready."""
        end = self.time + length
        while up and self.time < end:
            self.settle()
            again = self.decide().look_again
            wakes = [again - self.skew] if again else []
            if self.ready_after is not None:
                wakes += [s.cut + self.ready_after for s in self.shots if s.cut and not s.ready]
            self.time = min([end, *(wake for wake in wakes if wake > self.time)])
        self.time = end
        self.drive()

    def newest_ready(self, count: int) -> list[Shot]:
        """By the true order of making, which no clock tells."""
        ready = [s for s in self.shots if s.ready and s.kind == "scheduled" and not s.terminating]
        return sorted(ready, key=lambda s: int(s.uid.removeprefix("uid-")))[
            len(ready) - min(count, len(ready)) :
        ]
