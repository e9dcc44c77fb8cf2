"""A real Velero at work in the namespace: two servers would sync, expire and delete each other's backups.

Nothing is done for Velero's objects while there is one. A pod is taken for it by the program that it starts, so
that its node agents and its maintenance jobs are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.meta import Metadata, View
from holdfast.control.controlling import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.control.controlling import Reconciler
    from holdfast.control.informing import Informer
    from holdfast.control.keys import Key

LATER = 30.0
"""Seconds until an object that was left to a Velero is looked at again in any case."""

_PROGRAM, _VERB = "velero", "server"
_ENDED = frozenset({"Succeeded", "Failed"})


class Program(View, frozen=True):
    """A container, as far as it says what it starts."""

    image: str = ""
    command: list[str] = []  # noqa: RUF012  (msgspec copies it)
    args: list[str] = []  # noqa: RUF012


class ProgramsOfPod(View, frozen=True):
    containers: list[Program] = []  # noqa: RUF012


class PodPhase(View, frozen=True):
    phase: str = ""


class ServerPod(View, frozen=True):
    """A pod that could run a server."""

    metadata: Metadata
    spec: ProgramsOfPod = ProgramsOfPod()
    status: PodPhase = PodPhase()


def is_velero(pod: ServerPod) -> bool:
    """Whether the pod runs a Velero server, or is about to."""
    return pod.status.phase not in _ENDED and any(map(_serves, pod.spec.containers))


class Yielding:
    """Another reconciler, which does nothing while a Velero server is there.

    Args:
        inner: what is done otherwise.
        rivals: what is known of such a server.
        tell: is told of the object that is left alone, and the reason.
    """

    def __init__(
        self, inner: Reconciler, rivals: Rivals, tell: Callable[[Key, str], None] = lambda _key, _why: None
    ) -> None:
        self._inner, self._rivals, self._tell = inner, rivals, tell

    async def reconcile(self, key: Key) -> Result:
        if sign := self._rivals.live():
            self._tell(key, f"left to the Velero server in {sign}")
            return Result(after=LATER)
        return await self._inner.reconcile(key)


class Rivals:
    """What is known of a Velero server in the namespace.

    Args:
        pods: of that namespace, those for which `is_velero` holds.
    """

    def __init__(self, pods: Informer[ServerPod]) -> None:
        self._pods = pods

    def live(self) -> str:
        """The pod of a Velero server in words; empty where there is none."""
        names = sorted(f"pod {pod.metadata.namespace}/{pod.metadata.name}" for pod in self._pods.cache.all())
        return names[0] if names else ""


def _serves(container: Program) -> bool:
    program = container.command or [_image_name(container.image)]
    words = [*program, *container.args]
    return words[0].rsplit("/", 1)[-1] == _PROGRAM and words[1:2] == [_VERB]


def _image_name(image: str) -> str:
    return image.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]
