"""Following a restore, or those of a set, from phase to phase until it has an outcome."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.cli import waiting
from holdfast.cli.errors import UnsuccessfulError
from holdfast.kube import errors
from holdfast.policy.exchange import FINAL, Phase
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from holdfast.cli.connecting import Cluster
    from holdfast.cli.reporting import Reporter

RESTORED = frozenset({Phase.SETTLE, Phase.DONE})
"""The claim has the wanted data; what is left is house-keeping."""
RETURNED = frozenset({Phase.ROLLED_BACK, Phase.FAILED})
"""The claim has its old volume."""


async def follow(
    cluster: Cluster,
    names: Sequence[str],
    report: Reporter,
    *,
    patience: float,
    wanted: Collection[Phase],
    known: Mapping[str, int] = MappingProxyType({}),
) -> list[VolumeRestore]:
    """Report every phase until the restores are where they are wanted.

    Args:
        cluster: where they are.
        names: the VolumeRestores; several are those of a set.
        report: is told of each phase.
        patience: seconds.
        wanted: the phases that end the wait well.
        known: so many phases lie behind each already.

    Raises:
        UnsuccessfulError: one ended otherwise; the message says why.
        TooLateError: they did not end in time; they go on.
    """
    shown = {name: known.get(name, 0) for name in names}

    async def look() -> list[VolumeRestore] | None:
        found = [await _get(cluster, name) for name in names]
        for each in found:
            _tell(each, shown, report, several=len(names) > 1)
        waiting = [r for r in found if r.status.phase not in wanted and r.status.phase not in FINAL]
        if waiting:
            _tell_waiting(waiting, report, several=len(names) > 1)
        return None if waiting else found

    what = f"the end of restore {' and '.join(names)}"
    found = await waiting.until(look, patience=patience, what=what)
    _check(found, wanted)
    return found


def _tell(restore: VolumeRestore, shown: dict[str, int], report: Reporter, *, several: bool) -> None:
    name, phases = restore.metadata.name, restore.status.phases
    whose = f"{restore.spec.claim_name}: " if several else ""
    for entered in phases[shown[name] :]:
        report.done(f"{instant(entered.at)}  {whose}{entered.phase}", restore=name, phase=entered.phase)
    shown[name] = len(phases)


def _tell_waiting(restores: Sequence[VolumeRestore], report: Reporter, *, several: bool) -> None:
    """One line: of a set, what each of the claims waits for."""
    said = [_doing(r, several=several) for r in restores]
    first = restores[0]
    report.waiting(
        "; ".join(said),
        restore=first.metadata.name,
        phase=first.status.phase,
        message=first.status.message,
    )


def _doing(restore: VolumeRestore, *, several: bool) -> str:
    phase = restore.status.phase
    said = restore.status.message or ("in progress" if phase else "waiting for the operator to begin")
    whose = f"{restore.spec.claim_name}: " if several else ""
    return f"{whose}{phase or 'Requested'}: {said}"


def _check(found: Sequence[VolumeRestore], wanted: Collection[Phase]) -> None:
    ended = [r for r in found if r.status.phase not in wanted]
    if ended:
        said = (
            f"restore {r.metadata.name} ended as {r.status.phase}: {r.status.reason or r.status.message}"
            for r in ended
        )
        raise UnsuccessfulError("; ".join(said), remedy=_REMEDIES.get(ended[0].status.phase, ""))


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
