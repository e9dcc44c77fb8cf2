"""What the work queue promises, in virtual time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.control.queueing import LAST_RETRY, RETRY_BURST, Queue

pytestmark = [pytest.mark.looptime, pytest.mark.asyncio(loop_scope="function")]


async def taken(queue: Queue[str], seconds: float) -> list[str]:
    """The keys that come out within so many seconds, each given back at once."""
    keys: list[str] = []

    async def work() -> None:
        while (key := await queue.get()) is not None:
            keys.append(key)
            queue.done(key)

    worker = asyncio.create_task(work())
    await asyncio.sleep(seconds)
    worker.cancel()
    return keys


async def test_a_key_added_often_is_handed_out_once() -> None:
    queue: Queue[str] = Queue()
    for key in "abab":
        queue.add(key)
    assert await taken(queue, 1) == ["a", "b"]


async def test_a_key_added_while_in_work_is_handed_out_once_more_but_only_afterwards() -> None:
    queue: Queue[str] = Queue()
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert await taken(queue, 1) == []
    queue.done("a")
    assert await taken(queue, 1) == ["a"]


async def test_of_several_delays_the_one_that_ends_first_counts() -> None:
    queue: Queue[str] = Queue()
    for seconds in (10, 5, 20):
        queue.add_after("a", seconds)
    assert await taken(queue, 4.9) == []
    assert await taken(queue, 0.2) == ["a"]
    assert await taken(queue, 100) == []


async def test_no_delay_means_now() -> None:
    queue: Queue[str] = Queue()
    queue.add_after("a", 0)
    queue.add_after("b", -1)
    assert len(queue) == 2


async def test_what_is_due_goes_before_what_has_changed_or_failed() -> None:
    queue: Queue[str] = Queue()
    queue.add_after("due", 1)
    queue.add_rate_limited("failed")
    await asyncio.sleep(0.5)
    queue.add("changed")
    await asyncio.sleep(0.5)
    assert await taken(queue, 0.1) == ["due", "failed", "changed"]


async def test_failures_of_one_key_wait_longer_and_longer_up_to_a_minute() -> None:
    queue: Queue[str] = Queue()
    loop = asyncio.get_running_loop()
    waits = []
    for _ in range(20):
        begun = loop.time()
        queue.add_rate_limited("a")
        assert await queue.get() == "a"
        waits.append(loop.time() - begun)
        queue.done("a")
    assert waits[0] < 0.01
    assert all(later > earlier for earlier, later in pairwise(waits[:13]))
    assert all(LAST_RETRY * 0.7 < wait < LAST_RETRY * 1.3 for wait in waits[15:])


async def test_a_success_makes_the_next_failure_the_first() -> None:
    queue: Queue[str] = Queue()
    for _ in range(20):
        queue.add_rate_limited("a")
        await queue.get()
        queue.done("a")
    queue.forget("a")
    queue.add_rate_limited("a")
    assert await taken(queue, 0.1) == ["a"]


async def test_many_failing_keys_do_not_come_back_all_at_once() -> None:
    queue: Queue[str] = Queue()
    for number in range(RETRY_BURST + 50):
        queue.add_rate_limited(str(number))
    assert len(await taken(queue, 0.09)) == RETRY_BURST
    assert len(await taken(queue, 6)) == 50


async def test_shutting_down_lets_go_of_everybody_who_waits() -> None:
    queue: Queue[str] = Queue()
    waiting = [asyncio.create_task(queue.get()) for _ in range(3)]
    await asyncio.sleep(0)
    queue.add_after("late", 1)
    queue.shut_down()
    queue.add("a")
    assert await asyncio.gather(*waiting) == [None, None, None]
    assert await queue.get() is None
    await asyncio.sleep(2)
    assert len(queue) == 0


@given(st.lists(st.integers(1, 10_000), min_size=1, unique=True))
async def test_delayed_keys_come_out_in_the_order_of_their_delays(delays: list[int]) -> None:
    queue: Queue[str] = Queue()
    for delay in delays:
        queue.add_after(str(delay), delay / 100)
    assert await taken(queue, 101) == [str(delay) for delay in sorted(delays)]


additions = st.tuples(
    st.sampled_from("abc"),  # the key
    st.sampled_from(["add", "add_after", "add_rate_limited"]),
    st.integers(0, 9),  # tenths of a second after the one before
)


@given(st.lists(additions, max_size=25), st.integers(1, 4), st.lists(st.integers(0, 10), min_size=1))
async def test_no_key_is_lost_and_none_is_in_two_hands(
    program: list[tuple[str, str, int]], workers: int, durations: list[int]
) -> None:
    """Whatever is added whenever, each addition is followed by a look that begins no earlier."""
    begun: dict[str, list[float]] = defaultdict(list)
    added: dict[str, float] = {}
    in_hands: set[str] = set()
    how_long = iter(durations * 100)

    async def work(queue: Queue[str]) -> None:
        while (key := await queue.get()) is not None:
            assert key not in in_hands
            in_hands.add(key)
            begun[key].append(asyncio.get_running_loop().time())
            await asyncio.sleep(next(how_long) / 10)
            in_hands.remove(key)
            queue.done(key)

    queue: Queue[str] = Queue()
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work(queue))
        for key, method, tenths in program:
            await asyncio.sleep(tenths / 10)
            added[key] = asyncio.get_running_loop().time()
            getattr(queue, method)(key, *((0.7,) if method == "add_after" else ()))
        await asyncio.sleep(1000)
        queue.shut_down()
    assert begun.keys() == added.keys()
    assert all(begun[key][-1] >= moment for key, moment in added.items())
