import datetime as dt
import hashlib
import hmac
from urllib.parse import urlsplit

import aiohttp
import pytest

from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster


def signed(sandbox: Sandbox, method: str, path: str, body: bytes, secret: str) -> dict[str, str]:
    """Headers of one AWS Signature Version 4 request."""
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    content = hashlib.sha256(body).hexdigest()
    headers = {
        "host": urlsplit(sandbox.s3_endpoint).netloc,
        "x-amz-content-sha256": content,
        "x-amz-date": now,
    }
    names = ";".join(headers)
    request = "\n".join([method, path, "", *(f"{k}:{v}" for k, v in headers.items()), "", names, content])
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"AWS4-HMAC-SHA256 Credential={sandbox.s3_access_key}/{scope}"
    headers["Authorization"] = f"{credential}, SignedHeaders={names}, Signature={key.hex()}"
    return headers


async def call(
    sandbox: Sandbox, method: str, path: str, body: bytes = b"", *, secret: str = ""
) -> tuple[int, bytes]:
    headers = signed(sandbox, method, path, body, secret or sandbox.s3_secret_key)
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, sandbox.s3_endpoint + path, data=body, headers=headers) as response,
    ):
        return response.status, await response.read()


async def test_objects_are_stored_under_the_sandboxs_keys(sandbox: Sandbox) -> None:
    assert (await call(sandbox, "PUT", "/bucket"))[0] == 200
    assert (await call(sandbox, "PUT", "/bucket/object", b"content"))[0] == 200
    assert await call(sandbox, "GET", "/bucket/object") == (200, b"content")
    assert (await call(sandbox, "GET", "/bucket/object", secret="wrong"))[0] == 403  # noqa: S106
