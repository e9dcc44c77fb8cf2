"""When a group's own claim is made: only for one that never had any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from unit.snapshots.simulating import CLAIM, Simulation, group_of, snapshot_of

from holdfast.api.groups import ClaimSeen
from holdfast.snapshots.founding import first_claim, wants_claim
from holdfast.snapshots.views import RestoreGlance

if TYPE_CHECKING:
    from holdfast.snapshots.facts import Facts

SPEC = {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block", "volumeName": "old"}


def facts_of(claim: dict[str, Any], **fields: Any) -> Facts:  # noqa: ANN401  of the group
    group = group_of({"every": "hour"}, persistentVolumeClaim=claim, **fields)
    return replace(Simulation(group).facts, claims=())


FRESH = facts_of({"spec": SPEC})


def test_a_group_that_brings_a_claim_and_never_had_one_gets_it() -> None:
    assert wants_claim(FRESH)
    assert wants_claim(facts_of({"claimName": "", "spec": SPEC}))


def test_the_claim_is_as_the_group_says_but_bound_to_no_old_volume() -> None:
    claim = first_claim(FRESH)
    assert claim["metadata"]["name"] == "backups"
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "volumeMode": "Block"}


RESTORE = msgspec.convert({"metadata": {"name": "r"}}, RestoreGlance)
STATUS = msgspec.structs.replace(FRESH.group.status, claim=ClaimSeen(name="backups"))


@pytest.mark.parametrize(
    "facts",
    [
        replace(FRESH, claims=(CLAIM,)),
        replace(FRESH, snapshots=(snapshot_of("backups-1", ready=False),)),
        replace(FRESH, restores=(RESTORE,)),
        replace(FRESH, group=msgspec.structs.replace(FRESH.group, status=STATUS)),
        facts_of({"claimName": "data", "spec": SPEC}),
        facts_of({"claimName": ""}),
        facts_of({"spec": SPEC}, metadata={"managedFields": [{"manager": "gemini"}]}),
    ],
    ids=["is there", "snapshot", "restore", "was seen", "another's", "no spec", "gemini wrote it"],
)
def test_any_trace_of_an_earlier_claim_means_that_none_is_made(facts: Facts) -> None:
    assert not wants_claim(facts)
