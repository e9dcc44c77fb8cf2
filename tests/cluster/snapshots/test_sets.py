"""Groups of several claims, of a real StatefulSet or by label: taken at one moment, counted and let go as a whole."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import pytest
from cluster.snapshots.several import claims_of, data, ready_set, scale, sets, web
from support import groups as looks
from support import objects
from support.groups import BACKUPS, cron, tier
from support.waiting import until

from holdfast.api.groups import SnapshotGroup
from holdfast.api.resource import CLAIMS, SNAPSHOT_GROUPS, SNAPSHOTS, STATEFUL_SETS
from holdfast.snapshots.taking import scheduled_set
from holdfast_sandbox.proxy import Answer, DropAnswer, Kill, Match, Rule

if TYPE_CHECKING:
    from cluster.snapshots.apart import Apart
    from support.groups import Groups
    from support.operators import Operator
    from support.places import Place

    from holdfast_sandbox.proxy.actions import Action

pytestmark = pytest.mark.cluster

NEVER = cron("0 0 29 2 *")
WEB = {"statefulSet": "web"}


async def test_all_claims_of_a_stateful_set_are_taken_at_one_moment_and_go_together(
    place: Place, groups: Groups, operator: Operator
) -> None:
    await web(place)
    await groups.make(BACKUPS, tier("1 second", 1), persistentVolumeClaim=WEB)
    first = await ready_set(groups, *data(0, 1, 2))
    group = await groups.state("Safe")
    assert group["status"]["newestSet"]["claims"] == data(0, 1, 2)
    assert "claim" not in group["status"]
    assert (await groups.metrics(operator))["set_spread_seconds"] >= 0

    async def retired() -> bool:
        return all(looks.slot(s) > first for s in await groups.snapshots())

    await until(retired)
    await ready_set(groups, *data(0, 1, 2), after=first)
    await groups.edit(suspend=True)

    async def whole() -> bool:
        """The one that is being taken gets ready, and of those before none is there in part."""
        found = await sets(groups)
        named = [[f"{BACKUPS}-{n}-{slot}" for n in range(3)] for slot in found]
        return bool(found) and list(map(looks.names, found.values())) == named

    await until(whole)


async def test_new_replicas_come_into_sets_and_those_taken_away_leave_them(
    place: Place, groups: Groups
) -> None:
    await web(place, 2)
    await groups.make(BACKUPS, tier("1 second", 100), persistentVolumeClaim=WEB)
    first = await ready_set(groups, *data(0, 1))
    await scale(place, 3)
    second = await ready_set(groups, *data(0, 1, 2), after=first)
    await scale(place, 1)
    third = await ready_set(groups, *data(0), after=second)
    await scale(place, 0)
    await ready_set(groups, *data(0, 1, 2), after=third)
    assert claims_of((await sets(groups))[first]) == data(0, 1)
    assert (await place.get(CLAIMS, "data-web-2"))["status"]["phase"] == "Bound"


async def test_a_claim_that_a_set_had_and_that_is_gone_stops_new_sets_until_it_is_there(
    place: Place, groups: Groups
) -> None:
    await place.create(STATEFUL_SETS, objects.stateful_set("web", replicas=0))
    for name in data(0, 1):
        await place.claim(name)
    await groups.make(BACKUPS, tier("1 second"), persistentVolumeClaim=WEB)
    await ready_set(groups, *data(0, 1))
    await place.delete(CLAIMS, "data-web-1")
    await place.gone(CLAIMS, "data-web-1")
    await groups.state("ClaimMissing", saying="claim data-web-1 does not exist")
    await groups.said("ClaimsGone", "Gone", saying="data-web-1")
    last = await ready_set(groups, *data(0, 1))
    await place.claim("data-web-1")
    await ready_set(groups, *data(0, 1), after=last)
    await groups.said("ClaimsGone", "AllThere")


async def test_claims_by_label_and_the_one_that_loses_it(place: Place, groups: Groups) -> None:
    for name in ("orders", "users", "other"):
        labels = {} if name == "other" else {"app": "shop"}
        await place.claim(name, metadata={"labels": labels})
    selector = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["shop", "bank"]}]}
    await groups.make(BACKUPS, tier("1 second"), persistentVolumeClaim={"selector": selector})
    await groups.make("single", NEVER, claim="users")
    first = await ready_set(groups, "orders", "users")
    await groups.said("SharedClaim", "AlsoIn", saying="also in single")
    await groups.said("SharedClaim", "AlsoIn", "single", saying="claim users is also in backups")
    await place.patch(CLAIMS, "users", {"metadata": {"labels": {"app": None}}})
    await ready_set(groups, "orders", after=first)
    await groups.said("SharedClaim", "Alone", "single")


async def test_a_set_whose_taker_died_between_two_snapshots_is_completed(
    place: Place, groups: Groups
) -> None:
    await web(place)
    made = await groups.make(BACKUPS, NEVER, persistentVolumeClaim=WEB)
    slot = datetime.fromtimestamp(int(time.time()), UTC)
    first, *_ = scheduled_set(msgspec.convert(made, SnapshotGroup), data(0, 1, 2), slot, ())
    await place.create(SNAPSHOTS, first)
    await ready_set(groups, *data(0, 1, 2), after=int(slot.timestamp()) - 1)


@pytest.mark.parametrize("fault", ["killed-before", "killed-after", "500", "lost"])
async def test_whatever_happens_to_one_of_its_calls_a_set_comes_to_be_whole(
    away: Groups, apart: Apart, fault: str
) -> None:
    """The second of three creates is the one: the first may have been carried out, and the third, too."""
    claims = ("data-0", "data-1", "data-2")
    for name in claims:
        await away.place.claim(name, metadata={"labels": {"app": "web"}})
    pid = apart.operator.pid
    actions: dict[str, Action] = {
        "killed-before": Kill(pid, "before"),
        "killed-after": Kill(pid, "after"),
        "500": Answer(500),
        "lost": DropAnswer(),
    }
    rule = Rule(actions[fault], Match(resource="volumesnapshots", verb="create"), nth=2)
    apart.proxy.rules.append(rule)
    selector = {"selector": {"matchLabels": {"app": "web"}}}
    wanted = objects.group(schedule=[tier("5 seconds", 99)], persistentVolumeClaim=selector)
    await away.place.create(SNAPSHOT_GROUPS, wanted)

    async def hit() -> bool:
        return bool(rule.hits)

    await until(hit)
    apart.proxy.rules.clear()
    if fault.startswith("killed"):
        await apart.operator.restart()
    newest = await ready_set(away, *claims)
    await ready_set(away, *claims, after=newest)

    async def none_in_part() -> bool:
        """One that was not completed in time gave way to those after it."""
        found = (await sets(away)).items()
        return all(claims_of(parts) == list(claims) for slot, parts in found if slot <= newest)

    await until(none_in_part)
