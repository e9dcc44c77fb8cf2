"""Following a restore from phase to phase until it has an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.cli import waiting
from holdfast.cli.errors import UnsuccessfulError
from holdfast.kube import errors
from holdfast.policy.exchange import FINAL, Phase
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from collections.abc import Collection

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.reporting import Reporter

RESTORED = frozenset({Phase.SETTLE, Phase.DONE})
"""The claim has the wanted data; what is left is house-keeping."""
RETURNED = frozenset({Phase.ROLLED_BACK, Phase.FAILED})
"""The claim has its old volume."""


async def follow(
    cluster: Cluster,
    name: str,
    report: Reporter,
    *,
    patience: float,
    wanted: Collection[Phase],
    known: int = 0,
) -> VolumeRestore:
    """Report every phase until the restore is where it is wanted.

    Args:
        cluster: where it is.
        name: the VolumeRestore.
        report: is told of each phase.
        patience: seconds.
        wanted: the phases that end the wait well.
        known: so many phases lie behind it already.

    Raises:
        UnsuccessfulError: it ended otherwise; the message says why.
        TooLateError: it did not end in time; it goes on.
    """
    shown = known

    async def look() -> VolumeRestore | None:
        nonlocal shown
        found = await _get(cluster, name)
        for entered in found.status.phases[shown:]:
            report.done(f"{instant(entered.at)}  {entered.phase}", restore=name, phase=entered.phase)
        shown = len(found.status.phases)
        phase = found.status.phase
        if phase in wanted or phase in FINAL:
            return found
        said = found.status.message or ("in progress" if phase else "waiting for the operator to begin")
        report.waiting(
            f"{phase or 'Requested'}: {said}", restore=name, phase=phase, message=found.status.message
        )
        return None

    found = await waiting.until(look, patience=patience, what=f"the end of restore {name}")
    if found.status.phase in wanted:
        return found
    raise UnsuccessfulError(
        f"restore {name} ended as {found.status.phase}: {found.status.reason or found.status.message}",
        remedy=_REMEDIES.get(found.status.phase, ""),
    )


_REMEDIES: dict[str, str] = {
    Phase.FAILED: "Nothing was changed; correct what is named and ask again.",
    Phase.ROLLED_BACK: "The claim has the volume that it had before.",
    Phase.DONE: "The claim has the restored data; the old volume is gone.",
}


async def _get(cluster: Cluster, name: str) -> VolumeRestore:
    try:
        return await cluster.client.get(VOLUME_RESTORES, name, cluster.namespace, type=VolumeRestore)
    except errors.NotFound:
        raise UnsuccessfulError(f"restore {name} was deleted by somebody") from None
