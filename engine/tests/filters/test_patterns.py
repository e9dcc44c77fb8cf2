"""Patterns mean in both tools the same: generated ones, on names that are made of what patterns are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

import pytest
from engine.tests.support.tools import HOLDFAST, Said, new_repository, opened, restic
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from holdfast_engine import BackupItem, EngineError, RestoreItem, RestoreOptions

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast_engine import Repository

Outcome: TypeAlias = "set[str] | None"
"""Paths; None: refused."""

NAMES = ["a", "b", "ab", "A", "a.c", "[a]", "*", "a\\b", "é", "-", "!a", "#a", " a", "$a", "{a,b}"]
GOOD = [
    *NAMES,
    "?",
    "*a",
    "a*",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[!a]",
    "\\*",
    "\\[a\\]",
    "**",
    "***",
    "a**",
    ".",
    "..",
]
BAD = ["[", "[]a]", "\\"]
SOME = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)

word = st.sampled_from([*GOOD * 5, *BAD])
pattern = st.builds(
    lambda negated, anchored, words, closed: negated + anchored + "/".join(words) + closed,
    st.sampled_from(["", "", "", "", "!"]),
    st.sampled_from(["", "", "", "", "top/", "/", "/top/", "//", "**/"]),
    st.lists(word, min_size=1, max_size=2),
    st.sampled_from(["", "", "", "", "/", "/**", "/*"]),
)
patterns = st.lists(pattern, min_size=1, max_size=4)


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three levels of the names."""
    top = tmp_path_factory.mktemp("filters")
    for one in NAMES:
        for two in NAMES[:8]:
            (top / "top" / one / two).mkdir(parents=True)
            for three in NAMES[:4]:
                (top / "top" / one / two / three).touch()
    return top


@pytest.fixture(scope="module")
def place(top: Path) -> Path:
    """A repository with the tree."""
    place = top / "repository"
    new_repository(place)
    HOLDFAST.run(place, "backup", "top", cwd=top)
    return place


@pytest.fixture(scope="module")
def repository(place: Path) -> Repository:
    """Open."""
    return opened(place, no_lock=True)


def saved_by_restic(top: Path, place: Path, flag: str, given: list[str]) -> Outcome:
    flags = [f"{flag}={each}" for each in given]
    said = restic().run(
        place, "backup", "--force", "--dry-run", "-vv", "--json", *flags, "top", cwd=top, code=None
    )
    if said.code:
        return None
    return {
        each["item"].rstrip("/")
        for each in said.documents
        if each["message_type"] == "verbose_status" and each["action"] == "new"
    }


def saved_by_us(top: Path, repository: Repository, flag: str, given: list[str]) -> Outcome:
    items: list[BackupItem] = []
    before = os.getcwd()  # noqa: PTH109
    os.chdir(top)
    try:
        if flag == "--exclude":
            repository.backup(["top"], exclude=given, dry_run=True, force=True, on_item=items.append)
        else:
            repository.backup(["top"], iexclude=given, dry_run=True, force=True, on_item=items.append)
    except EngineError:
        return None
    finally:
        os.chdir(before)
    return {item.path.rstrip("/") for item in items}


@pytest.mark.parametrize("flag", ["--exclude", "--iexclude"])
@given(given=patterns)
@example(given=["/top/a", "!/top/a/b"])
@example(given=["*", "!a"])
@example(given=["["])
@example(given=[""])
@SOME
def test_what_is_left_out_of_a_backup(
    top: Path, place: Path, repository: Repository, flag: str, given: list[str]
) -> None:
    assert saved_by_us(top, repository, flag, given) == saved_by_restic(top, place, flag, given)


def restored_by_restic(place: Path, target: Path, flag: str, given: list[str]) -> Outcome:
    flags = [f"{flag}={each}" for each in given]
    words = ["restore", "latest", "--no-lock", "--dry-run", "-vv", "--json", "--target", str(target), *flags]
    said = restic().run(place, *words, code=None)
    if said.code:
        return None
    return {each["item"] for each in said.documents if each["message_type"] == "verbose_status"}


def restored_by_us(repository: Repository, target: Path, flag: str, given: list[str]) -> Outcome:
    items: list[RestoreItem] = []
    options: RestoreOptions = {"dry_run": True, "on_item": items.append}
    chosen: dict[str, RestoreOptions] = {
        "--include": {"include": given},
        "--exclude": {"exclude": given},
        "--iinclude": {"iinclude": given},
        "--iexclude": {"iexclude": given},
    }
    try:
        repository.restore("latest", target, **(options | chosen[flag]))
    except EngineError:
        return None
    return {item.path for item in items}


@pytest.mark.parametrize("flag", ["--include", "--exclude", "--iinclude", "--iexclude"])
@given(given=patterns)
@SOME
def test_what_is_restored(
    place: Path, repository: Repository, tmp_path: Path, flag: str, given: list[str]
) -> None:
    target = tmp_path / "out"
    assert restored_by_us(repository, target, flag, given) == restored_by_restic(place, target, flag, given)


within = word.filter(lambda text: text not in (".", ".."))
line = st.builds(
    lambda before, words, after: before + "/".join(words) + after,
    st.sampled_from(["", "", " ", "#", "top/", "top/", "\t"]),
    st.lists(within, min_size=1, max_size=2),
    st.sampled_from(["", "", " ", "/", "\r", " # x"]),
)


@pytest.mark.parametrize("flag", ["--files-from", "--files-from-verbatim", "--exclude-file"])
@given(lines=st.lists(line, min_size=1, max_size=4))
@settings(SOME, max_examples=15)
def test_what_files_name(top: Path, place: Path, flag: str, lines: list[str]) -> None:
    (top / "list").write_text("\n".join(lines), newline="")
    words = ["backup", "--force", "--dry-run", "-vv", "--json", flag, "list"]
    words += ["top"] if flag == "--exclude-file" else []
    ours, theirs = (_told(tool.run(place, *words, cwd=top, code=None)) for tool in (HOLDFAST, restic()))
    assert ours == theirs


def _told(said: Said) -> tuple[int, set[str]]:
    documents = said.documents if said.code == 0 else []
    return said.code, {
        each["item"].rstrip("/")
        for each in documents
        if each["message_type"] == "verbose_status" and each["item"]
    }
