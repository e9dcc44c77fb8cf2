"""What a client asked of the API server, in Kubernetes' own terms, and which calls a rule is about.

A request's URL is read the way the API server reads it for authorization. Nothing here does I/O.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_QUESTIONS: Final = frozenset({"authorization.k8s.io", "authentication.k8s.io"})
_NAMESPACE_SUBRESOURCES: Final = frozenset({"status", "finalize"})
_BY_NAME: Final = "metadata.name="


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL path names; all empty for paths outside the API groups, such as `/healthz`."""

    group: str = ""
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(slots=True)
class Call:
    """One request of a client; `status` is filled in when it is answered, by the API server or by a rule."""

    ordinal: int
    client: str
    verb: str
    group: str
    version: str
    resource: str
    namespace: str
    name: str
    subresource: str
    path: str
    dry_run: bool
    user_agent: str
    status: int | None = None

    @property
    def writes(self) -> bool:
        """Whether the call may change what is stored: dry runs, access reviews and new tokens do not."""
        asks = self.group in _QUESTIONS or (self.resource, self.subresource) == ("serviceaccounts", "token")
        return bool(self.resource) and self.verb in _WRITES and not self.dry_run and not asks


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Match:
    """Which calls are meant: every field that is set has to be equal; `Match()` means all of them.

    `writes` keeps to calls that may change something, `where` is any further condition.
    """

    client: str | None = None
    verb: str | None = None
    group: str | None = None
    resource: str | None = None
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None
    user_agent: str | None = None
    dry_run: bool | None = None
    status: int | None = None
    writes: bool = False
    where: Callable[[Call], bool] | None = None

    def __repr__(self) -> str:
        wanted = ((field.name, getattr(self, field.name)) for field in fields(self))
        return (
            f"Match({', '.join(f'{name}={value!r}' for name, value in wanted if value not in (None, False))})"
        )

    def covers(self, call: Call) -> bool:
        """Whether the call is one of those meant."""
        if self.writes and not call.writes:
            return False
        if self.where and not self.where(call):
            return False
        wanted = ((name, getattr(self, name)) for name in _COMPARED)
        return all(value is None or value == getattr(call, name) for name, value in wanted)


_COMPARED: Final = tuple(field.name for field in fields(Match) if field.name not in {"writes", "where"})


def read_target(path: str) -> Target:
    """Read a URL path as the API server does: `/apis/apps/v1/namespaces/a/deployments/b/scale`."""
    parts = [unquote(part) for part in path.split("/") if part]
    if parts[:1] == ["api"] and len(parts) > 2:  # noqa: PLR2004 - /api/VERSION/RESOURCE
        return _read_resource("", parts[1], parts[2:])
    if parts[:1] == ["apis"] and len(parts) > 3:  # noqa: PLR2004 - /apis/GROUP/VERSION/RESOURCE
        return _read_resource(parts[1], parts[2], parts[3:])
    return Target()


def _read_resource(group: str, version: str, parts: list[str]) -> Target:
    namespace = parts[1] if parts[0] == "namespaces" and len(parts) > 1 else ""
    if namespace and len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:  # noqa: PLR2004 - namespaces/NAME/...
        parts = parts[2:]
    resource, name, subresource = [*parts, "", ""][:3]
    return Target(group, version, resource, namespace, name, subresource)


def read_verb(method: str, target: Target, query: Mapping[str, str]) -> str:
    """Name a request's Kubernetes verb; outside the API groups that is the HTTP method in small letters."""
    if not target.resource:
        return method.lower()
    if method in {"GET", "HEAD"}:
        if target.name:
            return "get"
        return "watch" if query.get("watch") in {"true", "1"} else "list"
    if method == "DELETE" and not target.name:
        return "deletecollection"
    return _VERBS.get(method, method.lower())


def read_name(target: Target, query: Mapping[str, str]) -> str:
    """The object's name, also where a list or a watch is narrowed to one object by a field selector."""
    selectors = query.get("fieldSelector", "").split(",")
    selected = (part.removeprefix(_BY_NAME) for part in selectors if part.startswith(_BY_NAME))
    return target.name or next(selected, "")


def is_dry_run(method: str, query: Mapping[str, str], body: bytes) -> bool:
    """Whether nothing is to be stored; a delete says so in its body just as well as in its query."""
    if "dryRun" in query:
        return True
    return method == "DELETE" and b"dryRun" in body and _has_dry_run(body)


def _has_dry_run(body: bytes) -> bool:
    try:
        options = json.loads(body)
    except ValueError:
        return False
    return isinstance(options, dict) and bool(options.get("dryRun"))
