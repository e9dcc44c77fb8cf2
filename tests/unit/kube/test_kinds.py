from __future__ import annotations

from typing import Any

import msgspec
import pytest

from holdfast.api.resource import Resource
from holdfast.kube import kinds


def entry(plural: str, kind: str, *short: str, scope: str = "Namespaced") -> dict[str, Any]:
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": scope,
        "singularResource": kind.lower(),
        "shortNames": list(short),
        "verbs": ["get"],
    }


def group(name: str, **versions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "metadata": {"name": name} if name else {},
        "versions": [{"version": v, "resources": r, "freshness": "Current"} for v, r in versions.items()],
    }


def groups(*items: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"kind": "APIGroupDiscoveryList", "items": items})


def known(*items: dict[str, Any]) -> list[kinds.Kind]:
    return kinds.read_root(groups(*items))[0]


SERVED = known(
    group(
        "",
        v1=[entry("events", "Event", "ev"), entry("persistentvolumeclaims", "PersistentVolumeClaim", "pvc")],
    ),
    group("apps", v1=[entry("deployments", "Deployment", "deploy")]),
    group("events.k8s.io", v1=[entry("events", "Event", "ev")]),
    group("example.com", v2=[entry("things", "Thing", "pod")], v1=[entry("things", "Thing", "pod")]),
    group("late.example.com", v1=[entry("pods", "Pod"), entry("volumes", "Thing", scope="Cluster")]),
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pvc", "persistentvolumeclaims v1"),
        ("PersistentVolumeClaim", "persistentvolumeclaims v1"),
        ("persistentvolumeclaim", "persistentvolumeclaims v1"),
        ("events", "events v1"),
        ("events.events.k8s.io", "events events.k8s.io/v1"),
        ("Event.v1.events.k8s.io", "events events.k8s.io/v1"),
        ("events.v1.", "events v1"),
        ("deploy.apps", "deployments apps/v1"),
        ("deployments.v1.apps", "deployments apps/v1"),
        ("things", "things example.com/v2"),
        ("things.v1.example.com", "things example.com/v1"),
        ("pod", "pods late.example.com/v1"),
        ("Thing", "things example.com/v2"),
        ("Thing.late.example.com", "volumes late.example.com/v1"),
    ],
)
def test_what_a_name_means(name: str, meant: str) -> None:
    found = kinds.find(SERVED, name)
    assert found is not None
    assert f"{found.plural} {found.api_version}" == meant


@pytest.mark.parametrize("name", ["", ".", "nothing", "events.apps", "things.v3.example.com", "status"])
def test_names_that_mean_nothing(name: str) -> None:
    assert kinds.find(SERVED, name) is None


def test_scope() -> None:
    volumes, things = kinds.find(SERVED, "volumes"), kinds.find(SERVED, "things")
    assert volumes is not None
    assert things is not None
    assert not volumes.namespaced
    assert things.namespaced


def test_a_group_whose_server_is_silent_hides_no_others() -> None:
    silent: dict[str, Any] = {
        "metadata": {"name": "metrics.k8s.io"},
        "versions": [{"version": "v1", "freshness": "Stale"}],
    }
    found, unlisted, stale = kinds.read_root(
        groups(silent, group("apps", v1=[entry("deployments", "Deployment")]))
    )
    assert [kind.resource.plural for kind in found] == ["deployments"]
    assert unlisted == []
    assert stale == ["metrics.k8s.io/v1"]


def test_the_old_form_names_preferred_versions_first() -> None:
    old = {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": "example.com",
                "versions": [{"groupVersion": "example.com/v1"}, {"groupVersion": "example.com/v2"}],
                "preferredVersion": {"groupVersion": "example.com/v2"},
            }
        ],
    }
    assert kinds.read_root(msgspec.json.encode(old)) == ([], ["example.com/v2", "example.com/v1"], [])
    assert kinds.read_root(b'{"kind":"APIVersions","versions":["v1"]}') == ([], ["v1"], [])


def test_the_old_form_of_a_group_version_leaves_subresources_out() -> None:
    old = {
        "groupVersion": "apps/v1",
        "resources": [
            {"name": "deployments", "kind": "Deployment", "namespaced": True, "shortNames": ["deploy"]},
            {"name": "deployments/status", "kind": "Deployment", "namespaced": True},
        ],
    }
    (found,) = kinds.read_group_version(msgspec.json.encode(old))
    assert found.resource == Resource("apps", "v1", "deployments", "Deployment")
    assert found.names == ("deployments", "deployment", "deploy", "deployment")
