"""`python -m holdfast.drills.verifying MANIFEST FOLDER`: do the files of a folder have the checksums of a manifest?

The program of the pod that a drill with checksums runs. A manifest is what `sha256sum` writes. Each file that does
not agree is named; the exit code is 0 only if all do. It imports nothing but the standard library, and writes nothing
but the pod's last words.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST_WORDS = Path("/dev/termination-log")
"""What the kubelet passes on; a failing pod leaves it empty, and the end of its output is passed on instead."""
_LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "r": "\r", "\\": "\\"}


class Entry(NamedTuple):
    name: str
    digest: str


class ManifestError(Exception):
    """The manifest cannot be followed; the message names the line and the remedy."""


def read(text: str) -> list[Entry]:
    """The entries of a manifest.

    Raises:
        ManifestError: a line is not what `sha256sum` writes, or there is none.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise ManifestError("the manifest has no lines: write it with `sha256sum`")
    return [_entry(number, line) for number, line in lines]


def _entry(number: int, line: str) -> Entry:
    found = _LINE.fullmatch(line.removesuffix("\r"))
    if found is None:
        raise ManifestError(f"line {number} of the manifest is {line[:80]!r}: write it with `sha256sum`")
    escaped, digest, name = found.groups()
    if escaped:
        name = _ESCAPED.sub(lambda each: _MEANT.get(each[1], each[0]), name)
    return Entry(name, digest.lower())


def problems(entries: list[Entry], folder: Path) -> Iterator[str]:
    """A line for each file that does not agree."""
    for entry in entries:
        if found := _problem(entry, folder):
            yield f"{entry.name}: {found}"


def _problem(entry: Entry, folder: Path) -> str:
    path = (folder / entry.name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return "lies outside of the restored data"
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return "" if digest == entry.digest else f"has checksum {digest}, not {entry.digest}"


def main(manifest: Path, folder: Path, last_words: Path = LAST_WORDS) -> int:
    """Print what does not agree; the exit code."""
    try:
        entries = read(manifest.read_text())
    except (ManifestError, OSError, UnicodeDecodeError) as error:
        print(error)  # noqa: T201  (the output of the program)
        return 1
    count = 0
    for count, line in enumerate(problems(entries, folder), 1):  # noqa: B007  (counted after the loop)
        print(line)  # noqa: T201
    said = f"{count} of {len(entries)} files do not agree" if count else f"{len(entries)} files"
    print(said)  # noqa: T201
    if not count and last_words.exists():
        last_words.write_text(said)
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
