"""Ctrl-C during a verb that waits for the cluster."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from holdfast.cli.finishing import finish


def test_ctrl_c_cancels_between_two_callbacks_and_never_within_one() -> None:
    seen = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()

        def interrupted() -> None:
            os.kill(os.getpid(), signal.SIGINT)
            seen.append(waiter.done())

        loop.call_soon(interrupted)
        await waiter

    with pytest.raises(KeyboardInterrupt):
        finish(work())
    assert seen == [False]


def test_what_a_verb_does_on_its_way_out_is_done() -> None:
    done = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        finish(work())
    assert done == ["cleaned up"]
