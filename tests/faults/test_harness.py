"""The harness finds what it is there to find, and nothing in a program that does right."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults.copier import CONFIG_MAPS
from faults.harness import CALLS, FAULTS, Fault, every_call, every_pause, once
from faults.programs import EndedByItselfError, Program
from faults.rights import grant

from holdfast_sandbox.proxy import Match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from faults.harness import Stage
    from faults.rights import Manifest

    from holdfast_sandbox import Sandbox
    from holdfast_sandbox.proxy import FaultProxy

    Staged = Callable[..., Awaitable[Stage]]

pytestmark = pytest.mark.cluster

COPIER = Path(__file__).with_name("copier.py")
OF_COPIER = {"name": "copier", "namespace": "default"}
RIGHTS: list[Manifest] = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": OF_COPIER},
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "copier"},
        "rules": [
            {
                "apiGroups": [""],
                "resources": ["configmaps"],
                "verbs": ["create", "get", "list", "watch", "patch"],
            }
        ],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "copier"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "copier"},
        "subjects": [{"kind": "ServiceAccount", **OF_COPIER}],
    },
]


async def copies(stage: Stage) -> None:
    """Exactly three copies, however it went."""

    async def made() -> bool:
        source = await stage.client.get(CONFIG_MAPS, "source", stage.namespace)
        return bool(source["metadata"]["labels"]["copies"] == "made")

    async with stage.armed():
        source = {"metadata": {"name": "source", "labels": {"copies": "wanted"}}}
        await stage.client.create(CONFIG_MAPS, source, stage.namespace)
        await stage.until(made)
    listing = await stage.client.list(CONFIG_MAPS, stage.namespace, labels="copy=yes")
    assert len(listing.items) == 3


@pytest.fixture
async def copier(fault_sandbox: Sandbox, fault_proxy: FaultProxy, tmp_path: Path) -> Callable[..., Program]:
    account = await grant(fault_sandbox, RIGHTS)

    def make(*flags: str, label: str = "copier") -> Program:
        kubeconfig = fault_proxy.kubeconfig(account.token, label=label)
        command = [sys.executable, str(COPIER), str(kubeconfig), *flags]
        return Program(label, command, tmp_path / f"{label}.log")

    return make


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_every_write_of_a_careful_program_can_go_wrong(
    staged: Staged, copier: Callable[..., Program], fault: Fault
) -> None:
    stage = await staged(copier())
    await once(copies, stage)
    hits = await every_call(copies, stage, fault, runs=4)
    assert Counter(call.verb for call in hits) >= Counter(create=3, patch=1)
    assert (stage.programs[0].starts > 1) == fault.kills


async def test_reads_can_go_wrong_too(staged: Staged, copier: Callable[..., Program]) -> None:
    lost = next(fault for fault in FAULTS if fault.name == "lost-reply")
    hits = await every_call(copies, await staged(copier()), lost, CALLS, runs=4)
    assert "get" in {call.verb for call in hits}


@pytest.mark.parametrize("fault", ["killed-after", "lost-reply"])
async def test_a_careless_program_is_found_out(
    staged: Staged, copier: Callable[..., Program], fault: str
) -> None:
    stage = await staged(copier("--careless"))
    await once(copies, stage)
    with pytest.raises(AssertionError) as found:
        await every_call(copies, stage, next(one for one in FAULTS if one.name == fault), runs=4)
    assert "verb='create'" in found.value.__notes__[0]


async def test_two_programs_at_once(staged: Staged, copier: Callable[..., Program]) -> None:
    stage = await staged(copier(label="one"), copier(label="two"))
    killed = FAULTS[0]
    await every_call(copies, stage, killed, runs=4)
    assert stage.proxy.count(Match(client="two", verb="create")) > 0
    assert stage.programs[1].starts == 1


async def test_a_program_that_slept_while_another_did_its_work(
    staged: Staged, copier: Callable[..., Program]
) -> None:
    stage = await staged(copier(label="one"), copier(label="two"))
    hits = await every_pause(copies, stage)
    assert Counter(call.verb for call in hits) == Counter(create=3, patch=1)
    assert [program.starts for program in stage.programs] == [1, 1]


async def test_a_program_that_ends_by_itself_fails_the_scenario(staged: Staged, tmp_path: Path) -> None:
    program = Program("broken", [sys.executable, "-c", "raise SystemExit('no idea')"], tmp_path / "log")
    with pytest.raises(EndedByItselfError, match="no idea"):
        await once(copies, await staged(program))


async def test_the_operator_needs_no_more_rights_than_it_asks_for(
    staged: Staged, operator: Callable[..., Program]
) -> None:
    stage = await staged(operator("--no-election"))
    watches = Match(client="operator", verb="watch", resource="snapshotgroups", status=200)
    await stage.proxy.wait_for(watches, deadline=30)
    stage.programs[0].check()
    assert not stage.proxy.select(Match(status=403))
