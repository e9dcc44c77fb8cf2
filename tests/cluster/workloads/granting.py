"""More rights for the operator in one namespace, as its owner grants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import objects
from support.operators import SETTINGS

from holdfast.operator.manifests.access import BINDINGS, ROLES
from holdfast.operator.manifests.settings import NAME

if TYPE_CHECKING:
    from support.places import Place


async def grant(place: Place, group: str, *resources: str, verbs: tuple[str, ...]) -> None:
    """Let the operator do this in the place."""
    name = f"more-{resources[0]}"
    rule = {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
    await place.create(ROLES, objects.manifest(ROLES, name, rules=[rule]))
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": SETTINGS.namespace}
    role = {"apiGroup": ROLES.group, "kind": ROLES.kind, "name": name}
    await place.create(BINDINGS, objects.manifest(BINDINGS, name, subjects=[account], roleRef=role))
