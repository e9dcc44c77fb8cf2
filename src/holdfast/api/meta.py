"""What all kinds share: the base of the typed views, object metadata, conditions, owner references.

The structs are *views*: they hold the fields that are needed and ignore the others, so they are never written
back as a whole object. Times are aware UTC datetimes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Described = msgspec.Meta


class View(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """Base of everything that is read from, or written into, an object of the API server."""


class OwnerReference(View, frozen=True):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False


class FieldManager(View, frozen=True):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: datetime | None = None


class Metadata(View, frozen=True):
    name: str
    uid: str = ""
    namespace: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: list[OwnerReference] = []
    finalizers: list[str] = []


class Named(View, frozen=True):
    """An object of which only the metadata matters."""

    metadata: Metadata


class Condition(View, frozen=True):
    type: Annotated[str, Described(description="What is said, in one word.")]
    status: Annotated[Literal["True", "False", "Unknown"], Described(description="Whether it holds.")]
    reason: Annotated[str, Described(description="Why, in one word for programs.")]
    message: Annotated[str, Described(description="Why, in a sentence that names the remedy.")] = ""
    last_transition_time: Annotated[
        datetime | None, Described(description="When the status last changed.")
    ] = None
    observed_generation: Annotated[int, Described(description="The generation this was said of.")] = 0


def builtins(view: View) -> dict[str, Any]:
    """The view as plain JSON values with the API's field names."""
    plain: dict[str, Any] = msgspec.to_builtins(view, str_keys=True)
    return plain


def set_condition(conditions: list[Condition], new: Condition, now: datetime) -> list[Condition]:
    """The conditions with `new` in its place; the transition time moves only when the status does."""
    old = next((c for c in conditions if c.type == new.type), None)
    since = old.last_transition_time if old and old.status == new.status else now.replace(microsecond=0)
    fresh = msgspec.structs.replace(new, last_transition_time=since)
    return sorted([c for c in conditions if c.type != new.type] + [fresh], key=lambda c: c.type)
