"""The examples in the help are commands that work, typed as they stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from cluster.cli.program import Program
from support import drills

from holdfast.api.resource import SNAPSHOTS
from holdfast.cli.commanding import Verb
from holdfast.cli.reference import verbs
from holdfast.cli.repo.verbs import RepoVerb

if TYPE_CHECKING:
    import click
    from support.places import Place

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

OF_A_WHOLE_CLUSTER = {"install", "uninstall"}
"""Not in the shared cluster, where all other tests need the operator."""
VERBS = [
    verb
    for verb in verbs()
    if isinstance(verb.command, Verb)
    and not isinstance(verb.command, RepoVerb)
    and not verb.command_path.startswith(
        ("holdfast backup ", "holdfast restore ", "holdfast backup-location ")
    )
]
"""Those of `repo` need no cluster (`engine/tests/cli`), those of `backup` and `restore` need backups
(`tests/interop`), those of `backup-location` each other (`test_backup_locations.py`)."""
HOURLY = [{"every": "1 hour", "keep": 2}]


def examples(verb: click.Context) -> list[str]:
    lines = cast("Verb", verb.command).examples.splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


@pytest.fixture
async def scene(place: Place) -> Place:
    """What the examples speak of."""
    await place.claim()
    await place.group("postgres-backups", schedule=HOURLY)
    await place.group_snapshot("postgres-backups", 1585945609)
    await place.snapshot("before-upgrade")
    await drills.create(place, "postgres-restores", group="postgres-backups")
    return place


def test_every_verb_has_examples() -> None:
    assert all(cast("Verb", verb.command).examples for verb in VERBS)


RUNNABLE = [v for v in VERBS if v.command.name not in OF_A_WHOLE_CLUSTER and examples(v)]


@pytest.mark.parametrize("verb", RUNNABLE, ids=lambda verb: verb.command_path)
async def test_examples_run(scene: Place, verb: click.Context) -> None:
    holdfast = Program(scene.sandbox.kubeconfig, scene.namespace)
    if verb.command.name == "rollback":
        done = await holdfast("group", "restore", "postgres-backups", "--to", "latest", "--wait")
        assert done.code == 0, done.err
    if verb.command_path == "holdfast snapshot take":
        await scene.delete(SNAPSHOTS, "before-upgrade")
        await scene.gone(SNAPSHOTS, "before-upgrade")
    for line in examples(verb):
        ended = await holdfast.shell(line, scene.namespace)
        assert ended.code == 0, f"{line}\n{ended.err}"


@pytest.mark.parametrize("verb", sorted(OF_A_WHOLE_CLUSTER))
async def test_examples_for_a_whole_cluster_run(own: Sandbox, verb: str) -> None:
    (context,) = (v for v in VERBS if v.command.name == verb)
    for line in examples(context):
        ended = await Program(own.kubeconfig).shell(line, "examples")
        assert ended.code == 0, f"{line}\n{ended.err}"
