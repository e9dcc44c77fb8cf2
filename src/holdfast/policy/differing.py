"""What differs between two states of one object, field by field.

Fields in which no two clusters agree, and which say nothing about what somebody wanted, are left out: see `wanted`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OF_SERVER = frozenset(
    {"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)
_NAMES = ("name", "key", "type", "containerPort", "port", "mountPath")
"""Fields by which the elements of a list are known, as the API's own merge keys."""


class Missing(Enum):
    """A field that is not there, which is not the same as one that is null."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Change:
    """One field: `spec.template.spec.containers[web].image`, from one value to another."""

    path: str
    old: Any
    new: Any


def wanted(document: Mapping[str, Any], *, status: bool = False) -> dict[str, Any]:
    """An object without what servers write into it: bookkeeping in its metadata, and its status unless asked for."""
    metadata = {key: value for key, value in document.get("metadata", {}).items() if key not in _OF_SERVER}
    kept = {key: value for key, value in document.items() if status or key != "status"}
    return kept | {"metadata": metadata}


def changes(old: object, new: object, path: str = "") -> Iterator[Change]:
    """Every smallest field in which two values differ, in the order of their paths.

    Elements of lists are compared by their name, port or the like where each has one of its own, and else by
    position.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_fields(old, new, path, named=False)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif old != new or type(old) is not type(new):
        yield Change(path, old, new)


def _of_fields(old: dict[str, Any], new: dict[str, Any], path: str, *, named: bool) -> Iterator[Change]:
    for key in sorted({**old, **new}):
        yield from changes(old.get(key, MISSING), new.get(key, MISSING), _below(path, key, named=named))


def _below(path: str, key: str, *, named: bool) -> str:
    if named or "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _of_lists(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    if name := _name_of(old, new):
        yield from _of_fields(_by(name, old), _by(name, new), path, named=True)
        return
    for index, (before, after) in enumerate(zip_longest(old, new, fillvalue=MISSING)):
        yield from changes(before, after, f"{path}[{index}]")


def _by(name: str, side: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {str(element[name]): element for element in side}


def _name_of(*sides: Sequence[Any]) -> str | None:
    """The field by which elements of both lists can be told apart."""
    if not all(isinstance(element, dict) for side in sides for element in side):
        return None
    return next((name for name in _NAMES if all(_tells(name, side) for side in sides)), None)


def _tells(name: str, side: Sequence[dict[str, Any]]) -> bool:
    values = [element.get(name) for element in side]
    return all(isinstance(value, str | int) for value in values) and len(set(values)) == len(values)
