"""`find` as restic prints it."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.nodes import line
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import (
        FindMatch,
        FindOptions,
        Node,
        ObjectMatch,
        ObjectPlace,
        Repository,
        SnapshotFilter,
    )

DATES = ("%Y-%m-%d", "%d.%m.%Y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S %z")
LEFT_OUT = ("name", "extended_attributes", "generic_attributes", "device", "content", "subtree")
"""Fields of a node that `find --json` does not show."""


class FindFlags(TypedDict):
    """What `find` is told."""

    patterns: tuple[str, ...]
    oldest: str | None
    newest: str | None
    ids: tuple[str, ...]
    blob: bool
    tree: bool
    pack: bool
    show_pack_id: bool
    ignore_case: bool
    reverse: bool
    long: bool
    human_readable: bool


def find(settings: Settings, flags: FindFlags, selection: SnapshotFilter) -> None:
    """Print what fits."""
    if not flags["patterns"]:
        raise FatalError("wrong number of arguments")
    kind = _kind(flags)
    screen = Screen(settings)
    options = _options(flags, selection)
    options["on_error"] = lambda error: screen.warn(f"Ignoring: {error}")
    with opened(settings) as repository:
        if kind:
            matches = repository.find_objects(kind, flags["patterns"], **options)
            if settings.json:
                screen.document([*_object_documents(repository, matches)])
            else:
                _objects(screen, matches)
            if flags["show_pack_id"]:
                _places(screen, repository.places(kind, flags["patterns"]))
        elif settings.json:
            screen.document([*_documents(repository.find(flags["patterns"], **options))])
        else:
            _print(screen, repository.find(flags["patterns"], **options), flags)


def _kind(flags: FindFlags) -> Literal["blob", "tree", "pack"] | None:
    if flags["blob"] + flags["tree"] + flags["pack"] > 1:
        raise FatalError("cannot have several ID types")
    if flags["blob"]:
        return "blob"
    if flags["tree"]:
        return "tree"
    return "pack" if flags["pack"] else None


def _options(flags: FindFlags, selection: SnapshotFilter) -> FindOptions:
    options: FindOptions = {"ignore_case": flags["ignore_case"], "oldest_first": flags["reverse"]}
    if flags["oldest"]:
        options["oldest"] = _time(flags["oldest"])
    if flags["newest"]:
        options["newest"] = _time(flags["newest"])
    if flags["ids"]:
        options["snapshots"] = flags["ids"]
    if flags["oldest"] and flags["newest"] and options["oldest"] > options["newest"]:
        raise FatalError("--oldest must specify a time before --newest")
    return {**options, **selection}


def _time(text: str) -> datetime:
    for form in (date + clock for date in DATES for clock in CLOCKS):
        try:
            return datetime.strptime(text, form).astimezone()
        except ValueError:
            continue
    raise FatalError(f'unable to parse time: "{text}" is not like 2026-11-21 10:00:00')


def _print(screen: Screen, matches: Iterator[FindMatch], flags: FindFlags) -> None:
    for number, (snapshot, part) in enumerate(groupby(matches, lambda match: match.snapshot)):
        if number:
            screen.say()
        screen.say(f"Found matching entries in snapshot {snapshot.short_id} from {local(snapshot.time)}")
        for match in part:
            screen.result(line(match.node, long=flags["long"], human=flags["human_readable"]))


def _documents(matches: Iterator[FindMatch]) -> Iterator[dict[str, object]]:
    for snapshot, part in groupby(matches, lambda match: match.snapshot):
        nodes = [_node(match.node) for match in part]
        yield {"matches": nodes, "hits": len(nodes), "snapshot": snapshot.id}


def _node(node: Node) -> dict[str, object]:
    stored: dict[str, object] = json.loads(node.to_json())
    kept = {name: value for name, value in stored.items() if name not in LEFT_OUT}
    return {"path": node.path, "permissions": node.permissions, **kept}


def _objects(screen: Screen, matches: Iterator[ObjectMatch]) -> None:
    for match in matches:
        screen.result(f"Found {match.object_type} {match.id}")
        if match.object_type == "blob":
            screen.result(f" ... in file {match.path}\n     (tree {match.parent_tree})")
        else:
            screen.result(f" ... path {match.path}")
        screen.result(f" ... in snapshot {match.snapshot[:8]} ({local(match.time)})")


def _places(screen: Screen, places: Iterable[ObjectPlace]) -> None:
    for place in places:
        if place.pack:
            screen.say(f"Object belongs to pack {place.pack}\n ... {place.object_type} {place.id}")
        else:
            screen.say(f"Object {place.id} with type {place.object_type} not found in the index")


def _object_documents(repository: Repository, matches: Iterator[ObjectMatch]) -> Iterator[dict[str, object]]:
    for name, part in groupby(matches, lambda match: match.snapshot):
        time = repository.snapshot(name).time_text
        yield from (_object(match) | {"time": time} for match in part)


def _object(match: ObjectMatch) -> dict[str, object]:
    return {
        "object_type": match.object_type,
        "id": match.id,
        "path": match.path,
        **({"parent_tree": match.parent_tree} if match.parent_tree else {}),
        "snapshot": match.snapshot,
    }
