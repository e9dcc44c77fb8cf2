from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from holdfast.kube import access, errors
from holdfast.kube.credentials import Fixed, Identity, TokenFile
from holdfast.kube.plugins import VERSIONS, PluginCredentials

if TYPE_CHECKING:
    from pathlib import Path

PEM = b"-----BEGIN CERTIFICATE-----"
LOGIN: dict[str, Any] = {"command": "login", "apiVersion": VERSIONS[0], "interactiveMode": "Never"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No kubeconfig, no proxy, no pod."""
    for name in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def config(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None, **context: str
) -> Path:
    path = tmp_path / "config"
    content = {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u", **context}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://api.example.com", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(content))
    return path


async def identity_of(found: access.Access) -> Identity:
    return await found.credentials.current()


async def test_a_token(tmp_path: Path) -> None:
    found = access.load_access(config(tmp_path, {"token": "t"}, namespace="web"))
    assert (found.server, found.namespace, found.context) == ("https://api.example.com", "web", "one")
    assert await identity_of(found) == Identity("Bearer t")


async def test_a_token_file_wins_over_a_token_once_it_can_be_read(tmp_path: Path) -> None:
    found = access.load_access(config(tmp_path, {"token": "t", "tokenFile": "token"}))
    assert await identity_of(found) == Identity("Bearer t")
    (tmp_path / "token").write_text("from the file")
    assert await identity_of(found) == Identity("Bearer from the file")


async def test_data_wins_over_files(tmp_path: Path) -> None:
    user = {"client-certificate": "none", "client-key": "none"}
    data = {"client-certificate-data": "Y2hhaW4=", "client-key-data": "a2V5"}
    identity = await identity_of(access.load_access(config(tmp_path, user | data)))
    assert identity.certificate is not None
    assert identity.certificate.chain == b"chain"


def test_a_plugin_is_used_only_without_other_credentials(tmp_path: Path) -> None:
    assert isinstance(access.load_access(config(tmp_path, {"exec": LOGIN})).credentials, PluginCredentials)
    with_token = access.load_access(config(tmp_path, {"exec": LOGIN, "token": "t"}))
    assert isinstance(with_token.credentials, Fixed)


async def test_no_credentials_are_sent_in_the_clear(tmp_path: Path) -> None:
    found = access.load_access(config(tmp_path, {"token": "t"}, {"server": "http://api.example.com"}))
    assert await identity_of(found) == Identity()


@pytest.mark.parametrize(
    ("cluster", "server"),
    [
        ({"server": "https://host/prefix/"}, "https://host/prefix"),
        ({"server": "host:8080"}, "http://host:8080"),
        ({"server": "host:6443", "certificate-authority-data": "Y2E="}, "http://host:6443"),
    ],
)
def test_servers(tmp_path: Path, cluster: dict[str, Any], server: str) -> None:
    assert access.load_access(config(tmp_path, {}, cluster)).server == server


def test_a_proxy_of_the_kubeconfig_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env:3128")
    assert access.load_access(config(tmp_path, {})).proxy == "http://env:3128"
    found = access.load_access(config(tmp_path, {}, {"proxy-url": "http://user:secret@own:3128"}))
    assert found.proxy == "http://user:secret@own:3128"
    assert "secret" not in repr(found)


def test_whom_to_impersonate(tmp_path: Path) -> None:
    user = {
        "as": "jane",
        "as-uid": "7",
        "as-groups": ["a", "b"],
        "as-user-extra": {"example.com/scope": ["x", "y"]},
    }
    assert access.load_access(config(tmp_path, user)).headers == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-example.com%2Fscope", "x"),
        ("Impersonate-Extra-example.com%2Fscope", "y"),
    )


def test_compression_can_be_switched_off(tmp_path: Path) -> None:
    found = access.load_access(config(tmp_path, {}, {"disable-compression": True}))
    assert found.headers == (("Accept-Encoding", "identity"),)


@pytest.mark.parametrize(
    ("user", "cluster", "told"),
    [
        ({}, {"server": ""}, "cluster 'c' has no server"),
        ({}, {"server": "https://user:secret@host"}, "holds credentials"),
        ({}, {"server": "https://host:many"}, "no http or https URL"),
        ({}, {"server": "ftp://host"}, "no http or https URL"),
        ({}, {"certificate-authority": "none"}, "certificate-authority of cluster 'c' cannot be read"),
        ({}, {"insecure-skip-tls-verify": True, "certificate-authority-data": "Y2E="}, "choose one"),
        ({}, {"proxy-url": "socks5://h:1"}, "proxy-url of cluster 'c'"),
        ({"auth-provider": {"name": "oidc"}}, {}, "use an exec plugin"),
        ({"username": "a", "token": "secret"}, {}, "a password and a token"),
        ({"client-certificate-data": "Y2E="}, {}, "no client-key"),
        ({"client-certificate": "x", "client-key": "y"}, {}, "client-certificate of user 'u' cannot be read"),
        ({"as-uid": "1"}, {}, "without a user"),
        ({"exec": LOGIN | {"command": ""}}, {}, "no command"),
        ({"exec": LOGIN | {"apiVersion": "client.authentication.k8s.io/v1alpha1"}}, {}, "v1beta1"),
        ({"exec": LOGIN | {"interactiveMode": ""}}, {}, "interactiveMode"),
        ({"exec": LOGIN | {"interactiveMode": "Sometimes"}}, {}, "interactiveMode"),
    ],
)
def test_what_cannot_be_used(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any], told: str
) -> None:
    with pytest.raises(errors.AccessError, match=told) as caught:
        access.load_access(config(tmp_path, user, cluster))
    assert "secret" not in str(caught.value)


def test_the_older_plugin_version_may_leave_the_mode_out(tmp_path: Path) -> None:
    older = LOGIN | {"interactiveMode": "", "apiVersion": VERSIONS[1]}
    assert isinstance(access.load_access(config(tmp_path, {"exec": older})).credentials, PluginCredentials)


def test_a_missing_context_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(errors.AccessError, match="context 'two', which is not there; known: one"):
        access.load_access(config(tmp_path, {}), "two")


def test_a_missing_file_that_was_named(tmp_path: Path) -> None:
    with pytest.raises(errors.AccessError, match="does not exist"):
        access.load_access(tmp_path / "nowhere")


def test_nothing_is_configured() -> None:
    with pytest.raises(errors.AccessError, match="no cluster is configured"):
        access.load_access()


def test_the_environment_names_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = config(tmp_path, {"token": "t"})
    monkeypatch.setenv("KUBECONFIG", f":{tmp_path}/missing:{path}:{path}")
    assert access.default_paths() == [tmp_path / "missing", path]
    assert access.load_access().context == "one"


async def test_inside_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    for name, content in (("token", "t\n"), ("ca.crt", PEM.decode()), ("namespace", "web")):
        (tmp_path / name).write_text(content)
    found = access.in_cluster(tmp_path)
    assert (found.server, found.namespace) == ("https://[fd00::1]:443", "web")
    assert found.trust.authority == PEM
    assert isinstance(found.credentials, TokenFile)
    assert await identity_of(found) == Identity("Bearer t")


def test_outside_a_pod(tmp_path: Path) -> None:
    with pytest.raises(errors.AccessError, match="not in a pod"):
        access.in_cluster(tmp_path)
