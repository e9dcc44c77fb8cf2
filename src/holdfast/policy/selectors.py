"""Label selectors as people write them: `app=web,tier in (a,b),!old`, after kubectl's grammar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from holdfast.policy.errors import PolicyError
from holdfast.policy.selecting import Labels, Requirement

if TYPE_CHECKING:
    from holdfast.api.selectors import LabelSelector
    from holdfast.policy.selecting import Operator

_COMMA = re.compile(r",(?![^(]*\))")
_KEY = r"([A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?)"
_SET = re.compile(rf"{_KEY}\s+(in|notin)\s*\(([^()]*)\)")
_EQUAL = re.compile(rf"{_KEY}\s*(==|=|!=)\s*([\w.-]*)")
_THERE = re.compile(rf"(!?)\s*{_KEY}")


class SelectorError(PolicyError):
    """A text that is no label selector."""


def parse(text: str) -> Labels:
    """The selector that a text means; an empty one admits everything.

    Raises:
        SelectorError: it is none.
    """
    parts = [part.strip() for part in _COMMA.split(text)] if text.strip() else []
    return Labels(requirements=tuple(_requirement(part, text) for part in parts))


def read(selector: LabelSelector) -> Labels:
    """The selector of an object of the API server."""
    entries = (Requirement(r.key, r.operator, tuple(r.values)) for r in selector.match_expressions)
    return Labels(selector.match_labels, tuple(entries))


def fields(labels: Labels) -> dict[str, Any]:
    """A selector as objects of the API server have it."""
    expressions = [
        {"key": r.key, "operator": r.operator} | ({"values": list(r.values)} if r.values else {})
        for r in labels.requirements
    ]
    equal = {"matchLabels": dict(labels.equal)} if labels.equal else {}
    return equal | ({"matchExpressions": expressions} if expressions else {})


def _requirement(part: str, whole: str) -> Requirement:
    if found := _SET.fullmatch(part):
        operator: Operator = "In" if found[2] == "in" else "NotIn"
        return Requirement(found[1], operator, tuple(value.strip() for value in found[3].split(",")))
    if found := _EQUAL.fullmatch(part):
        return Requirement(found[1], "NotIn" if found[2] == "!=" else "In", (found[3],))
    if found := _THERE.fullmatch(part):
        return Requirement(found[2], "DoesNotExist" if found[1] else "Exists")
    raise SelectorError(
        f"{part!r} in the selector {whole!r} cannot be read: write app=web, app!=web, app in (a,b) or !app"
    )
