"""One request from its arrival to its answer: all that an action can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from aiohttp import hdrs, web
from multidict import CIMultiDict

from holdfast_sandbox.proxy.errors import Cut
from holdfast_sandbox.proxy.watches import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import aiohttp

    from holdfast_sandbox.proxy.calls import Call
    from holdfast_sandbox.proxy.journals import Journal
    from holdfast_sandbox.proxy.listeners import Generation
    from holdfast_sandbox.proxy.upstreams import Upstream

_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection"}
)


@dataclass(slots=True, eq=False)
class Exchange:
    """A call together with the means to carry it out and to answer it."""

    call: Call
    request: web.BaseRequest
    body: bytes
    upstream: Upstream
    journal: Journal
    generation: Generation
    watches: set[Watch]

    async def pass_on(self, started: Callable[[Watch], None] | None = None) -> web.StreamResponse:
        """Have the call carried out and pass the answer on as it comes; `started` is told of a watch."""
        async with await self._send() as answer:
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers)
            )
            await response.prepare(self.request)
            if self.call.verb == "watch":
                await self._watch(Watch(self.call, answer, response), started)
            else:
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
            await response.write_eof()
            return response

    async def carry_out(self) -> None:
        """Have the call carried out and keep the answer from the client."""
        async with await self._send():
            pass

    def answer(self, status: int, body: bytes, *, retry_after: int | None = None) -> web.Response:
        """Answer in the API server's place."""
        self.journal.answered(self.call, status)
        headers = {} if retry_after is None else {hdrs.RETRY_AFTER: str(retry_after)}
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    def cut(self) -> NoReturn:
        """Cut the client's connection: no further byte goes to it."""
        raise Cut

    def end_client(self) -> None:
        """Treat the client's process as dead: nothing that it sent is forwarded from here on."""
        self.generation.end()

    async def _send(self) -> aiohttp.ClientResponse:
        headers = _end_to_end(self.request.headers)
        answer = await self.upstream.send(self.request.method, self.request.raw_path, headers, self.body)
        self.journal.answered(self.call, answer.status)
        return answer

    async def _watch(self, watch: Watch, started: Callable[[Watch], None] | None) -> None:
        self.watches.add(watch)
        try:
            await watch.run(started)
        finally:
            self.watches.discard(watch)


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept = ((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)
    return CIMultiDict(kept)
