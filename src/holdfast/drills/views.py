"""A pod as far as a run is judged by it."""

from __future__ import annotations

from datetime import datetime

from holdfast.api.meta import Metadata, View


class Waiting(View, frozen=True):
    reason: str = ""
    message: str = ""


class Terminated(View, frozen=True):
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class State(View, frozen=True):
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(View, frozen=True):
    state: State = State()


class PodCondition(View, frozen=True):
    type: str = ""
    status: str = ""
    message: str = ""


class CheckPodStatus(View, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[PodCondition] = []  # noqa: RUF012  (msgspec copies it)
    container_statuses: list[ContainerStatus] = []  # noqa: RUF012


class CheckPod(View, frozen=True):
    """A pod with one container."""

    metadata: Metadata
    status: CheckPodStatus = CheckPodStatus()

    @property
    def state(self) -> State:
        """That of its container."""
        statuses = self.status.container_statuses
        return statuses[0].state if statuses else State()
