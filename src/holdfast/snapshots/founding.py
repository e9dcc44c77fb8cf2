"""A claim for a group that brings its own, as Gemini makes it; an empty one never takes a lost one's place. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api import keys
from holdfast.api.resource import CLAIMS

if TYPE_CHECKING:
    from holdfast.snapshots.facts import Facts


def wants_claim(facts: Facts) -> bool:
    """Whether the group's own claim has to be created, and never existed before.

    After a pass of Gemini every group has a claim spec, so that alone says nothing: the group must never have been
    seen with a claim, have no snapshot, and never have been written by a Gemini.
    """
    wanted = facts.group.spec.persistent_volume_claim
    fresh = facts.group.status.claim is None and not facts.snapshots and not facts.restores
    by_gemini = any(m.manager == keys.GEMINI_MANAGER for m in facts.group.metadata.managed_fields)
    brings_one = bool(wanted.spec) and not wanted.claim_name and not wanted.is_set
    return facts.claim is None and brings_one and fresh and not by_gemini


def first_claim(facts: Facts) -> dict[str, Any]:
    """The claim, marked as Gemini marks it."""
    meta, spec = facts.group.metadata, facts.group.spec.persistent_volume_claim.spec
    return {
        "apiVersion": CLAIMS.api_version,
        "kind": CLAIMS.kind,
        "metadata": {
            "name": meta.name,
            "namespace": meta.namespace,
            "annotations": {keys.GEMINI_MANAGED_BY: keys.GEMINI_MANAGER},
        },
        "spec": {k: v for k, v in spec.items() if k != "volumeName"},
    }
