"""Holdfast reads, proves and goes on from what restic of several versions wrote."""

from typing import TYPE_CHECKING

import pytest
from engine.tests.support.exchange import PAIRS, Exchange, Written, write
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", params=PAIRS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, odd: "Path") -> Written:
    version, name = request.param
    return write(tmp_path_factory.mktemp("written"), odd, version, restic(name), HOLDFAST)


class TestTheirsReadByUs(Exchange):
    """See `Exchange`."""
