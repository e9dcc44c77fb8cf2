"""What the operator says about a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.meta import Condition


def condition(found: SnapshotGroup, kind: str) -> Condition | None:
    """What the operator says about a group under one heading."""
    return next((c for c in found.status.conditions if c.type == kind), None)


def live_gemini(found: SnapshotGroup) -> str:
    """The sign of a live Gemini, as the operator saw it; empty for none."""
    said = condition(found, "GeminiLive")
    return said.message if said and said.status == "True" else ""
