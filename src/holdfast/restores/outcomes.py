"""What became of each object."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.archive.paths import ItemKey
    from holdfast.policy.differing import Change


class Act(Enum):
    """What was done with an object; the values are Velero's words, but for `unchanged`."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one object.

    Attributes:
        key: where it is now.
        kind: `apps/v1/Deployment`.
        error: why it failed.
        warnings: what somebody should know.
        changes: fields in which what is there differs, or differed, from what was saved.
        unowned: it has to be told of its owners when all are there.
        checked: False: a plan could not ask the server, because what it depends on is not there yet.
    """

    key: ItemKey
    kind: str
    act: Act
    error: str = ""
    warnings: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    checked: bool = True
    uid: str = ""
    version: str = ""
    unowned: bool = False


@dataclass(slots=True)
class Report:
    """Of a whole restore.

    Attributes:
        wanted: how many objects were to come back.
        outcomes: one for each of them that was dealt with.
        warnings: what concerns no single object, by namespace; "" for the cluster.
        left: how many objects of the backup were left out on purpose, by reason.
        refused: why the restore would not begin; of plans.
    """

    wanted: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    left: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    @property
    def phase(self) -> str:
        """As Velero calls it."""
        return "PartiallyFailed" if any(o.act is Act.FAILED for o in self.outcomes) else "Completed"

    def counts(self) -> dict[Act, int]:
        """How many objects had which outcome."""
        return Counter(outcome.act for outcome in self.outcomes)

    def errors(self) -> dict[str, list[str]]:
        """By namespace; "" for the cluster."""
        return _by_namespace((o.key.namespace, o.error) for o in self.outcomes if o.act is Act.FAILED)

    def all_warnings(self) -> dict[str, list[str]]:
        """By namespace; "" for the cluster."""
        found = _by_namespace((o.key.namespace, text) for o in self.outcomes for text in o.warnings)
        for namespace, said in self.warnings.items():
            if said:
                found.setdefault(namespace, []).extend(said)
        return found

    def listed(self) -> dict[str, list[str]]:
        """Kinds with objects and what became of them, as Velero lists them: `shop/web(created)`."""
        found: dict[str, list[str]] = defaultdict(list)
        for o in self.outcomes:
            place = f"{o.key.namespace}/{o.key.name}" if o.key.namespace else o.key.name
            act = Act.SKIPPED if o.act is Act.UNCHANGED else o.act
            found[o.kind].append(f"{place}({act.value})")
        return {kind: sorted(found[kind]) for kind in sorted(found)}


def _by_namespace(said: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for namespace, text in said:
        found.setdefault(namespace, []).append(text)
    return found
