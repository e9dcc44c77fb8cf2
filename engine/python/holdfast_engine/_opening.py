"""How a repository is reached, opened and made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ._common import Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ._common import StrPath
    from ._engine import Repository


class ConnectionOptions(Stoppable, total=False):
    """How the store is reached."""

    options: Mapping[str, str]
    """restic's `-o`: `{"s3.region": "eu-west-1", "local.connections": "2"}`. Unknown names are refused."""
    limit_upload: int
    """KiB/s; 0 (the default) is no limit."""
    limit_download: int
    """KiB/s; 0 (the default) is no limit."""
    cacert: Sequence[StrPath]
    """PEM files of authorities, instead of the system's."""
    tls_client_cert: StrPath
    """PEM with the client's certificate and key."""
    insecure_tls: bool
    """Does not verify the server."""
    http_user_agent: str
    """Instead of ours."""
    no_lock: bool
    """Reading operations take no lock, for stores that cannot be written. What writes locks all the same."""
    retry_lock: float
    """Seconds to try again for when a lock is in the way; 0 (the default) is not at all."""
    stuck_request_timeout: float
    """Seconds after which a request that moves no byte is given up and tried again; 300 by default."""
    on_notice: Callable[[str], None]
    """Told, in any thread, of operations of the store that failed and are tried again: a line for people."""


class OpenOptions(ConnectionOptions, total=False):
    """How a repository is opened."""

    key_hint: str
    """The key to try first: a prefix of its id."""
    cache: bool | StrPath
    """True (the default): restic's folder (`RESTIC_CACHE_DIR`, `$XDG_CACHE_HOME/restic`, `~/.cache/restic`).
    A path: there. False: nowhere. Local repositories are never cached. What is cached stays encrypted."""


class KeyOptions(Stoppable, total=False):
    """A password's key."""

    user: str
    """In the key file; by default who runs this."""
    host: str
    """In the key file; by default this machine."""
    scrypt: tuple[int, int, int]
    """Costs `(N, r, p)` of deriving the key; measured on this machine by default. Anything cheap, like
    `(2, 1, 1)`, is for tests only: it gives a stolen key file away."""


class InitOptions(ConnectionOptions, KeyOptions, total=False):
    """How a repository is made."""

    version: int
    """1, or 2 (the default), which compresses."""
    copy_chunker_params: Repository
    """Cut files as this one does, so that contents of both are equal blob by blob."""


class KeyInfo(NamedTuple):
    """A password's key."""

    id: str
    current: bool
    """It opened this repository."""
    created: datetime
    username: str
    hostname: str


class LockInfo(NamedTuple):
    """Who works in the repository."""

    id: str
    time: datetime
    exclusive: bool
    hostname: str
    username: str
    pid: int
    uid: int
    gid: int
