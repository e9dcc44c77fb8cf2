"""What the transport does when its peer misbehaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from unit.kube.playing import CUT, answer, playing, stream, transport_to

from holdfast.api.resource import PODS
from holdfast.kube import errors
from holdfast.kube.access import Access
from holdfast.kube.client import Client
from holdfast.kube.credentials import Fixed, Identity, TokenFile
from holdfast.kube.requests import Request
from holdfast.kube.retrying import ATTEMPTS
from holdfast.kube.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

READ = Request("GET", "/x", asked="get things a/b")
WRITE = Request("PUT", "/x", body=b"{}", asked="update things a/b")
REMOVAL = Request("DELETE", "/x", asked="delete things a/b")
BUSY = {"kind": "Status", "code": 429, "reason": "TooManyRequests", "message": "busy"}
BROKEN = {"kind": "Status", "code": 500, "reason": "InternalError", "message": "broken"}


async def test_a_read_is_tried_again_when_the_connection_is_cut() -> None:
    async with playing(CUT, answer(body={"a": 1})) as peer, transport_to(peer.url) as transport:
        assert await transport.send(READ) == b'{"a":1}'


async def test_a_read_is_tried_again_when_the_answer_ends_too_early() -> None:
    cut_short = stream(b'{"a":', cut=True)
    async with playing(cut_short, answer(body={"a": 1})) as peer, transport_to(peer.url) as transport:
        assert await transport.send(READ) == b'{"a":1}'


@pytest.mark.parametrize("request_", [WRITE, REMOVAL])
async def test_a_write_whose_answer_is_lost_is_not_sent_twice(request_: Request) -> None:
    async with playing(answer(), CUT, answer()) as peer, transport_to(peer.url) as transport:
        await transport.send(request_)
        with pytest.raises(errors.Unreachable) as caught:
            await transport.send(request_)
        assert caught.value.sent
        assert len(peer.seen) == 2


async def test_a_write_is_tried_again_when_nobody_listens() -> None:
    async with playing() as peer:
        pass
    sleeps: list[float] = []
    async with transport_to(peer.url, sleeps=sleeps) as transport:
        with pytest.raises(errors.Unreachable) as caught:
            await transport.send(WRITE)
    assert not caught.value.sent
    assert len(sleeps) == ATTEMPTS - 1
    assert "update things a/b" in str(caught.value)


async def test_a_write_is_tried_again_after_429_and_waits_as_asked() -> None:
    sleeps: list[float] = []
    busy = answer(429, BUSY, Retry_After="7")
    async with playing(busy, answer()) as peer, transport_to(peer.url, sleeps=sleeps) as transport:
        await transport.send(WRITE)
    assert len(sleeps) == 1
    assert 7 <= sleeps[0] < 8


async def test_a_wait_of_an_hour_is_left_to_the_caller() -> None:
    busy = answer(429, BUSY, Retry_After="3600")
    async with playing(busy) as peer, transport_to(peer.url) as transport:
        with pytest.raises(errors.TooManyRequests) as caught:
            await transport.send(READ)
    assert caught.value.retry_after == 3600


async def test_a_failing_server_is_asked_again_for_reads_only() -> None:
    async with playing(answer(500, BROKEN), answer()) as peer, transport_to(peer.url) as transport:
        await transport.send(READ)
    async with playing(answer(500, BROKEN), answer()) as peer, transport_to(peer.url) as transport:
        with pytest.raises(errors.ServerFailure, match="update things a/b: broken"):
            await transport.send(WRITE)


async def test_attempts_end() -> None:
    replies = [answer(503, BROKEN)] * ATTEMPTS
    async with playing(*replies) as peer, transport_to(peer.url) as transport:
        with pytest.raises(errors.ServerFailure):
            await transport.send(READ)
        assert len(peer.seen) == ATTEMPTS


async def test_a_refusal_from_something_that_is_no_api_server() -> None:
    async with playing(answer(418, "I am a teapot")) as peer, transport_to(peer.url) as transport:
        with pytest.raises(errors.ApiError, match="I am a teapot") as caught:
            await transport.send(READ)
    assert caught.value.status == 418


async def test_a_page_of_something_else_instead_of_an_object() -> None:
    async with playing(answer(200, "welcome to our network")) as peer:
        access = Access(server=peer.url, credentials=Fixed(Identity()))
        async with Client(access) as client:
            with pytest.raises(errors.KubeError, match="get pods a/b: the answer is not understood"):
                await client.get(PODS, "b", "a")


async def test_a_dead_proxy_is_named_without_its_password() -> None:
    access = Access(
        server="http://api.example.com", credentials=Fixed(Identity()), proxy="http://user:secret@127.0.0.1:1"
    )
    async with Transport(access, user_agent="test/1", sleep=_at_once) as transport:
        with pytest.raises(errors.Unreachable, match=r"its proxy at 127\.0\.0\.1:1") as caught:
            await transport.send(READ)
    assert "secret" not in str(caught.value)


async def _at_once(seconds: float) -> None:
    del seconds


async def test_a_redirect_is_not_followed_with_our_credentials() -> None:
    elsewhere = answer(302, Location="http://example.invalid/")
    async with playing(elsewhere) as peer, transport_to(peer.url) as transport:
        with pytest.raises(errors.ApiError) as caught:
            await transport.send(READ)
    assert caught.value.status == 302


async def test_a_rotated_token_is_read_when_the_old_one_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    async with (
        playing(answer(), answer(401), answer()) as peer,
        transport_to(peer.url, TokenFile(file)) as transport,
    ):
        await transport.send(READ)
        file.write_text("new\n")
        await transport.send(WRITE)
        assert [seen.headers["authorization"] for seen in peer.seen] == [
            "Bearer old",
            "Bearer old",
            "Bearer new",
        ]


async def test_a_token_that_stays_refused_is_shown_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("bad")
    async with playing(answer(401)) as peer, transport_to(peer.url, TokenFile(file)) as transport:
        with pytest.raises(errors.Unauthorized, match="Log in again"):
            await transport.send(READ)
        assert len(peer.seen) == 1


async def test_warnings_of_the_server_are_logged_once_each() -> None:
    warned = answer(200, None, Warning='299 - "v1beta1 is \\"old\\"", 299 - "unknown field \\"x\\""')
    with capture_logs() as logs:
        async with playing(warned, warned) as peer, transport_to(peer.url) as transport:
            await transport.send(READ)
            await transport.send(READ)
    assert [entry["warning"] for entry in logs] == ['v1beta1 is "old"', 'unknown field "x"']


async def test_more_requests_than_connections_are_allowed() -> None:
    replies = [answer() for _ in range(100)]
    async with playing(*replies) as peer, transport_to(peer.url) as transport:
        await asyncio.gather(*(transport.send(READ) for _ in range(100)))
        assert len(peer.seen) == 100
        assert peer.connections <= 32


async def test_a_client_that_is_not_open_says_so() -> None:
    access = Access(server="http://127.0.0.1:1", credentials=Fixed(Identity()))
    with pytest.raises(RuntimeError, match="async with"):
        await Transport(access, user_agent="test/1").send(READ)


async def test_identities_show_no_secrets() -> None:
    assert "secret" not in repr(Identity("Bearer secret"))
