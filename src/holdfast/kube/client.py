"""The API server as a handful of coroutines, one for each verb.

Objects are dictionaries unless a `type` is given, a msgspec Struct with the fields that matter; what it does not
name is skipped. Such partial objects are for reading: what is written is whole, or a patch.

Everything is written strictly (`fieldValidation=Strict`): a field that the server does not know is an error, because
dropping it silently could drop what keeps data safe. Reads without a resource version are quorum reads.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from holdfast.kube import errors, watching
from holdfast.kube.discovery import Discovery
from holdfast.kube.requests import Request, asking, object_path
from holdfast.kube.transport import Transport
from holdfast.kube.wire import Listing, Page, Part, T, decode

if TYPE_CHECKING:
    import builtins
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
    from typing import Self

    from holdfast.api.resource import Resource
    from holdfast.kube.access import Access
    from holdfast.kube.watching import Change

__all__ = ["Client", "Listing", "Page", "PatchKind"]

PAGE = 500
_RESTARTS = 3
_JSON = "application/json"
_APPLY = "application/apply-patch+yaml"


class PatchKind(Enum):
    """How a patch is written."""

    MERGE = "application/merge-patch+json"
    JSON = "application/json-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"


class Client:
    """One API server, as one user; open while it is used as a context.

    Every method raises errors of `holdfast.kube.errors`, and ValueError where a name or namespace is missing.
    """

    def __init__(
        self,
        access: Access,
        *,
        user_agent: str = "holdfast/0.1.0",
        field_manager: str = "holdfast",
        warn: Callable[[str], None] | None = None,
    ) -> None:
        """A client that is not open yet.

        Args:
            access: Which server, and who we are to it.
            user_agent: What the server's logs call us.
            field_manager: Whose the fields are that we write.
            warn: Gets each warning of the server once; by default warnings are logged.
        """
        self.access = access
        self.field_manager = field_manager
        self._transport = Transport(access, user_agent=user_agent, warn=warn)
        self.discovery = Discovery(self._transport)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *caught: object) -> None:
        await self._transport.__aexit__(*caught)

    async def get(
        self,
        resource: Resource,
        name: str,
        namespace: str | None = None,
        *,
        subresource: str = "",
        type: type[T] = dict,  # type: ignore[assignment]  # noqa: A002
    ) -> T:
        """The object, or a subresource of it, as it is now."""
        asked = asking("get", resource, namespace, name, subresource)
        path = object_path(resource, namespace, name, subresource)
        answer = await self._transport.send(Request("GET", path, asked=asked))
        return decode(answer, type, asked)

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        type: type[T] = dict,  # type: ignore[assignment]  # noqa: A002
    ) -> Listing[T]:
        """All objects of one moment, from all pages; of all namespaces when none is given.

        When that moment passes out of the server's history between two pages, the list starts over. Dictionaries
        bear their apiVersion and kind, which the server leaves out of lists of its own kinds.
        """
        request = _listing(resource, namespace, labels, fields)
        parts = await self._all_parts(request, type)
        items = [item for part in parts for item in part.items or ()]
        for item in items:
            if isinstance(item, dict):
                item.update(_typed(resource, item))
        return Listing(items, parts[-1].metadata.resource_version)

    async def pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        limit: int = PAGE,
    ) -> AsyncIterator[Page]:
        """The same, page by page, with the objects left as bytes.

        Raises:
            Gone: the moment passed out of the server's history before the last page; start over.
        """
        async for part in self._parts(_listing(resource, namespace, labels, fields), msgspec.Raw, limit):
            yield Page(part.items or [], part.metadata.resource_version)

    async def create(
        self,
        resource: Resource,
        body: Mapping[str, Any],
        namespace: str | None = None,
        *,
        dry_run: bool = False,
        strict: bool = True,
        type: type[T] = dict,  # type: ignore[assignment]  # noqa: A002
    ) -> T:
        """Make an object; its namespace comes from the body unless it is given.

        Args:
            resource: What it is.
            body: The object.
            namespace: Where it goes.
            dry_run: Only say whether it would work.
            strict: False: fields that the server does not know are dropped, with a warning; for objects of others.
            type: As which the answer is read.
        """
        namespace = _namespace(resource, body, namespace)
        if resource.namespaced and not namespace:
            raise ValueError(f"creating {resource.qualified} needs a namespace")
        request = Request(
            "POST",
            resource.path(namespace),
            self._writing(dry_run=dry_run, strict=strict),
            msgspec.json.encode(body),
            {"Content-Type": _JSON},
            asking("create", resource, namespace, body["metadata"].get("name", "")),
        )
        return decode(await self._transport.send(request), type, request.asked)

    async def replace(
        self, resource: Resource, body: Mapping[str, Any], *, subresource: str = "", dry_run: bool = False
    ) -> dict[str, Any]:
        """Put a whole object in place of the one whose name, namespace and resourceVersion it bears."""
        return await self._write("update", "PUT", resource, body, _JSON, subresource, dry_run=dry_run)

    async def patch(
        self,
        resource: Resource,
        name: str,
        body: object,
        namespace: str | None = None,
        *,
        kind: PatchKind = PatchKind.MERGE,
        subresource: str = "",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Change a part of an object."""
        request = Request(
            "PATCH",
            object_path(resource, namespace, name, subresource),
            self._writing(dry_run=dry_run),
            msgspec.json.encode(body),
            {"Content-Type": kind.value},
            asking("patch", resource, namespace, name, subresource),
        )
        return decode(await self._transport.send(request), dict[str, Any], request.asked)

    async def apply(
        self,
        resource: Resource,
        body: Mapping[str, Any],
        *,
        force: bool = False,
        subresource: str = "",
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Server-side apply under our field manager; `force` takes fields over that others own."""
        return await self._write(
            "patch",
            "PATCH",
            resource,
            _typed(resource, body),
            _APPLY,
            subresource,
            dry_run=dry_run,
            force=force,
        )

    async def delete(
        self,
        resource: Resource,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: str | None = None,
        dry_run: bool = False,
    ) -> None:
        """Ask for an object to go; with finalizers it stays for a while.

        Args:
            resource: What it is.
            name: Which one.
            namespace: Where it is.
            uid: Only if it is this very object; otherwise Conflict.
            resource_version: Only if it has not changed since; otherwise Conflict.
            propagation: `Foreground`, `Background` or `Orphan`; the kind's default when not given.
            dry_run: Only say whether it would work.
        """
        guards = {"uid": uid, "resourceVersion": resource_version}
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {key: value for key, value in guards.items() if value is not None},
            **({"propagationPolicy": propagation} if propagation else {}),
            **({"dryRun": ["All"]} if dry_run else {}),
        }
        asked = asking("delete", resource, namespace, name)
        path = object_path(resource, namespace, name)
        body = msgspec.json.encode(options)
        await self._transport.send(Request("DELETE", path, {}, body, {"Content-Type": _JSON}, asked))

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Anything else: the answer's body; a body that is not bytes is sent as JSON."""
        content = body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
        kind = {} if content is None else {"Content-Type": _JSON}
        return await self._transport.send(
            Request(method, path, params or {}, content, {**kind, **(headers or {})})
        )

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        resource_version: str,
        labels: str = "",
        fields: str = "",
        type: type[T] = dict,  # type: ignore[assignment]  # noqa: A002
    ) -> AsyncGenerator[Change[T], None]:
        """Every change after a list's resource version, for as long as it is asked for.

        Raises:
            Gone: the history after it is no longer kept: list again.
        """
        listing = _listing(resource, namespace, labels, fields, verb="watch")
        return watching.watch(self._transport, listing, type, resource_version=resource_version)

    async def _all_parts(self, request: Request, kind: type[T]) -> builtins.list[Part[T]]:
        for _ in range(_RESTARTS):
            try:
                return [part async for part in self._parts(request, kind, PAGE)]
            except errors.Gone:
                continue
        return [part async for part in self._parts(request, kind, PAGE)]

    async def _parts(self, request: Request, kind: type[T], limit: int) -> AsyncIterator[Part[T]]:
        token: str | None = None
        while token != "":
            position = {"limit": str(limit), **({"continue": token} if token else {})}
            answer = await self._transport.send(replace(request, params={**request.params, **position}))
            part = decode(answer, Part[kind], request.asked)  # type: ignore[valid-type]
            token = part.metadata.continue_
            yield part

    async def _write(
        self,
        verb: str,
        method: str,
        resource: Resource,
        body: Mapping[str, Any],
        content_type: str,
        subresource: str,
        *,
        dry_run: bool,
        force: bool = False,
    ) -> dict[str, Any]:
        name, namespace = body["metadata"].get("name", ""), _namespace(resource, body, None)
        request = Request(
            method,
            object_path(resource, namespace, name, subresource),
            self._writing(dry_run=dry_run) | ({"force": "true"} if force else {}),
            msgspec.json.encode(body),
            {"Content-Type": content_type},
            asking(verb, resource, namespace, name, subresource),
        )
        return decode(await self._transport.send(request), dict[str, Any], request.asked)

    def _writing(self, *, dry_run: bool, strict: bool = True) -> dict[str, str]:
        validation = "Strict" if strict else "Warn"
        parameters = {"fieldManager": self.field_manager, "fieldValidation": validation}
        return parameters | ({"dryRun": "All"} if dry_run else {})


def _listing(
    resource: Resource, namespace: str | None, labels: str, fields: str, *, verb: str = "list"
) -> Request:
    selectors = {"labelSelector": labels, "fieldSelector": fields}
    return Request(
        "GET",
        resource.path(namespace),
        {key: value for key, value in selectors.items() if value},
        asked=asking(verb, resource, namespace),
    )


def _namespace(resource: Resource, body: Mapping[str, Any], given: str | None) -> str | None:
    return (given or body["metadata"].get("namespace")) if resource.namespaced else None


def _typed(resource: Resource, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": resource.api_version, "kind": resource.kind, **body}
