"""What an installation can be told, and the names that its objects share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holdfast
from holdfast.api.keys import VELERO_NAMESPACE

NAME = "holdfast"
PORT = 8080
SELECTOR = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "operator"}
MANAGED_BY = "app.kubernetes.io/managed-by"
LABELS = SELECTOR | {MANAGED_BY: NAME}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and what to install.

    Attributes:
        restores: whether the operator may carry out Restore objects, which takes all rights there are.
    """

    namespace: str = "holdfast-system"
    image: str = f"holdfast:{holdfast.__version__}"
    velero_namespace: str = VELERO_NAMESPACE
    restores: bool = False

    @property
    def beside(self) -> bool:
        """Whether Velero's objects are in another namespace than the operator."""
        return self.velero_namespace != self.namespace

    @property
    def account(self) -> str:
        """The user name that the API server knows the operator by."""
        return f"system:serviceaccount:{self.namespace}:{NAME}"

    def metadata(self, *, namespaced: bool = True) -> dict[str, Any]:
        """Metadata of one object of the installation."""
        place = {"namespace": self.namespace} if namespaced else {}
        return {"name": NAME, **place, "labels": LABELS}

    def metadata_of_restores(self) -> dict[str, Any]:
        """Metadata of the binding that lets the operator restore."""
        return {"name": f"{NAME}-restores", "labels": LABELS}

    def metadata_beside_velero(self) -> dict[str, Any]:
        """Metadata of one object in the namespace where Velero's objects are, which may be the operator's own."""
        return {"name": f"{NAME}-velero", "namespace": self.velero_namespace, "labels": LABELS}
