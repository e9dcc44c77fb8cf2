"""TLS towards the API server: whom to trust, and the certificate to show.

Private keys that come as data never touch a disk: OpenSSL reads them from anonymous memory (from a file without a
name where the system has no such memory).
"""

from __future__ import annotations

import os
import ssl
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from holdfast.kube.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate with its key, both PEM."""

    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """How the server is recognised.

    Attributes:
        authority: PEM certificates to trust instead of the system's.
        verify: False accepts any certificate.
        server_name: The name that the certificate must bear, where it is not the URL's host.
    """

    authority: bytes = field(default=b"", repr=False)
    verify: bool = True
    server_name: str = ""


def context(trust: Trust, certificate: Certificate | None) -> ssl.SSLContext:
    """A context that trusts and shows just these.

    Raises:
        AccessError: a certificate or key cannot be used.
    """
    made = _trusting(trust.authority) if trust.verify else _trusting_anybody()
    if certificate is not None:
        _show(made, certificate)
    return made


def _trusting(authority: bytes) -> ssl.SSLContext:
    try:
        made = ssl.create_default_context(cadata=authority.decode("ascii", errors="backslashreplace") or None)
    except ssl.SSLError as failure:
        raise AccessError(f"the certificate authority cannot be used: {failure}") from failure
    # As kubectl does: every certificate named is an anchor, and old clusters' CAs lack what newer rules want.
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return made


def _trusting_anybody() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def _show(made: ssl.SSLContext, certificate: Certificate) -> None:
    with _readable(certificate.chain) as chain, _readable(certificate.key) as key:
        try:
            made.load_cert_chain(chain, key, password=_no_password)
        except (ssl.SSLError, ValueError) as failure:
            raise AccessError(f"the client certificate and its key cannot be used: {failure}") from failure


def _no_password() -> str:
    raise ValueError("the key is encrypted; give one without a passphrase")


@contextmanager
def _readable(data: bytes) -> Iterator[str]:
    with os.fdopen(_anonymous(), "wb", closefd=True) as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield f"/dev/fd/{file.fileno()}"


def _anonymous() -> int:
    if sys.platform == "linux":
        return os.memfd_create("holdfast")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
