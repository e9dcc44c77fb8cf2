"""Options and results of `restore` and `dump`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ._common import Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from ._common import StrPath

    class Writable(Protocol):
        """A binary file object."""

        def write(self, data: bytes, /) -> object: ...


class RestoreOptions(Stoppable, total=False):
    """What is restored and how. Either includes or excludes, not both."""

    include: Sequence[StrPath]
    iinclude: Sequence[StrPath]
    exclude: Sequence[StrPath]
    iexclude: Sequence[StrPath]
    include_xattr: Sequence[str]
    """Patterns of names, `user.*`."""
    exclude_xattr: Sequence[str]
    overwrite: Literal["always", "if-changed", "if-newer", "never"]
    """`always` by default."""
    delete: bool
    """Removes what is in the target and not in the snapshot. Refused for the root of the machine."""
    sparse: bool
    """Leaves holes where the contents are zeros."""
    verify: bool
    """Reads everything that was written again and compares, unless there were errors before."""
    ownership_by_name: bool
    """Looks users and groups up by name instead of number."""
    dry_run: bool
    """Changes nothing and takes no look at contents."""
    progress: Callable[[RestoreProgress], None]
    """Called at most 10 times a second, in the calling thread. What it raises ends the restore and is raised."""
    on_restored: Callable[[RestoreSummary], None]
    """Told what was restored before it is verified; not called when nothing is verified."""
    on_error: Callable[[RestoreError], None]
    """Told of each entry that could not be restored; it is counted."""
    on_warning: Callable[[str], None]
    """Told of what cannot be restored on this system and is left out."""
    on_item: Callable[[RestoreItem], None]
    """Told of each entry that is done."""


class RestoreProgress(NamedTuple):
    """How far a restore is. Sizes are bytes."""

    files_done: int
    """Folders and other entries count."""
    files_skipped: int
    files_deleted: int
    total_files: int
    bytes_done: int
    bytes_skipped: int
    total_bytes: int
    files_verified: int
    files_to_verify: int
    """0 until everything is restored and verification begins."""
    seconds: float


class RestoreError(NamedTuple):
    """An entry that could not be restored."""

    path: str
    raw_path: bytes
    message: str


class RestoreItem(NamedTuple):
    """An entry that is done."""

    action: Literal["restored", "updated", "unchanged", "deleted"]
    type: Literal["file", "dir", "other"] | None
    """None for what is unchanged or deleted."""
    path: str
    raw_path: bytes
    size: int


class RestoreSummary(NamedTuple):
    """What came of a restore. Sizes are bytes."""

    total_files: int
    """Folders and other entries count."""
    files_restored: int
    files_skipped: int
    files_deleted: int
    total_bytes: int
    bytes_restored: int
    bytes_skipped: int
    files_verified: int
    """0 unless asked to verify."""
    errors: int
    """Entries that could not be restored: above 0 is restic's exit code 1."""
    total_duration: float
    """Seconds."""

    @property
    def exit_code(self) -> int:
        """restic's: 1 when entries are missing."""
        return 1 if self.errors else 0
