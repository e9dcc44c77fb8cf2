"""Stores behind a network: versitygw for S3, rest-server for REST, both real, with an empty folder of their own."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.tests.support.waiting import eventually

from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from engine.tests.support.certificates import Certificate

BUCKET = "bucket"
ACCESS, SECRET = "tester", "tester's secret"


@dataclass
class Server:
    """A program that listens on a port; it can die and come back."""

    words: list[str | Path]
    port: int
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        quiet = subprocess.DEVNULL
        self.process = process = subprocess.Popen(
            self.words, env=dict(self.env), stdin=quiet, stdout=quiet, stderr=quiet
        )
        eventually(lambda: _answers(self.port) or process.poll() is not None)
        assert process.poll() is None, f"{self.words[0]} ended with {process.returncode}"

    def kill(self) -> None:
        """At once, with whatever it was doing."""
        if self.process:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Store:
    """Where repositories can be made."""

    kind: str
    base: str
    """Location without a repository's name."""
    files: Path
    """Where the server keeps what it gets."""
    server: Server
    env: Mapping[str, str] = field(default_factory=dict)
    """Credentials."""

    def place(self, name: str) -> str:
        """A repository's location."""
        return f"{self.base}/{name}"


@contextmanager
def s3(folder: Path, tls: Certificate | None = None) -> Iterator[Store]:
    """A bucket."""
    (folder / BUCKET).mkdir(parents=True)
    port = free_port()
    listening: list[str | Path] = ["--port", f"127.0.0.1:{port}", "--quiet"]
    if tls:
        listening += ["--cert", tls.cert, "--key", tls.key]
    keys = {"ROOT_ACCESS_KEY": ACCESS, "ROOT_SECRET_KEY": SECRET}
    mine = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    with _running([peer("versitygw"), *listening, "posix", folder], port, keys) as server:
        yield Store("s3", f"s3:{_scheme(tls)}://127.0.0.1:{port}/{BUCKET}", folder / BUCKET, server, mine)


@contextmanager
def rest(folder: Path, *flags: str | Path, tls: Certificate | None = None) -> Iterator[Store]:
    """A REST server."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    words: list[str | Path] = [peer("rest-server"), "--listen", f"127.0.0.1:{port}", "--path", folder, *flags]
    if "--htpasswd-file" not in flags:
        words.append("--no-auth")
    if tls:
        words += ["--tls", "--tls-cert", tls.cert, "--tls-key", tls.key]
    with _running(words, port, {}) as server:
        yield Store("rest", f"rest:{_scheme(tls)}://127.0.0.1:{port}", folder, server)


KINDS: Mapping[str, Callable[..., AbstractContextManager[Store]]] = {"s3": s3, "rest": rest}
"""Every store behind a network."""


def _scheme(tls: Certificate | None) -> str:
    return "https" if tls else "http"


def free_port() -> int:
    """Nobody listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _running(words: list[str | Path], port: int, env: Mapping[str, str]) -> Iterator[Server]:
    server = Server(words, port, env)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
