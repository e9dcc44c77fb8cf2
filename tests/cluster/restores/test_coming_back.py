"""Objects of a namespace come back, under their own name or another, once and whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cluster.restores.conftest import acts
from support import objects
from support.waiting import until

from holdfast.api.resource import (
    CLAIMS,
    DEPLOYMENTS,
    NAMESPACES,
    REPLICA_SETS,
    SERVICES,
    VOLUMES,
    Resource,
)

if TYPE_CHECKING:
    from cluster.restores.conftest import Shelf
    from support.places import Place

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
ROLES = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role")
BINDINGS = Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
LABELS = {"app": "web"}


def deployment() -> dict[str, Any]:
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": LABELS}, "template": template}
    return objects.manifest(DEPLOYMENTS, "web", spec=spec)


def node_port() -> dict[str, Any]:
    spec = {"type": "NodePort", "selector": LABELS, "ports": [{"port": 80}]}
    return objects.manifest(SERVICES, "web", spec=spec)


async def elsewhere(shelf: Shelf, resource: Resource, name: str) -> dict[str, Any]:
    """An object of the copy."""
    return await shelf.place.client.get(resource, name, shelf.copy)


async def test_a_copy_has_everything_and_its_references_point_into_the_copy(shelf: Shelf) -> None:
    place = shelf.place
    await place.create(
        CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "app", data={"a": "Ünï ✓"}, metadata={"labels": LABELS})
    )
    await place.create(SECRETS, objects.manifest(SECRETS, "key", stringData={"password": "s3cret"}))
    await place.create(DEPLOYMENTS, deployment())
    await place.create(SERVICES, node_port())
    await place.create(ROLES, objects.manifest(ROLES, "reader", rules=[]))
    subject = {"kind": "ServiceAccount", "name": "default", "namespace": place.namespace}
    reference = {"apiGroup": ROLES.group, "kind": "Role", "name": "reader"}
    await place.create(BINDINGS, objects.manifest(BINDINGS, "reader", roleRef=reference, subjects=[subject]))
    replicas = await until(lambda: only(place, REPLICA_SETS))
    await shelf.save()

    document = await shelf.copied()
    assert document["phase"] == "Completed"
    assert not document["warnings"], "what every cluster makes by itself is no reason to warn"
    app = await elsewhere(shelf, CONFIG_MAPS, "app")
    assert app["data"] == {"a": "Ünï ✓"}
    assert app["metadata"]["labels"] == LABELS | {
        "velero.io/backup-name": "nightly",
        "velero.io/restore-name": "back",
    }
    assert (await elsewhere(shelf, SECRETS, "key"))["data"] == {"password": "czNjcmV0"}
    assert (await elsewhere(shelf, BINDINGS, "reader"))["subjects"][0]["namespace"] == shelf.copy
    web = await elsewhere(shelf, DEPLOYMENTS, "web")
    (owner,) = (await elsewhere(shelf, REPLICA_SETS, replicas["metadata"]["name"]))["metadata"][
        "ownerReferences"
    ]
    assert owner["uid"] == web["metadata"]["uid"]
    assert (await elsewhere(shelf, SERVICES, "web"))["spec"]["ports"][0]["nodePort"] != (
        await place.get(SERVICES, "web")
    )["spec"]["ports"][0]["nodePort"]


async def only(place: Place, resource: Resource) -> dict[str, Any]:
    (found,) = (await place.client.list(resource, place.namespace)).items
    return found


async def test_an_owner_has_its_new_uid_and_one_that_is_gone_is_dropped_and_told(shelf: Shelf) -> None:
    place = shelf.place
    owner = await place.create(DEPLOYMENTS, deployment())
    await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "owner"))
    gone = await place.get(CONFIG_MAPS, "owner")
    for name, of in (("mine", owner), ("orphan", gone)):
        reference = {key: of[key] for key in ("apiVersion", "kind")}
        reference |= {key: of["metadata"][key] for key in ("name", "uid")}
        await place.create(
            SECRETS, objects.manifest(SECRETS, name, metadata={"ownerReferences": [reference]})
        )
    await shelf.save()

    document = await shelf.copied("--exclude-resources", "configmaps")
    mine, orphan = [await elsewhere(shelf, SECRETS, name) for name in ("mine", "orphan")]
    web = await elsewhere(shelf, DEPLOYMENTS, "web")
    assert [each["uid"] for each in mine["metadata"]["ownerReferences"]] == [web["metadata"]["uid"]]
    assert "ownerReferences" not in orphan["metadata"]
    (said,) = document["warnings"][shelf.copy]
    assert "Secret:orphan comes back without its owner ConfigMap:owner" in said


async def test_a_port_of_nodes_that_is_taken_does_not_cost_the_service(shelf: Shelf) -> None:
    made = await shelf.place.create(SERVICES, node_port())
    await shelf.save()
    document = await shelf.copied("--preserve-nodeports")
    copy = await elsewhere(shelf, SERVICES, "web")
    assert copy["spec"]["ports"][0]["nodePort"] != made["spec"]["ports"][0]["nodePort"]
    assert document["warnings"][shelf.copy] == [
        "Service:web got other node ports: those that it had are taken"
    ]


async def test_who_applied_an_object_can_go_on_to_apply_it(shelf: Shelf) -> None:
    place = shelf.place

    async def apply(data: dict[str, str], namespace: str) -> None:
        body = objects.manifest(CONFIG_MAPS, "app", data=data, metadata={"namespace": namespace})
        command = ("apply", "--server-side", "--field-manager=gitops", "-f", "-")
        await place.sandbox.kubectl(*command, input=json.dumps(body))

    await apply({"a": "1", "b": "1"}, place.namespace)
    await shelf.save()
    await shelf.copied()
    await apply({"a": "2"}, shelf.copy)
    assert (await elsewhere(shelf, CONFIG_MAPS, "app"))["data"] == {"a": "2"}


async def test_a_namespace_on_its_way_out_is_waited_for(shelf: Shelf) -> None:
    place = shelf.place
    held = {"finalizers": ["tests.holdfast.dev/held"]}
    await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "held", metadata=held))
    await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "app", data={"a": "1"}))
    await shelf.save()
    old = await place.get(NAMESPACES, place.namespace)
    await place.client.delete(NAMESPACES, place.namespace)
    running = await shelf.program.start(
        *("restore", "create", "back", "--from-backup", "nightly", "--location", f"file:{shelf.folder}"),
    )
    await place.patch(CONFIG_MAPS, "held", {"metadata": {"finalizers": None}})
    _, err = await running.communicate()
    assert running.returncode == 0, err.decode()
    assert (await place.get(NAMESPACES, place.namespace))["metadata"]["uid"] != old["metadata"]["uid"]
    assert (await place.get(CONFIG_MAPS, "app"))["data"] == {"a": "1"}
    await place.patch(CONFIG_MAPS, "held", {"metadata": {"finalizers": None}})


async def test_a_kind_that_is_not_served_is_named_and_the_rest_comes_back(shelf: Shelf) -> None:
    place = shelf.place
    await place.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "app"))
    kind = {"group": "passing.example", "plural": f"things{place.namespace[-6:]}"}
    await define(place, **kind)
    thing = Resource(kind["group"], "v1", kind["plural"], "Thing")
    await until(lambda: place.create(thing, objects.manifest(thing, "it")))
    await shelf.save()
    await place.sandbox.kubectl("delete", "crd", f"{kind['plural']}.{kind['group']}")
    ended = await shelf.restore(
        "--namespace-mappings", f"{place.namespace}:{shelf.copy}", "--exclude-resources", "crd"
    )
    assert ended.code == 9
    assert ended.json["phase"] == "PartiallyFailed"
    (said,) = ended.json["errors"][shelf.copy]
    assert f"the cluster has no resource type {kind['plural']}.{kind['group']}" in said
    assert await elsewhere(shelf, CONFIG_MAPS, "app")


async def test_a_definition_comes_back_before_what_it_defines(shelf: Shelf) -> None:
    place = shelf.place
    kind = {"group": "coming.example", "plural": f"things{place.namespace[-6:]}"}
    await define(place, **kind)
    thing = Resource(kind["group"], "v1", kind["plural"], "Thing")
    await until(lambda: place.create(thing, objects.manifest(thing, "it")))
    await shelf.save()
    await place.sandbox.kubectl("delete", "crd", f"{kind['plural']}.{kind['group']}")
    document = await shelf.copied()
    assert acts(document)[f"{thing.qualified}/it"] == "created"
    await place.sandbox.kubectl("delete", "crd", f"{kind['plural']}.{kind['group']}")


async def define(place: Place, group: str, plural: str) -> None:
    """A kind Thing."""
    schema = {"openAPIV3Schema": {"type": "object"}}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": plural, "kind": "Thing", "listKind": "ThingList"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    await place.sandbox.kubectl("apply", "-f", "-", input=json.dumps(crd))


async def test_a_kept_volume_is_freed_for_the_claim_that_comes_back(shelf: Shelf) -> None:
    place = shelf.place
    await place.claim(data="precious")
    volume = await place.volume()
    name = volume["metadata"]["name"]
    await place.patch(VOLUMES, name, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    await shelf.save()
    await place.delete(CLAIMS, "data")

    async def released() -> bool:
        return bool((await place.get(VOLUMES, name))["status"]["phase"] == "Released")

    await until(released)
    document = await shelf.restored()
    assert acts(document)[f"persistentvolumes/{name}"] == "updated"
    await place.bound()
    assert await place.read_data() == "precious"
    await place.patch(VOLUMES, name, {"spec": {"persistentVolumeReclaimPolicy": "Delete"}})


async def test_a_copy_never_takes_the_volume_of_the_original(shelf: Shelf) -> None:
    place = shelf.place
    await place.claim(data="precious")
    name = (await place.volume())["metadata"]["name"]
    await place.patch(VOLUMES, name, {"spec": {"persistentVolumeReclaimPolicy": "Retain"}})
    await shelf.save()
    ended = await shelf.restore("--namespace-mappings", f"{place.namespace}:{shelf.copy}")
    assert ended.code == 9
    assert f"volume {name} belongs to claim {place.namespace}/data" in ended.json["errors"][""][0]
    assert await place.read_data() == "precious"
    await place.patch(VOLUMES, name, {"spec": {"persistentVolumeReclaimPolicy": "Delete"}})
