from __future__ import annotations

from typing import IO, TYPE_CHECKING

import pytest
from obstore.store import LocalStore

from holdfast.archive.layout import IDENTITY
from holdfast.locations.errors import UnfitError
from holdfast.locations.identifying import identified, identity
from holdfast.store.locating import from_folder
from holdfast.store.stores import Store

if TYPE_CHECKING:
    from pathlib import Path


class Careless(Store):
    """One that does not know If-None-Match."""

    def put(self, key: str, content: bytes | IO[bytes], *, absent: bool = False) -> None:
        del absent
        super().put(key, content)


def test_an_identity_is_made_once_and_stays(tmp_path: Path) -> None:
    store = from_folder(tmp_path)
    assert identity(store) == ""
    first = identified(store)
    assert first
    assert identified(store) == identity(store) == first


def test_a_store_that_overwrites_is_refused_and_keeps_its_identity(tmp_path: Path) -> None:
    first = identified(from_folder(tmp_path))
    with pytest.raises(UnfitError, match="If-None-Match"):
        identified(Careless(LocalStore(tmp_path), f"file:{tmp_path}"))
    assert identity(from_folder(tmp_path)) == first


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"\xff" * 9000])
def test_a_damaged_identity_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / IDENTITY).parent.mkdir(parents=True)
    (tmp_path / IDENTITY).write_bytes(content)
    for look in (identity, identified):
        with pytest.raises(UnfitError, match=IDENTITY):
            look(from_folder(tmp_path))
    assert (tmp_path / IDENTITY).read_bytes() == content
