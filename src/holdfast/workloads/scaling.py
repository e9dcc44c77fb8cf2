"""One workload read, and given another size. Every write bears UID and resourceVersion of what was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.api.resource import AUTOSCALERS, PODS, STATEFUL_SETS
from holdfast.api.storage import Pod
from holdfast.api.workloads import Autoscaler, Scalable, Scale
from holdfast.kube import errors
from holdfast.policy.quiescing import Size

if TYPE_CHECKING:
    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client

_READY_IS_SAID = {"", "apps"}
"""API groups whose kinds leave `readyReplicas` out only where it is 0."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload as it is now: what it is, its scale, and how many pods it still has."""

    resource: Resource
    object: Scalable
    scale: Scale
    pods: int

    @property
    def size(self) -> Size:
        meta, status = self.object.metadata, self.object.status
        seen = status.observed_generation is None or status.observed_generation >= meta.generation
        return Size(
            uid=meta.uid,
            replicas=self.scale.spec.replicas,
            pods=self.pods,
            seen=seen,
            when_scaled=self.object.spec.persistent_volume_claim_retention_policy.when_scaled,
        )

    @property
    def ready(self) -> int:
        """How many of its pods are ready; where the kind does not say, how many there are."""
        said = self.object.status.ready_replicas
        if said is None:
            return 0 if self.resource.group in _READY_IS_SAID else self.scale.status.replicas
        return said

    @property
    def complete(self) -> bool:
        """Whether every pod that is wanted is ready."""
        return self.size.seen and self.ready >= self.size.replicas

    @property
    def scaler(self) -> str:
        """Whose the present number of replicas is, in words for people."""
        meta = self.object.metadata
        owner = next((o for o in meta.owner_references if o.controller), None)
        known = meta.scaler or "somebody (through its scale, where Kubernetes does not record who)"
        return f"{known}, it belongs to {owner.kind} {owner.name}" if owner else known


async def read(client: Client, resource: Resource, namespace: str, name: str) -> Workload | None:
    """The workload as it is now, or None if there is none."""
    try:
        found = await client.get(resource, name, namespace, type=Scalable)
        scale = await client.get(resource, name, namespace, subresource="scale", type=Scale)
    except errors.NotFound:
        return None
    return Workload(resource, found, scale, await _pods(client, scale))


async def _pods(client: Client, scale: Scale) -> int:
    """Pods that still run count: a Deployment's own number leaves out those that are on their way out."""
    if scale.spec.replicas or scale.status.replicas or not scale.status.selector:
        return scale.status.replicas
    found = await client.list(PODS, scale.metadata.namespace, labels=scale.status.selector, type=Pod)
    return sum(not pod.finished for pod in found.items)


async def set_replicas(client: Client, workload: Workload, replicas: int) -> None:
    """Give exactly the workload that was read another number of replicas.

    Raises:
        holdfast.kube.errors.Conflict: it is another one by now, or has changed.
    """
    meta = workload.scale.metadata
    metadata = {
        "name": meta.name,
        "namespace": meta.namespace,
        "uid": meta.uid,
        "resourceVersion": meta.resource_version,
    }
    body = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": metadata}
    await client.replace(workload.resource, body | {"spec": {"replicas": replicas}}, subresource="scale")


async def set_when_scaled(client: Client, workload: Workload, policy: str) -> None:
    """Say what becomes of the claims of pods that a StatefulSet scales away.

    Raises:
        holdfast.kube.errors.Conflict: it is another one by now, or has changed.
    """
    meta = workload.object.metadata
    body = {
        "metadata": {"uid": meta.uid, "resourceVersion": meta.resource_version},
        "spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": policy}},
    }
    await client.patch(STATEFUL_SETS, meta.name, body, meta.namespace)


async def autoscalers(client: Client, namespace: str, kind: str, name: str) -> list[str]:
    """Names of the HorizontalPodAutoscalers that size this workload."""
    try:
        found = await client.list(AUTOSCALERS, namespace, type=Autoscaler)
    except errors.NotFound:
        return []
    targets = ((a.metadata.name, a.spec.scale_target_ref) for a in found.items)
    return sorted(own for own, target in targets if (target.kind, target.name) == (kind, name))
