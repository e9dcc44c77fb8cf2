"""Words that all verbs share: paths, filters of snapshots, a way to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from ._engine import Cancel
    from .errors import EngineError

    StrPath: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
    """A path of this machine. `str` may hold surrogate escapes, as `os.fsdecode` makes them."""
    Password: TypeAlias = str | bytes
    """`str` is taken as UTF-8. Never in a repr, an error or a log."""


class Stoppable(TypedDict, total=False):
    """Of every operation that may take long."""

    cancel: Cancel
    """Set it from any thread to end the operation with `StoppedError`, its lock removed."""


class SnapshotFilter(TypedDict, total=False):
    """Which snapshots are meant; all of the conditions must hold."""

    hosts: Sequence[str]
    """Any of these; none given: any host."""
    tags: Sequence[Sequence[str]]
    """Any of these lists, of which all tags must be there; `[""]`: snapshots without tags."""
    paths: Sequence[str]
    """All of these absolute paths must be in the snapshot."""


class SnapshotSelection(SnapshotFilter, Stoppable, total=False):
    """Several snapshots, some of which may be unreadable."""

    on_error: Callable[[EngineError], None]
    """Told of each unreadable snapshot, which is then left out. Without it the first one is raised."""
