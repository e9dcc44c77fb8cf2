"""A restore that a command does itself, or only plans, and what is printed about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.backups import locating, progress
from holdfast.cli.backups.comparing import fields, told
from holdfast.cli.backups.items import listed
from holdfast.cli.connecting import connect
from holdfast.cli.errors import RefusedError, UnsuccessfulError
from holdfast.cli.listings import show_document
from holdfast.restores.errors import NotRestorableError
from holdfast.restores.keeping import keep_report
from holdfast.restores.outcomes import Act
from holdfast.restores.running import restore
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from holdfast.archive.locations import BackupLocation
    from holdfast.cli.options import Target
    from holdfast.restores.orders import Order
    from holdfast.restores.outcomes import Outcome, Report

_SIGNS = {
    Act.CREATED: ("+", "green"),
    Act.UPDATED: ("~", "yellow"),
    Act.SKIPPED: ("=", "yellow"),
    Act.FAILED: ("!", "red"),
    Act.UNCHANGED: ("=", ""),
}
_WORDS = {Act.UNCHANGED: "there already, as saved", Act.SKIPPED: "there already and different"}


async def run(
    target: Target, wanted: Order, location: str, velero_namespace: str, *, dry_run: bool, output: str
) -> None:
    """Restore, or plan to, and print how it went.

    Raises:
        UnsuccessfulError: something could not be restored.
    """
    where = await locating.locate(target, location, velero_namespace)
    backup = where.backup(wanted.backup)
    async with connect(target) as cluster:
        with progress.status() as show:

            def tell(doing: str, done: int, of: int) -> None:
                show(f"{doing} {done:,} of {of:,} objects" if of else f"{doing} {done:,} objects")

            report = await restore(cluster.client, backup, wanted, tell, dry_run=dry_run)
    if output == "text":
        _print(wanted, report, dry_run=dry_run)
    else:
        show_document(_document(wanted, report), output)
    if report.refused:
        raise RefusedError(
            f"The restore would be refused: {'; '.join(report.refused)}", remedy=NotRestorableError.remedy
        )
    if not dry_run:
        _keep(where, wanted, report)
    if report.phase != "Completed":
        raise _unsuccessful(where, wanted, report, dry_run=dry_run)


def _keep(where: BackupLocation, wanted: Order, report: Report) -> None:
    try:
        keep_report(where.store, wanted.name, report)
    except StoreError as error:
        click.echo(f"Warning: the log and results could not be stored: {error}", err=True)


def _unsuccessful(
    where: BackupLocation, wanted: Order, report: Report, *, dry_run: bool
) -> UnsuccessfulError:
    failed = report.counts()[Act.FAILED]
    if dry_run:
        return UnsuccessfulError(f"{failed} objects could not be restored", remedy="Each is named above.")
    return UnsuccessfulError(
        f"{failed} objects could not be restored; the others are there",
        remedy="Remove the causes and repeat the command with "
        f"the same name ({wanted.name}): it goes on from there. The log is in {where.address}.",
    )


def _print(wanted: Order, report: Report, *, dry_run: bool) -> None:
    for outcome in sorted(report.outcomes, key=lambda o: o.key):
        if dry_run or outcome.act in {Act.FAILED, Act.UPDATED, Act.SKIPPED}:
            _print_outcome(outcome)
    for texts in report.all_warnings().values():
        for text in texts:
            click.echo(click.style(f"Warning: {text}", fg="yellow"))
    counts = report.counts()
    said = [f"{counts[act]:,} {_WORDS.get(act, act.value)}" for act in Act if counts[act]]
    title = f"Plan of restoring {wanted.backup}" if dry_run else f"Restore {wanted.name}: {report.phase}"
    click.echo(f"{title}: {', '.join(said) or 'nothing to restore'}.")
    for reason, count in sorted(report.left.items()):
        click.echo(f"  {count:,} left out: {reason}")


def _print_outcome(outcome: Outcome) -> None:
    sign, colour = _SIGNS[outcome.act]
    unchecked = "" if outcome.checked else "  (unchecked: what it needs is not there yet)"
    click.echo(click.style(f"{sign} {outcome.key}", fg=colour or None) + unchecked)
    for change in outcome.changes:
        click.echo(f"    {told(change)}")
    if outcome.error:
        click.echo(f"    {outcome.error}")


def _document(wanted: Order, report: Report) -> dict[str, Any]:
    return {
        "restore": wanted.name,
        "backup": wanted.backup,
        "phase": report.phase,
        "counts": {act.value: count for act, count in report.counts().items()},
        "refused": report.refused,
        "leftOut": dict(report.left),
        "warnings": report.all_warnings(),
        "errors": report.errors(),
        "objects": [_object(outcome) for outcome in sorted(report.outcomes, key=lambda o: o.key)],
    }


def _object(outcome: Outcome) -> dict[str, Any]:
    known = {"uid": outcome.uid, "resourceVersion": outcome.version, "error": outcome.error}
    return (
        listed(outcome.key)
        | {"what": outcome.act.value, "checked": outcome.checked}
        | {name: value for name, value in known.items() if value}
        | {"changes": [fields(change) for change in outcome.changes]}
    )
