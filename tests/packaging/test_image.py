"""What the Dockerfile does, done here: its files copied elsewhere, its commands run, its program started.

The images that it begins with are not fetched; everything between them and the program is the Dockerfile's own.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import holdfast
from holdfast.operator.manifests.workload import USER

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BUILD, FINAL = DOCKERFILE.split("\nFROM ")[1:]
PATIENCE = 300  # seconds; packages may have to be fetched


def copied() -> list[str]:
    """What the build copies out of the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", BUILD, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def uv() -> str:
    found = shutil.which("uv", path=f"{os.environ['PATH']}:{ROOT / '.uv' / 'bin'}")
    assert found, "no uv: `make` brings one"
    return found


def run(*command: str | Path, **where: Path) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=where.get("cwd")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the build leaves for the final image."""
    source, target = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("opt") / "holdfast"
    for name in copied():
        here = ROOT / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, source / name)
    for command in re.findall(r"^RUN (uv .+)$", BUILD, re.MULTILINE):
        line = f"export PATH={Path(uv()).parent}:$PATH TARGET={target}; unset VIRTUAL_ENV; {command}"
        run("bash", "-euc", line, cwd=source)
    return target


def test_what_is_copied_is_not_ignored() -> None:
    everything, *patterns = (ROOT / ".dockerignore").read_text().split()
    kept = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert everything == "*"
    assert set(copied()) == kept
    assert all((ROOT / name).exists() for name in kept)


def test_the_program_runs_in_a_clean_environment(installed: Path) -> None:
    said = run(installed / "bin" / "holdfast", "version", "--client", "-o", "json")
    assert json.loads(said) == {"client": holdfast.__version__}
    assert "Run the operator" in run(installed / "bin" / "holdfast", "operator", "--help")
    assert run(installed / "bin" / "kubectl-holdfast", "--help").startswith("Usage: kubectl holdfast")


def test_only_what_the_program_needs_is_in_it(installed: Path) -> None:
    there = {folder.name.partition("-")[0] for folder in installed.glob("lib/*/site-packages/*.dist-info")}
    assert {"holdfast", "aiohttp", "prometheus_client"} <= there
    assert not {name for name in there if fnmatch.fnmatch(name, "pytest*") or name in {"ruff", "mypy", "uv"}}


def test_it_runs_as_the_user_that_the_deployment_asks_for() -> None:
    assert f"\nUSER {USER}:{USER}\n" in FINAL
    assert '\nENTRYPOINT ["holdfast"]\n' in FINAL
