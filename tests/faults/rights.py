"""Under whose rights a program runs: exactly those that its own manifests give to its ServiceAccount."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdfast_sandbox import Sandbox

Manifest = dict[str, Any]


class Account(NamedTuple):
    """A ServiceAccount and a token of it."""

    namespace: str
    name: str
    token: str


async def printed_by_install() -> list[Manifest]:
    """What `holdfast install --dry-run -o yaml` prints, but for the Deployment: the tests run the operator."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "holdfast", "install", "--dry-run", "-o", "yaml"), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [manifest for manifest in yaml.safe_load_all(output) if manifest["kind"] != "Deployment"]


async def grant(sandbox: Sandbox, manifests: Sequence[Manifest]) -> Account:
    """Apply manifests with exactly one ServiceAccount among them, and get a token of it."""
    await sandbox.kubectl(
        *("apply", "--server-side", "--force-conflicts", "--field-manager=holdfast", "-f", "-"),
        input=yaml.safe_dump_all(manifests),
    )
    kinds = [f"crd/{m['metadata']['name']}" for m in manifests if m["kind"] == "CustomResourceDefinition"]
    if kinds:
        await sandbox.kubectl("wait", "--for=condition=Established", "--timeout=30s", *kinds)
    (account,) = (manifest["metadata"] for manifest in manifests if manifest["kind"] == "ServiceAccount")
    namespace, name = account["namespace"], account["name"]
    token = await sandbox.kubectl("-n", namespace, "create", "token", name, "--duration=8h")
    return Account(namespace, name, token.strip())
