from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from holdfast.api.crds import DEFINITIONS, DEPLOYED, Definition, rendered
from holdfast.api.schemas import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator

every_kind = pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.resource.kind)


def test_the_checked_in_definitions_are_the_kinds() -> None:
    checked_in = {file.name: file.read_text() for file in DEPLOYED.iterdir()}
    assert checked_in == rendered(), "run `python -m holdfast.api.crds`"


def schemas(definition: Definition) -> Iterator[dict[str, Any]]:
    for version in definition.manifest()["spec"]["versions"]:
        yield version["schema"]["openAPIV3Schema"]


def walk(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from walk(part, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from walk(schema[key], f"{path}[]")


@every_kind
def test_one_version_is_stored_and_all_have_one_schema(definition: Definition) -> None:
    versions = definition.manifest()["spec"]["versions"]
    assert [v["name"] for v in versions if v["storage"]] == [definition.resource.version]
    assert all(v["served"] and v["subresources"] == {"status": {}} for v in versions)
    first, *others = schemas(definition)
    assert all(other == first for other in others)


@every_kind
def test_schemas_default_and_drop_nothing(definition: Definition) -> None:
    for schema in schemas(definition):
        for path, part in walk(schema):
            assert "default" not in part, path
            assert part["type"] in {"object", "array", "string", "integer", "boolean"}, path


@every_kind
def test_every_field_that_a_person_writes_is_explained(definition: Definition) -> None:
    for schema in schemas(definition):
        for path, part in walk(schema["properties"]["spec"], "spec"):
            assert path.endswith("[]") or part.get("description"), path


UNKNOWN_TO_GEMINI = "spec.persistentVolumeClaim.selector"
"""Its server dropped that."""


def test_nothing_a_gemini_stored_is_refused_by_the_schema() -> None:
    groups = next(d for d in DEFINITIONS if d.resource.kind == "SnapshotGroup")
    for schema in schemas(groups):
        for path, part in walk(schema["properties"]["spec"], "spec"):
            if path.startswith(UNKNOWN_TO_GEMINI):
                continue
            assert not part.keys() & {"required", "enum", "pattern", "minimum", "x-kubernetes-validations"}, (
                path
            )


def test_a_type_that_no_server_could_store_is_refused() -> None:
    with pytest.raises(TypeError, match="no place in a structural schema"):
        schema_of(float)
