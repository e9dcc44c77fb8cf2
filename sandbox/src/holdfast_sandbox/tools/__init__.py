"""The programs a sandbox consists of, and the interfaces they speak: built once, kept in the user's cache.

`ensure()` gives them, building what is missing (minutes the first time, milliseconds later); `peer()` gives a program
that is no part of a cluster but that a product is tried against; `interfaces` has the files. Nothing here starts a
program.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from holdfast_sandbox.tools import caching, interfaces
from holdfast_sandbox.tools.recipes import NODE, PEERS, RECIPES, Recipe

__all__ = ["Tools", "ensure", "peer"]


@dataclass(frozen=True)
class Tools:
    """Where each program is, by name, and the snapshot CRDs."""

    programs: Mapping[str, Path]
    crds: tuple[Path, ...]


def ensure(*, node: bool = False) -> Tools:
    """All programs, with those of a node if wanted, built when they are not in the cache yet.

    Raises:
        BuildError: Go is missing, or a module cannot be fetched or compiled.
    """
    programs: dict[str, Path] = {}
    for recipe in (*RECIPES, *([NODE] if node else [])):
        programs |= _programs(recipe)
    return Tools(programs, tuple(sorted((interfaces.ensure() / "crds").glob("*.yaml"))))


def peer(name: str) -> Path:
    """One of `PEERS` (`restic-0.19.1`, `rest-server`) or of the cluster's programs, built when it is missing.

    Raises:
        BuildError: as `ensure`.
        KeyError: no such program.
    """
    known = {program: recipe for recipe in (*PEERS, *RECIPES) for program in recipe.programs}
    return _programs(known[name])[name]


def _programs(recipe: Recipe) -> dict[str, Path]:
    folder = caching.entry(recipe.module, recipe.key, functools.partial(_build, recipe))
    return {name: folder / name for name in recipe.programs}


def _build(recipe: Recipe, target: Path) -> None:
    from holdfast_sandbox.tools import building  # noqa: PLC0415  its progress bar is heavy, and seldom needed

    building.build(recipe, target)
