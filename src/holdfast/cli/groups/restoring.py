"""Asking for a restore: in place by the operator's machine, or into a claim beside the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError
from holdfast.cli.groups import asking, finding
from holdfast.cli.groups.following import RESTORED, follow
from holdfast.cli.groups.modelling import model
from holdfast.cli.groups.quiescing import NOTHING_SAID, quiesce
from holdfast.cli.plain import cloning
from holdfast.cli.reporting import reporter
from holdfast.policy.intervals import parse_every
from holdfast.policy.points import choose
from holdfast.policy.texts import instant
from holdfast.snapshots.moments import read_moments
from holdfast.snapshots.requesting import snapshots_for

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.restores import VolumeRestore
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.groups.quiescing import Flags
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter
    from holdfast.snapshots.moments import Moment


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be restored, and how."""

    group: str
    point: str
    to_pvc: str | None = None
    claim: str | None = None
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
        moment = await _moment(cluster, request)
        with reporter(as_json=as_json) as report:
            what = "set" if moment.meant else "snapshot"
            name, as_of = moment.shot.name, instant(moment.shot.as_of)
            report.done(f"point {request.point} is {what} {name} of {as_of}", **{what: name})
            if request.to_pvc:
                await _beside(
                    cluster, group, request, moment, report, dry_run=dry_run, wait=wait, patience=patience
                )
                return
            wanted = await _wanted(cluster, group, request, moment)
            await asking.check(cluster, wanted, report, verbose=dry_run)
            if not dry_run:
                await _carry_out(cluster, wanted, report, patience=patience if wait else None)


async def _moment(cluster: Cluster, request: Request) -> Moment:
    moments = read_moments(await finding.snapshots(cluster, request.group))
    shot = choose(request.point, [m.shot for m in moments], request.group, times.now())
    return next(m for m in moments if m.shot == shot)


async def _wanted(cluster: Cluster, group: SnapshotGroup, request: Request, moment: Moment) -> asking.Wanted:
    several = group.spec.persistent_volume_claim.is_set
    return asking.Wanted(
        group,
        moment.shot.name if several else request.point,
        snapshots_for(group, moment),
        await quiesce(cluster, group.spec.quiesce, request.workloads),
        request.keep_old_volume_for,
        skip_safety_snapshot=request.skip_safety_snapshot,
    )


async def _carry_out(
    cluster: Cluster, wanted: asking.Wanted, report: Reporter, *, patience: float | None
) -> None:
    names = await asking.ask(cluster, wanted)
    facts: dict[str, object] = {"restores": names} if wanted.several else {"restore": names[0]}
    several = "s" if len(names) > 1 else ""
    report.done(f"restore{several} {', '.join(names)} of {wanted.claims} asked for", **facts)
    if patience is not None:
        for done in await follow(cluster, names, report, patience=patience, wanted=RESTORED):
            report.done(_outcome(done), restore=done.metadata.name)


def _check_duration(text: str | None) -> None:
    if text:
        try:
            parse_every(text)
        except ValueError as error:
            raise RefusedError(f"--keep-old-volume-for: {error}") from error


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
    moment: Moment,
    report: Reporter,
    *,
    dry_run: bool,
    wait: bool,
    patience: float,
) -> None:
    claim, snapshot = _one_of(snapshots_for(group, moment), request)
    source = await model(cluster, group, claim, snapshot, request.storage_class)
    order = cloning.Order(claim, request.to_pvc or "", snapshot)
    await cloning.from_snapshot(cluster, order, source, report, dry_run=dry_run)
    if wait and not dry_run:
        await cloning.bound(cluster, order.new, source, patience, report)


def _one_of(snapshots: dict[str, str], request: Request) -> tuple[str, str]:
    """The claim whose data goes into a new one, and its snapshot."""
    claim = request.claim or (next(iter(snapshots)) if len(snapshots) == 1 else "")
    if claim not in snapshots:
        raise RefusedError(
            f"group {request.group} has a snapshot of {', '.join(sorted(snapshots))} at this point"
            + (f", not of {claim}" if claim else ""),
            remedy="Say with --claim which of them --to-pvc is to be made from.",
        )
    return claim, snapshots[claim]
