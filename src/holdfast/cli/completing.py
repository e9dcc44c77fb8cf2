"""Names of objects for Tab: asked of the cluster, in bounded time, and in silence when it does not answer."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from holdfast.cli.options import target_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import click
    from click.shell_completion import CompletionItem

    from holdfast.api.resource import Resource
    from holdfast.cli.connecting import Cluster

    Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
    Look = Callable[[Cluster, click.Context], Awaitable[Iterable[str]]]

LONGEST = "2"
"""Seconds that somebody who has pressed Tab waits at most, if $HOLDFAST_COMPLETION_SECONDS does not say otherwise."""


def names(resource: Resource) -> Completer:
    """Names of the objects of a kind, in the namespace that the line says; none that it has already."""

    async def look(cluster: Cluster, ctx: click.Context) -> Iterable[str]:
        namespace = cluster.namespace if resource.namespaced else None
        listed = await cluster.client.list(resource, namespace)
        return {str(each["metadata"]["name"]) for each in listed.items} - {*(ctx.params.get("names") or ())}

    return _completer(look)


async def _points(cluster: Cluster, ctx: click.Context) -> Iterable[str]:
    from holdfast.api.resource import SNAPSHOTS
    from holdfast.api.storage import Snapshot

    listed = await cluster.client.list(SNAPSHOTS, cluster.namespace, type=Snapshot)
    group = {
        *ctx.args,
        ctx.params.get("name"),
    }  # before an option that lacks its value, words are not arguments yet
    own = (s for s in listed.items if s.ready and s.group in group)
    return {"latest", *(s.set_name or s.metadata.name for s in own)}


def _completer(look: Look) -> Completer:
    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        try:
            found = _ask(look, ctx)
        except Exception:  # noqa: BLE001  (whoever presses Tab is in the midst of a line)
            return []
        return [CompletionItem(name) for name in sorted(found) if name.startswith(incomplete)]

    return complete


def _ask(look: Look, ctx: click.Context) -> Iterable[str]:
    import asyncio

    from holdfast.cli.connecting import connect

    async def asked() -> Iterable[str]:
        async with connect(target_of(ctx)) as cluster:
            return await look(cluster, ctx)

    _be_silent_and_brief()
    return asyncio.run(asked())


def _be_silent_and_brief() -> None:
    """End the process, which does nothing else, wherever it hangs: a look-up of an address cannot be cancelled."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, float(os.environ.get("HOLDFAST_COMPLETION_SECONDS", LONGEST)))


points = _completer(_points)
"""What a restore can go back to, of the group that the line names."""
