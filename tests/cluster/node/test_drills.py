"""Restore drills whose pods run: commands and checksums that agree, fail, and never end."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from support import drills, objects, pods
from support.images import load_holdfast
from support.operators import operating
from support.places import new_place
from support.waiting import until

from holdfast.api.resource import CLAIMS, PODS, RESTORE_DRILLS, SNAPSHOT_GROUPS, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.objects import Manifest
    from support.places import Place

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(node_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """A group whose restore point has two files, and one operator; no test changes anything but its own drill."""
    folder = tmp_path_factory.mktemp("operator")
    image = await load_holdfast(node_sandbox, folder)
    async with (
        new_place(node_sandbox, "drills") as place,
        operating(node_sandbox.kubeconfig, folder, flags=["--image", image]),
    ):
        await place.claim(size="16Mi", storageClassName="dir-wait", bound=False)
        await pods.run(
            place, "writer", "echo one > /data/a; mkdir /data/deep; echo two > '/data/deep/b c'; sync"
        )
        await place.group()
        await place.group_snapshot("backups", 1600000000)
        yield place


def command(script: str, **fields: Any) -> Manifest:  # noqa: ANN401  of a check's pod
    return {"pod": {"image": pods.IMAGE, "command": ["sh", "-c", script]} | fields}


async def clean(place: Place, result: Manifest) -> Manifest:
    """The result of a run that has left nothing behind."""
    assert not await drills.leftovers(place)
    assert (await place.get(CLAIMS, "data"))["status"]["phase"] == "Bound"
    return result


async def test_a_command_that_finds_the_data_proves_it(shop: Place) -> None:
    script = (
        'test "$(cat /data/a) $(cat "/data/deep/b c") $X" = "one two 3" && echo fine > /dev/termination-log'
    )
    await drills.create(shop, "finds", check=command(script, env=[{"name": "X", "value": "3"}]))
    proven = await clean(shop, await drills.run(shop, "finds"))
    assert proven["result"] == "Proven", proven
    assert proven["message"] == "the command ended with exit code 0: fine"


async def test_a_command_that_fails_is_quoted(shop: Place) -> None:
    script = "exec >&2; cat /data/a; echo 'table orders is empty'; exit 3"
    await drills.create(shop, "fails", check=command(script))
    failed = await clean(shop, await drills.run(shop, "fails"))
    assert failed["result"] == "Failed"
    assert failed["message"] == "the check failed: exit code 3: one\ntable orders is empty"


@pytest.mark.parametrize(
    ("name", "second", "result", "said"),
    [
        ("agree", "two\n", "Proven", "the checksums agree: 2 files"),
        ("differ", "2\n", "Failed", "1 of 2 files do not agree"),
    ],
)
async def test_each_file_has_to_have_its_checksum(
    shop: Place, name: str, second: str, result: str, said: str
) -> None:
    files = {"a": "one\n", "deep/b c": second}
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {file}" for file, text in files.items()]
    await shop.create(CONFIG_MAPS, objects.manifest(CONFIG_MAPS, name, data={"SHA256SUMS": "\n".join(sums)}))
    await drills.create(shop, name, check={"manifest": {"configMap": name}})
    found = await clean(shop, await drills.run(shop, name))
    assert found["result"] == result, found
    assert said in found["message"]
    assert ("deep/b c: has checksum " in found["message"]) is (result == "Failed")


async def test_a_command_that_never_ends_is_ended(shop: Place) -> None:
    await drills.create(shop, "endless", check=command(pods.FOREVER))
    await drills.ask(shop, name="endless")
    run = await drills.phase(shop, "Checking", "endless")
    await pods.phase(shop, run["scratch"], "Running")
    await shop.patch(RESTORE_DRILLS, "endless", {"spec": {"timeout": "1s"}})
    failed = await clean(shop, await drills.result(shop, "endless"))
    assert failed["message"] == "the check did not end within 1s"


async def test_an_image_that_does_not_exist_is_named(shop: Place) -> None:
    await drills.create(shop, "pulls", check={"pod": {"image": "localhost/nobody/has:this"}})
    await drills.ask(shop, name="pulls")
    run = await drills.phase(shop, "Checking", "pulls")

    async def refused() -> bool:
        (status,) = (await shop.get(PODS, run["scratch"]))["status"]["containerStatuses"]
        return "ImagePull" in status["state"]["waiting"]["reason"]

    await until(refused)
    await shop.patch(RESTORE_DRILLS, "pulls", {"spec": {"timeout": "1s"}})
    failed = await clean(shop, await drills.result(shop, "pulls"))
    assert "ImagePull" in failed["message"]


async def test_a_command_finds_every_claim_of_a_set(shop: Place) -> None:
    names = ["log-db-0", "log-db-1"]
    for name in names:
        labels = {"labels": {"app": "log"}}
        await shop.claim(name, size="16Mi", storageClassName="dir-wait", bound=False, metadata=labels)
        await pods.run(shop, f"writer-{name}", f"echo {name} > /data/name; sync", name)
    by_label = {"selector": {"matchLabels": {"app": "log"}}}
    group = await shop.create(SNAPSHOT_GROUPS, objects.group("log", persistentVolumeClaim=by_label))
    await shop.group_set(group, 1600000000, names)
    script = "for n in log-db-0 log-db-1; do test $(cat /data/$n/name) = $n || exit 1; done"
    await drills.create(shop, "whole", group="log", check=command(script))
    proven = await clean(shop, await drills.run(shop, "whole"))
    assert proven["result"] == "Proven", proven
    digests = {n: hashlib.sha256(n.encode() + b"\n").hexdigest() for n in names}
    sums = [f"{digest}  {n}/name" for n, digest in digests.items()]
    await shop.create(
        CONFIG_MAPS, objects.manifest(CONFIG_MAPS, "whole", data={"SHA256SUMS": "\n".join(sums)})
    )
    await drills.create(shop, "sums", group="log", check={"manifest": {"configMap": "whole"}})
    agreed = await clean(shop, await drills.run(shop, "sums"))
    assert agreed["message"] == "the checksums agree: 2 files", agreed
