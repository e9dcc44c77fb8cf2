"""What a restore does with the workloads of its claim: the group's own word, changed by flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from holdfast.api.quiescing import Quiesce, Target
from holdfast.cli.errors import RefusedError
from holdfast.kube import errors
from holdfast.policy.quiescing import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.cli.connecting import Cluster


@dataclass(frozen=True, slots=True)
class Flags:
    """As given; all of them may be left out."""

    mode: str | None = None
    scale: tuple[str, ...] = ()
    timeout: str | None = None


NOTHING_SAID = Flags()


async def quiesce(cluster: Cluster, of_group: Quiesce | None, flags: Flags) -> Quiesce | None:
    """What to ask for; None where neither the group nor a flag says anything.

    Raises:
        RefusedError: `--scale` names what the server does not know.
    """
    if not (flags.mode or flags.scale or flags.timeout):
        return of_group
    asked = of_group or Quiesce()
    if flags.scale:
        asked = Quiesce(mode=Mode.LIST, timeout=asked.timeout, targets=await _targets(cluster, flags.scale))
    elif flags.mode:
        kept = asked.targets if flags.mode.title() == Mode.LIST else []
        asked = Quiesce(mode=flags.mode.title(), timeout=asked.timeout, targets=kept)
    return msgspec.structs.replace(asked, timeout=flags.timeout) if flags.timeout else asked


async def _targets(cluster: Cluster, named: Iterable[str]) -> list[Target]:
    return [await _target(cluster, text) for text in named]


async def _target(cluster: Cluster, text: str) -> Target:
    """`KIND/NAME`, or `NAMESPACE/KIND/NAME`."""
    *place, kind, name = text.split("/") if "/" in text else ("", "")
    if not (kind and name and len(place) <= 1):
        raise RefusedError(f"--scale {text} names nothing", remedy="Write it like statefulset/web.")
    try:
        resource = await cluster.client.discovery.find(kind)
    except errors.NotFound as error:
        raise RefusedError(
            f"--scale {text}: {error}", remedy="`kubectl api-resources` lists kinds."
        ) from error
    namespace = place[0] if place else ""
    return Target(api_version=resource.api_version, kind=resource.kind, name=name, namespace=namespace)


def describe(asked: Quiesce | None) -> str:
    """In one line for people; empty where nothing is said."""
    if asked is None or not asked.mode:
        return ""
    named = ", ".join(f"{t.kind} {t.namespace}{'/' if t.namespace else ''}{t.name}" for t in asked.targets)
    within = f", within {asked.timeout}" if asked.timeout else ""
    return f"{asked.mode}{f': {named}' if named else ''}{within}"
