"""Names of objects on Tab, in real shells and from a real cluster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support import drills
from support.shells import SHELLS, completed, missing

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster


@pytest.fixture
async def shop(place: Place) -> Place:
    """One object of each kind that is named on the command line."""
    await place.claim("orders-data")
    await place.group("orders-often", claim="orders-data")
    await place.group_snapshot("orders-often", 1600000000, "orders-data")
    await drills.create(place, "orders-proof", group="orders-often")
    return place


@pytest.mark.parametrize("shell", SHELLS)
async def test_names_of_objects_are_completed(shop: Place, shell: str) -> None:
    if why := missing(shell):
        pytest.skip(why)
    around = {"KUBECONFIG": str(shop.sandbox.kubeconfig), "HOLDFAST_COMPLETION_SECONDS": "60"}

    async def offered(line: str) -> list[str]:
        return await asyncio.to_thread(completed, shell, line, around)

    here = f"holdfast -n {shop.namespace}"
    assert await offered(f"{here} group describe ord") == ["orders-often"]
    assert await offered(f"{here} drill run ord") == ["orders-proof"]
    assert await offered(f"{here} snapshot delete ord") == ["orders-often-1600000000"]
    assert await offered(f"holdfast snapshot take -n {shop.namespace} ord") == ["orders-data"]
    assert await offered(f"{here} group restore orders-often --to o") == ["orders-often-1600000000"]
    assert await offered(f"{here} group restore orders-often --to la") == ["latest"]
    assert await offered(f"holdfast -n {shop.namespace[:-1]}") == [shop.namespace]
