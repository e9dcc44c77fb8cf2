from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kube import errors, kubeconfig
from holdfast.kube.kubeconfig import Cluster, Context, Kubeconfig, User

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "c2VjcmV0"  # noqa: S105 - base64 of the word


def write(path: Path, **content: Any) -> Path:  # noqa: ANN401
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content))
    return path


NAMES = st.sampled_from(["red", "blue", "green"])
PARTS = st.builds(
    Kubeconfig,
    current_context=st.just("") | NAMES,
    clusters=st.dictionaries(NAMES, st.builds(Cluster, server=NAMES, proxy_url=NAMES)),
    users=st.dictionaries(NAMES, st.builds(User, token=NAMES)),
    contexts=st.dictionaries(NAMES, st.builds(Context, cluster=NAMES, user=NAMES)),
)


@given(st.lists(PARTS))
def test_the_first_file_that_says_something_wins_whole(parts: list[Kubeconfig]) -> None:
    merged = kubeconfig.merge(parts)
    for name, cluster in merged.clusters.items():
        assert cluster == next(part.clusters[name] for part in parts if name in part.clusters)
    for name, user in merged.users.items():
        assert user == next(part.users[name] for part in parts if name in part.users)
    assert set(merged.contexts) == {name for part in parts for name in part.contexts}
    assert merged.current_context == next((p.current_context for p in parts if p.current_context), "")


@given(PARTS, PARTS, PARTS)
def test_merging_is_associative(a: Kubeconfig, b: Kubeconfig, c: Kubeconfig) -> None:
    left = kubeconfig.merge([kubeconfig.merge([a, b]), c])
    assert left == kubeconfig.merge([a, kubeconfig.merge([b, c])])


def test_paths_count_from_the_file_that_holds_them(tmp_path: Path) -> None:
    one = write(
        tmp_path / "one" / "config", clusters=[{"name": "c", "cluster": {"certificate-authority": "ca.crt"}}]
    )
    two = write(
        tmp_path / "two" / "config",
        users=[
            {
                "name": "u",
                "user": {"client-certificate": "../u.crt", "client-key": "/k", "tokenFile": "token"},
            },
            {"name": "near", "user": {"exec": {"command": "./login"}}},
            {"name": "path", "user": {"exec": {"command": "login"}}},
        ],
    )
    found = kubeconfig.read([one, tmp_path / "missing", two])
    assert found.clusters["c"].certificate_authority == str(tmp_path / "one" / "ca.crt")
    user = found.users["u"]
    assert user.client_certificate == str(tmp_path / "two" / ".." / "u.crt")
    assert user.client_key == "/k"
    assert user.token_file == str(tmp_path / "two" / "token")
    near, on_path = found.users["near"].exec, found.users["path"].exec
    assert near is not None
    assert on_path is not None
    assert near.command == str(tmp_path / "two" / "login")
    assert on_path.command == "login"


def test_json_nulls_and_empty_files_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        '{"kind": "Config", "users": null, "contexts": [{"name": "c", "context": {"namespace": null}}]}'
    )
    assert kubeconfig.parse(file).contexts["c"].namespace == ""
    file.write_text("")
    assert kubeconfig.parse(file) == Kubeconfig()


def test_folded_data(tmp_path: Path) -> None:
    data = base64.encodebytes(b"x" * 200).decode()
    file = write(tmp_path / "config", users=[{"name": "u", "user": {"client-key-data": data}}])
    assert kubeconfig.parse(file).users["u"].client_key_data == b"x" * 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "users: [{name: u, user: {token: 12}}]",
            r"Expected `str`, got `int` - at `\$.users\[0\].user.token`",
        ),
        ("users: [{name: u, user: {client-key-data: '*'}}]", "expected base64"),
        ("a: b\nusers: {x: ]", "line 2: not valid YAML"),
        ("a: *b", "line 1"),
        ("- a", "not understood"),
        ("a: \x01", "not understood"),
    ],
)
def test_files_that_are_not_understood(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(errors.AccessError, match=told) as caught:
        kubeconfig.parse(file)
    assert str(file) in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(errors.AccessError, match="cannot be read"):
        kubeconfig.parse(tmp_path)


def test_secrets_are_in_no_message_and_no_representation(tmp_path: Path) -> None:
    user = {"token": SECRET, "password": SECRET, "client-key-data": SECRET, "exec": {"args": [SECRET]}}
    found = kubeconfig.parse(write(tmp_path / "config", users=[{"name": "u", "user": user}]))
    assert SECRET not in repr(found) + repr(found.users) + repr(found.users["u"].exec)
    broken = write(
        tmp_path / "broken", users=[{"name": "u", "user": {"token": [SECRET], "password": SECRET}}]
    )
    with pytest.raises(errors.AccessError) as caught:
        kubeconfig.parse(broken)
    assert SECRET not in str(caught.value)
