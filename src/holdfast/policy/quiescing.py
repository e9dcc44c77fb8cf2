"""What may happen to the workloads of a claim whose volume is being exchanged.

Which of a pod's owners is scaled, and the next step of one workload on its way down and back up. What somebody else
decides meanwhile is respected: a workload that rises again is a reason to stop, and one that was given another size
keeps it. Facts come in as plain values; the acts are the business of `holdfast.workloads` and `holdfast.claims`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from holdfast.policy.intervals import IntervalError, parse_every

if TYPE_CHECKING:
    from collections.abc import Sequence

DELETE, RETAIN = "Delete", "Retain"
"""What a StatefulSet does with the claims of pods that it scales away."""
PATIENCE = timedelta(minutes=10)


class Mode(StrEnum):
    NONE = "None"
    AUTO = "Auto"
    LIST = "List"


class State(StrEnum):
    """How far a workload is; written down before what it names is done, except for Down, Up and Left."""

    RECORDED = "Recorded"
    LOWERING = "Lowering"
    DOWN = "Down"
    UP = "Up"
    LEFT = "Left"


OVER = frozenset({State.UP, State.LEFT})


def problem(  # noqa: PLR0911  (one line a reason)
    mode: str, timeout: str, targets: Sequence[tuple[str, str, str]]
) -> str:
    """What is wrong with a `quiesce`, with the remedy; empty for nothing.

    Args:
        mode: as written; empty means None.
        timeout: as written.
        targets: apiVersion, kind and name of each.
    """
    if mode and mode not in set(Mode):
        return f"quiesce.mode: {mode!r} is none of {', '.join(Mode)}"
    if mode == Mode.LIST and not targets:
        return "quiesce.targets: mode List needs at least one workload; name it, or use mode Auto"
    if mode != Mode.LIST and targets:
        return "quiesce.targets: only mode List follows them; set quiesce.mode to List"
    if not all(all(target) for target in targets):
        return "quiesce.targets: each needs apiVersion, kind and name"
    try:
        if timeout and parse_every(timeout) <= timedelta():
            return f"quiesce.timeout: {timeout} leaves no time; give more than 0s"
    except IntervalError as error:
        return f"quiesce.timeout: {error}"
    return ""


def patience(mode: str, timeout: str) -> timedelta | None:
    """How long to wait, None for without end; whatever cannot be read counts as not said."""
    usual = PATIENCE if mode in {Mode.AUTO, Mode.LIST} else None
    try:
        return parse_every(timeout) if timeout else usual
    except IntervalError:
        return usual


@dataclass(frozen=True, slots=True)
class Owner:
    """One controller above a pod."""

    kind: str
    name: str
    scales: bool
    """Whether it has a scale subresource."""
    alive: bool = True
    """Whether it exists under the UID that its dependent names."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Fate(Enum):
    """How a pod can be stopped."""

    SCALE = "an owner of it is scaled down"
    WAIT = "it ends by itself"
    REFUSE = "it cannot be brought back"


def fate(pod: str, owners: Sequence[Owner]) -> tuple[Fate, Owner | None, str]:
    """How a pod is stopped, by which owner, and in words for people.

    Args:
        pod: its name.
        owners: its controllers, the nearest first.
    """
    if not owners:
        return Fate.REFUSE, None, f"pod {pod} has no owner that would bring it back: stop it by hand"
    if job := next((o for o in owners if o.kind == "Job"), None):
        return Fate.WAIT, job, f"pod {pod} of {job} is waited for"
    if dead := next((o for o in owners if not o.alive), None):
        return Fate.REFUSE, dead, f"{dead}, which pod {pod} belongs to, is gone: delete the pod by hand"
    if top := next((o for o in reversed(owners) if o.scales), None):
        return Fate.SCALE, top, f"pod {pod} of {top}"
    top = owners[-1]
    if top.kind == "DaemonSet":
        return Fate.REFUSE, top, f"{top} cannot be scaled: keep it off the claim's node, then restore"
    return Fate.REFUSE, top, f"{top} of pod {pod} cannot be scaled: stop it by hand, or list its operator"


@dataclass(frozen=True, slots=True)
class Size:
    """A workload as it is now."""

    uid: str
    replicas: int
    """How many are wanted."""
    pods: int = 0
    """How many there are."""
    seen: bool = True
    """Whether its controller knows of the last change."""
    when_scaled: str = ""


class Down(Enum):
    """The next step of a workload on its way down."""

    SKIP = "somebody else scaled it to 0 already"
    MARK = "write down what it has, and that it will be lowered"
    RETAIN = "have it keep the claims of the pods that go"
    LOWER = "set its replicas to 0"
    NOTE = "it has 0 replicas: write that down"
    WAIT = "its pods are on their way out"
    FIGHT = "somebody raised it again"
    DONE = "nothing of it is left"


def step_down(state: State, uid: str, now: Size | None) -> Down:
    """How a workload gets to 0.

    Args:
        state: how far it is by the record.
        uid: which workload was recorded.
        now: what bears its name now.
    """
    if state in OVER or now is None or now.uid != uid:
        return Down.DONE
    if state is State.RECORDED:
        return Down.MARK if now.replicas else Down.SKIP
    if state is State.LOWERING:
        return _lower(now)
    if now.replicas or now.when_scaled == DELETE:
        return Down.FIGHT
    return Down.WAIT if now.pods or not now.seen else Down.DONE


def _lower(now: Size) -> Down:
    if not now.replicas:
        return Down.NOTE
    return Down.RETAIN if now.when_scaled == DELETE else Down.LOWER


class Up(Enum):
    """The next step of a workload on its way back."""

    NOTHING = "it was never touched, or all is done"
    LOWER = "its lowering may still be under way: that is finished first"
    RAISE = "give it its replicas back"
    POLICY = "give it its retention policy back"
    DONE = "it has what it had"
    LEAVE = "somebody else decided meanwhile"


def step_up(state: State, uid: str, replicas: int, when_scaled: str, now: Size | None) -> Up:
    """How a workload gets back what it had.

    One that is being lowered goes down first: whoever slept directly before that act would else carry it out after
    everything is over, with a resourceVersion that still holds.

    Args:
        state: how far it is by the record.
        uid: which workload was recorded.
        replicas: what it had.
        when_scaled: what its policy was.
        now: what bears its name now.
    """
    if state is State.RECORDED or state in OVER:
        return Up.NOTHING
    if now is None or now.uid != uid:
        return Up.LEAVE
    if state is State.LOWERING:
        return Up.LOWER
    if not now.replicas:
        return Up.RAISE
    if when_scaled == DELETE and now.when_scaled == RETAIN and now.replicas >= replicas:
        return Up.POLICY
    return Up.DONE if now.replicas == replicas else Up.LEAVE
