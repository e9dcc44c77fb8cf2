"""Compiling: one `go build` for all programs of a module, on all cores, telling how far it is."""

import re
from pathlib import Path

from holdfast_sandbox.tools import golang, reporting
from holdfast_sandbox.tools.recipes import Recipe, unpack


def build(recipe: Recipe, target: Path) -> None:
    """Put the recipe's programs into `target`.

    Raises:
        BuildError: Go is missing or refuses.
    """
    go = golang.find(recipe.go_version)
    packages = list(recipe.programs.values())
    unpack(recipe.module, target)
    with reporting.task(f"building {', '.join(recipe.programs)}") as task:
        needed = golang.run(go, ["list", "-deps", *packages], target)
        task.expect(needed.count("\n"))
        for line in golang.stream(go, ["build", "-v", *recipe.flags, "-o", f"{target}/", *packages], target):
            if not line.startswith("go: "):
                task.advance()
    for name, package in recipe.programs.items():
        (target / _executable(package)).rename(target / name)


def _executable(package: str) -> str:
    return re.sub(r"/v\d+$", "", package).rsplit("/", 1)[-1]
