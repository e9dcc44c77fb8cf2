"""A Velero server stopped for good or for a while, and started again as it was.

Its Deployment is scaled to 0, and how large it was is written down before, in a ConfigMap beside it. The operator
does nothing while a pod of it is there (`holdfast.locations.rivals`), so both ways end right wherever they stop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from holdfast.api.meta import Metadata, View
from holdfast.api.resource import DEPLOYMENTS, Resource
from holdfast.api.velero import VELERO_BACKUPS, VELERO_RESTORES
from holdfast.kube import errors
from holdfast.operator.installing import InstallationError
from holdfast.operator.manifests.settings import LABELS
from holdfast.policy.syncing import UNFINISHED
from holdfast.workloads import scaling

if TYPE_CHECKING:
    from holdfast.kube.client import Client
    from holdfast.workloads.scaling import Workload

CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
_AT_WORK = UNFINISHED | {"InProgress"}
_REPLICAS = "replicas"
_POLL = 0.2


class _Status(View, frozen=True):
    phase: str = ""


class _Work(View, frozen=True):
    """A Backup or a Restore, as far as it says whether somebody works on it."""

    metadata: Metadata
    status: _Status = _Status()


async def take_over(client: Client, namespace: str, name: str, *, dry_run: bool = False) -> int:
    """Write down the size of a Velero's Deployment, and scale it to 0; gives that size. Twice is once.

    Raises:
        InstallationError: there is no such Deployment, or it is at work.
    """
    workload = await _read(client, namespace, name)
    await _check_idle(client, namespace)
    replicas = workload.scale.spec.replicas
    if replicas and not dry_run:
        await _record(client, namespace, name, replicas)
        await scaling.set_replicas(client, workload, 0)
    return replicas or await _recorded(client, namespace, name)


async def stopped(client: Client, namespace: str, name: str, *, patience: float) -> None:
    """Wait until none of its pods is left.

    Raises:
        TimeoutError: one is, after `patience` seconds.
    """
    try:
        async with asyncio.timeout(patience):
            workload = await _read(client, namespace, name)
            while workload.pods:
                await asyncio.sleep(_POLL)
                workload = await _read(client, namespace, name)
    except TimeoutError:
        raise TimeoutError(f"Deployment {name} in namespace {namespace} still has pods") from None


async def give_back(client: Client, namespace: str, name: str, *, dry_run: bool = False) -> int:
    """Give a Velero's Deployment the size that it had; gives that size.

    Raises:
        InstallationError: nothing was written down of it, or we are at work.
    """
    replicas = await _recorded(client, namespace, name)
    if not replicas:
        raise InstallationError(
            f"Deployment {name} in namespace {namespace} was not taken over: scale it yourself if it shall run"
        )
    workload = await _read(client, namespace, name)
    await _check_idle(client, namespace)
    if not dry_run:
        if not workload.scale.spec.replicas:
            await scaling.set_replicas(client, workload, replicas)
        await client.delete(CONFIG_MAPS, _record_of(name), namespace)
    return replicas


async def _read(client: Client, namespace: str, name: str) -> Workload:
    workload = await scaling.read(client, DEPLOYMENTS, namespace, name)
    if workload is None:
        raise InstallationError(
            f"there is no Deployment {name} in namespace {namespace}: say which one runs `velero server`"
        )
    return workload


async def _check_idle(client: Client, namespace: str) -> None:
    """Whoever is stopped in the midst of a backup or a restore leaves it failed."""
    for resource in (VELERO_BACKUPS, VELERO_RESTORES):
        try:
            found = (await client.list(resource, namespace, type=_Work)).items
        except errors.NotFound:
            continue
        if busy := sorted(each.metadata.name for each in found if each.status.phase in _AT_WORK):
            raise InstallationError(
                f"{resource.plural} are in progress: {', '.join(busy)}; wait for their end"
            )


async def _record(client: Client, namespace: str, name: str, replicas: int) -> None:
    body = {
        "apiVersion": CONFIG_MAPS.api_version,
        "kind": CONFIG_MAPS.kind,
        "metadata": {"name": _record_of(name), "namespace": namespace, "labels": LABELS},
        "data": {_REPLICAS: str(replicas)},
    }
    await client.apply(CONFIG_MAPS, body, force=True)


async def _recorded(client: Client, namespace: str, name: str) -> int:
    try:
        return int((await client.get(CONFIG_MAPS, _record_of(name), namespace))["data"][_REPLICAS])
    except errors.NotFound:
        return 0


def _record_of(name: str) -> str:
    return f"holdfast-took-over-{name}"
