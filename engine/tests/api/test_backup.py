import itertools
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from holdfast_engine import BackupItem, BackupProgress, Cancel, Repository, SourceError, errors


def test_what_is_saved_is_restored(repository: Repository, folder: Path, tmp_path: Path, big: bytes) -> None:
    summary = repository.backup([folder], tags=["a", "b"], host="box")
    assert (summary.files_new, summary.errors, summary.exit_code) == (3, 0, 0)
    restored = repository.restore("latest", tmp_path / "out", verify=True)
    assert (restored.errors, restored.files_verified) == (0, 3)
    out = tmp_path / "out" / folder.relative_to("/")
    assert (out / "sub" / "big").read_bytes() == big
    assert (out / "sub" / "link").readlink() == Path("../hello.txt")


def test_a_snapshot_says_what_it_was_told(repository: Repository, folder: Path) -> None:
    time = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    summary = repository.backup([folder], tags=["a"], host="box", time=time, exclude=["*.o"])
    [snapshot] = repository.snapshots()
    assert snapshot.id == summary.snapshot_id
    assert (snapshot.hostname, snapshot.tags, snapshot.excludes) == ("box", ("a",), ("*.o",))
    assert snapshot.paths == (str(folder),)
    assert snapshot.time == time
    assert snapshot.time_text == "2026-03-01T12:30:00.123456+02:00"
    assert snapshot.time.utcoffset() == timedelta(hours=2)
    assert (snapshot.summary or {})["files_new"] == 3


def test_unchanged_files_are_told_from_the_parent(repository: Repository, folder: Path) -> None:
    first = repository.backup([folder])
    second = repository.backup([folder])
    assert second.parent == first.snapshot_id
    assert (second.files_unmodified, second.files_new) == (3, 0)


def test_no_parent_with_force(repository: Repository, folder: Path) -> None:
    repository.backup([folder])
    second = repository.backup([folder], force=True)
    assert (second.parent, second.files_new) == (None, 3)


def test_a_parent_is_of_the_same_host_unless_grouped_otherwise(repository: Repository, folder: Path) -> None:
    first = repository.backup([folder], host="one")
    assert repository.backup([folder], host="two").parent is None
    assert repository.backup([folder], host="three", group_by=["paths"]).parent is not None
    assert (
        repository.backup([folder], host="four", parent=first.snapshot_id or "").parent == first.snapshot_id
    )


def test_a_parent_is_not_younger_than_the_snapshot(repository: Repository, folder: Path) -> None:
    repository.backup([folder], time=datetime(2026, 5, 1, tzinfo=UTC))
    assert repository.backup([folder], time=datetime(2026, 4, 1, tzinfo=UTC)).parent is None


def test_nothing_is_stored_in_a_dry_run(repository: Repository, folder: Path) -> None:
    summary = repository.backup([folder], dry_run=True)
    assert (summary.snapshot_id, summary.files_new, summary.dry_run) == (None, 3, True)
    assert repository.snapshots() == []
    assert repository.list_files("pack") == []


def test_no_snapshot_of_what_has_not_changed(
    repository: Repository, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a relative path, since folders above it change all the time."""
    monkeypatch.chdir(folder)
    repository.backup(["."])
    assert repository.backup(["."], skip_if_unchanged=True).snapshot_id is None
    assert len(repository.snapshots()) == 1


def test_what_fits_an_exclude_is_left_out(repository: Repository, folder: Path) -> None:
    repository.backup([folder], exclude=["*.txt"], iexclude=["BIG"])
    assert [node.name for node in repository.ls("latest", folder)] == ["empty", "sub", "link"]


def test_a_source_that_is_not_there_is_told_and_counted(repository: Repository, folder: Path) -> None:
    told: list[SourceError] = []
    summary = repository.backup([folder, folder / "gone"], on_error=told.append)
    assert (summary.errors, summary.exit_code) == (1, 3)
    assert [error.path for error in told] == [str(folder / "gone")]


def test_only_missing_sources_are_refused(repository: Repository, folder: Path) -> None:
    with pytest.raises(errors.EngineError):
        repository.backup([folder / "gone"])


def test_one_path_is_not_taken_for_several(repository: Repository, folder: Path) -> None:
    with pytest.raises(TypeError, match="list"):
        repository.backup(str(folder))


def test_every_entry_is_told_when_asked_for(repository: Repository, folder: Path) -> None:
    items: list[BackupItem] = []
    repository.backup([folder], on_item=items.append)
    told = {item.path: item.action for item in items if item.path.startswith(str(folder))}
    assert told[str(folder / "sub" / "big")] == "new"


def test_callbacks_are_called_in_the_calling_thread(repository: Repository, folder: Path) -> None:
    threads = set()
    repository.backup([folder], on_item=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_what_a_callback_raises_ends_the_backup_and_is_raised(repository: Repository, folder: Path) -> None:
    def refuse(item: BackupItem) -> None:
        raise LookupError(item.path)

    with pytest.raises(LookupError):
        repository.backup([folder], on_item=refuse)
    assert repository.snapshots() == []
    assert repository.locks() == []


def test_a_cancel_that_is_set_ends_the_backup(repository: Repository, folder: Path) -> None:
    cancel = Cancel()
    with pytest.raises(errors.StoppedError) as caught:
        repository.backup([folder], on_item=lambda _: cancel.cancel(), cancel=cancel)
    assert caught.value.exit_code == 130
    assert (repository.snapshots(), repository.locks()) == ([], [])


def test_progress_is_told_ten_times_a_second_at_most(repository: Repository) -> None:
    seen: list[BackupProgress] = []

    def chunks() -> object:
        yield b"x" * 1000
        while len(seen) < 3:
            yield b"y"

    repository.backup_stream([("/slow", {}, chunks())], ["/slow"], progress=seen.append)  # type: ignore[list-item]
    gaps = [later.seconds - earlier.seconds for earlier, later in itertools.pairwise(seen)]
    assert min(gaps) > 0.09
