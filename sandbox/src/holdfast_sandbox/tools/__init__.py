"""The programs a sandbox consists of, and the interfaces they speak: built once, kept in the user's cache.

`ensure()` gives them, building what is missing (minutes the first time, milliseconds later); `interfaces` has the
files. Nothing here starts a program of the cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from holdfast_sandbox.tools import building, caching, interfaces, reporting
from holdfast_sandbox.tools.recipes import RECIPES, Recipe

__all__ = ["Tools", "ensure"]


@dataclass(frozen=True)
class Tools:
    """Where each program is, by name, and the snapshot CRDs."""

    programs: Mapping[str, Path]
    crds: tuple[Path, ...]


def ensure(reporter: reporting.Reporter | None = None) -> Tools:
    """All programs, built when they are not in the cache yet.

    Raises:
        BuildError: Go is missing, or a module cannot be fetched or compiled.
    """
    told = reporter or reporting.Reporter()
    programs: dict[str, Path] = {}
    for recipe in RECIPES:
        folder = _folder(recipe, told)
        programs |= {name: folder / name for name in recipe.programs}
    return Tools(programs, tuple(sorted((interfaces.ensure() / "crds").glob("*.yaml"))))


def _folder(recipe: Recipe, reporter: reporting.Reporter) -> Path:
    return caching.entry(recipe.module, recipe.key, lambda target: building.build(recipe, target, reporter))
