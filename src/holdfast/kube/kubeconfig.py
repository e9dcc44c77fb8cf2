"""Kubeconfig files: read, merged, and one context chosen, by kubectl's rules.

The first file that names a cluster, user, context or current context wins, whole: entries of the same name are not
mixed. Relative paths count from the file that holds them. What the entries mean is `holdfast.kube.access`.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from holdfast.kube.errors import AccessError

if TYPE_CHECKING:
    from pathlib import Path


class Data(bytes):
    """Bytes that the file holds in base64, possibly folded into lines."""


class _Quiet(msgspec.Struct, kw_only=True):
    """Keeps secrets out of messages: an entry shows its type alone."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Cluster(_Quiet, rename="kebab"):
    """Where the API server is."""

    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: Data = Data()
    proxy_url: str = ""
    disable_compression: bool = False
    extensions: list[Extension] | None = None


class Extension(_Quiet):
    """A value that some tool keeps in a kubeconfig."""

    name: str
    extension: Any = None


class Variable(_Quiet):
    """An environment variable of a plugin."""

    name: str
    value: str = ""


class Exec(_Quiet, rename="camel"):
    """A program that prints credentials."""

    command: str = ""
    args: list[str] | None = None
    env: list[Variable] | None = None
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


class User(_Quiet, rename="kebab"):
    """Who we are."""

    client_certificate: str = ""
    client_certificate_data: Data = Data()
    client_key: str = ""
    client_key_data: Data = Data()
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    username: str = ""
    password: str = ""
    as_: str = msgspec.field(default="", name="as")
    as_uid: str = ""
    as_groups: list[str] | None = None
    as_user_extra: dict[str, list[str]] | None = None
    auth_provider: Any = None
    exec: Exec | None = None


class Context(_Quiet):
    """A user at a cluster."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


class _NamedCluster(_Quiet):
    name: str
    cluster: Cluster


class _NamedUser(_Quiet):
    name: str
    user: User


class _NamedContext(_Quiet):
    name: str
    context: Context


class _File(_Quiet):
    current_context: str = msgspec.field(default="", name="current-context")
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None
    contexts: list[_NamedContext] | None = None


class Kubeconfig(_Quiet):
    """Everything that some files say together; paths are absolute."""

    current_context: str = ""
    clusters: dict[str, Cluster] = {}
    users: dict[str, User] = {}
    contexts: dict[str, Context] = {}


Entry = TypeVar("Entry", Cluster, User, Context)
_Entry = TypeVar("_Entry", Cluster, User)
_PATHS = {Cluster: ("certificate_authority",), User: ("client_certificate", "client_key", "token_file")}


def read(paths: list[Path]) -> Kubeconfig:
    """What the files say together, the first taking precedence.

    Raises:
        AccessError: a file cannot be read or understood. Missing files are none of these: they say nothing.
    """
    return merge([parse(path) for path in paths if path.exists()])


def merge(parts: list[Kubeconfig]) -> Kubeconfig:
    """One out of many, the first taking precedence."""
    rising = parts[::-1]
    return Kubeconfig(
        current_context=next((part.current_context for part in parts if part.current_context), ""),
        clusters={name: entry for part in rising for name, entry in part.clusters.items()},
        users={name: entry for part in rising for name, entry in part.users.items()},
        contexts={name: entry for part in rising for name, entry in part.contexts.items()},
    )


def parse(path: Path) -> Kubeconfig:
    """One file.

    Raises:
        AccessError: it cannot be read or understood.
    """
    file = _decode(path)
    folder = path.absolute().parent
    return Kubeconfig(
        current_context=file.current_context,
        clusters={entry.name: _absolute(entry.cluster, folder) for entry in file.clusters or ()},
        users={entry.name: _absolute_user(entry.user, folder) for entry in file.users or ()},
        contexts={entry.name: entry.context for entry in file.contexts or ()},
    )


def _decode(path: Path) -> _File:
    import yaml  # noqa: PLC0415 - costs 40 ms, and only kubeconfigs need it

    try:
        loaded = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        return msgspec.convert(_without_nulls(loaded or {}), _File, dec_hook=_data)
    except OSError as failure:
        raise AccessError(f"kubeconfig {path} cannot be read: {failure.strerror}") from failure
    except yaml.MarkedYAMLError as failure:
        line = failure.problem_mark.line + 1 if failure.problem_mark else "?"
        raise AccessError(f"kubeconfig {path}, line {line}: not valid YAML") from None
    except (yaml.YAMLError, msgspec.ValidationError) as failure:
        raise AccessError(f"kubeconfig {path} is not understood: {failure}") from None


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _data(kind: type, value: object) -> object:
    try:
        return kind(base64.b64decode("".join(str(value).split()), validate=True))
    except binascii.Error:
        raise ValueError("expected base64") from None


def _absolute(entry: _Entry, folder: Path) -> _Entry:
    given = {name: getattr(entry, name) for name in _PATHS[type(entry)]}
    return msgspec.structs.replace(entry, **{name: _join(folder, path) for name, path in given.items()})


def _absolute_user(user: User, folder: Path) -> User:
    user = _absolute(user, folder)
    if user.exec is None or os.sep not in user.exec.command:
        return user
    command = _join(folder, user.exec.command)
    return msgspec.structs.replace(user, exec=msgspec.structs.replace(user.exec, command=command))


def _join(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""
