from __future__ import annotations

import pytest

from holdfast.api.resource import PODS, SNAPSHOTS, VOLUMES
from holdfast.kube.requests import Request, asking, object_path


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../../nodes/x"])
def test_no_name_reaches_beyond_one_object(name: str) -> None:
    with pytest.raises(ValueError, match="no name of an object of pods"):
        object_path(PODS, "web", name)


def test_an_object_without_its_namespace_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a namespace"):
        object_path(PODS, None, "db-0")


def test_what_is_asked_reads_well() -> None:
    assert asking("list", PODS, None) == "list pods"
    assert asking("list", PODS, "web") == "list pods in web"
    assert asking("patch", PODS, "web", "db-0", "status") == "patch pods/status web/db-0"
    assert asking("get", VOLUMES, None, "pv-1") == "get persistentvolumes pv-1"
    assert asking("get", SNAPSHOTS, "web", "s") == "get volumesnapshots.snapshot.storage.k8s.io web/s"


def test_a_request_shows_no_body() -> None:
    assert "secret" not in repr(Request("POST", "/x", body=b"secret"))
