"""Puts together what carries out Restore objects, in one namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import PODS
from holdfast.api.velero import VELERO_RESTORES
from holdfast.control.controlling import Controller
from holdfast.control.informing import Informer
from holdfast.control.recording import Reference
from holdfast.locations.rivals import Rivals, ServerPod, Yielding, is_velero
from holdfast.restores.reconciling import RestoreReconciler
from holdfast.restores.views import AskedRestore

if TYPE_CHECKING:
    from holdfast.control.keys import Key
    from holdfast.control.recording import Recorder
    from holdfast.kube.client import Client

Part = Controller | Informer[Any]


def putting_back(client: Client, namespace: str, recorder: Recorder) -> tuple[Part, ...]:
    """Informers and the controller.

    Args:
        client: the cluster.
        namespace: of Velero's objects.
        recorder: tells users what happens.
    """

    def unreadable(key: Key, error: Exception) -> None:
        restore = Reference(VELERO_RESTORES.api_version, VELERO_RESTORES.kind, key.name, key.namespace)
        recorder.event(restore, "Warning", "Unreadable", f"this restore is not carried out: {error}")

    restores = Informer(
        client, VELERO_RESTORES, AskedRestore, namespace=namespace, on_invalid=unreadable, optional=True
    )
    pods = Informer(client, PODS, ServerPod, namespace=namespace, keep=is_velero)
    controller = Controller(
        "velero-restores", Yielding(RestoreReconciler(client, restores), Rivals(pods)), workers=1
    )
    controller.follow(restores)
    return restores, pods, controller
