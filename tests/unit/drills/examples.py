"""A drill and what it meets, as plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from holdfast.api.drills import RestoreDrill

CREATED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
UID = "seed-47595"


def drill(status: dict[str, Any] | None = None, *, name: str = "proof", **spec: Any) -> RestoreDrill:  # noqa: ANN401
    metadata = {"name": name, "namespace": "shop", "uid": UID, "creationTimestamp": CREATED.isoformat()}
    body = {"metadata": metadata, "spec": {"groupName": "db"} | spec, "status": status or {}}
    return msgspec.convert(body, RestoreDrill)
