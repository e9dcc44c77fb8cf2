import pickle
import re

import pytest

from holdfast_engine import errors

TREE = re.compile(r"(\w+Error)\s+(\d+)")


def classes() -> dict[str, type[errors.EngineError]]:
    found = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    return {name: value for name, value in found.items() if issubclass(value, errors.EngineError)}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = {name: int(code) for name, code in TREE.findall(errors.__doc__ or "")}
    assert drawn == {name: value.exit_code for name, value in classes().items()}


@pytest.mark.parametrize(
    "error",
    [
        errors.DamagedError("pack 1 is damaged: short", "pack 1", "short"),
        errors.LockedError("locked by me", "me"),
        errors.StoreError("read pack 1: no space", "read", "pack 1", 28),
        errors.ForkedError("forked", 1, 2),
        errors.WrongPasswordError("wrong"),
    ],
)
def test_errors_go_through_pickle_with_their_details(error: errors.EngineError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
