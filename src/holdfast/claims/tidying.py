"""Journals of restores that are over: the newest ones of a claim are kept as its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.api.resource import VOLUME_RESTORES
from holdfast.api.restores import VolumeRestore
from holdfast.kube import errors
from holdfast.policy.exchange import FINAL

if TYPE_CHECKING:
    from holdfast.claims.journal import Journal
    from holdfast.kube.client import Client

HISTORY = 10


async def tidy(client: Client, journal: Journal) -> None:
    """Delete what is older than the claim's newest `HISTORY` restores and has nothing left to do."""
    listed = await client.list(VOLUME_RESTORES, journal.namespace, type=VolumeRestore)
    over = [r for r in listed.items if r.spec.claim_name == journal.spec.claim_name and _over(r)]
    over.sort(key=lambda r: (str(r.metadata.creation_timestamp), r.metadata.name), reverse=True)
    for old in over[HISTORY:]:
        meta = old.metadata
        try:
            await client.delete(VOLUME_RESTORES, meta.name, meta.namespace, uid=meta.uid)
        except errors.NotFound:
            continue


def _over(restore: VolumeRestore) -> bool:
    return restore.status.phase in FINAL and restore.status.let_go_at is None
