"""The acts of a run, each on exactly the object that was looked at: stale ones are refused by the API server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, PODS, SNAPSHOTS, VOLUMES
from holdfast.drills import manifests, saying, sources
from holdfast.drills.reading import checks_of, holder
from holdfast.drills.sources import BLOCK, NothingToTryError
from holdfast.kube import errors
from holdfast.policy.proving import Act, Failure, Phase, Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from holdfast.api.drills import Run
    from holdfast.api.meta import Metadata
    from holdfast.api.resource import Resource
    from holdfast.drills.journal import Journal
    from holdfast.drills.reading import Settings
    from holdfast.drills.world import Found, Piece
    from holdfast.kube.client import Client


@dataclass(frozen=True, slots=True)
class Scene:
    """One look at a run, and what is needed to act on it; `image` is Holdfast's own."""

    client: Client
    image: str
    journal: Journal
    settings: Settings
    run: Run
    found: Found

    @property
    def namespace(self) -> str:
        return self.journal.drill.metadata.namespace

    async def fail(self, failure: Failure, numbers: tuple[int, ...]) -> None:
        """Write down why nothing was proven, and of which parts."""
        pieces, timeout = [self.found.pieces[number] for number in numbers], self.settings.timeout
        await self._conclude(Result.FAILED, saying.why(failure, pieces, self.run, self.found, timeout))

    async def act(self, act: Act, numbers: tuple[int, ...]) -> None:
        """Do it, to the parts of these numbers. What the cluster refuses for good is the result of the run.

        The journal is confirmed between the look and the act: whoever slept until the run was over would else protect
        a snapshot that nobody frees any more.
        """
        await self.journal.confirm()
        try:
            await self._do(act, numbers)
        except (NothingToTryError, errors.Forbidden, errors.Invalid, errors.BadRequest) as error:
            await self._conclude(Result.FAILED, str(error))

    async def _do(self, act: Act, numbers: tuple[int, ...]) -> None:
        if act in _WHOLE:
            await _WHOLE[act](self)
            return
        acts = (_EACH[act](self, self.found.pieces[number]) for number in numbers)
        for ended in await asyncio.gather(*acts, return_exceptions=True):
            if ended:
                raise ended

    async def hold(self, piece: Piece) -> None:
        await self._label(piece, holder(self.journal.drill.metadata.uid))

    async def release(self, piece: Piece) -> None:
        await self._label(piece, None)

    async def create_claim(self, piece: Piece) -> None:
        drill = self.journal.drill
        source = await sources.source_of(self.client, drill, piece.part.snapshot)
        alone = len(self.run.parts) == 1
        body = manifests.scratch_claim(drill, piece.part.scratch, source, alone=alone)
        await self._create(CLAIMS, body)

    async def create_pod(self) -> None:
        """What the pod does is what the drill says now, and is written down with it."""
        drill, scratch = self.journal.drill, self.run.scratch
        checks = checks_of(drill.spec)
        if checks != self.run.trial.checks:
            trial = msgspec.structs.replace(self.run.trial, checks=checks)
            await self.journal.record(run=msgspec.structs.replace(self.run, trial=trial))
            return
        data = [self._data(piece) for piece in self.found.pieces]
        pod = manifests.check_pod(drill, scratch, data, image=self.image, timeout=self.settings.timeout)
        await self._create(PODS, pod)

    def _data(self, piece: Piece) -> manifests.Data:
        picked, claim = self.run.trial.snapshot, piece.claim
        return manifests.Data(
            claim=piece.part.scratch,
            folder=piece.part.claim if picked and picked.claims else "",
            block=claim is not None and claim.spec.volume_mode == BLOCK,
        )

    async def note_bound(self) -> None:
        now, started = self.journal.now, self.run.trial.started
        seconds = int((now - started).total_seconds())
        await self.journal.enter(self.run, Phase.CHECKING, bound=now, bind_seconds=seconds)

    async def free_volume(self, piece: Piece) -> None:
        """The class may say Retain; but this volume was made for this run and holds nothing of its own."""
        if volume := piece.volume:
            body = {
                "metadata": _as_seen(volume.metadata),
                "spec": {"persistentVolumeReclaimPolicy": "Delete"},
            }
            await self.client.patch(VOLUMES, volume.metadata.name, body)

    async def prove(self) -> None:
        await self._conclude(Result.PROVEN, saying.proof(self.run, self.found))

    async def delete_pod(self) -> None:
        if self.found.pod:
            await delete(self.client, PODS, self.found.pod.metadata)

    async def delete_claim(self, piece: Piece) -> None:
        if piece.claim:
            await delete(self.client, CLAIMS, piece.claim.metadata)

    async def finish(self) -> None:
        await self.journal.file(self.run.trial, self.settings.keep)

    async def _conclude(self, result: Result, message: str) -> None:
        seconds = saying.check_seconds(self.found.pod)
        await self.journal.conclude(self.run, result, message, check_seconds=seconds)

    async def _create(self, resource: Resource, body: manifests.Manifest) -> None:
        try:
            await self.client.create(resource, body, self.namespace)
        except errors.AlreadyExists:
            return

    async def _label(self, piece: Piece, value: str | None) -> None:
        if piece.snapshot:
            await set_hold(self.client, piece.snapshot.metadata, value)


_WHOLE: dict[Act, Callable[[Scene], Awaitable[None]]] = {
    Act.CREATE_POD: Scene.create_pod,
    Act.NOTE_BOUND: Scene.note_bound,
    Act.PROVE: Scene.prove,
    Act.DELETE_POD: Scene.delete_pod,
    Act.FINISH: Scene.finish,
}
_EACH: dict[Act, Callable[[Scene, Piece], Awaitable[None]]] = {
    Act.HOLD: Scene.hold,
    Act.CREATE_CLAIM: Scene.create_claim,
    Act.FREE_VOLUME: Scene.free_volume,
    Act.DELETE_CLAIM: Scene.delete_claim,
    Act.RELEASE: Scene.release,
}


async def delete(client: Client, resource: Resource, meta: Metadata) -> None:
    """Delete exactly this object; one that is gone already is fine."""
    try:
        await client.delete(resource, meta.name, meta.namespace, uid=meta.uid)
    except errors.NotFound:
        return


async def set_hold(client: Client, meta: Metadata, value: str | None) -> None:
    """Set or take away the label that protects exactly the snapshot that was looked at."""
    body = {"metadata": _as_seen(meta) | {"labels": {keys.HOLD: value}}}
    try:
        await client.patch(SNAPSHOTS, meta.name, body, meta.namespace)
    except errors.NotFound:
        return


def _as_seen(meta: Metadata) -> dict[str, str]:
    return {"uid": meta.uid, "resourceVersion": meta.resource_version}
