"""Who we are to the API server, and how that is renewed. Credential plugins are in `holdfast.kube.plugins`."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from holdfast.kube.errors import AccessError

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast.kube.tls import Certificate

_TOKEN_AGE = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    """What is shown to the server with a request.

    Attributes:
        authorization: The value of the Authorization header, `""` for none.
        certificate: For TLS.
    """

    authorization: str = field(default="", repr=False)
    certificate: Certificate | None = None


class Credentials(Protocol):
    """A source of identities."""

    async def current(self) -> Identity:
        """What to show now.

        Raises:
            AccessError: there is nothing to show.
        """

    async def renew(self, refused: Identity) -> Identity:
        """What to show after the server refused an identity; the same one when there is no other."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """An identity that never changes."""

    identity: Identity

    async def current(self) -> Identity:
        return self.identity

    async def renew(self, refused: Identity) -> Identity:
        return refused


class TokenFile:
    """A bearer token that somebody else keeps fresh in a file, as the kubelet does.

    While the file cannot be read, the token read last (or the one given at the start) is shown.
    """

    def __init__(self, path: Path, token: str = "", certificate: Certificate | None = None) -> None:
        self._path = path
        self._certificate = certificate
        self._identity = Identity(bearer(token), certificate) if token else None
        self._read_at = float("-inf")

    async def current(self) -> Identity:
        if self._identity is None or time.monotonic() - self._read_at >= _TOKEN_AGE:
            self._identity = self._read()
        return self._identity

    async def renew(self, refused: Identity) -> Identity:
        if self._identity == refused:
            self._identity = self._read()
        return self._identity or refused

    def _read(self) -> Identity:
        try:
            token = self._path.read_text().strip()
        except (OSError, UnicodeDecodeError) as failure:
            return self._last(f"the token file {self._path} cannot be read: {failure}", failure)
        if not token:
            return self._last(f"the token file {self._path} is empty")
        self._read_at = time.monotonic()
        return Identity(bearer(token), self._certificate)

    def _last(self, trouble: str, cause: Exception | None = None) -> Identity:
        if self._identity is None:
            raise AccessError(trouble) from cause
        return self._identity


def bearer(token: str) -> str:
    """The Authorization header of a token."""
    return f"Bearer {token}"


def basic(username: str, password: str) -> str:
    """The Authorization header of a user with a password."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
