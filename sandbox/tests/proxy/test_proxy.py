"""What a rule does to a request and to its answer, seen from both ends."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest
import yaml

from holdfast_sandbox.proxy import (
    Answer,
    CutWatch,
    Delay,
    DropAnswer,
    DropRequest,
    FaultProxy,
    GoneWatch,
    KubeconfigError,
    Match,
    ProxyThread,
    Rule,
    StallWatch,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.tests.proxy.conftest import Client, Upstream

PODS = "/api/v1/namespaces/a/pods"
POD = f"{PODS}/p"


async def test_a_call_is_passed_on_as_it_is(proxy: FaultProxy, client: Client, upstream: Upstream) -> None:
    headers = {"Authorization": "Bearer secret", "User-Agent": "operator/1", "Accept": "application/json"}
    path = f"{PODS}?fieldManager=a%2Fb&fieldValidation=Strict"
    assert await client.send("POST", path, data=b"body", headers=headers) == (201, {"number": 1})
    assert upstream.reached == [("POST", path, b"body")]
    assert headers.items() <= upstream.headers[0].items()
    (call,) = proxy.calls
    assert (call.verb, call.resource, call.namespace, call.status) == ("create", "pods", "a", 201)
    assert (call.user_agent, call.ordinal) == ("operator/1", 1)


async def test_a_large_body_passes_both_ways(client: Client, upstream: Upstream) -> None:
    body = bytes(3 << 20)
    await client.send("POST", PODS, data=io.BytesIO(body))
    assert upstream.reached[0][2] == body


async def test_a_lost_reply_is_carried_out_once(
    proxy: FaultProxy, client: Client, upstream: Upstream
) -> None:
    rule = proxy.rules.append(Rule(DropAnswer(), Match(verb="create"), nth=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.send("POST", PODS)
    assert [method for method, _, _ in upstream.reached] == ["POST"]
    assert [call.status for call in rule.hits] == [201]
    assert (await client.send("POST", PODS))[0] == 201


async def test_a_dropped_request_reaches_nobody(
    proxy: FaultProxy, client: Client, upstream: Upstream
) -> None:
    proxy.rules.append(Rule(DropRequest(), nth=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.send("POST", PODS)
    assert not upstream.reached
    assert proxy.calls[0].status is None


@pytest.mark.parametrize(
    ("status", "reason"),
    [(409, "Conflict"), (410, "Expired"), (429, "TooManyRequests"), (500, "InternalError")],
)
async def test_a_refusal_is_a_status(
    proxy: FaultProxy, client: Client, upstream: Upstream, status: int, reason: str
) -> None:
    proxy.rules.append(Rule(Answer(status, retry_after=3)))
    code, body = await client.send("PATCH", POD)
    assert (code, body["kind"], body["reason"], body["code"]) == (status, "Status", reason, status)
    assert body["details"]["retryAfterSeconds"] == 3
    assert not upstream.reached
    assert proxy.calls[0].status == status


async def test_only_the_calls_meant_are_hit(proxy: FaultProxy, client: Client) -> None:
    match = Match(verb="get", name="p")
    rule = proxy.rules.append(Rule(Answer(500), match, nth=range(2, 4)))
    paths = [POD, PODS, POD, f"{PODS}/q", POD, POD]
    assert [(await client.send("GET", path))[0] for path in paths] == [200, 200, 500, 200, 500, 200]
    assert (rule.seen, [call.ordinal for call in rule.hits]) == (4, [3, 5])
    assert proxy.count(match) == 4


async def test_a_removed_rule_acts_no_more(proxy: FaultProxy, client: Client) -> None:
    rule = proxy.rules.append(Rule(Answer(500)))
    assert (await client.send("GET", POD))[0] == 500
    proxy.rules.remove(rule)
    assert (await client.send("GET", POD))[0] == 200
    assert len(rule.hits) == 1


async def test_the_first_of_two_rules_acts_and_both_count(proxy: FaultProxy, client: Client) -> None:
    first, second = (proxy.rules.append(Rule(Answer(status), nth=1)) for status in (409, 429))
    assert (await client.send("GET", POD))[0] == 409
    assert (await client.send("GET", POD))[0] == 200
    assert (first.seen, len(first.hits), second.seen, len(second.hits)) == (2, 1, 2, 0)


async def test_a_held_call_waits_for_the_event(proxy: FaultProxy, client: Client, upstream: Upstream) -> None:
    event = asyncio.Event()
    proxy.rules.append(Rule(Delay(event), Match(verb="create")))
    held = asyncio.create_task(client.send("POST", PODS))
    await proxy.wait_for(Match(verb="create"))
    await client.send("GET", POD)
    assert [method for method, _, _ in upstream.reached] == ["GET"]
    event.set()
    assert (await held)[0] == 201


async def test_clients_are_told_apart_by_label(
    proxy: FaultProxy, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    rule = proxy.rules.append(Rule(Answer(409), Match(client="b")))
    statuses = []
    for label in ("a", "b"):
        config = yaml.safe_load(proxy.kubeconfig(None, tmp_path / label, label=label).read_text())
        async with session.get(config["clusters"][0]["cluster"]["server"] + POD) as answer:
            statuses.append(answer.status)
    assert statuses == [200, 409]
    assert [call.client for call in proxy.calls] == ["a", "b"]
    assert [call.client for call in rule.hits] == ["b"]


async def test_a_watch_comes_event_by_event(client: Client, upstream: Upstream) -> None:
    watch = await client.watch(PODS)
    for event in (b'{"a": 1}\n', b'{"b": 2}\n'):
        upstream.events.put_nowait(event)
        assert await watch.content.readline() == event
    upstream.events.put_nowait(None)
    assert await watch.content.read() == b""


async def test_a_client_that_leaves_ends_the_upstream_watch(client: Client, upstream: Upstream) -> None:
    watch = await client.watch(PODS)
    watch.close()
    async with asyncio.timeout(10):
        await upstream.left.wait()


@pytest.mark.parametrize("running", [True, False])
async def test_a_watch_is_cut(proxy: FaultProxy, client: Client, upstream: Upstream, running: bool) -> None:
    rule = Rule(CutWatch(), Match(resource="pods"), nth=1)
    if not running:
        proxy.rules.append(rule)
    watch = await client.watch(PODS)
    if running:
        upstream.events.put_nowait(b"{}\n")
        assert await watch.content.readline() == b"{}\n"
        proxy.rules.append(rule)
    with pytest.raises(aiohttp.ClientPayloadError):
        await watch.content.read()
    assert len(rule.hits) == 1
    other = await client.watch(PODS)
    upstream.events.put_nowait(b"{}\n")
    assert await other.content.readline() == b"{}\n"


async def test_a_watch_ends_well(proxy: FaultProxy, client: Client) -> None:
    watch = await client.watch(PODS)
    proxy.rules.append(Rule(CutWatch(clean=True)))
    assert await watch.content.read() == b""


async def test_a_watch_is_told_that_its_version_is_gone(
    proxy: FaultProxy, client: Client, upstream: Upstream
) -> None:
    watch = await client.watch(PODS)
    upstream.events.put_nowait(b'{"whole": 1}\n{"ha')
    assert await watch.content.readline() == b'{"whole": 1}\n'
    proxy.rules.append(Rule(GoneWatch()))
    event = json.loads(await watch.content.read())
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")


async def test_a_stalled_watch_goes_on_when_released(
    proxy: FaultProxy, client: Client, upstream: Upstream
) -> None:
    stall = StallWatch()
    watch = await client.watch(PODS)
    rule = proxy.rules.append(Rule(stall))
    upstream.events.put_nowait(b"{}\n")
    line = asyncio.create_task(watch.content.readline())
    await client.send("GET", POD)  # time in which the event could have come
    assert not line.done()
    stall.release()
    assert await line == b"{}\n"
    assert [call.verb for call in rule.hits] == ["watch"]
    upstream.events.put_nowait(None)
    assert await watch.content.read() == b""


async def test_watch_rules_leave_other_calls_alone(proxy: FaultProxy, client: Client) -> None:
    rule = proxy.rules.append(Rule(CutWatch()))
    assert (await client.send("GET", PODS))[0] == 200
    assert rule.seen == 0


async def test_waiting_for_calls_ends_with_the_calls_or_says_what_came(
    proxy: FaultProxy, client: Client, upstream: Upstream
) -> None:
    waiting = asyncio.create_task(proxy.wait_for(Match(name="gated", status=200)))
    answer = asyncio.create_task(client.send("GET", f"{PODS}/gated"))
    await proxy.wait_for(Match(name="gated"))
    assert not waiting.done()
    upstream.gate.set()
    await answer
    assert [call.name for call in await waiting] == ["gated"]
    with pytest.raises(TimeoutError, match=r"0 of 1 calls match Match\(verb='delete'\)[^$]*gated"):
        await proxy.wait_for(Match(verb="delete"), deadline=0.01)


async def test_a_dead_upstream_cuts_the_client(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "dead.kubeconfig"
    kubeconfig.write_text(
        '{"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "d"}}],'
        '"clusters": [{"name": "d", "cluster": {"server": "http://127.0.0.1:9"}}]}'
    )
    async with FaultProxy(kubeconfig) as proxy, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(proxy.url + POD, ssl=False)


def test_an_unusable_kubeconfig_is_named(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "empty.kubeconfig"
    kubeconfig.write_text("current-context: nowhere")
    with pytest.raises(KubeconfigError, match=r"empty\.kubeconfig"):
        FaultProxy(kubeconfig)


async def test_administration_needs_a_certificate(upstream_kubeconfig: Path) -> None:
    with pytest.raises(KubeconfigError, match="client certificate"):
        async with FaultProxy(upstream_kubeconfig, as_admin=True):
            pass


async def test_a_proxy_in_a_thread_is_steered_from_outside(upstream_kubeconfig: Path) -> None:
    with ProxyThread(upstream_kubeconfig) as thread:
        rule = thread.proxy.rules.append(Rule(Answer(409), nth=1))
        async with aiohttp.ClientSession() as session:
            for status in (409, 200):
                async with session.get(thread.proxy.url + POD, ssl=False) as answer:
                    assert answer.status == status
        assert thread.wait_for(Match(status=409)) == rule.hits
