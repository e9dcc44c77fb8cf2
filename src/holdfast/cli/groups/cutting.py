"""A set that somebody asks for, cut by one call where the operator would do so, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import GROUP_SNAPSHOTS, SNAPSHOTS
from holdfast.cli import times, waiting
from holdfast.cli.errors import UnsuccessfulError
from holdfast.cli.groups import finding
from holdfast.kube import errors
from holdfast.snapshots.cutting import way
from holdfast.snapshots.taking import manual_whole, marks_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from holdfast.api.groups import SnapshotGroup
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.reporting import Reporter
    from holdfast.snapshots.moments import Moment


async def cut(cluster: Cluster, group: SnapshotGroup, claims: Collection[str], report: Reporter) -> str:
    """Ask for the set by one call; its name, or empty where that cannot be or this user may not."""
    chosen = way(await finding.facts(cluster, group), (), times.now())
    if not chosen.at_once:
        return ""
    body = manual_whole(group, claims, times.now(), chosen)
    name = str(body["metadata"]["name"])
    try:
        await cluster.client.create(GROUP_SNAPSHOTS, body, cluster.namespace)
    except errors.Forbidden:
        return ""
    report.done(f"group snapshot {name} of {', '.join(claims)} created", snapshot=name)
    return name


async def ready(cluster: Cluster, group: SnapshotGroup, name: str, patience: float, report: Reporter) -> None:
    """Wait until all of a set can be restored from, and tell its members what they belong to.

    Raises:
        TooLateError: it was not ready in time.
        UnsuccessfulError: somebody deleted it meanwhile.
    """

    async def look() -> Moment | None:
        moment = await _find(cluster, group, name)
        for snapshot in moment.unmarked:
            body = marks_of(moment.whole) if moment.whole else {}
            await cluster.client.patch(SNAPSHOTS, snapshot.metadata.name, body, cluster.namespace)
        said = f"; the driver says: {moment.shot.error}" if moment.shot.error else ""
        report.waiting(f"waiting until set {name} is ready{said}", snapshot=name, error=moment.shot.error)
        return moment if moment.shot.ready else None

    await waiting.until(look, patience=patience, what=f"set {name} being ready")
    report.done(f"set {name} is ready", snapshot=name)


async def _find(cluster: Cluster, group: SnapshotGroup, name: str) -> Moment:
    facts = await finding.facts(cluster, group)
    found = next((m for m in facts.moments if m.shot.name == name), None)
    if found is None:
        raise UnsuccessfulError(f"group snapshot {name} was deleted before it was ready")
    return found
