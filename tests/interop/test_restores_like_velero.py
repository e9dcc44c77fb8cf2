"""From a backup of the real Velero, Holdfast restores what the real Velero restores, but for what the docs name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cluster.cli.program import Program
from interop.test_backups_for_velero import objects

from holdfast.cli.reference import verbs

if TYPE_CHECKING:
    from cluster.cli.program import Ended
    from interop.conftest import Shelf


pytestmark = pytest.mark.cluster
EXAMPLES = [
    line.removeprefix("$ ")
    for verb in verbs()
    if verb.command_path.startswith("holdfast restore ")
    for line in verb.command.examples.splitlines()  # type: ignore[attr-defined]
    if line.startswith("$ ")
]


async def theirs(shelf: Shelf, name: str, *flags: str) -> dict[str, Any]:
    """A restore of the real Velero into namespace `name`."""
    mapping = ("--namespace-mappings", f"shop:{name}")
    await shelf.velero("restore", "create", name, "--from-backup", "nightly", *mapping, *flags, "--wait")
    restore: dict[str, Any] = json.loads(await shelf.velero("restore", "get", name, "-o", "json"))
    return restore


async def ours(shelf: Shelf, name: str, *flags: str) -> Ended:
    """The same by our program."""
    mapping = ("--namespace-mappings", f"shop:{name}")
    program = Program(shelf.sandbox.kubeconfig)
    return await program(
        "restore", "create", name, "--from-backup", "nightly", *mapping, *flags, "-o", "json"
    )


@pytest.mark.parametrize("line", EXAMPLES)
async def test_examples_of_the_help_run(shelf: Shelf, line: str) -> None:
    ended = await Program(shelf.sandbox.kubeconfig).shell(line, "shop")
    assert ended.code == 0, f"{line}\n{ended.err}"
    assert ended.out.strip()


async def test_the_same_objects_come_back_with_the_same_fields(shelf: Shelf) -> None:
    restore = await theirs(shelf, "theirs")
    assert restore["status"]["phase"] == "Completed"
    ended = await ours(shelf, "ours")
    assert ended.code == 0, ended.err
    expected, found = await objects(shelf, "theirs"), await objects(shelf, "ours")
    assert found == expected
    assert ("Widget", "gear") in found
    assert ("Secret", "db-creds") in found
    made = {each["resource"] for each in ended.json["objects"]}
    assert "replicasets.apps" in made
    assert "pods" not in made, "pods are made by their controllers"


async def test_velero_leaves_children_without_owners_and_warns_of_what_every_cluster_has(
    shelf: Shelf,
) -> None:
    """The two differences that a user sees; see docs/backups.md."""
    restore = await theirs(shelf, "warned")
    ended = await ours(shelf, "silent")
    assert restore["status"]["warnings"] >= 1
    assert "silent" not in ended.json["warnings"]
    assert ended.json["leftOut"]["every cluster makes it by itself"] == 1


FILTERS = {
    "kinds": ("--include-resources=configmaps,secrets",),
    "not-kinds": ("--exclude-resources=secrets,deployments,replicasets,pods",),
    "labels": ("--selector=app=web",),
    "either": ("--or-selector=app=web or tier=front",),
    "no-cluster": ("--include-cluster-resources=false",),
}


@pytest.mark.parametrize("which", FILTERS)
async def test_filters_mean_what_they_mean_to_velero(shelf: Shelf, which: str) -> None:
    await theirs(shelf, f"t-{which}", *FILTERS[which])
    ended = await ours(shelf, f"o-{which}", *FILTERS[which])
    assert ended.code == 0, ended.err
    expected = await named(shelf, f"t-{which}")
    assert await named(shelf, f"o-{which}") == expected
    assert expected


async def named(shelf: Shelf, namespace: str) -> set[tuple[str, str]]:
    """Kinds and names of what a namespace has, whoever made it; generated names are another matter."""
    own = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
    return set(await objects(shelf, namespace)) - own


async def test_an_update_makes_the_same_of_what_has_changed(shelf: Shelf) -> None:
    for name, restore in (("updated-t", theirs), ("updated-o", ours)):
        await restore(shelf, name)
        patch = {"data": {"a.conf": "changed", "new": "x"}, "metadata": {"labels": {"tier": "other"}}}
        await shelf.sandbox.kubectl(
            *("-n", name, "patch", "configmap", "app", "--type=merge", "-p", json.dumps(patch))
        )
    mapping = "--namespace-mappings=shop:updated-t"
    policy = "--existing-resource-policy=update"
    await shelf.velero("restore", "create", "again-t", "--from-backup=nightly", mapping, policy, "--wait")
    program = Program(shelf.sandbox.kubeconfig)
    mapping = "--namespace-mappings=shop:updated-o"
    ended = await program("restore", "create", "again-o", "--from-backup=nightly", mapping, policy)
    assert ended.code == 0, ended.out
    expected, found = [
        (await objects(shelf, name))["ConfigMap", "app"] for name in ("updated-t", "updated-o")
    ]
    assert found == expected
    assert found["data"] == {"a.conf": "key=other\n", "empty": ""}
