"""Asking for a restore: in place by the operator's machine, or into a claim beside the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from holdfast.api.meta import builtins
from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import RestoreSpec
from holdfast.claims import preflight
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError
from holdfast.cli.groups import finding
from holdfast.cli.groups.following import RESTORED, follow
from holdfast.cli.groups.modelling import model
from holdfast.cli.groups.quiescing import NOTHING_SAID, quiesce
from holdfast.cli.plain import cloning
from holdfast.cli.reporting import reporter
from holdfast.policy.intervals import parse_every
from holdfast.policy.points import choose
from holdfast.policy.texts import instant
from holdfast.snapshots.reading import read_shot
from holdfast.snapshots.requesting import volume_restore

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.quiescing import Quiesce
    from holdfast.api.restores import VolumeRestore
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.groups.quiescing import Flags
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter
    from holdfast.policy.shots import Shot


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be restored, and how."""

    group: str
    point: str
    to_pvc: str | None = None
    storage_class: str | None = None
    keep_old_volume_for: str | None = None
    skip_safety_snapshot: bool = False
    workloads: Flags = NOTHING_SAID


async def restore(
    target: Target, request: Request, *, dry_run: bool, wait: bool, patience: float, as_json: bool
) -> None:
    """Find the point, look at everything that could go wrong, and ask for the restore.

    Raises:
        PointError: the point names no snapshot that could be restored.
        RefusedError: preflight found something, or another restore has the claim.
        UnsuccessfulError: with `wait`: it was rolled back or failed.
    """
    _check_duration(request.keep_old_volume_for)
    async with connect(target) as cluster:
        group = await finding.group(cluster, request.group)
        shots = [read_shot(snapshot) for snapshot in await finding.snapshots(cluster, request.group)]
        shot = choose(request.point, shots, request.group, times.now())
        with reporter(as_json=as_json) as report:
            report.done(
                f"point {request.point} is snapshot {shot.name} of {instant(shot.as_of)}", snapshot=shot.name
            )
            if request.to_pvc:
                await _beside(
                    cluster, group, request, shot, report, dry_run=dry_run, wait=wait, patience=patience
                )
                return
            asked = await quiesce(cluster, group.spec.quiesce, request.workloads)
            await _check(cluster, group, request, shot, report, asked, verbose=dry_run)
            if dry_run:
                return
            name = await _ask(cluster, group, request, shot, asked)
            report.done(f"restore {name} of claim {group.claim_name} asked for", restore=name)
            if wait:
                done = await follow(cluster, name, report, patience=patience, wanted=RESTORED)
                report.done(_outcome(done), restore=name)


def _check_duration(text: str | None) -> None:
    if text:
        try:
            parse_every(text)
        except ValueError as error:
            raise RefusedError(f"--keep-old-volume-for: {error}") from error


async def _check(
    cluster: Cluster,
    group: SnapshotGroup,
    request: Request,
    shot: Shot,
    report: Reporter,
    asked: Quiesce | None,
    *,
    verbose: bool,
) -> None:
    claim = group.claim_name
    if other := finding.at_work(await finding.restores(cluster, claim)):
        raise RefusedError(
            f"restore {other.metadata.name} has claim {claim} ({other.status.phase or 'Requested'})",
            remedy=f"Wait for it, or `holdfast group cancel {request.group}`.",
        )
    spec = RestoreSpec(
        claim_name=claim,
        snapshot_name=shot.name,
        group=request.group,
        point=request.point,
        quiesce=asked,
    )
    found = await preflight.inspect(cluster.client, cluster.namespace, spec, rights=False)
    for finding_ in found.findings if verbose else ():
        word = click.style("OK  ", fg="green") if finding_.ok else click.style("FAIL", fg="red")
        report.done(f"{word}  {finding_.check}: {finding_.message}", check=finding_.check, ok=finding_.ok)
    if found.problems:
        raise RefusedError(
            "; ".join(found.problems), remedy="Nothing was changed; correct this and ask again."
        )
    if verbose:
        report.done(f"a restore of claim {claim} ({found.size}) could begin; nothing was changed")


async def _ask(
    cluster: Cluster, group: SnapshotGroup, request: Request, shot: Shot, asked: Quiesce | None
) -> str:
    stamp = f"{times.now():%Y%m%d-%H%M%S}"
    body = volume_restore(group, f"{group.metadata.name[:220]}-restore-{stamp}", request.point)
    chosen: dict[str, Any] = {"snapshotName": shot.name}
    if request.keep_old_volume_for:
        chosen["keepOldVolumeFor"] = request.keep_old_volume_for
    if request.skip_safety_snapshot:
        chosen["skipSafetySnapshot"] = True
    if asked:
        chosen["quiesce"] = builtins(asked)
    made = await cluster.client.create(VOLUME_RESTORES, body | {"spec": body["spec"] | chosen})
    return str(made["metadata"]["name"])


def _outcome(done: VolumeRestore) -> str:
    claim, status = done.spec.claim_name, done.status
    said = f"claim {claim} has the data of snapshot {done.spec.snapshot_name}"
    if status.volume and status.let_go_at:
        said += (
            f"; its old volume {status.volume.name} stays until {instant(status.let_go_at)}:"
            f" `holdfast group rollback {done.spec.group}` brings it back"
        )
    return said


async def _beside(
    cluster: Cluster,
    group: SnapshotGroup,
    request: Request,
    shot: Shot,
    report: Reporter,
    *,
    dry_run: bool,
    wait: bool,
    patience: float,
) -> None:
    source = await model(cluster, group, shot.name, request.storage_class)
    order = cloning.Order(group.claim_name, request.to_pvc or "", shot.name)
    await cloning.from_snapshot(cluster, order, source, report, dry_run=dry_run)
    if wait and not dry_run:
        await cloning.bound(cluster, order.new, source, patience, report)
