"""What a backup is of, and what is left out: arguments and files of names and patterns."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypedDict

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.files import bytes_of
from holdfast_engine import EngineError, parse_size, read_patterns, read_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from holdfast_engine import BackupOptions


STDIN = "-"
"""Among the files of names."""


class SourceFlags(TypedDict):
    """What is saved and what is not."""

    targets: tuple[str, ...]
    files_from: tuple[str, ...]
    files_from_verbatim: tuple[str, ...]
    files_from_raw: tuple[str, ...]
    exclude: tuple[str, ...]
    iexclude: tuple[str, ...]
    exclude_file: tuple[str, ...]
    iexclude_file: tuple[str, ...]
    exclude_if_present: tuple[str, ...]
    exclude_caches: bool
    exclude_larger_than: str | None
    one_file_system: bool


def named(flags: SourceFlags) -> list[bytes]:
    """Paths to save, there or not.

    Raises:
        FatalError: none was given.
    """
    given = [
        *map(os.fsencode, flags["targets"]),
        *_listed(flags["files_from"], "globs", "files-from"),
        *_listed(flags["files_from_verbatim"], "verbatim", "files-from-verbatim"),
        *_listed(flags["files_from_raw"], "raw", "files-from-raw"),
    ]
    if not given:
        raise FatalError("nothing to backup, please specify source files/dirs")
    return given


def left_out(flags: SourceFlags) -> BackupOptions:
    """Exclusions.

    Raises:
        FatalError: a size or the name of a tag file that is none.
    """
    if not all(rule.partition(":")[0] for rule in flags["exclude_if_present"]):
        raise FatalError(
            "--exclude-if-present: name for exclusion tagfile is empty; give FILE or FILE:HEADER"
        )
    options: BackupOptions = {
        "exclude": [*map(os.fsencode, flags["exclude"]), *patterns(flags["exclude_file"])],
        "iexclude": [*map(os.fsencode, flags["iexclude"]), *patterns(flags["iexclude_file"])],
        "exclude_if_present": flags["exclude_if_present"],
        "exclude_caches": flags["exclude_caches"],
        "one_file_system": flags["one_file_system"],
    }
    if flags["exclude_larger_than"]:
        options["exclude_larger_than"] = _size(flags["exclude_larger_than"])
    return options


def patterns(files: Sequence[str]) -> list[bytes]:
    """Patterns in files, for what is left out or taken in."""
    return [pattern for file in files for pattern in read_patterns(bytes_of(file))]


def _listed(files: Sequence[str], form: Literal["globs", "verbatim", "raw"], flag: str) -> Iterator[bytes]:
    for file in files:
        try:
            yield from read_sources(sys.stdin.buffer.read() if file == STDIN else bytes_of(file), form)
        except EngineError as wrong:
            raise FatalError(f"--{flag} {file}: {wrong}") from None


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except EngineError as wrong:
        raise FatalError(f'invalid argument "{text}" for --exclude-larger-than: {wrong}') from None
