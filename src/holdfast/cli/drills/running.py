"""A run on request: asked for by the drill's annotation, and followed to its result."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from holdfast.api import keys
from holdfast.api.resource import RESTORE_DRILLS
from holdfast.cli import times, waiting
from holdfast.cli.connecting import connect
from holdfast.cli.drills import finding
from holdfast.cli.errors import RefusedError, UnsuccessfulError
from holdfast.cli.reporting import reporter
from holdfast.drills import reading, sources
from holdfast.drills.sources import NothingToTryError
from holdfast.policy.proving import Result
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from holdfast.api.drills import RestoreDrill, Trial
    from holdfast.cli.connecting import Cluster
    from holdfast.cli.options import Target
    from holdfast.cli.reporting import Reporter


async def run(
    target: Target, name: str, *, dry_run: bool, wait: bool, patience: float, as_json: bool
) -> None:
    """Look at what a run needs, and ask for one.

    Raises:
        RefusedError: none could begin.
        UnsuccessfulError: with `wait`: nothing was proven.
    """
    async with connect(target) as cluster:
        drill = await finding.drill(cluster, name)
        with reporter(as_json=as_json) as report:
            await _look(cluster, drill, report)
            if dry_run:
                return
            request = f"{instant(times.now())}-{secrets.token_hex(4)}"
            notes = {"metadata": {"annotations": {keys.RUN_REQUEST: request}}}
            await cluster.client.patch(RESTORE_DRILLS, name, notes, cluster.namespace)
            report.done(f"run of drill {name} asked for", drill=name, request=request)
            if wait:
                _tell(name, await _follow(cluster, name, request, report, patience), report)


async def _look(cluster: Cluster, drill: RestoreDrill, report: Reporter) -> None:
    """What would be tried now; a run at random may choose another one."""
    problems = reading.read_settings(drill).problems
    try:
        if problems:
            raise RefusedError("; ".join(problems), remedy="Correct the drill, and ask again.")
        picked = await sources.pick(cluster.client, drill, "")
        found = [await sources.source_of(cluster.client, drill, m.snapshot) for m in picked.members]
    except NothingToTryError as error:
        raise RefusedError(str(error)) from error
    sizes, checks = [source.size for source in found], str(reading.checks_of(drill.spec))
    kind, claims = ("set", "claims") if picked.whole else ("snapshot", "a claim")
    chance = " (or another one: it is chosen at random)" if drill.spec.pick == "Random" else ""
    report.done(
        f"{kind} {picked.name} of {instant(picked.taken)}{chance} fits into {claims} of {', '.join(sizes)};"
        f" check: {checks}",
        snapshot=picked.name,
        sizes=sizes,
        checks=checks,
    )


async def _follow(cluster: Cluster, name: str, request: str, report: Reporter, patience: float) -> Trial:
    async def look() -> Trial | None:
        drill = await finding.drill(cluster, name)
        if ended := next((t for t in drill.status.history if t.request == request), None):
            return ended
        under_way = drill.status.run
        mine = under_way is not None and under_way.trial.request == request
        doing = under_way.phase if under_way and mine else "waiting for the operator to begin"
        report.waiting(doing, drill=name, phase=doing if mine else "")
        return None

    return await waiting.until(look, patience=patience, what=f"the end of the run of drill {name}")


def _tell(name: str, trial: Trial, report: Reporter) -> None:
    tried = trial.snapshot.label if trial.snapshot else "nothing"
    if trial.result != Result.PROVEN:
        raise UnsuccessfulError(
            f"drill {name} tried {tried} and failed: {trial.message}",
            remedy=f"`holdfast drill describe {name}` shows its other runs.",
        )
    report.done(
        f"proven with {tried}: {trial.message}; bound after {times.span(trial.bind_seconds)},"
        f" checked in {times.span(trial.check_seconds)}",
        drill=name,
        result=trial.result,
        bindSeconds=trial.bind_seconds,
        checkSeconds=trial.check_seconds,
    )
