import os
from pathlib import Path

import pytest

from holdfast_engine import Repository, errors


def test_a_new_repository_opens_with_its_password(place: Path, password: str) -> None:
    made = Repository.init(place, password, scrypt=(2, 1, 1))
    opened = Repository.open(place, password.encode())
    assert (opened.id, opened.version, opened.key_id) == (made.id, 2, made.key_id)
    assert opened.location == str(place)


def test_version_1_is_made_when_asked_for(place: Path, password: str) -> None:
    assert Repository.init(place, password, version=1, scrypt=(2, 1, 1)).version == 1


@pytest.mark.usefixtures("repository")
def test_the_wrong_password_is_told_and_not_shown(place: Path) -> None:
    with pytest.raises(errors.WrongPasswordError) as caught:
        Repository.open(place, "hunter2")
    assert caught.value.exit_code == 12
    assert "hunter2" not in repr(caught.value)


def test_nothing_there_says_where_it_looked(place: Path) -> None:
    with pytest.raises(errors.NoRepositoryError) as caught:
        Repository.open(place, "x")
    assert (caught.value.exit_code, caught.value.location) == (10, str(place))


@pytest.mark.usefixtures("repository")
def test_a_second_init_is_refused(place: Path, password: str) -> None:
    with pytest.raises(errors.RefusedError):
        Repository.init(place, password, scrypt=(2, 1, 1))


def test_an_unknown_kind_of_place_is_refused_by_name(password: str) -> None:
    with pytest.raises(errors.RefusedError, match="sftp"):
        Repository.open("sftp:host:/x", password)


def test_an_option_that_does_not_exist_is_named(place: Path, password: str) -> None:
    with pytest.raises(TypeError, match="speed"):
        Repository.open(place, password, speed="high")  # type: ignore[call-arg]


def test_an_option_of_the_wrong_type_is_named(place: Path, password: str) -> None:
    with pytest.raises(TypeError, match="limit_upload"):
        Repository.open(place, password, limit_upload="fast")  # type: ignore[arg-type]


def test_a_backend_option_that_does_not_exist_is_named(place: Path, password: str) -> None:
    with pytest.raises(errors.RefusedError, match=r"local\.speed"):
        Repository.open(place, password, options={"local.speed": "high"})


def test_paths_may_be_bytes_and_not_utf_8(tmp_path: Path, password: str) -> None:
    place = os.fsencode(tmp_path) + b"/r\xff"
    made = Repository.init(place, password, scrypt=(2, 1, 1))
    assert Repository.open(os.fsdecode(place), password).id == made.id


def test_a_password_appears_nowhere(repository: Repository, password: str) -> None:
    assert password not in repr(repository) + str(repository) + repository.location


def test_after_close_nothing_works_any_more(repository: Repository) -> None:
    with repository:
        assert not repository.closed
    assert repository.closed
    with pytest.raises(errors.RefusedError, match="closed"):
        repository.snapshots()


def test_chunker_parameters_are_copied(repository: Repository, tmp_path: Path, password: str) -> None:
    copy = Repository.init(tmp_path / "copy", password, copy_chunker_params=repository, scrypt=(2, 1, 1))
    polynomial = b'"chunker_polynomial":"'
    assert copy.cat("config").split(polynomial)[1] == repository.cat("config").split(polynomial)[1]
    assert copy.id != repository.id
