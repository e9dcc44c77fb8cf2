"""What people call a kind of object."""

from __future__ import annotations

import pytest

from holdfast.policy.naming import means


@pytest.mark.parametrize(
    ("said", "resource"),
    [
        ("deployment", "deployments.apps"),
        ("Deployment", "deployments.apps"),
        ("deployments", "deployments.apps"),
        ("deploy", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("Ingress", "ingresses.networking.k8s.io"),
        ("ingress.networking", "ingresses.networking.k8s.io"),
        ("NetworkPolicy", "networkpolicies.networking.k8s.io"),
        ("endpoints", "endpoints"),
        ("storageclass", "storageclasses.storage.k8s.io"),
        ("gateway", "gateways.gateway.networking.k8s.io"),
        ("pvc", "persistentvolumeclaims"),
        ("widget", "widgets.acme.example"),
    ],
)
def test_every_way_to_say_it_is_understood(said: str, resource: str) -> None:
    assert means(said, resource)


@pytest.mark.parametrize(
    ("said", "resource"),
    [
        ("pod", "podtemplates"),
        ("events.events.k8s.io", "events"),
        ("deployments.app", "deployments.apps"),
        ("secret", "secretstores.external-secrets.io"),
    ],
)
def test_another_kind_is_not_meant(said: str, resource: str) -> None:
    assert not means(said, resource)
