"""Which store a location leads to: a small object of ours in it, made once and never changed.

By it a location that now leads somewhere else (another bucket, a folder that is not mounted) is told from one whose
backups were deleted. It is also what the store is tried with: one that overwrites it although it was told not to
would let two writers destroy each other's backups.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from holdfast.api.meta import View
from holdfast.archive.layout import IDENTITY
from holdfast.locations.errors import UnfitError
from holdfast.store.errors import AbsentError, PresentError

if TYPE_CHECKING:
    from holdfast.store.stores import Store

_MOST = 4096


class Identity(View, frozen=True):
    id: str


def identity(store: Store) -> str:
    """The identity that is there; empty where there is none.

    Raises:
        UnfitError: what is there is no identity.
        holdfast.store.errors.StoreError: the store gave up.
    """
    content = _content(store)
    return _read(store, content).id if content is not None else ""


def identified(store: Store) -> str:
    """The identity that is there, or is there now, with proof that the store does not overwrite it.

    Raises:
        UnfitError: it does, or what is there is no identity.
        holdfast.store.errors.StoreError: the store gave up.
    """
    content = _content(store)
    if content is None:
        with suppress(PresentError):  # another operator was quicker
            store.put(IDENTITY, msgspec.json.encode(Identity(id=str(uuid.uuid4()))), absent=True)
        content = _content(store) or b""
    found = _read(store, content)
    try:
        store.put(IDENTITY, content, absent=True)
    except PresentError:
        return found.id
    raise UnfitError(
        f"{store.address} overwrites an object although it was told not to (If-None-Match), so two writers could "
        "destroy each other's backups: use a store that honours this, or accessMode ReadOnly"
    )


def _content(store: Store) -> bytes | None:
    try:
        return b"".join(store.chunks(IDENTITY))[:_MOST]
    except AbsentError:
        return None


def _read(store: Store, content: bytes) -> Identity:
    try:
        return msgspec.json.decode(content, type=Identity)
    except msgspec.MsgspecError:
        raise UnfitError(
            f"{IDENTITY} in {store.address} is damaged: delete it, and a new one is made"
        ) from None
