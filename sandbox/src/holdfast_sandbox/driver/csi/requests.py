"""What all CSI methods need of their requests: required fields, pages, what the call is about."""

from collections.abc import Sequence
from typing import TypeVar

from holdfast_sandbox.driver.errors import Code, Refusal
from holdfast_sandbox.driver.stubs import Message

Item = TypeVar("Item")

_SUBJECTS = ("name", "volume_id", "snapshot_id", "group_snapshot_id", "source_volume_id")
_MANY_SUBJECTS = ("source_volume_ids", "snapshot_ids")


def require(request: Message, *fields: str) -> None:
    """Refuse a request that leaves one of these fields empty."""
    for field in fields:
        value = getattr(request, field)
        if not (value.ByteSize() if hasattr(value, "ByteSize") else value):
            raise Refusal(Code.INVALID_ARGUMENT, f"{field} is required")


def page(request: Message, items: Sequence[Item]) -> tuple[Sequence[Item], str]:
    """The part of the list that was asked for, and the token of the next part."""
    token = request.starting_token
    if token and not token.isdigit():
        raise Refusal(Code.ABORTED, f"starting_token {token!r} was not given out by this driver")
    start = int(token or 0)
    end = start + request.max_entries if request.max_entries else len(items)
    return items[start:end], str(end) if end < len(items) else ""


def subjects(request: Message) -> tuple[str, ...]:
    """Names and ids in the request, beginning with what it is about."""
    fields = request.DESCRIPTOR.fields_by_name
    single = [getattr(request, field) for field in _SUBJECTS if field in fields]
    many = [id_ for field in _MANY_SUBJECTS if field in fields for id_ in getattr(request, field)]
    return tuple(filter(None, (*single, *many, *_source(request))))


def _source(request: Message) -> tuple[str, ...]:
    if "volume_content_source" not in request.DESCRIPTOR.fields_by_name:
        return ()
    source = request.volume_content_source
    return source.snapshot.snapshot_id, source.volume.volume_id
