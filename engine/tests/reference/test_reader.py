"""The reader in plain Python understands what both tools write, and agrees with the engine to the last byte."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from engine.tests.support.exchange import first_state
from engine.tests.support.tools import HOLDFAST, PASSWORD, Tool, new_repository, opened, restic

from holdfast_engine import errors, reference
from holdfast_engine.reference.packs import read_header

TOOLS = [HOLDFAST, restic(), restic("0.14.0")]


WRITERS = [
    pytest.param((tool, version), id=f"{tool.name}-v{version}") for tool in TOOLS for version in (1, 2)
]


@pytest.fixture(scope="module", params=WRITERS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, odd: Path) -> Path:
    """A repository with the odd tree."""
    tool, version = request.param
    place = tmp_path_factory.mktemp("written") / "repository"
    new_repository(place, version)
    tool.run(place, "backup", "tree", cwd=odd.parent)
    return place


def test_it_reads_what_was_saved(written: Path, odd: Path) -> None:
    repository = reference.Repository.open(written, PASSWORD)
    [snapshot] = repository.snapshots()
    seen = 0
    for node in repository.walk(snapshot.tree):
        path = os.fsencode(odd.parent) + node.path
        if node.kind == "file":
            digest = hashlib.sha256()
            for piece in repository.read(node):
                digest.update(piece)
            saved = Path(os.fsdecode(path)).read_bytes()
            assert (node.size, digest.digest()) == (len(saved), hashlib.sha256(saved).digest())
        assert os.path.lexists(path)
        seen += 1
    assert seen > 2000


def test_it_agrees_with_the_engine(written: Path) -> None:
    repository = reference.Repository.open(written, PASSWORD)
    with opened(written) as engine:
        [ours], [plain] = engine.snapshots(), repository.snapshots()
        assert (plain.id, plain.tree, list(plain.paths)) == (ours.id, ours.tree, list(ours.paths))
        assert json.loads(ours.to_json()) == plain.fields
        nodes = [(node.raw_path, node.type, node.size, node.mode & 0o777) for node in engine.ls(ours.id)]
        found = repository.walk(plain.tree)
        assert nodes == [
            (node.path, node.kind, node.size, node.fields.get("mode", 0) & 0o777) for node in found
        ]
        places = {(blob.type, blob.id, blob.pack, blob.offset, blob.length) for blob in engine.blobs()}
    index = {(blob.kind, blob.id, at.pack, at.offset, at.length) for blob, at in repository.index.items()}
    assert index == places


def test_headers_say_what_the_index_says(written: Path) -> None:
    repository = reference.Repository.open(written, PASSWORD)
    for pack in (written / "data").rglob("*"):
        if pack.is_file():
            header = read_header(pack.read_bytes(), pack.name, repository.key)
            assert header
            assert all(repository.index[blob] == place for blob, place in header)


def test_it_refuses_what_is_damaged(tmp_path: Path, place: Path) -> None:
    first_state(tmp_path / "source")
    HOLDFAST.run(place, "backup", "source", cwd=tmp_path)
    pack = max(
        (path for path in (place / "data").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size
    )
    pack.chmod(0o600)
    stored = bytearray(pack.read_bytes())
    stored[1000] ^= 1
    pack.write_bytes(stored)
    repository = reference.Repository.open(place, PASSWORD)
    [snapshot] = repository.snapshots()
    files = [node for node in repository.walk(snapshot.tree) if node.kind == "file"]
    with pytest.raises(errors.DamagedError):
        [list(repository.read(file)) for file in files]
    with pytest.raises(errors.WrongPasswordError):
        reference.Repository.open(place, "wrong")
    with pytest.raises(errors.NoRepositoryError):
        reference.Repository.open(tmp_path, PASSWORD)


def test_it_reads_what_several_tools_wrote(tmp_path: Path, place: Path) -> None:
    first_state(tmp_path / "source")
    tools: list[Tool] = [HOLDFAST, restic(), HOLDFAST]
    for tool in tools:
        tool.run(place, "backup", "source", cwd=tmp_path)
    trees = {snapshot.tree for snapshot in reference.Repository.open(place, PASSWORD).snapshots()}
    assert len(trees) == 1
