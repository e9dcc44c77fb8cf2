"""`--host`, `--tag`, `--path`: which snapshots are meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from holdfast.cli.repo.failing import FatalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal

    from holdfast.cli.repo.settings import Settings
    from holdfast_engine import SnapshotFilter

    FC = TypeVar("FC", bound="Callable[..., Any] | click.Command")


def snapshot_filter(function: FC) -> FC:
    """The three flags."""
    for option in (
        click.option(
            "--path",
            "paths",
            multiple=True,
            help="Only snapshots of this absolute path; given several times, of all of them.",
        ),
        click.option(
            "--tag",
            "tags",
            multiple=True,
            metavar="TAG[,TAG,…]",
            help="Only snapshots with all of these tags.",
        ),
        click.option(
            "-H", "--host", "hosts", multiple=True, help="Only of this host (default: $RESTIC_HOST)."
        ),
    ):
        function = option(function)
    return function


def selection(
    settings: Settings, hosts: Sequence[str], tags: Sequence[str], paths: Sequence[str]
) -> SnapshotFilter:
    """What the flags and $RESTIC_HOST mean; an empty host takes the environment's back."""
    named = hosts or ((settings.host,) if settings.host else ())
    return {
        "hosts": tuple(host for host in named if host),
        "tags": tuple(tag_list(words) for words in tags),
        "paths": tuple(str(Path(path).absolute()) for path in paths),
    }


def grouped_by(text: str) -> list[Literal["host", "paths", "tags"]]:
    """What `--group-by` names; a singular is fine.

    Raises:
        FatalError: something else.
    """
    return [_group(word.strip(), text) for word in text.split(",") if word.strip()]


def _group(word: str, text: str) -> Literal["host", "paths", "tags"]:
    match word:
        case "host":
            return "host"
        case "path" | "paths":
            return "paths"
        case "tag" | "tags":
            return "tags"
    raise FatalError(
        f'invalid argument "{text}" for "-g, --group-by" flag: unknown grouping option: "{word}"'
    )


def tag_list(words: str) -> tuple[str, ...]:
    """`a,b` as its tags; nothing: no tags."""
    return tuple(word.strip() for word in words.split(",") if word.strip())
