"""The pages of docs/articles: each command as it stands there, from top to bottom, on a cluster whose pods run."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import yaml
from support import objects, pods
from support.images import load_program
from support.operators import operating
from support.places import new_place
from support.pods import FOREVER
from support.waiting import until

from holdfast.api.resource import (
    CLAIMS,
    DEPLOYMENTS,
    PODS,
    SNAPSHOT_CLASSES,
    SNAPSHOTS,
    STATEFUL_SETS,
    STORAGE_CLASSES,
    VOLUME_RESTORES,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.objects import Manifest
    from support.places import Place

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

ARTICLES = Path(__file__).parents[2] / "docs" / "articles"
DRIVER = "dir.csi.holdfast.dev"
COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
PATIENCE = 240.0  # seconds for a page
KAFKA = "/var/lib/kafka/data"


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def operated(node_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """The cluster with a node, and an operator at work in it."""
    async with operating(node_sandbox.kubeconfig, tmp_path_factory.mktemp("operator")):
        yield node_sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def place(operated: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    async with new_place(operated, request.node.name) as made:
        yield made


def script(page: str) -> str:
    """Every command of a page."""
    return "\n".join(COMMANDS.findall((ARTICLES / page).read_text()))


async def typed(place: Place, commands: str, directory: Path) -> str:
    """What the commands print, typed in a shell whose context is this namespace; none of them fails."""
    config = yaml.safe_load(place.sandbox.kubeconfig.read_text())
    for context in config["contexts"]:
        context["context"]["namespace"] = place.namespace
    (directory / "kubeconfig").write_text(yaml.safe_dump(config))
    programs = f"{place.sandbox.kubectl_path.parent}:{Path(sys.executable).parent}"
    environment = {"KUBECONFIG": str(directory / "kubeconfig"), "PATH": f"{programs}:{os.environ['PATH']}"}
    printed = directory / "printed"
    with printed.open("w") as output:
        shell = await asyncio.create_subprocess_exec(
            *("timeout", f"{PATIENCE:.0f}", "bash", "-euxo", "pipefail", "-c", commands),
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
        code = await shell.wait()
    assert code == 0, printed.read_text()
    return printed.read_text()


def application(name: str, claim: str) -> Manifest:
    """A Deployment of one pod that writes its name into the claim whenever it starts."""
    made = objects.deployment(name, claim=claim)
    made["spec"]["template"]["spec"] |= {
        "containers": [pods.container(f"hostname >> /data/starts; {FOREVER}")],
        "terminationGracePeriodSeconds": 0,
    }
    return made


async def running(place: Place, name: str) -> None:
    async def ready() -> bool:
        return bool((await place.get(DEPLOYMENTS, name))["status"].get("readyReplicas"))

    await until(ready)


async def starts(place: Place, claim: str) -> int:
    """How often a pod had started by what is in the claim."""
    return len((await pods.run(place, f"reader-{claim}", "cat /data/starts", claim)).splitlines())


async def test_gemini(place: Place, tmp_path: Path) -> None:
    await place.create(CLAIMS, objects.claim("postgres-data", size="64Mi"))
    await place.create(DEPLOYMENTS, application("postgres", "postgres-data"))
    await running(place, "postgres")

    await typed(place, script("gemini.md"), tmp_path)

    for claim in ("restore-pvc", "restore-pvc-2"):
        assert await starts(place, claim) >= 1
    (pod,) = (await place.client.list(PODS, place.namespace, labels="app=postgres")).items
    assert len((await pods.ask(place, pod["metadata"]["name"], "cat /data/starts")).splitlines()) == 2


@pytest_asyncio.fixture(loop_scope="session")
async def linstor(place: Place) -> Place:
    """The classes that the article has."""
    storage = objects.manifest(STORAGE_CLASSES, "linstor-ssd-lvmthin-r2", provisioner=DRIVER)
    kinds = [
        objects.manifest(SNAPSHOT_CLASSES, name, driver=DRIVER, deletionPolicy=policy)
        for name, policy in (("linstor", "Delete"), ("linstor-minio", "Retain"))
    ]
    await place.client.create(STORAGE_CLASSES, storage)
    for kind in kinds:
        await place.client.create(SNAPSHOT_CLASSES, kind)
    return place


async def test_snapshots(linstor: Place, tmp_path: Path) -> None:
    for name in ("pvc-template", "mypvc", "db-data"):
        body = objects.claim(name, size="64Mi", storageClassName="linstor-ssd-lvmthin-r2")
        await linstor.create(CLAIMS, body)
        await pods.run(linstor, f"fill-{name}", f"echo {name} > /data/starts", name)
        await linstor.delete(PODS, f"fill-{name}")
    await linstor.create(SNAPSHOTS, objects.snapshot("mydb-backup1", "db-data", class_name="linstor-minio"))
    await linstor.ready("mydb-backup1")
    await linstor.create(DEPLOYMENTS, application("app", "mypvc"))
    await running(linstor, "app")

    await typed(linstor, script("snapshots.md"), tmp_path)

    copies = {"pvc-worker1": "pvc-template", "pvc-worker2": "pvc-template", "restored-data": "db-data"}
    for copy, origin in copies.items():
        assert await pods.run(linstor, f"reads-{copy}", "cat /data/starts", copy) == f"{origin}\n"
    assert await starts(linstor, "mypvc-test") == 2
    (pod,) = (await linstor.client.list(PODS, linstor.namespace, labels="app=app")).items
    assert (await pods.ask(linstor, pod["metadata"]["name"], "cat /data/starts")).startswith("mypvc\napp-")


async def test_kafka(place: Place, tmp_path: Path) -> None:
    """Three brokers whose operator fights whoever stops them, and whose disks are full."""
    await place.client.create(
        SNAPSHOT_CLASSES,
        objects.manifest(SNAPSHOT_CLASSES, "csi-rbdplugin-snapclass", driver=DRIVER, deletionPolicy="Delete"),
    )
    await place.create(STATEFUL_SETS, brokers("es-kafka"))
    await until(lambda: ready_brokers(place))
    await keeper(place, tmp_path)

    await typed(place, script("kafka.md"), tmp_path)

    assert await ready_brokers(place)
    for number in range(3):
        messages = await pods.ask(place, f"es-kafka-{number}", f"cat {KAFKA}/messages; ls {KAFKA}")
        assert messages.startswith(f"es-kafka-{number}\n"), "what was there before the disaster"
        assert "huge" not in messages
    listed = await place.client.list(VOLUME_RESTORES, place.namespace)
    assert [r["status"]["phase"] for r in listed.items] == ["Settle"] * 3


def brokers(name: str) -> Manifest:
    """Three that write for as long as their disks are not full, and then end."""
    write = f"while echo message >> {KAFKA}/messages; do sleep 0.2; done; exit 1"
    script = f"hostname >> {KAFKA}/messages || exit 1; {write}"
    container = pods.container(script, volumeMounts=[{"name": "data", "mountPath": KAFKA}])
    container["readinessProbe"] = {
        "exec": {"command": ["test", "-s", f"{KAFKA}/messages"]},
        "periodSeconds": 1,
    }
    made = objects.stateful_set(name, replicas=3)
    made["spec"]["template"]["spec"] |= {"containers": [container], "terminationGracePeriodSeconds": 0}
    made["spec"]["volumeClaimTemplates"] = [objects.claim("data", size="64Mi")]
    return made


async def ready_brokers(place: Place) -> bool:
    status = (await place.get(STATEFUL_SETS, "es-kafka"))["status"]
    return bool(status.get("readyReplicas") == 3)


async def keeper(place: Place, folder: Path) -> None:
    """The operator, with rights to do harm."""
    image = await load_program(place.sandbox, Path(__file__).with_name("keeper.py"), folder)
    made = objects.deployment("eventstreams-cluster-operator")
    arguments = [place.namespace, "es-kafka", "3"]
    made["spec"]["template"]["spec"] = {
        "containers": [{"name": "keeper", "image": image, "args": arguments, "imagePullPolicy": "Never"}],
        "terminationGracePeriodSeconds": 1,  # gone only when it has really ended
    }
    kubectl = partial(place.sandbox.kubectl, "-n", place.namespace, "create")
    await kubectl(
        "role", "keeper", "--verb=patch,create", "--resource=statefulsets.apps,persistentvolumeclaims"
    )
    await kubectl("rolebinding", "keeper", "--role=keeper", f"--serviceaccount={place.namespace}:default")
    await place.create(DEPLOYMENTS, made)
    await running(place, "eventstreams-cluster-operator")
