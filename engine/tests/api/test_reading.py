import io
import json
import os
import random
from pathlib import Path

import pytest

from holdfast_engine import Repository, errors


@pytest.fixture
def saved(repository: Repository, folder: Path) -> Repository:
    repository.backup([folder])
    return repository


def test_seeking_gives_the_bytes_that_are_there(saved: Repository, folder: Path, big: bytes) -> None:
    with saved.open_file("latest", folder / "sub" / "big") as file:
        assert file.seek(0, os.SEEK_END) == len(big)
        assert file.read(10) == b""
        choose = random.Random(2)  # noqa: S311 - the same places in every run
        for _ in range(50):
            at, length = choose.randrange(len(big)), choose.randrange(2 << 20)
            file.seek(at)
            assert file.read(length) == big[at : at + length]
            assert file.tell() == min(at + length, len(big))


def test_a_file_object_is_one_for_the_library(saved: Repository, folder: Path, big: bytes) -> None:
    file = saved.open_file("latest", folder / "sub" / "big")
    assert isinstance(file, io.RawIOBase)
    assert (file.readable(), file.seekable(), file.writable()) == (True, True, False)
    with io.BufferedReader(file) as reader:
        assert reader.read(5) == big[:5]
        reader.seek(-5, os.SEEK_END)
        assert reader.read() == big[-5:]
    with pytest.raises(ValueError, match="closed"):
        file.read()


def test_positions_before_the_start_are_refused(saved: Repository, folder: Path) -> None:
    with saved.open_file("latest", folder / "hello.txt") as file, pytest.raises(ValueError, match="-1"):
        file.seek(-1)


def test_a_file_holds_a_lock_until_closed(saved: Repository, folder: Path) -> None:
    with saved.open_file("latest", folder / "hello.txt"):
        assert len(saved.locks()) == 1
    assert saved.locks() == []


def test_listing_is_in_order_folders_before_what_is_in_them(saved: Repository, folder: Path) -> None:
    names = [node.path for node in saved.ls("latest", folder)]
    expected = ["empty", "hello.txt", "sub", "sub/big", "sub/link"]
    assert names == [str(folder / name) for name in expected]
    assert [node.name for node in saved.ls("latest", folder, recursive=False)] == [
        "empty",
        "hello.txt",
        "sub",
    ]


def test_a_listing_that_is_left_ends_and_removes_its_lock(saved: Repository) -> None:
    nodes = saved.ls("latest")
    next(nodes)
    del nodes
    assert saved.locks() == []


def test_a_subfolder_becomes_the_root(saved: Repository, folder: Path) -> None:
    assert [node.path for node in saved.ls(f"latest:{folder}/sub")] == ["/big", "/link"]
    snapshot = saved.snapshot(f"latest:{folder}/sub")
    assert saved.node(snapshot, "/big").size == (folder / "sub" / "big").stat().st_size


def test_nodes_say_what_stat_says(saved: Repository, folder: Path) -> None:
    status, node = (folder / "hello.txt").stat(), saved.node("latest", folder / "hello.txt")
    assert (node.mode, node.size, node.mtime_ns, node.inode) == (
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
    )
    assert json.loads(node.to_json())["name"] == "hello.txt"


def test_names_that_are_not_utf_8_come_back(repository: Repository, folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\xfe")).mkdir()
    repository.backup([folder])
    node = repository.node("latest", os.fsencode(folder) + b"/\xff\xfe")
    assert (node.name, node.raw_name) == ("\udcff\udcfe", b"\xff\xfe")
    assert os.fsencode(node.path) == node.raw_path


def test_what_is_not_there_is_named(saved: Repository, folder: Path) -> None:
    with pytest.raises(errors.MissingError, match="gone"):
        saved.node("latest", folder / "gone")
    with pytest.raises(errors.MissingError, match="gone"):
        saved.ls("latest", folder / "gone")
    with pytest.raises(errors.RefusedError, match="not a file"):
        saved.open_file("latest", folder)


def test_snapshots_are_chosen_by_host_tag_and_path(repository: Repository, folder: Path) -> None:
    repository.backup([folder], host="one", tags=["a", "b"])
    repository.backup([folder / "sub"], host="two")
    assert [s.hostname for s in repository.snapshots(hosts=["one"])] == ["one"]
    assert [s.hostname for s in repository.snapshots(tags=[["a", "b"]])] == ["one"]
    assert [s.hostname for s in repository.snapshots(tags=[["a", "c"], [""]])] == ["two"]
    assert [s.hostname for s in repository.snapshots(paths=[str(folder / "sub")])] == ["two"]
    assert repository.snapshot("latest", hosts=["one"]).hostname == "one"


def test_an_unreadable_snapshot_is_raised_or_told(saved: Repository, place: Path) -> None:
    [snapshot] = saved.snapshots()
    file = place / "snapshots" / snapshot.id
    file.chmod(0o600)
    file.write_bytes(b"nonsense")
    with pytest.raises(errors.DamagedError) as caught:
        saved.snapshots()
    assert snapshot.id in caught.value.what
    told: list[errors.EngineError] = []
    assert saved.snapshots(on_error=told.append) == []
    assert [type(error) for error in told] == [errors.DamagedError]


def test_what_is_stored_can_be_shown(saved: Repository) -> None:
    [snapshot] = saved.snapshots()
    assert json.loads(saved.cat("config"))["version"] == 2
    assert json.loads(saved.cat("snapshot", snapshot.id[:8]))["tree"] == snapshot.tree
    assert saved.cat("blob", snapshot.tree) == saved.cat("tree", "latest")
    assert json.loads(saved.cat("key", saved.key_id))["kdf"] == "scrypt"
    [index] = saved.list_files("index")
    packs = {pack["id"] for pack in json.loads(saved.cat("index", index.id))["packs"]}
    assert packs == {pack.id for pack in saved.list_files("pack")}
    assert {blob.pack for blob in saved.blobs()} == packs
    assert set(json.loads(saved.master_key())) == {"mac", "encrypt"}


def test_a_sound_repository_is_called_sound(saved: Repository) -> None:
    report = saved.check(read_data=True)
    assert (report.num_errors, report.exit_code, report.problems) == (0, 0, ())


def test_a_damaged_pack_is_named(saved: Repository, place: Path) -> None:
    pack = max(saved.list_files("pack"), key=lambda pack: pack.size)
    file = place / "data" / pack.id[:2] / pack.id
    file.chmod(0o600)
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    told: list[str] = []
    report = saved.check(read_data=True, on_problem=lambda problem: told.append(problem.message))
    assert report.exit_code == 1
    assert report.broken_packs == (pack.id,)
    assert told == [problem.message for problem in report.problems]
