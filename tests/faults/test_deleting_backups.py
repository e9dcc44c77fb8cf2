"""A backup is deleted although the operator dies at any step of it: it says so until all of it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.locations import NAMESPACE, Shelf, new_shelf
from support.waiting import until

from holdfast.api.velero import DELETIONS, VELERO_BACKUPS, VELERO_RESTORES
from holdfast_sandbox.proxy import Kill, Match, Rule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Stage
    from faults.programs import Program

    from holdfast.api.resource import Resource

pytestmark = pytest.mark.cluster

STEPS = (
    ("patch", DELETIONS),
    ("patch", VELERO_BACKUPS),
    ("delete", VELERO_RESTORES),
    ("delete", VELERO_BACKUPS),
    ("delete", DELETIONS),
)


async def test_an_operator_that_dies_at_a_step_does_the_rest_when_it_is_back(
    staged: Callable[..., Awaitable[Stage]], operator: Callable[..., Program]
) -> None:
    program = operator("--no-election")
    stage = await staged(program)
    shelf = await new_shelf(stage.sandbox, stage.client)
    for number, (verb, resource) in enumerate(STEPS):
        name = f"{shelf.name}-{number}"
        await _stored(shelf, name)
        rule = stage.proxy.rules.append(_kill_at(program, verb, resource))
        await _ask(shelf, name)
        await until(lambda rule=rule: _struck(rule))  # type: ignore[misc]
        if resource is VELERO_RESTORES:  # as if it had died between two files
            (shelf.folder / "backups" / name / f"{name}.tar.gz").unlink()
            assert (await shelf.came(name))["status"]["phase"] == "Deleting"
        await _all_gone(shelf, name)
        stage.proxy.rules.remove(rule)
    assert program.starts == len(STEPS) + 1


def _kill_at(program: Program, verb: str, resource: Resource) -> Rule:
    """It dies once, when that was carried out and before it hears of it."""

    def chosen(call: Any) -> bool:  # noqa: ANN401  (of the proxy)
        return bool(call.verb == verb and call.resource == resource.plural and call.client == program.label)

    return Rule(Kill(program.kill, when="after"), Match(where=chosen), nth=1)


async def _struck(rule: Rule) -> bool:
    return bool(rule.hits)


async def _stored(shelf: Shelf, name: str) -> None:
    """A backup with a few files, and something that was restored from it."""
    shelf.put(name)
    for side in (".tar.gz", "-logs.gz", "-results.gz"):
        (shelf.folder / "backups" / name / f"{name}{side}").write_bytes(b"content")
    await shelf.came(name)
    body = {
        "apiVersion": "velero.io/v1",
        "kind": "Restore",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"backupName": name},
    }
    await shelf.client.create(VELERO_RESTORES, body)
    (shelf.folder / "restores" / name).mkdir(parents=True)
    (shelf.folder / "restores" / name / f"restore-{name}-logs.gz").write_bytes(b"content")


async def _ask(shelf: Shelf, name: str) -> None:
    body = {
        "apiVersion": DELETIONS.api_version,
        "kind": DELETIONS.kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"backupName": name},
    }
    await shelf.client.create(DELETIONS, body)


async def _all_gone(shelf: Shelf, name: str) -> None:
    async def gone() -> bool:
        for resource in (VELERO_BACKUPS, VELERO_RESTORES, DELETIONS):
            found = (await shelf.client.list(resource, NAMESPACE)).items
            assert name not in {each["metadata"]["name"] for each in found}, resource.plural
        files = [path for path in shelf.folder.glob(f"*/{name}/*") if path.is_file()]
        assert not files, files
        return True

    await until(gone)
