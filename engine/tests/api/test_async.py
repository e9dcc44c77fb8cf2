import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast_engine import AsyncRepository, Repository, errors


async def test_the_same_methods_as_coroutines(
    place: Path, password: str, folder: Path, tmp_path: Path
) -> None:
    async with await AsyncRepository.init(place, password, scrypt=(2, 1, 1)) as repository:
        summary = await repository.backup([folder])
        assert [snapshot.id for snapshot in await repository.snapshots()] == [summary.snapshot_id]
        names = [node.name async for node in repository.ls("latest", folder)]
        assert names == ["empty", "hello.txt", "sub", "big", "link"]
        restored = await repository.restore("latest", tmp_path / "out")
        assert restored.errors == 0
        assert (await repository.check()).num_errors == 0


def test_no_method_is_missing() -> None:
    public = {name for name in vars(Repository) if not name.startswith("_")}
    assert public <= set(vars(AsyncRepository))


async def test_cancelling_a_task_ends_its_work_cleanly(repository: Repository) -> None:
    loop, started = asyncio.get_running_loop(), asyncio.Event()

    def chunks() -> Iterator[bytes]:
        loop.call_soon_threadsafe(started.set)
        while True:
            yield b"x"

    task = asyncio.create_task(AsyncRepository(repository).backup_stream([("/endless", {}, chunks())], ["/"]))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (repository.locks(), repository.snapshots()) == ([], [])


async def test_errors_are_the_same(place: Path) -> None:
    with pytest.raises(errors.NoRepositoryError):
        await AsyncRepository.open(place, "x")
