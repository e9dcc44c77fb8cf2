"""The few requests to the API server that a sandbox makes itself. Not a client for anybody else."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from holdfast_sandbox.layout import Layout, Settings

POLL = 0.05  # seconds
_FAILURES = 400  # and every status above
_PATHS = {
    "CSIDriver": "apis/storage.k8s.io/v1/csidrivers",
    "CSINode": "apis/storage.k8s.io/v1/csinodes",
    "Node": "api/v1/nodes",
    "StorageClass": "apis/storage.k8s.io/v1/storageclasses",
    "VolumeSnapshotClass": "apis/snapshot.storage.k8s.io/v1/volumesnapshotclasses",
}


class Api:
    """An administrator's connection."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def answers(self, path: str) -> bool:
        """Whether a GET succeeds; no connection counts as no."""
        try:
            async with self._session.get(path) as response:
                return response.status < _FAILURES
        except aiohttp.ClientError:
            return False

    async def until(self, path: str) -> None:
        """Return once a GET of the path succeeds. Without end: callers set the deadline."""
        while not await self.answers(path):  # noqa: ASYNC110  the server is elsewhere
            await asyncio.sleep(POLL)

    async def get(self, path: str) -> dict[str, Any]:
        """The object at the path; empty when there is none or nobody answers."""
        with contextlib.suppress(aiohttp.ClientError):
            async with self._session.get(path) as response:
                if response.status < _FAILURES:
                    found: dict[str, Any] = await response.json()
                    return found
        return {}

    async def apply(self, path: str, body: str | bytes) -> None:
        """Server-side apply of one YAML document; tried again until the server takes it."""
        parameters = {"fieldManager": "holdfast-sandbox", "force": "true"}
        headers = {"Content-Type": "application/apply-patch+yaml"}
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with self._session.patch(
                    path, data=body, params=parameters, headers=headers
                ) as response:
                    if response.status < _FAILURES:
                        return
            await asyncio.sleep(POLL)

    async def apply_object(self, body: Mapping[str, Any]) -> None:
        """Server-side apply of an object of one of the kinds that a sandbox has."""
        await self.apply(f"/{_PATHS[body['kind']]}/{body['metadata']['name']}", yaml.safe_dump(body))

    async def create_object(self, body: Mapping[str, Any]) -> None:
        """Create the object with its status, unless it is there."""
        async with self._session.post(f"/{_PATHS[body['kind']]}", json=body) as response:
            await response.read()


@contextlib.asynccontextmanager
async def connect(layout: Layout, settings: Settings) -> AsyncIterator[Api]:
    """Speak to the API server of this sandbox as its administrator."""
    context = ssl.create_default_context(cafile=layout.pki / "ca.crt")
    context.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
    async with aiohttp.ClientSession(
        f"https://{settings.host}:{settings.api_port}", connector=aiohttp.TCPConnector(ssl=context)
    ) as session:
        yield Api(session)


def read_manifests(path: Path) -> list[dict[str, Any]]:
    """All objects of a YAML file."""
    return [document for document in yaml.safe_load_all(path.read_text()) if document]
