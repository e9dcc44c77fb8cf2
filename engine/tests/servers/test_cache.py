"""Local copies of repositories behind servers: in restic's folder and layout, shared by both tools, never trusted."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

from engine.tests.support.comparing import differences
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path

    from engine.tests.support.servers import Store

CACHED = dataclasses.replace(HOLDFAST, flags=())
THEIRS = dataclasses.replace(restic(), flags=())


def test_both_tools_use_one_cache(store: Store, place: str, source: Path, tmp_path: Path) -> None:
    env = {**store.env, "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    for tool in (CACHED, THEIRS, CACHED):
        tool.run(place, "backup", "source", cwd=tmp_path, env=env)
    [repository] = [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]
    assert {path.name for path in repository.iterdir() if path.is_dir()} >= {"data", "index", "snapshots"}
    assert len([path for path in (repository / "snapshots").rglob("*") if path.is_file()]) == 3
    for tool in (CACHED, THEIRS):
        tool.run(place, "restore", "latest", "--target", tmp_path / tool.name, env=env)
        assert differences(source, tmp_path / tool.name / "source") == []


def test_what_is_cached_is_not_asked_for_again(
    store: Store, place: str, source: Path, tmp_path: Path
) -> None:
    env = {**store.env, "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    CACHED.run(place, "backup", "source", cwd=tmp_path, env=env)
    assert source.exists()
    log = tmp_path / "log"
    CACHED.run(place, "ls", "latest", env={**env, "HOLDFAST_FAULTS_LOG": str(log)})
    asked = [
        line.split()[1].split("/")[0] for line in log.read_text().splitlines() if line.startswith("read")
    ]
    assert "index" not in asked
    assert "pack" not in asked


def test_a_damaged_cache_is_not_believed(store: Store, place: str, source: Path, tmp_path: Path) -> None:
    env = {**store.env, "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    CACHED.run(place, "backup", "source", cwd=tmp_path, env=env)
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and len(path.name) == 64]
    assert files
    for path in files:
        path.chmod(0o600)
        stored = bytearray(path.read_bytes())
        stored[len(stored) // 2] ^= 1
        path.write_bytes(stored)
    CACHED.run(place, "restore", "latest", "--target", tmp_path / "out", env=env)
    assert differences(source, tmp_path / "out" / "source") == []


def test_another_repository_at_the_same_place_is_not_mixed_up(
    store: Store, place: str, source: Path, tmp_path: Path
) -> None:
    env = {**store.env, "RESTIC_CACHE_DIR": str(tmp_path / "cache")}
    CACHED.run(place, "backup", "source", cwd=tmp_path, env=env)
    shutil.rmtree(store.files / place.rsplit("/", 1)[1])
    CACHED.run(place, "init", env=env)
    (source / "same").write_bytes(b"other\n")
    CACHED.run(place, "backup", "source", cwd=tmp_path, env=env)
    restic().run(place, "check", "--read-data", env=store.env)
