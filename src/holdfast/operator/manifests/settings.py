"""What an installation can be told, and the names that its objects share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holdfast

NAME = "holdfast"
PORT = 8080
SELECTOR = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/component": "operator"}
MANAGED_BY = "app.kubernetes.io/managed-by"
LABELS = SELECTOR | {MANAGED_BY: NAME}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and what to install."""

    namespace: str = "holdfast-system"
    image: str = f"holdfast:{holdfast.__version__}"

    @property
    def account(self) -> str:
        """The user name that the API server knows the operator by."""
        return f"system:serviceaccount:{self.namespace}:{NAME}"

    def metadata(self, name: str = NAME, *, namespaced: bool = True) -> dict[str, Any]:
        """Metadata of one object of the installation."""
        place = {"namespace": self.namespace} if namespaced else {}
        return {"name": name, **place, "labels": LABELS}
