"""What people do with our kinds: explain, get, apply and edit by kubectl, and the manifests of Gemini's article."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cluster.claims.scenes import staged
from support.waiting import until

from holdfast.api.resource import SNAPSHOT_GROUPS, VOLUME_RESTORES
from holdfast_sandbox import Refused

if TYPE_CHECKING:
    from support.places import Place

pytestmark = pytest.mark.cluster

ARTICLE = Path(__file__).with_name("article.yaml")
TIERS = [
    *({"every": "10 minutes", "keep": 3}, {"every": "hour", "keep": 1}, {"every": "day", "keep": 1}),
    *({"every": "week", "keep": 1}, {"every": "month", "keep": 1}, {"every": "year", "keep": 1}),
]


async def kubectl(place: Place, *arguments: str, text: str | None = None) -> str:
    return await place.sandbox.kubectl("-n", place.namespace, *arguments, input=text)


async def explained(place: Place, *arguments: str) -> str:
    """What `kubectl explain` says; a server that has just got a definition publishes its schema a little later."""

    async def found() -> str:
        try:
            return await kubectl(place, "explain", *arguments)
        except Refused:
            return ""

    return await until(found)


async def test_fields_are_explained(place: Place) -> None:
    for version in ("v1", "v1beta1"):
        said = await explained(place, "sg.spec.schedule", f"--api-version=gemini.fairwinds.com/{version}")
        assert "How many to keep besides the newest one." in " ".join(said.split())
    said = await explained(place, "volumerestore.spec.rollback")
    assert "Bring the old volume back." in said
    said = await explained(place, "snapshotgroup.status.conditions")
    assert "message" in said


async def test_columns_answer_whether_one_is_safe(place: Place) -> None:
    scene = await staged(place)
    await scene.ask()
    await scene.settled()
    head, line = (await kubectl(place, "get", "sg")).splitlines()
    assert head.split() == ["NAME", "CLAIM", "READY", "NEWEST", "NEXT", "STATE", "AGE"]
    assert line.split()[:2] == ["data", "data"]
    head, line = (await kubectl(place, "get", "vr")).splitlines()
    assert head.split() == ["NAME", "CLAIM", "SNAPSHOT", "PHASE", "DOING", "AGE"]
    assert line.split()[:4] == ["data", "data", scene.snapshot["metadata"]["name"], "Settle"]
    assert "the data is back" in line
    wide = await kubectl(place, "get", "vr", "-o", "wide")
    assert scene.old_name in wide
    assert len((await kubectl(place, "get", "holdfast")).splitlines()) >= 4


@pytest.mark.parametrize("version", ["v1beta1", "v1"])
async def test_the_manifests_of_the_article_are_accepted(place: Place, version: str) -> None:
    first, second, _ = yaml.safe_load_all(ARTICLE.read_text())
    for document, tiers in ((first, TIERS[:1]), (second, TIERS)):
        wanted = document | {"apiVersion": f"gemini.fairwinds.com/{version}"}
        await kubectl(place, "apply", "-f", "-", text=json.dumps(wanted))
        group = await place.get(SNAPSHOT_GROUPS, "postgres-backups")
        assert (
            group["spec"]
            == document["spec"]
            == {
                "persistentVolumeClaim": {"claimName": "postgres-data"},
                "schedule": tiers,
            }
        )
        again = await kubectl(place, "apply", "-f", "-", text=json.dumps(wanted))
        assert "unchanged" in again
    condition = await until(lambda: accepted(place))
    assert condition["status"] == "True"


async def accepted(place: Place) -> dict[str, Any] | None:
    group = await place.get(SNAPSHOT_GROUPS, "postgres-backups")
    conditions = group.get("status", {}).get("conditions", [])
    return next((c for c in conditions if c["type"] == "Accepted"), None)


async def test_the_second_claim_of_the_article_has_the_data_of_then(place: Place) -> None:
    *_, claim = yaml.safe_load_all(ARTICLE.read_text())
    await place.claim("postgres-data", data="photos")
    await place.group_snapshot("postgres-backups", 1585945609, "postgres-data")
    await kubectl(place, "apply", "-f", "-", text=json.dumps(claim))
    await place.bound("restore-pvc")
    assert await place.read_data("restore-pvc") == "photos"


async def test_a_group_can_be_edited(place: Place, tmp_path: Path) -> None:
    await place.group()
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/^  schedule: .*/  suspend: true/' \"$1\"\n")
    editor.chmod(0o700)
    kubeconfig = str(place.sandbox.kubeconfig)
    process = await asyncio.create_subprocess_exec(
        *(place.sandbox.kubectl_path, "--kubeconfig", kubeconfig, "-n", place.namespace),
        *("edit", "snapshotgroup", "backups"),
        env=os.environ | {"KUBE_EDITOR": str(editor)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert b"edited" in out
    assert (await place.get(SNAPSHOT_GROUPS, "backups"))["spec"]["suspend"] is True


async def test_a_misspelt_field_is_named(place: Place) -> None:
    body = yaml.safe_load(ARTICLE.read_text().split("---")[0])
    body["spec"]["shedule"] = []
    with pytest.raises(Refused, match=r'unknown field "spec.shedule"'):
        await kubectl(place, "apply", "-f", "-", text=json.dumps(body))


async def test_a_restore_lacks_nothing_it_cannot_do_without(place: Place) -> None:
    body = {"apiVersion": VOLUME_RESTORES.api_version, "kind": "VolumeRestore", "metadata": {"name": "x"}}
    with pytest.raises(Refused, match=r"spec.claimName: Required value"):
        await kubectl(place, "create", "-f", "-", text=json.dumps(body | {"spec": {"snapshotName": "s"}}))
