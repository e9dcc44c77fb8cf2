"""The API server behind the proxy: where it is, whom to trust, and as whom to call it."""

from __future__ import annotations

import asyncio
import base64
import io
import ssl
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import yaml
from aiohttp import hdrs
from yarl import URL

from holdfast_sandbox.proxy.errors import KubeconfigError

if TYPE_CHECKING:
    from pathlib import Path

    from multidict import CIMultiDict

_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None)
_OURS: Final = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)


@dataclass(frozen=True, slots=True)
class Address:
    """What a kubeconfig's current context says about the API server; keys and certificates are PEM."""

    server: str
    authority: str | None
    certificate: bytes | None
    key: bytes | None


def read_address(kubeconfig: Path) -> Address:
    """Read the current context of one kubeconfig file; of its user only a client certificate is of use.

    Raises:
        KubeconfigError: it names no server.
    """
    config = yaml.safe_load(kubeconfig.read_text())
    context = _named(config, "context", config.get("current-context"))
    cluster, user = (
        _named(config, "cluster", context.get("cluster")),
        _named(config, "user", context.get("user")),
    )
    if not cluster.get("server"):
        raise KubeconfigError(f"{kubeconfig}: the current context names no server; choose one that does")
    authority = _pem(kubeconfig, cluster, "certificate-authority")
    return Address(
        server=cluster["server"].rstrip("/"),
        authority=authority.decode() if authority else None,
        certificate=_pem(kubeconfig, user, "client-certificate"),
        key=_pem(kubeconfig, user, "client-key"),
    )


def _named(config: dict[str, Any], kind: str, name: str | None) -> dict[str, Any]:
    entries = config.get(f"{kind}s") or []
    return next((entry.get(kind) or {} for entry in entries if entry.get("name") == name), {})


def _pem(kubeconfig: Path, entry: dict[str, Any], field: str) -> bytes | None:
    if inline := entry.get(f"{field}-data"):
        return base64.b64decode(inline)
    return (kubeconfig.parent / entry[field]).read_bytes() if entry.get(field) else None


class Upstream:
    """Connections to the API server: some without credentials and, on request, some with the certificate."""

    def __init__(self, address: Address, *, as_admin: bool) -> None:
        """Prepare, without connecting.

        Raises:
            KubeconfigError: `as_admin` is asked for and the kubeconfig has no client certificate.
        """
        if as_admin and not (address.certificate and address.key):
            raise KubeconfigError(
                f"no client certificate for {address.server}: as_admin needs one in the kubeconfig"
            )
        self._address = address
        self._plain = self._session(certified=False)
        self._certified = self._session(certified=True) if as_admin else self._plain

    async def send(
        self, method: str, path: str, headers: CIMultiDict[str], body: bytes
    ) -> aiohttp.ClientResponse:
        """Have a request carried out; a client with a token of its own is never given the certificate."""
        session = self._plain if hdrs.AUTHORIZATION in headers else self._certified
        headers.popall(hdrs.HOST, None)
        url = URL(self._address.server + path, encoded=True)
        data = io.BytesIO(body) if body else None
        return await session.request(method, url, headers=headers, data=data, allow_redirects=False)

    async def close(self) -> None:
        """Give all connections up."""
        await asyncio.gather(self._plain.close(), self._certified.close())

    def _session(self, *, certified: bool) -> aiohttp.ClientSession:
        trust = ssl.create_default_context(cadata=self._address.authority)
        if certified:
            _present(trust, self._address)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust, limit=0),
            timeout=_NO_LIMIT,
            skip_auto_headers=_OURS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )


def _present(trust: ssl.SSLContext, address: Address) -> None:
    with tempfile.NamedTemporaryFile() as pem:  # the only way in for ssl is a file
        pem.write((address.certificate or b"") + b"\n" + (address.key or b""))
        pem.flush()
        trust.load_cert_chain(pem.name)
