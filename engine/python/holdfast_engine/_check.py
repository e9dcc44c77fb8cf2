"""Options and results of `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ._common import SnapshotFilter, Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class CheckOptions(SnapshotFilter, Stoppable, total=False):
    """How much is proven."""

    snapshots: Sequence[str]
    """Only what these need; by default everything."""
    read_data: bool
    """Reads and proves every pack."""
    read_data_subset: str
    """`n/t`, `5%` or a size (`50M`): only so much of the packs."""
    check_unused: bool
    """Blobs that no snapshot uses are problems."""
    progress: Callable[[CheckProgress], None]
    """Called at most 10 times a second and at the end of each phase, in the calling thread."""
    on_problem: Callable[[CheckProblem], None]
    """Told of each as it is found, in the calling thread."""
    on_line: Callable[[CheckLine], None]
    """Told what is being done, in restic's words."""


class CheckProgress(NamedTuple):
    """How far a check is."""

    phase: Literal["index", "snapshots", "data"]
    done: int
    """Index files, snapshots or packs."""
    total: int
    bytes_done: int
    """Of packs; 0 in other phases."""
    bytes_total: int
    seconds: float


class CheckLine(NamedTuple):
    """A line for people."""

    level: Literal["plain", "notice", "error"]
    """`notice` is said even when quiet; `error` goes with errors."""
    text: str


class CheckProblem(NamedTuple):
    """One finding."""

    severity: Literal["error", "hint"]
    """Hints do not count: nothing is lost."""
    kind: Literal[
        "key",
        "lock",
        "index",
        "index-conflict",
        "duplicate-pack",
        "mixed-pack",
        "missing-pack",
        "pack-size",
        "unreferenced-pack",
        "snapshot",
        "tree",
        "unused-blob",
        "pack-data",
        "pack-read",
    ]
    what: str
    """The object with its full id: `pack 1a2b…`."""
    why: str
    message: str
    """Both, in restic's words."""
    pack: str | None


class CheckReport(NamedTuple):
    """What was found."""

    num_errors: int
    """0: the repository is sound."""
    broken_packs: tuple[str, ...]
    suggest_repair_index: bool
    suggest_prune: bool
    problems: tuple[CheckProblem, ...]

    @property
    def exit_code(self) -> int:
        """As restic's: 1 with errors."""
        return 1 if self.num_errors else 0
