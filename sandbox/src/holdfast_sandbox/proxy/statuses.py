"""Kubernetes Status objects: how the API server says that it refused, in a body or in a watch."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from holdfast_sandbox.proxy.calls import Call

_REASONS: Final = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def failure(call: Call, code: int, *, reason: str = "", retry_after: int | None = None) -> bytes:
    """The body of a refusal; `reason` where the usual one of the code will not do (409 `AlreadyExists`)."""
    return json.dumps(_status(call, code, reason or _REASONS.get(code, "Unknown"), retry_after)).encode()


def gone_event(call: Call) -> bytes:
    """The line of a watch which says that its resource version is too old."""
    return json.dumps({"type": "ERROR", "object": _status(call, 410, "Expired", None)}).encode() + b"\n"


def _status(call: Call, code: int, reason: str, retry_after: int | None) -> dict[str, Any]:
    subject = " ".join(filter(None, [f"{call.resource or call.path}", call.name and f"{call.name!r}"]))
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f"the fault proxy answers {call.verb} of {subject} with {code} {reason}",
        "reason": reason,
        "details": {
            "name": call.name,
            "group": call.group,
            "kind": call.resource,
            "retryAfterSeconds": retry_after or 0,
        },
        "code": code,
    }
