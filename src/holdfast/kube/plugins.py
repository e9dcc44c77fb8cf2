"""Credentials from a program named in the kubeconfig (`exec`), as cloud providers and single sign-on ship them.

The program learns from KUBERNETES_EXEC_INFO what is wanted and prints an ExecCredential. Its answer is kept until it
expires or the server refuses it; however many requests wait for it, it runs once. Its arguments and its output may
hold secrets and are in no message.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.kube.credentials import Identity, bearer
from holdfast.kube.errors import AccessError
from holdfast.kube.tls import Certificate

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "client.authentication.k8s.io"
VERSIONS = (f"{GROUP}/v1", f"{GROUP}/v1beta1")


@dataclass(frozen=True, slots=True)
class Plugin:
    """How the program is started.

    Attributes:
        interactive: `Never`, `IfAvailable` or `Always`: whether it may ask a person on the terminal.
        cluster: What it is told about the cluster, where the kubeconfig wants that.
    """

    command: str
    arguments: tuple[str, ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_version: str = VERSIONS[0]
    interactive: str = "IfAvailable"
    install_hint: str = ""
    cluster: Mapping[str, Any] | None = field(default=None, repr=False)


class _Status(msgspec.Struct, rename="camel"):
    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class _Credential(msgspec.Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


class PluginCredentials:
    """Identities from a plugin."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin
        self._identity: Identity | None = None
        self._expires: datetime | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> Identity:
        async with self._lock:
            if self._identity is None or self._expired():
                return await self._run()
            return self._identity

    async def renew(self, refused: Identity) -> Identity:
        async with self._lock:
            if self._identity is not None and self._identity != refused:
                return self._identity
            return await self._run()

    def _expired(self) -> bool:
        return self._expires is not None and datetime.now(UTC) >= self._expires

    async def _run(self) -> Identity:
        status = _understand(self._plugin, await _output(self._plugin))
        self._expires = status.expiration_timestamp
        self._identity = _identity(self._plugin, status)
        return self._identity


def exec_info(plugin: Plugin, *, interactive: bool) -> str:
    """The value of KUBERNETES_EXEC_INFO."""
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.cluster is not None:
        spec["cluster"] = plugin.cluster
    return msgspec.json.encode(
        {"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": spec}
    ).decode()


async def _output(plugin: Plugin) -> bytes:
    interactive = _interactive(plugin)
    program = await _start(plugin, interactive=interactive)
    try:
        output, _ = await program.communicate()
    except asyncio.CancelledError:
        program.kill()
        await program.wait()
        raise
    if program.returncode:
        raise AccessError(f"credential plugin {plugin.command!r} failed with exit code {program.returncode}")
    return output


async def _start(plugin: Plugin, *, interactive: bool) -> asyncio.subprocess.Process:
    info = {"KUBERNETES_EXEC_INFO": exec_info(plugin, interactive=interactive)}
    try:
        return await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.arguments,
            stdin=None if interactive else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **plugin.environment, **info},
        )
    except OSError as failure:
        hint = f". {plugin.install_hint.strip()}" if plugin.install_hint else ""
        raise AccessError(
            f"credential plugin {plugin.command!r} cannot be started: {failure.strerror}{hint}"
        ) from failure


def _interactive(plugin: Plugin) -> bool:
    terminal = sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()
    if plugin.interactive == "Always" and not terminal:
        raise AccessError(f"credential plugin {plugin.command!r} wants a terminal, and there is none")
    return plugin.interactive != "Never" and terminal


def _understand(plugin: Plugin, output: bytes) -> _Status:
    try:
        credential = msgspec.json.decode(output, type=_Credential)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise AccessError(f"credential plugin {plugin.command!r} did not print an ExecCredential") from None
    if credential.api_version != plugin.api_version:
        raise AccessError(
            f"credential plugin {plugin.command!r} is configured to speak {plugin.api_version} "
            f"but answered in {credential.api_version!r}"
        )
    if credential.status is None:
        raise AccessError(f"credential plugin {plugin.command!r} printed no status")
    return credential.status


def _identity(plugin: Plugin, status: _Status) -> Identity:
    chain, key = status.client_certificate_data, status.client_key_data
    if bool(chain) != bool(key):
        raise AccessError(f"credential plugin {plugin.command!r} gave a certificate or a key, but not both")
    if not (status.token or chain):
        raise AccessError(f"credential plugin {plugin.command!r} gave neither a token nor a certificate")
    certificate = Certificate(chain.encode(), key.encode()) if chain else None
    return Identity(bearer(status.token) if status.token else "", certificate)
