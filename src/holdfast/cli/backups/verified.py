"""What was proven of backups, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from holdfast.archive.verifying import verify
from holdfast.cli.errors import UnsuccessfulError
from holdfast.cli.listings import show_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast.archive.errors import DamagedError
    from holdfast.archive.locations import SavedBackup
    from holdfast.archive.verifying import Verdict

_REMEDY = "Keep it, and restore from another backup; what is not named here can still be read."


def show(backups: Sequence[SavedBackup], unreadable: Sequence[DamagedError], *, output: str) -> None:
    """Verify backups one after the other.

    Args:
        backups: which.
        unreadable: what is known to be damaged before anything is verified.
        output: `text`, `json` or `yaml`.

    Raises:
        UnsuccessfulError: one of them is damaged.
    """
    verdicts = []
    for backup in backups:
        verdicts.append((backup, verify(backup)))
        if output == "text":
            _print(*verdicts[-1])
    if output != "text":
        show_document([_document(*each) for each in verdicts], output)
    damaged = [str(error) for error in unreadable]
    if damaged := damaged + [backup.name for backup, verdict in verdicts if verdict.wrong]:
        raise UnsuccessfulError(f"Damaged: {', '.join(damaged)}", remedy=_REMEDY)


def _print(backup: SavedBackup, verdict: Verdict) -> None:
    word = click.style("damaged", fg="red") if verdict.wrong else click.style("whole", fg="green")
    click.echo(f"{backup.name}: {word}, {verdict.items:,} items, {verdict.size:,} bytes")
    if not verdict.listed:
        click.echo("  It has no list of resources; the items could not be compared with one.")
    for finding in verdict.findings:
        click.echo(f"  {finding}")
    if more := verdict.wrong - len(verdict.findings):
        click.echo(f"  and {more:,} more")


def _document(backup: SavedBackup, verdict: Verdict) -> dict[str, object]:
    return {
        "backup": backup.name,
        "whole": not verdict.wrong,
        "items": verdict.items,
        "size": verdict.size,
        "listed": verdict.listed,
        "summed": verdict.summed,
        "wrong": verdict.wrong,
        "findings": verdict.findings,
    }
