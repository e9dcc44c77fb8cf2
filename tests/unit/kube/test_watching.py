"""How a watch gets over what connections do. What the API server says in it is tried on a real one."""

from __future__ import annotations

from contextlib import aclosing
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.kube.playing import CUT, Peer, Reply, answer, playing, stream, transport_to

from holdfast.kube import errors
from holdfast.kube.requests import Request
from holdfast.kube.watching import Lines, watch

LISTING = Request("GET", "/things", {"labelSelector": "a=b"}, asked="watch things")


class Meta(msgspec.Struct, rename="camel"):
    name: str
    resource_version: str


class Thing(msgspec.Struct):
    metadata: Meta


def event(kind: str, version: int, name: str = "a") -> bytes:
    metadata = {"name": name, "resourceVersion": str(version)}
    return msgspec.json.encode({"type": kind, "object": {"metadata": metadata}}) + b"\n"


def bookmark(version: int) -> bytes:
    return msgspec.json.encode(
        {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}
    )


def trouble(code: int, reason: str) -> bytes:
    status = {"kind": "Status", "code": code, "reason": reason, "message": "trouble"}
    return msgspec.json.encode({"type": "ERROR", "object": status}) + b"\n"


async def seen(peer: Peer, count: int, *, silence: float = 5.0) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    async with (
        transport_to(peer.url) as transport,
        aclosing(watch(transport, LISTING, Thing, resource_version="5", silence=silence)) as changes,
    ):
        async for change in changes:
            found.append((change.kind, change.resource_version))
            if len(found) == count:
                break
    return found


def versions_asked(peer: Peer) -> list[str]:
    return [parse_qs(urlsplit(request.path).query)["resourceVersion"][0] for request in peer.seen]


@pytest.mark.parametrize(
    "first",
    [
        stream(event("ADDED", 6), end=True),
        stream(event("ADDED", 6), cut=True),
        stream(event("ADDED", 6), event("MODIFIED", 7)[:-9], cut=True),
        stream(event("ADDED", 6), event("MODIFIED", 7)[:-9], end=True),
    ],
)
async def test_a_watch_goes_on_where_it_was_however_its_connection_ends(first: Reply) -> None:
    async with playing(first, stream(event("MODIFIED", 7))) as peer:
        assert await seen(peer, 2) == [("ADDED", "6"), ("MODIFIED", "7")]
        assert versions_asked(peer) == ["5", "6"]


async def test_bookmarks_move_a_watch_forward() -> None:
    first = stream(bookmark(90) + b"\n", end=True)
    async with playing(first, stream(event("DELETED", 91))) as peer:
        assert await seen(peer, 2) == [("BOOKMARK", "90"), ("DELETED", "91")]
        assert versions_asked(peer) == ["5", "90"]


async def test_a_silent_connection_is_replaced() -> None:
    async with playing(stream(), stream(event("ADDED", 6))) as peer:
        assert await seen(peer, 1, silence=0.2) == [("ADDED", "6")]
        assert versions_asked(peer) == ["5", "5"]


async def test_failures_in_between_are_waited_out() -> None:
    broken = answer(503, {"kind": "Status", "code": 503, "message": "starting"})
    async with playing(CUT, broken, stream(event("ADDED", 6))) as peer:
        assert await seen(peer, 1) == [("ADDED", "6")]


async def test_lost_history_is_the_callers_business() -> None:
    async with playing(stream(event("ADDED", 6), trouble(410, "Expired"))) as peer:
        with pytest.raises(errors.Gone, match="watch things: trouble"):
            await seen(peer, 2)


async def test_a_refused_watch_ends() -> None:
    refusal = answer(403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"})
    async with playing(refusal) as peer:
        with pytest.raises(errors.Forbidden):
            await seen(peer, 1)


async def test_what_is_asked_for() -> None:
    async with playing(stream(event("ADDED", 6))) as peer:
        await seen(peer, 1)
        query = parse_qs(urlsplit(peer.seen[0].path).query)
    assert query["watch"] == query["allowWatchBookmarks"] == ["true"]
    assert query["labelSelector"] == ["a=b"]
    assert 300 <= int(query["timeoutSeconds"][0]) <= 600


@given(st.lists(st.binary().map(lambda b: b.replace(b"\n", b"")).filter(len)), st.data())
def test_lines_survive_any_cutting(lines: list[bytes], data: st.DataObject) -> None:
    content = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)))))
    parts = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    cutter = Lines()
    assert [line for part in parts for line in cutter.feed(part)] == lines


async def test_an_event_of_many_megabytes() -> None:
    big = event("ADDED", 6, "x" * 5_000_000)
    chunks = [big[i : i + 60_000] for i in range(0, len(big), 60_000)]
    async with playing(stream(*chunks)) as peer:
        assert await seen(peer, 1) == [("ADDED", "6")]
