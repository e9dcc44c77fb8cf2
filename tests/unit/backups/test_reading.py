"""What the spec of a Backup means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from holdfast.backups import reading
from holdfast.backups.views import BackupSpec
from holdfast.policy.including import Filters, Names
from holdfast.policy.selecting import Labels


def spec(**fields: Any) -> BackupSpec:  # noqa: ANN401  (any field)
    return msgspec.convert(fields, BackupSpec)


def test_lists_that_are_null_are_empty() -> None:
    fields = {"includedNamespaces": None, "excludedResources": None, "orLabelSelectors": None, "hooks": None}
    assert reading.filters(spec(**fields)) == Filters()
    assert reading.problems(spec(**fields)) == []


def test_every_list_finds_its_place() -> None:
    new = spec(
        includedNamespaces=["shop"],
        excludedClusterScopedResources=["*"],
        includedNamespaceScopedResources=["pods"],
        orLabelSelectors=[{"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}],
    )
    assert reading.filters(new) == Filters(
        namespaces=Names(("shop",)),
        cluster_scoped=Names((), ("*",)),
        namespace_scoped=Names(("pods",)),
        selectors=(Labels({"app": "web"}), Labels({"app": "db"})),
    )
    old = spec(includedResources=["pods"], includeClusterResources=False)
    assert reading.filters(old) == Filters(resources=Names(("pods",)), cluster_resources=False)


def test_what_velero_names_in_every_backup_changes_nothing() -> None:
    filled = spec(
        excludedClusterScopedResources=["volumesnapshotcontents.snapshot.storage.k8s.io"],
        excludedNamespaceScopedResources=["volumesnapshots.snapshot.storage.k8s.io"],
    )
    assert reading.filters(filled) == Filters()


def test_all_that_is_wrong_is_said() -> None:
    selector = {"matchLabels": {"app": "web"}}
    wrong = spec(
        includedNamespaces=["shop", "Not A Name"],
        excludedNamespaces=["shop"],
        includedResources=["pods"],
        includedClusterScopedResources=["pv"],
        labelSelector=selector,
        orLabelSelectors=[selector],
        ttl="soon",
    )
    said = " | ".join(reading.problems(wrong))
    for part in ("cannot be mixed", "'shop'", "'Not A Name'", "labelSelector", "'soon'"):
        assert part in said


def test_what_is_not_done_yet_is_said_and_is_an_error_where_something_may_be_missing() -> None:
    asked = spec(hooks={"resources": [{"name": "flush"}]}, orderedResources={"pods": "shop/a"})
    assert [said.partition(":")[0] for said in reading.unheeded(asked)] == ["hooks", "orderedResources"]
    assert list(reading.unmet(asked)) == []
    (said,) = reading.unmet(spec(resourcePolicy={"kind": "configmap", "name": "rules"}))
    assert "rules" in said


@pytest.mark.parametrize(
    ("text", "hours"), [("", 720), ("0s", 720), ("24h", 24), ("90m", 1.5), ("720h0m0s", 720)]
)
def test_how_long_it_is_kept(text: str, hours: float) -> None:
    assert reading.ttl(spec(ttl=text)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"snapshotVolumes": False}, False),
        ({"snapshotVolumes": False, "defaultVolumesToFsBackup": True}, True),
        ({"snapshotVolumes": False, "snapshotMoveData": True}, True),
    ],
)
def test_when_contents_of_volumes_are_expected(fields: dict[str, bool], *, expected: bool) -> None:
    assert spec(**fields).wants_contents is expected
