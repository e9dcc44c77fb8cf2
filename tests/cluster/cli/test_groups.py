"""The verbs for groups, as typed, with the operator at work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from support import objects
from support.waiting import until

from holdfast.api.resource import CLAIMS, DEPLOYMENTS, SNAPSHOT_GROUPS, STATEFUL_SETS, VOLUME_RESTORES

if TYPE_CHECKING:
    from pathlib import Path

    from cluster.cli.program import Program
    from support.places import Place

pytestmark = pytest.mark.cluster

HOURLY = [{"every": "1 hour", "keep": 2}]
OFTEN = [{"every": "20 seconds", "keep": 1}]
"""Its first snapshot is not long in coming: the jitter is a tenth of the interval."""
STAMP = 1585945609


async def backed_up(place: Place, data: str = "seven") -> None:
    """Claim `data` with bytes, group `backups` of it, and a restore point with these bytes."""
    await place.claim(data=data)
    await place.group(schedule=HOURLY)
    await place.group_snapshot("backups", STAMP)


async def test_listing_says_whether_the_data_is_safe(place: Place, holdfast: Program) -> None:
    await place.claim()
    await place.group(schedule=OFTEN)
    await place.group("lost", claim="nothing", schedule=HOURLY)

    async def safe() -> bool:
        rows = {row[0]: row for row in (await holdfast("group", "list")).rows}
        return rows["backups"][-1] == "Safe" and rows["lost"][-1] == "ClaimMissing"

    await until(safe)
    listed = await holdfast("group", "list")
    assert "lost: claim nothing does not exist" in listed.err
    wide = await holdfast("group", "list", "-o", "wide")
    assert "20 seconds: " in wide.out
    assert {item["kind"] for item in (await holdfast("group", "list", "-o", "json")).json["items"]} == {
        "SnapshotGroup"
    }
    everywhere = await holdfast("group", "list", "-A")
    assert [place.namespace, "backups"] in [row[:2] for row in everywhere.rows]


async def test_describe_shows_tiers_snapshots_and_restores(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    shown = await holdfast("group", "describe", "backups")
    assert f"backups-{STAMP}" in shown.out
    assert "1 + 2" in shown.out
    described = (await holdfast("group", "describe", "backups", "-o", "json")).json
    assert described["group"]["metadata"]["name"] == "backups"
    missing = await holdfast("group", "describe", "nothing")
    assert (missing.code, "SnapshotGroup nothing does not exist" in missing.err) == (3, True)


async def test_a_plan_for_a_changed_schedule(place: Place, holdfast: Program, tmp_path: Path) -> None:
    await place.claim()
    await place.group(schedule=HOURLY)
    changed = tmp_path / "changed.yaml"
    wanted = objects.group(schedule=[{"every": "10 minutes", "keep": 0}, {"every": "never", "keep": 1}])
    changed.write_text(yaml.safe_dump_all([{"kind": "ConfigMap", "metadata": {"name": "x"}}, wanted]))
    before = (await holdfast("group", "plan", "backups", "--count", "3", "-o", "json")).json
    after = (
        await holdfast("group", "plan", "backups", "--count", "3", "-f", str(changed), "-o", "json")
    ).json
    assert {act["why"] for act in before["acts"] if act["does"] == "take"} == {"for 1 hour"}
    assert "for 10 minutes" in {act["why"] for act in after["acts"] if act["does"] == "take"}
    assert any("'never'" in note for note in after["notes"])
    wrong = await holdfast("group", "plan", "backups", "-f", __file__)
    assert (wrong.code, __file__ in wrong.err) == (4, True)
    group = await place.get(SNAPSHOT_GROUPS, "backups")
    assert group["spec"]["schedule"] == HOURLY


async def test_pause_and_resume(place: Place, holdfast: Program) -> None:
    await place.claim()
    await place.group(schedule=OFTEN)
    assert (await holdfast("group", "pause", "backups")).code == 0

    async def said(word: str) -> bool:
        return (await holdfast("group", "list")).rows[0][-1] == word

    await until(lambda: said("Paused"))
    assert "is paused already" in (await holdfast("group", "pause", "backups")).out
    assert "is paused: nothing is taken" in (await holdfast("group", "plan", "backups")).err
    assert (await holdfast("group", "resume", "backups")).code == 0
    await until(lambda: said("Safe"))


async def test_a_snapshot_out_of_turn_is_a_restore_point(place: Place, holdfast: Program) -> None:
    await place.claim()
    await place.group(schedule=HOURLY)
    taken = await holdfast("group", "snapshot", "backups", "--wait", "--json")
    assert taken.code == 0, taken.err
    name = json.loads(taken.out.splitlines()[-1])["snapshot"]
    checked = await holdfast("group", "restore", "backups", "--to", name, "--dry-run")
    assert checked.code == 0, checked.err


@pytest.mark.parametrize("point", ["1234567890", "yesterday", "2020-01-01T00:00:00Z"])
async def test_a_mistyped_point_changes_nothing(place: Place, holdfast: Program, point: str) -> None:
    await backed_up(place)
    before = await place.get(CLAIMS, "data")
    refused = await holdfast("group", "restore", "backups", "--to", point, "--wait")
    assert refused.code == 4
    assert f"backups-{STAMP}" in refused.err
    assert (await place.get(CLAIMS, "data"))["metadata"]["uid"] == before["metadata"]["uid"]
    assert not (await place.client.list(VOLUME_RESTORES, place.namespace)).items


async def test_a_dry_run_names_what_is_in_the_way(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    fine = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--dry-run")
    assert (fine.code, "nothing was changed" in fine.out) == (0, True), fine.err
    handle = (await place.volume())["spec"]["csi"]["volumeHandle"]
    fault = place.sandbox.faults.never_ready(handle=handle)
    await place.snapshot("stuck", ready=False)
    blocked = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--dry-run")
    place.sandbox.faults.clear(fault)
    assert (blocked.code, "stuck" in blocked.err) == (4, True)
    assert not (await place.client.list(VOLUME_RESTORES, place.namespace)).items


async def test_restore_and_rollback(place: Place, holdfast: Program) -> None:
    await backed_up(place, data="before")
    await place.write_data("after")
    done = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--wait")
    assert done.code == 0, done.err
    assert await place.read_data() == "before"
    assert "holdfast group rollback backups" in done.out
    back = await holdfast("group", "rollback", "backups", "--wait")
    assert back.code == 0, back.err
    assert await place.read_data() == "after"
    again = await holdfast("group", "rollback", "backups")
    assert (again.code, "has its old volume already" in again.err) == (4, True)


async def test_a_second_restore_waits_its_turn_and_the_first_can_be_cancelled(
    place: Place, holdfast: Program
) -> None:
    await backed_up(place, data="before")
    await place.pod()
    await place.write_data("after")
    asked = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--wait", "--timeout", "3")
    assert (asked.code, "pods that use claim data: user" in asked.out) == (8, True)
    second = await holdfast("group", "restore", "backups", "--to", str(STAMP))
    assert (second.code, "has claim data" in second.err) == (4, True)
    cancelled = await holdfast("group", "cancel", "backups", "--wait")
    assert cancelled.code == 0, cancelled.err
    assert await place.read_data() == "after"
    none = await holdfast("group", "cancel", "backups")
    assert (none.code, "no restore of group backups is under way" in none.err) == (3, True)
    await place.end_pod()


async def test_a_restore_beside_the_claim(place: Place, holdfast: Program) -> None:
    await backed_up(place, data="before")
    await place.write_data("after")
    made = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--to-pvc", "old", "--wait")
    assert made.code == 0, made.err
    assert (await place.read_data("old"), await place.read_data()) == ("before", "after")
    there = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--to-pvc", "old")
    assert there.code == 5


async def test_progress_for_programs_is_one_object_a_line(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    done = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--wait", "--json")
    phases = [line.get("phase") for line in map(json.loads, done.out.splitlines())]
    assert [phase for phase in ("Preflight", "Delete", "Settle") if phase in phases] == [
        "Preflight",
        "Delete",
        "Settle",
    ]


async def test_a_lost_claim_comes_back_from_its_snapshot_alone(place: Place, holdfast: Program) -> None:
    await backed_up(place, data="before")
    await place.delete(CLAIMS, "data")
    await place.gone(CLAIMS, "data")
    in_place = await holdfast("group", "restore", "backups", "--to", str(STAMP))
    assert (in_place.code, "--to-pvc data" in in_place.err) == (4, True)
    made = await holdfast("group", "restore", "backups", "--to", str(STAMP), "--to-pvc", "data", "--wait")
    assert made.code == 0, made.err
    assert await place.read_data() == "before"


async def test_a_dry_run_says_what_will_be_scaled_and_in_which_order(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    await place.create(DEPLOYMENTS, objects.deployment("shop", claim="data", replicas=2))
    await place.create(STATEFUL_SETS, objects.stateful_set("keeper", replicas=1))
    dry = ("group", "restore", "backups", "--to", "latest", "--dry-run")

    async def found() -> bool:
        said = (await holdfast(*dry, "--quiesce", "auto")).out
        return f"workloads: scales to 0, in this order: Deployment {place.namespace}/shop from 2" in said

    await until(found)
    listed = await holdfast(*dry, "--scale", "statefulset/keeper", "--scale", "deployments.apps/shop")
    order = f"StatefulSet {place.namespace}/keeper from 1, Deployment {place.namespace}/shop from 2"
    assert order in listed.out
    assert "nothing is scaled" in (await holdfast(*dry)).out
    await place.pod("alone")
    refused = await holdfast(*dry, "--quiesce", "auto")
    assert refused.code == 4
    assert "pod alone has no owner that would bring it back" in refused.err
    assert (await holdfast(*dry, "--scale", "shop")).code == 4
    assert (await place.get(DEPLOYMENTS, "shop"))["spec"]["replicas"] == 2


async def test_a_plan_says_what_a_restore_would_stop_and_who_blocks(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    await place.create(DEPLOYMENTS, objects.deployment("shop", claim="data", replicas=2))
    await place.create(STATEFUL_SETS, objects.stateful_set("keeper", replicas=1))
    plan = ("group", "plan", "backups")

    async def used() -> bool:
        return "pods that use claim data: shop-" in (await holdfast(*plan)).out

    await until(used)
    targets = [
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "keeper"},
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
    ]
    await place.patch(SNAPSHOT_GROUPS, "backups", {"spec": {"quiesce": {"mode": "List", "targets": targets}}})
    said = (await holdfast(*plan)).out
    assert "A restore now (quiesce: List)" in said
    assert f"1. scales StatefulSet {place.namespace}/keeper from 1\n" in said
    assert f"2. scales Deployment {place.namespace}/shop from 2\n" in said
    await place.patch(SNAPSHOT_GROUPS, "backups", {"spec": {"quiesce": {"mode": "Auto", "targets": None}}})
    await place.pod("alone")
    found = (await holdfast(*plan, "-o", "json")).json["quiesce"]
    assert [(s["kind"], s["name"], s["replicas"]) for s in found["scales"]] == [("Deployment", "shop", 2)]
    (blocks,) = found["blocks"]
    assert "pod alone has no owner that would bring it back" in blocks
    assert (await place.get(DEPLOYMENTS, "shop"))["spec"]["replicas"] == 2


async def test_a_group_can_say_it_and_flags_change_that(place: Place, holdfast: Program) -> None:
    await backed_up(place)
    quiesce = {"mode": "Auto", "timeout": "5m"}
    await place.patch(SNAPSHOT_GROUPS, "backups", {"spec": {"quiesce": quiesce}})
    assert "Auto, within 5m" in (await holdfast("group", "describe", "backups")).out
    asked = await holdfast(
        "group", "restore", "backups", "--to", "latest", "--quiesce-timeout", "7m", "--wait"
    )
    assert asked.code == 0, asked.err
    (restore,) = (await place.client.list(VOLUME_RESTORES, place.namespace)).items
    assert restore["spec"]["quiesce"] == {"mode": "Auto", "timeout": "7m"}
