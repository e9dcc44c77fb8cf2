"""What is backed up: made anew from a seed, except the mixed tree, which is what this machine has under /usr."""

from __future__ import annotations

import random
import shutil
import tarfile
from pathlib import Path

MIB = 2**20
IN_A_FOLDER = 500
WORDS = tuple(
    sorted({"volume", "snapshot", "claim", "restore", "the", "to", "and", "backup", "node", "index", "tree"})
)


def incompressible(folder: Path, mebibytes: int) -> None:
    """One file of random bytes."""
    source = random.Random(23)  # noqa: S311
    with (folder / "random").open("wb") as file:
        for _ in range(mebibytes):
            file.write(source.randbytes(MIB))


def mixed(folder: Path, mebibytes: int) -> None:
    """Libraries and headers of this machine, in the order of their names, until there is enough."""
    left = mebibytes * MIB
    for root in ("/usr/lib", "/usr/include"):
        for path in sorted(Path(root).rglob("*")):
            if left <= 0 or path.is_symlink() or not path.is_file():
                continue
            target = folder / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            left -= path.stat().st_size


def one_file(folder: Path, tree: Path, mebibytes: int) -> None:
    """The beginning of the mixed tree as one file."""
    target = folder / "mixed.tar"
    with tarfile.open(target, "w") as archive:
        for path in sorted(tree.rglob("*")):
            archive.add(path, path.relative_to(tree), recursive=False)
            if target.stat().st_size >= mebibytes * MIB:
                break


def small_files(folder: Path, count: int) -> None:
    """Texts of about 2 KB."""
    source = random.Random(42)  # noqa: S311
    for number in range(count):
        if number % IN_A_FOLDER == 0:
            part = folder / f"part-{number // IN_A_FOLDER:04}"
            part.mkdir(parents=True)
        text = " ".join(source.choices(WORDS, k=320))
        (part / f"note-{number:06}.txt").write_text(f"{number} {text}\n")


def change(folder: Path, every: int = 100) -> None:
    """Rewrite one file in `every`."""
    for number, path in enumerate(sorted(folder.rglob("*.txt"))):
        if number % every == 0:
            path.write_text(f"changed {path.read_text()}")
