from __future__ import annotations

from copy import deepcopy

import pytest

from holdfast.api import velero_crds
from holdfast.api.velero_crds import CHART, NEEDED, SEPARATOR, lacking, manifests, plain, rendered


def test_the_chart_has_the_same_definitions() -> None:
    assert rendered(manifests(), SEPARATOR) == CHART.read_text(), f"see {velero_crds.__name__}"


def test_all_thirteen_are_there_and_will_do() -> None:
    found = {manifest["spec"]["names"]["plural"]: manifest for manifest in manifests()}
    assert len(found) == 13
    assert NEEDED.keys() <= found.keys()
    assert [field for manifest in found.values() for field in lacking(manifest)] == []


@pytest.mark.parametrize(("kind", "fields"), NEEDED.items())
def test_each_field_that_is_missing_is_named(kind: str, fields: tuple[str, ...]) -> None:
    (manifest,) = (deepcopy(m) for m in manifests() if m["spec"]["names"]["plural"] == kind)
    manifest["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"] = {}
    assert lacking(manifest) == list(fields)
    manifest["spec"]["versions"][0]["served"] = False
    assert lacking(manifest) == list(fields)


def test_a_field_called_description_stays() -> None:
    schema = {"description": "what it is", "properties": {"description": {"type": "string"}}}
    printed = {
        "kind": "List",
        "items": [{"kind": "CustomResourceDefinition", "metadata": {}, "spec": schema}],
    }
    (definition,) = plain([printed])
    assert definition["spec"] == {"properties": {"description": {"type": "string"}}}
