"""What lies in a repository, by its id: `cat` and `list`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Repository

ALONE = ("masterkey", "config")
NAMED = ("pack", "blob", "snapshot", "index", "key", "lock", "tree")
RAW = ("pack", "blob", "tree")
FILES = {"packs": "pack", "index": "index", "snapshots": "snapshot", "keys": "key", "locks": "lock"}


def show(settings: Settings, args: tuple[str, ...]) -> None:
    """Print one."""
    _check(args)
    with opened(settings) as repository:
        data = _stored(repository, args)
    if args[0] in RAW:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    screen = Screen(settings)
    text = data.decode()
    screen.result(text if args[0] == "index" else json.dumps(json.loads(text), indent=2, ensure_ascii=False))


def names(settings: Settings, args: tuple[str, ...]) -> None:
    """Print the ids of a kind."""
    if len(args) != 1:
        raise FatalError("type not specified")
    kind: Any = FILES.get(args[0])
    if not kind and args[0] != "blobs":
        raise FatalError(f"invalid type {args[0]!r}: blobs, {', '.join(FILES)}")
    screen = Screen(settings)
    with opened(replace(settings, no_lock=settings.no_lock or kind == "lock")) as repository:
        if kind:
            for file in repository.list_files(kind):
                screen.result(file.id)
        else:
            for blob in repository.blobs():
                screen.result(f"{blob.type} {blob.id}")


def _check(args: tuple[str, ...]) -> None:
    if not args:
        raise FatalError("type not specified")
    if args[0] not in (*ALONE, *NAMED):
        raise FatalError(f"invalid type {args[0]!r}, must be one of [{'|'.join((*ALONE, *NAMED))}]")
    if args[0] in NAMED and len(args) != 2:  # noqa: PLR2004
        raise FatalError("ID not specified")
    if args[0] in ALONE and len(args) > 1:
        raise FatalError(f"{args[0]} has no ID")


def _stored(repository: Repository, args: tuple[str, ...]) -> bytes:
    kind: Any = args[0]
    return repository.master_key() if kind == "masterkey" else repository.cat(kind, *args[1:])
