"""Asking a running supervisor: one request, one answer, over its unix socket."""

import asyncio
import json
from pathlib import Path
from typing import Any

from holdfast_sandbox import errors

_LIMIT = 1 << 20  # bytes of an answer


async def ask(control: Path, do: str, component: str | None = None) -> dict[str, Any]:
    """The supervisor's answer.

    Raises:
        NotRunning: nobody answers at this socket.
        StartError: the cluster did not start.
        Refused: the supervisor does not do that.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(control, limit=_LIMIT)
    except OSError:
        raise errors.NotRunning(f"no sandbox answers at {control}") from None
    try:
        writer.write(json.dumps({"do": do, "component": component}).encode() + b"\n")
        line = await reader.readline()
    except ConnectionError:
        line = b""
    finally:
        writer.close()
    return _checked(line, control)


def _checked(line: bytes, control: Path) -> dict[str, Any]:
    if not line:
        raise errors.NotRunning(f"the sandbox at {control} went away while it was asked")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        kind = {"StartError": errors.StartError}.get(answer["kind"], errors.Refused)
        raise kind(answer["error"])
    return answer
