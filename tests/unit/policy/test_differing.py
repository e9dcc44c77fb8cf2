"""What differs between two states of an object."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.differing import MISSING, Change, changes, wanted

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "a", "b.c", "d/e"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_equal_has_no_changes(value: object) -> None:
    assert list(changes(value, copy.deepcopy(value))) == []


@given(VALUES, VALUES)
def test_there_and_back_are_the_same_changes(one: object, other: object) -> None:
    there = {(c.path, repr(c.old), repr(c.new)) for c in changes(one, other)}
    back = {(c.path, repr(c.new), repr(c.old)) for c in changes(other, one)}
    assert there == back


@given(VALUES, VALUES)
def test_what_differs_has_changes(one: object, other: object) -> None:
    if one != other and not _reordered(one, other):
        assert list(changes(one, other))


def _reordered(one: object, other: object) -> bool:
    """Named elements of a list in another order are no change."""
    return _sorted(one) == _sorted(other)


def _sorted(value: object) -> object:
    if isinstance(value, list):
        return sorted((_sorted(element) for element in value), key=repr)
    if isinstance(value, dict):
        return {key: _sorted(element) for key, element in value.items()}
    return value


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"spec": {"replicas": 2}}, {"spec": {"replicas": 3}}, [Change("spec.replicas", 2, 3)]),
        ({"data": {"a.conf": "x"}}, {"data": {}}, [Change("data[a.conf]", "x", MISSING)]),
        ({"a": None}, {}, [Change("a", None, MISSING)]),
        ({"a": 1}, {"a": True}, [Change("a", 1, new=True)]),
        (
            {"containers": [{"name": "web", "image": "1"}, {"name": "log", "image": "1"}]},
            {"containers": [{"name": "log", "image": "1"}, {"name": "web", "image": "2"}]},
            [Change("containers[web].image", "1", "2")],
        ),
        ({"args": ["a", "b"]}, {"args": ["a"]}, [Change("args[1]", "b", MISSING)]),
        (
            {"ports": [{"port": 80}, {"port": 443}]},
            {"ports": [{"port": 443}]},
            [Change("ports[80]", {"port": 80}, MISSING)],
        ),
    ],
)
def test_fields_have_paths_that_people_read(old: object, new: object, expected: list[Change]) -> None:
    assert list(changes(old, new)) == expected


def test_what_servers_write_is_not_wanted() -> None:
    document = {
        "kind": "Pod",
        "metadata": {
            "name": "a",
            "uid": "1",
            "resourceVersion": "2",
            "managedFields": [],
            "labels": {"a": "b"},
        },
        "status": {"phase": "Running"},
    }
    assert wanted(document) == {"kind": "Pod", "metadata": {"name": "a", "labels": {"a": "b"}}}
    assert wanted(document, status=True)["status"] == {"phase": "Running"}
