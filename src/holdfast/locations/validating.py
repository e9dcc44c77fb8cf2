"""Whether a location can be used: it can be reached, has no folders of others, and is fit for writing.

What is looked at, and how often, is as with Velero 1.18; that a store must not overwrite is ours.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from holdfast.archive.layout import TOP
from holdfast.locations import identifying, opening
from holdfast.locations.errors import LocationError, UnfitError
from holdfast.policy import durations
from holdfast.policy.durations import DurationError
from holdfast.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdfast.api.velero import Location
    from holdfast.archive.locations import BackupLocation
    from holdfast.kube.client import Client
    from holdfast.store.stores import Store


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out: the backups and the store's identity, or a problem in words."""

    where: BackupLocation | None = None
    identity: str = ""
    problem: str = ""


async def validate(client: Client, location: Location, *, prove: bool) -> Verdict:
    """Look at a location; never raises for what is wrong with it.

    Args:
        client: the cluster.
        location: which one.
        prove: whether to try that the store does not overwrite, where it may be written to.
    """
    look = identifying.identified if prove and not location.read_only else identifying.identity
    try:
        _check_lengths(location)
        where = await opening.opened(client, location)
        return Verdict(where, await asyncio.to_thread(_looked_at, where.store, look))
    except (DurationError, LocationError, StoreError) as error:
        return Verdict(problem=explained(error))


def explained(error: Exception) -> str:
    """What went wrong, with the remedy where one is known."""
    remedy = getattr(error, "remedy", "")
    return f"{error}. {remedy}" if remedy else str(error)


def _looked_at(store: Store, look: Callable[[Store], str]) -> str:
    if foreign := sorted(set(store.folders("")) - TOP):
        raise UnfitError(
            f"{store.address} has folders that are not of backups: {', '.join(foreign)}; "
            "give the location a prefix of its own"
        )
    return look(store)


def _check_lengths(location: Location) -> None:
    lengths = {
        "spec.backupSyncPeriod": location.spec.backup_sync_period,
        "spec.validationFrequency": location.spec.validation_frequency,
    }
    for field, text in lengths.items():
        if text is not None:
            try:
                durations.read(text)
            except DurationError as error:
                raise DurationError(f"{field}: {error}") from None
