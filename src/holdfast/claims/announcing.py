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
    from collections.abc import Iterator

    from holdfast.api.resource import Resource
    from holdfast.api.restores import RestoreSpec
    from holdfast.kube.client import Client
    from holdfast.workloads.finding import Found
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


async def announce(client: Client, namespace: str, spec: RestoreSpec) -> Announcement:
    """Look at what `quiesce` means for the claim now; writes nothing."""
    asked = spec.quiesce or Quiesce()
    targets = [(t.api_version, t.kind, t.name) for t in asked.targets]
    if wrong := problem(asked.mode, asked.timeout, targets):
        return Announcement(problem=wrong)
    if asked.mode not in {Mode.AUTO, Mode.LIST}:
        return Announcement(message="waits until nobody uses the claim; nothing is scaled")
    try:
        found = await finding.find(client, namespace, {spec.claim_name}, asked)
        return await _said(client, found)
    except errors.Forbidden as error:
        return Announcement(message=f"cannot be looked at from here ({error}); the operator looks by itself")


async def _said(client: Client, found: Found) -> Announcement:
    if found.refusals:
        return Announcement(problem="; ".join(found.refusals))
    steps = [await _step(client, w) for w in found.workloads]
    order = f"scales to 0, in this order: {', '.join(steps)}" if steps else "nothing has to be scaled"
    needs = tuple(need for w in found.workloads for need in _needs(w))
    return Announcement(message="; ".join((order, *found.waits)), needs=needs)


async def _step(client: Client, workload: Workload) -> str:
    meta, kind = workload.object.metadata, workload.resource.kind
    scalers = await scaling.autoscalers(client, meta.namespace, kind, meta.name)
    also = f", which HorizontalPodAutoscaler {', '.join(scalers)} sizes" if scalers else ""
    return f"{kind} {meta.namespace}/{meta.name} from {workload.size.replicas}{also}"


def _needs(workload: Workload) -> Iterator[Need]:
    resource, namespace = workload.resource, workload.object.metadata.namespace
    yield Need("get", resource, namespace)
    yield Need("get", resource, namespace, "scale")
    yield Need("update", resource, namespace, "scale")
    if workload.size.when_scaled == DELETE:
        yield Need("patch", STATEFUL_SETS, namespace)
