"""Puts together what carries out Restore objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.velero import VELERO_RESTORES
from holdfast.control.informing import Informer
from holdfast.restores.reconciling import RestoreReconciler
from holdfast.restores.views import AskedRestore

if TYPE_CHECKING:
    from holdfast.operator.beside_velero import Beside, Part


def putting_back(beside: Beside) -> tuple[Part, ...]:
    """An informer and the controller."""
    restores = Informer(
        beside.client,
        VELERO_RESTORES,
        AskedRestore,
        namespace=beside.namespace,
        on_invalid=beside.unreadable(VELERO_RESTORES, "this restore is not carried out"),
        optional=True,
    )
    reconciler = RestoreReconciler(beside.client, restores)
    return restores, beside.controller("velero-restores", reconciler, restores)
