"""What the chart renders, without a cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.charts import CHART, NAMESPACE, HelmError, helm, rendered

import holdfast
from holdfast.api.velero_crds import is_veleros
from holdfast.operator.manifests import Settings, charting, installation
from holdfast.operator.manifests.settings import MANAGED_BY, NAME

if TYPE_CHECKING:
    from pathlib import Path

KEPT = {"helm.sh/resource-policy": "keep"}
HELMS = {"helm.sh/chart": f"holdfast-{holdfast.__version__}", "app.kubernetes.io/instance": NAME}
GEMINIS: dict[str, Any] = {
    "image": {"repository": "registry.example.com/gemini", "tag": "v2.1.0", "pullPolicy": "Always"},
    "rbac": {"create": False, "serviceAccountName": "gemini-controller"},
    "verbosity": 5,
    "resources": {
        "requests": {"memory": "64Mi", "cpu": "25m"},
        "limits": {"memory": "512Mi", "cpu": "200m"},
    },
    "tolerations": [{"key": "storage", "operator": "Exists"}],
    "nodeSelector": {"disk": "ssd"},
    "affinity": {"nodeAffinity": {}},
    "additionalPodLabels": {"team": "data"},
    "additionalPodAnnotations": {"note": "kept"},
    "priorityClassName": "high",
    "fullnameOverride": "gemini",
}
"""Every value that Gemini's chart (2.2.0) has."""


def identity(manifest: dict[str, Any]) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def as_installed(manifest: Any) -> Any:  # noqa: ANN401  (any part of an object)
    """A rendered object without the marks of Helm."""
    if isinstance(manifest, list):
        return [as_installed(part) for part in manifest]
    if not isinstance(manifest, dict):
        return manifest
    plain = {key: as_installed(value) for key, value in manifest.items() if (key, value) not in HELMS.items()}
    return plain | ({MANAGED_BY: NAME} if plain.get(MANAGED_BY) == "Helm" else {})


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = (manifest for manifest in objects if manifest["kind"] == kind)
    return found


def test_it_passes_helms_own_check(tmp_path: Path) -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART, home=tmp_path)


def test_it_has_the_version_of_the_program() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (holdfast.__version__, holdfast.__version__)


def test_the_checked_in_rights_are_those_of_the_code() -> None:
    assert charting.DEPLOYED.read_text() == charting.rendered(), f"run `python -m {charting.__name__}`"


@pytest.mark.parametrize("restores", [False, True])
def test_it_installs_what_holdfast_install_prints(tmp_path: Path, *, restores: bool) -> None:
    flags = ("--include-crds", "--set", f"velero.restores={str(restores).lower()}")
    objects = [m for m in rendered(*flags, home=tmp_path) if m["kind"] != "Namespace"]
    kinds = [m for m in objects if m["kind"] == "CustomResourceDefinition" and not is_veleros(m)]
    assert all(manifest["metadata"].pop("annotations") == KEPT for manifest in kinds)
    expected = {identity(m): m for m in installation(Settings(restores=restores)) if m["kind"] != "Namespace"}
    assert {identity(m): as_installed(m) for m in objects} == expected


def test_geminis_values_mean_what_they_mean_there(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(json.dumps(GEMINIS))
    objects = rendered("--values", tmp_path / "values.yaml", home=tmp_path)
    deployment = of_kind(objects, "Deployment")
    template = deployment["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert deployment["metadata"]["name"] == "gemini"
    assert container["image"] == "registry.example.com/gemini:v2.1.0"
    assert (container["imagePullPolicy"], container["resources"]) == ("Always", GEMINIS["resources"])
    assert template["spec"]["serviceAccountName"] == "gemini-controller"
    for name in ("tolerations", "nodeSelector", "affinity", "priorityClassName"):
        assert template["spec"][name] == GEMINIS[name]
    assert GEMINIS["additionalPodLabels"].items() <= template["metadata"]["labels"].items()
    assert template["metadata"]["annotations"] == GEMINIS["additionalPodAnnotations"]


def test_an_account_of_ones_own_gets_no_rights(tmp_path: Path) -> None:
    objects = rendered("--set", "rbac.create=false,rbac.serviceAccountName=mine", home=tmp_path)
    kinds = {manifest["kind"] for manifest in objects}
    assert not kinds & {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
    assert of_kind(objects, "Deployment")["spec"]["template"]["spec"]["serviceAccountName"] == "mine"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("rbac.create=false", "rbac.serviceAccountName"),
        ("replica=3", "additional properties 'replica' not allowed"),
        ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
        ("replicas=two", "/replicas"),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(HelmError) as refused:
        rendered("--set", given, home=tmp_path)
    assert said in str(refused.value)


def test_every_value_has_its_place_in_the_schema() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert schema["properties"].keys() - {"global"} == values.keys()
    assert set(GEMINIS) <= values.keys()


def test_a_release_of_another_name_keeps_its_objects_together(tmp_path: Path) -> None:
    text = helm("template", "nightly", CHART, "--namespace", NAMESPACE, home=tmp_path)
    shared = {"CustomResourceDefinition", "Namespace"}
    objects = [m for m in yaml.safe_load_all(text) if m and m["kind"] not in shared]
    beside = {"nightly-holdfast-velero"}
    assert {manifest["metadata"]["name"] for manifest in objects} == {"nightly-holdfast"} | beside
    for found in objects:
        if found["kind"] in {"RoleBinding", "ClusterRoleBinding"}:
            assert found["roleRef"]["name"] == found["metadata"]["name"]
            assert found["subjects"][0]["name"] == "nightly-holdfast"


def test_the_namespace_of_veleros_objects_stays_and_may_be_the_releases_own(tmp_path: Path) -> None:
    made = of_kind(rendered("--set", "velero.namespace=archive", home=tmp_path), "Namespace")
    assert made["metadata"]["name"] == "archive"
    assert made["metadata"]["annotations"] == KEPT
    one = rendered("--set", f"velero.namespace={NAMESPACE}", home=tmp_path)
    assert not [manifest for manifest in one if manifest["kind"] == "Namespace"]
