"""Images for a cluster with a node, over Debian's Python: Holdfast as it is here, and programs of one file."""

from __future__ import annotations

import asyncio
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import holdfast
from holdfast_sandbox.images import archives, bases, layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast_sandbox import Sandbox

PYTHON = (3, 11)  # what the base has; compiled packages fit no other one
TARGET = "/usr/local/lib/python3.11/dist-packages"


async def load_holdfast(sandbox: Sandbox, folder: Path) -> str:
    """Load the image into the cluster; its name, whose tag changes with its content."""
    assert sys.version_info[:2] == PYTHON, f"the image needs an environment of Python {PYTHON}"
    tag = layers.pack(dict(_files()), folder / "layer.tar")
    image = archives.Image(
        name=f"localhost/holdfast:{tag}",
        layers=[bases.python_layer(), folder / "layer.tar"],
        entrypoint=["python3", "-m", "holdfast"],
        user="65532:65532",
    )
    archives.write(image, folder / "image.tar")
    await sandbox.load_image(folder / "image.tar")
    return image.name


async def load_program(sandbox: Sandbox, program: Path, folder: Path) -> str:
    """Load an image that runs one Python file, which needs nothing but Python; its name, as of `load_holdfast`."""
    layer, archive = folder / f"{program.stem}.layer.tar", folder / f"{program.stem}.tar"
    tag = layers.pack({program_at(program): program}, layer)
    image = archives.Image(
        name=f"localhost/{program.stem}:{tag}",
        layers=[await asyncio.to_thread(bases.python_layer), layer],
        entrypoint=["python3", program_at(program)],
    )
    await asyncio.to_thread(archives.write, image, archive)
    await sandbox.load_image(archive)
    return image.name


def program_at(program: Path) -> str:
    """Where such an image has its program."""
    return f"/app/{program.name}"


def _files() -> Iterator[tuple[str, Path]]:
    for distribution in _needed("holdfast", set()):
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                yield f"{TARGET}/{file}", source
    package = Path(holdfast.__file__).parent
    for source in package.rglob("*"):
        if source.is_file() and source.suffix != ".pyc":
            yield f"{TARGET}/holdfast/{source.relative_to(package)}", source


def _needed(name: str, known: set[str]) -> Iterator[metadata.Distribution]:
    """A distribution and all that it requires here, each once."""
    if name in known:
        return
    known.add(name)
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return  # for another system or version of Python
    yield found
    for requirement in found.requires or ():
        if "extra ==" not in requirement:
            yield from _needed(re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower(), known)
