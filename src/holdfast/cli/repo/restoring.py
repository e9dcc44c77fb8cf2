"""A restore from the command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.restored import Report
from holdfast.cli.repo.sources import patterns
from holdfast.cli.repo.wording import described

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import RestoreOptions, SnapshotFilter


class RestoreFlags(TypedDict):
    """What `restore` is told."""

    target: str
    include: tuple[str, ...]
    iinclude: tuple[str, ...]
    include_file: tuple[str, ...]
    iinclude_file: tuple[str, ...]
    exclude: tuple[str, ...]
    iexclude: tuple[str, ...]
    exclude_file: tuple[str, ...]
    iexclude_file: tuple[str, ...]
    include_xattr: tuple[str, ...]
    exclude_xattr: tuple[str, ...]
    overwrite: Literal["always", "if-changed", "if-newer", "never"]
    delete: bool
    sparse: bool
    verify: bool
    dry_run: bool
    ownership_by_name: bool


def restore(settings: Settings, ids: tuple[str, ...], flags: RestoreFlags, selection: SnapshotFilter) -> None:
    """Restore what the flags say.

    Raises:
        FatalError: flags that do not go together, or entries that could not be restored.
    """
    chosen = _options(flags)
    _check(ids, flags, chosen)
    target = flags["target"]
    report = Report(settings, target)
    options: RestoreOptions = {**chosen, **report.callbacks()}
    with opened(settings) as repository:
        snapshot = repository.snapshot(ids[0], **selection)
        report.say(f"restoring {described(snapshot)} to {target}")
        summary = repository.restore(snapshot, target, **options)
    report.end(summary)
    if summary.errors:
        raise FatalError(f"There were {summary.errors} errors")


def _check(ids: tuple[str, ...], flags: RestoreFlags, options: RestoreOptions) -> None:
    takes = "include" in options or "iinclude" in options
    leaves = "exclude" in options or "iexclude" in options
    wrong = {
        "no snapshot ID specified": not ids,
        f"more than one snapshot ID specified: {' '.join(ids)}": len(ids) > 1,
        "please specify a directory to restore to (--target)": not flags["target"],
        "exclude and include patterns are mutually exclusive": takes and leaves,
        "--dry-run and --verify are mutually exclusive": flags["dry_run"] and flags["verify"],
        "exclude and include xattr patterns are mutually exclusive": flags["include_xattr"]
        and flags["exclude_xattr"],
    }
    for message, holds in wrong.items():
        if holds:
            raise FatalError(message)


def _options(flags: RestoreFlags) -> RestoreOptions:
    options: RestoreOptions = {
        "overwrite": flags["overwrite"],
        "delete": flags["delete"],
        "sparse": flags["sparse"],
        "verify": flags["verify"],
        "dry_run": flags["dry_run"],
        "ownership_by_name": flags["ownership_by_name"],
    }
    if include := _patterns(flags["include"], flags["include_file"]):
        options["include"] = include
    if iinclude := _patterns(flags["iinclude"], flags["iinclude_file"]):
        options["iinclude"] = iinclude
    if exclude := _patterns(flags["exclude"], flags["exclude_file"]):
        options["exclude"] = exclude
    if iexclude := _patterns(flags["iexclude"], flags["iexclude_file"]):
        options["iexclude"] = iexclude
    if flags["include_xattr"]:
        options["include_xattr"] = flags["include_xattr"]
    if flags["exclude_xattr"]:
        options["exclude_xattr"] = flags["exclude_xattr"]
    return options


def _patterns(given: tuple[str, ...], files: tuple[str, ...]) -> list[bytes]:
    return [*map(os.fsencode, given), *patterns(files)]
