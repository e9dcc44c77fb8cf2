"""How to reach the API server and as whom: from kubeconfig files by kubectl's rules, or from inside a pod.

Everything is read here, before the first request, except what changes meanwhile (token files, credential plugins).
Legacy `auth-provider` entries and SOCKS proxies are refused by name instead of ignored.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from holdfast.kube import kubeconfig as files
from holdfast.kube import plugins
from holdfast.kube.credentials import Credentials, Fixed, Identity, TokenFile, basic, bearer
from holdfast.kube.errors import AccessError
from holdfast.kube.proxies import from_environment
from holdfast.kube.tls import Certificate, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_SCHEMES = {"http", "https"}
_EXTENSION = f"{plugins.GROUP}/exec"


@dataclass(frozen=True, slots=True)
class Access:
    """The way to one API server.

    Attributes:
        server: URL, possibly with a path that all requests start with; no trailing slash.
        namespace: Where commands look when none is named.
        proxy: URL of the HTTP proxy, `""` for none.
        headers: Sent with every request: whom to impersonate, and what encoding to use.
        context: The name of the kubeconfig's context, `""` inside a pod.
    """

    server: str
    credentials: Credentials = field(repr=False)
    namespace: str = "default"
    trust: Trust = field(default_factory=Trust)
    proxy: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    context: str = ""


def load_access(kubeconfig: Path | None = None, context: str | None = None) -> Access:
    """The access that kubectl would use with the same files and environment.

    Args:
        kubeconfig: Just this file; otherwise those of $KUBECONFIG, otherwise `~/.kube/config`.
        context: Instead of the files' current context.

    Raises:
        AccessError: there is none, or it cannot be used.
    """
    if kubeconfig is not None and not kubeconfig.exists():
        raise AccessError(f"kubeconfig {kubeconfig} does not exist")
    paths = [kubeconfig] if kubeconfig is not None else default_paths()
    config = files.read(paths)
    if config.clusters or config.contexts or context:
        return from_kubeconfig(config, context)
    if "KUBERNETES_SERVICE_HOST" in os.environ and (SERVICE_ACCOUNT / "token").exists():
        return in_cluster()
    looked = ", ".join(map(str, paths))
    raise AccessError(f"no cluster is configured in {looked}: name a file with --kubeconfig or $KUBECONFIG")


def default_paths() -> list[Path]:
    """Where kubeconfigs are looked for when none is named."""
    named = [Path(path) for path in os.environ.get("KUBECONFIG", "").split(os.pathsep) if path]
    return list(dict.fromkeys(named)) or [Path.home() / ".kube" / "config"]


def in_cluster(folder: Path = SERVICE_ACCOUNT) -> Access:
    """The access of a pod's service account.

    Raises:
        AccessError: this is no pod, or its service account is not mounted.
    """
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise AccessError("not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    namespace = folder / "namespace"
    return Access(
        server=server,
        credentials=TokenFile(folder / "token"),
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        trust=Trust(authority=_read(str(folder / "ca.crt"), "the service account's CA")),
        proxy=from_environment(server, os.environ),
    )


def from_kubeconfig(config: files.Kubeconfig, context: str | None = None) -> Access:
    """The access that one context of a kubeconfig means.

    Raises:
        AccessError: the context, its cluster or its user is missing or cannot be used.
    """
    name = context or config.current_context
    if not name:
        raise AccessError(f"no context is chosen: name one of {_names(config.contexts)}")
    chosen = _entry(config.contexts, name, "context", "the kubeconfig")
    cluster = _entry(config.clusters, chosen.cluster, "cluster", f"context {name!r}")
    user = _entry(config.users, chosen.user, "user", f"context {name!r}")
    server = _server(chosen.cluster, cluster)
    return Access(
        server=server,
        credentials=_credentials(chosen.user, user, cluster) if server.startswith("https:") else _NOBODY,
        namespace=chosen.namespace or "default",
        trust=_trust(chosen.cluster, cluster),
        proxy=_proxy(chosen.cluster, cluster, server),
        headers=(*_impersonation(chosen.user, user), *(_UNCOMPRESSED if cluster.disable_compression else ())),
        context=name,
    )


_UNCOMPRESSED = (("Accept-Encoding", "identity"),)
_NOBODY = Fixed(Identity())


def _entry(entries: Mapping[str, files.Entry], name: str, kind: str, wanted_by: str) -> files.Entry:
    try:
        return entries[name]
    except KeyError:
        known = _names(entries)
        raise AccessError(f"{wanted_by} wants {kind} {name!r}, which is not there; known: {known}") from None


def _names(entries: Mapping[str, object]) -> str:
    return ", ".join(sorted(entries)) or "none"


def _server(name: str, cluster: files.Cluster) -> str:
    if not cluster.server:
        raise AccessError(f"cluster {name!r} has no server")
    server = cluster.server if "://" in cluster.server else f"http://{cluster.server}"
    try:
        parts = urlsplit(server)
        usable = parts.hostname and parts.port != 0 and not parts.username and parts.scheme in _SCHEMES
    except ValueError:
        usable = False
    if not usable:
        raise AccessError(f"the server of cluster {name!r} is no http or https URL, or it holds credentials")
    return server.rstrip("/")


def _trust(name: str, cluster: files.Cluster) -> Trust:
    data, path = cluster.certificate_authority_data, cluster.certificate_authority
    if cluster.insecure_skip_tls_verify and (data or path):
        raise AccessError(
            f"cluster {name!r} has a certificate authority and insecure-skip-tls-verify: choose one"
        )
    authority = data or (_read(path, f"certificate-authority of cluster {name!r}") if path else b"")
    return Trust(authority, not cluster.insecure_skip_tls_verify, cluster.tls_server_name)


def _proxy(name: str, cluster: files.Cluster, server: str) -> str:
    if not cluster.proxy_url:
        return from_environment(server, os.environ)
    if urlsplit(cluster.proxy_url).scheme not in _SCHEMES:
        raise AccessError(
            f"the proxy-url of cluster {name!r} is no http or https URL; others are not supported"
        )
    return cluster.proxy_url


def _credentials(name: str, user: files.User, cluster: files.Cluster) -> Credentials:
    if user.auth_provider is not None:
        raise AccessError(f"user {name!r} has an auth-provider, which kubectl gave up: use an exec plugin")
    if (user.username or user.password) and (user.token or user.token_file):
        raise AccessError(f"user {name!r} has a password and a token: choose one")
    certificate = _certificate(name, user)
    if user.token_file:
        return TokenFile(Path(user.token_file), user.token, certificate)
    if user.exec is not None and not (user.token or user.username or user.password or certificate):
        return plugins.PluginCredentials(_plugin(name, user.exec, cluster))
    return Fixed(Identity(_authorization(user), certificate))


def _authorization(user: files.User) -> str:
    if user.token:
        return bearer(user.token)
    return basic(user.username, user.password) if user.username or user.password else ""


def _certificate(name: str, user: files.User) -> Certificate | None:
    if not (user.client_certificate or user.client_certificate_data):
        return None
    if not (user.client_key or user.client_key_data):
        raise AccessError(f"user {name!r} has a client certificate but no client-key")
    return Certificate(
        user.client_certificate_data
        or _read(user.client_certificate, f"client-certificate of user {name!r}"),
        user.client_key_data or _read(user.client_key, f"client-key of user {name!r}"),
    )


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as failure:
        raise AccessError(f"{what} cannot be read from {path}: {failure.strerror}") from failure


def _plugin(name: str, wanted: files.Exec, cluster: files.Cluster) -> plugins.Plugin:
    if not wanted.command:
        raise AccessError(f"the exec plugin of user {name!r} has no command")
    if wanted.api_version not in plugins.VERSIONS:
        known = " or ".join(plugins.VERSIONS)
        raise AccessError(
            f"the exec plugin of user {name!r} has apiVersion {wanted.api_version!r}: use {known}"
        )
    mode = wanted.interactive_mode or ("" if wanted.api_version == plugins.VERSIONS[0] else "IfAvailable")
    if mode not in {"Never", "IfAvailable", "Always"}:
        raise AccessError(
            f"the exec plugin of user {name!r} needs interactiveMode Never, IfAvailable or Always"
        )
    return plugins.Plugin(
        command=wanted.command,
        arguments=tuple(wanted.args or ()),
        environment={variable.name: variable.value for variable in wanted.env or ()},
        api_version=wanted.api_version,
        interactive=mode,
        install_hint=wanted.install_hint,
        cluster=_told(cluster) if wanted.provide_cluster_info else None,
    )


def _told(cluster: files.Cluster) -> dict[str, Any]:
    authority: bytes = cluster.certificate_authority_data
    if not authority and cluster.certificate_authority:
        authority = _read(cluster.certificate_authority, "certificate-authority")
    told = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": base64.b64encode(authority).decode(),
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": next((e.extension for e in cluster.extensions or () if e.name == _EXTENSION), None),
    }
    return {key: value for key, value in told.items() if value}


def _impersonation(name: str, user: files.User) -> list[tuple[str, str]]:
    extras = user.as_user_extra or {}
    if not user.as_:
        if user.as_uid or user.as_groups or extras:
            raise AccessError(f"user {name!r} impersonates a uid, groups or extras without a user: add `as`")
        return []
    return [
        ("Impersonate-User", user.as_),
        *([("Impersonate-Uid", user.as_uid)] if user.as_uid else []),
        *(("Impersonate-Group", group) for group in user.as_groups or ()),
        *(
            (f"Impersonate-Extra-{quote(key, safe='')}", value)
            for key, values in extras.items()
            for value in values
        ),
    ]
