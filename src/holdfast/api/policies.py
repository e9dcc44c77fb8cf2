"""ClusterSnapshotPolicy (`holdfast.dev/v1alpha1`): one schedule for every claim that matches, in any namespace.

For each of these claims the operator makes a SnapshotGroup, which then does the work as any other does.
"""

from __future__ import annotations

from typing import Annotated

from holdfast.api.groups import Retention, SnapshotTemplate, TierSpec
from holdfast.api.meta import Condition, Described, Metadata, View
from holdfast.api.selectors import LabelSelector


class Names(View, frozen=True):
    include: Annotated[list[str], Described(description="Shell patterns; none: every name.")] = []
    exclude: Annotated[list[str], Described(description="Shell patterns of names that are left out.")] = []


class ClaimChoice(View, frozen=True):
    namespaces: Annotated[Names, Described(description="Namespaces by name.")] = Names()
    namespace_selector: Annotated[LabelSelector, Described(description="Namespaces by label.")] = (
        LabelSelector()
    )
    names: Annotated[Names, Described(description="Claims by name.")] = Names()
    selector: Annotated[LabelSelector, Described(description="Claims by label.")] = LabelSelector()
    storage_classes: Annotated[
        list[str], Described(description="Claims of these storage classes; none: of any.")
    ] = []


class PolicySpec(View, frozen=True):
    claims: Annotated[
        ClaimChoice, Described(description="Which claims: what all fields admit. Nothing: every claim.")
    ] = ClaimChoice()
    schedule: Annotated[list[TierSpec], Described(description="Tiers, as a SnapshotGroup has them.")] = []
    template: Annotated[
        SnapshotTemplate, Described(description="What the snapshots look like, as in a SnapshotGroup.")
    ] = SnapshotTemplate()
    retention: Annotated[Retention, Described(description="Limits, as in a SnapshotGroup.")] = Retention()
    suspend: Annotated[bool, Described(description="Take and retire nothing for any of the claims.")] = False


class PolicyStatus(View, frozen=True):
    observed_generation: int = 0
    conditions: list[Condition] = []
    claims: Annotated[int, Described(description="Claims that this policy covers.")] = 0
    safe: Annotated[
        int, Described(description="Those whose newest snapshot is as young as it should be.")
    ] = 0


class ClusterSnapshotPolicy(View, frozen=True):
    metadata: Metadata
    spec: PolicySpec = PolicySpec()
    status: PolicyStatus = PolicyStatus()
