"""What `holdfast install` prints, without a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from holdfast.cli.main import run
from holdfast.operator.manifests import KINDS, Settings, installation, rights

if TYPE_CHECKING:
    import pytest


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert run(["install", "--dry-run", "-o", "yaml", *arguments]) == 0
    return list(yaml.safe_load_all(capsys.readouterr().out))


def test_it_prints_what_would_be_applied(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == installation(Settings())


def test_namespace_and_image_are_taken_over(capsys: pytest.CaptureFixture[str]) -> None:
    printing = printed(capsys, "-n", "backup", "--velero-namespace", "archive", "--image", "here/holdfast:2")
    objects = {o["kind"]: o for o in printing}
    assert [o["metadata"]["name"] for o in printing if o["kind"] == "Namespace"] == ["backup", "archive"]
    assert objects["ClusterRoleBinding"]["subjects"][0]["namespace"] == "backup"
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "here/holdfast:2"


def test_only_the_rights_on_veleros_objects_are_in_another_namespace() -> None:
    for manifest in installation(Settings(namespace="backup", velero_namespace="archive")):
        own = "archive" if manifest["metadata"]["name"] == "holdfast-velero" else "backup"
        expected = own if KINDS[manifest["kind"]].namespaced else None
        assert manifest["metadata"].get("namespace") == expected


def test_everything_can_be_in_one_namespace() -> None:
    objects = installation(Settings(namespace="velero"))
    names = [(m["kind"], m["metadata"].get("namespace"), m["metadata"]["name"]) for m in objects]
    assert len(set(names)) == len(names)


def test_only_reading_is_of_every_kind_and_each_right_has_a_reason() -> None:
    for right in rights.CLUSTER_WIDE + rights.IN_OWN_NAMESPACE + rights.BESIDE_VELERO:
        rule = right.rule()
        wild = "*" in rule["resources"] + rule["apiGroups"]
        assert set(rule["verbs"]) <= {"get", "list"} if wild else "*" not in rule["verbs"]
        assert right.reason


def test_printing_without_dry_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", "-o", "yaml"]) == 2
    assert "add --dry-run" in capsys.readouterr().err
