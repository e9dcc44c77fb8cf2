"""What a controller promises to its reconciler, in virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from unit.control.scripted import Listed, Script, Thing, Watched, change, thing

from holdfast.api.resource import PODS
from holdfast.control.controlling import Controller, Result
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.control.measuring import Metrics
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = [pytest.mark.looptime, pytest.mark.asyncio(loop_scope="function")]

A, B = Key("ns", "a"), Key("ns", "b")
CONFLICT = errors.Conflict(409, "Conflict", "the object has been modified")
CUT = errors.Unreachable("connection reset", sent=True)


class Reconciling:
    """Raises or returns what it was given, in order, and is content afterwards."""

    def __init__(self, *outcomes: BaseException | Result, seconds: float = 0.0) -> None:
        self.looks: list[tuple[Key, float]] = []
        self.finished: list[Key] = []
        self.most_at_once = 0
        self._at_once = 0
        self._outcomes = list(outcomes)
        self._seconds = seconds

    async def reconcile(self, key: Key) -> Result:
        self.looks.append((key, asyncio.get_running_loop().time()))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self._seconds)
        self._at_once -= 1
        outcome = self._outcomes.pop(0) if self._outcomes else Result()
        if isinstance(outcome, BaseException):
            raise outcome
        self.finished.append(key)
        return outcome


async def worked(controller: Controller, keys: Iterable[Key], seconds: float) -> None:
    """Let the controller work on some keys for so long, and stop it."""
    for key in keys:
        controller.queue.add(key)
    running = asyncio.create_task(controller.run())
    await asyncio.sleep(seconds)
    controller.stop()
    await running


async def test_a_key_is_looked_at_again_after_the_time_it_asked_for() -> None:
    reconciler = Reconciling(Result(after=300))
    await worked(Controller("test", reconciler), [A], 1000)
    (_, first), (_, second) = reconciler.looks
    assert second - first == pytest.approx(300)


async def test_a_key_that_always_wants_another_look_at_once_does_not_spin() -> None:
    reconciler = Reconciling(*[Result(after=0)] * 1000)
    await worked(Controller("test", reconciler), [A], 10)
    assert 5 < len(reconciler.looks) < 20


@pytest.mark.parametrize("error", [ValueError("boom"), CONFLICT, CUT, asyncio.CancelledError()])
async def test_a_key_is_looked_at_until_that_succeeds(error: BaseException) -> None:
    reconciler = Reconciling(*[error] * 10)
    with capture_logs():
        await worked(Controller("test", reconciler, workers=1), [A], 1000)
    assert reconciler.finished == [A]
    assert len(reconciler.looks) == 11


async def test_a_failure_is_logged_and_counted_with_its_key_and_a_conflict_is_not() -> None:
    registry = CollectorRegistry()
    controller = Controller("test", Reconciling(CONFLICT, CUT, ValueError("boom")))
    controller.measure(Metrics(registry))
    with capture_logs() as logs:
        await worked(controller, [A], 100)
    failures = [line for line in logs if line["log_level"] == "error"]
    assert [(line["controller"], line["key"], line["error"]) for line in failures] == [
        ("test", "ns/a", "boom")
    ]
    assert registry.get_sample_value("holdfast_reconcile_errors_total", {"controller": "test"}) == 1
    assert registry.get_sample_value("holdfast_reconcile_seconds_count", {"controller": "test"}) == 4
    assert registry.get_sample_value("holdfast_reconcile_in_flight", {"controller": "test"}) == 0
    assert registry.get_sample_value("holdfast_queue_adds_total", {"controller": "test"}) == 4
    assert registry.get_sample_value("holdfast_queue_depth", {"controller": "test"}) == 0


async def test_as_many_keys_at_once_as_there_are_workers() -> None:
    reconciler = Reconciling(seconds=1)
    await worked(Controller("test", reconciler, workers=3), [Key("ns", str(n)) for n in range(10)], 100)
    assert reconciler.most_at_once == 3
    assert len(reconciler.finished) == 10


async def test_stopping_lets_the_key_in_work_finish_and_begins_no_other() -> None:
    reconciler = Reconciling(seconds=10)
    await worked(Controller("test", reconciler, workers=1), [A, B], 5)
    assert reconciler.finished == [A]
    assert len(reconciler.looks) == 1


async def test_a_cancellation_interrupts_the_key_in_work() -> None:
    reconciler = Reconciling(seconds=10)
    controller = Controller("test", reconciler)
    controller.queue.add(A)
    running = asyncio.create_task(controller.run())
    await asyncio.sleep(5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert reconciler.finished == []


async def test_following_an_informer_queues_what_objects_were_and_are() -> None:
    script = Script(
        Listed(5, [[thing("a", size=1)]]),
        Watched([change("MODIFIED", thing("a", 6, size=2), 6), change("DELETED", thing("a", 7, size=2), 7)]),
    )
    informer = Informer(script.client, PODS, Thing)
    own, mapped = Controller("own", Reconciling()), Controller("mapped", Reconciling())
    own.follow(informer)
    mapped.follow(informer, lambda obj: [Key("size", str(obj.size))])
    running = asyncio.create_task(informer.run())
    await script.over.wait()
    running.cancel()
    assert await own.queue.get() == A
    assert [await mapped.queue.get(), await mapped.queue.get()] == [Key("size", "1"), Key("size", "2")]
    assert (len(own.queue), len(mapped.queue)) == (0, 0)


@given(
    st.lists(st.sampled_from(["fail", "conflict", "again", "ok"]), max_size=30),
    st.integers(1, 4),
    st.integers(1, 5),
)
async def test_every_key_ends_with_a_success(outcomes: list[str], workers: int, keys: int) -> None:
    meanings: dict[str, BaseException | Result] = {
        "fail": ValueError("boom"),
        "conflict": CONFLICT,
        "again": Result(after=1),
        "ok": Result(),
    }
    reconciler = Reconciling(*(meanings[outcome] for outcome in outcomes), seconds=0.1)
    wanted = [Key("ns", str(number)) for number in range(keys)]
    with capture_logs():
        await worked(Controller("test", reconciler, workers=workers), wanted, 10_000)
    assert set(reconciler.finished) == set(wanted)
