"""Backup objects carried out by the operator, into a folder: phases, refusals, the queue, kill -9, withdrawal."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from support.backups import NAMESPACE, Vault, forget, new_vault

from holdfast.api.resource import NAMESPACES, PODS, Resource
from holdfast.api.velero import LOCATIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.places import Place

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")


@pytest_asyncio.fixture(loop_scope="session")
async def vault(place: Place, tmp_path: Path) -> AsyncIterator[Vault]:
    made = await new_vault(place.client, tmp_path)
    yield made
    await forget(made)


def results(vault: Vault, name: str) -> Any:  # noqa: ANN401  (any document)
    return json.loads(gzip.decompress((vault.folder / f"backups/{name}/{name}-results.gz").read_bytes()))


async def config_map(place: Place, name: str, **data: str) -> None:
    await place.client.create(
        CONFIG_MAPS, {"metadata": {"name": name, "namespace": place.namespace}, "data": data}
    )


async def test_a_backup_object_becomes_a_backup(place: Place, vault: Vault) -> None:
    await config_map(place, "app", key="value")
    name = await vault.ask(includedNamespaces=[place.namespace], ttl="1h")
    backup = await vault.ended(name)
    status, spec, metadata = backup["status"], backup["spec"], backup["metadata"]
    assert status["phase"] == "Completed", status
    assert status["progress"]["itemsBackedUp"] == status["progress"]["totalItems"] > 0
    assert status["formatVersion"] == "1.1.0"
    assert "queuePosition" not in status
    assert metadata["labels"]["velero.io/storage-location"] == vault.name
    assert metadata["annotations"]["velero.io/source-cluster-k8s-major-version"] == "1"
    assert (spec["ttl"], spec["csiSnapshotTimeout"], spec["storageLocation"]) == ("1h", "10m0s", vault.name)
    assert f"resources/configmaps/namespaces/{place.namespace}/app.json" in vault.items(name)
    document = json.loads((vault.folder / f"backups/{name}/velero-backup.json").read_text())
    assert document["status"] == status
    assert document["metadata"]["uid"] == metadata["uid"]
    assert vault.reserved() == set()


async def test_all_that_is_wrong_is_in_the_object(place: Place, vault: Vault) -> None:
    await place.client.patch(LOCATIONS, vault.name, {"spec": {"accessMode": "ReadOnly"}}, NAMESPACE)
    name = await vault.ask(includedNamespaces=["shop"], excludedNamespaces=["shop"], ttl="soon")
    status = (await vault.ended(name))["status"]
    assert status["phase"] == "FailedValidation"
    said = " | ".join(status["validationErrors"])
    for part in ("ReadOnly", "'shop'", "'soon'"):
        assert part in said
    assert vault.files(name) == set()
    nowhere = await vault.ask(storageLocation="nowhere")
    assert "no location nowhere" in (await vault.ended(nowhere))["status"]["validationErrors"][0]


async def test_what_is_missing_or_not_done_is_in_the_results(place: Place, vault: Vault) -> None:
    hook = {"name": "flush", "pre": [{"exec": {"command": ["sync"]}}]}
    name = await vault.ask(
        includedNamespaces=[place.namespace, "no-such-namespace"], hooks={"resources": [hook]}
    )
    status = (await vault.ended(name))["status"]
    assert (status["phase"], status["errors"], status["warnings"]) == ("PartiallyFailed", 1, 1)
    found = results(vault, name)
    assert "no-such-namespace" in found["errors"]["namespaces"]["no-such-namespace"][0]
    assert "hooks" in found["warnings"]["cluster"][0]


async def test_what_annotations_of_pods_ask_for_is_not_passed_over(place: Place, vault: Vault) -> None:
    annotations = {
        "backup.velero.io/backup-volumes": "data",
        "pre.hook.backup.velero.io/command": '["sync"]',
        "post.hook.backup.velero.io/container": "app",
    }
    metadata = {"name": "db", "namespace": place.namespace, "annotations": annotations}
    spec = {"containers": [{"name": "app", "image": "none"}], "nodeName": "nowhere"}
    await place.client.create(PODS, {"metadata": metadata, "spec": spec})
    name = await vault.ask(includedNamespaces=[place.namespace])
    assert (await vault.ended(name))["status"]["phase"] == "PartiallyFailed"
    found = results(vault, name)
    (error,), (warning,) = (found[kind]["namespaces"][place.namespace] for kind in ("errors", "warnings"))
    assert "pods db: files of the volumes data are not saved" in error
    assert "pre.hook.backup.velero.io/command" in warning


async def test_contents_of_volumes_that_are_expected_are_missed(place: Place, vault: Vault) -> None:
    await place.claim()
    expected = await vault.ask(includedNamespaces=[place.namespace], snapshotVolumes=None)
    assert (await vault.ended(expected))["status"]["phase"] == "PartiallyFailed"
    (said,) = results(vault, expected)["errors"]["namespaces"][place.namespace]
    assert "contents of volumes are not saved" in said
    renounced = await vault.ask(includedNamespaces=[place.namespace])
    assert (await vault.ended(renounced))["status"]["phase"] == "Completed"


async def test_a_namespace_that_asks_to_be_left_out_is(place: Place, vault: Vault) -> None:
    label = {"metadata": {"labels": {"velero.io/exclude-from-backup": "true"}}}
    await place.client.patch(NAMESPACES, place.namespace, label)
    name = await vault.ask(includedResources=["configmaps"])
    backup = await vault.ended(name)
    assert place.namespace in backup["spec"]["excludedNamespaces"]
    assert not [path for path in vault.items(name) if f"/{place.namespace}/" in path]


async def test_a_name_that_the_location_has_is_not_overwritten(place: Place, vault: Vault) -> None:
    name = await vault.ask(includedNamespaces=[place.namespace])
    await vault.ended(name)
    before = (vault.folder / f"backups/{name}/{name}.tar.gz").read_bytes()
    await vault.withdraw(name)
    await vault.ask(name, includedNamespaces=[place.namespace])
    status = (await vault.ended(name))["status"]
    assert status["phase"] == "Failed"
    assert "choose another name" in status["failureReason"]
    assert (vault.folder / f"backups/{name}/{name}.tar.gz").read_bytes() == before


async def test_one_at_a_time_in_the_order_in_which_they_were_asked_for(place: Place, vault: Vault) -> None:
    names = [
        await vault.ask(f"queued-{n}-{place.namespace}", includedNamespaces=[place.namespace])
        for n in range(4)
    ]
    statuses = [(await vault.ended(name))["status"] for name in names]
    assert {status["phase"] for status in statuses} == {"Completed"}
    begun = [status["startTimestamp"] for status in statuses]
    assert begun == sorted(begun)
    ends = [status["completionTimestamp"] for status in statuses]
    assert all(end <= begin for end, begin in zip(ends, begun[1:], strict=False))


async def in_progress(vault: Vault, name: str) -> bool:
    return bool((await vault.get(name))["status"]["phase"] == "InProgress")
