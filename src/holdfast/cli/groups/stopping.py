"""What a restore of a group would do to its application now: what is scaled, who is waited for, who blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from holdfast.api.quiescing import Quiesce
from holdfast.claims.announcing import Outlook, look
from holdfast.claims.world import STOP_IT, World
from holdfast.kube import errors
from holdfast.policy.quiescing import Mode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator

    from holdfast.claims.announcing import Step
    from holdfast.cli.connecting import Cluster


@dataclass(frozen=True, slots=True)
class Stopping:
    """How the application would be stopped.

    Attributes:
        mode: as of the group's `quiesce`.
        outlook: what that means now.
        blocks: what keeps the restore from going on until a person ends it, each with the remedy.
    """

    mode: str
    outlook: Outlook
    blocks: tuple[str, ...]


async def stopping(cluster: Cluster, claims: Collection[str], asked: Quiesce | None) -> Stopping:
    """Look at the claims' pods and their owners; writes nothing."""
    wanted = asked or Quiesce()
    mode = wanted.mode or str(Mode.NONE)
    try:
        seen = await look(cluster.client, cluster.namespace, claims, wanted)
        blocks = [text async for text in _blocks(cluster, claims, mode)]
    except errors.Forbidden as error:
        return Stopping(mode, Outlook(), (f"cannot be looked at from here: {error}",))
    return Stopping(mode, seen, (*seen.refusals, *blocks))


async def _blocks(cluster: Cluster, claims: Collection[str], mode: str) -> AsyncIterator[str]:
    world = World(cluster.client, cluster.namespace, "")
    if said := await world.left_over(claims):
        yield said
    for claim in sorted(claims) if mode == Mode.NONE else ():
        users = await World(cluster.client, cluster.namespace, claim).users()
        if users:
            yield f"pods that use claim {claim}: {', '.join(users)}; {STOP_IT}"


def document(found: Stopping) -> dict[str, Any]:
    """For programs."""
    return {
        "mode": found.mode,
        "scales": [_step(step) for step in found.outlook.steps],
        "waits": list(found.outlook.waits),
        "blocks": list(found.blocks),
    }


def _step(step: Step) -> dict[str, Any]:
    meta, resource = step.workload.object.metadata, step.workload.resource
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "namespace": meta.namespace,
        "name": meta.name,
        "replicas": step.workload.size.replicas,
        "autoscalers": list(step.autoscalers),
    }


def show(found: Stopping) -> None:
    """For people, in lines below the plan."""
    click.echo(f"\n{click.style('A restore now', bold=True)} (quiesce: {found.mode})")
    for line in _lines(found):
        click.echo(f"  {line}")


def _lines(found: Stopping) -> Iterator[str]:
    steps = found.outlook.steps
    yield from (f"{number}. scales {step}" for number, step in enumerate(steps, 1))
    yield from (f"waits: {text}" for text in found.outlook.waits)
    yield from (f"{click.style('blocked', fg='red')}: {text}" for text in found.blocks)
    if not (steps or found.outlook.waits or found.blocks):
        yield "nothing uses its claims: nothing has to be stopped"
