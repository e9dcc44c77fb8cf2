"""How the recorder sums events up and what it does when they cannot be written, in virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
from structlog.testing import capture_logs

from holdfast.control.recording import MOST_SERIES, WINDOW, Recorder, Reference
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client

pytestmark = [pytest.mark.looptime, pytest.mark.asyncio(loop_scope="function")]

GROUP = Reference("gemini.fairwinds.com/v1", "SnapshotGroup", "postgres", "apps", "uid-1")
CUT = errors.Unreachable("connection reset", sent=True)


class Notebook:
    """Where a recorder writes to: keeps what was sent, and answers with errors as told."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.created: list[dict[str, Any]] = []
        self.patched: list[tuple[str, int]] = []
        self._outcomes = list(outcomes)

    @property
    def client(self) -> Client:
        return cast("Client", self)

    async def create(self, _: Resource, body: dict[str, Any], namespace: str) -> None:
        assert body["metadata"]["namespace"] == namespace
        self.created.append(body)
        self._answer()

    async def patch(self, _: Resource, name: str, body: dict[str, Any], namespace: str) -> None:
        assert namespace
        self.patched.append((name, body["series"]["count"]))
        self._answer()

    def _answer(self) -> None:
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if outcome:
            raise outcome


@asynccontextmanager
async def recording(notebook: Notebook) -> AsyncIterator[Recorder]:
    """A recorder that is stopped, and so has written everything, at the end."""
    recorder = Recorder(notebook.client, "holdfast.dev/operator")
    running = asyncio.create_task(recorder.run())
    yield recorder
    recorder.stop()
    await running


async def test_repetitions_are_one_event_with_a_count() -> None:
    notebook = Notebook()
    async with recording(notebook) as recorder:
        for _ in range(100):
            recorder.event(GROUP, "Warning", "NotReady", "snapshot a is not ready")
            await asyncio.sleep(1)
    assert len(notebook.created) == 1
    name = notebook.created[0]["metadata"]["name"]
    assert notebook.patched[-1] == (name, 100)
    assert len(notebook.patched) <= 11


async def test_different_words_objects_or_reasons_are_different_events() -> None:
    notebook = Notebook()
    async with recording(notebook) as recorder:
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
        recorder.event(GROUP, "Normal", "Taken", "snapshot b")
        recorder.event(GROUP, "Normal", "Retired", "snapshot a")
        recorder.event(Reference("v1", "PersistentVolume", "pv-1"), "Normal", "Taken", "snapshot a")
    said = [(body["reason"], body["note"], body["metadata"]["namespace"]) for body in notebook.created]
    assert said == [
        ("Taken", "snapshot a", "apps"),
        ("Taken", "snapshot b", "apps"),
        ("Retired", "snapshot a", "apps"),
        ("Taken", "snapshot a", "default"),
    ]
    assert notebook.patched == []


async def test_the_same_words_much_later_are_a_new_event() -> None:
    notebook = Notebook()
    async with recording(notebook) as recorder:
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
        await asyncio.sleep(WINDOW + 1)
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
    assert len({body["metadata"]["name"] for body in notebook.created}) == 2


async def test_an_outage_delays_an_event_and_does_not_double_it() -> None:
    lost_reply = errors.AlreadyExists(409, "AlreadyExists", "events already exists")
    notebook = Notebook(CUT, CUT, errors.ServerFailure(503, "", "overloaded"), lost_reply)
    async with recording(notebook) as recorder:
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
        await asyncio.sleep(60)
    assert len(notebook.created) == 4
    assert len({body["metadata"]["name"] for body in notebook.created}) == 1


async def test_repetitions_during_an_outage_are_counted() -> None:
    notebook = Notebook(*[CUT] * 5)
    async with recording(notebook) as recorder:
        for _ in range(3):
            recorder.event(GROUP, "Normal", "Taken", "snapshot a")
            await asyncio.sleep(0.01)
        await asyncio.sleep(60)
    assert notebook.created[-1]["series"]["count"] == 3


async def test_an_event_that_expired_meanwhile_is_written_anew() -> None:
    notebook = Notebook(None, errors.NotFound(404, "NotFound", "events not found"))
    async with recording(notebook) as recorder:
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
        await asyncio.sleep(1)
        recorder.event(GROUP, "Normal", "Taken", "snapshot a")
        await asyncio.sleep(60)
    assert [body.get("series", {}).get("count") for body in notebook.created] == [None, 2]


async def test_what_the_server_refuses_is_dropped_and_logged() -> None:
    notebook = Notebook(errors.Forbidden(403, "Forbidden", "namespace apps is being terminated"))
    with capture_logs() as logs:
        async with recording(notebook) as recorder:
            recorder.event(GROUP, "Normal", "Taken", "snapshot a")
            await asyncio.sleep(60)
            recorder.event(GROUP, "Normal", "Retired", "snapshot a")
    assert [body["reason"] for body in notebook.created] == ["Taken", "Retired"]
    assert [line["reason"] for line in logs] == ["Taken"]


async def test_an_outage_that_does_not_end_bounds_memory_and_the_time_to_stop() -> None:
    notebook = Notebook(*[CUT] * 100_000)
    async with asyncio.timeout(60), recording(notebook) as recorder:
        for number in range(3 * MOST_SERIES):
            recorder.event(GROUP, "Normal", "Taken", f"snapshot {number}")
        assert len(recorder._series) == MOST_SERIES


async def test_long_texts_are_cut_to_what_the_server_takes() -> None:
    notebook = Notebook()
    async with recording(notebook) as recorder:
        recorder.event(Reference("v1", "Pod", "p" * 253, "apps"), "Normal", "R" * 200, "é" * 1000)
    body = notebook.created[0]
    assert len(body["metadata"]["name"]) <= 253
    assert len(body["reason"]) == 128
    assert body["note"] == "é" * 512


async def test_saying_something_from_the_wrong_thread_is_only_logged() -> None:
    recorder = Recorder(Notebook().client, "holdfast.dev/operator")
    with capture_logs() as logs:
        await asyncio.to_thread(recorder.event, GROUP, "Normal", "Taken", "no loop is running here")
    assert [line["event"] for line in logs] == ["event lost"]
