"""A store as a handful of calls, below one prefix.

Calls are blocking (the library works in threads of its own and lets Python go on); who runs an event loop calls them
in a thread. Nothing here knows what lies in a store.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, S3Store

from holdfast.store.errors import (
    AbsentError,
    DeniedError,
    NoAddressError,
    PresentError,
    StoreError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from typing import IO

    from obstore.store import ObjectStore

CHUNK = 4 << 20
"""Bytes that are held at a time while an object is read."""
_PARTS = 4
"""Parts of one large object that are on their way at a time, 5 MiB each."""
_REFUSED = ("403", "401", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied")


class Store:
    """One bucket or folder; keys are relative to its prefix."""

    def __init__(self, inner: ObjectStore, address: str, signing: ObjectStore | None = None) -> None:
        """A store that is reached when it is first asked.

        Args:
            inner: the library's object, with the prefix in it.
            address: what people call it, for messages: `s3://bucket/prefix`, `file:/srv/backups`.
            signing: the same under the name by which the outside knows it, where that is another one.
        """
        self._inner = inner
        self._signing = signing or inner
        self.address = address

    def folders(self, key: str) -> list[str]:
        """Names of the folders directly below a key, in order; what lies in them is not listed."""
        with self._told(key):
            found = obstore.list_with_delimiter(self._inner, key)["common_prefixes"]
        return sorted(path.rstrip("/").rpartition("/")[2] for path in found)

    def names(self, key: str) -> dict[str, int]:
        """Names of the objects directly below a key, with their sizes in bytes."""
        with self._told(key):
            found = obstore.list_with_delimiter(self._inner, key)["objects"]
        return {meta["path"].rpartition("/")[2]: meta["size"] for meta in found}

    def chunks(self, key: str) -> Iterator[bytes]:
        """The content of an object, some megabytes at a time.

        Raises:
            AbsentError: there is no such object.
        """
        with self._told(key):
            for chunk in obstore.get(self._inner, key).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    def every(self, folder: str) -> Iterator[list[str]]:
        """Keys of all objects below a folder, at any depth, some hundred at a time."""
        with self._told(folder):
            for page in obstore.list(self._inner, folder):
                yield [meta["path"] for meta in page]

    def remove(self, keys: list[str]) -> None:
        """Delete objects; those that are gone already are no failure."""
        for key in keys:
            with self._told(key), suppress(FileNotFoundError):
                obstore.delete(self._inner, key)

    def signed(self, key: str, length: timedelta) -> str:
        """An address from which anybody can read an object for a while.

        Raises:
            NoAddressError: this kind of store has no addresses.
        """
        if not isinstance(self._signing, S3Store | GCSStore | AzureStore):
            raise NoAddressError(f"{self.address} has no addresses: only programs that see it can read {key}")
        with self._told(key):
            return str(obstore.sign(self._signing, "GET", key, length))

    def put(self, key: str, content: bytes | IO[bytes], *, absent: bool = False) -> None:
        """Write an object: whole or not at all.

        Args:
            key: which one.
            content: bytes, or an open file; a large file goes up in parts.
            absent: only if there is no such object yet.

        Raises:
            PresentError: it was to be absent and is not.
        """
        with self._told(key):
            try:
                obstore.put(
                    self._inner,
                    key,
                    content,
                    mode="create" if absent else "overwrite",
                    max_concurrency=_PARTS,
                )
            except AlreadyExistsError as error:
                raise PresentError(f"{self.address} has {key} already") from error

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except FileNotFoundError as error:
            raise AbsentError(f"{self.address} has no {key}") from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise DeniedError(f"{self.address} does not let us at {key}: {_first(error)}") from error
        except (BaseError, OSError) as error:
            raise self._failure(key, _first(error)) from error

    def _failure(self, key: str, said: str) -> StoreError:
        if any(word in said for word in _REFUSED):
            return DeniedError(f"{self.address} does not let us at {key}: {said}")
        return UnreachableError(f"{self.address} failed at {key}: {said}")


def _first(error: Exception) -> str:
    """The library's sentence without its dump of internals."""
    return str(error).partition("\n")[0].strip()
