"""What a restore would do to the workloads of its claim, said before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api.quiescing import Quiesce
from holdfast.api.resource import STATEFUL_SETS
from holdfast.kube import errors
from holdfast.policy.quiescing import DELETE, Mode, problem
from holdfast.workloads import finding, scaling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from holdfast.api.resource import Resource
    from holdfast.api.restores import RestoreSpec
    from holdfast.kube.client import Client
    from holdfast.workloads.scaling import Workload


@dataclass(frozen=True, slots=True)
class Need:
    """A right that scaling one workload takes."""

    verb: str
    resource: Resource
    namespace: str
    subresource: str = ""

    def __str__(self) -> str:
        sub = f"/{self.subresource}" if self.subresource else ""
        where = f" in {self.namespace}" if self.resource.namespaced else ""
        return f"{self.verb} {self.resource.qualified}{sub}{where}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is going to be scaled, or why it cannot be."""

    problem: str = ""
    message: str = ""
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One workload that would be scaled to 0, and the HorizontalPodAutoscalers that size it."""

    workload: Workload
    autoscalers: tuple[str, ...]

    def __str__(self) -> str:
        meta, kind = self.workload.object.metadata, self.workload.resource.kind
        also = (
            f", which HorizontalPodAutoscaler {', '.join(self.autoscalers)} sizes" if self.autoscalers else ""
        )
        return f"{kind} {meta.namespace}/{meta.name} from {self.workload.size.replicas}{also}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What `quiesce` means now.

    Attributes:
        steps: in the order in which they would be taken.
        waits: what would be waited for, in words.
        refusals: why it could not be done, each with the remedy.
    """

    steps: tuple[Step, ...] = ()
    waits: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


async def look(client: Client, namespace: str, claims: Collection[str], asked: Quiesce) -> Outlook:
    """Look at what stopping the application of these claims would take; writes nothing.

    Raises:
        holdfast.kube.errors.Forbidden: somebody with more rights has to look.
    """
    targets = [(t.api_version, t.kind, t.name) for t in asked.targets]
    if wrong := problem(asked.mode, asked.timeout, targets):
        return Outlook(refusals=(wrong,))
    found = await finding.find(client, namespace, claims, asked)
    return Outlook(tuple([await _step(client, w) for w in found.workloads]), found.waits, found.refusals)


async def _step(client: Client, workload: Workload) -> Step:
    meta, kind = workload.object.metadata, workload.resource.kind
    return Step(workload, tuple(await scaling.autoscalers(client, meta.namespace, kind, meta.name)))


async def announce(client: Client, namespace: str, spec: RestoreSpec) -> Announcement:
    """What `quiesce` means for the claim now, in words."""
    asked = spec.quiesce or Quiesce()
    try:
        seen = await look(client, namespace, {spec.claim_name}, asked)
    except errors.Forbidden as error:
        return Announcement(message=f"cannot be looked at from here ({error}); the operator looks by itself")
    if seen.refusals:
        return Announcement(problem="; ".join(seen.refusals))
    if asked.mode not in {Mode.AUTO, Mode.LIST}:
        return Announcement(message="waits until nobody uses the claim; nothing is scaled")
    steps = ", ".join(map(str, seen.steps))
    order = f"scales to 0, in this order: {steps}" if steps else "nothing has to be scaled"
    needs = tuple(need for step in seen.steps for need in _needs(step.workload))
    return Announcement(message="; ".join((order, *seen.waits)), needs=needs)


def _needs(workload: Workload) -> Iterator[Need]:
    resource, namespace = workload.resource, workload.object.metadata.namespace
    yield Need("get", resource, namespace)
    yield Need("get", resource, namespace, "scale")
    yield Need("update", resource, namespace, "scale")
    if workload.size.when_scaled == DELETE:
        yield Need("patch", STATEFUL_SETS, namespace)
