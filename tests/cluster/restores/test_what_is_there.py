"""Objects that are there already, and plans, which change nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cluster.restores.conftest import acts
from support import objects
from support.waiting import until

from holdfast.api.resource import CLAIMS, SERVICE_ACCOUNTS, Resource

if TYPE_CHECKING:
    from cluster.restores.conftest import Shelf
    from support.places import Place

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")


async def changed(shelf: Shelf) -> None:
    """A backup, and what somebody did since."""
    place = shelf.place
    for name in ("same", "changed", "gone"):
        await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, name, data={"a": "saved"}))
    await shelf.save()
    await place.patch(CONFIG_MAPS, "changed", {"data": {"a": "live", "new": "x"}})
    await place.delete(CONFIG_MAPS, "gone")


async def maps(place: Place) -> dict[str, Any]:
    listed = (await place.client.list(CONFIG_MAPS, place.namespace)).items
    return {
        each["metadata"]["name"]: each for each in listed if each["metadata"]["name"] != "kube-root-ca.crt"
    }


async def test_by_default_nothing_that_exists_is_touched_and_what_differs_is_told(shelf: Shelf) -> None:
    await changed(shelf)
    before = await maps(shelf.place)
    document = await shelf.restored()
    after = await maps(shelf.place)
    found = acts(document)
    assert [found[f"configmaps/{name}"] for name in ("same", "changed", "gone")] == [
        "unchanged",
        "skipped",
        "created",
    ]
    (said,) = document["warnings"][shelf.place.namespace]
    assert said.startswith(
        "could not restore, ConfigMap:changed already exists. Warning: the in-cluster version"
    )
    assert {name: after[name] for name in before} == before
    assert after["gone"]["data"] == {"a": "saved"}


async def test_an_update_makes_it_what_was_saved(shelf: Shelf) -> None:
    await changed(shelf)
    uid = (await maps(shelf.place))["changed"]["metadata"]["uid"]
    document = await shelf.restored("--existing-resource-policy", "update")
    assert acts(document)["configmaps/changed"] == "updated"
    live = (await maps(shelf.place))["changed"]
    assert (live["data"], live["metadata"]["uid"]) == ({"a": "saved"}, uid)


async def test_an_object_made_anew_is_kept_in_the_location_first(shelf: Shelf) -> None:
    await changed(shelf)
    uid = (await maps(shelf.place))["changed"]["metadata"]["uid"]
    document = await shelf.restored("--on-conflict", "cm=recreate")
    assert acts(document)["configmaps/changed"] == "updated"
    live = (await maps(shelf.place))["changed"]
    assert live["data"] == {"a": "saved"}
    assert live["metadata"]["uid"] != uid
    kept = shelf.folder / "restores/back/replaced/configmaps" / shelf.place.namespace / "changed.json"
    assert json.loads(kept.read_text())["data"] == {"a": "live", "new": "x"}


async def test_an_owner_made_anew_is_the_owner_of_what_comes_back_with_it(shelf: Shelf) -> None:
    place = shelf.place
    owner = await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "owner", data={"a": "saved"}))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    await place.create(SECRETS, objects.manifest(SECRETS, "key", metadata={"ownerReferences": [reference]}))
    await shelf.save()
    await place.delete(SECRETS, "key")
    await place.patch(CONFIG_MAPS, "owner", {"data": {"a": "live"}})
    await shelf.restored("--on-conflict", "configmaps=recreate")
    new = await place.get(CONFIG_MAPS, "owner")
    owners = (await place.get(SECRETS, "key"))["metadata"]["ownerReferences"]
    assert [each["uid"] for each in owners] == [new["metadata"]["uid"]] != [owner["metadata"]["uid"]]


async def test_what_secrets_hold_is_shown_nowhere(shelf: Shelf) -> None:
    place = shelf.place
    await place.create(SECRETS, objects.manifest(SECRETS, "key", stringData={"password": "then"}))
    await shelf.save()
    await place.patch(SECRETS, "key", {"stringData": {"password": "now"}})
    ended = await shelf.restore("--existing-resource-policy", "update")
    assert "data.password" in ended.out
    assert "dGhlbg" not in ended.out + ended.err
    assert "bm93" not in ended.out + ended.err


async def test_two_namespaces_do_not_become_one_by_accident(shelf: Shelf) -> None:
    await changed(shelf)
    here, other = shelf.place.namespace, f"{shelf.place.namespace}-b"
    await shelf.place.sandbox.kubectl("create", "namespace", other)
    await shelf.place.sandbox.kubectl("-n", other, "create", "configmap", "same")
    both = ("--include-namespaces", f"{here},{other}", "--location", f"file:{shelf.folder}")
    ended = await shelf.program("backup", "create", "both", *both)
    assert ended.code == 0, ended.err
    mapping = ("--namespace-mappings", f"{here}:{shelf.copy},{other}:{shelf.copy}")
    refused = await shelf.restore(*mapping, backup="both")
    assert refused.code == 4
    assert f"two objects of the backup would become configmaps {shelf.copy}/same" in refused.err
    await shelf.place.sandbox.kubectl("delete", "namespace", other, "--wait=false")


async def test_one_that_is_being_deleted_is_made_as_soon_as_it_is_gone(shelf: Shelf) -> None:
    place = shelf.place
    held = {"finalizers": ["tests.holdfast.dev/held"]}
    old = await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "app", metadata=held))
    await shelf.save()
    await place.delete(CONFIG_MAPS, "app")
    running = await shelf.program.start(
        *("restore", "create", "back", "--from-backup", "nightly", "--location", f"file:{shelf.folder}"),
    )
    await place.patch(CONFIG_MAPS, "app", {"metadata": {"finalizers": None}})
    _, err = await running.communicate()
    assert running.returncode == 0, err.decode()
    assert (await place.get(CONFIG_MAPS, "app"))["metadata"]["uid"] != old["metadata"]["uid"]
    await place.patch(CONFIG_MAPS, "app", {"metadata": {"finalizers": None}})


async def test_a_claim_and_its_data_are_never_made_anew(shelf: Shelf) -> None:
    await shelf.place.claim(data="precious")
    await shelf.save()
    await shelf.place.patch(CLAIMS, "data", {"metadata": {"labels": {"new": "x"}}})
    uid = (await shelf.place.get(CLAIMS, "data"))["metadata"]["uid"]
    await shelf.restored("--on-conflict", "pvc=recreate")
    assert (await shelf.place.get(CLAIMS, "data"))["metadata"]["uid"] == uid
    assert await shelf.place.read_data() == "precious"


async def test_accounts_gain_what_they_lack(shelf: Shelf) -> None:
    place = shelf.place
    await until(lambda: place.find(SERVICE_ACCOUNTS, "default"))
    await place.patch(SERVICE_ACCOUNTS, "default", {"imagePullSecrets": [{"name": "registry"}]})
    await shelf.save()
    await place.patch(SERVICE_ACCOUNTS, "default", {"imagePullSecrets": [{"name": "other"}]})
    await shelf.restored()
    account = await place.get(SERVICE_ACCOUNTS, "default")
    assert account["imagePullSecrets"] == [{"name": "other"}, {"name": "registry"}]


async def test_a_plan_says_what_a_restore_then_does_and_changes_nothing(shelf: Shelf) -> None:
    await changed(shelf)
    before = await maps(shelf.place)
    flags = ("--existing-resource-policy", "update")
    planned = await shelf.restored(*flags, "--dry-run")
    assert await maps(shelf.place) == before
    assert not (shelf.folder / "restores").exists()
    done = await shelf.restored(*flags)
    assert acts(planned) == acts(done)
    (entry,) = [each for each in planned["objects"] if each["name"] == "changed"]
    assert {"path": "data.a", "old": "live", "new": "saved"} in entry["changes"]
    assert all(each["checked"] for each in planned["objects"])


async def test_a_plan_marks_what_the_server_cannot_check_yet(shelf: Shelf) -> None:
    await changed(shelf)
    planned = await shelf.copied("--dry-run")
    checked = {f"{each['resource']}/{each['name']}": each["checked"] for each in planned["objects"]}
    assert checked[f"namespaces/{shelf.copy}"]
    assert not checked["configmaps/gone"]


async def test_a_plan_in_words(shelf: Shelf) -> None:
    await changed(shelf)
    ended = await shelf.program("restore", "plan", "nightly", "--location", f"file:{shelf.folder}")
    assert ended.code == 0, ended.err
    place = shelf.place.namespace
    assert f"+ configmaps {place}/gone\n" in ended.out
    assert f'= configmaps {place}/changed\n    data.a: "live" -> "saved"\n' in ended.out
    assert "Plan of restoring nightly: 1 created" in ended.out


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (("--include-resources", "nodes"), 4, "'nodes' is never restored"),
        (("--include-namespaces", "a", "--exclude-namespaces", "a"), 4, "both includes and excludes 'a'"),
        (("--namespace-mappings", "shop"), 2, "--namespace-mappings: 'shop' is no pair"),
        (("--on-conflict", "pods=maybe"), 2, "'maybe' is no way"),
        (("-l", "a=b", "--or-selector", "c=d"), 2, "Both --selector and --or-selector"),
        (("-l", "a=="), 0, ""),
        (("-l", "a b"), 4, "'a b' in the selector"),
    ],
)
async def test_what_cannot_be_followed_is_refused_before_anything_is_touched(
    shelf: Shelf, flags: tuple[str, ...], code: int, said: str
) -> None:
    await shelf.save()
    ended = await shelf.restore(*flags, "--dry-run")
    assert ended.code == code, ended.err
    assert said in ended.err


async def test_a_backup_that_is_not_there_or_torn_is_named_and_nothing_is_made(shelf: Shelf) -> None:
    await changed(shelf)
    missing = await shelf.restore(backup="nosuch")
    assert (missing.code, "has no backup nosuch" in missing.err) == (3, True)
    tarball = shelf.folder / "backups/nightly/nightly.tar.gz"
    whole = tarball.read_bytes()
    tarball.write_bytes(whole[: len(whole) // 2])
    torn = await shelf.restore()
    assert torn.code == 1
    assert "the tarball of backup nightly is damaged" in torn.err
    assert "gone" not in await maps(shelf.place)
