"""Velero's filter language: cases that its users rely on."""

from __future__ import annotations

import pytest

from holdfast.policy.including import Filters, Names, Wanted, scope

SERVED = {
    "pods": "pods",
    "po": "pods",
    "deploy": "deployments.apps",
    "deployments": "deployments.apps",
    "crd": "customresourcedefinitions.apiextensions.k8s.io",
    "pv": "persistentvolumes",
    "namespaces": "namespaces",
}
PODS, DEPLOYMENTS, VOLUMES = "pods", "deployments.apps", "persistentvolumes"


def wants(filters: Filters, resource: str) -> Wanted:
    return scope(filters, SERVED.get).wants(resource, namespaced=resource in {PODS, DEPLOYMENTS})


def test_without_filters_everything_is_in() -> None:
    assert wants(Filters(), PODS) is Wanted.ALL
    assert wants(Filters(), VOLUMES) is Wanted.ALL


@pytest.mark.parametrize("namespaces", [Names(("shop",)), Names((), ("kube-system",)), Names(("team-*",))])
def test_with_some_namespaces_only_related_objects_of_the_cluster_are_in(namespaces: Names) -> None:
    assert wants(Filters(namespaces), VOLUMES) is Wanted.RELATED
    assert wants(Filters(namespaces, cluster_resources=True), VOLUMES) is Wanted.ALL
    assert wants(Filters(namespaces, cluster_resources=False), VOLUMES) is Wanted.NONE


def test_a_star_means_all_namespaces() -> None:
    assert wants(Filters(Names(("*",))), VOLUMES) is Wanted.ALL


def test_kinds_in_every_form() -> None:
    filters = Filters(resources=Names(("deploy",)))
    assert (wants(filters, DEPLOYMENTS), wants(filters, PODS)) == (Wanted.ALL, Wanted.NONE)
    filters = Filters(resources=Names((), ("po",)))
    assert (wants(filters, DEPLOYMENTS), wants(filters, PODS)) == (Wanted.ALL, Wanted.NONE)


def test_kinds_that_the_cluster_does_not_serve_include_nothing() -> None:
    assert wants(Filters(resources=Names(("nonsense",))), PODS) is Wanted.NONE
    assert wants(Filters(resources=Names(("nonsense", "po"))), PODS) is Wanted.ALL


def test_the_new_language_decides_each_scope_by_itself() -> None:
    filters = Filters(namespace_scoped=Names(("pods",)))
    assert (wants(filters, PODS), wants(filters, DEPLOYMENTS)) == (Wanted.ALL, Wanted.NONE)
    assert wants(filters, VOLUMES) is Wanted.RELATED
    assert wants(Filters(cluster_scoped=Names(("pv",))), VOLUMES) is Wanted.ALL
    assert wants(Filters(cluster_scoped=Names((), ("*",))), VOLUMES) is Wanted.NONE
    assert wants(Filters(cluster_scoped=Names((), ("crd",))), VOLUMES) is Wanted.ALL


def test_snapshots_of_volumes_come_only_with_their_volumes() -> None:
    assert wants(Filters(), "volumesnapshots.snapshot.storage.k8s.io") is Wanted.NONE


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (Filters(resources=Names(("a",)), cluster_scoped=Names(("b",))), "cannot be mixed"),
        (Filters(cluster_resources=True, namespace_scoped=Names(("b",))), "cannot be mixed"),
        (Filters(Names(("a", "b"), ("b",))), "both includes and excludes 'b'"),
        (Filters(Names(("*", "b"))), "is enough"),
        (Filters(Names((), ("*",))), "nothing would be left"),
    ],
)
def test_what_contradicts_itself_is_named(filters: Filters, words: str) -> None:
    assert words in " ".join(filters.problems())


def test_what_is_clear_has_no_problems() -> None:
    assert (
        Filters(Names(("a*",), ("ab",)), Names(("pods",), ("secrets",)), cluster_resources=True).problems()
        == []
    )
