"""Users and passwords of REST servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engine.tests.support import servers
from engine.tests.support.tools import HOLDFAST, new_repository, restic

if TYPE_CHECKING:
    from pathlib import Path

APPEND_ONLY = "--append-only"


def test_a_store_to_which_one_can_only_add(tmp_path: Path) -> None:
    with servers.rest(tmp_path / "files", APPEND_ONLY) as store:
        place = store.place("one")
        repository = new_repository(place)
        key = repository.add_key("second", scrypt=(2, 1, 1))
        (tmp_path / "file").write_bytes(b"content\n")
        HOLDFAST.run(place, "backup", tmp_path / "file")
        HOLDFAST.run(place, "check")
        HOLDFAST.run(place, "key", "remove", key, code=1)
        assert len(repository.keys()) == 2
        assert repository.locks() == []


@pytest.mark.parametrize("told", ["in the location", "by the environment"])
def test_users_have_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    users = tmp_path / "users"
    users.write_text("anna:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=\n")  # 123456
    with servers.rest(tmp_path / "files", "--htpasswd-file", users) as store:
        place, env = store.place("one"), {}
        if told == "in the location":
            place = place.replace("http://", "http://anna:123456@")
        else:
            env = {"RESTIC_REST_USERNAME": "anna", "RESTIC_REST_PASSWORD": "123456"}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        new_repository(place)
        HOLDFAST.run(place, "backup", users, env=env)
        restic().run(place, "check", "--read-data", env=env)
        said = HOLDFAST.run(
            place.replace("123456", "654321"), "snapshots", env=dict.fromkeys(env, "x"), code=1
        )
        assert "654321" not in said.err + said.out
