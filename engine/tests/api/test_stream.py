import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from holdfast_engine import Metadata, Repository, errors


def contents(repository: Repository, path: str) -> bytes:
    with repository.open_file("latest", path) as file:
        return file.read()


def test_bytes_chunks_and_file_objects_become_files(repository: Repository, big: bytes) -> None:
    chunks = (big[at : at + 1000] for at in range(0, len(big), 1000))
    entries: list[tuple[str, Metadata, object]] = [
        ("/a/bytes", {}, b"one"),
        ("/a/chunks", {}, chunks),
        ("/b/file", {}, io.BytesIO(big)),
        ("/b/nothing", {}, None),
        ("/b/view", {}, memoryview(b"view")),
    ]
    summary = repository.backup_stream(entries, ["/a", "/b"])  # type: ignore[arg-type]
    assert summary.files_new == 5
    assert contents(repository, "/a/bytes") == b"one"
    assert contents(repository, "/a/chunks") == big
    assert contents(repository, "/b/file") == big
    assert contents(repository, "/b/nothing") == b""
    assert contents(repository, "/b/view") == b"view"
    assert repository.snapshot("latest").paths == ("/a", "/b")


def test_metadata_are_kept(repository: Repository) -> None:
    time = datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    metadata: Metadata = {
        "mode": 0o4711,
        "mtime": time,
        "uid": 7,
        "gid": 8,
        "user": "u",
        "group": "g",
        "xattrs": {"user.x": b"\x00y"},
    }
    repository.backup_stream(
        [("/f", metadata, b"x"), ("/l", {"type": "symlink", "linktarget": b"\xff"}, None)], ["/"]
    )
    node = repository.node("latest", "/f")
    assert (node.mode, node.permissions) == (0o104711, "urwx--x--x")
    assert (node.mtime, node.uid, node.gid, node.user, node.group) == (time, 7, 8, "u", "g")
    assert node.xattrs == {"user.x": b"\x00y"}
    link = repository.node("latest", "/l")
    assert (link.type, link.linktarget, link.raw_linktarget) == ("symlink", "\udcff", b"\xff")


def test_what_an_iterable_raises_is_raised_and_nothing_is_saved(repository: Repository) -> None:
    def entries() -> Iterator[tuple[str, Metadata, bytes]]:
        yield "/a", {}, b"x"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        repository.backup_stream(entries(), ["/"])
    assert (repository.snapshots(), repository.locks()) == ([], [])


def test_what_a_file_object_raises_is_raised_and_nothing_is_saved(repository: Repository) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise OSError(5, f"cannot read {size}")

    with pytest.raises(OSError, match="cannot read"):
        repository.backup_stream([("/a", {}, Broken())], ["/"])
    assert repository.snapshots() == []


def test_python_code_runs_in_the_calling_thread(repository: Repository) -> None:
    threads = set()

    def chunks() -> Iterator[bytes]:
        threads.add(threading.get_ident())
        yield b"x"

    repository.backup_stream([("/a", {}, chunks())], ["/"])
    assert threads == {threading.get_ident()}


def test_text_is_not_taken_for_bytes(repository: Repository) -> None:
    with pytest.raises(TypeError, match="encode"):
        repository.backup_stream([("/a", {}, "text")], ["/"])  # type: ignore[list-item]


def test_metadata_that_do_not_exist_are_named(repository: Repository) -> None:
    with pytest.raises(TypeError, match="colour"):
        repository.backup_stream([("/a", {"colour": "red"}, b"")], ["/"])  # type: ignore[typeddict-unknown-key]


def test_a_folder_has_no_content(repository: Repository) -> None:
    with pytest.raises(ValueError, match="dir"):
        repository.backup_stream([("/a", {"type": "dir"}, b"x")], ["/"])


def test_two_entries_of_one_path_are_refused(repository: Repository) -> None:
    with pytest.raises(errors.EngineError):
        repository.backup_stream([("/a", {}, b"x"), ("/a", {}, b"y")], ["/"])
