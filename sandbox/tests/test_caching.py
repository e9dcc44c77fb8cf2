import contextlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_sandbox.tools import caching

INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from holdfast_sandbox.tools import caching

def fill(target):
    (target / "half").write_text("made")
    os.kill(os.getpid(), signal.SIGKILL)

caching.entry("thing", "key", fill, within=Path(sys.argv[1]))
"""


def write(target: Path) -> None:
    (target / "whole").write_text("made")


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []
    for _ in range(2):
        entry = caching.entry("thing", "key", made.append, within=tmp_path)
    assert entry == tmp_path / "thing-key"
    assert len(made) == 1


def test_a_builder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(target: Path) -> None:
        write(target)
        raise OSError("disk full")

    with contextlib.suppress(OSError):
        caching.entry("thing", "key", fail, within=tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [".thing.lock"]


def test_what_a_killed_builder_left_is_never_used_and_goes_away(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", INTERRUPTED, tmp_path], check=False)
    assert not (tmp_path / "thing-key").exists()
    assert list(tmp_path.glob(".thing-key.*"))
    entry = caching.entry("thing", "key", write, within=tmp_path)
    assert [each.name for each in entry.iterdir()] == ["whole"]
    assert not list(tmp_path.glob(".thing-key.*"))


def test_a_second_builder_waits_for_the_first(tmp_path: Path) -> None:
    started, go_on, made = threading.Event(), threading.Event(), list[str]()

    def slow(target: Path) -> None:
        started.set()
        go_on.wait()
        write(target)
        made.append("first")

    def ask(fill: caching.Fill) -> None:
        caching.entry("thing", "key", fill, within=tmp_path)

    first = threading.Thread(target=ask, args=[slow])
    second = threading.Thread(target=ask, args=[lambda _: made.append("second")])
    first.start()
    started.wait()
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert made == ["first"]


@given(st.lists(st.binary(max_size=3), max_size=4), st.lists(st.binary(max_size=3), max_size=4))
def test_equal_keys_mean_equal_parts(one: list[bytes], other: list[bytes]) -> None:
    assert (caching.key_of(one) == caching.key_of(other)) == (one == other)


def test_the_cache_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert caching.root() == Path("/somewhere/holdfast")
