"""Pods that run: asked, listened to, replaced, and left alone by whatever dies beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support import objects, pods
from support.pods import FOREVER
from support.waiting import until

from holdfast.api.resource import PODS, STATEFUL_SETS
from holdfast_sandbox import Refused

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster


def stateful_set(name: str, replicas: int, script: str) -> Manifest:
    """A set whose members have a claim `data-NAME-ORDINAL` each, and are ready when `/data/me` has something."""
    labels = {"app": name}
    probe = {"exec": {"command": ["test", "-s", "/data/me"]}, "periodSeconds": 1}
    spec = {"terminationGracePeriodSeconds": 0, "containers": [pods.container(script, readinessProbe=probe)]}
    return objects.manifest(
        STATEFUL_SETS,
        name,
        spec={
            "replicas": replicas,
            "serviceName": name,
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
            "volumeClaimTemplates": [objects.claim("data", size="16Mi", storageClassName="dir-wait")],
        },
    )


async def started(place: Place, name: str) -> tuple[str, int]:
    """When a pod's container was started, and how often again."""
    status = (await place.get(PODS, name))["status"]["containerStatuses"][0]
    return status["state"]["running"]["startedAt"], status["restartCount"]


async def ready(place: Place, name: str, replicas: int) -> None:
    """Wait until a set has so many ready members."""

    async def found() -> bool:
        status = (await place.get(STATEFUL_SETS, name)).get("status", {})
        return bool(status.get("readyReplicas") == replicas)

    await until(found)


async def test_each_member_of_a_set_keeps_its_data_when_it_is_replaced(home: Place) -> None:
    await home.create(STATEFUL_SETS, stateful_set("db", 2, f"hostname >> /data/me; {FOREVER}"))
    await ready(home, "db", 2)
    first = (await home.get(PODS, "db-1"))["metadata"]["uid"]

    await home.delete(PODS, "db-1")

    async def replaced() -> bool:
        pod = await home.get(PODS, "db-1")
        return bool(pod["metadata"]["uid"] != first and pod["status"]["phase"] == "Running")

    await until(replaced)
    assert await pods.ask(home, "db-1", "cat /data/me") == "db-1\ndb-1\n"
    assert await pods.ask(home, "db-0", "cat /data/me") == "db-0\n"


async def test_a_command_in_a_pod_has_its_own_exit_code_and_input(home: Place) -> None:
    await home.claim(size="16Mi")
    await home.create(PODS, pods.pod("user", f"echo started; {FOREVER}"))
    await pods.phase(home, "user", "Running")

    assert await pods.said(home, "user") == "started\n"
    with pytest.raises(Refused, match="exit code 7"):
        await pods.ask(home, "user", "exit 7")
    command = ("-n", home.namespace, "exec", "-i", "user", "--", "cat")
    assert await home.sandbox.kubectl(*command, input="echoed") == "echoed"


async def test_a_pod_reaches_the_api_server_where_every_cluster_has_it(home: Place) -> None:
    await home.claim(size="16Mi")
    script = "nc -w 5 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT </dev/null && echo reached"
    assert await pods.run(home, "asking", script) == "reached\n"


@pytest.mark.parametrize("component", ["kubelet", "containerd", "driver"])
async def test_a_killed_component_comes_back_and_pods_do_not_notice(home: Place, component: str) -> None:
    await home.claim(size="16Mi")
    await home.create(PODS, pods.pod("user", f"echo kept > /data/file; {FOREVER}"))
    await pods.phase(home, "user", "Running")
    before = await started(home, "user")

    await home.sandbox.kill(component)

    await until(lambda: runs(home.sandbox, component))
    assert await until(lambda: answered(home)) == "kept\n"
    assert await started(home, "user") == before
    await home.claim("next", size="16Mi")
    assert await pods.run(home, "next", "echo works", "next") == "works\n"
    assert await started(home, "user") == before


async def runs(sandbox: Sandbox, component: str) -> bool:
    states: list[dict[str, Any]] = (await sandbox.status())["components"]
    return any(each["name"] == component and each["state"] == "running" for each in states)


async def answered(home: Place) -> str:
    try:
        return await pods.ask(home, "user", "cat /data/file")
    except Refused as error:
        raise AssertionError(str(error)) from error


async def test_a_stopped_kubelet_starts_no_pod_until_it_is_started(home: Place) -> None:
    await home.claim(size="16Mi")
    await home.sandbox.stop("kubelet")
    await home.create(PODS, pods.pod("late", "echo late"))

    async def placed() -> bool:
        return "nodeName" in (await home.get(PODS, "late"))["spec"]

    await until(placed)
    assert (await home.get(PODS, "late"))["status"]["phase"] == "Pending"
    await home.sandbox.start("kubelet")
    await pods.phase(home, "late", "Succeeded")
