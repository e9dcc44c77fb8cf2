"""The stub is the description of the API: it must not promise what is not there, nor hide what is."""

import ast
from pathlib import Path

import pytest

import holdfast_engine
from holdfast_engine import _engine

STUB = ast.parse(Path(holdfast_engine.__file__).with_name("_engine.pyi").read_text())
CLASSES = {item.name: item for item in STUB.body if isinstance(item, ast.ClassDef)}


def named(body: list[ast.stmt]) -> set[str]:
    return {item.name for item in body if isinstance(item, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_classes_have_the_members_that_are_described(name: str) -> None:
    real = {member for member in vars(getattr(_engine, name)) if not member.startswith("__")}
    described = {member for member in named(CLASSES[name].body) if not member.startswith("__")}
    assert real == described


def test_functions_are_described() -> None:
    real = {name for name, value in vars(_engine).items() if callable(value) and not isinstance(value, type)}
    assert real == {item.name for item in STUB.body if isinstance(item, ast.FunctionDef)}


def test_everything_public_can_be_imported() -> None:
    for name in holdfast_engine.__all__:
        assert getattr(holdfast_engine, name) is not None


def test_every_record_has_a_name_for_users() -> None:
    for module in ("_backup", "_check", "_inspect", "_opening", "_restore"):
        records = vars(getattr(holdfast_engine, module)).values()
        for record in records:
            if isinstance(record, type) and issubclass(record, tuple) and hasattr(record, "_fields"):
                assert getattr(holdfast_engine, record.__name__) is record
