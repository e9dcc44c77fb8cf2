"""The same kubeconfigs for kubectl and for us: both are the same person to the server, or both fail."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml
from cluster.kube.material import Material, config_of, encoded
from cluster.kube.tunnel import tunnel

from holdfast.kube import errors
from holdfast.kube.access import in_cluster, load_access
from holdfast.kube.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from holdfast.kube.access import Access
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster
FAILED = "failed"
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
LOGIN = """#!{python}
import json, os
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
status = json.loads(os.environ["ANSWER"])
if os.environ.get("WANTS_CLUSTER") and not info["spec"]["cluster"]["certificate-authority-data"]:
    raise SystemExit("nobody told me about the cluster")
print(json.dumps({{"kind": "ExecCredential", "apiVersion": info["apiVersion"], "status": status}}))
"""


@dataclass
class Case:
    """Kubeconfigs by name, the first taking precedence (an empty one is missing), and the files they name."""

    configs: dict[str, dict[str, Any]]
    files: dict[str, bytes] = field(default_factory=dict)
    context: str | None = None
    fails: bool = False

    def write(self, folder: Path) -> str:
        script = folder / "login"
        script.write_text(LOGIN.format(python=sys.executable))
        script.chmod(0o755)
        configs = {name: yaml.safe_dump(config).encode() for name, config in self.configs.items() if config}
        for name, content in (self.files | configs).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        return os.pathsep.join(str(folder / name) for name in self.configs)


def one(cluster: dict[str, Any], user: dict[str, Any], *, fails: bool = False, **files: bytes) -> Case:
    names = {name.replace("_", "."): content for name, content in files.items()}
    return Case({"config": config_of(cluster, user)}, names, fails=fails)


def login(status: dict[str, Any], version: str = "v1", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    mode = {"interactiveMode": "Never"} if version == "v1" else {}
    told = [{"name": "WANTS_CLUSTER", "value": "yes"}] if "provideClusterInfo" in more else []
    return {
        "exec": {
            "command": "./login",
            "apiVersion": f"client.authentication.k8s.io/{version}",
            "env": [{"name": "ANSWER", "value": msgspec.json.encode(status).decode()}, *told],
            **mode,
            **more,
        }
    }


def pair(m: Material) -> dict[str, Any]:
    return {"clientCertificateData": m.certificate.decode(), "clientKeyData": m.key.decode()}


def port(m: Material) -> str:
    return m.server.rpartition(":")[2]


def jane(**more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"as": "jane", **more}


CASES: dict[str, Callable[[Material], Case]] = {
    "certificate as data": lambda m: one(m.cluster, m.user),
    "certificate as files": lambda m: one(
        {"server": m.server, "certificate-authority": "ca.crt"},
        {"client-certificate": "u.crt", "client-key": "u.key"},
        ca_crt=m.authority,
        u_crt=m.certificate,
        u_key=m.key,
    ),
    "data before files": lambda m: one(m.cluster, m.user | {"tokenFile": "token"}, token=m.token.encode()),
    "token": lambda m: one(m.cluster, {"token": m.token}),
    "token file": lambda m: one(m.cluster, {"tokenFile": "token"}, token=m.token.encode() + b"\n"),
    "token file before token": lambda m: one(
        m.cluster, {"tokenFile": "token", "token": "old"}, token=m.token.encode()
    ),
    "token without its file": lambda m: one(m.cluster, {"tokenFile": "none", "token": m.token}),
    "missing token file": lambda m: one(m.cluster, {"tokenFile": "none"}, fails=True),
    "wrong token": lambda m: one(m.cluster, {"token": "wrong"}, fails=True),
    "plugin with token": lambda m: one(m.cluster, login({"token": m.token})),
    "plugin with certificate": lambda m: one(m.cluster, login(pair(m))),
    "plugin with both": lambda m: one(m.cluster, login({"token": m.token} | pair(m))),
    "plugin, older version": lambda m: one(m.cluster, login({"token": m.token}, "v1beta1")),
    "plugin, unknown version": lambda m: one(m.cluster, login({"token": m.token}, "v1alpha1"), fails=True),
    "plugin told of the cluster": lambda m: one(
        m.cluster,
        login({"token": m.token}, provideClusterInfo=True),
    ),
    "plugin with nothing": lambda m: one(m.cluster, login({}), fails=True),
    "plugin without mode": lambda m: one(
        m.cluster, login({"token": m.token}, interactiveMode=""), fails=True
    ),
    "plugin that is missing": lambda m: one(
        m.cluster, login({"token": m.token}, command="no-such-login"), fails=True
    ),
    "plugin and token": lambda m: one(m.cluster, login({"token": "wrong"}) | {"token": m.token}),
    "server name": lambda m: one(
        {**m.cluster, "server": f"https://127.0.0.1:{port(m)}", "tls-server-name": "localhost"}, m.user
    ),
    "wrong server name": lambda m: one(
        {**m.cluster, "tls-server-name": "elsewhere.example.com"}, m.user, fails=True
    ),
    "unknown authority": lambda m: one({"server": m.server}, m.user, fails=True),
    "no verification": lambda m: one({"server": m.server, "insecure-skip-tls-verify": True}, m.user),
    "no verification and an authority": lambda m: one(
        m.cluster | {"insecure-skip-tls-verify": True}, m.user, fails=True
    ),
    "server without scheme": lambda m: one(
        m.cluster | {"server": m.server.removeprefix("https://")}, m.user, fails=True
    ),
    "server with slash": lambda m: one(m.cluster | {"server": f"{m.server}/"}, m.user),
    "impersonation": lambda m: one(
        m.cluster,
        m.user
        | jane(**{"as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"x.io/Scope": ["1", "2"]}}),
    ),
    "impersonation without a user": lambda m: one(m.cluster, m.user | {"as-groups": ["a"]}, fails=True),
    "impersonation without the right": lambda m: one(m.cluster, {"token": m.token} | jane(), fails=True),
    "password and token": lambda m: one(
        m.cluster, {"token": m.token, "username": "a", "password": "b"}, fails=True
    ),
    "certificate without key": lambda m: one(
        m.cluster, {"client-certificate-data": encoded(m.certificate)}, fails=True
    ),
    "proxy that is dead": lambda m: one(m.cluster | {"proxy-url": "http://127.0.0.1:1"}, m.user, fails=True),
    "no server": lambda m: one(m.cluster | {"server": ""}, m.user, fails=True),
    "no such user": lambda m: Case(
        {"config": config_of(m.cluster, m.user, users=[{"name": "v", "user": m.user}])}, fails=True
    ),
    "no such context": lambda m: Case({"config": config_of(m.cluster, m.user)}, context="two", fails=True),
    "no current context": lambda m: Case(
        {"config": config_of(m.cluster, m.user, **{"current-context": ""})}, fails=True
    ),
    "not yaml": lambda m: Case({"config": config_of(m.cluster, m.user) | {"users": "none"}}, fails=True),
    "several files": lambda m: Case(
        {
            "first/config": {
                "current-context": "one",
                "users": [{"name": "u", "user": {"tokenFile": "token"}}],
            },
            "missing/config": {},
            "second/config": config_of(m.cluster, m.user, **{"current-context": "none"}),
        },
        {"first/token": m.token.encode(), "second/token": b"not this one"},
    ),
}


async def kubectl(sandbox: Sandbox, paths: str, context: str | None) -> Any:  # noqa: ANN401
    """Who kubectl is to the server."""
    program = await asyncio.create_subprocess_exec(
        sandbox.kubectl_path,
        *("auth", "whoami", "-o", "json"),
        *(("--context", context) if context else ()),
        env={**os.environ, "KUBECONFIG": paths},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, _ = await program.communicate()
    return FAILED if program.returncode else msgspec.json.decode(output)["status"]


async def whoami(access: Access) -> Any:  # noqa: ANN401
    async with Client(access) as client:
        answer = await client.request("POST", REVIEWS, body={})
    return msgspec.json.decode(answer)["status"]


async def ours(context: str | None) -> Any:  # noqa: ANN401
    try:
        return await whoami(load_access(context=context))
    except (errors.AccessError, errors.Unreachable, errors.ApiError):
        return FAILED


@pytest.mark.parametrize("name", CASES)
async def test_kubectl_and_we_are_the_same_person(
    name: str, sandbox: Sandbox, material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name](material)
    paths = case.write(tmp_path)
    monkeypatch.setenv("KUBECONFIG", paths)
    theirs = await kubectl(sandbox, paths, case.context)
    assert (theirs == FAILED) == case.fails
    assert await ours(case.context) == theirs


async def test_the_proxy_of_the_kubeconfig_is_used(
    sandbox: Sandbox, material: Material, tmp_path: Path
) -> None:
    async with tunnel() as opened:
        paths = one(material.cluster | {"proxy-url": opened.url}, material.user).write(tmp_path)
        theirs = await kubectl(sandbox, paths, None)
        assert opened.used == 1
        assert await whoami(load_access(tmp_path / "config")) == theirs
        assert opened.used == 2


async def test_inside_a_pod(material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port(material))
    (tmp_path / "token").write_text(material.token)
    (tmp_path / "ca.crt").write_bytes(material.authority)
    who = await whoami(in_cluster(tmp_path))
    assert who["userInfo"]["username"].endswith(":robot")


async def test_a_token_is_rotated_under_way(material: Material, tmp_path: Path) -> None:
    case = one(material.cluster, {"tokenFile": "token"}, token=b"expired")
    case.write(tmp_path)
    async with Client(load_access(tmp_path / "config")) as client:
        with pytest.raises(errors.Unauthorized):
            await client.request("POST", REVIEWS, body={})
        (tmp_path / "token").write_text(material.token)
        assert await client.request("POST", REVIEWS, body={})


async def test_a_plugin_is_asked_again_when_its_token_is_refused(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = login({"token": "expired"})
    user["exec"]["env"] = []
    one(material.cluster, user).write(tmp_path)
    monkeypatch.setenv("ANSWER", '{"token": "expired"}')
    async with Client(load_access(tmp_path / "config")) as client:
        with pytest.raises(errors.Unauthorized):
            await client.request("POST", REVIEWS, body={})
        monkeypatch.setenv("ANSWER", msgspec.json.encode({"token": material.token}).decode())
        assert await client.request("POST", REVIEWS, body={})
