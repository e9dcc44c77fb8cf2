"""`cache` as restic prints it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.screen import Screen
from holdfast.cli.repo.tables import table
from holdfast.cli.repo.wording import size
from holdfast_engine import cache_folder, caches, remove_old_caches

if TYPE_CHECKING:
    from holdfast.cli.repo.settings import Settings

DAY = 24 * 3600
SHOWN = 10
"""Digits of a repository's id."""


def show(settings: Settings, max_age: int, *, sizes: bool) -> None:
    """List them, those unused for longest first."""
    folder = _folder(settings)
    screen = Screen(settings)
    found = sorted(caches(folder), key=lambda cache: cache[1])
    if not found:
        screen.result(f"no cache dirs found, basedir is {folder}")
        return
    rows = [_row(cache, max_age, sizes=sizes) for cache in found]
    for line in table(["Repo ID", "Last Used", "Old", *(["Size"] if sizes else [])], rows):
        screen.result(line)
    screen.result(f"{len(found)} cache dirs in {folder}")


def clean(settings: Settings, max_age: int) -> None:
    """Remove the old ones."""
    removed = remove_old_caches(max_age * DAY, _folder(settings))
    said = f"remove {len(removed)} old cache directories" if removed else "no old cache dirs found"
    Screen(settings).say(said)


def _folder(settings: Settings) -> str:
    if settings.no_cache:
        raise FatalError("Refusing to do anything, the cache is disabled")
    return settings.cache_dir or cache_folder()


def _row(cache: tuple[str, float, int], max_age: int, *, sizes: bool) -> list[str]:
    name, used, length = cache
    days = (time.time() - used) / DAY
    old = "yes" if days > max_age else ""
    return [name[:SHOWN], f"{int(days)} days ago", old, *([f"{size(length):>11}"] if sizes else [])]
