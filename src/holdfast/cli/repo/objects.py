"""What lies in a repository, by its id: `cat` and `list`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.opening import opened
from holdfast.cli.repo.screen import Screen

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import Repository

    FileKind: TypeAlias = Literal["pack", "index", "snapshot", "key", "lock"]

Named: TypeAlias = Literal["index", "snapshot", "key", "lock", "pack", "blob", "tree"]
NAMED = get_args(Named)
KINDS = ("config", "index", "snapshot", "key", "masterkey", "lock", "pack", "blob", "tree")
RAW = ("pack", "blob", "tree")
FILES: dict[str, FileKind] = {
    "packs": "pack",
    "index": "index",
    "snapshots": "snapshot",
    "keys": "key",
    "locks": "lock",
}


def show(settings: Settings, args: tuple[str, ...]) -> None:
    """Print one.

    Raises:
        FatalError: the arguments name nothing.
    """
    _check(args)
    with opened(settings) as repository:
        data = _stored(repository, args)
    if args[0] in RAW:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        text = data.decode().rstrip("\n") if args[0] == "index" else _indented(data)
        Screen(settings).result(text)


def names(settings: Settings, args: tuple[str, ...]) -> None:
    """Print the ids of a kind.

    Raises:
        FatalError: there is no such kind.
    """
    if len(args) != 1:
        raise FatalError(f"one kind is to be named: blobs, {', '.join(FILES)}")
    kind = FILES.get(args[0])
    if not kind and args[0] != "blobs":
        raise FatalError(f'invalid argument "{args[0]}": blobs, {", ".join(FILES)}')
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
    if args[0] not in KINDS:
        raise FatalError(f'invalid type "{args[0]}", must be one of [{"|".join(KINDS)}]')
    if args[0] in NAMED and len(args) != 2:  # noqa: PLR2004
        raise FatalError("ID not specified")


def _stored(repository: Repository, args: tuple[str, ...]) -> bytes:
    if args[0] == "masterkey":
        return repository.master_key()
    if args[0] == "config":
        return repository.cat("config")
    return repository.cat(cast("Named", args[0]), args[1])


def _indented(document: bytes) -> str:
    import json

    return json.dumps(json.loads(document), indent=2, ensure_ascii=False)
