"""What a run will make, with all names, before it makes any of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from holdfast.api.drills import Part, Picked, Run
from holdfast.drills.manifests import scratch_name
from holdfast.drills.reading import checks_of
from holdfast.policy.proving import Phase
from holdfast.policy.sets import part_keys

if TYPE_CHECKING:
    from holdfast.api.drills import RestoreDrill, Trial
    from holdfast.policy.drilling import Candidate


def planned(drill: RestoreDrill, trial: Trial, chosen: Candidate) -> Run:
    """The run that tries what was chosen; claims of a set are named as its snapshots are."""
    name, slot = drill.metadata.name, trial.slot
    claims = [member.claim for member in chosen.members]
    endings = part_keys(claims) if chosen.whole else {}
    parts = [
        Part(
            claim=member.claim,
            snapshot=member.snapshot,
            uid=member.uid,
            scratch=scratch_name(name, slot, endings.get(member.claim, "")),
        )
        for member in chosen.members
    ]
    picked = Picked(name=chosen.name, taken=chosen.taken, claims=claims if chosen.whole else [])
    known = msgspec.structs.replace(trial, snapshot=picked, checks=checks_of(drill.spec))
    return Run(trial=known, phase=Phase.RESTORING, scratch=scratch_name(name, slot), parts=parts)
