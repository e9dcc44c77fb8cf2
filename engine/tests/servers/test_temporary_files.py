"""A full disk below TMPDIR, where packs wait for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.tests.support.disks import small_disk
from engine.tests.support.odd_tree import content
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path

    from engine.tests.support.servers import Store


def test_a_backup_goes_on_and_a_check_says_why_it_cannot(store: Store, place: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "random").write_bytes(content("random", 40_000_000))
    with small_disk(tmp_path / "small", "1M") as small:
        full = {**store.env, "TMPDIR": str(small)}
        HOLDFAST.run(place, "backup", folder, env=full)
        said = HOLDFAST.run(place, "check", "--read-data", env=full, code=1)
        assert f"{small}: No space left on device" in said.err
        assert "TMPDIR names another folder" in said.err
    for tool in (restic(), HOLDFAST):
        tool.run(place, "check", "--read-data", env=store.env)
