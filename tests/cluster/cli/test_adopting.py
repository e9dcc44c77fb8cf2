"""`holdfast group adopt`, in a cluster of its own: a sign of a live Gemini stops every operator that sees it."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_asyncio
import yaml
from cluster.cli.program import Ended, Program
from support import objects

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

SCHEDULE = [{"every": "10 minutes", "keep": 3}, {"cron": "0 4 * * *", "keep": 7}]


class Adopter(NamedTuple):
    """Somebody who types in one namespace."""

    sandbox: Sandbox
    namespace: str

    async def adopt(self, *options: str) -> Ended:
        program = Program(self.sandbox.kubeconfig, self.namespace)
        return await program("group", "adopt", "backups", *options)

    async def kubectl(self, *words: str, input: str | None = None) -> str:  # noqa: A002  (as the sandbox has it)
        return await self.sandbox.kubectl("-n", self.namespace, *words, input=input)

    async def managers(self) -> set[str]:
        words = ("get", "snapshotgroup", "backups", "-o", "json", "--show-managed-fields")
        group: dict[str, Any] = json.loads(await self.kubectl(*words))
        return {entry["manager"] for entry in group["metadata"].get("managedFields", [])}


@pytest_asyncio.fixture(loop_scope="session")
async def adopter(own: Sandbox) -> AsyncIterator[Adopter]:
    """A namespace with a group that Gemini wrote, and its claim."""
    await Program(own.kubeconfig, "adopting-operator")("install")
    namespace = f"adopting-{secrets.token_hex(3)}"
    await own.kubectl("create", "namespace", namespace)
    found = Adopter(own, namespace)
    await found.kubectl("create", "-f", "-", input=yaml.safe_dump(objects.claim()))
    written = ("apply", "--server-side", "--field-manager=gemini", "-f", "-")
    await found.kubectl(*written, input=yaml.safe_dump(objects.group(schedule=SCHEDULE)))
    yield found
    await own.kubectl("delete", "namespace", namespace, "--wait=false")


async def test_it_shows_first_and_takes_ownership_on_request(adopter: Adopter) -> None:
    shown = await adopter.adopt()
    assert shown.code == 0, shown.err
    assert "Gemini owns fields" in shown.out
    assert "'cron 0 4 * * * UTC' is one that Gemini cannot read" in shown.out
    assert "gemini" in await adopter.managers()
    taken = await adopter.adopt("--take-ownership")
    assert taken.code == 0, taken.err
    assert "gemini" not in await adopter.managers()
    again = await adopter.adopt("--take-ownership")
    assert "Gemini owns no fields" in again.out


async def test_not_while_gemini_is_alive(adopter: Adopter) -> None:
    live = {"type": "GeminiLive", "status": "True", "reason": "Seen", "message": "pod gemini/gemini-0"}
    status = json.dumps({"status": {"conditions": [live]}})
    where = ("snapshotgroup", "backups", "--subresource=status", "--type=merge")
    await adopter.kubectl("patch", *where, "-p", status)
    refused = await adopter.adopt("--take-ownership")
    assert (refused.code, "pod gemini/gemini-0" in refused.err) == (4, True), refused.err
    assert "gemini" in await adopter.managers()


async def test_not_without_the_claim(adopter: Adopter) -> None:
    await adopter.kubectl("delete", "pvc", "data")
    refused = await adopter.adopt("--take-ownership")
    assert (refused.code, "claim data of group backups does not exist" in refused.err) == (4, True), (
        refused.err
    )
    assert "gemini" in await adopter.managers()
