from __future__ import annotations

import msgspec
import pytest

from holdfast.kube import errors


def status(code: int, reason: str, message: str = "no", **details: object) -> bytes:
    return msgspec.json.encode(
        {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    )


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (400, "BadRequest", errors.BadRequest),
        (401, "Unauthorized", errors.Unauthorized),
        (403, "Forbidden", errors.Forbidden),
        (404, "NotFound", errors.NotFound),
        (409, "AlreadyExists", errors.AlreadyExists),
        (409, "Conflict", errors.Conflict),
        (410, "Expired", errors.Gone),
        (410, "Gone", errors.Gone),
        (422, "Invalid", errors.Invalid),
        (429, "TooManyRequests", errors.TooManyRequests),
        (500, "InternalError", errors.ServerFailure),
        (504, "Timeout", errors.ServerFailure),
        (503, "", errors.ServerFailure),
        (405, "MethodNotAllowed", errors.ApiError),
    ],
)
def test_the_reason_decides(code: int, reason: str, kind: type[errors.ApiError]) -> None:
    assert type(errors.from_answer(code, status(code, reason))) is kind


def test_an_existing_object_is_no_conflict() -> None:
    assert not issubclass(errors.AlreadyExists, errors.Conflict)


def test_without_a_status_object_the_http_status_decides() -> None:
    failure = errors.from_answer(502, b"<html>Bad Gateway</html>")
    assert isinstance(failure, errors.ServerFailure)
    assert "Bad Gateway" in str(failure)


def test_an_empty_answer_still_says_something() -> None:
    assert str(errors.from_answer(503, b"", asked="list pods")) == "list pods: the server answered 503"


def test_the_body_may_say_how_long_to_wait_and_the_header_comes_first() -> None:
    body = status(429, "TooManyRequests", retryAfterSeconds=9)
    assert errors.from_answer(429, body).retry_after == 9
    assert errors.from_answer(429, body, retry_after=2.0).retry_after == 2


def test_a_missing_right_is_named() -> None:
    said = 'pods is forbidden: User "u" cannot list resource "pods"'
    failure = errors.from_answer(403, status(403, "Forbidden", said), asked="list pods in web")
    assert str(failure) == f"list pods in web: {said}. Grant the right to list pods in web"


def test_a_quota_is_no_missing_right() -> None:
    failure = errors.from_answer(
        403, status(403, "Forbidden", "exceeded quota: q"), asked="create pods web/a"
    )
    assert str(failure) == "create pods web/a: exceeded quota: q"
