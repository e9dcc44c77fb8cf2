"""How the operator writes its log: JSON lines in a cluster, readable lines on a terminal."""

from __future__ import annotations

import sys

import structlog


def configure(style: str) -> None:
    """Set the process's log format: `json` or `console`."""
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    render = structlog.processors.JSONRenderer() if style == "json" else plain
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info
            if style == "json"
            else structlog.processors.StackInfoRenderer(),
            render,
        ],
    )
