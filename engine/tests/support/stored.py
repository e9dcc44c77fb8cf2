"""What a repository holds, by its trees: for comparing what two tools made of the same folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from holdfast_engine.reference.trees import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_engine import Repository

TIMES = ("mtime", "atime", "ctime")


def nodes(repository: Repository, tree: str) -> list[dict[str, Any]]:
    """Of one folder, as stored."""
    found: list[dict[str, Any]] = json.loads(repository.cat("blob", tree))["nodes"]
    return found


def tree_differences(repository: Repository, one: str, other: str, at: str = "") -> Iterator[str]:
    """Where two trees differ, byte by byte of their nodes."""
    if one == other:
        return
    ones = {node["name"]: node for node in nodes(repository, one)}
    others = {node["name"]: node for node in nodes(repository, other)}
    if list(ones) != list(others):
        yield f"{at or '/'}: names {sorted(ones.keys() ^ others.keys())}, or their order"
    same = len(ones) == len(others)
    for name in ones.keys() & others.keys():
        same &= ones[name] == others[name]
        yield from _node_differences(repository, ones[name], others[name], f"{at}/{name}")
    if same:
        yield f"{at or '/'}: equal fields, other bytes"


def _node_differences(
    repository: Repository, one: dict[str, Any], other: dict[str, Any], at: str
) -> Iterator[str]:
    for field in sorted(one.keys() | other.keys()):
        mine, its = one.get(field), other.get(field)
        if field == "subtree" and mine and its:
            yield from tree_differences(repository, mine, its, at)
        elif mine != its:
            yield f"{at}: {field}: {mine!r} != {its!r}"


def without_times_above(repository: Repository, tree: str, target: bytes) -> list[dict[str, Any]]:
    """The nodes on the way to a target, the target's whole, those above it without times: others work there, too."""
    found = []
    *above, last = target.strip(b"/").split(b"/")
    for part in above:
        [node] = [node for node in nodes(repository, tree) if unquote(node["name"]) == part]
        tree = node["subtree"]
        found.append({field: node[field] for field in node if field not in (*TIMES, "subtree", "links")})
    [node] = [node for node in nodes(repository, tree) if unquote(node["name"]) == last]
    return [*found, node]
