"""Which objects come back."""

from __future__ import annotations

import pytest

from holdfast.policy.including import Names
from holdfast.policy.restoring.choosing import Choice, Left, Seen
from holdfast.policy.selectors import parse

PLAIN = Seen()


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "seen", "left"),
    [
        ("nodes", "", "n1", PLAIN, Left.NEVER),
        ("events", "shop", "e", PLAIN, Left.NEVER),
        ("volumerestores.holdfast.dev", "shop", "r1", PLAIN, Left.NEVER),
        ("podvolumerestores.velero.io", "velero", "r1", PLAIN, Left.NEVER),
        ("configmaps", "shop", "kube-root-ca.crt", PLAIN, Left.OF_CLUSTER),
        ("configmaps", "shop", "app", PLAIN, None),
        ("services", "default", "kubernetes", PLAIN, Left.OF_CLUSTER),
        ("services", "shop", "kubernetes", PLAIN, None),
        (
            "clusterroles.rbac.authorization.k8s.io",
            "",
            "edit",
            Seen(labels={"kubernetes.io/bootstrapping": "rbac-defaults"}),
            Left.OF_CLUSTER,
        ),
        ("pods", "shop", "static", Seen(annotations={"kubernetes.io/config.mirror": "x"}), Left.MIRROR),
        ("pods", "shop", "once", Seen(phase="Succeeded"), Left.COMPLETED),
        ("pods", "shop", "once", Seen(phase="Failed"), Left.COMPLETED),
        ("pods", "shop", "web", Seen(phase="Running"), None),
        ("jobs.batch", "shop", "import", Seen(done=True), Left.COMPLETED),
        ("jobs.batch", "shop", "import", PLAIN, None),
        (
            "endpointslices.discovery.k8s.io",
            "shop",
            "web-x",
            Seen(labels={"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}),
            Left.BY_CONTROLLER,
        ),
        ("endpointslices.discovery.k8s.io", "shop", "by-hand", PLAIN, None),
        ("namespaces", "", "shop", PLAIN, None),
    ],
)
def test_what_every_cluster_makes_and_what_had_ended_stays_away(
    resource: str, namespace: str, name: str, seen: Seen, left: Left | None
) -> None:
    assert Choice().left(resource, namespace, name, seen) is left


@pytest.mark.parametrize(
    ("choice", "resource", "namespace", "left"),
    [
        (Choice(Names(("shop",))), "configmaps", "shop", None),
        (Choice(Names(("shop",))), "configmaps", "other", Left.NOT_WANTED),
        (Choice(Names(("sh*",))), "configmaps", "shop", None),
        (Choice(resources=Names(("deploy",))), "deployments.apps", "shop", None),
        (Choice(resources=Names(("deploy",))), "configmaps", "shop", Left.NOT_WANTED),
        (Choice(resources=Names((), ("cm",))), "configmaps", "shop", Left.NOT_WANTED),
        (Choice(), "storageclasses.storage.k8s.io", "", None),
        (Choice(Names(("shop",))), "storageclasses.storage.k8s.io", "", Left.NOT_WANTED),
        (Choice(Names(("shop",)), cluster_resources=True), "storageclasses.storage.k8s.io", "", None),
        (Choice(cluster_resources=False), "storageclasses.storage.k8s.io", "", Left.NOT_WANTED),
        (Choice(Names(("shop",))), "persistentvolumes", "", Left.RELATED),
        (Choice(Names(("shop",)), cluster_resources=False), "persistentvolumes", "", Left.NOT_WANTED),
        (Choice(Names(("shop",)), Names((), ("pv",))), "persistentvolumes", "", Left.NOT_WANTED),
        (
            Choice(resources=Names(("widgets",))),
            "customresourcedefinitions.apiextensions.k8s.io",
            "",
            Left.RELATED,
        ),
    ],
)
def test_filters(choice: Choice, resource: str, namespace: str, left: Left | None) -> None:
    assert choice.left(resource, namespace, "x", PLAIN) is left


def test_one_of_several_selectors_is_enough() -> None:
    choice = Choice(selectors=(parse("app=web"), parse("tier=front")))
    assert choice.left("configmaps", "shop", "a", Seen(labels={"tier": "front"})) is None
    assert choice.left("configmaps", "shop", "a", Seen(labels={"tier": "back"})) is Left.NOT_WANTED


def test_a_claim_without_the_label_comes_along_if_a_pod_names_it() -> None:
    choice = Choice(selectors=(parse("app=web"),))
    assert choice.left("persistentvolumeclaims", "shop", "data", PLAIN) is Left.RELATED
    assert choice.left("configmaps", "shop", "data", PLAIN) is Left.NOT_WANTED


def test_a_namespace_that_is_not_selected_comes_along_only_for_what_is_in_it() -> None:
    choice = Choice(Names(("shop",)), resources=Names(("configmaps",)))
    assert choice.left("namespaces", "", "shop", PLAIN) is Left.RELATED
    assert choice.left("namespaces", "", "other", PLAIN) is Left.NOT_WANTED


def test_contradictions_and_what_is_never_restored_are_told() -> None:
    choice = Choice(Names(("a",), ("a",)), Names(("nodes", "pods")))
    assert choice.problems() == [
        "namespaces both includes and excludes 'a'",
        "'nodes' is never restored: it is state of the cluster that it was saved in",
    ]
