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
    """Called at most 10 times a second, in the calling thread."""
    on_problem: Callable[[CheckProblem], None]
    """Told of each as it is found, in the calling thread."""


class CheckProgress(NamedTuple):
    """How far a check is."""

    phase: Literal["index", "packs", "snapshots", "data"]
    done: int
    total: int
    seconds: float


class CheckProblem(NamedTuple):
    """One finding."""

    severity: Literal["error", "hint"]
    """Hints do not count: the repository is sound."""
    message: str
    pack: str | None
    """The pack that is broken."""


class CheckReport(NamedTuple):
    """What was found."""

    num_errors: int
    broken_packs: tuple[str, ...]
    suggest_repair_index: bool
    suggest_prune: bool
    problems: tuple[CheckProblem, ...]

    @property
    def exit_code(self) -> int:
        """restic's: 1 with errors."""
        return 1 if self.num_errors else 0
