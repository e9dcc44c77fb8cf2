"""RestoreDrills made and waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, RESTORE_DRILLS, SNAPSHOTS
from support import objects
from support.waiting import until

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

NAME = "proof"


async def create(place: Place, name: str = NAME, *, group: str = "backups", **spec: Any) -> Manifest:  # noqa: ANN401
    """A drill of the group; without a schedule it runs only on request."""
    return await place.create(
        RESTORE_DRILLS, objects.manifest(RESTORE_DRILLS, name, spec={"groupName": group} | spec)
    )


async def ask(place: Place, request: str = "now", name: str = NAME) -> None:
    """Ask for a run."""
    await place.patch(RESTORE_DRILLS, name, {"metadata": {"annotations": {keys.RUN_REQUEST: request}}})


async def result(place: Place, name: str = NAME, *, request: str = "now") -> Manifest:
    """Wait for the result of the run that was asked for."""

    async def found() -> Manifest | None:
        status = (await place.get(RESTORE_DRILLS, name)).get("status", {})
        results: list[Manifest] = status.get("history", [])
        found = [each for each in results if each.get("request") == request]
        assert found, status
        return found[0]

    return await until(found)


async def run(place: Place, name: str = NAME, *, request: str = "now") -> Manifest:
    """Ask for a run, and its result."""
    await ask(place, request, name)
    return await result(place, name, request=request)


async def phase(place: Place, phase: str, name: str = NAME) -> Manifest:
    """Wait until a run is in a phase; gives the run."""

    async def reached() -> Manifest:
        status = (await place.get(RESTORE_DRILLS, name)).get("status", {})
        run: Manifest = status["run"]
        assert run["phase"] == phase, status
        return run

    return await until(reached)


async def condition(place: Place, kind: str, status: str, name: str = NAME, *, saying: str = "") -> Manifest:
    """Wait for what a drill says under one heading."""

    async def said() -> Manifest:
        status_ = (await place.get(RESTORE_DRILLS, name)).get("status", {})
        found: Manifest = next(c for c in status_["conditions"] if c["type"] == kind)
        assert found["status"] == status, status_
        assert saying in found.get("message", ""), status_
        return found

    return await until(said)


async def leftovers(place: Place) -> list[str]:
    """Scratch claims and pods, and snapshots that a drill holds."""
    made = [
        f"{resource.kind} {each['metadata']['name']}"
        for resource in (CLAIMS, PODS)
        for each in (await place.client.list(resource, place.namespace, labels=keys.DRILL)).items
    ]
    held = await place.client.list(SNAPSHOTS, place.namespace, labels=keys.HOLD)
    return made + [f"{s['metadata']['name']} held" for s in held.items]
