"""Checksums of files against a manifest that the real sha256sum wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.drills import verifying

if TYPE_CHECKING:
    from pathlib import Path

ODD = ["plain", "with space", "new\nline", "back\\slash", "täst", "*star", "carriage\rreturn", "deep/er"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for name in ODD:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"content of {name}")
    return folder


def summed(folder: Path, *flags: str) -> Path:
    """A manifest of all files, by the real program."""
    command = ["sha256sum", *flags, "--", *ODD]
    manifest = folder.parent / "SHA256SUMS"
    manifest.write_bytes(subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout)
    return manifest


@pytest.mark.parametrize("flags", [[], ["--binary"]])
def test_what_sha256sum_wrote_is_read(
    data: Path, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = data.parent / "words"
    words.touch()
    assert verifying.main(summed(data, *flags), data, words) == 0
    assert capsys.readouterr().out == words.read_text() + "\n" == f"{len(ODD)} files\n"


@pytest.mark.parametrize("name", ODD)
def test_a_file_that_changed_is_named(data: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = summed(data)
    (data / name).write_text("something else")
    assert verifying.main(manifest, data, data.parent / "none") == 1
    said = capsys.readouterr().out
    assert f"{name}: has checksum " in said
    assert f"1 of {len(ODD)} files do not agree" in said


def test_a_file_that_is_missing_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = summed(data)
    (data / "plain").unlink()
    words = data.parent / "words"
    words.touch()
    assert verifying.main(manifest, data, words) == 1
    assert "plain: cannot be read: No such file or directory" in capsys.readouterr().out
    assert words.read_text() == ""


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "link"])
def test_nothing_outside_of_the_data_counts(data: Path, name: str) -> None:
    (data.parent / "outside").write_text("x")
    (data / "link").symlink_to(data.parent / "outside")
    (problem,) = verifying.problems([verifying.Entry(name, "0" * 64)], data)
    assert problem == f"{name}: lies outside of the restored data"


@pytest.mark.parametrize("text", ["", "\n\n", "abc  file", "SHA256 (file) = " + "0" * 64, "0" * 64 + " file"])
def test_what_is_no_manifest_proves_nothing(
    data: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = data.parent / "SHA256SUMS"
    manifest.write_text(text)
    assert verifying.main(manifest, data, data.parent / "none") == 1
    assert "write it with `sha256sum`" in capsys.readouterr().out


@given(st.text(min_size=1).filter(lambda name: not {"\n", "\r", "\\", "\0"} & set(name) and name.strip()))
def test_names_are_read_as_they_stand(name: str) -> None:
    assert verifying.read(f"{'a' * 64}  {name}\n") == [verifying.Entry(name, "a" * 64)]


def test_it_runs_as_the_pod_runs_it(data: Path) -> None:
    command = [sys.executable, "-m", "holdfast.drills.verifying", str(summed(data)), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout) == (0, f"{len(ODD)} files\n")
