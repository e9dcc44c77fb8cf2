"""What differs between two states of the same things: two backups, or a backup and the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import msgspec

from holdfast.archive.spooling import Spool
from holdfast.cli.backups import living
from holdfast.cli.backups.items import listed
from holdfast.cli.connecting import connect
from holdfast.cli.errors import MisusedError
from holdfast.cli.listings import show_document
from holdfast.policy.differing import MISSING, changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.archive.locations import BackupLocation
    from holdfast.archive.paths import ItemKey
    from holdfast.cli.backups.choosing import Choice
    from holdfast.cli.options import Target
    from holdfast.policy.differing import Change

_ADDED, _REMOVED, _CHANGED = "added", "removed", "changed"
_SIGNS = {_ADDED: ("+", "green"), _REMOVED: ("-", "red"), _CHANGED: ("~", "yellow")}
_SHOWN = 120
"""Characters of a value that a line shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not the same on both sides."""

    key: ItemKey
    what: str
    changes: tuple[Change, ...] = ()


async def run(
    target: Target,
    where: BackupLocation,
    names: tuple[str, str | None],
    wanted: Choice,
    *,
    live: bool,
    status: bool,
    output: str,
) -> None:
    """Compare two backups, or one with the cluster, and print what differs.

    Raises:
        MisusedError: it was not said what to compare with, or twice.
    """
    first, second = names
    if live == bool(second):
        raise MisusedError("What to compare with?", remedy="Name a second backup, or say --live; not both.")
    with Spool(status=status) as old, Spool(status=status) as new:
        old.take(wanted.of(where.backup(first).items()))
        if second:
            new.take(wanted.of(where.backup(second).items()))
        else:
            async with connect(target) as cluster:
                await living.collect(cluster.client, old, wanted, new)
        show(compare(old, new), output=output, same="No differences.")


def compare(old: Spool, new: Spool) -> Iterator[Difference]:
    """Every item that was added, removed or changed, in order."""
    for key in sorted({*old, *new}):
        if key not in old:
            yield Difference(key, _ADDED)
        elif key not in new:
            yield Difference(key, _REMOVED)
        elif not old.same(key, new):
            yield Difference(key, _CHANGED, tuple(changes(old[key], new[key])))


def show(differences: Iterable[Difference], *, output: str, same: str) -> None:
    """Print differences, or that there are none."""
    if output != "text":
        show_document([_document(each) for each in differences], output)
        return
    some = False
    for each in differences:
        some = True
        _print(each)
    if not some:
        click.echo(same)


def _print(difference: Difference) -> None:
    sign, colour = _SIGNS[difference.what]
    click.echo(click.style(f"{sign} {difference.key}", fg=colour))
    for change in difference.changes:
        click.echo(f"    {told(change)}")


def told(change: Change) -> str:
    """One change as a line."""
    if change.old is MISSING:
        return f"+ {change.path}: {_value(change.new)}"
    if change.new is MISSING:
        return f"- {change.path}: {_value(change.old)}"
    return f"{change.path}: {_value(change.old)} -> {_value(change.new)}"


def fields(change: Change) -> dict[str, Any]:
    """One change as a document; a side that is not there is left out."""
    sides = {"old": change.old, "new": change.new}
    return {"path": change.path} | {side: value for side, value in sides.items() if value is not MISSING}


def _document(difference: Difference) -> dict[str, Any]:
    found = [fields(change) for change in difference.changes]
    return listed(difference.key) | {"what": difference.what, "changes": found}


def _value(value: object) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
