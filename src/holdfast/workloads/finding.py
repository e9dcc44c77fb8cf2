"""Which workloads have to be scaled down before a claim is quiet, and why some cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import PODS, can_name
from holdfast.api.workloads import User
from holdfast.kube import errors
from holdfast.policy.quiescing import Fate, Mode, fate
from holdfast.workloads import scaling
from holdfast.workloads.owning import chain

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from holdfast.api.quiescing import Quiesce, Target
    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client
    from holdfast.workloads.scaling import Workload


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to scale.

    Attributes:
        workloads: in the order in which they go down.
        waits: pods that end by themselves, in words.
        refusals: why it cannot be done, each with the remedy.
    """

    workloads: tuple[Workload, ...] = ()
    waits: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


async def find(client: Client, namespace: str, claims: Collection[str], quiesce: Quiesce | None) -> Found:
    """Look at the pods that use any of the claims now, or at what is listed."""
    mode = quiesce.mode if quiesce else ""
    if quiesce and mode == Mode.LIST:
        return await _listed(client, namespace, quiesce.targets)
    return await _by_owners(client, namespace, claims) if mode == Mode.AUTO else Found()


async def _by_owners(client: Client, namespace: str, claims: Collection[str]) -> Found:
    workloads: dict[str, Workload] = {}
    waits, refusals = [], []
    for pod in await _users(client, namespace, claims):
        steps = await chain(client, pod.metadata)
        outcome, owner, said = fate(pod.metadata.name, [step.owner for step in steps])
        if outcome is Fate.WAIT:
            waits.append(said)
        elif outcome is Fate.REFUSE:
            refusals.append(f"{said} (it was made by {pod.metadata.writer})")
        for step in steps:
            if outcome is Fate.SCALE and step.owner is owner and step.resource:
                found, why = await _read(client, step.resource, namespace, step.owner.name)
                workloads |= {found.size.uid: found} if found and found.size.replicas else {}
                refusals += [why] if why else []
    ordered = sorted(workloads.values(), key=lambda w: (w.resource.kind, w.object.metadata.name))
    return Found(tuple(ordered), tuple(waits), tuple(dict.fromkeys(refusals)))


async def newcomers(client: Client, namespace: str, claims: Collection[str], since: datetime) -> list[str]:
    """Pods that have come to use a claim since a time and do not end by themselves, in words for people."""
    said = []
    for pod in await _users(client, namespace, claims):
        owners = [step.owner for step in await chain(client, pod.metadata)]
        born = pod.metadata.creation_timestamp
        if born and born >= since and fate(pod.metadata.name, owners)[0] is not Fate.WAIT:
            of = f" of {owners[-1]}" if owners else ""
            said.append(f"pod {pod.metadata.name}{of} came anew, made by {pod.metadata.writer}")
    return said


async def _users(client: Client, namespace: str, claims: Collection[str]) -> list[User]:
    """Pods that use one of the claims and will go on to: neither finished nor on their way out."""
    pods = await client.list(PODS, namespace, type=User)
    staying = [p for p in pods.items if not p.finished and p.metadata.deletion_timestamp is None]
    return [p for p in staying if any(p.mounts(claim) for claim in claims)]


async def _listed(client: Client, home: str, targets: list[Target]) -> Found:
    workloads, refusals = [], []
    for target in targets:
        found, why = await _target(client, home, target)
        workloads += [found] if found and found.size.replicas else []
        refusals += [why] if why else []
    return Found(tuple(workloads), (), tuple(refusals))


async def _target(client: Client, home: str, target: Target) -> tuple[Workload | None, str]:
    namespace, title = target.namespace or home, f"{target.kind} {target.namespace or home}/{target.name}"
    try:
        resource = await client.discovery.kind(target.api_version, target.kind)
    except errors.NotFound:
        return None, f"{title}: the server has no kind {target.kind} in {target.api_version}; correct it"
    if not (client.discovery.scales(resource) and can_name(target.name) and can_name(namespace)):
        return None, f"{title} has no scale: list what can be scaled"
    found, why = await _read(client, resource, namespace, target.name)
    if found is None:
        return None, why or f"{title} does not exist; correct quiesce.targets"
    return (None, _ungranted(title, home)) if _needs_grant(found, home) else (found, "")


def _needs_grant(workload: Workload, home: str) -> bool:
    meta = workload.object.metadata
    granted = [name.strip() for name in meta.annotations.get(keys.MAY_BE_SCALED_FROM, "").split(",")]
    return meta.namespace != home and home not in granted


def _ungranted(title: str, home: str) -> str:
    return (
        f"{title} is in another namespace and does not let {home} scale it:"
        f" annotate it with {keys.MAY_BE_SCALED_FROM}={home}"
    )


async def _read(client: Client, resource: Resource, namespace: str, name: str) -> tuple[Workload | None, str]:
    try:
        return await scaling.read(client, resource, namespace, name), ""
    except errors.Forbidden as error:
        return None, f"{resource.kind} {namespace}/{name} cannot be looked at: {error}"
