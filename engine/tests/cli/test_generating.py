"""Scripts and manual pages: each of restic's kinds is there and says what the help says."""

from pathlib import Path

import pytest
from support.repositories import Program


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_for_every_shell(shell: str, tmp_path: Path, holdfast: Program) -> None:
    assert holdfast("generate", f"--{shell}-completion", "script").code == 0
    assert "_HOLDFAST_COMPLETE" in (tmp_path / "script").read_text()


def test_manual_pages_are_those_of_restic(tmp_path: Path, holdfast: Program, restic: Program) -> None:
    for name, program in {"ours": holdfast, "theirs": restic}.items():
        (tmp_path / name).mkdir()
        assert program("generate", "--man", name).code == 0
    ours = {path.name.replace("holdfast-repo", "restic") for path in (tmp_path / "ours").iterdir()}
    theirs = {path.name for path in (tmp_path / "theirs").iterdir()}
    assert {"restic.1", "restic-backup.1", "restic-key-add.1"} <= ours & theirs
    assert ours <= theirs


def test_a_manual_page_says_what_help_says(tmp_path: Path, holdfast: Program) -> None:
    holdfast("generate", "--man", str(tmp_path))
    page = (tmp_path / "holdfast-repo-backup.1").read_text().replace("\\-", "-")
    assert page.startswith('.TH "HOLDFAST-REPO-BACKUP" "1"')
    assert "--exclude-larger-than" in page
    assert "$ holdfast repo backup" in page
    assert "sources that could not be read" in page
