import io
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from holdfast_engine import DiffChange, EngineError, Repository, errors


@pytest.fixture
def saved(repository: Repository, folder: Path) -> Repository:
    repository.backup([folder])
    return repository


def test_a_file_is_dumped_into_a_file_object_or_a_path(
    saved: Repository, folder: Path, tmp_path: Path, big: bytes
) -> None:
    out = io.BytesIO()
    saved.dump("latest", folder / "sub" / "big", out)
    assert out.getvalue() == big
    saved.dump("latest", folder / "hello.txt", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"hello\n"


def test_a_folder_is_dumped_as_an_archive(saved: Repository, folder: Path, big: bytes) -> None:
    tar, zipped = io.BytesIO(), io.BytesIO()
    saved.dump(f"latest:{folder}", "/sub", tar)
    saved.dump(f"latest:{folder}", "/sub", zipped, archive="zip")
    with tarfile.open(fileobj=io.BytesIO(tar.getvalue())) as archive:
        file = archive.extractfile("sub/big")
        assert file is not None
        assert file.read() == big
        assert archive.getmember("sub/link").linkname == "../hello.txt"
    with zipfile.ZipFile(zipped) as archive_zip:
        assert archive_zip.read("sub/big") == big


def test_what_a_file_object_raises_ends_a_dump(saved: Repository, folder: Path) -> None:
    class Full(io.RawIOBase):
        def write(self, _data: object, /) -> int:
            raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        saved.dump("latest", folder / "sub" / "big", Full())
    assert saved.locks() == []


def test_entries_are_found_by_name_and_time(saved: Repository, folder: Path) -> None:
    [match] = saved.find(["HELLO*"], ignore_case=True)
    assert match.node.path == str(folder / "hello.txt")
    assert match.snapshot.id == saved.snapshot("latest").id
    assert list(saved.find(["hello*"], newest=datetime(2001, 1, 1, tzinfo=UTC))) == []
    assert list(saved.find(["hello*"], hosts=["nobody"])) == []


def test_snapshots_are_searched_from_new_to_old(repository: Repository, folder: Path) -> None:
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3, 2)]
    for time in times:
        repository.backup([folder], time=time)
    assert [match.snapshot.time for match in repository.find(["empty"])] == sorted(times, reverse=True)
    assert [m.snapshot.time for m in repository.find(["empty"], oldest_first=True)] == sorted(times)


def test_blobs_and_packs_lead_to_the_files_that_use_them(saved: Repository, folder: Path) -> None:
    blob = (saved.node("latest", folder / "hello.txt").content or ("",))[0]
    [use] = saved.find_objects("blob", [blob])
    assert (use.object_type, use.path, use.id) == ("blob", str(folder / "hello.txt"), blob)
    [place] = saved.places("blob", [blob])
    assert place.pack == use.pack
    assert blob in {use.id for use in saved.find_objects("pack", [place.pack or ""])}
    with pytest.raises(errors.MissingError):
        saved.find_objects("pack", ["0" * 64])


def test_differences_are_told_and_counted(saved: Repository, folder: Path) -> None:
    (folder / "hello.txt").write_bytes(b"changed")
    (folder / "new").write_bytes(b"new")
    (folder / "empty").unlink()
    saved.backup([folder])
    old, new = saved.snapshots()
    changes: list[DiffChange] = []
    statistics = saved.diff(old, new.id, on_change=changes.append)
    assert {Path(change.path).name: change.modifier for change in changes} == {
        "hello.txt": "M",
        "new": "+",
        "empty": "-",
    }
    assert (statistics.source_snapshot, statistics.target_snapshot) == (old.id, new.id)
    assert (statistics.changed_files, statistics.added.files, statistics.removed.files) == (1, 1, 1)


def test_statistics_count_files_and_bytes(saved: Repository, big: bytes) -> None:
    stats = saved.stats()
    assert (stats.snapshots_count, stats.total_size) == (1, len(big) + len(b"hello\n"))
    raw = saved.stats(mode="raw-data", snapshots=["latest"])
    assert raw.total_uncompressed_size > len(big)
    assert raw.total_blob_count == len(list(saved.blobs()))


def test_a_folder_that_cannot_be_read_is_told_or_raised(saved: Repository, place: Path) -> None:
    """The pack of the trees is gone."""
    pack = next(blob.pack for blob in saved.blobs() if blob.type == "tree")
    (place / "data" / pack[:2] / pack).unlink()
    with pytest.raises(EngineError):
        list(saved.find(["hello*"]))
    told: list[EngineError] = []
    assert list(saved.find(["hello*"], on_error=told.append)) == []
    assert len(told) == 1
