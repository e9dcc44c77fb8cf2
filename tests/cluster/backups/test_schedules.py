"""Schedules carried out by the operator: when they fire, when they do not, and what was killed in between."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from support.backups import NAMESPACE, Vault, forget, new_vault, typed
from support.waiting import until

from holdfast.api.keys import SCHEDULE_UID
from holdfast.api.velero import VELERO_BACKUPS, VELERO_SCHEDULES
from holdfast.backups.scheduling import ScheduleReconciler
from holdfast.control.keys import Key
from holdfast.control.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.objects import Manifest
    from support.places import Place

pytestmark = pytest.mark.cluster


@pytest_asyncio.fixture(loop_scope="session")
async def vault(place: Place, tmp_path: Path) -> AsyncIterator[Vault]:
    made = await new_vault(place.client, tmp_path)
    yield made
    await forget(made)


async def schedule(place: Place, vault: Vault, **spec: Any) -> str:  # noqa: ANN401  (fields of a spec)
    name = f"often-{secrets.token_hex(3)}"
    template = {
        "includedNamespaces": [place.namespace],
        "storageLocation": vault.name,
        "snapshotVolumes": False,
    }
    wanted = {"schedule": "@every 1s", "template": template} | spec
    body = {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": wanted}
    await place.client.create(VELERO_SCHEDULES, typed(VELERO_SCHEDULES, body))
    return name


async def backups(place: Place, name: str) -> list[Manifest]:
    found = await place.client.list(VELERO_BACKUPS, NAMESPACE, labels=f"velero.io/schedule-name={name}")
    return found.items


async def in_phase(place: Place, name: str, phase: str) -> Manifest:
    async def reached() -> Manifest:
        found = await place.client.get(VELERO_SCHEDULES, name, NAMESPACE)
        assert found["status"]["phase"] == phase, found["status"]
        return found

    return await until(reached)


async def test_it_fires_again_and_again_and_stops_when_it_is_paused(place: Place, vault: Vault) -> None:
    name = await schedule(place, vault)

    async def two_done() -> bool:
        found = await backups(place, name)
        return len([b for b in found if b["status"]["phase"] == "Completed"]) > 1

    await until(two_done)
    assert (await in_phase(place, name, "Enabled"))["status"]["lastBackup"]
    await place.client.patch(VELERO_SCHEDULES, name, {"spec": {"paused": True}}, NAMESPACE)
    seen = await backups(place, name)
    assert all(backup["metadata"]["name"].startswith(f"{name}-2") for backup in seen)
    await place.client.delete(VELERO_SCHEDULES, name, NAMESPACE)


async def test_what_cannot_be_followed_says_why(place: Place, vault: Vault) -> None:
    name = await schedule(place, vault, schedule="0 0 30 2 *")
    status = (await in_phase(place, name, "FailedValidation"))["status"]
    assert "never fires" in status["validationErrors"][0]
    await place.client.patch(VELERO_SCHEDULES, name, {"spec": {"schedule": "@yearly"}}, NAMESPACE)
    assert not (await in_phase(place, name, "Enabled"))["status"].get("validationErrors")
    await place.client.delete(VELERO_SCHEDULES, name, NAMESPACE)


async def test_the_first_turn_is_skipped_on_request(place: Place, vault: Vault) -> None:
    name = await schedule(place, vault, schedule="@yearly", skipImmediately=True)
    found = await in_phase(place, name, "Enabled")
    assert found["status"]["lastSkipped"]
    assert found["spec"]["skipImmediately"] is False
    await place.client.delete(VELERO_SCHEDULES, name, NAMESPACE)


class _Later:
    """An hour and a half ahead."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=90)


async def test_a_backup_that_a_killed_operator_made_counts_as_the_last(place: Place, vault: Vault) -> None:
    """As it stands between the two writes: the Backup is there, and the Schedule does not say so."""
    name = await schedule(place, vault, schedule="@every 1h")
    metadata = (await in_phase(place, name, "Enabled"))["metadata"]

    async def a_second_later() -> bool:
        return datetime.now(UTC) - datetime.fromisoformat(metadata["creationTimestamp"]) > timedelta(
            seconds=2
        )

    await until(a_second_later)
    made = {
        "name": f"{name}-20260101000000",
        "namespace": NAMESPACE,
        "labels": {"velero.io/schedule-name": name},
        "annotations": {SCHEDULE_UID: metadata["uid"]},
    }
    spec = {"storageLocation": vault.name, "includedNamespaces": [place.namespace]}
    backup = await place.client.create(
        VELERO_BACKUPS, typed(VELERO_BACKUPS, {"metadata": made, "spec": spec})
    )
    recorder = Recorder(place.client, "tests")
    await ScheduleReconciler(place.client, _Later(), recorder).reconcile(Key(NAMESPACE, name))
    found = await place.client.get(VELERO_SCHEDULES, name, NAMESPACE)
    assert found["status"]["lastBackup"] == backup["metadata"]["creationTimestamp"]
    assert len(await backups(place, name)) == 1
    await place.client.delete(VELERO_SCHEDULES, name, NAMESPACE)
