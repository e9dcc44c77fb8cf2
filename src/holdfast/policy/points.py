"""Which snapshot a restore point names: `latest`, a name, a suffix, a moment, or "2h ago"."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from holdfast.policy.errors import IntervalError, PointError
from holdfast.policy.intervals import parse_every
from holdfast.policy.shots import AHEAD
from holdfast.policy.texts import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from holdfast.policy.shots import Shot

__all__ = ["PointError", "choose"]

_NAMED: Final = 5  # candidates listed in a message
_FORMS: Final = '"latest", a snapshot\'s name or its digits, a time like "2026-11-21T10:00:00Z", or "2h ago"'
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ].*)?")


def choose(point: str, shots: Iterable[Shot], group: str, now: datetime) -> Shot:
    """The snapshot of `group` that `point` names; `shots` are the group's own.

    A name or suffix is looked for first, as Gemini does. `latest` and moments choose among ready scheduled and
    manual snapshots: the newest whose data is not younger. A safety snapshot has to be named, and gives way to a set
    of the same second, which has its name.

    Raises:
        PointError: nothing fits, or what fits cannot be restored; the message names what can.
    """
    point, shots = point.strip(), list(shots)
    for name in (f"{group}-{point}", point):
        named = sorted((shot for shot in shots if shot.name == name), key=lambda shot: shot.kind == "safety")
        if named:
            return _usable(named[0], shots)
    candidates = sorted(
        (shot for shot in shots if _selectable(shot)), key=lambda shot: (shot.as_of, shot.name)
    )
    moment = now + AHEAD if point == "latest" else _moment(point, group, candidates, now)
    fitting = [shot for shot in candidates if point == "latest" or shot.as_of <= moment]
    if not fitting:
        wanted = "" if point == "latest" else f" taken at or before {instant(moment)}"
        raise PointError(f"group {group} has no ready snapshot{wanted}: {_listing(candidates, shots)}")
    return fitting[-1]


def _usable(shot: Shot, shots: Sequence[Shot]) -> Shot:
    if shot.terminating:
        reason = "is being deleted"
    elif not shot.ready:
        lacks = f"it has no snapshot of {', '.join(shot.lacks)}" if shot.lacks else ""
        reason = f"is not ready ({lacks or shot.error or 'it is still being taken'})"
    else:
        return shot
    raise PointError(
        f"snapshot {shot.name} {reason}: {_listing([s for s in shots if _selectable(s)], shots)}"
    )


def _selectable(shot: Shot) -> bool:
    return shot.ready and not shot.terminating and shot.kind != "safety"


def _moment(point: str, group: str, candidates: Sequence[Shot], now: datetime) -> datetime:
    if point.endswith(" ago"):
        moment = _ago(point, now)
    elif _RFC3339.fullmatch(point):
        moment = _parsed(point)
    elif _DATE.fullmatch(point):
        raise PointError(
            f'restore point {point!r} has no time of day and zone: write it like "{instant(now)}"'
        )
    else:
        listing = _listing(candidates, candidates)
        raise PointError(f"group {group} has no snapshot {point!r}: {listing}; a restore point is {_FORMS}")
    if moment > now + AHEAD:
        raise PointError(f'restore point {point!r} is in the future: write "latest" for the newest snapshot')
    return moment


def _parsed(point: str) -> datetime:
    try:
        return datetime.fromisoformat(point.upper())
    except ValueError as error:
        raise PointError(f'restore point {point!r}: {error}: write it like "2026-11-21T10:00:00Z"') from error


def _ago(point: str, now: datetime) -> datetime:
    try:
        return now - parse_every(point.removesuffix(" ago").strip())
    except IntervalError as error:
        raise PointError(f"restore point {point!r}: {error}") from error


def _listing(candidates: Sequence[Shot], shots: Sequence[Shot]) -> str:
    newest = sorted(candidates, key=lambda shot: shot.as_of, reverse=True)
    named = [f"{shot.name} ({instant(shot.as_of)})" for shot in newest[:_NAMED]]
    if named:
        more = f" and {len(newest) - _NAMED} older" if len(newest) > _NAMED else ""
        return f"ready are {', '.join(named)}{more}"
    unready = [shot.name for shot in shots if shot.pending]
    return f"none is ready yet ({', '.join(unready[:_NAMED])})" if unready else "it has none"
