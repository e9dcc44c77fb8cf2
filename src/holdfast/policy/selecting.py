"""What a selection picks out: label selectors as the API server reads them, and lists of shell patterns."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of `matchExpressions`."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def admits(self, labels: Mapping[str, str]) -> bool:
        """As the API server has it: NotIn also admits what lacks the label."""
        there = self.key in labels
        match self.operator:
            case "In":
                return there and labels[self.key] in self.values
            case "NotIn":
                return not there or labels[self.key] not in self.values
            case "Exists":
                return there
            case "DoesNotExist":
                return not there


@dataclass(frozen=True, slots=True)
class Labels:
    """A label selector; an empty one admits everything."""

    equal: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()

    def admits(self, labels: Mapping[str, str]) -> bool:
        equal = all(labels.get(key) == value for key, value in self.equal.items())
        return equal and all(r.admits(labels) for r in self.requirements)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Names by shell patterns (`*`, `?`, `[a-z]`); without `include` every name that `exclude` lets through."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admits(self, name: str) -> bool:
        included = not self.include or any(fnmatchcase(name, p) for p in self.include)
        return included and not any(fnmatchcase(name, p) for p in self.exclude)
