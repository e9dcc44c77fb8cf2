"""A backup disturbed at any of its steps: it ends with one upload, or leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cluster.cli.program import Program as Cli
from support.backups import Vault, forget, new_vault
from support.waiting import until

from holdfast.api.resource import NAMESPACES, Resource
from holdfast.kube import errors
from holdfast.kube.client import PAGE
from holdfast_sandbox.proxy import Answer, Delay, Kill, Match, Rule

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    from faults.harness import Stage
    from faults.programs import Program

    from holdfast.kube.client import Client
    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import Action, Call, FaultProxy

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
STEPS = ("patch", "get", "patch", "get", "get", "get", "patch")
"""Calls about a Backup, from Queued to Completed: its turn; read, begun; before the first file, before the document,
after it; ended. Those that tell how far it is come in between."""
FILES = 9
"""Of a backup, without the document that makes it one."""


@pytest.fixture
async def vault(administrator: Client, tmp_path: Path) -> AsyncIterator[Vault]:
    made = await new_vault(administrator, tmp_path)
    yield made
    await forget(made)


@contextmanager
def struck(proxy: FaultProxy, action: Action, match: Match, nth: int = 1) -> Iterator[Rule]:
    rule = Rule(action, match, nth)
    proxy.rules.append(rule)
    yield rule
    proxy.rules.remove(rule)


def about(name: str) -> Match:
    return Match(resource="backups", name=name, where=lambda call: call.verb != "watch")


def before_the_document(vault: Vault, name: str) -> Match:
    """The first look at a Backup when all its files are stored but the last."""

    def stored(call: Call) -> bool:
        return call.verb == "get" and len(vault.files(name)) == FILES

    return Match(resource="backups", name=name, where=stored)


async def test_killed_before_any_step_it_ends_with_one_upload(
    staged: Staged, operator: Callable[..., Program], vault: Vault, fault_sandbox: Sandbox
) -> None:
    stage = await staged(program := operator("--no-election"))
    for number in range(1, len(STEPS) + 1):
        name = f"killed-{number}"
        with struck(stage.proxy, Kill(program.kill), about(name), number) as rule:
            await vault.ask(name, includedNamespaces=["kube-public"])
            backup = await vault.ended(name)
        assert rule.hits, f"there is no step {number}"
        assert backup["status"]["phase"] == "Completed", backup["status"]
        assert vault.reserved() == set()
        document = json.loads((vault.folder / f"backups/{name}/velero-backup.json").read_text())
        assert document["status"] == backup["status"]
    told = await Cli(fault_sandbox.kubeconfig)(
        "backup", "verify", "--location", f"file:{vault.folder}", "-o", "json"
    )
    assert [(v["whole"], v["summed"]) for v in told.json] == [(True, True)] * len(STEPS)


async def test_who_is_deleted_while_it_is_made_leaves_nothing(
    staged: Staged, operator: Callable[..., Program], vault: Vault
) -> None:
    stage = await staged(operator("--no-election"))
    listing = Match(verb="list", resource="configmaps"), 1
    for name, (match, nth) in {
        "collecting": listing,
        "stored": (before_the_document(vault, "stored"), 1),
    }.items():
        with struck(stage.proxy, Delay(asyncio.Event()), match, nth) as rule:
            await vault.ask(name, includedNamespaces=["kube-public"])
            await until(partial(hit, rule))
            assert vault.reserved() == {f"{name}.json"}
            await vault.withdraw(name)
            await until(partial(nothing_left, vault, name))


async def test_what_was_deleted_while_nobody_was_there_is_swept(
    staged: Staged, operator: Callable[..., Program], vault: Vault
) -> None:
    stage = await staged(program := operator("--no-election"))
    with struck(stage.proxy, Delay(asyncio.Event()), before_the_document(vault, "lost")) as rule:
        await vault.ask("lost", includedNamespaces=["kube-public"])
        await until(lambda: hit(rule))
        assert vault.files("lost")
        program.pause()
        await vault.withdraw("lost")
        program.kill()
    await until(lambda: nothing_left(vault, "lost"))


async def test_a_second_operator_that_takes_a_run_over_is_left_to_it(
    staged: Staged, operator: Callable[..., Program], vault: Vault, fault_sandbox: Sandbox
) -> None:
    stage = await staged(operator("--no-election", label="one"))
    go_on = asyncio.Event()
    with struck(stage.proxy, Delay(go_on), before_the_document(vault, "shared")) as rule:
        await vault.ask("shared", includedNamespaces=["kube-public"])
        await until(lambda: hit(rule))
        async with operator("--no-election", label="two"):
            assert (await vault.ended("shared"))["status"]["phase"] == "Completed"
            document = (vault.folder / "backups/shared/velero-backup.json").read_bytes()
            go_on.set()
            await vault.ask("next", includedNamespaces=["kube-public"])
            assert (await vault.ended("next"))["status"]["phase"] == "Completed"
    assert (vault.folder / "backups/shared/velero-backup.json").read_bytes() == document
    told = await Cli(fault_sandbox.kubeconfig)(
        "backup", "verify", "--location", f"file:{vault.folder}", "-o", "json"
    )
    assert {v["backup"]: v["whole"] for v in told.json} == {"next": True, "shared": True}


async def hit(rule: Rule) -> bool:
    return bool(rule.hits)


async def nothing_left(vault: Vault, name: str) -> bool:
    with pytest.raises(errors.NotFound):
        await vault.get(name)
    return vault.files(name) == vault.reserved() == set()


@pytest.fixture(scope="module")
async def crowd(administrator: Client) -> str:
    """A namespace with more ConfigMaps than a page has."""
    name = "crowd"
    await administrator.create(NAMESPACES, {"metadata": {"name": name}})
    await asyncio.gather(*(_config_map(administrator, name, n) for n in range(PAGE + 20)))
    return name


async def _config_map(client: Client, namespace: str, number: int) -> None:
    await client.create(CONFIG_MAPS, {"metadata": {"name": f"cm-{number}", "namespace": namespace}})


@pytest.mark.parametrize("status", [410, 429, 403])
async def test_a_page_that_is_refused_costs_what_cannot_be_had_and_nothing_else(
    staged: Staged, operator: Callable[..., Program], vault: Vault, crowd: str, status: int
) -> None:
    stage = await staged(operator("--no-election"))
    refused = Answer(status, retry_after=0 if status == 429 else None)
    with struck(stage.proxy, refused, Match(verb="list", resource="configmaps", namespace=crowd), 2) as rule:
        name = await vault.ask(includedNamespaces=[crowd])
        backup = await vault.ended(name)
    assert rule.hits
    items = vault.items(name)
    saved = len([path for path in items if path.startswith("resources/configmaps/")])
    if status == 403:
        assert (backup["status"]["phase"], backup["status"]["errors"], saved) == ("PartiallyFailed", 1, PAGE)
    else:
        assert (backup["status"]["phase"], saved >= PAGE + 20) == ("Completed", True)
    assert f"resources/serviceaccounts/namespaces/{crowd}/default.json" in items
