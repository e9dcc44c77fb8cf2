"""In which order a manager starts and stops its parts, and what its pages say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from prometheus_client import REGISTRY, CollectorRegistry
from structlog.testing import capture_logs
from unit.control.scripted import Listed, Script, Thing, Watched, thing

from holdfast.api.resource import PODS
from holdfast.control.controlling import Controller, Result
from holdfast.control.errors import RunnableFailed
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.managing import Manager
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.asyncio(loop_scope="function")

PATIENCE = 10.0  # seconds; only reached by a test that fails


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


class Slow:
    """A reconciler that says what it does and can be held in the middle of it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.ended: list[Key] = []

    async def reconcile(self, key: Key) -> Result:
        self.begun.set()
        await self.may_end.wait()
        self.ended.append(key)
        return Result()


class Writer:
    """A part that has something to finish, as the recorder of events has."""

    def __init__(self, reconciler: Slow) -> None:
        self.ended_after: list[Key] | None = None
        self._reconciler = reconciler
        self._stop = asyncio.Event()

    async def run(self) -> None:
        await self._stop.wait()
        self.ended_after = list(self._reconciler.ended)

    def stop(self) -> None:
        self._stop.set()


def managed(script: Script, *, health_address: str | None = None, grace: float = PATIENCE) -> Manager:
    return Manager(
        script.client,
        identity="test",
        election=None,
        health_address=health_address,
        registry=CollectorRegistry(),
        grace=grace,
    )


def following(script: Script, manager: Manager, reconciler: Slow) -> None:
    """An informer, and a controller that follows it."""
    informer = Informer(script.client, PODS, Thing)
    controller = Controller("things", reconciler, workers=1)
    controller.follow(informer)
    manager.add(informer)
    manager.add(controller)


async def test_pages_tell_when_everything_is_known() -> None:
    started, gate = asyncio.Event(), asyncio.Event()

    class Gated(Script):
        async def _next(self) -> Listed | Watched:
            started.set()
            await gate.wait()
            return await super()._next()

    script = Gated(Listed(5, [[thing("a")]]), Watched())
    manager, reconciler, stop = managed(script, health_address="127.0.0.1:0"), Slow(), asyncio.Event()
    following(script, manager, reconciler)
    running = asyncio.create_task(manager.run(stop))
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        await started.wait()
        pages = f"http://127.0.0.1:{manager.port}"
        async with session.get(f"{pages}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{pages}/readyz") as answer:
            assert (answer.status, await answer.text()) == (503, "waiting for informer pods\n")
        assert not reconciler.begun.is_set()
        gate.set()
        await reconciler.begun.wait()
        async with session.get(f"{pages}/readyz") as answer:
            assert answer.status == 200
        async with session.get(f"{pages}/metrics") as answer:
            metrics = await answer.text()
        reconciler.may_end.set()
        stop.set()
        await running
    assert 'holdfast_informer_objects{resource="pods"} 1.0' in metrics
    assert 'holdfast_reconcile_in_flight{controller="things"} 1.0' in metrics
    assert "holdfast_leading 1.0" in metrics
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("holdfast")]


@pytest.mark.looptime
async def test_controllers_wait_until_every_informer_has_synced() -> None:
    known = Script(Listed(5, [[thing("a")]]), Watched())
    unknown = Script(
        Listed(0, [], error=errors.Unreachable("no route", sent=False)), Listed(5, [[]]), Watched()
    )
    manager, reconciler, stop = managed(known), Slow(), asyncio.Event()
    following(known, manager, reconciler)
    other = Informer(unknown.client, PODS, Thing)
    manager.add(other)
    running = asyncio.create_task(manager.run(stop))
    await known.over.wait()
    assert (other.synced, reconciler.begun.is_set()) == (False, False)
    await reconciler.begun.wait()
    assert other.synced
    reconciler.may_end.set()
    stop.set()
    await running


async def test_stopping_finishes_the_key_in_work_and_only_then_the_other_parts() -> None:
    script = Script(Listed(5, [[thing("a"), thing("b")]]), Watched())
    manager, reconciler, stop = managed(script), Slow(), asyncio.Event()
    writer = Writer(reconciler)
    following(script, manager, reconciler)
    manager.add(writer)
    running = asyncio.create_task(manager.run(stop))
    async with asyncio.timeout(PATIENCE):
        await reconciler.begun.wait()
        stop.set()
        await asyncio.sleep(0)
        reconciler.may_end.set()
        await running
    assert reconciler.ended == [Key("ns", "a")]
    assert writer.ended_after == [Key("ns", "a")]


@pytest.mark.looptime
async def test_what_does_not_end_within_the_grace_is_cut_off() -> None:
    script = Script(Listed(5, [[thing("a")]]), Watched())
    manager, reconciler, stop = managed(script, grace=30), Slow(), asyncio.Event()
    following(script, manager, reconciler)
    running = asyncio.create_task(manager.run(stop))
    await reconciler.begun.wait()
    stop.set()
    await asyncio.sleep(29)
    assert not running.done()
    await asyncio.sleep(2)
    assert running.done()
    await running
    assert reconciler.ended == []


async def test_a_manager_that_never_got_to_work_stops_too() -> None:
    script = Script()
    manager, stop = managed(script), asyncio.Event()
    following(script, manager, Slow())
    running = asyncio.create_task(manager.run(stop))
    async with asyncio.timeout(PATIENCE):
        await script.over.wait()
        stop.set()
        await running


async def test_an_informer_that_dies_ends_the_process_and_is_named() -> None:
    script = Script(Listed(5, [[]], error=ZeroDivisionError("a mistake of ours")))
    manager = managed(script)
    following(script, manager, Slow())
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(RunnableFailed, match="informer pods failed: a mistake of ours") as caught:
            await manager.run(asyncio.Event())
    assert isinstance(caught.value.__cause__, BaseExceptionGroup)


async def test_a_part_that_ends_by_itself_ends_the_process() -> None:
    class Short:
        async def run(self) -> None:
            """Over at once."""

        def __str__(self) -> str:
            return "short part"

    manager = managed(Script())
    manager.add(Short())
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(RunnableFailed, match="short part ended without being asked to"):
            await manager.run(asyncio.Event())


async def test_an_address_without_a_port_is_refused() -> None:
    with pytest.raises(ValueError, match=r"health address 'localhost' has no port; write .*:8080"):
        await managed(Script(), health_address="localhost").run(asyncio.Event())
