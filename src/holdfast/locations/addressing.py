"""Addresses of files at the operator itself, for locations that are folders: signed, and good for a while.

The signature says that this operator, or a replica of it, made the address; whoever has it can read that one file
until then, as with the addresses that a bucket gives.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from aiohttp import web

from holdfast.api.velero import LOCATIONS, SECRETS, Location
from holdfast.kube import errors
from holdfast.locations import opening
from holdfast.locations.errors import LocationError
from holdfast.store.errors import AbsentError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from holdfast.control.clocks import Clock
    from holdfast.kube.client import Client
    from holdfast.store.stores import Store

PATH = "/files"
SECRET = "holdfast-addresses"  # noqa: S105  (a name)
_KEY = "key"
_BYTES = 32


class Addresses:
    """Makes addresses, and serves what they are of.

    Args:
        client: the cluster.
        clock: until when an address is good.
        base: how others reach this operator's pages, `http://holdfast.holdfast-system:8080`.
        namespace: the operator's own; the key to sign with is there, for all replicas.
        locations: the namespace of Velero's objects.
    """

    def __init__(self, client: Client, clock: Clock, base: str, namespace: str, locations: str) -> None:
        self._client, self._clock, self._base = client, clock, base.rstrip("/")
        self._namespace, self._locations = namespace, locations

    async def of(self, location: str, key: str, until: datetime) -> str:
        """The address of a file."""
        wanted = {"location": location, "key": key, "until": str(int(until.timestamp()))}
        signature = _signature(await self._secret(), wanted)
        return f"{self._base}{PATH}?{urlencode(wanted | {'signature': signature})}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with the file."""
        wanted = {name: request.query.get(name, "") for name in ("location", "key", "until")}
        signature = _signature(await self._secret(), wanted)
        if not hmac.compare_digest(signature.encode(), request.query.get("signature", "").encode()):
            raise web.HTTPForbidden(text="this address was not made by this operator\n")
        if self._clock.now().timestamp() > int(wanted["until"]):
            raise web.HTTPForbidden(text="this address is no longer good: ask for a new one\n")
        try:
            store = await self._store(wanted["location"])
            return await _stream(request, store, wanted["key"])
        except (AbsentError, errors.NotFound) as error:
            raise web.HTTPNotFound(text=f"{error}\n") from error
        except (LocationError, StoreError, errors.KubeError) as error:
            raise web.HTTPBadGateway(text=f"{error}\n") from error

    async def _store(self, name: str) -> Store:
        location = await self._client.get(LOCATIONS, name, self._locations, type=Location)
        return (await opening.opened(self._client, location)).store

    async def _secret(self) -> bytes:
        """The key that all replicas share; made once."""
        try:
            found = await self._client.get(SECRETS, SECRET, self._namespace)
        except errors.NotFound:
            try:
                found = await self._client.create(SECRETS, _new(), self._namespace)
            except errors.AlreadyExists:  # a replica was quicker
                found = await self._client.get(SECRETS, SECRET, self._namespace)
        return b64decode(found["data"][_KEY])


async def _stream(request: web.Request, store: Store, key: str) -> web.StreamResponse:
    """The file as it is read; that it is missing is known before the answer begins."""
    chunks = store.chunks(key)
    chunk = await asyncio.to_thread(next, chunks, b"")
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    await response.prepare(request)
    while chunk:
        await response.write(chunk)
        chunk = await asyncio.to_thread(next, chunks, b"")
    await response.write_eof()
    return response


def _signature(key: bytes, wanted: Mapping[str, str]) -> str:
    return hmac.new(key, urlencode(wanted).encode(), hashlib.sha256).hexdigest()


def _new() -> dict[str, object]:
    return {
        "apiVersion": SECRETS.api_version,
        "kind": SECRETS.kind,
        "metadata": {"name": SECRET},
        "data": {_KEY: b64encode(secrets.token_bytes(_BYTES)).decode()},
    }
