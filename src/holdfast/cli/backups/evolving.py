"""One object through all backups: when it came, changed and went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.backups import comparing
from holdfast.cli.backups.items import listed
from holdfast.cli.errors import MissingError
from holdfast.cli.listings import show_document
from holdfast.policy import differing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.archive.locations import SavedBackup
    from holdfast.archive.paths import ItemKey
    from holdfast.cli.backups.choosing import Choice
    from holdfast.policy.differing import Change


@dataclass(frozen=True, slots=True)
class Event:
    """What a backup tells about an object: `first`, `changed`, `same`, `gone`, `back`."""

    backup: SavedBackup
    key: ItemKey
    what: str
    changes: tuple[Change, ...] = ()


def show(
    backups: Iterable[SavedBackup], wanted: Choice, *, reference: str, output: str, status: bool
) -> None:
    """Print the history, the oldest backup first.

    Raises:
        MissingError: no backup has the object.
    """
    events = list(_history(backups, wanted, status=status))
    if not events:
        raise MissingError(
            f"No backup has {reference}",
            remedy="`holdfast backup find --name PATTERN` looks for names; -n says in which namespace.",
        )
    if output != "text":
        show_document([_document(event) for event in events], output)
        return
    for event in events:
        _print(event)


def _history(backups: Iterable[SavedBackup], wanted: Choice, *, status: bool) -> Iterator[Event]:
    last: dict[ItemKey, dict[str, Any]] = {}
    away: set[ItemKey] = set()
    for backup in backups:
        found = {
            entry.place.key: differing.wanted(entry.document(), status=status)
            for entry in wanted.of(backup.items())
        }
        for key in sorted({**last, **found}):
            if key in found:
                yield _seen(backup, key, last.get(key), found[key], back=key in away)
            elif key not in away:
                yield Event(backup, key, "gone")
        last |= found
        away = set(last) - set(found)


def _seen(
    backup: SavedBackup, key: ItemKey, before: dict[str, Any] | None, now: dict[str, Any], *, back: bool
) -> Event:
    if before is None:
        return Event(backup, key, "first")
    fields = tuple(differing.changes(before, now))
    same = "changed" if fields else "same"
    return Event(backup, key, "back" if back else same, fields)


def _print(event: Event) -> None:
    taken = f"{event.backup.view.taken:%Y-%m-%d %H:%M:%S}" if event.backup.view.taken else "?"
    click.echo(f"{taken}  {event.backup.name}  {event.key}  {click.style(event.what, bold=True)}")
    for change in event.changes:
        click.echo(f"    {comparing.told(change)}")


def _document(event: Event) -> dict[str, object]:
    taken = event.backup.view.taken
    return (
        {"backup": event.backup.name, "taken": taken.isoformat() if taken else None}
        | listed(event.key)
        | {"what": event.what, "changes": [comparing.fields(change) for change in event.changes]}
    )
