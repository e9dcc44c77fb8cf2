"""What the informer makes of lists and watches, in virtual time; tests/cluster shows that Kubernetes sends such."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from unit.control.scripted import Listed, Script, Thing, Watched, change, thing

from holdfast.api.resource import PODS
from holdfast.control.informing import Informer
from holdfast.control.keys import Key
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.looptime, pytest.mark.asyncio(loop_scope="function")]

GONE = errors.Gone(410, "Expired", "too old resource version")
CUT = errors.Unreachable("connection reset", sent=True)


@asynccontextmanager
async def played(script: Script, informer: Informer[Thing] | None = None) -> AsyncIterator[Informer[Thing]]:
    """An informer that follows the script."""
    informer = informer or Informer(script.client, PODS, Thing)
    running = asyncio.create_task(informer.run())
    try:
        yield informer
    finally:
        running.cancel()


async def result(script: Script, informer: Informer[Thing]) -> dict[str, int]:
    await script.over.wait()
    return {obj.metadata.name: obj.size for obj in informer.cache.all()}


async def test_the_cache_holds_every_page_and_follows_the_changes() -> None:
    script = Script(
        Listed(5, [[thing("a"), thing("b")], [thing("c")]]),
        Watched(
            [
                change("ADDED", thing("d", 6), 6),
                change("MODIFIED", thing("a", 7, size=70), 7),
                change("BOOKMARK", None, 8),
                change("DELETED", thing("b", 9), 9),
            ]
        ),
    )
    async with played(script) as informer:
        assert not informer.synced
        await informer.wait_synced()
        assert await result(script, informer) == {"a": 70, "c": 0, "d": 0}
        assert informer.cache.get(Key("ns", "b")) is None
    assert script.asked == [("list", ""), ("watch", "5")]


async def test_a_cut_watch_resumes_where_it_was() -> None:
    script = Script(
        Listed(5, [[]]),
        Watched([change("ADDED", thing("a", 6), 6), change("BOOKMARK", None, 8)], CUT),
        Watched([change("ADDED", thing("b", 9), 9)]),
    )
    async with played(script) as informer:
        assert await result(script, informer) == {"a": 0, "b": 0}
    assert script.asked == [("list", ""), ("watch", "5"), ("watch", "8")]


async def test_after_a_relist_subscribers_hear_the_difference_and_nothing_else() -> None:
    script = Script(
        Listed(5, [[thing("goes"), thing("stays"), thing("changes")]]),
        Watched(error=GONE),
        Listed(9, [[thing("stays"), thing("changes", 8, size=1), thing("comes", 9)]]),
        Watched(),
    )
    heard: list[tuple[str, str]] = []
    async with played(script) as informer:
        await informer.wait_synced()
        informer.subscribe(
            lambda old, new: heard.append(
                (old.metadata.name if old else "", new.metadata.name if new else "")
            )
        )
        heard.clear()
        await script.over.wait()
    assert sorted(heard) == [("", "comes"), ("changes", "changes"), ("goes", "")]
    assert script.asked[-1] == ("watch", "9")


async def test_a_list_that_breaks_off_changes_nothing() -> None:
    script = Script(
        Listed(5, [[thing("a"), thing("b")]]),
        Watched(error=GONE),
        Listed(7, [[thing("a")]], error=GONE),
        Listed(8, [[thing("a")]], error=CUT),
    )
    async with played(script) as informer:
        assert await result(script, informer) == {"a": 0, "b": 0}


async def test_an_outage_at_the_start_only_takes_time() -> None:
    script = Script(*[Listed(0, [], error=CUT)] * 30, Listed(5, [[thing("a")]]), Watched())
    async with played(script) as informer:
        assert await result(script, informer) == {"a": 0}


async def test_what_nobody_lets_us_list_keeps_nothing_else_waiting_where_it_is_optional() -> None:
    refused = errors.Forbidden(403, "Forbidden", "cannot list resource pods")
    script = Script(Listed(0, [], refused), Listed(5, [[thing("a")]]))
    async with played(script, Informer(script.client, PODS, Thing, optional=True)) as informer:
        await informer.wait_synced()
        assert not informer.cache.keys()
        assert await result(script, informer) == {"a": 0}
    needed = Script(Listed(0, [], refused))
    async with played(needed) as informer:
        await needed.over.wait()
        assert not informer.synced


async def test_an_object_that_cannot_be_read_is_reported_and_the_others_go_on() -> None:
    script = Script(
        Listed(5, [[thing("a"), thing("broken", size="many"), thing("b")]]),
        Watched([change("MODIFIED", thing("b", 6, size={}), 6), change("ADDED", thing("c", 7), 7)]),
    )
    reported: dict[Key, str] = {}

    def report(key: Key, error: Exception) -> None:
        reported[key] = str(error)
        raise RuntimeError("and even this is no reason to stop")

    with capture_logs() as logs:
        informer = Informer(script.client, PODS, Thing, on_invalid=report)
        async with played(script, informer):
            assert await result(script, informer) == {"a": 0, "c": 0}
    assert list(reported) == [Key("ns", "broken"), Key("ns", "b")]
    assert "$.size" in reported[Key("ns", "broken")]
    assert {"ns/broken", "ns/b"} <= {line.get("key") for line in logs}


async def test_a_handler_that_fails_is_logged_and_the_next_one_is_told() -> None:
    script = Script(Listed(5, [[thing("a")]]), Watched([change("ADDED", thing("b", 6), 6)]))
    told: list[Thing | None] = []
    with capture_logs() as logs:
        async with played(script) as informer:
            informer.subscribe(lambda _old, _new: 1 / 0)  # type: ignore[arg-type]
            informer.subscribe(lambda _, new: told.append(new))
            await result(script, informer)
    assert [obj.metadata.name for obj in told if obj] == ["a", "b"]
    assert [line["key"] for line in logs if line["event"] == "handler failed"] == ["ns/a", "ns/b"]


async def test_what_is_not_kept_is_as_if_deleted() -> None:
    script = Script(
        Listed(5, [[thing("small", size=1), thing("big", size=100)]]),
        Watched([change("MODIFIED", thing("small", 6, size=100), 6)]),
    )
    heard: list[tuple[bool, bool]] = []
    async with played(
        script, Informer(script.client, PODS, Thing, keep=lambda obj: obj.size < 10)
    ) as informer:
        informer.subscribe(lambda old, new: heard.append((old is not None, new is not None)))
        assert await result(script, informer) == {}
    assert heard == [(False, True), (True, False)]


async def test_an_index_follows_its_objects() -> None:
    script = Script(
        Listed(5, [[thing("a", size=1), thing("b", size=1), thing("c", size=2)]]),
        Watched(error=CUT),  # time to look
        Watched([change("MODIFIED", thing("a", 6, size=2), 6), change("DELETED", thing("b", 7), 7)]),
    )
    informer = Informer(script.client, PODS, Thing, indexes={"size": lambda obj: [str(obj.size)]})
    async with played(script, informer):
        await informer.wait_synced()
        assert [obj.metadata.name for obj in informer.cache.by("size", "1")] == ["a", "b"]
        await script.over.wait()
        assert informer.cache.by("size", "1") == []
        assert [obj.metadata.name for obj in informer.cache.by("size", "2")] == ["c", "a"]
        with pytest.raises(KeyError, match="no index 'colour'; there is: size"):
            informer.cache.by("colour", "red")


async def test_an_object_that_breaks_an_index_is_skipped() -> None:
    script = Script(Listed(5, [[thing("zero"), thing("one", size=1)]]), Watched())
    informer = Informer(script.client, PODS, Thing, indexes={"inverse": lambda obj: [str(1 / obj.size)]})
    async with played(script, informer):
        assert await result(script, informer) == {"one": 1}


async def test_a_late_subscriber_hears_of_what_is_there() -> None:
    script = Script(Listed(5, [[thing("a")]]), Watched())
    told: list[Thing | None] = []
    async with played(script) as informer:
        await informer.wait_synced()
        informer.subscribe(lambda _, new: told.append(new))
    assert [obj.metadata.name for obj in told if obj] == ["a"]


async def test_anything_unexpected_ends_the_informer() -> None:
    script = Script(Listed(5, [[]], error=ZeroDivisionError("a mistake of ours")))
    with pytest.raises(ZeroDivisionError):
        await Informer(script.client, PODS, Thing).run()


steps = st.tuples(
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from(["put", "put", "delete"]),
    st.sampled_from(["seen", "seen", "seen", "cut", "gone"]),  # what becomes of the watch before the step
)


def written(history: list[tuple[str, str, str]]) -> tuple[Script, dict[str, int]]:
    """The script of a history of the world with interruptions, and the world at its end."""
    world: dict[str, int] = {}
    script: list[Listed | Watched] = [Listed(1, [[]]), Watched()]
    for version, (name, act, watch) in enumerate(history, start=2):
        last = script[-1]
        assert isinstance(last, Watched)
        existed = name in world
        if act == "put":
            world[name] = version
        elif world.pop(name, None) is None:
            continue
        if watch == "gone":
            last.error = GONE
            script += [Listed(version, [[thing(n, v, v)] for n, v in world.items()] or [[]]), Watched()]
            continue
        kind = "DELETED" if act == "delete" else "MODIFIED" if existed else "ADDED"
        one = change(kind, thing(name, version, version), version)  # type: ignore[arg-type]
        if watch == "cut":
            last.error = CUT
            script.append(Watched([one]))
        else:
            last.changes.append(one)
    return Script(*script), world


@given(st.lists(steps, max_size=30))
async def test_whatever_happens_cache_and_subscribers_end_with_the_world(
    history: list[tuple[str, str, str]],
) -> None:
    heard: dict[Key, Thing] = {}

    def follow(old: Thing | None, new: Thing | None) -> None:
        known = old or new
        assert known
        key = Key.of(known)
        assert heard.get(key) == old
        if new is None:
            del heard[key]
        else:
            heard[key] = new

    script, world = written(history)
    with capture_logs():
        async with played(script) as informer:
            informer.subscribe(follow)
            assert await result(script, informer) == world
    assert {key.name: obj.size for key, obj in heard.items()} == world
