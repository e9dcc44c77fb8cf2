"""StatefulSet `web` and its claims, and the sets that a group has taken of several claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import groups as looks
from support import objects
from support.groups import BACKUPS
from support.waiting import until

from holdfast.api.resource import CLAIMS, STATEFUL_SETS

if TYPE_CHECKING:
    from support.groups import Groups
    from support.objects import Manifest
    from support.places import Place


async def web(place: Place, replicas: int = 3) -> None:
    """StatefulSet `web` with a bound claim for each replica."""
    await place.create(STATEFUL_SETS, objects.stateful_set("web", replicas=replicas))
    for name in data(*range(replicas)):
        await bound(place, name)


async def bound(place: Place, name: str) -> None:
    """Wait until a claim is there and bound."""

    async def there() -> bool:
        return bool((await place.get(CLAIMS, name))["status"]["phase"] == "Bound")

    await until(there)


async def scale(place: Place, replicas: int) -> None:
    await place.patch(STATEFUL_SETS, "web", {"spec": {"replicas": replicas}})


async def sets(groups: Groups, name: str = BACKUPS) -> dict[int, list[Manifest]]:
    """The snapshots that are there to stay, by the seconds of their set."""
    found: dict[int, list[Manifest]] = {}
    for snapshot in await groups.snapshots(name):
        found.setdefault(looks.slot(snapshot), []).append(snapshot)
    return {slot: parts for slot, parts in found.items() if not any(map(looks.is_leaving, parts))}


async def ready_set(groups: Groups, *claims: str, after: int = 0, name: str = BACKUPS) -> int:
    """Wait for a ready set of exactly these claims that is younger; its seconds."""

    async def found() -> int | None:
        for slot, parts in (await sets(groups, name)).items():
            if slot > after and claims_of(parts) == sorted(claims) and all(map(looks.is_ready, parts)):
                return slot
        return None

    return await until(found)


def claims_of(parts: list[Manifest]) -> list[str]:
    return sorted(s["spec"]["source"]["persistentVolumeClaimName"] for s in parts)


def data(*ordinals: int) -> list[str]:
    return [f"data-web-{n}" for n in ordinals]
