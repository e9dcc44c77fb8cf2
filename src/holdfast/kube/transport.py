"""Requests over aiohttp: identity, retries, timeouts, warnings, and failures told apart.

Answers are bytes here; what they mean is `holdfast.kube.client`. aiohttp's own repetition of requests is switched
off: it would send a DELETE or PUT twice without knowing whether the first one was carried out.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from holdfast.kube import errors, retrying, tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohappyeyeballs import AddrInfoType

    from holdfast.kube.access import Access
    from holdfast.kube.credentials import Identity
    from holdfast.kube.requests import Request

CONNECTIONS = 32
_LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=75)
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_REMEMBERED = 1000
_OK = range(200, 300)
_UNAUTHORIZED = 401


class Transport:
    """The connections to one API server; open while it is used as a context."""

    def __init__(
        self,
        access: Access,
        *,
        user_agent: str,
        warn: Callable[[str], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._access = access
        self._headers = [("User-Agent", user_agent), *access.headers]
        self._warn = warn or _log_warning
        self._sleep = sleep
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._session: aiohttp.ClientSession | None = None
        self._warned: set[str] = set()
        self._tls = lru_cache(maxsize=2)(lambda certificate: tls.context(access.trust, certificate))

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, socket_factory=_socket, ttl_dns_cache=30)
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_LIMITS,
            auto_decompress=True,
        )
        self._session._retry_connection = False  # noqa: SLF001 - there is no public switch
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> bytes:
        """The body of the answer, after as many attempts as are safe.

        Raises:
            ApiError: the server refused.
            Unreachable: no complete answer arrived.
            AccessError: there are no credentials to show.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._once(request)
            except (errors.Unreachable, errors.ApiError) as failure:
                if attempt >= retrying.ATTEMPTS or not retrying.may_retry(failure, reads=request.reads):
                    raise
                await self._sleep(retrying.pause(attempt, retrying.wait_asked(failure), random.random()))  # noqa: S311

    async def _once(self, request: Request) -> bytes:
        async with self._room, self.open(request) as answer:
            return await answer.read()

    @asynccontextmanager
    async def open(
        self, request: Request, *, silence: float | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """One attempt; the answer's body is still to be read, and failures while it is read are told apart, too.

        Args:
            request: What to send.
            silence: Seconds without a byte after which the connection counts as dead.
        """
        limits = (
            _LIMITS if silence is None else aiohttp.ClientTimeout(None, sock_connect=10, sock_read=silence)
        )
        try:
            async with await self._authenticated(request, limits) as answer:
                self._report_warnings(answer)
                if answer.status not in _OK:
                    raise await _refusal(request, answer)
                yield answer
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            raise self._unreachable(request, failure) from failure

    async def _authenticated(self, request: Request, limits: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        identity = await self._access.credentials.current()
        answer = await self._exchange(request, identity, limits)
        if answer.status != _UNAUTHORIZED:
            return answer
        try:
            renewed = await self._access.credentials.renew(identity)
        except BaseException:
            answer.close()
            raise
        if renewed == identity:
            return answer
        answer.release()
        return await self._exchange(request, renewed, limits)

    async def _exchange(
        self, request: Request, identity: Identity, limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("use the client as a context: async with Client(...) as client")
        headers = CIMultiDict([*self._headers, *request.headers.items()])
        if identity.authorization:
            headers["Authorization"] = identity.authorization
        return await self._session.request(
            request.method,
            URL(f"{self._access.server}{request.path}").update_query(request.params),
            data=request.body,
            headers=headers,
            timeout=limits,
            ssl=self._tls(identity.certificate),
            server_hostname=self._access.trust.server_name or None,
            proxy=self._access.proxy or None,
            allow_redirects=False,
        )

    def _report_warnings(self, answer: aiohttp.ClientResponse) -> None:
        for header in answer.headers.getall("Warning", ()):
            for text in _WARNING.findall(header):
                self._warn_once(text.replace('\\"', '"'))

    def _warn_once(self, text: str) -> None:
        if text in self._warned:
            return
        if len(self._warned) >= _REMEMBERED:
            self._warned.clear()
        self._warned.add(text)
        self._warn(text)

    def _unreachable(self, request: Request, failure: Exception) -> errors.Unreachable:
        unsent = isinstance(failure, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
        return errors.Unreachable(
            f"{request.asked or request.path}: no answer from {self._access.server}: {_cause(failure)}",
            sent=not unsent,
        )


def _log_warning(text: str) -> None:
    import structlog  # noqa: PLC0415 - costs half of what aiohttp does, and warnings are rare

    structlog.get_logger("holdfast.kube").warning("the API server warns", warning=text)


async def _refusal(request: Request, answer: aiohttp.ClientResponse) -> errors.ApiError:
    return errors.from_answer(
        answer.status,
        await answer.read(),
        retry_after=retrying.retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)),
        asked=request.asked or f"{request.method} {request.path}",
    )


def _cause(failure: Exception) -> str:
    if isinstance(failure, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted: {failure.certificate_error}"
    if isinstance(failure, aiohttp.ClientProxyConnectionError):
        return f"its proxy at {failure.host}:{failure.port}: {failure.os_error.strerror or failure.os_error}"
    if isinstance(failure, aiohttp.ClientConnectorError):
        return str(failure.os_error.strerror or failure.os_error)
    return str(failure) or type(failure).__name__


def _socket(address: AddrInfoType) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made
