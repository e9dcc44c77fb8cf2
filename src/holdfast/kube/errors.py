"""What can go wrong between us and the API server, by cause.

    KubeError
    ├── AccessError            kubeconfig or credentials: nothing was sent
    ├── Unreachable            the transport failed; a write may or may not have happened
    └── ApiError               the server answered, and refused
        ├── BadRequest         400
        ├── Unauthorized       401
        ├── Forbidden          403
        ├── NotFound           404
        ├── AlreadyExists      409, on create
        ├── Conflict           409, a precondition or a resourceVersion that no longer holds
        ├── Gone               410, history is compacted: list again
        ├── Invalid            422
        ├── TooManyRequests    429
        └── ServerFailure      500 and above

The server's `reason` decides, and the HTTP status where it gives none. What to do about an error is not decided
here, except for the remedy that its message names; `holdfast.kube.retrying` knows what may be tried again.
"""

# ruff: noqa: N818 - the names are the causes, as the API server calls them

from __future__ import annotations

from typing import Any

import msgspec


class KubeError(Exception):
    """Anything that `holdfast.kube` raises on purpose."""


class AccessError(KubeError):
    """The kubeconfig, the service account or a credential plugin is unusable."""


class Unreachable(KubeError):
    """No complete answer arrived.

    Attributes:
        sent: Whether the server may have seen the request. A write that was `sent` has an unknown outcome.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class ApiError(KubeError):
    """The server refused.

    Attributes:
        status: The HTTP status.
        reason: The server's word for the cause, `""` where it gave none.
        message: The server's own message.
        details: The `details` of its Status object.
        retry_after: Seconds that the server asks to wait, where it does.
        asked: What was asked of it: verb, resource and object.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        details: dict[str, Any] | None = None,
        *,
        retry_after: float | None = None,
        asked: str = "",
    ) -> None:
        super().__init__(status, reason, message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details or {}
        self.retry_after = retry_after
        self.asked = asked

    @property
    def remedy(self) -> str:
        """What a person can do about it, where that is known."""
        return ""

    def __str__(self) -> str:
        text = f"{self.asked}: {self.message}" if self.asked else self.message
        return f"{text}. {self.remedy}" if self.remedy else text


class BadRequest(ApiError):
    """The request itself is wrong."""


class Unauthorized(ApiError):
    """The server does not know who asks."""

    @property
    def remedy(self) -> str:
        """Whom to look at."""
        return "Log in again, or check the user of the kubeconfig's context"


class Forbidden(ApiError):
    """A right is missing, a quota is used up, or an admission plugin refused."""

    @property
    def remedy(self) -> str:
        """The right to grant, where one is missing."""
        return f"Grant the right to {self.asked}" if " cannot " in self.message and self.asked else ""


class NotFound(ApiError):
    """There is no such object, or no such resource."""


class AlreadyExists(ApiError):
    """An object of that name is there."""


class Conflict(ApiError):
    """The object changed, or another field manager owns a field."""


class Gone(ApiError):
    """The history asked for is no longer kept."""


class Invalid(ApiError):
    """The object breaks a rule of its kind."""


class TooManyRequests(ApiError):
    """The server sheds load; it did not act."""


class ServerFailure(ApiError):
    """The server, or something between, failed; a write may have happened."""


_BY_REASON: dict[str, type[ApiError]] = {
    "BadRequest": BadRequest,
    "Unauthorized": Unauthorized,
    "Forbidden": Forbidden,
    "NotFound": NotFound,
    "AlreadyExists": AlreadyExists,
    "Conflict": Conflict,
    "Gone": Gone,
    "Expired": Gone,
    "Invalid": Invalid,
    "TooManyRequests": TooManyRequests,
    "InternalError": ServerFailure,
    "ServerTimeout": ServerFailure,
    "Timeout": ServerFailure,
    "ServiceUnavailable": ServerFailure,
}
_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}
_SERVER_SIDE = 500


class _Status(msgspec.Struct):
    kind: str = ""
    code: int = 0
    reason: str = ""
    message: str = ""
    details: dict[str, Any] | None = None


def from_answer(status: int, body: bytes, *, retry_after: float | None = None, asked: str = "") -> ApiError:
    """The error that an answer means.

    Args:
        status: HTTP status; a Status object without a code of its own inherits it.
        body: What came with it: a Status object, or anything else from a proxy on the way.
        retry_after: Seconds from the Retry-After header.
        asked: Verb, resource and object, for the message.
    """
    said = _read(body)
    status = said.code or status
    wait = retry_after if retry_after is not None else (said.details or {}).get("retryAfterSeconds")
    return _class_of(status, said.reason)(
        status,
        said.reason,
        said.message or f"the server answered {status}",
        said.details,
        retry_after=wait,
        asked=asked,
    )


def _read(body: bytes) -> _Status:
    try:
        said = msgspec.json.decode(body, type=_Status)
    except msgspec.MsgspecError:
        said = _Status()
    if said.kind == "Status":
        return said
    return _Status(message=body[:200].decode(errors="replace").strip())


def _class_of(status: int, reason: str) -> type[ApiError]:
    if known := _BY_REASON.get(reason) or _BY_STATUS.get(status):
        return known
    return ServerFailure if status >= _SERVER_SIDE else ApiError
