"""Directories that are made once and then only read: all or nothing, one maker at a time.

An entry is `<cache>/<name>-<key>`; the key is a hash of everything the content depends on. It is filled under
another name and renamed when complete, so whatever carries the final name is whole. Old entries are left alone:
another checkout may still use them.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Fill = Callable[[Path], object]


def root() -> Path:
    """Where this user's caches of the sandbox live."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "holdfast"


def key_of(parts: Iterable[bytes | str]) -> str:
    """A short name for a content that depends on exactly these parts, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]


def entry(name: str, key: str, fill: Fill, *, within: Path | None = None) -> Path:
    """The entry's directory; `fill` is called with an empty directory when there is no such entry yet.

    When another process is making the same entry, this waits for it.
    """
    base = within or root()
    final = base / f"{name}-{key}"
    if final.is_dir():
        return final
    base.mkdir(parents=True, exist_ok=True)
    with _locked(base / f".{name}.lock"):
        if not final.is_dir():
            _make(final, fill)
    return final


def _make(final: Path, fill: Fill) -> None:
    prefix = f".{final.name}."
    for abandoned in final.parent.glob(f"{prefix}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=final.parent))
    try:
        fill(partial)
        partial.rename(final)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
