from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from holdfast.kube import errors
from holdfast.kube.credentials import Fixed, Identity, TokenFile, basic
from holdfast.kube.plugins import VERSIONS, Plugin, PluginCredentials

if TYPE_CHECKING:
    from pathlib import Path

V1, V1BETA1 = VERSIONS
LOGIN = """
import json, os, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
call = {"info": info, "args": sys.argv[1:], "flag": os.environ.get("FLAG")}
open(FOLDER + "/calls", "a").write(json.dumps(call) + "\\n")
print(open(FOLDER + "/answer").read())
"""


class Login:
    """A plugin that prints what the test says and records how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "login.py"
        self.script.write_text(f"FOLDER = {str(folder)!r}\n" + textwrap.dedent(LOGIN))

    def answers(self, status: dict[str, Any], api_version: str = V1) -> None:
        body = {"kind": "ExecCredential", "apiVersion": api_version, "status": status}
        (self.folder / "answer").write_bytes(msgspec.json.encode(body))

    def plugin(self, **more: Any) -> Plugin:  # noqa: ANN401
        return Plugin(sys.executable, (str(self.script), "secret-argument"), **more)

    @property
    def calls(self) -> list[dict[str, Any]]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [msgspec.json.decode(line) for line in lines]


@pytest.fixture
def login(tmp_path: Path) -> Login:
    return Login(tmp_path)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def long_ago() -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC)


async def test_a_plugin_is_told_what_is_wanted(login: Login) -> None:
    login.answers({"token": "t"}, V1BETA1)
    plugin = login.plugin(
        environment={"FLAG": "on"}, api_version=V1BETA1, interactive="Never", cluster={"server": "https://x"}
    )
    assert await PluginCredentials(plugin).current() == Identity("Bearer t")
    (call,) = login.calls
    assert call == {
        "info": {
            "kind": "ExecCredential",
            "apiVersion": V1BETA1,
            "spec": {"interactive": False, "cluster": {"server": "https://x"}},
        },
        "args": ["secret-argument"],
        "flag": "on",
    }


async def test_a_plugin_runs_once_for_many_requests(login: Login) -> None:
    login.answers({"token": "t", "expirationTimestamp": in_an_hour()})
    credentials = PluginCredentials(login.plugin())
    found = await asyncio.gather(*(credentials.current() for _ in range(10)))
    assert set(found) == {Identity("Bearer t")}
    assert len(login.calls) == 1


async def test_what_expired_is_asked_for_again(login: Login) -> None:
    login.answers({"token": "old", "expirationTimestamp": long_ago()})
    credentials = PluginCredentials(login.plugin())
    await credentials.current()
    login.answers({"token": "new"})
    assert await credentials.current() == Identity("Bearer new")


async def test_a_refused_identity_is_renewed_once_for_all_who_saw_it(login: Login) -> None:
    login.answers({"token": "old"})
    credentials = PluginCredentials(login.plugin())
    old = await credentials.current()
    login.answers({"token": "new"})
    renewed = await asyncio.gather(*(credentials.renew(old) for _ in range(5)))
    assert set(renewed) == {Identity("Bearer new")}
    assert len(login.calls) == 2


async def test_a_plugin_may_give_a_certificate(login: Login) -> None:
    login.answers({"clientCertificateData": "chain", "clientKeyData": "key"})
    identity = await PluginCredentials(login.plugin()).current()
    assert identity.authorization == ""
    assert identity.certificate is not None
    assert (identity.certificate.chain, identity.certificate.key) == (b"chain", b"key")
    assert "key" not in repr(identity).replace("key=", "")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ({}, "neither a token nor a certificate"),
        ({"clientKeyData": "k", "token": "t"}, "but not both"),
        ({"token": 1}, "did not print an ExecCredential"),
    ],
)
async def test_answers_that_are_of_no_use(login: Login, status: dict[str, Any], told: str) -> None:
    login.answers(status)
    with pytest.raises(errors.AccessError, match=told) as caught:
        await PluginCredentials(login.plugin()).current()
    assert "secret-argument" not in str(caught.value)


async def test_an_answer_in_another_version(login: Login) -> None:
    login.answers({"token": "t"}, V1BETA1)
    with pytest.raises(errors.AccessError, match=f"configured to speak {V1} but answered in '{V1BETA1}'"):
        await PluginCredentials(login.plugin()).current()


async def test_a_failing_plugin(tmp_path: Path) -> None:
    script = tmp_path / "fail"
    script.write_text("#!/bin/sh\nexit 3\n")
    script.chmod(0o755)
    with pytest.raises(errors.AccessError, match="exit code 3"):
        await PluginCredentials(Plugin(str(script))).current()


async def test_a_missing_plugin_says_how_to_install_it() -> None:
    plugin = Plugin("no-such-login", install_hint="Install it from the shop.\n")
    with pytest.raises(errors.AccessError, match=r"No such file or directory. Install it from the shop.$"):
        await PluginCredentials(plugin).current()


async def test_a_plugin_that_needs_a_person_where_there_is_none(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(os.devnull) as nobody:  # noqa: ASYNC230, PTH123
        monkeypatch.setattr(sys, "stdin", nobody)
        with pytest.raises(errors.AccessError, match="wants a terminal"):
            await PluginCredentials(login.plugin(interactive="Always")).current()


async def test_a_cancelled_wait_ends_the_plugin(tmp_path: Path) -> None:
    script, pipe = tmp_path / "wait", tmp_path / "pid"
    os.mkfifo(pipe)
    script.write_text(f"#!/bin/sh\necho $$ > {pipe}\nexec sleep 1000\n")
    script.chmod(0o755)
    waiting = asyncio.ensure_future(PluginCredentials(Plugin(str(script))).current())
    pid = int(await asyncio.to_thread(pipe.read_text))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_token_file_that_vanishes_leaves_the_last_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    credentials = TokenFile(file)
    one = await credentials.current()
    file.unlink()
    assert await credentials.renew(one) == one


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_a_token_file_without_a_token(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(errors.AccessError, match=str(file)):
        await TokenFile(file).current()
    assert await TokenFile(file, "given").current() == Identity("Bearer given")


async def test_a_fixed_identity_cannot_be_renewed() -> None:
    identity = Identity(basic("user", "päss"))
    assert await Fixed(identity).renew(identity) == identity
    assert identity.authorization == "Basic dXNlcjpww6Rzcw=="


async def test_a_token_file_is_read_again_after_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("holdfast.kube.credentials.time.monotonic", lambda: clock[0])
    file = tmp_path / "token"
    file.write_text("one")
    credentials = TokenFile(file)
    await credentials.current()
    file.write_text("two")
    clock[0] = 59.0
    assert await credentials.current() == Identity("Bearer one")
    clock[0] = 60.0
    assert await credentials.current() == Identity("Bearer two")
