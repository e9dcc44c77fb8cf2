"""`find` as restic prints it."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypedDict

from holdfast.cli.repo.entries import line
from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.wording import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import FindMatch, FindOptions, Node, ObjectMatch, SnapshotFilter

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
    options = _options(flags, selection)
    screen = Screen(settings)
    with opened(settings) as repository:
        if kind:
            matches = repository.find_objects(kind, flags["patterns"], **options)
            _objects(screen, settings, list(matches), packs=flags["show_pack_id"])
        elif settings.json:
            screen.document(_documents(repository.find(flags["patterns"], **options)))
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
    options: FindOptions = {"ignore_case": flags["ignore_case"], "newest_first": not flags["reverse"]}
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
        screen.say(f"Found matching entries in snapshot {snapshot.short_id} from {moment(snapshot)}")
        for match in part:
            screen.result(line(match.node, long=flags["long"], human=flags["human_readable"]))


def _documents(matches: Iterator[FindMatch]) -> list[dict[str, object]]:
    found = []
    for snapshot, part in groupby(matches, lambda match: match.snapshot):
        nodes = [_node(match.node) for match in part]
        found.append({"matches": nodes, "hits": len(nodes), "snapshot": snapshot.id})
    return found


def _node(node: Node) -> dict[str, object]:
    stored: dict[str, object] = json.loads(node.to_json())
    kept = {name: value for name, value in stored.items() if name not in LEFT_OUT}
    return {"path": node.path, "permissions": node.permissions, **kept}


def _objects(screen: Screen, settings: Settings, matches: list[ObjectMatch], *, packs: bool) -> None:
    if settings.json:
        screen.document([_object(match) for match in matches])
        return
    for match in matches:
        screen.result(f"Found {match.object_type} {match.id}")
        if match.object_type == "blob":
            screen.result(f" ... in file {match.path}\n     (tree {match.parent_tree})")
        else:
            screen.result(f" ... path {match.path}")
        screen.result(f" ... in snapshot {match.snapshot[:8]} ({match.time.astimezone():%Y-%m-%d %H:%M:%S})")
    if packs:
        for kind, name, pack in dict.fromkeys((m.object_type, m.id, m.pack) for m in matches):
            screen.result(f"Object belongs to pack {pack}\n ... {kind} {name}")


def _object(match: ObjectMatch) -> dict[str, object]:
    return {
        "object_type": match.object_type,
        "id": match.id,
        "path": match.path,
        **({"parent_tree": match.parent_tree} if match.parent_tree else {}),
        "snapshot": match.snapshot,
        "time": match.time.isoformat(),
    }
