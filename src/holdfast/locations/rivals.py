"""A real Velero at work in the namespace: two servers would sync, expire and delete each other's backups.

Nothing is done for Velero's objects while there is one. A pod is taken for it by the program that it starts, so
that its node agents and its maintenance jobs are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.meta import Metadata, View

if TYPE_CHECKING:
    from holdfast.control.informing import Informer

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
