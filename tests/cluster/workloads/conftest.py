"""A place in which pods become ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.kubelets import kubelet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.places import Place


@pytest.fixture
async def lively(place: Place) -> AsyncIterator[Place]:
    """A namespace of one's own with a kubelet's word for the pods in it."""
    async with kubelet(place.client, place.namespace):
        yield place
