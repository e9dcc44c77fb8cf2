"""What is asked of the workloads of a claim during a restore, and what is recorded of each (docs/adr/0011)."""

from __future__ import annotations

from typing import Annotated

from holdfast.api.meta import Described, View


class Target(View, frozen=True):
    """A workload as a user names it."""

    api_version: Annotated[str, Described(description="Such as apps/v1.")] = ""
    kind: Annotated[str, Described(description="Any kind with a scale subresource.")] = ""
    name: Annotated[str, Described(description="Which one.")] = ""
    namespace: Annotated[
        str, Described(description="Empty: the claim's. Another one needs a grant on the workload.")
    ] = ""


class Quiesce(View, frozen=True):
    mode: Annotated[
        str,
        Described(
            description="None: wait until nobody uses the claim. Auto: scale down the workloads that do."
            " List: scale down the targets, in this order. They come back in reverse."
        ),
    ] = ""
    timeout: Annotated[
        str,
        Described(
            description="How long to wait for quiet, then everything goes back; and for readiness afterwards,"
            " then the restore is Blocked. 10 minutes; without end in mode None."
        ),
    ] = ""
    targets: Annotated[list[Target], Described(description="In mode List: what to scale down.")] = []


class WorkloadRecord(View, frozen=True):
    """A workload as it was before it was scaled down."""

    api_version: str
    kind: str
    name: str
    namespace: str
    uid: str
    replicas: Annotated[int, Described(description="What it had, and gets back.")]
    when_scaled: Annotated[
        str, Described(description="Its persistentVolumeClaimRetentionPolicy.whenScaled, if it has one.")
    ] = ""
    state: Annotated[
        str,
        Described(
            description="Recorded, Lowering, Down, Up; Left: somebody else decided meanwhile, as note says."
        ),
    ] = ""
    note: str = ""

    @property
    def title(self) -> str:
        """As people name it."""
        return f"{self.kind} {self.namespace}/{self.name}"
