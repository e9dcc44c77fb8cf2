from pathlib import Path

import pytest

from holdfast_engine import Repository, errors


def test_a_lock_is_seen_by_others_and_says_who_holds_it(
    repository: Repository, place: Path, password: str
) -> None:
    other = Repository.open(place, password)
    with repository.lock(exclusive=True) as lock:
        assert lock.exclusive
        [info] = other.locks()
        assert info.exclusive
        with pytest.raises(errors.LockedError) as caught:
            other.snapshots()
        assert str(info.pid) in caught.value.holder
        assert caught.value.exit_code == 11
    assert other.snapshots() == []


def test_operations_share_the_lock_that_is_held(repository: Repository, place: Path, password: str) -> None:
    with repository.lock(exclusive=True):
        repository.snapshots()
        assert len(Repository.open(place, password).locks()) == 1


def test_what_needs_the_repository_alone_does_not_share_a_shared_lock(repository: Repository) -> None:
    with repository.lock(), pytest.raises(errors.RefusedError, match="exclusive=True"):
        repository.check()


def test_closing_releases_the_lock(repository: Repository, place: Path, password: str) -> None:
    lock = repository.lock()
    repository.close()
    assert Repository.open(place, password).locks() == []
    lock.release()


def test_a_lock_that_nobody_keeps_is_released(repository: Repository) -> None:
    repository.lock()
    assert repository.locks() == []


def test_one_lock_at_a_time(repository: Repository) -> None:
    with repository.lock(), pytest.raises(errors.RefusedError, match="holds a lock"):
        repository.lock()
    repository.lock().release()


def test_reading_without_a_lock(repository: Repository, place: Path, password: str) -> None:
    with repository.lock(exclusive=True):
        assert Repository.open(place, password, no_lock=True).snapshots() == []


def test_unlock_removes_all_when_asked(repository: Repository) -> None:
    lock = repository.lock()
    assert repository.unlock() == 0
    assert repository.unlock(remove_all=True) == 1
    assert repository.locks() == []
    lock.release()


def test_keys_are_added_listed_and_removed(repository: Repository, place: Path, password: str) -> None:
    added = repository.add_key("second", user="u", host="h", scrypt=(2, 1, 1))
    keys = {key.id: key for key in repository.keys()}  # noqa: SIM118 - a method of its own
    assert set(keys) == {added, repository.key_id}
    assert (keys[added].current, keys[added].username, keys[added].hostname) == (False, "u", "h")
    second = Repository.open(place, "second")
    with pytest.raises(errors.RefusedError):
        second.remove_key(added)
    second.remove_key(repository.key_id[:12])
    with pytest.raises(errors.WrongPasswordError):
        Repository.open(place, password)
