"""What Holdfast saves, the real Velero finds, describes, restores and deletes."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
from cluster.cli.program import Program
from support.operators import operating
from support.waiting import until

from holdfast.cli.reference import verbs
from holdfast.locations.answering import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from interop.conftest import Shelf

    from holdfast.cli.commanding import Verb

pytestmark = pytest.mark.cluster
EXAMPLES = [
    line.removeprefix("$ ")
    for verb in verbs()
    if verb.command_path.startswith("holdfast backup ")
    for line in cast("Verb", verb.command).examples.splitlines()
    if line.startswith("$ ")
]


async def saved(shelf: Shelf, name: str, *flags: str) -> dict[str, Any]:
    """A backup that our program makes in the cluster's location."""
    program = Program(shelf.sandbox.kubeconfig)
    ended = await program("backup", "create", name, *flags, "-o", "json")
    assert ended.code == 0, ended.err
    backup: dict[str, Any] = ended.json
    return backup


def paths(shelf: Shelf, name: str) -> set[str]:
    """Of all files in a tarball, by a reader of another kind than ours."""
    with tarfile.open(shelf.folder / "backups" / name / f"{name}.tar.gz") as tar:
        return set(tar.getnames())


async def synced(shelf: Shelf, name: str) -> bool:
    """Whether Velero has found it in the location."""
    return name in await shelf.velero("backup", "get")


PASSING = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "ownerReferences")


async def objects(shelf: Shelf, namespace: str) -> dict[tuple[str, str], Any]:
    """What a namespace has, without what is new in every object."""
    kinds = "configmaps,secrets,services,deployments,serviceaccounts,widgets"
    listed = json.loads(await shelf.sandbox.kubectl("get", kinds, "-n", namespace, "-o", "json"))["items"]
    for item in listed:
        for name in (*PASSING, "namespace"):
            item["metadata"].pop(name, None)
        labels = item["metadata"].get("labels", {})
        item["metadata"]["labels"] = {k: v for k, v in labels.items() if not k.startswith("velero.io/")}
        item["metadata"].get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
        item["metadata"]["annotations"] = item["metadata"].get("annotations", {})
        item.pop("status", None)
        for name in ("clusterIP", "clusterIPs"):
            item.get("spec", {}).pop(name, None)
    return {(item["kind"], item["metadata"]["name"]): item for item in listed}


# First: `verify` of all backups is one of them, and a later test damages one.
@pytest.mark.parametrize("line", EXAMPLES)
async def test_examples_of_the_help_run(shelf: Shelf, line: str) -> None:
    ended = await Program(shelf.sandbox.kubeconfig).shell(line, "shop")
    assert ended.code == 0, f"{line}\n{ended.err}"
    assert ended.out.strip(), line


async def test_velero_restores_it(shelf: Shelf) -> None:
    backup = await saved(shelf, "ours", "--include-namespaces", "shop")
    assert backup["status"]["phase"] == "Completed"
    await until(lambda: synced(shelf, "ours"))
    described = await shelf.velero("backup", "describe", "ours", "--details", "--colorized=false")
    assert "shop/web" in described
    assert "Phase:  Completed" in described
    assert "Backed up a total of" in await shelf.velero("backup", "logs", "ours")

    await shelf.velero(
        "restore", "create", "again", "--from-backup", "ours", "--namespace-mappings", "shop:copy", "--wait"
    )
    restore = json.loads(await shelf.velero("restore", "get", "again", "-o", "json"))
    assert restore["status"]["phase"] == "Completed", await shelf.velero("restore", "describe", "again")
    theirs = await objects(shelf, "copy")
    ours = {key: item for key, item in (await objects(shelf, "shop")).items() if key[1] != "kube-root-ca.crt"}
    assert {key: theirs.get(key) for key in ours} == ours


async def test_it_holds_what_veleros_own_backup_of_the_same_moment_holds(shelf: Shelf) -> None:
    await same(shelf, "all", "--include-namespaces=shop")


FILTERS = {
    "kinds": ("--include-namespaces=shop", "--include-resources=deployments,secrets,widgets"),
    "not these kinds": ("--include-namespaces=shop", "--exclude-resources=secrets,events,pods"),
    "labels": ("--include-namespaces=shop", "--selector=app=web"),
    "one or the other": ("--include-namespaces=shop", "--or-selector=app=web or tier=front"),
    "nothing of the cluster": ("--include-namespaces=shop", "--include-cluster-resources=false"),
    "all of the cluster": (
        "--include-namespaces=shop",
        "--include-cluster-resources=true",
        "--exclude-resources=events",
    ),
    "new language": (
        "--include-namespaces=shop",
        "--include-namespace-scoped-resources=configmaps,serviceaccounts",
    ),
    "new language, cluster": (
        "--include-namespaces=shop",
        "--include-cluster-scoped-resources=customresourcedefinitions",
        "--exclude-namespace-scoped-resources=events",
    ),
    "nothing known": ("--include-namespaces=shop", "--include-resources=nonsense"),
    "two of many": ("--include-namespaces=shop,kube-public",),
    "all but some": ("--exclude-namespaces=velero,kube-system,copy", "--exclude-resources=events,leases"),
}


@pytest.mark.parametrize("which", FILTERS)
async def test_filters_mean_what_they_mean_to_velero(shelf: Shelf, which: str) -> None:
    name = which.replace(" ", "-").replace(",", "")
    await same(shelf, name, *FILTERS[which])


async def same(shelf: Shelf, name: str, *flags: str) -> None:
    """Both save the same items, but for those that come or go meanwhile: ours is made before and after."""
    await saved(shelf, f"before-{name}", *flags)
    await shelf.velero.backup(f"theirs-{name}", *flags)
    await saved(shelf, f"after-{name}", *flags)
    theirs = {p for p in paths(shelf, f"theirs-{name}") if not _unwanted_event(p, flags)}
    before, after = paths(shelf, f"before-{name}"), paths(shelf, f"after-{name}")
    assert before & after <= theirs <= before | after


def _unwanted_event(path: str, flags: tuple[str, ...]) -> bool:
    """Velero that is to leave events out finds them a second time, under their newer group, and saves them."""
    return path.startswith("resources/events.events.k8s.io/") and any("events" in flag for flag in flags)


async def test_verify_sees_an_item_that_was_altered_everywhere(shelf: Shelf) -> None:
    await saved(shelf, "altered", "--include-namespaces", "shop")
    tarball = shelf.folder / "backups/altered/altered.tar.gz"
    program = Program(shelf.sandbox.kubeconfig)
    assert (await program("backup", "verify", "altered", "-o", "json")).json[0]["summed"]
    _rewrite(tarball, b"nginx:1", b"nginx:6")
    told = await program("backup", "verify", "altered")
    assert told.code == 9
    assert "deployments.apps shop/web is not what was saved" in told.out


def _rewrite(tarball: Path, old: bytes, new: bytes) -> None:
    with tarfile.open(tarball) as tar:
        files = [(member, tar.extractfile(member).read()) for member in tar.getmembers()]  # type: ignore[union-attr]
    with tarfile.open(tarball, "w:gz") as tar:
        for member, body in files:
            tar.addfile(member, BytesIO(body.replace(old, new)))


async def test_a_name_is_taken_once(shelf: Shelf) -> None:
    await saved(shelf, "once", "--include-namespaces", "shop")
    before = (shelf.folder / "backups/once/once.tar.gz").read_bytes()
    again = await Program(shelf.sandbox.kubeconfig)(
        "backup", "create", "once", "--include-namespaces", "shop"
    )
    assert again.code == 5
    assert (shelf.folder / "backups/once/once.tar.gz").read_bytes() == before


async def test_what_cannot_be_meant_is_refused(shelf: Shelf) -> None:
    program = Program(shelf.sandbox.kubeconfig)
    for flags, words in {
        ("--include-resources=pods", "--include-namespace-scoped-resources=pods"): "cannot be mixed",
        ("--include-namespaces=a", "--exclude-namespaces=a"): "both includes and excludes",
        ("--exclude-namespaces=*",): "nothing would be left",
    }.items():
        told = await program("backup", "create", "wrong", *flags)
        assert told.code == 4, told.err
        assert words in told.err
    assert not (shelf.folder / "backups/wrong").exists()
    missing = await program("backup", "create", "half", "--include-namespaces=shop,nowhere")
    assert missing.code == 9
    listed = (await program("backup", "get", "-o", "json")).json["items"]
    assert [b["status"]["phase"] for b in listed if b["metadata"]["name"] == "half"] == ["PartiallyFailed"]


async def test_velero_deletes_it_with_all_that_belongs_to_it(shelf: Shelf) -> None:
    await saved(shelf, "leaving", "--include-namespaces", "shop")
    await until(lambda: synced(shelf, "leaving"))
    await shelf.velero("backup", "delete", "leaving", "--confirm")

    async def gone() -> bool:
        return not (shelf.folder / "backups/leaving").exists()

    await until(gone)


# Last: it deletes a backup that others look at.
async def test_an_operator_of_ours_beside_velero_shares_the_location_and_nothing_else(
    shelf: Shelf, tmp_path: Path
) -> None:
    async with operating(shelf.sandbox.kubeconfig, tmp_path, velero_namespace="ours"):
        await _copied(shelf, "ours", "secret", "cloud-credentials")
        await _copied(shelf, "ours", "backupstoragelocation", "default")
        await saved(shelf, "beside", "--include-namespaces=shop")
        await until(lambda: _there(shelf, "ours", {"weekly", "nightly", "beside"}))
        assert "Version: v1.18.2" in (await shelf.velero("version")).partition("Server:")[2]
        assert f"Version: {VERSION}" in await shelf.velero("version", "-n", "ours", "--timeout=60s")

        await shelf.velero("backup", "delete", "weekly", "--confirm")

        await until(lambda: _gone(shelf, "ours", "weekly"))
        assert await _there(shelf, "ours", {"nightly", "beside"})


async def _copied(shelf: Shelf, namespace: str, *what: str) -> None:
    """The same object in another namespace."""
    found = json.loads(await shelf.sandbox.kubectl("-n", "velero", "get", *what, "-o", "json"))
    found["metadata"] = {"name": found["metadata"]["name"], "namespace": namespace}
    found.pop("status", None)
    await shelf.sandbox.kubectl("apply", "-f", "-", input=json.dumps(found))


async def _names(shelf: Shelf, namespace: str) -> set[str]:
    listed = await shelf.sandbox.kubectl("-n", namespace, "get", "backups.velero.io", "-o", "name")
    return {line.rpartition("/")[2] for line in listed.splitlines()}


async def _there(shelf: Shelf, namespace: str, names: set[str]) -> bool:
    return names <= await _names(shelf, namespace)


async def _gone(shelf: Shelf, namespace: str, name: str) -> bool:
    return name not in await _names(shelf, namespace)
