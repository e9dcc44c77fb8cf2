"""When discovery asks, and when it remembers. What a real server answers is tried on one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from unit.kube.playing import answer, playing, transport_to

from holdfast.kube import errors
from holdfast.kube.discovery import Discovery

if TYPE_CHECKING:
    from unit.kube.playing import Reply


def served(*plurals: str) -> Reply:
    resources = [{"resource": plural, "scope": "Namespaced"} for plural in plurals]
    group = {"metadata": {"name": "example.com"}, "versions": [{"version": "v1", "resources": resources}]}
    return answer(200, {"kind": "APIGroupDiscoveryList", "items": [group]})


async def test_one_question_serves_many(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("holdfast.kube.discovery.time.monotonic", lambda: clock[0])
    replies = [served("things")] * 4
    async with playing(*replies) as peer, transport_to(peer.url) as transport:
        discovery = Discovery(transport)
        await asyncio.gather(*(discovery.find("things") for _ in range(20)))
        clock[0] += 299
        await discovery.find("things")
        assert len(peer.seen) == 2
        clock[0] += 2
        await discovery.find("things")
        assert len(peer.seen) == 4


async def test_an_unknown_name_is_asked_for_anew() -> None:
    old, new = [served("things")] * 2, [served("things", "lates")] * 2
    async with playing(*old, *new) as peer, transport_to(peer.url) as transport:
        discovery = Discovery(transport)
        await discovery.find("things")
        assert (await discovery.find("lates")).plural == "lates"


async def test_a_name_may_hide_behind_a_server_that_does_not_answer() -> None:
    stale = {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1", "freshness": "Stale"}]}
    replies = [answer(200, {"kind": "APIGroupDiscoveryList", "items": [stale]})] * 2
    async with playing(*replies) as peer, transport_to(peer.url) as transport:
        with pytest.raises(
            errors.NotFound, match=r"no resource type .nodemetrics.; not answering: metrics\.k8s\.io/v1"
        ):
            await Discovery(transport).find("nodemetrics")
