"""Alerts and dashboard against what a real operator exposes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import drills
from support.monitoring import wanted
from support.waiting import until

if TYPE_CHECKING:
    from support.operators import Operator
    from support.places import Place

pytestmark = pytest.mark.cluster


async def exposed(operator: Operator) -> dict[str, set[str]]:
    """The labels of each series' name."""
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(await operator.metrics()):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


async def test_the_operator_exposes_all_that_alerts_and_dashboard_ask_for(
    place: Place, operator: Operator
) -> None:
    await place.claim()
    await place.group(schedule=[{"every": "1 hour", "keep": 1}])
    await place.restore("missing")
    await place.phase("Failed")
    await drills.create(place)

    async def all_there() -> bool:
        found = await exposed(operator)
        missing = {name: labels - found.get(name, set()) for name, labels in wanted().items()}
        assert wanted().keys() <= found.keys(), wanted().keys() - found.keys()
        assert not any(missing.values()), missing
        return True

    await until(all_there)


async def test_a_refused_restore_is_shown_as_failed_until_it_is_removed(
    place: Place, operator: Operator
) -> None:
    await place.claim()
    await place.restore("missing")
    await place.phase("Failed")

    async def states() -> list[str]:
        families = text_string_to_metric_families(await operator.metrics())
        family = next(f for f in families if f.name == "holdfast_restore_since_timestamp_seconds")
        return [s.labels["state"] for s in family.samples if s.labels["namespace"] == place.namespace]

    async def shown() -> bool:
        assert await states() == ["failed"]
        return True

    async def forgotten() -> bool:
        assert await states() == []
        return True

    await until(shown)
    await place.sandbox.kubectl("-n", place.namespace, "delete", "volumerestore", "--all")
    await until(forgotten)
