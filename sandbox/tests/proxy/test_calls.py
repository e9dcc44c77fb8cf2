"""Requests are named as the API server names them."""

from __future__ import annotations

import pytest

from holdfast_sandbox.proxy import Call, Match
from holdfast_sandbox.proxy.calls import Target, is_dry_run, read_name, read_target, read_verb

SNAPSHOTS = "snapshot.storage.k8s.io"
TARGETS = {
    "/api/v1/pods": Target("", "v1", "pods"),
    "/api/v1/namespaces": Target("", "v1", "namespaces"),
    "/api/v1/namespaces/a": Target("", "v1", "namespaces", "a", "a"),
    "/api/v1/namespaces/a/finalize": Target("", "v1", "namespaces", "a", "a", "finalize"),
    "/api/v1/namespaces/a/pods": Target("", "v1", "pods", "a"),
    "/api/v1/namespaces/a/pods/p": Target("", "v1", "pods", "a", "p"),
    "/api/v1/namespaces/a/pods/p/log": Target("", "v1", "pods", "a", "p", "log"),
    "/api/v1/persistentvolumes/pvc-1": Target("", "v1", "persistentvolumes", "", "pvc-1"),
    f"/apis/{SNAPSHOTS}/v1/namespaces/a/volumesnapshots/s/status": Target(
        SNAPSHOTS, "v1", "volumesnapshots", "a", "s", "status"
    ),
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode": Target(
        "rbac.authorization.k8s.io", "v1", "clusterroles", "", "system:node"
    ),
    "/api/v1": Target(),
    "/apis/apps/v1": Target(),
    "/readyz": Target(),
    "/": Target(),
}


@pytest.mark.parametrize("path", TARGETS)
def test_a_path_names_its_target(path: str) -> None:
    assert read_target(path) == TARGETS[path]


@pytest.mark.parametrize(
    ("method", "path", "query", "verb"),
    [
        ("GET", "/api/v1/pods", {}, "list"),
        ("GET", "/api/v1/pods", {"watch": "true"}, "watch"),
        ("GET", "/api/v1/pods", {"watch": "1"}, "watch"),
        ("GET", "/api/v1/pods", {"watch": "false"}, "list"),
        ("GET", "/api/v1/namespaces/a/pods/p", {}, "get"),
        ("HEAD", "/api/v1/namespaces/a/pods/p", {}, "get"),
        ("POST", "/api/v1/namespaces/a/pods", {}, "create"),
        ("PUT", "/api/v1/namespaces/a/pods/p", {}, "update"),
        ("PATCH", "/api/v1/namespaces/a/pods/p/status", {}, "patch"),
        ("DELETE", "/api/v1/namespaces/a/pods/p", {}, "delete"),
        ("DELETE", "/api/v1/namespaces/a/pods", {}, "deletecollection"),
        ("GET", "/healthz", {}, "get"),
        ("POST", "/elsewhere", {}, "post"),
    ],
)
def test_a_method_means_a_verb(method: str, path: str, query: dict[str, str], verb: str) -> None:
    assert read_verb(method, read_target(path), query) == verb


def test_a_field_selector_names_the_object() -> None:
    pods = read_target("/api/v1/namespaces/a/pods")
    assert read_name(pods, {"fieldSelector": "spec.nodeName=n,metadata.name=p"}) == "p"
    assert not read_name(pods, {"fieldSelector": "spec.nodeName=n"})


def test_a_dry_run_is_recognised_in_the_query_and_in_a_deletes_body() -> None:
    assert is_dry_run("POST", {"dryRun": "All"}, b"{}")
    assert is_dry_run("DELETE", {}, b'{"kind": "DeleteOptions", "dryRun": ["All"]}')
    assert not is_dry_run("DELETE", {}, b'{"kind": "DeleteOptions"}')
    assert not is_dry_run("DELETE", {}, b"k8s\x00 dryRun in another encoding")
    assert not is_dry_run("POST", {}, b'{"dryRun": ["All"]}')


def call(verb: str, resource: str, *, group: str = "", subresource: str = "", dry_run: bool = False) -> Call:
    return Call(1, "", verb, group, "v1", resource, "a", "n", subresource, "/", dry_run, "kubectl/v1")


@pytest.mark.parametrize(
    ("one", "writes"),
    [
        (call("create", "pods"), True),
        (call("deletecollection", "pods"), True),
        (call("get", "pods"), False),
        (call("watch", "pods"), False),
        (call("create", "pods", dry_run=True), False),
        (call("create", "selfsubjectaccessreviews", group="authorization.k8s.io"), False),
        (call("create", "serviceaccounts", subresource="token"), False),
        (call("create", "serviceaccounts"), True),
    ],
)
def test_only_calls_that_store_something_count_as_writes(one: Call, writes: bool) -> None:
    assert one.writes is writes
    assert Match(writes=True).covers(one) is writes


def test_a_match_wants_every_field_it_names() -> None:
    one = call("patch", "pods", subresource="status")
    assert Match().covers(one)
    assert Match(verb="patch", resource="pods", user_agent="kubectl/v1").covers(one)
    assert not Match(verb="patch", resource="pods", subresource="").covers(one)
    assert not Match(where=lambda call: call.namespace == "b").covers(one)
