"""Flags near the verb come before those of `repo`, those before the environment."""

from __future__ import annotations

import pytest

from holdfast.cli.repo.failing import FatalError
from holdfast.cli.repo.settings import Settings, duration, settings_of


def test_nothing_said_is_what_restic_takes() -> None:
    assert settings_of({}, {}, {}) == Settings()


@pytest.mark.parametrize(
    ("near", "far", "environment", "location"),
    [
        ({"repo": "/near"}, {"repo": "/far"}, {"RESTIC_REPOSITORY": "/env"}, "/near"),
        ({"repo": None}, {"repo": "/far"}, {"RESTIC_REPOSITORY": "/env"}, "/far"),
        ({"repo": None}, {}, {"RESTIC_REPOSITORY": "/env"}, "/env"),
        ({}, {}, {"RESTIC_REPOSITORY": ""}, None),
    ],
)
def test_the_nearest_wins(
    near: dict[str, object], far: dict[str, object], environment: dict[str, str], location: str | None
) -> None:
    assert settings_of(near, far, environment).repo == location


def test_verbosity_adds_up() -> None:
    assert settings_of({"verbose": 1}, {"verbose": 1}, {}).verbose == 2


def test_options_add_up() -> None:
    settings = settings_of({"option": ("b=2",)}, {"option": ("A = 1",)}, {})
    assert settings.options == {"a": "1", "b": "2"}


def test_numbers_of_the_environment() -> None:
    said = {"RESTIC_PACK_SIZE": "64", "RESTIC_READ_CONCURRENCY": "3", "RESTIC_PROGRESS_FPS": "0.5"}
    settings = settings_of({}, {}, said)
    assert (settings.pack_size, settings.read_concurrency, settings.frames) == (64, 3, 0.5)


def test_authorities_are_separated_by_commas() -> None:
    assert settings_of({}, {}, {"RESTIC_CACERT": "a,b"}).cacert == ("a", "b")
    assert settings_of({"cacert": ("a,b", "c")}, {}, {}).cacert == ("a", "b", "c")


@pytest.mark.parametrize(
    ("near", "environment", "named"),
    [
        ({"quiet": True, "verbose": 1}, {}, "--quiet and --verbose"),
        ({"compression": "brutal"}, {}, "brutal"),
        ({}, {"RESTIC_COMPRESSION": "brutal"}, "brutal"),
        ({"pack_size": 1}, {}, "4 and 128"),
        ({}, {"RESTIC_PACK_SIZE": "big"}, "RESTIC_PACK_SIZE"),
        ({"retry_lock": "soon"}, {}, "--retry-lock"),
        ({"option": ("=x",)}, {}, "empty key"),
        ({"option": ("a=1", "a=2")}, {}, "'a' present more than once"),
    ],
)
def test_what_cannot_be_is_refused(near: dict[str, object], environment: dict[str, str], named: str) -> None:
    with pytest.raises(FatalError, match=named):
        settings_of(near, {}, environment)


def test_the_password_is_not_in_a_repr() -> None:
    assert "secret" not in repr(settings_of({}, {}, {"RESTIC_PASSWORD": "secret"}))


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("5m", 300), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25)]
)
def test_durations_of_go(text: str, seconds: float) -> None:
    assert duration(text, "retry-lock") == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5m!", "-5m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(FatalError, match="5m or 1h30m"):
        duration(text, "retry-lock")
