"""Which items of a backup are meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from holdfast.api.meta import View
from holdfast.cli.errors import MisusedError
from holdfast.policy import naming, selectors
from holdfast.policy.selecting import Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from holdfast.archive.paths import ItemKey
    from holdfast.archive.tarballs import Entry


class _Labelled(View, frozen=True):
    labels: dict[str, str] | None = None


class _Glance(View, frozen=True):
    metadata: _Labelled = _Labelled()


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted; what is empty leaves nothing out.

    Attributes:
        kinds: names of kinds in any form.
        namespace: of the items; None also for cluster-wide ones.
        name: a shell pattern.
        labels: what their labels must be.
    """

    kinds: tuple[str, ...] = ()
    namespace: str | None = None
    name: str = "*"
    labels: Labels = field(default_factory=Labels)

    def admits(self, key: ItemKey) -> bool:
        """Whether an item is meant, as far as its place tells."""
        kind = not self.kinds or any(naming.means(said, key.resource) for said in self.kinds)
        return kind and self.namespace in {None, key.namespace} and fnmatchcase(key.name, self.name)

    def of(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Those of the entries that are meant."""
        return (e for e in entries if self.admits(e.place.key) and self._labelled(e))

    def _labelled(self, entry: Entry) -> bool:
        if self.labels == Labels():
            return True
        return self.labels.admits(entry.read(_Glance).metadata.labels or {})


def choice(
    kinds: Iterable[str] = (), namespace: str | None = None, name: str = "*", selector: str = ""
) -> Choice:
    """From the options of a verb.

    Raises:
        holdfast.policy.selectors.SelectorError: the selector is none.
    """
    return Choice(tuple(kinds), namespace, name, selectors.parse(selector))


def one(reference: str, namespace: str | None) -> Choice:
    """From `deployment/web`.

    Raises:
        MisusedError: it is not of that form.
    """
    kind, slash, name = reference.partition("/")
    if not (kind and slash and name):
        raise MisusedError(
            f"{reference!r} names no object", remedy="Write KIND/NAME, for example deployment/web."
        )
    escaped = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
    return Choice((kind,), namespace, escaped)
