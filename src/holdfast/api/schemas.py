"""Structural OpenAPI schemas from the typed kinds: what a CustomResourceDefinition may say, and no more.

`msgspec.json.schema` answers with `$ref`, which a structural schema forbids; hence this small walk.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import msgspec.inspect as shape

Schema = dict[str, Any]


def schema_of(kind: type[Any]) -> Schema:
    """The structural schema of a view.

    Raises:
        TypeError: a field has a type that the API server could not store.
    """
    return _schema(shape.type_info(kind))


@singledispatch
def _schema(info: shape.Type) -> Schema:
    raise TypeError(f"{info} has no place in a structural schema")


@_schema.register
def _(_: shape.StrType) -> Schema:
    return {"type": "string"}


@_schema.register
def _(_: shape.BoolType) -> Schema:
    return {"type": "boolean"}


@_schema.register
def _(_: shape.IntType) -> Schema:
    return {"type": "integer"}


@_schema.register
def _(_: shape.DateTimeType) -> Schema:
    return {"type": "string", "format": "date-time"}


@_schema.register
def _(info: shape.LiteralType) -> Schema:
    return {"type": "string", "enum": sorted(info.values)}


@_schema.register
def _(info: shape.ListType) -> Schema:
    return {"type": "array", "items": _schema(info.item_type)}


@_schema.register
def _(info: shape.DictType) -> Schema:
    if isinstance(info.value_type, shape.AnyType):
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"type": "object", "additionalProperties": _schema(info.value_type)}


@_schema.register
def _(info: shape.Metadata) -> Schema:
    return _schema(info.type) | (info.extra_json_schema or {})


@_schema.register
def _(info: shape.UnionType) -> Schema:
    (only,) = (t for t in info.types if not isinstance(t, shape.NoneType))
    return _schema(only)


@_schema.register
def _(info: shape.StructType) -> Schema:
    fields = {f.encode_name: _schema(f.type) for f in info.fields}
    required = [f.encode_name for f in info.fields if f.required]
    return {"type": "object", "properties": fields} | ({"required": required} if required else {})
