"""Side files of backups and restores, as Velero has them: small JSON documents and logs, compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from isal import igzip

from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


def zipped(document: object) -> bytes:
    """A document as Velero stores it: compact, with a newline, compressed."""
    packed: bytes = igzip.compress(msgspec.json.encode(document) + b"\n")
    return packed


def zipped_log(lines: Iterable[str]) -> bytes:
    """A log, compressed."""
    packed: bytes = igzip.compress("".join(f"{line}\n" for line in lines).encode())
    return packed


def log_line(level: str, message: str, now: datetime) -> str:
    """One line as Velero's tools show it."""
    return f'time="{instant(now)}" level={level} msg={msgspec.json.encode(message).decode()}'


def results(said: Mapping[str, list[str]]) -> dict[str, Any]:
    """Errors or warnings by namespace, with "" for the cluster, as they stand in `results.gz`."""
    cluster = {"cluster": said[""]} if said.get("") else {}
    namespaces = {name: texts for name, texts in said.items() if name and texts}
    return cluster | ({"namespaces": namespaces} if namespaces else {})
