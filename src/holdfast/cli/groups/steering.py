"""Small changes of course: pause and resume a group, a snapshot out of turn, stop or undo a restore."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast.api.resource import SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES
from holdfast.cli import times
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MissingError, RefusedError
from holdfast.cli.groups import cutting, finding
from holdfast.cli.groups.following import RETURNED, follow
from holdfast.cli.plain import choosing, taking
from holdfast.cli.reporting import reporter
from holdfast.policy.exchange import CANCELLABLE, FINAL, Phase
from holdfast.snapshots.members import described
from holdfast.snapshots.taking import manual_set, manual_snapshot

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.restores import VolumeRestore
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter


async def suspend(target: Target, name: str, *, paused: bool) -> None:
    """Set `spec.suspend`."""
    async with connect(target) as cluster:
        before = await finding.group(cluster, name)
        with reporter() as report:
            if before.spec.suspend == paused:
                report.done(f"group {name} is {'paused' if paused else 'running'} already")
                return
            body = {"spec": {"suspend": paused}}
            await cluster.client.patch(SNAPSHOT_GROUPS, name, body, cluster.namespace)
            goes_on = f"resumed; `holdfast group plan {name}` shows what comes next"
            report.done(f"group {name} {'paused: nothing is taken or deleted' if paused else goes_on}")


async def snapshot(target: Target, name: str, *, patience: float | None, as_json: bool) -> None:
    """Take a snapshot of the group's claims now; it belongs to the group and is outside its tiers.

    Raises:
        RefusedError: a claim cannot be snapshotted, or a restore has it.
    """
    async with connect(target) as cluster:
        group = await finding.group(cluster, name)
        claims = await _usable(cluster, group)
        if other := finding.at_work(await finding.restores(cluster, group)):
            raise RefusedError(
                f"restore {other.metadata.name} has claim {other.spec.claim_name};"
                " a snapshot now would be in its way",
                remedy="Wait for it.",
            )
        bodies = manual_set(group, claims, times.now())
        if group.claim_name:
            bodies = [manual_snapshot(group, times.now())]
        with reporter(as_json=as_json) as report:
            if not group.claim_name and (whole := await cutting.cut(cluster, group, claims, report)):
                if patience is not None:
                    await cutting.ready(cluster, group, whole, patience, report)
                return
            await asyncio.gather(*(_take(cluster, body, name, report) for body in bodies))
            for body in bodies if patience is not None else ():
                await taking.ready(cluster, body["metadata"]["name"], patience or 0, report)


async def _usable(cluster: Cluster, group: SnapshotGroup) -> list[str]:
    """The claims to take; each has a class that fits."""
    found = [c.metadata.name for c in await finding.claims(cluster, group)]
    names = found if not group.claim_name else [group.claim_name]
    if not names:
        raise MissingError(f"group {group.metadata.name}: there are no {described(group)}")
    for name in names:
        claim = await choosing.usable_claim(cluster, name)
        wanted = group.spec.template.spec.volume_snapshot_class_name
        await choosing.snapshot_class(cluster, claim, wanted or None)
    return names


async def _take(cluster: Cluster, body: dict[str, Any], group: str, report: Reporter) -> None:
    made, claim = body["metadata"]["name"], body["spec"]["source"]["persistentVolumeClaimName"]
    await cluster.client.create(SNAPSHOTS, body, cluster.namespace)
    report.done(f"snapshot {made} of claim {claim} created", snapshot=made, group=group)


async def cancel(target: Target, name: str, *, patience: float | None, as_json: bool) -> None:
    """Stop the running restore of the group's claim, as long as the claim has not been deleted.

    Raises:
        MissingError: none is running.
        RefusedError: it is too late to cancel.
    """
    async with connect(target) as cluster:
        found = await _restores(cluster, name)
        running = finding.at_work(found)
        if running is None:
            raise MissingError(
                f"no restore of group {name} is under way",
                remedy=f"`holdfast group describe {name}` shows its restores.",
            )
        together = finding.siblings(found, running)
        for each in together:
            phase = Phase(each.status.phase or Phase.REQUESTED)
            if phase not in CANCELLABLE | FINAL:
                raise RefusedError(
                    f"restore {each.metadata.name} is past cancelling ({phase}): the claim is being exchanged",
                    remedy=f"Let it end, or `holdfast group rollback {name}`.",
                )
        await _turn(cluster, together, "cancel", patience, as_json=as_json)


async def rollback(target: Target, name: str, *, patience: float | None, as_json: bool) -> None:
    """Bring back the volume that the claim had before its last restore.

    Raises:
        MissingError: there was no restore.
        RefusedError: the old volume has been let go.
    """
    async with connect(target) as cluster:
        found = await _restores(cluster, name)
        if not found:
            raise MissingError(f"there was no restore of group {name}")
        last = found[0]
        together = finding.siblings(found, last)
        if all(each.status.phase in FINAL for each in together):
            raise RefusedError(
                f"restore {last.metadata.name} is over ({last.status.phase}): there is no old volume to bring back",
                remedy=_safety(last, name),
            )
        await _turn(cluster, together, "rollback", patience, as_json=as_json)


async def _restores(cluster: Cluster, name: str) -> list[VolumeRestore]:
    return await finding.restores(cluster, await finding.group(cluster, name))


async def _turn(
    cluster: Cluster, together: list[VolumeRestore], field: str, patience: float | None, *, as_json: bool
) -> None:
    with reporter(as_json=as_json) as report:
        for restore in together:
            if restore.status.phase not in FINAL:
                name = restore.metadata.name
                await cluster.client.patch(VOLUME_RESTORES, name, {"spec": {field: True}}, cluster.namespace)
                report.done(f"{field} of restore {name} asked for", restore=name)
        if patience is not None:
            known = {r.metadata.name: len(r.status.phases) for r in together}
            ended = await follow(
                cluster, list(known), report, patience=patience, wanted=RETURNED, known=known
            )
            for done in ended:
                text = f"claim {done.spec.claim_name} has its old volume"
                report.done(text, restore=done.metadata.name)


def _safety(restore: VolumeRestore, group: str) -> str:
    safety = restore.status.safety
    if restore.status.phase in RETURNED:
        return f"Claim {restore.spec.claim_name} has its old volume already."
    if safety is None:
        return ""
    return f"The data from before is in snapshot {safety.name}: `holdfast group restore {group} --to {safety.name}`."
