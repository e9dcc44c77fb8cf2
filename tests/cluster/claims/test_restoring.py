from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster


async def test_a_changed_annotation_brings_the_data_back(place: Place) -> None:
    await place.claim(data="then")
    await place.group()
    await place.group_snapshot("backups", 1600000000)
    await place.write_data("now")
    old = await place.volume()
    await place.annotate("backups", restore="1600000000")
    await place.bound(other_than=old["metadata"]["name"])
    assert await place.read_data() == "then"
