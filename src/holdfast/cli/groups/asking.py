"""What a restore in place needs, looked at claim by claim, and the VolumeRestores that ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from holdfast.api.meta import builtins
from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import RestoreSpec
from holdfast.claims import preflight
from holdfast.cli import times
from holdfast.cli.errors import RefusedError
from holdfast.cli.groups import finding
from holdfast.snapshots.requesting import volume_restore, volume_restores

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.quiescing import Quiesce
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.reporting import Reporter


@dataclass(frozen=True, slots=True)
class Wanted:
    """A restore in place: what each claim is made from, and how it is done."""

    group: SnapshotGroup
    point: str
    snapshots: dict[str, str]
    """The snapshot of each claim."""
    quiesce: Quiesce | None = None
    keep_old_volume_for: str | None = None
    skip_safety_snapshot: bool = False

    @property
    def several(self) -> bool:
        """Whether it is one of a set, all or nothing."""
        return self.group.spec.persistent_volume_claim.is_set

    @property
    def claims(self) -> str:
        """In words: `claim data`, `claims a, b`."""
        return f"claim{'s' if len(self.snapshots) > 1 else ''} {', '.join(sorted(self.snapshots))}"


async def check(cluster: Cluster, wanted: Wanted, report: Reporter, *, verbose: bool) -> None:
    """Look at everything that each claim needs; nothing is changed.

    Raises:
        RefusedError: a restore is under way, a claim is missing, or something is in the way.
    """
    name = wanted.group.metadata.name
    if other := finding.at_work(await finding.restores(cluster, wanted.group)):
        raise RefusedError(
            f"restore {other.metadata.name} has claim {other.spec.claim_name}"
            f" ({other.status.phase or 'Requested'})",
            remedy=f"Wait for it, or `holdfast group cancel {name}`.",
        )
    if wanted.several:
        await _check_members(cluster, wanted, report)
    found = {c: await _inspect(cluster, wanted, c, report, verbose=verbose) for c in sorted(wanted.snapshots)}
    if problems := list(dict.fromkeys(p for report_ in found.values() for p in report_.problems)):
        raise RefusedError("; ".join(problems), remedy="Nothing was changed; correct this and ask again.")
    if verbose:
        sizes = ", ".join(f"claim {claim} ({each.size})" for claim, each in found.items())
        report.done(f"a restore of {sizes} could begin; nothing was changed")


async def _check_members(cluster: Cluster, wanted: Wanted, report: Reporter) -> None:
    """What has come since the set was taken stays as it is; what has gone cannot be exchanged."""
    there = {claim.metadata.name for claim in await finding.claims(cluster, wanted.group)}
    for claim in sorted(there - wanted.snapshots.keys()):
        report.done(f"claim {claim} has no snapshot at this point: it stays as it is", claim=claim, ok=False)
    gone = sorted(wanted.snapshots.keys() - there)
    if gone:
        name = wanted.group.metadata.name
        raise RefusedError(
            f"claim {gone[0]} of this set is not among the claims of group {name} any more",
            remedy=f"Scale up or label it, or make it with `holdfast group restore {name} --to {wanted.point}"
            f" --claim {gone[0]} --to-pvc {gone[0]}` and ask again.",
        )


async def _inspect(
    cluster: Cluster, wanted: Wanted, claim: str, report: Reporter, *, verbose: bool
) -> preflight.Report:
    spec = RestoreSpec(
        claim_name=claim,
        snapshot_name=wanted.snapshots[claim],
        group=wanted.group.metadata.name,
        point=wanted.point,
        quiesce=wanted.quiesce,
    )
    found = await preflight.inspect(cluster.client, cluster.namespace, spec, rights=False)
    whose = f"{claim}: " if wanted.several else ""
    for each in found.findings if verbose else ():
        word = click.style("OK  ", fg="green") if each.ok else click.style("FAIL", fg="red")
        report.done(f"{word}  {whose}{each.check}: {each.message}", check=each.check, ok=each.ok)
    return found


async def ask(cluster: Cluster, wanted: Wanted) -> list[str]:
    """Create the VolumeRestores; their names, in order. They begin only when all are there."""
    group, name = wanted.group, wanted.group.metadata.name
    prefix = f"{name[:220]}-restore-{times.now():%Y%m%d-%H%M%S}"
    if wanted.several:
        bodies = volume_restores(group, prefix, wanted.point, wanted.snapshots)
    else:
        bodies = [volume_restore(group, prefix, wanted.point)]
        bodies[0]["spec"]["snapshotName"] = wanted.snapshots[group.claim_name]
    made = [await cluster.client.create(VOLUME_RESTORES, _as_chosen(body, wanted)) for body in bodies]
    return [str(each["metadata"]["name"]) for each in made]


def _as_chosen(body: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if wanted.keep_old_volume_for:
        chosen["keepOldVolumeFor"] = wanted.keep_old_volume_for
    if wanted.skip_safety_snapshot:
        chosen["skipSafetySnapshot"] = True
    if wanted.quiesce:
        chosen["quiesce"] = builtins(wanted.quiesce)
    return body | {"spec": body["spec"] | chosen}
