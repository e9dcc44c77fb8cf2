"""The chart in a cluster: installed, upgraded, taken over from something else, uninstalled."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cluster.cli.clearing import GROUPS, RESTORES
from cluster.cli.installations import EARLIER, GEMINIS, GROUP, exists, get
from support.charts import CHART, HelmError, Releases
from support.waiting import until

from holdfast.operator.manifests import Settings, installation
from holdfast.operator.manifests.settings import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

TAKE_OVER = ("--take-ownership", "--force-conflicts")


@pytest.fixture
def namespace_of_test(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")[:60]


@pytest.fixture
def releases(bare: Sandbox, namespace_of_test: str, tmp_path: Path) -> Releases:
    return Releases(bare, namespace_of_test, tmp_path)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The chart of a version before, whose SnapshotGroups cannot be suspended and whose operator may do less."""
    chart = shutil.copytree(CHART, tmp_path / "older")
    file = chart / "files" / "crds" / f"{GROUPS}.yaml"
    definition = yaml.safe_load(file.read_text())
    for version in definition["spec"]["versions"]:
        del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["suspend"]
    file.write_text(yaml.safe_dump(definition))
    rights = chart / "files" / "rights.yaml"
    rules = yaml.safe_load(rights.read_text())
    rights.write_text(yaml.safe_dump(rules | {"clusterWide": rules["clusterWide"][1:]}))
    return chart


def _fields(definition: dict[str, Any]) -> set[str]:
    (schema,) = {json.dumps(v["schema"]["openAPIV3Schema"]) for v in definition["spec"]["versions"]}
    return set(json.loads(schema)["properties"]["spec"]["properties"])


async def test_its_pods_are_admitted_under_the_strictest_standard(
    bare: Sandbox, releases: Releases, namespace_of_test: str
) -> None:
    await bare.kubectl("create", "namespace", namespace_of_test)
    strict = "pod-security.kubernetes.io/enforce=restricted"
    await bare.kubectl("label", "namespace", namespace_of_test, strict)
    said = await releases.bring()
    assert f"is installed in namespace {namespace_of_test}" in said

    async def admitted() -> bool:
        pods = await get(bare, "-n", namespace_of_test, "pods", "-l", f"app.kubernetes.io/name={NAME}")
        return len(pods["items"]) == 2

    await until(admitted)


async def test_an_upgrade_brings_new_fields_and_rights_and_leaves_objects_alone(
    bare: Sandbox, releases: Releases, older: Path
) -> None:
    await releases.bring(chart=older)
    assert "suspend" not in _fields(await get(bare, "crd", GROUPS))
    await bare.kubectl("wait", "--for=condition=Established", f"crd/{GROUPS}")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GROUP))
    before = await get(bare, GROUPS, "postgres-backups")
    await releases.bring()
    after = await get(bare, GROUPS, "postgres-backups")
    assert (after["spec"], after["metadata"]) == (before["spec"], before["metadata"])
    assert "suspend" in _fields(await get(bare, "crd", GROUPS))
    (role,) = (m for m in installation(Settings()) if m["kind"] == "ClusterRole")
    assert (await get(bare, "clusterrole", NAME))["rules"] == role["rules"]


async def test_uninstalling_leaves_kinds_and_objects(bare: Sandbox, releases: Releases) -> None:
    await releases.bring()
    await bare.kubectl("wait", "--for=condition=Established", f"crd/{GROUPS}")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GROUP))
    await releases("uninstall", NAME)
    assert not await exists(bare, "clusterrole", NAME)
    assert await exists(bare, GROUPS, "postgres-backups")
    assert await exists(bare, "crd", RESTORES)
    await releases.bring("--take-ownership")
    assert await exists(bare, GROUPS, "postgres-backups")


async def test_without_crds_install_upgrading_leaves_the_kinds_where_they_are(
    bare: Sandbox, releases: Releases
) -> None:
    await releases.bring()
    await releases.bring("--set", "crds.install=false")
    assert await exists(bare, "crd", GROUPS)


async def test_geminis_kind_is_taken_over_when_asked(bare: Sandbox, releases: Releases) -> None:
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GEMINIS))
    await bare.kubectl("wait", "--for=condition=Established", f"crd/{GROUPS}")
    await bare.kubectl("create", "-f", "-", input=yaml.safe_dump(GROUP))
    before = await get(bare, GROUPS, "postgres-backups")
    with pytest.raises(HelmError, match="invalid ownership metadata"):
        await releases.bring()
    await releases.bring(*TAKE_OVER)
    after = await get(bare, GROUPS, "postgres-backups")
    assert (after["spec"], after["metadata"]) == (before["spec"], before["metadata"])
    assert "suspend" in _fields(await get(bare, "crd", GROUPS))


async def test_it_takes_over_what_the_version_before_installed(
    bare: Sandbox, releases: Releases, namespace_of_test: str
) -> None:
    text = EARLIER.read_text().replace(Settings().namespace, namespace_of_test)
    await bare.kubectl("apply", "--server-side", "--field-manager=holdfast", "-f", "-", input=text)
    await releases.bring(*TAKE_OVER)
    deployment = await get(bare, "-n", namespace_of_test, "deployment", NAME)
    assert deployment["spec"]["replicas"] == 2
    assert deployment["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
